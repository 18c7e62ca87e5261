/* A run in memory: its rows, those of its tables, and optionally its snapshots, as arrays. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_RUN_MEMORY_H
#define SSLDYN_SIM_RUN_RUN_MEMORY_H

#include "sim/run/sink.h"

struct ssldyn_memory_table {
    struct ssldyn_sink_table about;
    double *rows; /* count x width of the run */
};

struct ssldyn_run_memory {
    struct ssldyn_sink sink;        /* pass this to the run */
    struct ssldyn_sink_shape shape; /* without tables */
    size_t width;                   /* columns of a row */
    size_t count;                   /* number of rows, each with a snapshot if requested */
    double *rows;                   /* count x width, in order of time */
    size_t frames;
    double *Wp, *W, *Wa, *F; /* frames x shape, in the user's coordinates; NULL: none */
    size_t table_count;
    struct ssldyn_memory_table *tables; /* the run's tables, in its order */
};

/* snapshots: whether matrices are kept. Opening another run replaces the previous one; an abandoned
 * run leaves nothing. */
void ssldyn_run_memory_init(struct ssldyn_run_memory *memory, bool snapshots);

/* Frees the arrays; allowed on a zeroed struct. */
void ssldyn_run_memory_clear(struct ssldyn_run_memory *memory);

#endif
