/* The relation of the predictor's eigenvalues to those of F: the invariant parabola alpha_p s =
 * p^2 (Eq. 15), as a constant ratio s/p^2 and as a line of slope 1/2 of log p against log s. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_PARABOLA_FIT_H
#define SSLDYN_SIM_ALIGN_PARABOLA_FIT_H

#include "sim/align/line_fit.h"

#include <stdbool.h>
#include <stddef.h>

/* Modes in descending order of s. */
struct ssldyn_parabola_points {
    size_t count;        /* number of living modes */
    const double *s, *p; /* s > 0; modes with p <= 0 are counted and left out, p = NaN is unknown */
    const double *variance;   /* of the sampling error of log s_j; NULL: 0 */
    double shared;            /* variance of the mean of those errors (they may be correlated) */
    const double *p_variance; /* of the sampling error of log p_j; NULL: 0 */
    bool errors_known;        /* false: s may have errors of unknown size */
    bool sorted;              /* p are eigenvalues in descending order, not matched with mode j */
};

struct ssldyn_parabola_fit {
    size_t living, negative;     /* number of modes examined; number with p <= 0 */
    struct ssldyn_line_fit line; /* through all modes with p > 0 */
    /* One line, or two that need not meet (broken): upper is the whole or the part with larger
     * s, lower the rest. */
    bool broken;
    double delta_bic; /* BIC of one line minus that of the best two, with the effective number of
                       * points if p is sorted; NaN: too few modes */
    struct ssldyn_line_fit upper, lower;
    /* For the upper part: */
    double spread;       /* standard deviation of log s without sampling error */
    double ratio;        /* median of s/p^2 */
    size_t agreeing;     /* number of modes within 5 % of that median */
    double ratio_spread; /* standard deviation of log(s/p^2), likewise */
    double ratio_error;  /* the part that sampling could hide: the resolution of ratio_spread */
    double alpha_p, alpha_low, alpha_high; /* geometric mean of p^2/s; 95 % confidence */
    bool errors_known;
};

/* Fits the points; scratch: 4 count doubles.
 * Known errors: the slope is S_xy/(S_xx - v), v the mean variance of the errors, which removes the
 * attenuation of least squares (Fuller 1987, section 1.2), with his interval. Unknown errors: least
 * squares, with an interval that extends to the slope that the points would have if all their
 * scatter were errors of log s (at most half of the variance of log s counts as error).
 * A line needs three modes, and a spread of log s of at least 0.1 (s by 10 %) beyond its errors.
 * Two lines are used if at least twelve modes scatter by more than 5 % about one line and BIC
 * prefers two (SSLDYN_LINE_EVIDENCE; 40 if p is sorted); each has at least three modes. */
void ssldyn_parabola_fit_make(const struct ssldyn_parabola_points *points, double scratch[],
                              struct ssldyn_parabola_fit *fit);

enum ssldyn_parabola_answer {
    SSLDYN_PARABOLA_UNKNOWN, /* too few modes, or the interval contains both 1/2 and other slopes */
    SSLDYN_PARABOLA_ON,
    SSLDYN_PARABOLA_RATIO_OFF, /* s/p^2 is constant, but not 1/alpha_p of the run */
    SSLDYN_PARABOLA_SCATTERED, /* the slope may be 1/2, but the points do not form a line */
    SSLDYN_PARABOLA_SLOPE_OFF, /* another slope */
    SSLDYN_PARABOLA_NEGATIVE   /* more than a tenth of the living modes have p <= 0 */
};

/* Whether all but a tenth of the living modes agree with one ratio although the spread is
 * larger: some are still dying, or started off the parabola. */
bool ssldyn_parabola_fit_but_few(const struct ssldyn_parabola_fit *fit);

/* Whether the upper part is on the parabola. alpha_p: of the run, NaN: unknown. */
enum ssldyn_parabola_answer ssldyn_parabola_judge(const struct ssldyn_parabola_fit *fit,
                                                  double alpha_p);

#endif
