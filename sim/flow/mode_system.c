/* One mode of M3, M4 or M5. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_system.h"

#include "sim/base/signal.h"
#include "sim/run/schedule.h"
#include "theory/lowdim.h"
#include "theory/parabola.h"

#include <math.h>
#include <string.h>

/* The ratio chart takes over when tau exceeds the first, and gives back below the second. */
static const double tau_large = 4.0;
static const double tau_small = 2.0;

/* Whether the variables are those of M5. */
static bool in_networks(const struct ssldyn_mode *mode)
{
    return mode->spec->problem.model == SSLDYN_MODEL_LOWDIM || mode->chart == SSLDYN_CHART_NETWORKS;
}

static const struct ssldyn_mode *as_mode(const void *context)
{
    return context;
}

static void modes_rhs(double t, const double y[], double dydt[], void *context)
{
    const struct ssldyn_mode *mode = as_mode(context);
    struct ssldyn_parameters scratch;
    const struct ssldyn_parameters *parameters =
        ssldyn_schedule_parameters_at(&mode->spec->problem, &mode->parameters, t, &scratch);
    if (parameters->tau_held) {
        ssldyn_modes_rhs_held(&parameters->rates, parameters->tau, y, dydt);
    } else if (mode->chart == SSLDYN_CHART_TAU) {
        ssldyn_modes_rhs(&parameters->rates, y, dydt);
    } else {
        ssldyn_modes_rhs_ratio(&parameters->rates, y, dydt);
    }
}

static void modes_jacobian(double t, const double y[], double jacobian[], void *context)
{
    const struct ssldyn_mode *mode = as_mode(context);
    struct ssldyn_parameters scratch;
    const struct ssldyn_parameters *parameters =
        ssldyn_schedule_parameters_at(&mode->spec->problem, &mode->parameters, t, &scratch);
    if (parameters->tau_held) {
        ssldyn_modes_jacobian_held(&parameters->rates, parameters->tau, y, jacobian);
    } else if (mode->chart == SSLDYN_CHART_TAU) {
        ssldyn_modes_jacobian(&parameters->rates, y, jacobian);
    } else {
        ssldyn_modes_jacobian_ratio(&parameters->rates, y, jacobian);
    }
}

static void parabola_rhs(double t, const double y[], double dydt[], void *context)
{
    const struct ssldyn_mode *mode = as_mode(context);
    struct ssldyn_parameters scratch;
    const struct ssldyn_parameters *parameters =
        ssldyn_schedule_parameters_at(&mode->spec->problem, &mode->parameters, t, &scratch);
    if (parameters->tau_held) {
        dydt[0] = ssldyn_parabola_velocity(&parameters->rates, y[0], parameters->tau);
    } else if (mode->chart == SSLDYN_CHART_TAU) {
        ssldyn_parabola_rhs(&parameters->rates, y, dydt);
    } else {
        ssldyn_parabola_rhs_ratio(&parameters->rates, y, dydt);
    }
}

static void parabola_jacobian(double t, const double y[], double jacobian[], void *context)
{
    const struct ssldyn_mode *mode = as_mode(context);
    struct ssldyn_parameters scratch;
    const struct ssldyn_parameters *parameters =
        ssldyn_schedule_parameters_at(&mode->spec->problem, &mode->parameters, t, &scratch);
    if (parameters->tau_held) {
        /* the (p, p) entry of M4's Jacobian at that tau */
        const double point[2] = {y[0], parameters->tau};
        double full[4];
        ssldyn_parabola_jacobian(&parameters->rates, point, full);
        jacobian[0] = full[0];
    } else if (mode->chart == SSLDYN_CHART_TAU) {
        ssldyn_parabola_jacobian(&parameters->rates, y, jacobian);
    } else {
        ssldyn_parabola_jacobian_ratio(&parameters->rates, y, jacobian);
    }
}

