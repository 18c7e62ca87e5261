/* M6 as a process in time. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_process.h"

#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/sgd/sgd_process_internal.h"
#include "theory/depth_flow.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

/* A run counts as diverged at this sum of squares of weights: fourth powers of the weights are
 * still finite there, and no run recovers from it. */
static const double out_of_double = 1e100;
static const double out_of_float = 1e16;

/* Keeps the largest deviation from a law. */
static void note(const struct ssldyn_sgd_process *process, struct ssldyn_sgd_norm *norm,
                 double deviation)
{
    if (!(deviation <= norm->drift.largest)) {
        norm->drift.largest = deviation;
        norm->drift.at = process->time;
    }
}

/* Whether the step in progress is one of those that ssldyn_sgd_process_gains includes. */
static bool is_measured(const struct ssldyn_sgd_process *process)
{
    return process->measure_from >= 0 && process->steps >= process->measure_from;
}

#define REAL double
#define NAME(stem) stem##_double
#define GEMM cblas_dgemm
#include "sim/sgd/sgd_process.inc"

#define REAL float
#define NAME(stem) stem##_float
#define GEMM cblas_sgemm
#include "sim/sgd/sgd_process.inc"

/* Allocates what a closed-form predictor and an infinite batch need in addition to a plain step. */
static enum ssldyn_status allocate(struct ssldyn_sgd_process *process, struct ssldyn_error *err)
{
    const size_t n1 = process->n1;
    const size_t n2 = process->n2;
    const size_t square = n2 * n2;
    double **const squares[] = {&process->batch_left, &process->batch_right, &process->left,
                                &process->right,      &process->vectors,     &process->set_Wp};
    bool complete = true;
    for (size_t i = 0; process->set && i < sizeof squares / sizeof squares[0]; i++) {
        complete = complete && (*squares[i] = ssldyn_memory_array(square, sizeof(double)));
    }
    if (process->set) {
        process->values = ssldyn_memory_array(n2, sizeof(double));
        complete = complete && process->values;
    }
    const size_t longest = n1 > n2 ? n1 : n2;
    process->scratch = ssldyn_memory_array(n2 * longest + n2, sizeof(double));
    complete = complete && process->scratch;
    if (!process->sampler) {
        const size_t most = process->rows > n2 ? process->rows : n2;
        process->rhs_workspace =
            ssldyn_memory_array(process->population->rhs_workspace(n1, most), sizeof(double));
        process->rate_Wa = ssldyn_memory_array(n1 * n2, sizeof(double));
        complete = complete && process->rhs_workspace && process->rate_Wa;
    }
    if (process->is_float) {
        process->view_Wp = ssldyn_memory_array(process->rows * n2, sizeof(double));
        process->view_W = ssldyn_memory_array(n1 * n2, sizeof(double));
        process->view_Wa = ssldyn_memory_array(n1 * n2, sizeof(double));
        complete = complete && process->view_Wp && process->view_W && process->view_Wa;
    }
    if (!complete) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu x %zu matrices", n2, n1);
    }
    enum ssldyn_status status =
        process->set ? ssldyn_eigen_create(n2, &process->eigen, err) : SSLDYN_OK;
    if (status == SSLDYN_OK && !process->sampler) {
        status = process->population->prepare(&process->start->moments, n2, 0.0, &process->prepared,
                                              err);
    }
    return status;
}

/* Allowed relative error of a sum of squares after one step: rounding of the sums, and of a
 * gradient that should be orthogonal to the weights; for the gradient of the population, its
 * quadrature. */
static const double allowed_in_double = 1e-12;
static const double allowed_in_float = 1e-5;
static const double allowed_of_population = 1e-9;

