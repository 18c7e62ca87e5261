/* Internals of sweep.h: a sweep from its settings to its results. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_SWEEP_STATE_H
#define SSLDYN_SIM_SWEEP_SWEEP_STATE_H

#include "sim/base/progress.h"
#include "sim/inputs/inputs.h"
#include "sim/sweep/lines.h"
#include "sim/sweep/points.h"
#include "sim/sweep/shares.h"
#include "sim/sweep/store.h"
#include "sim/sweep/sweep.h"

struct ssldyn_sweep {
    struct ssldyn_spec spec;   /* a copy of the caller's */
    struct ssldyn_spec loaded; /* for the points: spec with the contents of its files; borrows
                                * from spec */
    struct ssldyn_inputs inputs;
    struct ssldyn_axes axes;
    struct ssldyn_columns columns;
    struct ssldyn_points points;
    struct ssldyn_shares shares;
    struct ssldyn_lines lines;  /* after they have been found */
    struct ssldyn_store *store; /* rank 0 only */
    int64_t next;               /* next block */
    bool stopped;
    struct ssldyn_progress progress;
    int64_t done; /* number of points done */
};

/* The plan of its store, without a fingerprint; directory is used by a store on the disk. */
void ssldyn_sweep_plan(const struct ssldyn_sweep *sweep, const char *directory,
                       struct ssldyn_store_plan *plan);

/* Counts the fates of the finished points and computes the shares from them. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_write_counts(const struct ssldyn_sweep *sweep,
                                                               struct ssldyn_sweep_report *report,
                                                               struct ssldyn_error *err);

/* ssldyn_sweep_write for a finished sweep, and its counts as above. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_write_all(const struct ssldyn_sweep *sweep,
                                                            const char *directory,
                                                            struct ssldyn_sweep_report *report,
                                                            struct ssldyn_error *err);

#endif
