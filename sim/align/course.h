/* The course of the variance over a series of snapshots: how far it has shrunk, and whether it
 * is still falling. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_COURSE_H
#define SSLDYN_SIM_ALIGN_COURSE_H

#include "sim/align/history.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_course {
    double peak;    /* largest value */
    double left;    /* last value over the largest */
    double span;    /* time since the largest */
    double rate;    /* d(log x)/dt over the last part; NaN with fewer than three positive values */
    double error;   /* its standard error, of least squares */
    bool falls;     /* rate is below 0 with 97.5 % confidence (Student's t), or every step of the
                   * last part falls by more than half */
    bool settled;   /* the fit falls by less than a fifth over the whole last part */
    bool rises;     /* the fit rises by more than a quarter */
    bool recovered; /* it was as low before and then rose tenfold: an oscillation */
    size_t points;  /* fitted: the last third, at least four (three if there are only three) */
    bool by_place;  /* t does not increase: the number of the snapshot is used as time */
};

/* Of the total variance in a history of at least one snapshot, or with rest of the variance
 * without the largest direction. The standard error of least squares assumes independent
 * residuals; for a smooth curve, whose residuals are correlated, it is a lower bound. */
void ssldyn_course_fit(const struct ssldyn_history *history, bool rest,
                       struct ssldyn_course *course);

#endif
