/* A run in memory: its rows, those of its tables, and where they are wanted its snapshots, as
 * arrays. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_RUN_MEMORY_H
#define SSLDYN_SIM_RUN_RUN_MEMORY_H

#include "sim/run/sink.h"

struct ssldyn_memory_table {
    struct ssldyn_sink_table about;
    double *rows; /* count x width of the run */
};

struct ssldyn_run_memory {
    struct ssldyn_sink sink;        /* give this to the run */
    struct ssldyn_sink_shape shape; /* without tables */
    size_t width;                   /* columns of a row */
    size_t count; /* rows that came, with a snapshot each where those were wanted */
    double *rows; /* count x width, in order of time */
    size_t frames;
    double *Wp, *W, *Wa, *F; /* frames x shape, in the user's coordinates; NULL: not kept */
    size_t table_count;
    struct ssldyn_memory_table *tables; /* the run's, in its order */
};

/* snapshots: whether the matrices are kept too. A run that is opened anew replaces the one before;
 * one that is abandoned leaves nothing. */
void ssldyn_run_memory_init(struct ssldyn_run_memory *memory, bool snapshots);

/* Frees the arrays; fine on a zeroed struct. */
void ssldyn_run_memory_clear(struct ssldyn_run_memory *memory);

#endif
