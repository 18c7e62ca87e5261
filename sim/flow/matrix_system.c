/* M1 and M2 as one state vector. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_system.h"

#include "sim/base/memory.h"
#include "sim/flow/matrix_layers.h"
#include "sim/linalg/linalg.h"
#include "sim/loss/matrix_loss.h"
#include "sim/model/model.h"
#include "sim/observe/loss.h"
#include "sim/run/schedule.h"
#include "theory/invariant.h"
#include "theory/population.h"
#include "theory/predictor.h"
#include "theory/reduced.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ABSENT = -1, BLOCKS_MAXIMUM = 3 };

struct ssldyn_matrix_system {
    const struct ssldyn_problem *problem;
    const struct ssldyn_parameters
        *parameters; /* of problem: rates as they are without a timetable */
    const struct ssldyn_start *start;
    size_t n1, n2;
    struct ssldyn_matrix_layers *layers; /* of M1 with a deep encoder, in the place of W; or NULL */
    bool population;
    bool closure;                               /* M2 with F = Wp^T Wp/alpha_p (Fig. 8) */
    bool set;                                   /* Wp is a function of the state */
    bool solved;                                /* by a linear problem, else by its spectrum */
    ptrdiff_t at_Wp, at_W, at_Wa, at_F, at_tau; /* offsets in the state, or ABSENT */
    size_t size;
    struct ssldyn_ode_block blocks[BLOCKS_MAXIMUM];
    size_t block_count;
    double tau_start;
    double *workspace; /* of theory's right-hand sides */

    const struct ssldyn_matrix_loss *loss;
    struct ssldyn_moments moments; /* of the loss: M2 sees as many directions as F has */
    void *prepared;    /* by the loss, of the moments; NULL: none, or it needs nothing */
    bool through_root; /* M2 of a loss that is not the squared distance: by W = F^(1/2) */
    struct ssldyn_eigen *eigen;
    double *F, *values, *vectors, *Wp; /* n2-sized scratch; Wp: the identity or the set predictor */
    double *scratch;                   /* 3 n2 max(n1, n2) */
    double *law; /* n2 x n2 at the start, for a law of the loss or the rule, and scratch; or NULL */
    enum ssldyn_status status;
    struct ssldyn_error error;
};

static ptrdiff_t place(struct ssldyn_matrix_system *system, size_t size)
{
    const size_t at = system->size;
    system->size += size;
    system->blocks[system->block_count++].size = size;
    return (ptrdiff_t)at;
}

static void lay_out(struct ssldyn_matrix_system *system)
{
    const struct ssldyn_parameters *parameters = system->parameters;
    const size_t square = system->n2 * system->n2;
    const size_t rectangle = system->n2 * system->n1;
    system->at_Wp = system->at_W = system->at_Wa = system->at_F = system->at_tau = ABSENT;
    if (parameters->predictor && !system->set) {
        system->at_Wp = place(system, square);
    }
    if (system->population) {
        const struct ssldyn_matrix_layers *layers = system->layers;
        system->at_W = place(system, layers ? ssldyn_matrix_layers_size(layers) : rectangle);
        if (!parameters->tau_held) {
            const size_t target = layers ? ssldyn_matrix_layers_target_size(layers) : rectangle;
            system->at_Wa = place(system, target);
            /* The target is measured by the network it follows: alone, one that starts at zero
             * would ask for a precision that nothing depends on. */
            system->block_count--;
            system->blocks[system->block_count - 1].size += target;
        }
        return;
    }
    if (!system->closure) {
        system->at_F = place(system, square);
    }
    if (!parameters->tau_held) {
        system->at_tau = place(system, 1);
    }
}

static double *part(double y[], ptrdiff_t at)
{
    return at == ABSENT ? NULL : y + at;
}

static const double *part_const(const double y[], ptrdiff_t at)
{
    return at == ABSENT ? NULL : y + at;
}

/* SSLDYN_RULE_SOLVED (Tbl. 1): Wp (W Sigma_s W^T + epsilon I) = Wa X W^T (ratio W X W^T where Wa is
 * tied), or with --symmetric half the sum of the right-hand side and its transpose. */
static enum ssldyn_status solve_predictor(struct ssldyn_matrix_system *system, const double W[],
                                          const double Wa[], double ratio, struct ssldyn_error *err)
{
    const size_t n2 = system->n2;
    const size_t n1 = system->n1;
    double *XW = system->scratch;
    double *right = system->values + n2; /* n2 x n2 behind the eigenvalues */
    ssldyn_loss_apply_x(&system->start->moments, n2, W, XW);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n2, (int)n2, (int)n1,
                Wa ? 1.0 : ratio, Wa ? Wa : W, (int)n1, XW, (int)n1, 0.0, right, (int)n2);
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

