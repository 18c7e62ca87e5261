/* Coupled modes as one system. */
// SPDX-License-Identifier: MIT
#include "sim/flow/coupled_system.h"

#include "sim/base/memory.h"
#include "sim/flow/flow_internal.h"
#include "sim/flow/mode_system.h"
#include "sim/model/model.h"
#include "sim/run/schedule.h"
#include "theory/aligned_jacobian.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VIEWS = 4, STATES = 5 };

static void rhs(double t, const double y[], double dydt[], void *context)
{
    struct ssldyn_coupled *coupled = context;
    struct ssldyn_parameters scratch;
    const struct ssldyn_parameters *now =
        ssldyn_schedule_parameters_at(coupled->problem, &coupled->parameters, t, &scratch);
    coupled->singular =
        coupled->charted
            ? !ssldyn_aligned_chart_rhs(&coupled->chart, now, t, y, dydt, coupled->workspace)
            : !ssldyn_aligned_rhs(&coupled->aligned, now, t, y, dydt, coupled->workspace);
}

static void jacobian(double t, const double y[], double entries[], void *context)
{
    struct ssldyn_coupled *coupled = context;
    struct ssldyn_parameters scratch;
    const struct ssldyn_parameters *now =
        ssldyn_schedule_parameters_at(coupled->problem, &coupled->parameters, t, &scratch);
    if (coupled->charted) {
        ssldyn_aligned_chart_jacobian(&coupled->chart, now, t, y, entries, coupled->workspace);
    } else {
        ssldyn_aligned_jacobian(&coupled->aligned, now, t, y, entries, coupled->workspace);
    }
}

/* Which views carry noise: both, or only the target's. */
static void set_views(struct ssldyn_coupled *coupled, size_t n)
{
    double *first = coupled->views;
    double *second = first + n;
    double *across = second + n;
    double *rest = across + n;
    const bool one_sided = coupled->problem->one_sided;
    for (size_t j = 0; j < n; j++) {
        const struct ssldyn_parameters mode = ssldyn_model_parameters_of(coupled->problem, j);
        const double s = mode.lambda_s;
        const double d = mode.lambda_d;
        first[j] = one_sided ? d : s;
        second[j] = s;
        across[j] = d;
        rest[j] = (one_sided ? d : s + d) * (s - d);
    }
    coupled->aligned.data = (struct ssldyn_cosine_data){
        .n = n, .first = first, .second = second, .across = across, .rest = rest};
}

/* Node spacing whose quadrature error is below the integrator's error per step. */
static double spacing_for(double rtol)
{
    return rtol >= 1e-11 ? ssldyn_cosine_rule_spacing(0.1 * rtol) : SSLDYN_COSINE_FINE;
}

static enum ssldyn_status allocate(struct ssldyn_coupled *coupled, size_t n,
                                   struct ssldyn_error *err)
{
    coupled->aligned.data.n = n;
    coupled->views = ssldyn_memory_array(n, VIEWS * sizeof(double));
    coupled->P = ssldyn_memory_array(n, STATES * sizeof(double));
    coupled->y = ssldyn_memory_array(ssldyn_aligned_variables(&coupled->aligned), sizeof(double));
    coupled->of_chart = ssldyn_memory_array(ssldyn_aligned_chart_memory(&coupled->aligned) +
                                                ssldyn_aligned_chart_variables(&coupled->aligned),
                                            sizeof(double));
    coupled->workspace =
        ssldyn_memory_array(ssldyn_aligned_chart_workspace(&coupled->aligned), sizeof(double));
    if (!coupled->views || !coupled->P || !coupled->y || !coupled->of_chart ||
        !coupled->workspace) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n);
    }
    coupled->W = coupled->P + n;
    coupled->Wa = coupled->W + n;
    coupled->R = coupled->Wa + n;
    coupled->least = coupled->R + n;
    return SSLDYN_OK;
}

