/* A straight line through points whose coordinates may have errors, and a line with one break. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_LINE_FIT_H
#define SSLDYN_SIM_ALIGN_LINE_FIT_H

#include <stdbool.h>
#include <stddef.h>

/* Second moments of points (x, y) about their means. */
struct ssldyn_line_sums {
    double count, x, y;
    double xx, xy, yy; /* sums of squares and products */
    double error;      /* mean variance of the errors of x */
    double y_error;    /* of y */
};

/* variance, y_variance: of the errors of x and y, count each; NULL: 0. */
struct ssldyn_line_sums ssldyn_line_sums_of(size_t count, const double x[], const double y[],
                                            const double variance[], const double y_variance[]);

/* Sum of squares of y about the least-squares line. */
double ssldyn_line_sums_about(const struct ssldyn_line_sums *sums);

/* A line y = slope x + const. NaN: not determined. */
struct ssldyn_line_fit {
    size_t count;
    double slope;
    double low, high; /* 95 % confidence */
    double residual;  /* standard deviation of y about the line */
    double scatter;   /* the same after subtracting the errors of x and y */
};

struct ssldyn_line_fit ssldyn_line_fit_none(size_t count);

/* Known errors: the slope is S_xy/(S_xx - v), v the mean variance of the errors of x, which
 * removes the attenuation of least squares (Fuller 1987, section 1.2), with his interval.
 * Unknown errors: least squares, with an interval that extends to the slope that the points
 * would have if all their scatter were errors of x (at most half of the variance of x counts as
 * error). A line needs three points, and a spread of x of at least 0.1 beyond its errors. */
struct ssldyn_line_fit ssldyn_line_fit_make(const struct ssldyn_line_sums *sums, bool errors_known);

/* Variance of the true x: the observed variance minus the errors; 0 if the errors explain it. */
double ssldyn_line_fit_spread(const struct ssldyn_line_sums *sums);

/* Points as one line, or as two that need not meet. */
struct ssldyn_line_break {
    size_t best;      /* number of points before the best break; 0: too few for a break */
    bool justified;   /* delta_bic is above SSLDYN_LINE_EVIDENCE */
    double one, two;  /* sums of squares about one line, and about the best two; NaN: no break */
    double delta_bic; /* BIC of one line minus that of the best two; NaN: not computed */
};

/* BIC of one line minus that of two through n points, from the sums of squares. Two lines have
 * three more parameters: slope, height and position of the break. Since five are fitted, n - 5
 * instead of n keeps chance breaks of few points rare. */
double ssldyn_line_break_bic(double n, double one, double two);

/* The same for points sorted by y, as eigenvalues are, whose residuals are smooth: n points
 * whose residuals about the two lines have the lag-1 correlation r count as n (1 - r)/(1 + r).
 * found: the break, with a finite delta_bic. */
double ssldyn_line_break_bic_sorted(size_t count, const double x[], const double y[],
                                    const struct ssldyn_line_break *found);

/* BIC that justifies two lines, "very strong" evidence (Kass and Raftery 1995), and the same if
 * y was sorted. Of straight lines 1 in 1,000 is called broken, or 1 in 100 if y was sorted and
 * scatters by 30 % (tests/unit/test_plateau.c). */
#define SSLDYN_LINE_EVIDENCE 10.0
#define SSLDYN_LINE_EVIDENCE_SORTED 30.0

/* Searches for the break, with at least `least` points on each side, if the points scatter by
 * more than 0.05 about one line. Points in descending order of x. */
void ssldyn_line_break_find(size_t count, const double x[], const double y[], size_t least,
                            struct ssldyn_line_break *found);

#endif
