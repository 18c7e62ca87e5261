/* M1 and M2 as one state vector. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_system.h"

#include "sim/base/memory.h"
#include "sim/flow/matrix_equations.h"
#include "sim/flow/matrix_split.h"
#include "sim/model/model.h"
#include "theory/invariant.h"
#include "theory/population.h"
#include "theory/reduced.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    system->at_Wp = system->at_W = system->at_Wa = system->at_F = system->at_tau =
        SSLDYN_MATRIX_ABSENT;
    if (parameters->predictor && !system->set) {
        system->at_Wp = place(system, system->rows * system->n2);
    }
    if (system->population) {
        const struct ssldyn_matrix_layers *layers = system->layers;
        system->at_W = place(system, layers ? ssldyn_matrix_layers_size(layers) : rectangle);
        if (!parameters->tau_held && !system->moments.predicts) {
            const size_t target = layers ? ssldyn_matrix_layers_target_size(layers) : rectangle;
            system->at_Wa = place(system, target);
            /* The target is in the block of the network that it follows: as a separate block, a
             * target that starts at zero would demand a precision that nothing depends on. */
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

/* The matrix that decays by a law, n2 x n2: W W^T, or for an IsoLoss (Wp + Wp^T)/2 - alpha_p W
 * W^T/2. W is the last layer if there are several. */
static void kept_matrix(const struct ssldyn_matrix_system *system, const double Wp[],
                        const double W[], double A[])
{
    const size_t n2 = system->n2;
    const int n1 = (int)(system->layers ? n2 : system->n1);
    const bool trained = ssldyn_rules_trained(system->parameters);
    for (size_t i = 0; trained && i < n2 * n2; i++) {
        A[i] = 0.5 * (Wp[i] + Wp[i % n2 * n2 + i / n2]);
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n2, (int)n2, n1,
                trained ? -0.5 * system->parameters->rates.alpha_p : 1.0, W, n1, W, n1,
                trained ? 1.0 : 0.0, A, (int)n2);
}

/* W at y, or its last layer. */
static const double *last_layer(const struct ssldyn_matrix_system *system, const double W[])
{
    return system->layers ? ssldyn_matrix_layers_last(system->layers, W) : W;
}

static enum ssldyn_status allocate(struct ssldyn_matrix_system *system, struct ssldyn_error *err)
{
    const size_t n2 = system->n2;
    const size_t n1 = system->n1;
    const size_t square = n2 * n2;
    const size_t longest = n1 > n2 ? n1 : n2;
    const size_t most = system->rows > n2 ? system->rows : n2;
    const size_t equations = system->population || system->through_root
                                 ? system->loss->rhs_workspace(system->moments.n1, most)
                                 : ssldyn_reduced_workspace(n2);
    const unsigned laws = system->population ? ssldyn_invariant_laws(system->parameters) : 0;
    const bool lawful = (laws & (SSLDYN_LAW_FROZEN | SSLDYN_LAW_ISO)) != 0;
    const size_t workspace = ssldyn_observer_workspace(n1, most);
    const size_t work = equations > workspace ? equations : workspace;
    system->workspace = ssldyn_memory_array(work, sizeof(double));
    /* a trained predictor in M1 needs none of the following arrays */
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
    system->rows = ssldyn_moments_rows(&start->moments, start->n2);
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
    if (status == SSLDYN_OK && system->law) {
        kept_matrix(system, start->Wp,
                    last_layer(system, system->layers ? ssldyn_matrix_layers_start(system->layers)
                                                      : start->W),
                    system->law);
    }
    if (status != SSLDYN_OK) {
        ssldyn_matrix_system_free(system);
        return status;
    }
    system->tau_start = problem->tau0.count > 0 ? problem->tau0.values[0] : 0.0;
    lay_out(system);
    status = ssldyn_matrix_split_create(system, err);
    if (status != SSLDYN_OK) {
        ssldyn_matrix_system_free(system);
        return status;
    }
    if (!system->split && ssldyn_losses_of(system->parameters)->normalized && system->population &&
        system->size <= SSLDYN_ODE_IMPLICIT_LARGEST) {
        system->differences = ssldyn_memory_array(system->size, 3 * sizeof(double));
        if (!system->differences) {
            ssldyn_matrix_system_free(system);
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the Jacobian");
        }
    }
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
    free(system->differences);
    ssldyn_matrix_split_free(system->split);
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
    } parts[] = {{system->at_Wp, system->rows * system->n2, start->Wp},
                 {system->at_W, layers ? ssldyn_matrix_layers_size(layers) : rectangle,
                  layers ? ssldyn_matrix_layers_start(layers) : start->W},
                 {system->at_Wa, layers ? ssldyn_matrix_layers_target_size(layers) : rectangle,
                  layers ? ssldyn_matrix_layers_target_start(layers) : start->Wa},
                 {system->at_F, square, start->F},
                 {system->at_tau, 1, &system->tau_start}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].at != SSLDYN_MATRIX_ABSENT) {
            memcpy(y + parts[i].at, parts[i].from, parts[i].size * sizeof *y);
        }
    }
}

