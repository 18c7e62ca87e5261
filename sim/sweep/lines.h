/* The lines predicted by theory in the plane of a sweep's one or two axes; lines.tsv, which
 * ssldyn plot reads. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_LINES_H
#define SSLDYN_SIM_SWEEP_LINES_H

#include "sim/base/error.h"
#include "sim/sweep/points.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a sweep can have them. EINPUT: its points are not a grid over one or two numbers, or
 * more than ten million. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lines_check(const struct ssldyn_axes *axes,
                                                        struct ssldyn_error *err);

/* A point of a line: its position on the first and on the second axis (with one axis: p), and
 * the width of the bracket if it was found by a search, 0 if it has a closed form. branch
 * numbers the parts of a line. */
struct ssldyn_line_point {
    const char *line;
    size_t branch;
    double at[2], width;
};

struct ssldyn_lines {
    size_t count;
    struct ssldyn_line_point *points; /* owned */
    size_t capacity;
    bool lost; /* out of memory: points are missing */
};

/* Finds them, line after line. fates: of all points, in order. The lines:
 *
 * fold       beyond it nothing survives (isotropic data, lowdim)
 * alignment  boundary of K > 0, Eq. 17: at the start if an axis moves it; else for the worst p
 *            on the invariant parabola, eta_p/2 + eta_s = tau^2/(6 c) [D]
 * edge       one mode: where the fates of the map flip; no point if the flip is hidden in a
 *            stretch of undecided values
 * ema        one mode, moving target, equal decays, an axis of eta: beyond it not even the largest
 *            start on the parabola survives; none if tau(0) < 0
 *
 * and with one axis, for one mode, the branches of fixed points: stable, unstable (p*+, p*-), zero.
 * Clear lines; on failure they are empty. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lines_find(const struct ssldyn_points *points,
                                                       const signed char fates[],
                                                       struct ssldyn_lines *lines,
                                                       struct ssldyn_error *err);
void ssldyn_lines_clear(struct ssldyn_lines *lines);

/* Writes directory/lines.tsv with the columns line, branch, the axes (with one axis also p) and
 * width. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lines_write(const struct ssldyn_lines *lines,
                                                        const struct ssldyn_axes *axes,
                                                        const char *directory,
                                                        struct ssldyn_error *err);

#endif
