/* ssldyn compare: two runs on a common time axis, column by column, with the band of an ensemble
 * where one of them is one. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_COMPARE_COMPARE_H
#define SSLDYN_SIM_COMPARE_COMPARE_H

#include "sim/base/error.h"
#include "sim/compare/compare_sheet.h"
#include "sim/result/result.h"

#include <stdbool.h>
#include <stddef.h>

/* The gap between two runs in one column, or, for what repeats for every mode, in the vector of all
 * modes (Euclidean norm). Differences are A - B. What is measured along an eigenvector of F (p_j,
 * cos_j, tau_j, k_j) counts where s_j stands above the noise of F in both runs
 * (ssldyn_compare_series_alive). */
struct ssldyn_gap {
    char name[32];        /* loss, norm_w, ..., or the stem s, p, cos, wpe, tau */
    size_t length;        /* 1, or the number of modes */
    double largest;       /* over the common times */
    double at;            /* t of it */
    double relative;      /* largest / the largest size of B's column */
    double mean;          /* time integral of the gap / length of the common interval */
    double interpolation; /* estimated error of the interpolation between rows, the largest of any
                           * time; 0 where the rows of both runs coincide */
    double counted;       /* share of times and modes that count; below 1 where s_j is noise */
    bool has_band;        /* the rest is known */
    double z_largest;     /* largest |difference| / standard deviation of one run of the ensemble */
    double z_rms;         /* root mean square of the same over times and modes */
    double inside;        /* share of times and modes inside the 5 ... 95 % band */
};

struct ssldyn_comparison {
    double t_from, t_to; /* the common interval */
    size_t rows;         /* times at which the two were compared */
    size_t members;      /* of the ensemble whose band counts; 0: none */
    size_t gap_count;
    struct ssldyn_gap *gaps; /* owned */
};

/* Compares the run directories a and b at the row times of the one with fewer rows in the common
 * interval; the other is interpolated between its rows (Steffen's cubic: exact at rows, no
 * overshoot). Modes are matched in descending order of s. Where curves are wanted (not NULL) they
 * are filled with the time series (NAME_a, NAME_b, NAME_gap); clear them in any case. EINPUT: no
 * run there, no common column, no common time. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_compare_run(const char *a, const char *b,
                                                        struct ssldyn_sheet *curves,
                                                        struct ssldyn_comparison *comparison,
                                                        struct ssldyn_error *err);
void ssldyn_compare_clear(struct ssldyn_comparison *comparison);

/* The gaps as values, and the verdict in one line of words. */
void ssldyn_compare_put(const struct ssldyn_comparison *comparison, struct ssldyn_result *result);
void ssldyn_compare_verdict(const struct ssldyn_comparison *comparison, char *text, size_t size);

#endif
