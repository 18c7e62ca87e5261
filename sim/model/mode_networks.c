/* The variables (wp, w, wa) of M5, with a separate scale of w and wa. */
// SPDX-License-Identifier: MIT
#include "sim/model/mode.h"

#include "theory/lowdim.h"

#include <math.h>

static void networks_rhs(const struct ssldyn_mode_variables *variables,
                         const struct ssldyn_parameters *now, const double y[], double dydt[])
{
    (void)variables;
    ssldyn_lowdim_rhs(now, y, dydt);
}

static void networks_jacobian(const struct ssldyn_mode_variables *variables,
                              const struct ssldyn_parameters *now, const double y[],
                              double jacobian[])
{
    (void)variables;
    ssldyn_lowdim_jacobian(now, y, jacobian);
}

static struct ssldyn_mode_state networks_view(const struct ssldyn_mode_variables *variables,
                                              const double y[])
{
    const struct ssldyn_parameters *parameters = &variables->parameters;
    struct ssldyn_mode_state state;
    state.wp = y[0];
    state.w = variables->scale * y[1];
    state.wa = variables->scale * y[2];
    state.p = y[0];
    state.s = state.w * state.w;
    state.tau = parameters->tau_held ? parameters->tau : y[1] != 0.0 ? y[2] / y[1] : (double)NAN;
    return state;
}

static void set_scale(struct ssldyn_mode_variables *variables, double scale)
{
    variables->scale = scale;
    variables->parameters.rates.alpha_p = variables->alpha_p * scale * scale;
}

/* Small numbers lose accuracy below the default --atol of 1e-150; large ones have no effect if the
 * product is negligible. */
static bool change_scale(struct ssldyn_mode_variables *variables, const double now[], double y[])
{
    const double size = fmax(fabs(now[1]), fabs(now[2]));
    if (variables->parameters.tau_held ||
        (!(size > 0.0 && size < 1e-100) && !(variables->scale == 0.0 && size > 1e100))) {
        return false;
    }
    set_scale(variables, variables->scale * size);
    y[0] = now[0];
    y[1] = now[1] / size;
    y[2] = now[2] / size;
    return true;
}

const struct ssldyn_mode_equations ssldyn_model_lowdim_networks = {.rhs = networks_rhs,
                                                                   .jacobian = networks_jacobian,
                                                                   .view = networks_view,
                                                                   .change = change_scale};

void ssldyn_model_lowdim_start(struct ssldyn_mode_variables *variables, double p, double s,
                               double tau, double y[])
{
    variables->equations = &ssldyn_model_lowdim_networks;
    variables->n = 3;
    set_scale(variables, s > 0.0 ? 1.0 : 0.0);
    y[0] = p;
    y[1] = s > 0.0 ? sqrt(s) : 1.0;
    y[2] = tau * y[1];
}
