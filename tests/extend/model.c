/* M9, a mode that rotates while it decays: dp/dt = -eta_s p - q, dq/dt = p - eta_s q, s = p^2 +
 * q^2. */
// SPDX-License-Identifier: MIT
#include "sim/model/model.h"

#include <math.h>

static void spiral_rhs(const struct ssldyn_mode_variables *variables,
                       const struct ssldyn_parameters *now, const double y[], double dydt[])
{
    (void)variables;
    dydt[0] = -now->rates.eta_s * y[0] - y[1];
    dydt[1] = y[0] - now->rates.eta_s * y[1];
}

static void spiral_jacobian(const struct ssldyn_mode_variables *variables,
                            const struct ssldyn_parameters *now, const double y[],
                            double jacobian[])
{
    (void)variables;
    (void)y;
    jacobian[0] = jacobian[3] = -now->rates.eta_s;
    jacobian[1] = -1.0;
    jacobian[2] = 1.0;
}

static struct ssldyn_mode_state spiral_view(const struct ssldyn_mode_variables *variables,
                                            const double y[])
{
    (void)variables;
    return (struct ssldyn_mode_state){.p = y[0],
                                      .s = y[0] * y[0] + y[1] * y[1],
                                      .tau = 1.0,
                                      .wp = y[0],
                                      .w = y[1],
                                      .wa = (double)NAN};
}

static const struct ssldyn_mode_equations equations = {
    .rhs = spiral_rhs,
    .jacobian = spiral_jacobian,
    .view = spiral_view,
    .change = ssldyn_mode_stays,
};

static void spiral_start(const struct ssldyn_problem *problem, size_t j,
                         struct ssldyn_mode_variables *variables, double y[])
{
    variables->equations = &equations;
    variables->n = 2;
    y[0] = ssldyn_parse_list_entry(&problem->p0, j);
    y[1] = 0.0;
}

static void spiral_fill(const struct ssldyn_parameters *parameters,
                        const struct ssldyn_mode_state *state, double values[])
{
    (void)parameters;
    values[0] = state->p;
    values[1] = state->s;
    values[2] = state->w;
}

static const struct ssldyn_column scalars[] = {{"t", "flow time"}};
static const struct ssldyn_column per_mode[] = {
    {"p", "across"}, {"s", "distance from the middle, squared"}, {"q", "along"}};
static const struct ssldyn_layout layout = {
    .scalars = scalars,
    .scalar_count = 1,
    .per_mode = per_mode,
    .per_mode_count = 3,
};

static const struct ssldyn_mode_law *const laws[] = {NULL};

static const struct ssldyn_model_modes modes = {
    .start = spiral_start,
    .fill = spiral_fill,
    .certify = ssldyn_mode_certify_none,
    .fold = ssldyn_mode_unknown,
    .level = ssldyn_mode_unknown,
    .laws = laws,
};

const struct ssldyn_model ssldyn_model_spiral = {
    .name = "spiral",
    .tag = "M9",
    .title = "spiral (M9)",
    .subject = "spiral (M9)",
    .parts = SSLDYN_HAS_P0,
    .layout = &layout,
    .atol = SSLDYN_MODEL_ATOL_MODES,
    .no_theory = "it has no fixed point but 0",
    .modes = &modes,
};
