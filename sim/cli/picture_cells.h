/* Grids as maps of touching cells, for any number of points: points are added one by one, and a
 * cell shows the most frequent category of its points, or their mean. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_CELLS_H
#define SSLDYN_SIM_CLI_PICTURE_CELLS_H

#include "sim/base/error.h"
#include "sim/compare/run_set.h"
#include "sim/sweep/axes.h"
#include "sim/sweep/sweep_view.h"

#include <stdio.h>

struct ssldyn_cells;

/* Maps over the first two of the axes shown, for `sets` sweeps over the same axes: one panel for
 * each combination of the other axes' values and each set. categories: the number of categories
 * 0, 1, ... of a point; 0: points have a number, and cells show the mean. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_cells_create(const struct ssldyn_axes *axes,
                                                                 size_t shown, size_t sets,
                                                                 size_t categories,
                                                                 struct ssldyn_cells **cells,
                                                                 struct ssldyn_error *err);
void ssldyn_picture_cells_free(struct ssldyn_cells *cells);

/* Adds a point of a set, by its number in the grid of the axes shown, the last axis fastest.
 * NaN: unknown. A point that is not added counts as not computed yet. */
void ssldyn_picture_cells_add(struct ssldyn_cells *cells, size_t set, size_t point, double value);

/* Writes panels, PANEL[] (their titles; with several sets their labels among runs), panels_note,
 * the blocks $cells and $unknown, one index per panel, and has_unknown. For numbers also
 * value_low, value_high and value_log, their range and whether the scale is logarithmic. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_cells_write(FILE *program,
                                                                struct ssldyn_cells *cells,
                                                                const struct ssldyn_run_set *runs,
                                                                struct ssldyn_error *err);

/* Theory's lines for the picture, as the blocks $fold, $alignment, ..., and their numbers of
 * points, fold_count, ...; none if view is NULL, if the sweep has no lines, or more than two
 * axes. EINPUT: lines.tsv does not have the format of ssldyn sweep --lines. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_picture_lines(FILE *program, const struct ssldyn_sweep_view *view, struct ssldyn_error *err);

#endif
