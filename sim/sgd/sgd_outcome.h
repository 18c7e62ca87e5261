/* A run of SGD in memory, for sweeps. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_OUTCOME_H
#define SSLDYN_SIM_SGD_SGD_OUTCOME_H

#include "sim/base/error.h"
#include "sim/problem/problem.h"
#include "sim/run/outcome.h"
#include "sim/run/sink.h"

#include <stdbool.h>

/* Runs the process and fills outcome from the requested rows, which the sink (may be NULL)
 * receives, too; it is closed in every case. Since the noise never ends, the fate of a single
 * run is never certain: it is that of the mean flow from the last weights on, and t_decided is
 * the time at which the rows alone already showed it. early_stop: stop at the first such row.
 * Weights that diverge are an outcome, not a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_outcome(const struct ssldyn_problem *problem,
                                                        bool early_stop, struct ssldyn_sink *sink,
                                                        struct ssldyn_outcome *outcome,
                                                        struct ssldyn_error *err);

/* Whether such a run can be started: data, sizes and rates fit each other. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_probe(const struct ssldyn_problem *problem,
                                                      struct ssldyn_error *err);

#endif