/* The Jacobian under a normalized loss. */
static void jacobian(double t, const double y[], double entries[], void *context)
{
    struct ssldyn_matrix_system *system = context;
    ssldyn_matrix_equations_differences(system, ssldyn_matrix_equations_of(system), system->size, t,
                                        y, entries, system->differences);
}

struct ssldyn_ode_system ssldyn_matrix_system_ode(struct ssldyn_matrix_system *system)
{
    return (struct ssldyn_ode_system){.n = system->size,
                                      .rhs = system->split ? ssldyn_matrix_split_rhs
                                                           : ssldyn_matrix_equations_of(system),
                                      .jacobian = system->split ? ssldyn_matrix_split_jacobian
                                                  : system->differences ? jacobian
                                                                        : NULL,
                                      .split = system->split ? ssldyn_matrix_split_evaluate : NULL,
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
    const double *Wp = ssldyn_matrix_equations_part_const(y, system->at_Wp);
    *snapshot = (struct ssldyn_snapshot){.t = t,
                                         .step = (double)NAN,
                                         .Wp = Wp ? Wp : system->Wp,
                                         .W = ssldyn_matrix_equations_part_const(y, system->at_W),
                                         .Wa = ssldyn_matrix_equations_part_const(y, system->at_Wa),
                                         .F = ssldyn_matrix_equations_part_const(y, system->at_F),
                                         .tau = (double)NAN};
    if (system->layers) {
        snapshot->largest_layer =
            ssldyn_matrix_layers_largest(system->layers, snapshot->W, snapshot->Wa);
        snapshot->W = ssldyn_matrix_layers_product(system->layers, snapshot->W);
        snapshot->Wa =
            snapshot->Wa ? ssldyn_matrix_layers_target(system->layers, snapshot->Wa) : NULL;
    }
    if (!snapshot->Wa && !system->moments.predicts) {
        snapshot->tau = ssldyn_matrix_equations_tau(system, y);
    }
    enum ssldyn_status status = ssldyn_matrix_system_status(system, err);
    if (status == SSLDYN_OK && system->set) {
        status = ssldyn_matrix_equations_predictor(system, y, err);
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
                                    y + system->at_F, ssldyn_matrix_equations_tau(system, y), K);
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

double ssldyn_matrix_system_norm_drift(const struct ssldyn_matrix_system *system, double t,
                                       const double y[])
{
    return ssldyn_matrix_layers_norm_drift(system->layers, t, y + system->at_W);
}

/* |A - decay A(0)|_F of the conserved matrix A; A is left in the second half of system->law. */
static double kept_deviation(struct ssldyn_matrix_system *system, double t, const double y[])
{
    const size_t square = system->n2 * system->n2;
    double *A = system->law + square;
    const double decay = exp(-2.0 * system->parameters->rates.eta_s * t);
    kept_matrix(system, ssldyn_matrix_equations_part_const(y, system->at_Wp),
                last_layer(system, y + system->at_W), A);
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
    const double norm_w = ssldyn_dense_norm(system->n2 * (system->layers ? system->n2 : system->n1),
                                            last_layer(system, y + system->at_W));
    const double norm_wp = ssldyn_dense_norm(system->n2 * system->n2, y + system->at_Wp);
    const double size = norm_wp + 0.5 * system->parameters->rates.alpha_p * norm_w * norm_w;
    return size > 0.0 ? kept_deviation(system, t, y) / size : 0.0;
}
