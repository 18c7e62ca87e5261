/* Several runs as one table: the settings in which they differ, how each ended, and its distance
 * from the first. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_RUN_TABLE_H
#define SSLDYN_SIM_ANSWER_RUN_TABLE_H

#include "sim/answer/answer.h"
#include "sim/compare/run_set.h"

#include <stddef.h>
#include <stdio.h>

struct ssldyn_run_column {
    char name[64];
    const char *meaning; /* borrowed; "" of a setting */
};

struct ssldyn_run_table {
    size_t columns, rows;
    struct ssldyn_run_column *column;
    char **cells; /* rows x columns: words, or numbers as the shortest decimals, "nan" for none */
};

/* One row per run of a set of traces or of sweeps: run, the varied settings, and then for traces
 * survive, collapsed, undecided, diverged (number of modes), rank_end, t_end, values at the end,
 * and the largest relative gaps from the first run in s and p; for sweeps points, collapsed,
 * survive, diverged, undecided, and the number of points whose fate differs from that in the
 * first. Columns without any value are left out. Remarks name runs that are not finished, and
 * those of a folder that cannot be read. Clear it in every case. EINPUT: a run cannot be read. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_run_table_make(struct ssldyn_run_set *set,
                                                           const struct ssldyn_answer_mode *mode,
                                                           struct ssldyn_run_table *table,
                                                           struct ssldyn_error *err);
void ssldyn_run_table_clear(struct ssldyn_run_table *table);

/* As text: "# ssldyn runs 1", the meaning of each column, the names, the rows. */
void ssldyn_run_table_print(const struct ssldyn_run_table *table, FILE *stream);

#endif
