/* The plane of a sweep's axes, the values that theory gives at a point of it, and the zeros of
 * such a value: internal to lines.h. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_PLANE_H
#define SSLDYN_SIM_SWEEP_PLANE_H

#include "sim/base/error.h"
#include "sim/sweep/lines.h"
#include "sim/sweep/point.h"
#include "sim/sweep/points.h"

#include <stdbool.h>

/* The input of the quantities at one point. */
struct ssldyn_plane_site {
    struct ssldyn_parameters parameters; /* with lambda_s, lambda_d, and tau = 1 if it moves */
    double p, s, tau;                    /* of the start; p NaN: no axis moves the start */
};

/* NaN if it is not defined. */
typedef double ssldyn_plane_quantity(const struct ssldyn_plane_site *site);
ssldyn_plane_quantity ssldyn_plane_margin;    /* fold - eta_s */
ssldyn_plane_quantity ssldyn_plane_alignment; /* K at the start, or for the worst p (lines.h) */

struct ssldyn_plane {
    const struct ssldyn_points *points;
    struct ssldyn_point *point;     /* if the sweep does not use the kernel: the run at a point */
    const struct ssldyn_axes *axes; /* one or two */
    const signed char *fates;
    bool moves_start; /* an axis is a coordinate of the start */
    struct ssldyn_lines *found;
};

/* Whether an axis is one of the named options (the list ends with NULL). */
bool ssldyn_plane_moves(const struct ssldyn_axes *axes, const char *const names[]);
bool ssldyn_plane_names(const struct ssldyn_axis *axis, const char *const names[]);

/* The mode at the given values, one per axis. */
void ssldyn_plane_mode(const struct ssldyn_plane *plane, const double values[],
                       struct ssldyn_plane_site *site);

/* The values of the axis other than `which`: their number (1 if there is no other axis), and one
 * of them. */
size_t ssldyn_plane_across(const struct ssldyn_plane *plane, size_t which);
double ssldyn_plane_value(const struct ssldyn_plane *plane, size_t which, size_t k);

/* Adds a point; line: a string constant. width: of the bracket that holds the point, 0 for a
 * closed form. */
void ssldyn_plane_add(const struct ssldyn_plane *plane, const char *line, size_t branch,
                      const double at[2], double width);

/* Sets at[which] to the zero between two values of that axis at which the signs differ, to
 * rounding accuracy; at holds the position on the other axis. */
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
