/* The right-hand sides of M1 and M2 on one state vector (matrix_equations.h). */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_equations.h"

#include "sim/observe/loss.h"
#include "sim/run/schedule.h"
#include "theory/population.h"
#include "theory/predictor.h"
#include "theory/reduced.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

/* SSLDYN_RULE_SOLVED (Tbl. 1): Wp (W Sigma_s W^T + epsilon I) = Wa X W^T (ratio W X W^T if Wa is
 * tied to W), or with --symmetric half the sum of the right-hand side and its transpose. */
static enum ssldyn_status solve_predictor(struct ssldyn_matrix_system *system, const double W[],
                                          const double Wa[], double ratio, struct ssldyn_error *err)
{
    const size_t n2 = system->n2;
    const size_t n1 = system->n1;
    double *XW = system->scratch;
    double *right = system->values + n2; /* n2 x n2, stored after the eigenvalues */
    if (system->start->moments.pair) {   /* Syx need not be symmetric */
        ssldyn_loss_apply_x(&system->start->moments, n2, Wa ? Wa : W, XW);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n2, (int)n2, (int)n1,
                    Wa ? 1.0 : ratio, XW, (int)n1, W, (int)n1, 0.0, right, (int)n2);
    } else {
        ssldyn_loss_apply_x(&system->start->moments, n2, W, XW);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n2, (int)n2, (int)n1,
                    Wa ? 1.0 : ratio, Wa ? Wa : W, (int)n1, XW, (int)n1, 0.0, right, (int)n2);
    }
    ssldyn_loss_apply_sum(&system->start->moments, n2, W, XW);
    double *left = system->vectors;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n2, (int)n2, (int)n1, 1.0, XW,
                (int)n1, W, (int)n1, 0.0, left, (int)n2);
    for (size_t i = 0; i < n2; i++) {
        left[i * n2 + i] += system->parameters->epsilon;
    }
    if (system->parameters->symmetric) {
        ssldyn_dense_symmetrize(n2, right, right);
    }
    return ssldyn_spd_divide(n2, left, right, system->Wp, err);
}

/* Wp of the closed-form rules as a function of W (and Wa), by a linear system or from the
 * spectrum of F = W X W^T or W (X + X') W^T. */
enum ssldyn_status ssldyn_matrix_equations_predictor(struct ssldyn_matrix_system *system,
                                                     const double y[], struct ssldyn_error *err)
{
    const struct ssldyn_moments *moments = &system->start->moments;
    const int n1 = (int)system->n1;
    const int n2 = (int)system->n2;
    const double *W = ssldyn_matrix_equations_part_const(y, system->at_W);
    const double *Wa = ssldyn_matrix_equations_part_const(y, system->at_Wa);
    if (system->solved) {
        return solve_predictor(system, W, Wa, system->parameters->tau, err);
    }
    if (system->parameters->correlation == SSLDYN_CORRELATION_SAME_VIEW) {
        ssldyn_loss_apply_sum(moments, system->n2, W, system->scratch);
    } else {
        ssldyn_loss_apply_x(moments, system->n2, W, system->scratch);
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n2, n2, n1, 1.0, system->scratch, n1, W,
                n1, 0.0, system->F, n2);
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(system->eigen, system->F, system->values, system->vectors, err);
    if (status == SSLDYN_OK) {
        ssldyn_predictor_set(system->parameters, system->n2, system->values, system->vectors,
                             system->Wp, system->scratch);
    }
    return status;
}

static void population_rhs(double t, const double y[], double dydt[], void *context)
{
    struct ssldyn_matrix_system *system = context;
    struct ssldyn_parameters scratch;
    if (system->set && system->status == SSLDYN_OK) {
        system->status = ssldyn_matrix_equations_predictor(system, y, &system->error);
    }
    const struct ssldyn_weights weights = {
        .Wp = system->at_Wp == SSLDYN_MATRIX_ABSENT ? system->Wp : y + system->at_Wp,
        .W = y + system->at_W,
        .Wa = ssldyn_matrix_equations_part_const(y, system->at_Wa)};
    const struct ssldyn_weights_rate rate = {
        .Wp = ssldyn_matrix_equations_part(dydt, system->at_Wp),
        .W = dydt + system->at_W,
        .Wa = ssldyn_matrix_equations_part(dydt, system->at_Wa)};
    const enum ssldyn_status status = system->loss->rhs(
        system->prepared,
        ssldyn_schedule_parameters_at(system->problem, system->parameters, t, &scratch),
        &system->start->moments, system->n2, &weights, &rate, system->workspace, &system->error);
    system->status = system->status == SSLDYN_OK ? status : system->status;
}

/* The same for a deep encoder: the loss depends on the products, and its gradient in W is passed
 * to every layer. */
static void layers_rhs(double t, const double y[], double dydt[], void *context)
{
    struct ssldyn_matrix_system *system = context;
    struct ssldyn_matrix_layers *layers = system->layers;
    struct ssldyn_parameters scratch;
    struct ssldyn_parameters without =
        *ssldyn_schedule_parameters_at(system->problem, system->parameters, t, &scratch);
    const double eta_s = without.rates.eta_s;
    const double *a = ssldyn_matrix_equations_part_const(y, system->at_Wa);
    double *W_rate = ssldyn_matrix_layers_rates(layers);
    without.rates.eta_s = 0.0;
    const struct ssldyn_weights weights = {
        .Wp = y + system->at_Wp,
        .W = ssldyn_matrix_layers_product(layers, y + system->at_W),
        .Wa = a ? ssldyn_matrix_layers_target(layers, a) : NULL,
        .least_layer = ssldyn_matrix_layers_least(layers, y + system->at_W)};
    const struct ssldyn_weights_rate rate = {
        .Wp = dydt + system->at_Wp, .W = W_rate, .Wa = a ? W_rate + system->n1 * system->n2 : NULL};
    const enum ssldyn_status status =
        system->loss->rhs(system->prepared, &without, &system->start->moments, system->n2, &weights,
                          &rate, system->workspace, &system->error);
    system->status = system->status == SSLDYN_OK ? status : system->status;
    ssldyn_matrix_layers_pull(layers, eta_s, y + system->at_W, W_rate, dydt + system->at_W);
    if (a) {
        ssldyn_matrix_layers_follow(layers, without.rates.beta, y + system->at_W, a,
                                    dydt + system->at_Wa);
    }
}

