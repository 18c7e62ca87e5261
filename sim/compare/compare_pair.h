/* Two runs on a common time axis: their columns at the same times, and the band of the one that
 * is an ensemble. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_COMPARE_COMPARE_PAIR_H
#define SSLDYN_SIM_COMPARE_COMPARE_PAIR_H

#include "sim/base/error.h"
#include "sim/compare/compare_series.h"

#include <stdbool.h>
#include <stddef.h>

/* The columns that can be compared, in the order of the report: every column of the models'
 * traces except the time, scalars first. */
struct ssldyn_pair_columns {
    const char **names; /* owned */
    size_t scalars, count;
};

struct ssldyn_pair {
    struct ssldyn_pair_columns columns;
    struct ssldyn_series a, b;
    size_t members; /* members of the ensemble whose band is used; 0: none */
    bool band_is_a; /* the band belongs to the first run */
    struct ssldyn_series deviation, low, high;
    size_t count;
    double *times;
    size_t modes; /* number of modes with s_j in both */
    bool *alive;  /* modes x count: s_j is above the noise of F in both; owned */
    double *value_a, *value_b, *sd, *lower, *upper; /* the sampled column at the common times */
    double *error_a, *error_b;                      /* error of its interpolation */
    double *block;                                  /* holds the times and all arrays after them */
};

/* Opens the run directories a and b; the common times are the row times of the run with fewer
 * rows in the common interval. EINPUT: not a run, no common time. Clear it in every case. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_compare_pair_open(const char *a, const char *b,
                                                              struct ssldyn_pair *pair,
                                                              struct ssldyn_error *err);
void ssldyn_compare_pair_clear(struct ssldyn_pair *pair);

/* The length of a column: 1, or for columns with one value per mode the number of modes in both
 * runs; 0: one run lacks it. */
size_t ssldyn_compare_pair_length(const struct ssldyn_pair *pair, size_t what);

/* The times at which a column of a mode counts: where s_j is above the noise of F in both runs,
 * if it is measured along an eigenvector of F; NULL: all times. */
const bool *ssldyn_compare_pair_alive(const struct ssldyn_pair *pair, size_t what, size_t mode);

/* Samples a column (of the given mode, if it has one value per mode). ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_compare_pair_sample(struct ssldyn_pair *pair,
                                                                size_t what, size_t mode,
                                                                struct ssldyn_error *err);

#endif