/* Wp of the set rules as a function of W (and Wa), by a linear problem or from the spectrum of F = W X
 * W^T, or W (X + X') W^T. */
static enum ssldyn_status set_predictor(struct ssldyn_matrix_system *system, const double y[],
                                        struct ssldyn_error *err)
{
    const struct ssldyn_moments *moments = &system->start->moments;
    const int n1 = (int)system->n1;
    const int n2 = (int)system->n2;
    const double *W = part_const(y, system->at_W);
    const double *Wa = part_const(y, system->at_Wa);
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
        system->status = set_predictor(system, y, &system->error);
    }
    const struct ssldyn_weights weights = {.Wp = system->at_Wp == ABSENT ? system->Wp
                                                                         : y + system->at_Wp,
                                           .W = y + system->at_W,
                                           .Wa = part_const(y, system->at_Wa)};
    const struct ssldyn_weights_rate rate = {
        .Wp = part(dydt, system->at_Wp), .W = dydt + system->at_W, .Wa = part(dydt, system->at_Wa)};
    const enum ssldyn_status status = system->loss->rhs(
        system->prepared,
        ssldyn_schedule_parameters_at(system->problem, system->parameters, t, &scratch),
        &system->start->moments, system->n2, &weights, &rate, system->workspace, &system->error);
    system->status = system->status == SSLDYN_OK ? status : system->status;
}

/* The same with a deep encoder: the loss sees the products, and its pull on W goes to every layer. */
static void layers_rhs(double t, const double y[], double dydt[], void *context)
{
    struct ssldyn_matrix_system *system = context;
    struct ssldyn_matrix_layers *layers = system->layers;
    struct ssldyn_parameters scratch;
    struct ssldyn_parameters without =
        *ssldyn_schedule_parameters_at(system->problem, system->parameters, t, &scratch);
    const double eta_s = without.rates.eta_s;
    const double *a = part_const(y, system->at_Wa);
    double *W_rate = ssldyn_matrix_layers_room(layers);
    without.rates.eta_s = 0.0;
    const struct ssldyn_weights weights = {
        .Wp = y + system->at_Wp,
        .W = ssldyn_matrix_layers_product(layers, y + system->at_W),
        .Wa = a ? ssldyn_matrix_layers_target(layers, a) : NULL};
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

static double state_tau(const struct ssldyn_matrix_system *system, const double y[])
{
    return system->at_tau == ABSENT ? system->parameters->tau : y[system->at_tau];
}

/* M2 of any loss on isotropic data: what M1 says of W = F^(1/2), which is as good as any other W
 * with W W^T = F, as a rotation of the data changes nothing; F' = W' W^T + W W'^T. A normalized
 * loss sees of the target Wa = tau W only the direction. */
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
    held.tau = ssldyn_losses_of(parameters)->normalized ? 1.0 : state_tau(system, y);
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
    if (system->at_tau != ABSENT) {
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
    const double *F = part_const(y, system->at_F);
    double *F_rate = part(dydt, system->at_F);
    if (system->through_root) {
        root_rhs(system, parameters, y, dydt);
        return;
    }
    if (system->closure) {
        ssldyn_reduced_closure(system->parameters->rates.alpha_p, system->n2, Wp, system->F);
        F = system->F;
        F_rate = system->scratch;
    }
    ssldyn_reduced_rhs(parameters, system->n2, Wp, F, state_tau(system, y), dydt + system->at_Wp,
                       F_rate, system->at_tau == ABSENT ? NULL : dydt + system->at_tau,
                       system->workspace);
}

/* W W^T, or under an IsoLoss (Wp + Wp^T)/2 - alpha_p W W^T/2: what decays by a law, n2 x n2. */
static void kept_matrix(const struct ssldyn_matrix_system *system, const double Wp[],
                        const double W[], double A[])
{
    const size_t n2 = system->n2;
    const int n1 = (int)system->n1;
    const bool trained = ssldyn_rules_trained(system->parameters);
    for (size_t i = 0; trained && i < n2 * n2; i++) {
        A[i] = 0.5 * (Wp[i] + Wp[i % n2 * n2 + i / n2]);
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n2, (int)n2, n1,
                trained ? -0.5 * system->parameters->rates.alpha_p : 1.0, W, n1, W, n1,
                trained ? 1.0 : 0.0, A, (int)n2);
}

static enum ssldyn_status allocate(struct ssldyn_matrix_system *system, struct ssldyn_error *err)
{
    const size_t n2 = system->n2;
    const size_t n1 = system->n1;
    const size_t square = n2 * n2;
    const size_t longest = n1 > n2 ? n1 : n2;
    const size_t equations = system->population || system->through_root
                                 ? system->loss->rhs_workspace(system->moments.n1, n2)
                                 : ssldyn_reduced_workspace(n2);
    const unsigned laws = system->population ? ssldyn_invariant_laws(system->parameters) : 0;
    const bool lawful = (laws & (SSLDYN_LAW_FROZEN | SSLDYN_LAW_ISO)) != 0;
    const size_t lent = ssldyn_observer_room(n1, n2);
    const size_t work = equations > lent ? equations : lent;
    system->workspace = ssldyn_memory_array(work, sizeof(double));
    /* A trained predictor in M1 needs none of what follows, and nothing is there to no purpose. */
    const bool spectra = system->set || !system->population;
    const size_t extra = spectra ? square : 0;
    system->F = ssldyn_memory_array(extra, sizeof(double));
    system->values = ssldyn_memory_array(n2 + extra, sizeof(double));
    system->vectors = ssldyn_memory_array(extra, sizeof(double));
    const bool given = system->set || !system->parameters->predictor;
    system->Wp = ssldyn_memory_array(given ? square : 0, sizeof(double));
    system->scratch = ssldyn_memory_array(spectra ? n2 * longest + n2 : 0, 3 * sizeof(double));
    system->law = lawful ? ssldyn_memory_array(square, 2 * sizeof(double)) : NULL;
    if (!system->workspace || !system->F || !system->values || !system->vectors || !system->Wp ||
        !system->scratch || (lawful && !system->law)) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu x %zu matrices", n2, n1);
    }
    if (given) {
        memcpy(system->Wp, system->start->Wp, square * sizeof(double));
    }
    if (lawful) {
        kept_matrix(system, system->start->Wp, system->start->W, system->law);
    }
    return spectra ? ssldyn_eigen_create(n2, &system->eigen, err) : SSLDYN_OK;
}

