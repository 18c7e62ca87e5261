/* The verdict on a series of snapshots in terms of the theory, in plain words. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_VERDICT_H
#define SSLDYN_SIM_ALIGN_VERDICT_H

#include "sim/align/course.h"
#include "sim/align/history.h"
#include "sim/base/error.h"

#include <stddef.h>

enum ssldyn_collapse {
    SSLDYN_COLLAPSE_NONE,
    SSLDYN_COLLAPSE_PARTIAL,
    SSLDYN_COLLAPSE_FULL,
    SSLDYN_COLLAPSE_COLLAPSING,
    SSLDYN_COLLAPSE_UNKNOWN
};

/* The assessment of the last snapshot. Thresholds: aligned from a mean |cos| of 0.9 of the
 * leading modes (partly from 0.7), with at most 1/8 of them reversed (partly up to 1/2);
 * symmetric up to an asymmetry of 0.1; the parabola as in parabola_fit.h; collapse as in
 * verdict_collapse.c. */
struct ssldyn_verdict {
    enum ssldyn_collapse collapse;
    size_t living;               /* number of living directions; 0 if all have vanished */
    struct ssldyn_course course; /* of the variance, without a direction that may be the mean */
    int aligned;                 /* 2 yes, 1 partly, 0 no, -1 unknown */
    int symmetric;               /* 1 yes, 0 no, -1 unknown */
    int parabola;                /* 1 yes, 0 no, -1 unknown */
    int ratio; /* Assumption 1: 1 holds (correlation of at least .9), 0 no, -1 unknown */
    char text[6144];
};
/* history must hold at least one summary. */
void ssldyn_verdict_make(const struct ssldyn_history *history, const struct ssldyn_basis *basis,
                         struct ssldyn_verdict *verdict);

/* The format of verdict.txt, for its text; and the function that writes the file into a
 * directory. */
#define SSLDYN_VERDICT_FILE "# ssldyn verdict 1\n%s\n"
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_verdict_write(const char *directory,
                                                          const struct ssldyn_verdict *verdict,
                                                          struct ssldyn_error *err);

#endif