/* The same of a deep encoder, whose modes start with their layers: y = (p, v_1 ... v_L, target). */
static enum ssldyn_status set_deep_start(struct ssldyn_coupled *coupled, struct ssldyn_error *err)
{
    const size_t n = coupled->aligned.data.n;
    const size_t L = ssldyn_aligned_layers(&coupled->aligned);
    const size_t targets = ssldyn_aligned_targets(&coupled->aligned);
    double *layers = ssldyn_memory_array((L + targets) * n, sizeof *layers);
    if (!layers) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu layers", L);
    }
    for (size_t j = 0; j < n; j++) {
        struct ssldyn_mode mode;
        double y[SSLDYN_MODE_VARIABLES];
        ssldyn_mode_start(&mode, coupled->problem, j, y);
        coupled->P[j] = y[0];
        for (size_t l = 0; l < L + targets; l++) {
            layers[l * n + j] = y[1 + l];
        }
    }
    ssldyn_aligned_pack(&coupled->aligned, coupled->P, layers, layers + L * n, coupled->y);
    free(layers);
    return SSLDYN_OK;
}

/* The start of every mode as its model defines it. */
static void set_start(struct ssldyn_coupled *coupled)
{
    for (size_t j = 0; j < coupled->aligned.data.n; j++) {
        struct ssldyn_mode mode;
        double y[SSLDYN_MODE_VARIABLES];
        ssldyn_mode_start(&mode, coupled->problem, j, y);
        const struct ssldyn_mode_state state = ssldyn_mode_view(&mode, y);
        coupled->P[j] = state.p;
        coupled->W[j] = isnan(state.w) ? sqrt(state.s) : state.w;
        coupled->Wa[j] = isnan(state.wa) ? state.tau * coupled->W[j] : state.wa;
    }
    ssldyn_aligned_pack(&coupled->aligned, coupled->P, coupled->W, coupled->Wa, coupled->y);
}

/* Fills in everything that depends on the variables y at time t. */
static void evaluate(struct ssldyn_coupled *coupled, double t)
{
    const size_t n = coupled->aligned.data.n;
    coupled->t = t;
    ssldyn_aligned_unpack(&coupled->aligned, coupled->y, coupled->P, coupled->W, coupled->Wa);
    memcpy(coupled->least, coupled->y, n * sizeof *coupled->least);
    for (size_t i = n; i < n * ssldyn_aligned_layers(&coupled->aligned); i++) {
        coupled->least[i % n] = fmin(fabs(coupled->least[i % n]), fabs(coupled->y[i]));
    }
    coupled->singular =
        !ssldyn_aligned_residual(&coupled->aligned, coupled->P, coupled->W, coupled->Wa, coupled->R,
                                 &coupled->loss, coupled->workspace);
    for (size_t j = 0; coupled->singular && j < n; j++) {
        coupled->R[j] = (double)NAN;
    }
}

static enum ssldyn_status no_gradient(const struct ssldyn_coupled *coupled,
                                      struct ssldyn_error *err)
{
    size_t active = 0;
    bool target = false;
    for (size_t j = 0; j < coupled->aligned.data.n; j++) {
        active += coupled->P[j] * coupled->W[j] != 0.0;
        target = target || coupled->Wa[j] != 0.0 || coupled->W[j] != 0.0;
    }
    return ssldyn_fail(
        err, SSLDYN_EFAILED, "at t = %.10g the loss has no finite gradient: %s", coupled->t,
        active < 2 || !target
            ? "the cosine needs a target and two modes with nonzero p w"
            : "all modes but one have collapsed, and the mean of 1/|Wp W x| diverges");
}

/* Uses a chart at y where the laws hold that it needs; sets the variables that are integrated. */
static void enter_chart(struct ssldyn_coupled *coupled)
{
    const size_t memory = ssldyn_aligned_chart_memory(&coupled->aligned);
    coupled->charted = !ssldyn_schedule_changes_rates(coupled->problem) &&
                       ssldyn_aligned_chart_holds(&coupled->aligned) &&
                       ssldyn_aligned_chart_create(&coupled->chart, &coupled->aligned, coupled->y,
                                                   coupled->of_chart);
    coupled->z = coupled->charted ? coupled->of_chart + memory : coupled->y;
    if (coupled->charted) {
        ssldyn_aligned_chart_enter(&coupled->chart, 0.0, coupled->y, coupled->z);
    }
}