static void lowdim_rhs(double t, const double y[], double dydt[], void *context)
{
    const struct ssldyn_mode *mode = as_mode(context);
    struct ssldyn_parameters scratch;
    ssldyn_lowdim_rhs(
        ssldyn_schedule_parameters_at(&mode->spec->problem, &mode->parameters, t, &scratch), y,
        dydt);
}

static void lowdim_jacobian(double t, const double y[], double jacobian[], void *context)
{
    const struct ssldyn_mode *mode = as_mode(context);
    struct ssldyn_parameters scratch;
    ssldyn_lowdim_jacobian(
        ssldyn_schedule_parameters_at(&mode->spec->problem, &mode->parameters, t, &scratch), y,
        jacobian);
}

struct ssldyn_parameters ssldyn_mode_parameters(const struct ssldyn_spec *spec)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    return spec->problem.model == SSLDYN_MODEL_LOWDIM ? *parameters
                                                      : ssldyn_parameters_isotropic(parameters);
}

struct ssldyn_ode_system ssldyn_mode_ode(struct ssldyn_mode *mode)
{
    const size_t moving = mode->parameters.tau_held ? 0 : 1;
    struct ssldyn_ode_system system = {.context = mode};
    if (in_networks(mode)) {
        system.n = 3;
        system.rhs = lowdim_rhs;
        system.jacobian = lowdim_jacobian;
    } else if (mode->spec->problem.model == SSLDYN_MODEL_MODES) {
        system.n = 2 + moving;
        system.rhs = modes_rhs;
        system.jacobian = modes_jacobian;
    } else {
        system.n = 1 + moving;
        system.rhs = parabola_rhs;
        system.jacobian = parabola_jacobian;
    }
    return system;
}

static void set_scale(struct ssldyn_mode *mode, double scale)
{
    mode->scale = scale;
    mode->parameters.rates.alpha_p = mode->spec->problem.parameters.rates.alpha_p * scale * scale;
}

/* A mode of M3 as one of M5. */
static void start_networks(struct ssldyn_mode *mode, double p, double s, double tau, double y[])
{
    mode->chart = SSLDYN_CHART_NETWORKS;
    set_scale(mode, s > 0.0 ? 1.0 : 0.0);
    y[0] = p;
    y[1] = s > 0.0 ? sqrt(s) : 1.0;
    y[2] = tau * y[1];
}

void ssldyn_mode_start(struct ssldyn_mode *mode, const struct ssldyn_spec *spec, size_t j,
                       double y[])
{
    *mode = (struct ssldyn_mode){
        .spec = spec, .parameters = ssldyn_mode_parameters(spec), .scale = 1.0};
    const struct ssldyn_parameters *parameters = &mode->parameters;
    if (spec->problem.model == SSLDYN_MODEL_LOWDIM) {
        y[0] = parameters->predictor ? ssldyn_list_entry(&spec->problem.wp0, j) : 1.0;
        y[1] = ssldyn_list_entry(&spec->problem.w0, j);
        y[2] = parameters->tau_held ? parameters->tau * y[1]
                                    : ssldyn_list_entry(&spec->problem.wa0, j);
        return;
    }
    size_t next = 0;
    y[next++] = ssldyn_list_entry(&spec->problem.p0, j);
    if (spec->problem.model == SSLDYN_MODEL_MODES) {
        y[next++] = ssldyn_list_entry(&spec->problem.s0, j);
    }
    if (!parameters->tau_held) {
        const double tau = ssldyn_list_entry(&spec->problem.tau0, j);
        if (spec->problem.model == SSLDYN_MODEL_MODES && (y[0] < 0.0 || tau < 0.0)) {
            start_networks(mode, y[0], y[1], tau, y);
            return;
        }
        const bool large = fabs(tau) > tau_large;
        mode->chart = large ? SSLDYN_CHART_RATIO : SSLDYN_CHART_TAU;
        y[next] = large ? 1.0 / tau : tau;
    }
}

