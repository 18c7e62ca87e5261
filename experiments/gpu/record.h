/* The results of a run, row by row: the trace, F and Wp; and the run directory that contains them
 * (the layout that ssldyn align, compare and plot read). */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_RECORD_H
#define EXPERIMENTS_GPU_RECORD_H

#include "experiments/gpu/observe.h"
#include "experiments/gpu/options.h"

#include <stddef.h>

/* The values of a row in addition to the observer's columns. */
struct record_row {
    double t; /* flow time: the sum of learning rates over 1 - momentum */
    int64_t step;
    double epoch;
    double loss; /* mean over the steps since the previous row; NaN: none */
    double learning_rate;
    double accuracy;      /* of the linear probe, percent; NaN: not measured */
    double accuracy_last; /* likewise, after its last epoch */
    double knn;           /* of the nearest neighbors, percent; NaN: not measured */
};

struct record;

/* count: the number of samples of each mean; 0: no means. */
SSLDYN_MUST_CHECK enum ssldyn_status record_create(size_t n2, size_t count, struct record **record,
                                                   struct ssldyn_error *err);
void record_free(struct record *record);

/* Observes Wp (n2 x n2) and the moments of the predictor's inputs, and stores Wp, F and the mean.
 * Without means (count 0) only F is read. */
SSLDYN_MUST_CHECK enum ssldyn_status record_add(struct record *record, const struct record_row *row,
                                                const double Wp[],
                                                const struct observe_moments *moments,
                                                struct ssldyn_error *err);
size_t record_rows(const struct record *record);
/* A column of the last row by name; NaN if there is none. */
double record_last(const struct record *record, const char *column);

/* Writes a run directory: spec.conf, trace.tsv, events.tsv, t.npy, F.npy and Wp.npy, and with means
 * mean.npy and count.npy; a file is either complete or absent. */
SSLDYN_MUST_CHECK enum ssldyn_status record_write(const struct record *record,
                                                  const struct options *options,
                                                  const char *directory, struct ssldyn_error *err);

/* Reads back the first rows that an earlier run wrote. EINPUT if there are fewer, or their shape
 * differs. */
SSLDYN_MUST_CHECK enum ssldyn_status record_read(struct record *record, const char *directory,
                                                 size_t rows, struct ssldyn_error *err);

#endif