enum ssldyn_status ssldyn_matrix_system_create(const struct ssldyn_problem *problem,
                                               const struct ssldyn_start *start,
                                               struct ssldyn_matrix_system **out,
                                               struct ssldyn_error *err)
{
    *out = NULL;
    struct ssldyn_matrix_system *system = calloc(1, sizeof *system);
    if (!system) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the equations");
    }
    system->problem = problem;
    system->parameters = &problem->parameters;
    system->start = start;
    system->n1 = start->n1;
    system->n2 = start->n2;
    system->population = ssldyn_model_has(problem->model, SSLDYN_HAS_WEIGHTS);
    system->closure = problem->closure_parabola;
    system->set = system->population && ssldyn_rules_set(system->parameters);
    system->solved = system->set && ssldyn_rules_of(system->parameters)->kind == SSLDYN_RULE_SOLVED;
    system->loss = ssldyn_matrix_loss_of(system->parameters);
    system->moments = start->moments;
    if (!system->population) {
        system->moments.n1 = start->n2;
        system->through_root = !ssldyn_losses_of(system->parameters)->linear;
    }
    enum ssldyn_status status = allocate(system, err);
    if (status == SSLDYN_OK && (system->population || system->through_root)) {
        status = system->loss->prepare(&system->moments, start->n2, problem->rtol,
                                       &system->prepared, err);
    }
    if (status == SSLDYN_OK && system->population && ssldyn_depth_is_deep(system->parameters)) {
        status = ssldyn_matrix_layers_create(problem, start, &system->layers, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_matrix_system_free(system);
        return status;
    }
    system->tau_start = problem->tau0.count > 0 ? problem->tau0.values[0] : 0.0;
    lay_out(system);
    *out = system;
    return SSLDYN_OK;
}

void ssldyn_matrix_system_free(struct ssldyn_matrix_system *system)
{
    if (!system) {
        return;
    }
    if (system->prepared) {
        system->loss->release(system->prepared);
    }
    ssldyn_matrix_layers_free(system->layers);
    ssldyn_eigen_free(system->eigen);
    free(system->workspace);
    free(system->F);
    free(system->values);
    free(system->vectors);
    free(system->Wp);
    free(system->scratch);
    free(system->law);
    free(system);
}

double *ssldyn_matrix_system_lend(struct ssldyn_matrix_system *system)
{
    return system->workspace;
}

void ssldyn_matrix_system_start(const struct ssldyn_matrix_system *system, double y[])
{
    const struct ssldyn_start *start = system->start;
    const size_t square = system->n2 * system->n2;
    const size_t rectangle = system->n2 * system->n1;
    const struct ssldyn_matrix_layers *layers = system->layers;
    const struct {
        ptrdiff_t at;
        size_t size;
        const double *from;
    } parts[] = {{system->at_Wp, square, start->Wp},
                 {system->at_W, layers ? ssldyn_matrix_layers_size(layers) : rectangle,
                  layers ? ssldyn_matrix_layers_start(layers) : start->W},
                 {system->at_Wa, layers ? ssldyn_matrix_layers_target_size(layers) : rectangle,
                  layers ? ssldyn_matrix_layers_target_start(layers) : start->Wa},
                 {system->at_F, square, start->F},
                 {system->at_tau, 1, &system->tau_start}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].at != ABSENT) {
            memcpy(y + parts[i].at, parts[i].from, parts[i].size * sizeof *y);
        }
    }
}