/* Chooses the laws that the steps conserve. */
static void take_laws(struct ssldyn_sgd_process *process, bool sampled, int64_t steps)
{
    const bool deep = ssldyn_depth_is_deep(&process->parameters);
    const bool kept = process->loss.normalized && process->momentum == 0.0;
    const double allowed = process->is_float ? allowed_in_float
                           : sampled         ? allowed_in_double
                                             : allowed_of_population;
    process->norm_w = (struct ssldyn_sgd_norm){
        .kept = kept && !process->loss.iso,
        .drift = {.name = deep ? "|W_l|^2 = (1 - lr eta_s)^2 |W_l|^2 + lr^2 |G_l|^2 at every step"
                               : "|W|^2 = (1 - lr eta_s)^2 |W|^2 + lr^2 |G|^2 at every step",
                  .allowed = allowed}};
    process->norm_wp = (struct ssldyn_sgd_norm){
        .kept = kept && process->loss.predictor && !process->set,
        .drift = {.name = "|Wp|^2 = (1 - lr eta_p)^2 |Wp|^2 + lr^2 |Gp|^2 at every step",
                  .allowed = allowed}};
    process->balance = (struct ssldyn_sgd_norm){
        .kept = deep && process->momentum == 0.0,
        .drift = {.name = "|W_l|^2 - |W_{l+1}|^2, balance of the layers, at every step",
                  .allowed = process->is_float ? allowed_in_float : allowed_in_double}};
    /* the second half of the run: the first one forgets the start */
    process->measure_from = sampled && process->loss.normalized && !process->loss.iso && !deep &&
                                    process->loss.predictor && !process->set
                                ? steps / 2
                                : -1;
    process->balanced_predictor =
        !process->loss.iso && process->parameters.rates.eta_p == process->parameters.rates.eta_s;
}

static void take_settings(struct ssldyn_sgd_process *process, const struct ssldyn_problem *problem,
                          int64_t steps)
{
    const struct ssldyn_sgd_options *sgd = &problem->sgd;
    const struct ssldyn_parameters *parameters = &process->parameters;
    process->set = ssldyn_rules_set(parameters);
    process->population = ssldyn_matrix_loss_of(parameters);
    process->solved = process->set && ssldyn_rules_of(parameters)->kind == SSLDYN_RULE_SOLVED;
    const struct ssldyn_loss *const loss = ssldyn_losses_of(parameters);
    process->loss = (struct ssldyn_sgd_loss){
        .n1 = process->n1,
        .n2 = process->n2,
        .predicted = process->start->moments.predicts ? process->rows : 0,
        .predictor = parameters->predictor,
        .stop_grad = parameters->stop_grad,
        .symmetric = parameters->symmetric,
        .alpha_p = parameters->rates.alpha_p,
        .target_scale = parameters->tau_held ? parameters->tau : 1.0,
        .normalized = loss->normalized,
        .iso = loss->iso,
    };
    process->lr = sgd->lr;
    process->momentum = sgd->momentum;
    process->ema_share = sgd->ema_share;
    process->symmetrize = sgd->symmetrize_loss;
    process->freq = sgd->freq;
    process->rho = sgd->rho;
    process->is_float = sgd->precision == SSLDYN_PRECISION_FLOAT;
    process->schedules = ssldyn_schedule_read(sgd, steps);
    process->constant = ssldyn_schedule_lr_is_constant(sgd);
    take_laws(process, sgd->batch > 0, steps);
}

static enum ssldyn_status check_settings(const struct ssldyn_sgd_process *process, int64_t batch,
                                         struct ssldyn_error *err)
{
    const double average = process->lr * process->parameters.rates.beta /
                           ssldyn_training_complement(process->momentum);
    const bool moves = !process->parameters.tau_held && process->loss.predicted == 0;
    if (moves && process->ema_share == 0.0 && average > 1.0) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--lr %g with --beta %g: the EMA would move the target by %g of its "
                           "distance in one step, which must not exceed 1: lower --lr or --beta",
                           process->lr, process->parameters.rates.beta, average);
    }
    if (batch == 0 && process->is_float) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--precision float: --batch inf is computed in double only");
    }
    return SSLDYN_OK;
}

void ssldyn_sgd_process_free(struct ssldyn_sgd_process *process)
{
    if (!process) {
        return;
    }
    if (process->prepared) {
        process->population->release(process->prepared);
    }
    ssldyn_sgd_deep_free(process->deep);
    ssldyn_sgd_sampler_free(process->sampler);
    ssldyn_eigen_free(process->eigen);
    state_clear_double(&process->of_double);
    state_clear_float(&process->of_float);
    free(process->batch_left);
    free(process->batch_right);
    free(process->left);
    free(process->right);
    free(process->values);
    free(process->vectors);
    free(process->set_Wp);
    free(process->scratch);
    free(process->rhs_workspace);
    free(process->rate_Wa);
    free(process->view_Wp);
    free(process->view_W);
    free(process->view_Wa);
    free(process);
}

