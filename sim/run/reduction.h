/* One number from a column of a run's rows: its last value, smallest, largest, the first time
 * beyond a level, or the time from which it stays there. Every column of every trace is an outcome
 * of a sweep by this. */
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
    char name[SSLDYN_REDUCTION_NAME];   /* as it was asked for */
    char column[SSLDYN_REDUCTION_NAME]; /* as the trace has it: loss, p_1 */
    enum ssldyn_reduction_kind kind;
    double level; /* of those that have ABOVE or BELOW in their name */
};

/* From "COLUMN_end", "COLUMN_min", "COLUMN_max", "t_COLUMN_above_LEVEL", "t_COLUMN_below_LEVEL",
 * "t_COLUMN_stays_above_LEVEL" or "t_COLUMN_stays_below_LEVEL", of which only the form is looked
 * at; false where it is none. */
bool ssldyn_reduction_parse(const char *text, size_t length, struct ssldyn_reduction *reduction);

/* What it is, in words, for the head of a table. */
void ssldyn_reduction_describe(const struct ssldyn_reduction *reduction, FILE *stream);

/* Takes the rows of a run. min and max pass over NaN, which is not beyond any level; a time is
 * found between rows by a straight line, is that of the first row where it is beyond the level
 * already, and NaN where no row is (to stay there: where the last one is not). A column that the
 * run's trace does not have gives NaN. */
struct ssldyn_reducer {
    struct ssldyn_sink sink;
    size_t count;
    const struct ssldyn_reduction *reductions; /* borrowed, as values */
    double *values;                            /* one for each, up to the last row; owned */
    struct ssldyn_reducer_state *states;
    size_t time; /* its place in a row */
    double t_before;
};

/* Ready to be opened as a sink, any number of times. Clear it in the end. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_reduction_sink_create(size_t count, const struct ssldyn_reduction reductions[],
                             struct ssldyn_reducer *reducer, struct ssldyn_error *err);
void ssldyn_reduction_sink_clear(struct ssldyn_reducer *reducer);

#endif
