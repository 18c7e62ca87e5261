/* Grids as pictures: the ranges and marks of axes, and maps of touching cells. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_CELLS_H
#define SSLDYN_SIM_CLI_PICTURE_CELLS_H

#include "sim/base/error.h"
#include "sim/sweep/axes.h"

#include <stdio.h>

/* Label, scale, range and, where it varies words, marks of the first two of the axes shown, as
 * variables x_label, x_log, x_low, x_high, x_words, X_WORD[] and the same of y. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_cells_write_axes(FILE *program,
                                                             const struct ssldyn_axes *axes,
                                                             size_t shown,
                                                             struct ssldyn_error *err);

/* A map of the first two axes for each value of the others shown: panels, PANEL[] (their titles),
 * panels_note, and the blocks $cells and $unknown (where the value is NaN), an index a panel.
 * values: one number a point, the last axis fastest. Cells reach half-way to their neighbours, in
 * the logarithm where the axis is logarithmic: they touch. Long axes and many panels are thinned,
 * which panels_note says. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_cells_write_maps(FILE *program,
                                                             const struct ssldyn_axes *axes,
                                                             size_t shown, const double values[],
                                                             struct ssldyn_error *err);

#endif
