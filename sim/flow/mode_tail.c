/* The tail of a collapsed mode in a flow. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_tail.h"

#include "sim/model/model.h"
#include "theory/tail.h"

#include <math.h>

/* Predictor and network are below the resolution of the default --atol, and the network is far
 * below its target: only their decay is left. */
static bool vanished(const struct ssldyn_mode_state *state)
{
    return fabs(state->tau) > 1e100 && fabs(state->p) < 1e-150 && state->s < 1e-300;
}

void ssldyn_mode_tail_check(struct ssldyn_mode *mode, const struct ssldyn_parameters *parameters)
{
    const struct ssldyn_mode_state state = ssldyn_mode_view(mode, ssldyn_ode_state(mode->ode));
    if (isfinite(state.tau) &&
        (vanished(&state) || ssldyn_tail_reached(parameters, state.p, state.s, state.tau))) {
        mode->tail = (struct ssldyn_mode_tail){.reached = true,
                                               .t = ssldyn_ode_time(mode->ode),
                                               .start = {state.p, state.s, state.tau}};
    }
}

struct ssldyn_mode_state ssldyn_mode_tail_state(const struct ssldyn_mode *mode,
                                                const struct ssldyn_parameters *parameters,
                                                double t)
{
    const struct ssldyn_mode_tail *tail = &mode->tail;
    double end[3];
    ssldyn_tail_solution(parameters, tail->start, t - tail->t, end);
    struct ssldyn_mode_state state = {.p = end[0], .s = end[1], .tau = end[2]};
    state.wp = state.w = state.wa = (double)NAN;
    if (ssldyn_model_has(mode->problem->model, SSLDYN_HAS_NETWORKS)) {
        const struct ssldyn_mode_state last = ssldyn_mode_view(mode, ssldyn_ode_state(mode->ode));
        state.wp = state.p;
        ssldyn_tail_networks(parameters, last.w, last.wa, t - tail->t, &state.w, &state.wa);
    }
    return state;
}