/* Continues in another chart where the present one loses accuracy. */
static enum ssldyn_status renew_chart(struct ssldyn_coupled *coupled, struct ssldyn_error *err)
{
    const double t = ssldyn_ode_time(coupled->ode);
    if (!coupled->charted) {
        return SSLDYN_OK;
    }
    memcpy(coupled->z, ssldyn_ode_state(coupled->ode),
           ssldyn_aligned_chart_variables(&coupled->aligned) * sizeof *coupled->z);
    return ssldyn_aligned_chart_renew(&coupled->chart, t, coupled->z, coupled->y)
               ? ssldyn_ode_restart(coupled->ode, coupled->z, err)
               : SSLDYN_OK;
}

enum ssldyn_status ssldyn_coupled_create(struct ssldyn_coupled *coupled,
                                         const struct ssldyn_problem *problem,
                                         struct ssldyn_error *err)
{
    *coupled = (struct ssldyn_coupled){.problem = problem, .parameters = problem->parameters};
    coupled->aligned = (struct ssldyn_aligned){.parameters = &coupled->parameters,
                                               .closure = problem->closure,
                                               .spacing = spacing_for(problem->rtol)};
    if (!ssldyn_schedule_changes_rates(problem)) {
        ssldyn_aligned_choose_decays(&coupled->aligned);
    }
    enum ssldyn_status status = allocate(coupled, ssldyn_problem_modes(problem), err);
    if (status != SSLDYN_OK) {
        return status;
    }
    set_views(coupled, coupled->aligned.data.n);
    if (ssldyn_depth_is_deep(&problem->parameters)) {
        status = set_deep_start(coupled, err);
    } else {
        set_start(coupled);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    evaluate(coupled, 0.0);
    if (coupled->singular) {
        return no_gradient(coupled, err);
    }
    enter_chart(coupled);
    const struct ssldyn_ode_system system = {
        .n = coupled->charted ? ssldyn_aligned_chart_variables(&coupled->aligned)
                              : ssldyn_aligned_variables(&coupled->aligned),
        .rhs = rhs,
        .jacobian = ssldyn_aligned_jacobian_is_known(&coupled->aligned) ? jacobian : NULL,
        .context = coupled};
    const struct ssldyn_ode_options options = ssldyn_flow_ode_options(problem);
    status = ssldyn_ode_create(&system, &options, &coupled->ode, err);
    return status == SSLDYN_OK
               ? ssldyn_ode_start(coupled->ode, 0.0, coupled->z, problem->t_end, err)
               : status;
}

void ssldyn_coupled_free(struct ssldyn_coupled *coupled)
{
    ssldyn_ode_free(coupled->ode);
    free(coupled->views);
    free(coupled->P);
    free(coupled->y);
    free(coupled->of_chart);
    free(coupled->workspace);
    *coupled = (struct ssldyn_coupled){0};
}

/* Whether only one mode is left: of two modes without noise the smaller one reaches w = 0 in
 * finite time, and no step continues beyond that. */
static bool is_alone(const struct ssldyn_coupled *coupled)
{
    double largest = 0.0;
    size_t left = 0;
    for (size_t j = 0; j < coupled->aligned.data.n; j++) {
        largest = fmax(largest, fabs(coupled->W[j]));
    }
    for (size_t j = 0; j < coupled->aligned.data.n; j++) {
        left += fabs(coupled->W[j]) > 1e-6 * largest;
    }
    return left < 2;
}

/* The state from the variables that are integrated. */
static void take(struct ssldyn_coupled *coupled, double t, const double z[])
{
    if (coupled->charted) {
        (void)ssldyn_aligned_chart_leave(&coupled->chart, t, z, coupled->y);
    } else if (z != coupled->y) {
        memcpy(coupled->y, z, ssldyn_aligned_variables(&coupled->aligned) * sizeof *coupled->y);
    }
    evaluate(coupled, t);
}

enum ssldyn_status ssldyn_coupled_advance(struct ssldyn_coupled *coupled, double t,
                                          struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    ssldyn_ode_next_output(coupled->ode, t);
    while (status == SSLDYN_OK && ssldyn_ode_time(coupled->ode) < t) {
        status = renew_chart(coupled, err);
        if (status == SSLDYN_OK) {
            status = ssldyn_flow_step(coupled->ode, err);
        }
    }
    if (status == SSLDYN_OK) {
        ssldyn_ode_interpolate(coupled->ode, t, coupled->z);
        take(coupled, t, coupled->z);
    } else if (status == SSLDYN_EFAILED) {
        take(coupled, ssldyn_ode_time(coupled->ode), ssldyn_ode_state(coupled->ode));
        if (coupled->singular || is_alone(coupled)) {
            return no_gradient(coupled, err);
        }
    }
    return status;
}

struct ssldyn_mode_state ssldyn_coupled_view(const struct ssldyn_coupled *coupled, size_t j)
{
    const size_t n = coupled->aligned.data.n;
    const size_t L = ssldyn_aligned_layers(&coupled->aligned);
    const double p = exp(-coupled->aligned.decay_p * coupled->t) * coupled->P[j];
    const double of_layer = exp(-2.0 * coupled->aligned.decay_s * coupled->t);
    const double decay = exp(-(double)L * coupled->aligned.decay_s * coupled->t);
    const bool predicts_data = coupled->parameters.target == SSLDYN_DEPTH_MAE;
    const bool held = coupled->parameters.tau_held && !predicts_data;
    const double w = decay * coupled->W[j];
    const double of_target = ssldyn_aligned_target_decay(&coupled->aligned);
    const double ratio = exp(((double)L * coupled->aligned.decay_s - of_target) * coupled->t);
    const double wa = predicts_data ? (double)NAN : exp(-of_target * coupled->t) * coupled->Wa[j];
    struct ssldyn_mode_state state = {.p = p,
                                      .s = w * w,
                                      .tau = held            ? coupled->parameters.tau
                                             : predicts_data ? (double)NAN
                                             : coupled->W[j] != 0.0
                                                 ? ratio * coupled->Wa[j] / coupled->W[j]
                                                 : (double)NAN,
                                      .wp = p,
                                      .w = w,
                                      .wa = wa,
                                      .least = (double)INFINITY};
    for (size_t l = 0; l < L; l++) {
        const double square = of_layer * coupled->y[l * n + j] * coupled->y[l * n + j];
        state.least = fmin(state.least, square);
        state.most = fmax(state.most, square);
        state.squares += square;
    }
    return state;
}

double ssldyn_coupled_error(struct ssldyn_coupled *coupled)
{
    const size_t n = coupled->aligned.data.n;
    struct ssldyn_aligned finest = coupled->aligned;
    double *R = ssldyn_memory_array(n, sizeof *R);
    double largest = 0.0;
    double difference = 0.0;
    double size = 0.0;
    finest.closure = SSLDYN_ALIGNED_EXACT;
    finest.spacing = SSLDYN_COSINE_FINE;
    const bool finite = R && ssldyn_aligned_residual(&finest, coupled->P, coupled->W, coupled->Wa,
                                                     R, NULL, coupled->workspace);
    for (size_t j = 0; finite && j < n; j++) {
        largest = fmax(largest, fabs(coupled->P[j] * coupled->W[j] * (R[j] - coupled->R[j])));
        difference = hypot(difference, R[j] - coupled->R[j]);
        size = hypot(size, R[j]);
    }
    free(R);
    return !finite                                            ? (double)NAN
           : coupled->aligned.closure == SSLDYN_ALIGNED_EXACT ? largest
                                                              : difference / size;
}
