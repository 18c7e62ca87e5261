/* A flow in memory: nothing is written, and what a sweep keeps of it comes back. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_FLOW_OUTCOME_H
#define SSLDYN_SIM_FLOW_FLOW_OUTCOME_H

#include "sim/base/error.h"
#include "sim/problem/problem.h"
#include "sim/run/outcome.h"
#include "sim/run/sink.h"
#include "sim/run/start.h"

#include <stdbool.h>

/* Runs the flow of any model and fills outcome, looking at the rows that the problem asks for; the
 * sink (may be NULL) takes them too, and is closed in any case. early_stop: leave at the first row
 * where every fate is certain. A solution that diverges, or a stepper that cannot continue, is an
 * outcome (DIVERGED, UNDECIDED), not a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_flow_outcome(const struct ssldyn_problem *problem,
                                                         bool early_stop, struct ssldyn_sink *sink,
                                                         struct ssldyn_outcome *outcome,
                                                         struct ssldyn_error *err);

/* The same for matrices from a start of the caller's, which is borrowed and left as it is (NULL:
 * that of the problem). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_flow_outcome_from(const struct ssldyn_problem *problem, const struct ssldyn_start *start,
                         bool early_stop, struct ssldyn_sink *sink, struct ssldyn_outcome *outcome,
                         struct ssldyn_error *err);

#endif