struct ssldyn_ode_system ssldyn_matrix_system_ode(struct ssldyn_matrix_system *system)
{
    return (struct ssldyn_ode_system){.n = system->size,
                                      .rhs = system->layers       ? layers_rhs
                                             : system->population ? population_rhs
                                                                  : reduced_rhs,
                                      .context = system,
                                      .blocks = system->blocks,
                                      .block_count = system->block_count};
}

enum ssldyn_status ssldyn_matrix_system_status(struct ssldyn_matrix_system *system,
                                               struct ssldyn_error *err)
{
    if (system->status != SSLDYN_OK && err) {
        *err = system->error;
    }
    return system->status;
}

enum ssldyn_status ssldyn_matrix_system_view(struct ssldyn_matrix_system *system, double t,
                                             const double y[], struct ssldyn_snapshot *snapshot,
                                             struct ssldyn_error *err)
{
    const double *Wp = part_const(y, system->at_Wp);
    *snapshot = (struct ssldyn_snapshot){.t = t,
                                         .step = (double)NAN,
                                         .Wp = Wp ? Wp : system->Wp,
                                         .W = part_const(y, system->at_W),
                                         .Wa = part_const(y, system->at_Wa),
                                         .F = part_const(y, system->at_F),
                                         .tau = (double)NAN};
    if (system->layers) {
        snapshot->W = ssldyn_matrix_layers_product(system->layers, snapshot->W);
        snapshot->Wa =
            snapshot->Wa ? ssldyn_matrix_layers_target(system->layers, snapshot->Wa) : NULL;
    }
    if (!snapshot->Wa) {
        snapshot->tau = state_tau(system, y);
    }
    enum ssldyn_status status = ssldyn_matrix_system_status(system, err);
    if (status == SSLDYN_OK && system->set) {
        status = set_predictor(system, y, err);
    }
    if (system->closure) {
        ssldyn_reduced_closure(system->parameters->rates.alpha_p, system->n2, Wp, system->F);
        snapshot->F = system->F;
    }
    return status;
}

enum ssldyn_status ssldyn_matrix_system_lambda_min(struct ssldyn_matrix_system *system,
                                                   const double y[], double *lambda,
                                                   struct ssldyn_error *err)
{
    double *K = system->vectors;
    ssldyn_reduced_alignment_matrix(&system->parameters->rates, system->n2, y + system->at_Wp,
                                    y + system->at_F, state_tau(system, y), K);
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(system->eigen, K, system->values, NULL, err);
    *lambda = status == SSLDYN_OK ? system->values[system->n2 - 1] : (double)NAN;
    return status;
}

double ssldyn_matrix_system_commutator(struct ssldyn_matrix_system *system, const double y[])
{
    ssldyn_invariant_commutator(system->n2, y + system->at_F, y + system->at_Wp, system->scratch);
    return ssldyn_dense_norm(system->n2 * system->n2, system->scratch);
}

double ssldyn_matrix_system_layers_drift(struct ssldyn_matrix_system *system, double t,
                                         const double y[])
{
    return ssldyn_matrix_layers_drift(system->layers, t, y + system->at_W, y + system->at_Wp);
}

/* |A - decay A(0)|_F of what is kept; A stays in the second half of system->law. */
static double kept_deviation(struct ssldyn_matrix_system *system, double t, const double y[])
{
    const size_t square = system->n2 * system->n2;
    double *A = system->law + square;
    const double decay = exp(-2.0 * system->parameters->rates.eta_s * t);
    kept_matrix(system, part_const(y, system->at_Wp), y + system->at_W, A);
    for (size_t i = 0; i < square; i++) {
        A[i] -= decay * system->law[i];
    }
    return ssldyn_dense_norm(square, A);
}

double ssldyn_matrix_system_frozen_drift(struct ssldyn_matrix_system *system, double t,
                                         const double y[])
{
    double size = 0.0;
    for (size_t i = 0; i < system->n2; i++) {
        size += system->law[i * system->n2 + i];
    }
    return size > 0.0 ? kept_deviation(system, t, y) / size : 0.0;
}

double ssldyn_matrix_system_iso_drift(struct ssldyn_matrix_system *system, double t,
                                      const double y[])
{
    const double norm_w = ssldyn_dense_norm(system->n2 * system->n1, y + system->at_W);
    const double norm_wp = ssldyn_dense_norm(system->n2 * system->n2, y + system->at_Wp);
    const double size = norm_wp + 0.5 * system->parameters->rates.alpha_p * norm_w * norm_w;
    return size > 0.0 ? kept_deviation(system, t, y) / size : 0.0;
}