/* M2 of any loss on isotropic data: the rates that M1 gives for W = F^(1/2). Any W with W W^T =
 * F gives the same, since a rotation of the data changes nothing; dF/dt = (dW/dt) W^T + W
 * (dW/dt)^T. A normalized loss depends only on the direction of the target Wa = tau W. */
static void root_rhs(struct ssldyn_matrix_system *system,
                     const struct ssldyn_parameters *parameters, const double y[], double dydt[])
{
    const size_t n = system->n2;
    const double *F = y + system->at_F;
    double *F_rate = dydt + system->at_F;
    double *root = system->scratch;
    double *root_rate = root + n * n;
    double *scaled = root_rate + n * n;
    struct ssldyn_parameters held = *parameters;
    held.tau_held = true;
    held.tau =
        ssldyn_losses_of(parameters)->normalized ? 1.0 : ssldyn_matrix_equations_tau(system, y);
    enum ssldyn_status status =
        ssldyn_eigen_symmetric(system->eigen, F, system->values, system->vectors, &system->error);
    for (size_t i = 0; i < n * n; i++) {
        scaled[i] = system->vectors[i] * pow(fmax(system->values[i % n], 0.0), 0.25);
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)n, (int)n, 1.0, scaled,
                (int)n, scaled, (int)n, 0.0, root, (int)n);
    const struct ssldyn_weights weights = {.Wp = y + system->at_Wp, .W = root};
    const struct ssldyn_weights_rate rate = {.Wp = dydt + system->at_Wp, .W = root_rate};
    if (status == SSLDYN_OK) {
        status = system->loss->rhs(system->prepared, &held, &system->moments, n, &weights, &rate,
                                   system->workspace, &system->error);
    }
    system->status = system->status == SSLDYN_OK ? status : system->status;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)n, (int)n, 1.0, root_rate,
                (int)n, root, (int)n, 0.0, scaled, (int)n);
    double trace = 0.0;
    double trace_rate = 0.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            F_rate[i * n + j] = scaled[i * n + j] + scaled[j * n + i];
        }
        trace += F[i * n + i];
        trace_rate += F_rate[i * n + i];
    }
    if (system->at_tau != SSLDYN_MATRIX_ABSENT) {
        const double tau = y[system->at_tau];
        dydt[system->at_tau] =
            parameters->rates.beta * (1.0 - tau) - 0.5 * tau * trace_rate / trace;
    }
}

static void reduced_rhs(double t, const double y[], double dydt[], void *context)
{
    struct ssldyn_matrix_system *system = context;
    struct ssldyn_parameters scratch;
    const struct ssldyn_parameters *const parameters =
        ssldyn_schedule_parameters_at(system->problem, system->parameters, t, &scratch);
    const double *Wp = y + system->at_Wp;
    const double *F = ssldyn_matrix_equations_part_const(y, system->at_F);
    double *F_rate = ssldyn_matrix_equations_part(dydt, system->at_F);
    if (system->through_root) {
        root_rhs(system, parameters, y, dydt);
        return;
    }
    if (system->closure) {
        ssldyn_reduced_closure(system->parameters->rates.alpha_p, system->n2, Wp, system->F);
        F = system->F;
        F_rate = system->scratch;
    }
    ssldyn_reduced_rhs(parameters, system->n2, Wp, F, ssldyn_matrix_equations_tau(system, y),
                       dydt + system->at_Wp, F_rate,
                       system->at_tau == SSLDYN_MATRIX_ABSENT ? NULL : dydt + system->at_tau,
                       system->workspace);
}

ssldyn_matrix_equations *ssldyn_matrix_equations_of(const struct ssldyn_matrix_system *system)
{
    return system->layers ? layers_rhs : system->population ? population_rhs : reduced_rhs;
}

void ssldyn_matrix_equations_differences(struct ssldyn_matrix_system *system,
                                         ssldyn_matrix_equations *values, size_t count, double t,
                                         const double y[], double entries[], double workspace[])
{
    static const double relative = 1e-5; /* about the cube root of rounding */
    const size_t n = system->size;
    double *const moved = workspace;
    double *const up = moved + n;
    double *const down = up + count;
    size_t j = 0;
    memcpy(moved, y, n * sizeof *moved);
    for (size_t b = 0; b < system->block_count; b++) {
        const size_t size = system->blocks[b].size;
        const double norm = ssldyn_dense_norm(size, y + j);
        const double step = relative * (norm > 0.0 ? norm / sqrt((double)size) : 1.0);
        for (const size_t end = j + size; j < end; j++) {
            moved[j] = y[j] + step;
            values(t, moved, up, system);
            moved[j] = y[j] - step;
            values(t, moved, down, system);
            moved[j] = y[j];
            for (size_t i = 0; i < count; i++) {
                entries[i * n + j] = (up[i] - down[i]) / (2.0 * step);
            }
        }
    }
}