enum ssldyn_status ssldyn_sgd_process_create(const struct ssldyn_problem *problem,
                                             const struct ssldyn_start *start, uint32_t run,
                                             int64_t steps, struct ssldyn_sgd_process **out,
                                             struct ssldyn_error *err)
{
    *out = NULL;
    const struct ssldyn_sgd_options *const sgd = &problem->sgd;
    struct ssldyn_sgd_process *process = calloc(1, sizeof *process);
    if (!process) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a run");
    }
    process->parameters = problem->parameters;
    process->start = start;
    process->n1 = start->n1;
    process->n2 = start->n2;
    process->rows = ssldyn_moments_rows(&start->moments, start->n2);
    take_settings(process, problem, steps);
    ssldyn_stream_init(&process->stream, problem->seed, run, SSLDYN_PURPOSE_BATCH);
    enum ssldyn_status status = check_settings(process, sgd->batch, err);
    if (status == SSLDYN_OK && sgd->batch > 0) {
        const struct ssldyn_sampler_request request = {
            .batch = (size_t)sgd->batch,
            .kind = (enum ssldyn_sampler)sgd->sampler,
            .precision = (enum ssldyn_precision)sgd->precision,
            .rotation = start->predicts && start->basis ? start->basis->Q : NULL,
            .both = process->symmetrize || !process->loss.stop_grad,
            .each = process->loss.normalized};
        status = ssldyn_sgd_sampler_create(&start->moments, problem->dataset, &request,
                                           &process->sampler, err);
    }
    if (status == SSLDYN_OK && process->sampler) {
        const size_t orders = process->symmetrize ? 2 : 1;
        process->backward = process->loss.predictor &&
                            orders * ssldyn_sgd_sampler_pairs(process->sampler) < process->n1;
    }
    if (status == SSLDYN_OK) {
        status = allocate(process, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_sgd_deep_create(problem, start, &process->deep, err);
    }
    if (status == SSLDYN_OK) {
        status = process->is_float ? state_create_float(process, err)
                                   : state_create_double(process, err);
    }
    process->blank = process->loss.normalized && !process->parameters.tau_held &&
                     process->loss.predicted == 0 &&
                     (!start->Wa || ssldyn_dense_norm(process->n1 * process->n2, start->Wa) == 0.0);
    if (status == SSLDYN_OK && process->set) {
        /* computed as for the first step, so that the first row shows the predictor in use */
        status = ssldyn_sgd_process_correlate(process, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_sgd_process_free(process);
        return status;
    }
    *out = process;
    return SSLDYN_OK;
}

/* The gradients of the population: the right-hand side of theory/ without decay, negated. */
static enum ssldyn_status population_gradient(struct ssldyn_sgd_process *process,
                                              bool train_predictor, struct ssldyn_error *err)
{
    struct state_double *const state = &process->of_double;
    struct ssldyn_parameters bare = process->parameters;
    bare.rates.eta_p = 0.0;
    bare.rates.eta_s = 0.0;
    const double before = ssldyn_clock_wall();
    const struct ssldyn_weights weights = {
        .Wp = state->Wp, .W = state->W, .Wa = bare.tau_held ? NULL : state->Wa};
    const struct ssldyn_weights_rate rate = {.Wp = train_predictor ? state->Gp : NULL,
                                             .W = state->G,
                                             .Wa = bare.tau_held ? NULL : process->rate_Wa};
    const enum ssldyn_status status =
        process->population->rhs(process->prepared, &bare, &process->start->moments, process->n2,
                                 &weights, &rate, process->rhs_workspace, err);
    for (size_t i = 0; train_predictor && i < process->rows * process->n2; i++) {
        state->Gp[i] = -state->Gp[i];
    }
    for (size_t i = 0; i < process->n2 * process->n1; i++) {
        state->G[i] = -state->G[i];
    }
    process->cost.gradient += ssldyn_clock_wall() - before;
    return status;
}

double ssldyn_sgd_process_lr(const struct ssldyn_sgd_process *process, int64_t k)
{
    return process->lr * ssldyn_schedule_factor(&process->schedules.lr, (double)k);
}

enum ssldyn_status ssldyn_sgd_process_step(struct ssldyn_sgd_process *process,
                                           struct ssldyn_error *err)
{
    const int64_t k = process->steps;
    const double lr = ssldyn_sgd_process_lr(process, k);
    const double dt = lr / ssldyn_training_complement(process->momentum);
    const double share =
        process->ema_share > 0.0 ? process->ema_share : dt * process->parameters.rates.beta;
    const double average = share * ssldyn_schedule_factor(&process->schedules.ema, (double)k);
    const struct ssldyn_sgd_rule rule = {.lr = lr, .momentum = process->momentum};
    const double decay = ssldyn_schedule_factor(&process->schedules.decay, (double)k);
    const bool train = process->loss.predictor && (!process->set || k % process->freq != 0);
    /* Step k's numbers start at k 2^32, however many numbers earlier steps drew, so any step can
     * be repeated. */
    ssldyn_stream_seek(&process->stream, (uint64_t)k << 32);
    process->loss.sums = is_measured(process) ? process->pair_sums : NULL;
    enum ssldyn_status status =
        process->set ? ssldyn_sgd_process_correlate(process, err) : SSLDYN_OK;
    if (status != SSLDYN_OK) {
        return status;
    }
    double squares;
    if (process->is_float) {
        batch_gradient_float(process, train);
        squares = advance_float(process, &rule, decay, average, train);
    } else {
        if (process->sampler) {
            batch_gradient_double(process, train);
        } else {
            status = population_gradient(process, train, err);
            if (status != SSLDYN_OK) {
                return status;
            }
        }
        squares = advance_double(process, &rule, decay, average, train);
    }
    process->steps++;
    process->decay_saved += dt * (1.0 - decay) * process->parameters.rates.eta_s;
    process->time = process->constant ? process->lr * (double)process->steps /
                                            ssldyn_training_complement(process->momentum)
                                      : process->time + dt;
    if (!(squares < (process->is_float ? out_of_float : out_of_double))) {
        return ssldyn_fail(err, SSLDYN_EDIVERGED, "the weights diverged at step %lld (t = %.10g)",
                           (long long)process->steps, process->time);
    }
    return SSLDYN_OK;
}

int64_t ssldyn_sgd_process_steps(const struct ssldyn_sgd_process *process)
{
    return process->steps;
}

double ssldyn_sgd_process_time(const struct ssldyn_sgd_process *process)
{
    return process->time;
}

const struct ssldyn_sgd_sampler *
ssldyn_sgd_process_sampler(const struct ssldyn_sgd_process *process)
{
    return process->sampler;
}

struct ssldyn_sgd_cost ssldyn_sgd_process_cost(const struct ssldyn_sgd_process *process)
{
    return process->cost;
}

size_t ssldyn_sgd_process_laws(const struct ssldyn_sgd_process *process, struct ssldyn_drift laws[])
{
    const struct ssldyn_sgd_norm *const norms[] = {&process->norm_w, &process->norm_wp,
                                                   &process->balance};
    size_t count = 0;
    for (size_t i = 0; i < SSLDYN_SGD_LAWS_MAXIMUM; i++) {
        if (norms[i]->kept) {
            laws[count++] = norms[i]->drift;
        }
    }
    return count;
}

static const double *widen(size_t count, const float from[], double to[])
{
    for (size_t i = 0; i < count; i++) {
        to[i] = (double)from[i];
    }
    return to;
}

void ssldyn_sgd_process_view(struct ssldyn_sgd_process *process, struct ssldyn_snapshot *snapshot)
{
    const bool held = process->parameters.tau_held;
    const bool targets = !held && process->loss.predicted == 0;
    const size_t square = process->rows * process->n2;
    const size_t rectangle = process->n2 * process->n1;
    *snapshot = (struct ssldyn_snapshot){.t = process->time,
                                         .step = (double)process->steps,
                                         .decay_saved = process->decay_saved,
                                         .tau = held ? process->parameters.tau : (double)NAN};
    if (process->is_float) {
        const struct state_float *state = &process->of_float;
        snapshot->Wp = widen(square, state->Wp, process->view_Wp);
        snapshot->W = widen(rectangle, state->W, process->view_W);
        snapshot->Wa = targets ? widen(rectangle, state->Wa, process->view_Wa) : NULL;
    } else {
        const struct state_double *state = &process->of_double;
        snapshot->Wp = state->Wp;
        snapshot->W = state->W;
        snapshot->Wa = targets ? state->Wa : NULL;
    }
}

const double *ssldyn_sgd_process_layers(struct ssldyn_sgd_process *process, const double **targets)
{
    *targets = NULL;
    return process->deep ? ssldyn_sgd_deep_view(process->deep, targets) : NULL;
}
