/* One mode of M3, M4 or M5. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_system.h"

#include "theory/lowdim.h"
#include "theory/parabola.h"

#include <math.h>

/* The ratio chart takes over when tau exceeds the first, and gives back below the second. */
static const double tau_large = 4.0;
static const double tau_small = 2.0;

static const struct ssldyn_mode *as_mode(const void *context)
{
    return context;
}

static void modes_rhs(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    const struct ssldyn_mode *mode = as_mode(context);
    const struct ssldyn_parameters *parameters = &mode->spec->parameters;
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
    (void)t;
    const struct ssldyn_mode *mode = as_mode(context);
    const struct ssldyn_parameters *parameters = &mode->spec->parameters;
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
    (void)t;
    const struct ssldyn_mode *mode = as_mode(context);
    const struct ssldyn_parameters *parameters = &mode->spec->parameters;
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
    (void)t;
    const struct ssldyn_mode *mode = as_mode(context);
    const struct ssldyn_parameters *parameters = &mode->spec->parameters;
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
    (void)t;
    ssldyn_lowdim_rhs(&as_mode(context)->spec->parameters, y, dydt);
}

static void lowdim_jacobian(double t, const double y[], double jacobian[], void *context)
{
    (void)t;
    ssldyn_lowdim_jacobian(&as_mode(context)->spec->parameters, y, jacobian);
}

size_t ssldyn_mode_size(const struct ssldyn_spec *spec)
{
    const size_t moving = spec->parameters.tau_held ? 0 : 1;
    switch (spec->model) {
    case SSLDYN_MODEL_MODES:
        return 2 + moving;
    case SSLDYN_MODEL_PARABOLA:
        return 1 + moving;
    default:
        return 3;
    }
}

struct ssldyn_ode_system ssldyn_mode_ode(struct ssldyn_mode *mode)
{
    struct ssldyn_ode_system system = {.n = ssldyn_mode_size(mode->spec), .context = mode};
    switch (mode->spec->model) {
    case SSLDYN_MODEL_MODES:
        system.rhs = modes_rhs;
        system.jacobian = modes_jacobian;
        break;
    case SSLDYN_MODEL_PARABOLA:
        system.rhs = parabola_rhs;
        system.jacobian = parabola_jacobian;
        break;
    default:
        system.rhs = lowdim_rhs;
        system.jacobian = lowdim_jacobian;
        break;
    }
    return system;
}

void ssldyn_mode_start(struct ssldyn_mode *mode, size_t j, double y[])
{
    const struct ssldyn_spec *spec = mode->spec;
    const struct ssldyn_parameters *parameters = &spec->parameters;
    mode->chart = SSLDYN_CHART_TAU;
    if (spec->model == SSLDYN_MODEL_LOWDIM) {
        y[0] = parameters->predictor ? ssldyn_list_entry(&spec->wp0, j) : 1.0;
        y[1] = ssldyn_list_entry(&spec->w0, j);
        y[2] = parameters->tau_held ? parameters->tau * y[1] : ssldyn_list_entry(&spec->wa0, j);
        return;
    }
    size_t next = 0;
    y[next++] = ssldyn_list_entry(&spec->p0, j);
    if (spec->model == SSLDYN_MODEL_MODES) {
        y[next++] = ssldyn_list_entry(&spec->s0, j);
    }
    if (!parameters->tau_held) {
        const double tau = ssldyn_list_entry(&spec->tau0, j);
        if (tau > tau_large) {
            mode->chart = SSLDYN_CHART_RATIO;
        }
        y[next] = tau > tau_large ? 1.0 / tau : tau;
    }
}

struct ssldyn_mode_state ssldyn_mode_view(const struct ssldyn_mode *mode, const double y[])
{
    const struct ssldyn_spec *spec = mode->spec;
    const struct ssldyn_parameters *parameters = &spec->parameters;
    struct ssldyn_mode_state state = {.wp = (double)NAN, .w = (double)NAN, .wa = (double)NAN};
    if (spec->model == SSLDYN_MODEL_LOWDIM) {
        state.wp = y[0];
        state.w = y[1];
        state.wa = y[2];
        state.p = y[0];
        state.s = y[1] * y[1];
        state.tau = parameters->tau_held ? parameters->tau
                    : y[1] != 0.0        ? y[2] / y[1]
                                         : (double)NAN;
        return state;
    }
    const bool plane = spec->model == SSLDYN_MODEL_MODES;
    const double third = y[plane ? 2 : 1];
    state.p = y[0];
    /* Both below are positive by their equations; at the very bottom of the range rounding decides.
     */
    state.s = plane ? fmax(y[1], 0.0) : y[0] * y[0] / parameters->rates.alpha_p;
    if (parameters->tau_held) {
        state.tau = parameters->tau;
    } else if (mode->chart == SSLDYN_CHART_RATIO) {
        state.tau = third > 0.0 ? 1.0 / third : (double)INFINITY;
    } else {
        state.tau = third;
    }
    return state;
}

bool ssldyn_mode_change_chart(struct ssldyn_mode *mode, double y[])
{
    if (mode->spec->parameters.tau_held || mode->spec->model == SSLDYN_MODEL_LOWDIM) {
        return false;
    }
    double *third = &y[mode->spec->model == SSLDYN_MODEL_MODES ? 2 : 1];
    if (mode->chart == SSLDYN_CHART_TAU && *third > tau_large) {
        mode->chart = SSLDYN_CHART_RATIO;
    } else if (mode->chart == SSLDYN_CHART_RATIO && *third > 1.0 / tau_small) {
        mode->chart = SSLDYN_CHART_TAU;
    } else {
        return false;
    }
    *third = 1.0 / *third;
    return true;
}
