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
    double start[3]; /* (p, s, tau) there */
};

struct ssldyn_mode {
    const struct ssldyn_problem *problem;
    struct ssldyn_mode_variables variables;
    struct ssldyn_ode *ode;
    bool start_judged; /* start_fate is the verdict on its start (mode_fate.h) */
    int start_fate;
    struct ssldyn_mode *companion; /* of an open mode near a verdict (mode_fate.h), or NULL */
    double spread; /* of a deep encoder: the largest difference to its companion so far, relative */
    struct ssldyn_mode_tail tail; /* where a collapsed mode went over to its closed form */
};

/* Frees what a mode owns; fine on a zeroed one. */
void ssldyn_mode_clear(struct ssldyn_mode *mode);
void ssldyn_mode_drop_companion(struct ssldyn_mode *mode);

/* Sets up mode but for its ode: the start of mode j (0-based) of the problem in the variables of
 * integration, and the chart. */
void ssldyn_mode_start(struct ssldyn_mode *mode, const struct ssldyn_problem *problem, size_t j,
                       double y[]);

/* The same with its ode, started at t = 0 with this rtol; the caller clears it. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_create(struct ssldyn_mode *mode,
                                                        const struct ssldyn_problem *problem,
                                                        size_t j, double rtol,
                                                        struct ssldyn_error *err);

/* Variables of integration to symbols. tau is NaN at the moment at which w is 0. */
struct ssldyn_mode_state ssldyn_mode_view(const struct ssldyn_mode *mode, const double y[]);

/* Steps until the mode has reached t, in the chart that suits: the state there can be interpolated.
 * Stops on Ctrl-C (SSLDYN_EINTERRUPTED). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_advance(struct ssldyn_mode *mode, double t,
                                                         struct ssldyn_error *err);

/* One step of the same. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_step(struct ssldyn_mode *mode,
                                                      struct ssldyn_error *err);

#endif
