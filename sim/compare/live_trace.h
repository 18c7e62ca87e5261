/* A run in progress: the rows written so far. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_COMPARE_LIVE_TRACE_H
#define SSLDYN_SIM_COMPARE_LIVE_TRACE_H

#include "sim/base/error.h"
#include "sim/io/trace.h"

#include <stdbool.h>

enum { SSLDYN_LIVE_STATE = 160 };

/* Reads a run's trace. If a process is writing it, and there are no earlier results or newest
 * asks for the new ones, the table holds the rows so far; state then gives the progress,
 * "unfinished: t = 3.2 of 100, 32 rows", and is "" otherwise. *path is the file, in a newly
 * allocated string. EINPUT; but a trace in progress may have no row yet, or no column. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_live_trace(const char *run, bool newest,
                                                       struct ssldyn_table *table, char **path,
                                                       char state[SSLDYN_LIVE_STATE],
                                                       struct ssldyn_error *err);

/* The growing trace in a work directory: *trace is its path in a newly allocated string; NULL
 * without such a file, or if work is NULL. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_live_trace_find(const char *work, char **trace,
                                                            struct ssldyn_error *err);

#endif
