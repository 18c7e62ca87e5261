/* The axes of pictures of sweeps: their ranges and marks, and the cells of a map along them. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_AXES_H
#define SSLDYN_SIM_CLI_PICTURE_AXES_H

#include "sim/base/error.h"
#include "sim/sweep/axes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* An axis cut into cells, in the order of its values. Cells reach half-way to the values next to
 * them, in the logarithm where the axis is logarithmic: they touch. */
struct ssldyn_cell_line {
    size_t count;    /* cells */
    size_t *cell_of; /* of each value of the axis; SIZE_MAX where an equal value has it */
    double *edge;    /* count + 1 */
    size_t step;     /* values in a cell; the last one may have fewer */
    bool logarithmic;
};

/* Cells for the values of axis, `most` of them at most. Clear line in any case. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_cell_line_init(struct ssldyn_cell_line *line,
                                                                   const struct ssldyn_axis *axis,
                                                                   size_t most,
                                                                   struct ssldyn_error *err);
void ssldyn_picture_cell_line_clear(struct ssldyn_cell_line *line);

/* Label, scale, range and, where it varies words, marks of the first two of the axes shown, as
 * variables x_label, x_log, x_low, x_high, x_words, X_WORD[] and the same of y. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_cells_write_axes(FILE *program,
                                                                     const struct ssldyn_axes *axes,
                                                                     size_t shown,
                                                                     struct ssldyn_error *err);

#endif
