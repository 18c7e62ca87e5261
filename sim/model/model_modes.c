/* M3, the decoupled modes: (p, s, tau), in one of two charts of tau so that an unbounded ratio
 * causes no overflow; a mode that starts with a negative p or tau, whose w may change its sign,
 * uses the variables of M5. */
// SPDX-License-Identifier: MIT
#include "sim/model/model.h"

#include "sim/observe/layout_modes.h"
#include "theory/fixedpoint.h"
#include "theory/margin.h"

#include <math.h>

static void modes_rhs(const struct ssldyn_mode_variables *variables,
                      const struct ssldyn_parameters *now, const double y[], double dydt[])
{
    if (now->tau_held) {
        ssldyn_modes_rhs_held(&now->rates, now->tau, y, dydt);
    } else if (variables->chart == SSLDYN_CHART_TAU) {
        ssldyn_modes_rhs(&now->rates, y, dydt);
    } else {
        ssldyn_modes_rhs_ratio(&now->rates, y, dydt);
    }
}

static void modes_jacobian(const struct ssldyn_mode_variables *variables,
                           const struct ssldyn_parameters *now, const double y[], double jacobian[])
{
    if (now->tau_held) {
        ssldyn_modes_jacobian_held(&now->rates, now->tau, y, jacobian);
    } else if (variables->chart == SSLDYN_CHART_TAU) {
        ssldyn_modes_jacobian(&now->rates, y, jacobian);
    } else {
        ssldyn_modes_jacobian_ratio(&now->rates, y, jacobian);
    }
}

static struct ssldyn_mode_state modes_view(const struct ssldyn_mode_variables *variables,
                                           const double y[])
{
    const struct ssldyn_parameters *parameters = &variables->parameters;
    struct ssldyn_mode_state state = {.wp = (double)NAN, .w = (double)NAN, .wa = (double)NAN};
    state.p = y[0];
    /* Both are positive by their equations; at the limit of the range rounding can make them
     * negative. */
    state.s = fmax(y[1], 0.0);
    state.tau = parameters->tau_held                     ? parameters->tau
                : variables->chart == SSLDYN_CHART_RATIO ? 1.0 / fabs(y[2])
                                                         : y[2];
    return state;
}

static const struct ssldyn_mode_equations equations = {.rhs = modes_rhs,
                                                       .jacobian = modes_jacobian,
                                                       .view = modes_view,
                                                       .change = ssldyn_mode_change_chart};

static void modes_start(const struct ssldyn_problem *problem, size_t j,
                        struct ssldyn_mode_variables *variables, double y[])
{
    const bool held = variables->parameters.tau_held;
    const double tau = held ? 0.0 : ssldyn_parse_list_entry(&problem->tau0, j);
    variables->equations = &equations;
    variables->n = held ? 2 : 3;
    y[0] = ssldyn_parse_list_entry(&problem->p0, j);
    y[1] = ssldyn_parse_list_entry(&problem->s0, j);
    if (!held && (y[0] < 0.0 || tau < 0.0)) {
        ssldyn_model_lowdim_start(variables, y[0], y[1], tau, y);
    } else if (!held) {
        ssldyn_mode_start_tau(variables, tau, 2, y);
    }
}

static const struct ssldyn_mode_law *const laws[] = {&ssldyn_mode_law_balance,
                                                     &ssldyn_mode_law_growth, NULL};

static const struct ssldyn_model_modes modes = {.start = modes_start,
                                                .fill = ssldyn_mode_fill,
                                                .certify = ssldyn_certificate_init_lowdim,
                                                .fold = ssldyn_margin_fold,
                                                .level = ssldyn_fixedpoint_escape,
                                                .laws = laws,
                                                .coupled_layout = &ssldyn_layout_modes_coupled,
                                                .coupled_parts = SSLDYN_HAS_SWITCHES};

const struct ssldyn_model ssldyn_model_modes = {.name = "modes",
                                                .tag = "M3",
                                                .title = "modes (M3)",
                                                .subject = "decoupled modes (M3)",
                                                .parts = SSLDYN_HAS_RULES | SSLDYN_HAS_NOISE |
                                                         SSLDYN_HAS_P0 | SSLDYN_HAS_S0 |
                                                         SSLDYN_HAS_TAU0 | SSLDYN_HAS_KERNEL,
                                                .layout = &ssldyn_layout_modes,
                                                .atol = SSLDYN_MODEL_ATOL_MODES,
                                                .modes = &modes};
