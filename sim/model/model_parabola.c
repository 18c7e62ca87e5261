/* M4, the invariant parabola s = p^2/alpha_p: (p, tau), in the charts of tau of M3. */
// SPDX-License-Identifier: MIT
#include "sim/model/model.h"

#include "sim/observe/layout_modes.h"
#include "theory/fixedpoint.h"
#include "theory/margin.h"
#include "theory/parabola.h"

#include <math.h>

static void parabola_rhs(const struct ssldyn_mode_variables *variables,
                         const struct ssldyn_parameters *now, const double y[], double dydt[])
{
    if (now->tau_held) {
        dydt[0] = ssldyn_parabola_velocity(&now->rates, y[0], now->tau);
    } else if (variables->chart == SSLDYN_CHART_TAU) {
        ssldyn_parabola_rhs(&now->rates, y, dydt);
    } else {
        ssldyn_parabola_rhs_ratio(&now->rates, y, dydt);
    }
}

static void parabola_jacobian(const struct ssldyn_mode_variables *variables,
                              const struct ssldyn_parameters *now, const double y[],
                              double jacobian[])
{
    if (now->tau_held) {
        /* the (p, p) entry of M4's Jacobian at that tau */
        const double point[2] = {y[0], now->tau};
        double full[4];
        ssldyn_parabola_jacobian(&now->rates, point, full);
        jacobian[0] = full[0];
    } else if (variables->chart == SSLDYN_CHART_TAU) {
        ssldyn_parabola_jacobian(&now->rates, y, jacobian);
    } else {
        ssldyn_parabola_jacobian_ratio(&now->rates, y, jacobian);
    }
}

static struct ssldyn_mode_state parabola_view(const struct ssldyn_mode_variables *variables,
                                              const double y[])
{
    const struct ssldyn_parameters *parameters = &variables->parameters;
    struct ssldyn_mode_state state = {.wp = (double)NAN, .w = (double)NAN, .wa = (double)NAN};
    state.p = y[0];
    state.s = y[0] * y[0] / parameters->rates.alpha_p;
    state.tau = parameters->tau_held                     ? parameters->tau
                : variables->chart == SSLDYN_CHART_RATIO ? 1.0 / y[1]
                                                         : y[1];
    return state;
}

static const struct ssldyn_mode_equations equations = {.rhs = parabola_rhs,
                                                       .jacobian = parabola_jacobian,
                                                       .view = parabola_view,
                                                       .change = ssldyn_mode_change_chart};

static void parabola_start(const struct ssldyn_problem *problem, size_t j,
                           struct ssldyn_mode_variables *variables, double y[])
{
    const bool held = variables->parameters.tau_held;
    variables->equations = &equations;
    variables->n = held ? 1 : 2;
    y[0] = ssldyn_parse_list_entry(&problem->p0, j);
    if (!held) {
        ssldyn_mode_start_tau(variables, ssldyn_parse_list_entry(&problem->tau0, j), 1, y);
    }
}

static const struct ssldyn_mode_law *const laws[] = {&ssldyn_mode_law_closed_form, NULL};

static const struct ssldyn_model_modes modes = {.start = parabola_start,
                                                .fill = ssldyn_mode_fill,
                                                .certify = ssldyn_certificate_init_lowdim,
                                                .fold = ssldyn_margin_fold,
                                                .level = ssldyn_fixedpoint_escape,
                                                .laws = laws,
                                                .coupled_layout = &ssldyn_layout_modes_coupled};

const struct ssldyn_model ssldyn_model_parabola = {.name = "parabola",
                                                   .tag = "M4",
                                                   .title = "parabola (M4)",
                                                   .subject = "invariant parabola (M4)",
                                                   .parts = SSLDYN_HAS_NOISE | SSLDYN_HAS_P0 |
                                                            SSLDYN_HAS_TAU0 | SSLDYN_HAS_TIED_S |
                                                            SSLDYN_HAS_KERNEL,
                                                   .layout = &ssldyn_layout_modes,
                                                   .atol = SSLDYN_MODEL_ATOL_MODES,
                                                   .modes = &modes};
