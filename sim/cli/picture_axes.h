/* The axes of pictures of sweeps: their ranges and marks, and the cells of a map along them. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_AXES_H
#define SSLDYN_SIM_CLI_PICTURE_AXES_H

#include "sim/base/error.h"
#include "sim/sweep/axes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* An axis divided into cells, in the order of its values. Cells reach half-way to the adjacent
 * values, in the logarithm if the axis is logarithmic, so they touch. */
struct ssldyn_cell_line {
    size_t count;    /* number of cells */
    size_t *cell_of; /* one per value of the axis; SIZE_MAX if an equal value has the cell */
    double *edge;    /* count + 1 */
    size_t step;     /* values in a cell; the last one may have fewer */
    bool logarithmic;
};

/* Cells for the values of axis, at most `most` of them. Clear line in every case. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_cell_line_init(struct ssldyn_cell_line *line,
                                                                   const struct ssldyn_axis *axis,
                                                                   size_t most,
                                                                   struct ssldyn_error *err);
void ssldyn_picture_cell_line_clear(struct ssldyn_cell_line *line);

/* Label, scale, range and, for an axis of words, tick labels of the first two of the axes shown,
 * as variables x_label, x_log, x_low, x_high, x_words, X_WORD[] and the same for y. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_cells_write_axes(FILE *program,
                                                                     const struct ssldyn_axes *axes,
                                                                     size_t shown,
                                                                     struct ssldyn_error *err);

#endif
