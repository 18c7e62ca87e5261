/* Conserved quantities of modes (THEORY section 3). */
// SPDX-License-Identifier: MIT
#include "sim/model/mode.h"

#include "theory/closedform.h"
#include "theory/invariant.h"

#include <math.h>

static const double nothing = -1.0;

static bool keeps_balance(const struct ssldyn_parameters *parameters)
{
    return (ssldyn_invariant_laws(parameters) & (unsigned)SSLDYN_LAW_BALANCE) != 0;
}

/* memory: c_j at 0, and the largest s + p^2/alpha_p so far. */
static double off_balance(const struct ssldyn_problem *problem,
                          const struct ssldyn_parameters *parameters, size_t j, double t,
                          const struct ssldyn_mode_state *state, double memory[2])
{
    (void)problem;
    (void)j;
    const struct ssldyn_rates *rates = &parameters->rates;
    const double c = ssldyn_modes_balance(rates, state->p, state->s);
    memory[0] = t == 0.0 ? c : memory[0];
    memory[1] = fmax(memory[1], state->s + state->p * state->p / rates->alpha_p);
    const double law = memory[0] * exp(-2.0 * rates->eta_s * t);
    return memory[1] > 0.0 ? fabs(c - law) / memory[1] : nothing;
}

const struct ssldyn_mode_law ssldyn_mode_law_balance = {
    .name = "balance of each mode (Thm 1)", .kept = keeps_balance, .deviation = off_balance};

static bool never_grows(const struct ssldyn_parameters *parameters)
{
    return !parameters->stop_grad;
}

/* memory: |w| at 0, and the smallest so far. */
static double excess(const struct ssldyn_problem *problem,
                     const struct ssldyn_parameters *parameters, size_t j, double t,
                     const struct ssldyn_mode_state *state, double memory[2])
{
    (void)problem;
    (void)parameters;
    (void)j;
    const double w = fabs(state->w);
    memory[0] = t == 0.0 ? w : memory[0];
    memory[1] = t == 0.0 ? w : memory[1];
    const double grown = memory[0] > 0.0 ? fmax((w - memory[1]) / memory[0], 0.0) : nothing;
    memory[1] = fmin(w, memory[1]);
    return grown;
}

const struct ssldyn_mode_law ssldyn_mode_law_growth = {
    .name = "|w| never grows (Thm 2)", .kept = never_grows, .deviation = excess};

/* The gradient adds the same amount to the square of every layer, so differences of squares only
 * decay. */
static bool has_layers(const struct ssldyn_parameters *parameters)
{
    return parameters->depth > 1;
}

static bool has_one_decay(const struct ssldyn_parameters *parameters)
{
    return parameters->rates.eta_p == parameters->rates.eta_s;
}

/* memory: the difference of squares at 0, and the largest sum of its terms so far. */
static double off_decay(const struct ssldyn_parameters *parameters, double t, double difference,
                        double size, double memory[2])
{
    memory[0] = t == 0.0 ? difference : memory[0];
    memory[1] = fmax(memory[1], size);
    const double law = memory[0] * exp(-2.0 * parameters->rates.eta_s * t);
    return memory[1] > 0.0 ? fabs(difference - law) / memory[1] : nothing;
}

/* The smallest layer remains the smallest. */
static double off_layers(const struct ssldyn_problem *problem,
                         const struct ssldyn_parameters *parameters, size_t j, double t,
                         const struct ssldyn_mode_state *state, double memory[2])
{
    (void)problem;
    (void)j;
    return off_decay(parameters, t, state->most - state->least, state->most + state->least, memory);
}

static double off_predictor(const struct ssldyn_problem *problem,
                            const struct ssldyn_parameters *parameters, size_t j, double t,
                            const struct ssldyn_mode_state *state, double memory[2])
{
    (void)problem;
    (void)j;
    const double squares =
        (double)ssldyn_depth_layers(parameters) * state->p * state->p / parameters->rates.alpha_p;
    return off_decay(parameters, t, state->squares - squares, state->squares + squares, memory);
}

const struct ssldyn_mode_law ssldyn_mode_law_layers = {
    .name = "balance of the layers", .kept = has_layers, .deviation = off_layers};
const struct ssldyn_mode_law ssldyn_mode_law_layers_predictor = {
    .name = "balance of layers and predictor", .kept = has_one_decay, .deviation = off_predictor};

static bool is_held(const struct ssldyn_parameters *parameters)
{
    return parameters->tau_held;
}

/* NOLINTBEGIN(readability-non-const-parameter): other laws use memory */
static double off_solution(const struct ssldyn_problem *problem,
                           const struct ssldyn_parameters *parameters, size_t j, double t,
                           const struct ssldyn_mode_state *state, double memory[2])
{
    (void)memory;
    const double exact =
        ssldyn_closedform_solution(parameters->tau, parameters->rates.c, parameters->rates.eta_s,
                                   ssldyn_parse_list_entry(&problem->p0, j), t);
    return isfinite(exact) ? fabs(state->p - exact) / fmax(fabs(exact), 1e-12) : nothing;
}
/* NOLINTEND(readability-non-const-parameter) */

const struct ssldyn_mode_law ssldyn_mode_law_closed_form = {
    .name = "p(t) against its closed form", .kept = is_held, .deviation = off_solution};
