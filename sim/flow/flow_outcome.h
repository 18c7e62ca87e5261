/* A flow in memory: nothing is written; it returns the outcome that a sweep stores. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_FLOW_OUTCOME_H
#define SSLDYN_SIM_FLOW_FLOW_OUTCOME_H

#include "sim/base/error.h"
#include "sim/problem/problem.h"
#include "sim/run/outcome.h"
#include "sim/run/sink.h"
#include "sim/run/start.h"

#include <stdbool.h>

/* Runs the flow of any model and fills outcome from the rows at the output times of the problem;
 * the sink (may be NULL) receives them, too, and is closed in every case. early_stop: stop at
 * the first row at which every fate is certain. A solution that diverges, or an integrator that
 * cannot continue, is an outcome (DIVERGED, UNDECIDED), not a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_flow_outcome(const struct ssldyn_problem *problem,
                                                         bool early_stop, struct ssldyn_sink *sink,
                                                         struct ssldyn_outcome *outcome,
                                                         struct ssldyn_error *err);

/* The same for matrices from a given start, which is borrowed and not changed (NULL: the
 * problem's start). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_flow_outcome_from(const struct ssldyn_problem *problem, const struct ssldyn_start *start,
                         bool early_stop, struct ssldyn_sink *sink, struct ssldyn_outcome *outcome,
                         struct ssldyn_error *err);

#endif
