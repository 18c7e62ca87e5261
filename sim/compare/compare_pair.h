/* Two runs on a common time axis: their columns at the same times, and the band of whichever is an
 * ensemble. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_COMPARE_COMPARE_PAIR_H
#define SSLDYN_SIM_COMPARE_COMPARE_PAIR_H

#include "sim/base/error.h"
#include "sim/compare/compare_series.h"

#include <stdbool.h>
#include <stddef.h>

/* What can be compared, in the order of the report: every column of the models' traces but the
 * time, scalars first. */
struct ssldyn_pair_columns {
    const char **names; /* owned */
    size_t scalars, count;
};

struct ssldyn_pair {
    struct ssldyn_pair_columns columns;
    struct ssldyn_series a, b;
    size_t members; /* of the ensemble whose band is there; 0: none */
    bool band_is_a; /* it is the first run's */
    struct ssldyn_series deviation, low, high;
    size_t count;
    double *times;
    size_t modes; /* with s_j in both */
    bool *alive;  /* modes x count: s_j above the noise of F in both; owned */
    double *value_a, *value_b, *sd, *lower, *upper; /* the sampled column at the times */
    double *error_a, *error_b;                      /* of its interpolation */
    double *block;                                  /* holds the times and all after them */
};

/* Reads the run directories a and b, and their rows' times in the common interval, of the run with
 * fewer of them. EINPUT: no run there, no common time. Clear it in any case. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_compare_pair_open(const char *a, const char *b,
                                                              struct ssldyn_pair *pair,
                                                              struct ssldyn_error *err);
void ssldyn_compare_pair_clear(struct ssldyn_pair *pair);

/* How long a column is in both: 1, or of what repeats for every mode the modes that both have; 0:
 * one lacks it. */
size_t ssldyn_compare_pair_length(const struct ssldyn_pair *pair, size_t what);

/* At which of the times a column of a mode counts: where s_j is above the noise of F in both runs,
 * if it is measured along an eigenvector of F; NULL: at all of them. */
const bool *ssldyn_compare_pair_alive(const struct ssldyn_pair *pair, size_t what, size_t mode);

/* Samples a column, of a mode where it has modes. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_compare_pair_sample(struct ssldyn_pair *pair,
                                                                size_t what, size_t mode,
                                                                struct ssldyn_error *err);

#endif
