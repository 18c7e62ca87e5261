/* The plane of a sweep's axes, what theory says at a point of it, and where a quantity vanishes:
 * inside of lines.h. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_PLANE_H
#define SSLDYN_SIM_SWEEP_PLANE_H

#include "sim/base/error.h"
#include "sim/sweep/lines.h"
#include "sim/sweep/point.h"
#include "sim/sweep/points.h"

#include <stdbool.h>

/* What the quantities are read from at one point. */
struct ssldyn_plane_site {
    struct ssldyn_parameters parameters; /* with lambda_s, lambda_d, and tau: 1 where it moves */
    double p, s, tau;                    /* of the start; p NaN: no axis moves it */
};

/* NaN where it is not defined. */
typedef double ssldyn_plane_quantity(const struct ssldyn_plane_site *site);
ssldyn_plane_quantity ssldyn_plane_margin;    /* fold - eta_s */
ssldyn_plane_quantity ssldyn_plane_alignment; /* K at the start, or for the worst p (lines.h) */

struct ssldyn_plane {
    const struct ssldyn_points *points;
    struct ssldyn_point *point;     /* where there are no modes by the kernel: the run of a place */
    const struct ssldyn_axes *axes; /* one or two */
    const signed char *fates;
    bool moves_start; /* an axis is a coordinate of the start */
    struct ssldyn_lines *found;
};

/* Whether an axis is one of the options named (NULL at the end). */
bool ssldyn_plane_moves(const struct ssldyn_axes *axes, const char *const names[]);
bool ssldyn_plane_names(const struct ssldyn_axis *axis, const char *const names[]);

/* The site of one mode at values, one for each axis. */
void ssldyn_plane_mode(const struct ssldyn_plane *plane, const double values[],
                       struct ssldyn_plane_site *site);

/* Values of the axis other than which: their number (1 where there is none), and one of them. */
size_t ssldyn_plane_across(const struct ssldyn_plane *plane, size_t which);
double ssldyn_plane_value(const struct ssldyn_plane *plane, size_t which, size_t k);

/* Adds a point to those that are found; line: a constant. width: of the bracket that holds the
 * point, 0 of a closed form. */
void ssldyn_plane_add(const struct ssldyn_plane *plane, const char *line, size_t branch,
                      const double at[2], double width);

/* Puts into at[which] the zero between two values of that axis at which the signs differ, to
 * rounding; at is the place on the other axis. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_plane_refine(const struct ssldyn_plane *plane,
                                                         ssldyn_plane_quantity *of, size_t which,
                                                         double low, double high, bool low_positive,
                                                         double at[2], struct ssldyn_error *err);

/* Adds the line on which a quantity vanishes. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_plane_contour(const struct ssldyn_plane *plane,
                                                          ssldyn_plane_quantity *of,
                                                          const char *line,
                                                          struct ssldyn_error *err);

#endif
