/* Theory's lines in the plane of a sweep's one or two axes; lines.tsv, which ssldyn plot reads. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_LINES_H
#define SSLDYN_SIM_SWEEP_LINES_H

#include "sim/base/error.h"
#include "sim/sweep/points.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a sweep can have them. EINPUT: its points are no grid over one or two numbers, or more
 * than ten million. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lines_check(const struct ssldyn_axes *axes,
                                                        struct ssldyn_error *err);

/* A point of a line: its place on the first axis and on the second one (over one axis: p), and the
 * width of the bracket that holds it where it was searched for, 0 where it has a closed form.
 * branch numbers the parts of a line of that name. */
struct ssldyn_line_point {
    const char *line;
    size_t branch;
    double at[2], width;
};

struct ssldyn_lines {
    size_t count;
    struct ssldyn_line_point *points; /* owned */
    size_t room;
    bool lost; /* memory ran out */
};

/* Finds them, line after line. fates: of all points, in order. The lines:
 *
 * fold       beyond it nothing survives (isotropic data, lowdim)
 * alignment  border of K > 0, Eq. 17: at the start where an axis moves that; else for the worst p
 *            on the invariant parabola, eta_p/2 + eta_s = tau^2/(6 c) [D]
 * edge       one mode: where the fates of the map flip; no point where a flip is hidden in a
 *            stretch of undecided values
 * ema        one mode, moving target, equal decays, an axis of eta: beyond it not even the largest
 *            start on the parabola survives; none where tau(0) < 0
 *
 * and over one axis, of one mode, the branches of fixed points: stable, unstable (p*+, p*-), zero.
 * Clear lines; on failure they are empty. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lines_find(const struct ssldyn_points *points,
                                                       const signed char fates[],
                                                       struct ssldyn_lines *lines,
                                                       struct ssldyn_error *err);
void ssldyn_lines_clear(struct ssldyn_lines *lines);

/* Writes directory/lines.tsv with the columns line, branch, the axes (over one axis also p) and
 * width. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lines_write(const struct ssldyn_lines *lines,
                                                        const struct ssldyn_axes *axes,
                                                        const char *directory,
                                                        struct ssldyn_error *err);

#endif
