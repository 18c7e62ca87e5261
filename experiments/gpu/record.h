/* The results of a run as they grow: rows of the trace, F and Wp; and the run directory that holds
 * them (the layout that ssldyn align, compare and plot read). */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_RECORD_H
#define EXPERIMENTS_GPU_RECORD_H

#include "experiments/gpu/options.h"

#include <stddef.h>

/* What a row has besides the observer's columns. */
struct record_row {
    double t; /* flow time: the sum of learning rates over 1 - momentum */
    int64_t step;
    double epoch;
    double loss; /* mean over the steps since the row before; NaN: none */
    double learning_rate;
    double accuracy;      /* of the linear probe, percent; NaN: not measured */
    double accuracy_last; /* likewise, after its last epoch */
};

struct record;

/* count: the number of samples behind each mean, 0: there is no mean. */
SSLDYN_MUST_CHECK enum ssldyn_status record_create(size_t n2, size_t count, struct record **record,
                                                   struct ssldyn_error *err);
void record_free(struct record *record);

/* Observes Wp and F (n2 x n2) and keeps them, and the mean (n2) of the inputs behind F. */
SSLDYN_MUST_CHECK enum ssldyn_status record_add(struct record *record, const struct record_row *row,
                                                const double Wp[], const double F[],
                                                const double mean[], struct ssldyn_error *err);
size_t record_rows(const struct record *record);
/* A column of the last row by its name, NaN where there is none. */
double record_last(const struct record *record, const char *column);

/* Writes a run directory: spec.conf, trace.tsv, events.tsv, t.npy, F.npy and Wp.npy, with means
 * mean.npy and count.npy, each whole or not at all. */
SSLDYN_MUST_CHECK enum ssldyn_status record_write(const struct record *record,
                                                  const struct options *options,
                                                  const char *directory, struct ssldyn_error *err);

/* Reads back the first rows of what an earlier run wrote. EINPUT where there are fewer, or they are
 * not of this shape. */
SSLDYN_MUST_CHECK enum ssldyn_status record_read(struct record *record, const char *directory,
                                                 size_t rows, struct ssldyn_error *err);

#endif
