/* The modes of a snapshot in terms of the cosine loss: a plateau, where the predictor's
 * eigenvalues are equal up to lambda_d/lambda_s and the noise of SGD, and a tail of modes that
 * decay freely (THEORY section 10). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_PLATEAU_H
#define SSLDYN_SIM_ALIGN_PLATEAU_H

#include "sim/align/line_fit.h"

#include <stdbool.h>
#include <stddef.h>

/* Least number of modes on each side of the break. */
enum { SSLDYN_PLATEAU_LEAST = 6 };

/* One of the lines of log p against log s. */
struct ssldyn_plateau_line {
    struct ssldyn_line_fit fit;
    double height; /* log p at log s = 0 */
};

/* One line, or the best two, with at least SSLDYN_PLATEAU_LEAST modes on each side of the break.
 * Residuals of sorted eigenvalues are smooth: n modes whose residuals about the two lines have
 * the lag-1 correlation r count as n (1 - r)/(1 + r) in BIC. Otherwise BIC would find a break in
 * nine of ten straight lines if p is sorted and scatters by 30 %. */
struct ssldyn_plateau {
    size_t usable; /* number of modes fitted, alive or not */
    size_t best;   /* number before the best break; 0: too few for a break */
    bool broken;   /* two lines are justified: bic is above needed */
    double bic;    /* of one line minus that of the best two, with the effective number of modes;
                    * NaN: unknown, or log p scatters by less than 5 % about one line */
    double needed; /* SSLDYN_LINE_EVIDENCE... */
    double squares[2]; /* sums of squares about one line and about the best two */
    double s, p;       /* the break: geometric means of the modes on both sides of it; NaN: none */
    struct ssldyn_plateau_line one, plateau, tail;
    double spread; /* standard deviation of log p over the plateau, or over all modes; NaN: fewer
                    * than 2 */
};

/* Number of modes on the plateau: those before the break if it is justified, else all. */
size_t ssldyn_plateau_count(const struct ssldyn_plateau *plateau);

/* Fits s and p (n each, s in descending order). Usable are modes with p_j above floor (NaN: not
 * known well enough) and s_j above 2^-26 s_1, a quarter of the rounding of an F in single
 * precision. sorted: p are eigenvalues of Wp in descending order, not matched with mode j.
 * scratch: 2 n doubles. */
void ssldyn_plateau_find(size_t n, const double s[], const double p[], bool sorted, double floor,
                         double scratch[], struct ssldyn_plateau *plateau);

#endif
