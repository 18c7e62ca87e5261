/* Modes whose predictor is set: one coupled system. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_set.h"

#include "sim/base/memory.h"
#include "sim/flow/flow_internal.h"
#include "sim/run/schedule.h"
#include "theory/modes.h"
#include "theory/predictor.h"

#include <math.h>
#include <stdlib.h>

struct ssldyn_mode_set {
    const struct ssldyn_spec *spec;
    size_t count;
    bool moving; /* tau has an equation */
    struct ssldyn_ode *ode;
    double *y; /* at the time asked for last */
};

static double largest(const struct ssldyn_mode_set *set, const double y[])
{
    const size_t stride = set->moving ? 2 : 1;
    double s_max = 0.0;
    for (size_t j = 0; j < set->count; j++) {
        s_max = fmax(s_max, y[j * stride]);
    }
    return s_max;
}

static double predictor(const struct ssldyn_mode_set *set, double s, double tau, double s_max)
{
    const struct ssldyn_parameters *parameters = &set->spec->parameters;
    if (parameters->rule == SSLDYN_PREDICTOR_OPTIMAL) {
        return ssldyn_predictor_optimal_mode(parameters, s, tau);
    }
    /* X = I: s = w^2 */
    const double variance = ssldyn_predictor_variance(parameters, parameters->rates.c, 1.0);
    return ssldyn_predictor_eigenvalue(parameters, variance * s, variance * s_max);
}

static void set_rhs(double t, const double y[], double dydt[], void *context)
{
    const struct ssldyn_mode_set *set = context;
    struct ssldyn_parameters scratch;
    const struct ssldyn_parameters *parameters =
        ssldyn_spec_parameters_at(set->spec, &set->spec->parameters, t, &scratch);
    const double s_max = largest(set, y);
    for (size_t j = 0; j < set->count; j++) {
        double point[2] = {y[j * (set->moving ? 2 : 1)], parameters->tau};
        double rate[2];
        if (set->moving) {
            point[1] = y[2 * j + 1];
        }
        const double p = predictor(set, point[0], point[1], s_max);
        ssldyn_modes_rhs_set(&parameters->rates, p, point, rate);
        dydt[j * (set->moving ? 2 : 1)] = rate[0];
        if (set->moving) {
            dydt[2 * j + 1] = rate[1];
        }
    }
}

enum ssldyn_status ssldyn_mode_set_create(const struct ssldyn_spec *spec, size_t count, double rtol,
                                          struct ssldyn_mode_set **out, struct ssldyn_error *err)
{
    *out = NULL;
    struct ssldyn_mode_set *set = calloc(1, sizeof *set);
    if (!set) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for %zu modes", count);
    }
    set->spec = spec;
    set->count = count;
    set->moving = !spec->parameters.tau_held;
    const size_t stride = set->moving ? 2 : 1;
    set->y = ssldyn_array_alloc(count, stride * sizeof(double));
    if (!set->y) {
        ssldyn_mode_set_free(set);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for %zu modes", count);
    }
    for (size_t j = 0; j < count; j++) {
        set->y[j * stride] = ssldyn_list_entry(&spec->s0, j);
        if (set->moving) {
            set->y[2 * j + 1] = ssldyn_list_entry(&spec->tau0, j);
        }
    }
    struct ssldyn_ode_options options = ssldyn_flow_ode_options(spec);
    options.rtol = rtol;
    const struct ssldyn_ode_system system = {.n = count * stride, .rhs = set_rhs, .context = set};
    enum ssldyn_status status = ssldyn_ode_create(&system, &options, &set->ode, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_ode_start(set->ode, 0.0, set->y, spec->t_end, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_mode_set_free(set);
        return status;
    }
    *out = set;
    return SSLDYN_OK;
}

void ssldyn_mode_set_free(struct ssldyn_mode_set *set)
{
    if (set) {
        ssldyn_ode_free(set->ode);
        free(set->y);
        free(set);
    }
}

enum ssldyn_status ssldyn_mode_set_advance(struct ssldyn_mode_set *set, double t,
                                           struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_flow_advance(set->ode, t, NULL, NULL, err);
    if (status == SSLDYN_OK) {
        ssldyn_ode_interpolate(set->ode, t, set->y);
    }
    return status;
}

struct ssldyn_mode_state ssldyn_mode_set_view(const struct ssldyn_mode_set *set, size_t j)
{
    struct ssldyn_mode_state state = {.wp = (double)NAN, .w = (double)NAN, .wa = (double)NAN};
    state.s = set->y[j * (set->moving ? 2 : 1)];
    state.tau = set->moving ? set->y[2 * j + 1] : set->spec->parameters.tau;
    state.p = predictor(set, state.s, state.tau, largest(set, set->y));
    return state;
}

const struct ssldyn_ode *ssldyn_mode_set_solver(const struct ssldyn_mode_set *set)
{
    return set->ode;
}
