/* The point of a sweep that is nearest to given values of its axes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_AXES_NEAREST_H
#define SSLDYN_SIM_SWEEP_AXES_NEAREST_H

#include "sim/sweep/axes.h"

struct ssldyn_axes_nearest {
    int64_t number; /* of the point, as --point counts */
    double values[SSLDYN_AXES_MAXIMUM];
    double asked[SSLDYN_AXES_MAXIMUM]; /* the value itself where an axis was not named */
};

/* text: "eta=0.12,alpha_p=1", a value for each axis that has several; words are taken as they are.
 * Distances are measured in the logarithm along logarithmic axes; of a Sobol sample in shares of
 * the axes' ranges, looking at every point. EINPUT: not of that form, names that are not axes, axes
 * left out, values outside of an axis. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axes_nearest(const struct ssldyn_axes *axes,
                                                         const char *text,
                                                         struct ssldyn_axes_nearest *nearest,
                                                         struct ssldyn_error *err);

#endif
