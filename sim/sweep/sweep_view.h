/* The results of a sweep for pictures and reports: its axes from spec.conf, its outcomes from
 * the arrays, read in parts. For an unfinished sweep, the results so far. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_SWEEP_VIEW_H
#define SSLDYN_SIM_SWEEP_SWEEP_VIEW_H

#include "sim/base/error.h"
#include "sim/io/journal.h"
#include "sim/io/trace.h"
#include "sim/options/spec.h"
#include "sim/sweep/columns.h"

#include <stdbool.h>
#include <stdint.h>

struct ssldyn_sweep_view {
    const char *run; /* borrowed */
    struct ssldyn_spec spec;
    struct ssldyn_axes axes;
    struct ssldyn_columns columns; /* the columns that it stored */
    size_t shown;                  /* number of axes that are not averaged over */
    bool averaged;
    struct ssldyn_table shares; /* the rows of collapse.tsv, if averaged and finished */
    bool unfinished;
    struct ssldyn_journal journal; /* of an unfinished sweep */
};

/* Opens the sweep in a directory; clear it in every case. EINPUT: there is none, its files do
 * not fit its spec.conf, or it is unfinished and belongs to other settings than its spec.conf. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sweep_view_open(struct ssldyn_sweep_view *view, const char *run, struct ssldyn_error *err);
void ssldyn_sweep_view_clear(struct ssldyn_sweep_view *view);

/* Whether two sweeps are grids with the same axes. */
bool ssldyn_sweep_view_is_alike(const struct ssldyn_sweep_view *a,
                                const struct ssldyn_sweep_view *b);

/* Whether the sweep stored a column. */
bool ssldyn_sweep_view_has(const struct ssldyn_sweep_view *view, const char *column);

/* The columns that it stored, "fate, p_end, ...". */
void ssldyn_sweep_view_columns(const struct ssldyn_sweep_view *view, char *text, size_t size);

/* Calls take for the finished points, in order, for at most `most` of them, with the values of
 * the columns a and b (b may be NULL: NaN). EINPUT: an array does not fit the sweep; EIO. */
typedef void ssldyn_sweep_view_point(void *context, int64_t point, double a, double b);
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sweep_view_each(const struct ssldyn_sweep_view *view, const char *a, const char *b,
                       int64_t most, ssldyn_sweep_view_point *take, void *context,
                       struct ssldyn_error *err);

#endif
