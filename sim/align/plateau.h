/* The modes of a snapshot in the terms of the cosine loss: a plateau, where the predictor's
 * eigenvalues are equal up to lambda_d/lambda_s and the noise of SGD, and a tail of modes that decay
 * freely (THEORY section 10). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_PLATEAU_H
#define SSLDYN_SIM_ALIGN_PLATEAU_H

#include "sim/align/line_fit.h"

#include <stdbool.h>
#include <stddef.h>

/* Modes on each side of the break. */
enum { SSLDYN_PLATEAU_LEAST = 6 };

/* One of the lines of log p on log s. */
struct ssldyn_plateau_line {
    struct ssldyn_line_fit fit;
    double height; /* log p where log s = 0 */
};

/* One line, or the best two, with at least SSLDYN_PLATEAU_LEAST modes on each side of the break.
 * Sorted eigenvalues scatter smoothly: n modes whose residuals about the two lines have the
 * correlation r from one to the next count as n (1 - r)/(1 + r) in BIC, which would find a break in
 * nine of ten straight lines otherwise, where p is sorted and scatters by 30 %. */
struct ssldyn_plateau {
    size_t usable; /* modes fitted, alive or not */
    size_t best;   /* those before the best break; 0: too few for one */
    bool broken;   /* two lines are justified: bic is above needed */
    double bic;    /* of one line minus that of the best two, by the modes that count; NaN: unknown,
                      or log p scatters by less than 5 % about one line */
    double needed; /* SSLDYN_LINE_EVIDENCE... */
    double squares[2]; /* sums of squares about one line and about the best two */
    double s, p; /* of the break: geometric means of the modes on both sides of it; NaN: none */
    struct ssldyn_plateau_line one, plateau, tail;
    double spread; /* standard deviation of log p over the plateau, or over all modes; NaN: < 2 */
};

/* Modes on the plateau: before the break where it is justified, or all. */
size_t ssldyn_plateau_count(const struct ssldyn_plateau *plateau);

/* Fits s and p (n each, s in descending order). Usable are modes with p_j above floor (NaN: not
 * known well enough) and s_j above 2^-26 s_1, a quarter of the rounding of an F in single precision.
 * sorted: p are eigenvalues of Wp in descending order, not those of mode j. scratch: 2 n doubles. */
void ssldyn_plateau_find(size_t n, const double s[], const double p[], bool sorted, double floor,
                         double scratch[], struct ssldyn_plateau *plateau);

#endif
