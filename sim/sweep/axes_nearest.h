/* The point of a sweep nearest to given values of its axes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_AXES_NEAREST_H
#define SSLDYN_SIM_SWEEP_AXES_NEAREST_H

#include "sim/sweep/axes.h"

struct ssldyn_axes_nearest {
    int64_t number; /* number of the point, as for --point */
    double values[SSLDYN_AXES_MAXIMUM];
    double asked[SSLDYN_AXES_MAXIMUM]; /* the requested value; if the axis was not named, its
                                        * only value */
};

/* text: "eta=0.12,alpha_p=1", with a value for each axis that has several; words must match
 * exactly. Distances are measured in the logarithm along logarithmic axes, and for a Sobol
 * sample relative to the ranges of the axes, by comparing every point. EINPUT: invalid syntax,
 * unknown axes, missing axes, values outside an axis. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_nearest(const struct ssldyn_axes *axes,
                                                         const char *text,
                                                         struct ssldyn_axes_nearest *nearest,
                                                         struct ssldyn_error *err);

#endif
