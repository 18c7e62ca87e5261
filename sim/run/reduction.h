/* One number from a column of a run's rows: its last value, smallest, largest, the first time
 * beyond a level, or the time from which it stays there. This makes every column of every trace an
 * outcome of sweeps. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_REDUCTION_H
#define SSLDYN_SIM_RUN_REDUCTION_H

#include "sim/run/sink.h"

#include <stdio.h>

enum { SSLDYN_REDUCTION_NAME = 48 };

enum ssldyn_reduction_kind {
    SSLDYN_REDUCTION_END,
    SSLDYN_REDUCTION_MINIMUM,
    SSLDYN_REDUCTION_MAXIMUM,
    SSLDYN_REDUCTION_STAYS_ABOVE,
    SSLDYN_REDUCTION_STAYS_BELOW,
    SSLDYN_REDUCTION_ABOVE,
    SSLDYN_REDUCTION_BELOW
};

struct ssldyn_reduction {
    char name[SSLDYN_REDUCTION_NAME];   /* as requested */
    char column[SSLDYN_REDUCTION_NAME]; /* as in the trace: loss, p_1 */
    enum ssldyn_reduction_kind kind;
    double level; /* for names with ABOVE or BELOW */
};

/* From "COLUMN_end", "COLUMN_min", "COLUMN_max", "t_COLUMN_above_LEVEL", "t_COLUMN_below_LEVEL",
 * "t_COLUMN_stays_above_LEVEL" or "t_COLUMN_stays_below_LEVEL"; false if the name has none of these
 * forms. COLUMN is not checked. */
bool ssldyn_reduction_parse(const char *text, size_t length, struct ssldyn_reduction *reduction);

/* A description of it, for the header of a table. */
void ssldyn_reduction_describe(const struct ssldyn_reduction *reduction, FILE *stream);

/* Takes the rows of a run. min and max ignore NaN, which is not beyond any level. A time is
 * interpolated linearly between rows; it is that of the first row if that is already beyond the
 * level, and NaN if no row is (for "stays": if the last row is not). A column that the trace does
 * not have gives NaN. */
struct ssldyn_reducer {
    struct ssldyn_sink sink;
    size_t count;
    const struct ssldyn_reduction *reductions; /* borrowed, like values */
    double *values;                            /* one for each, from the rows so far; owned */
    struct ssldyn_reducer_state *states;
    size_t time; /* index of its column in a row */
    double t_before;
};

/* Prepares a sink that can be opened any number of times. Clear it at the end. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_reduction_sink_create(size_t count, const struct ssldyn_reduction reductions[],
                             struct ssldyn_reducer *reducer, struct ssldyn_error *err);
void ssldyn_reduction_sink_clear(struct ssldyn_reducer *reducer);

#endif
