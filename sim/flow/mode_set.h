/* Modes whose predictor is computed from the spectrum of F (THEORY section 7): the largest s
 * enters every p_j, so all modes form one system (s_1, tau_1, s_2, ...), or (w_1, wa_1, w_2,
 * ...) if a target starts opposite to its network. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MODE_SET_H
#define SSLDYN_SIM_FLOW_MODE_SET_H

#include "sim/flow/mode_system.h"
#include "sim/ode/ode.h"
#include "sim/problem/problem.h"

#include <stddef.h>

struct ssldyn_mode_set;

/* Borrows problem except for its tolerance; problem must outlive it. Starts at t = 0. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_set_create(const struct ssldyn_problem *problem,
                                                            size_t count, double rtol,
                                                            struct ssldyn_mode_set **set,
                                                            struct ssldyn_error *err);
void ssldyn_mode_set_free(struct ssldyn_mode_set *set);

/* Integrates to t and keeps the state there for view. EFAILED also if w of a mode reaches 0
 * before t and the equations do not determine the continuation (theory/THEORY.md, a power below
 * one half); then the state kept is the one at that time. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_set_advance(struct ssldyn_mode_set *set, double t,
                                                             struct ssldyn_error *err);

/* Whether it has ended in this way: the mode (0-based) whose w is 0, and the time. */
bool ssldyn_mode_set_stopped(const struct ssldyn_mode_set *set, size_t *at_zero, double *t);

struct ssldyn_mode_state ssldyn_mode_set_view(const struct ssldyn_mode_set *set, size_t j);
const struct ssldyn_ode *ssldyn_mode_set_solver(const struct ssldyn_mode_set *set);

#endif
