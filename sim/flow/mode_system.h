/* One mode of a problem as a small system for the integrator, in the variables of its model
 * (sim/model/mode.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MODE_SYSTEM_H
#define SSLDYN_SIM_FLOW_MODE_SYSTEM_H

#include "sim/model/mode.h"
#include "sim/ode/ode.h"
#include "sim/problem/problem.h"

#include <stdbool.h>
#include <stddef.h>

/* The tail of a collapsed mode (mode_tail.h). */
struct ssldyn_mode_tail {
    bool reached;
    double t;
    double start[3]; /* (p, s, tau) at its beginning */
};

struct ssldyn_mode {
    const struct ssldyn_problem *problem;
    struct ssldyn_mode_variables variables;
    struct ssldyn_ode *ode;
    bool start_judged; /* start_fate is the verdict on the start (mode_fate.h) */
    int start_fate;
    struct ssldyn_mode *companion; /* of an undecided mode near a verdict (mode_fate.h), or NULL */
    double spread; /* deep encoder: largest relative difference to the companion so far */
    struct ssldyn_mode_tail tail; /* from where a collapsed mode continues in closed form */
};

/* Frees what a mode owns; a zeroed mode is allowed. */
void ssldyn_mode_clear(struct ssldyn_mode *mode);
void ssldyn_mode_drop_companion(struct ssldyn_mode *mode);

/* Sets up everything but the integrator: the start of mode j (0-based) of the problem in the
 * variables of integration, and the chart. */
void ssldyn_mode_start(struct ssldyn_mode *mode, const struct ssldyn_problem *problem, size_t j,
                       double y[]);

/* The same with the integrator, started at t = 0 with this rtol; the caller clears it. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_create(struct ssldyn_mode *mode,
                                                        const struct ssldyn_problem *problem,
                                                        size_t j, double rtol,
                                                        struct ssldyn_error *err);

/* Converts the variables of integration to symbols. tau is NaN when w is 0. */
struct ssldyn_mode_state ssldyn_mode_view(const struct ssldyn_mode *mode, const double y[]);

/* Takes steps until the mode has reached t, switching charts as needed, so that the state at t
 * can be interpolated. Stops on Ctrl-C (SSLDYN_EINTERRUPTED). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_advance(struct ssldyn_mode *mode, double t,
                                                         struct ssldyn_error *err);

/* One step of the same. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_step(struct ssldyn_mode *mode,
                                                      struct ssldyn_error *err);

#endif
