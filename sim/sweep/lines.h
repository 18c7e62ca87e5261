/* lines.tsv: theory's lines in the plane of a sweep's one or two axes, for ssldyn plot. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_LINES_H
#define SSLDYN_SIM_SWEEP_LINES_H

#include "sim/base/error.h"
#include "sim/sweep/points.h"

#include <stdint.h>

/* Whether a sweep can have them. EINPUT: its points are no grid over one or two numbers, or more
 * than ten million. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lines_check(const struct ssldyn_axes *axes,
                                                        struct ssldyn_error *err);

/* Writes directory/lines.tsv with the columns line, branch, the first axis, the second one (over
 * one axis: p), and width, the bracket of a point that was searched for (0 of a closed form).
 * fates: of all points, in order. The lines:
 *
 * fold       beyond it nothing survives (isotropic data, lowdim)
 * alignment  border of K > 0, Eq. 17: at the start where an axis moves that; else for the worst p
 *            on the invariant parabola, eta_p/2 + eta_s = tau^2/(6 c) [D]
 * ema        one mode, moving target, equal decays, an axis of eta: beyond it not even the largest
 *            start on the parabola survives; none where tau(0) < 0
 * edge       one mode: where the fates of the map flip; no point where a flip is hidden in a
 *            stretch of undecided values
 *
 * and over one axis, of one mode, the branches of fixed points: stable, unstable (p*+, p*-), zero.
 * branch counts the lines of one name that lie one behind the other. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lines_write(const struct ssldyn_points *points,
                                                        const signed char fates[],
                                                        const char *directory,
                                                        struct ssldyn_error *err);

#endif
