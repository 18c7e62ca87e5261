/* The axes of a sweep as arrays beside its columns. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_AXIS_ARRAYS_H
#define SSLDYN_SIM_SWEEP_AXIS_ARRAYS_H

#include "sim/base/error.h"
#include "sim/sweep/axes.h"

/* Writes directory/NAME.npy for each axis of numbers, NAME as in table.tsv: the values along that
 * side of the grid, or of a Sobol sample one value per point. Axes of words have none (their words
 * stand in spec.conf and table.tsv). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_axis_arrays_write(const struct ssldyn_axes *axes,
                                                              struct ssldyn_axes_walk *walk,
                                                              const char *directory,
                                                              struct ssldyn_error *err);

#endif
