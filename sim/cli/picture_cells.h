/* Grids as maps of touching cells, of any number of points: points go in one by one, and a cell
 * shows what most of its points are, or their mean. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_CELLS_H
#define SSLDYN_SIM_CLI_PICTURE_CELLS_H

#include "sim/base/error.h"
#include "sim/compare/run_set.h"
#include "sim/sweep/axes.h"
#include "sim/sweep/sweep_view.h"

#include <stdio.h>

struct ssldyn_cells;

/* Maps of the first two of the axes shown, of which there are sets (sweeps over the same axes): a
 * panel for each combination of the other axes' values and each set. categories: 0, 1, ... of them
 * are what a point can be; 0: it has a number, of which cells show the mean. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_cells_create(const struct ssldyn_axes *axes,
                                                                 size_t shown, size_t sets,
                                                                 size_t categories,
                                                                 struct ssldyn_cells **cells,
                                                                 struct ssldyn_error *err);
void ssldyn_picture_cells_free(struct ssldyn_cells *cells);

/* A point of a set, by its number in the grid of the axes shown, the last axis fastest. NaN: not
 * known. A point that is not added is not there yet. */
void ssldyn_picture_cells_add(struct ssldyn_cells *cells, size_t set, size_t point, double value);

/* panels, PANEL[] (their titles; with several sets their labels among runs), panels_note, the
 * blocks $cells and $unknown, an index a panel, and has_unknown. Of numbers also value_low,
 * value_high and value_log, their range and whether its logarithm is drawn. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_cells_write(FILE *program,
                                                                struct ssldyn_cells *cells,
                                                                const struct ssldyn_run_set *runs,
                                                                struct ssldyn_error *err);

/* For its picture: theory's lines as the blocks $fold, $alignment, ..., and their numbers of
 * points, fold_count, ...; none where view is NULL, or the sweep has none or more axes than two.
 * EINPUT: lines.tsv is not as ssldyn sweep --lines writes it. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_picture_lines(FILE *program, const struct ssldyn_sweep_view *view, struct ssldyn_error *err);

#endif
