/* ssldyn compare: two runs on a common time axis, column by column, with the band of an ensemble
 * if one of them is an ensemble. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_COMPARE_COMPARE_H
#define SSLDYN_SIM_COMPARE_COMPARE_H

#include "sim/base/error.h"
#include "sim/compare/compare_sheet.h"
#include "sim/result/result.h"

#include <stdbool.h>
#include <stddef.h>

/* The gap between two runs in one column or, for columns with one value per mode, in the vector
 * of all modes (Euclidean norm). Differences are A - B. Quantities measured along an eigenvector
 * of F (p_j, cos_j, tau_j, k_j) count only where s_j is above the noise of F in both runs
 * (ssldyn_compare_series_alive). */
struct ssldyn_gap {
    char name[32];        /* loss, norm_w, ..., or the stem s, p, cos, wpe, tau */
    size_t length;        /* 1, or the number of modes */
    double largest;       /* over all common times */
    double at;            /* t of the largest gap */
    double relative;      /* largest / the largest size of B's column */
    double mean;          /* time integral of the gap / length of the common interval */
    double interpolation; /* estimated error of the interpolation between rows, the largest over
                           * time; 0 if the rows of both runs coincide */
    double counted;       /* share of times and modes that count; below 1 if s_j is noise at some */
    bool has_band;        /* the following are known */
    double z_largest;     /* largest |difference| / standard deviation of one run of the ensemble */
    double z_rms;         /* root mean square of the same over times and modes */
    double inside;        /* share of times and modes inside the 5 ... 95 % band */
};

struct ssldyn_comparison {
    double t_from, t_to; /* the common interval */
    size_t rows;         /* number of times at which the runs were compared */
    size_t members;      /* members of the ensemble whose band is used; 0: none */
    size_t gap_count;
    struct ssldyn_gap *gaps; /* owned */
};

/* Compares the run directories a and b at the row times of the one with fewer rows in the common
 * interval; the other is interpolated between its rows (Steffen's cubic: exact at rows, no
 * overshoot). Modes are matched in descending order of s. If curves is not NULL it receives the
 * time series (NAME_a, NAME_b, NAME_gap); clear it in every case. EINPUT: not a run, no common
 * column, no common time. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_compare_run(const char *a, const char *b,
                                                        struct ssldyn_sheet *curves,
                                                        struct ssldyn_comparison *comparison,
                                                        struct ssldyn_error *err);
void ssldyn_compare_clear(struct ssldyn_comparison *comparison);

/* Adds the gaps as values, and the verdict as one line of text. */
void ssldyn_compare_put(const struct ssldyn_comparison *comparison, struct ssldyn_result *result);
void ssldyn_compare_verdict(const struct ssldyn_comparison *comparison, char *text, size_t size);

#endif