struct ssldyn_mode_state ssldyn_mode_view(const struct ssldyn_mode *mode, const double y[])
{
    const struct ssldyn_parameters *parameters = &mode->parameters;
    struct ssldyn_mode_state state = {.wp = (double)NAN, .w = (double)NAN, .wa = (double)NAN};
    if (in_networks(mode)) {
        state.wp = y[0];
        state.w = mode->scale * y[1];
        state.wa = mode->scale * y[2];
        state.p = y[0];
        state.s = state.w * state.w;
        state.tau = parameters->tau_held ? parameters->tau
                    : y[1] != 0.0        ? y[2] / y[1]
                                         : (double)NAN;
        return state;
    }
    const bool plane = mode->spec->problem.model == SSLDYN_MODEL_MODES;
    const double third = y[plane ? 2 : 1];
    state.p = y[0];
    /* Both below are positive by their equations; at the very bottom of the range rounding decides.
     */
    state.s = plane ? fmax(y[1], 0.0) : y[0] * y[0] / parameters->rates.alpha_p;
    if (parameters->tau_held) {
        state.tau = parameters->tau;
    } else if (mode->chart == SSLDYN_CHART_RATIO) {
        state.tau = 1.0 / (plane ? fabs(third) : third); /* of M3 it is positive */
    } else {
        state.tau = third;
    }
    return state;
}

/* Small numbers are lost where the tolerance of the standard --atol ends, at 1e-150; large ones
 * grow without effect where there is nothing. */
static bool change_scale(struct ssldyn_mode *mode, const double now[], double y[])
{
    const double size = fmax(fabs(now[1]), fabs(now[2]));
    if (!(size > 0.0 && size < 1e-100) && !(mode->scale == 0.0 && size > 1e100)) {
        return false;
    }
    set_scale(mode, mode->scale * size);
    y[0] = now[0];
    y[1] = now[1] / size;
    y[2] = now[2] / size;
    return true;
}

/* Changes the chart, or the scale of w and wa, where the present one has become the worse at the
 * state now: true, with the new variables in y. */
static bool change_chart(struct ssldyn_mode *mode, const double now[], double y[])
{
    if (mode->parameters.tau_held) {
        return false;
    }
    if (in_networks(mode)) {
        return change_scale(mode, now, y);
    }
    const size_t last = mode->spec->problem.model == SSLDYN_MODEL_MODES ? 2 : 1;
    if (mode->chart == SSLDYN_CHART_TAU && fabs(now[last]) > tau_large) {
        mode->chart = SSLDYN_CHART_RATIO;
    } else if (mode->chart == SSLDYN_CHART_RATIO && fabs(now[last]) > 1.0 / tau_small) {
        mode->chart = SSLDYN_CHART_TAU;
    } else {
        return false;
    }
    memcpy(y, now, last * sizeof *y);
    y[last] = 1.0 / now[last];
    return true;
}

enum ssldyn_status ssldyn_mode_step(struct ssldyn_mode *mode, struct ssldyn_error *err)
{
    double y[SSLDYN_MODE_VARIABLES];
    enum ssldyn_status status = SSLDYN_OK;
    if (change_chart(mode, ssldyn_ode_state(mode->ode), y)) {
        status = ssldyn_ode_restart(mode->ode, y, err);
    }
    if (status == SSLDYN_OK && ssldyn_signal_pending()) {
        return ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                           "stopped at t = %.10g; the rows before it are kept",
                           ssldyn_ode_time(mode->ode));
    }
    return status == SSLDYN_OK ? ssldyn_ode_step(mode->ode, err) : status;
}

enum ssldyn_status ssldyn_mode_advance(struct ssldyn_mode *mode, double t, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    ssldyn_ode_next_output(mode->ode, t);
    while (status == SSLDYN_OK && ssldyn_ode_time(mode->ode) < t) {
        status = ssldyn_mode_step(mode, err);
    }
    return status;
}
