/* The data of pictures over time: the curves of all modes in one block, and the columns that are
 * not per mode. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_CURVES_H
#define SSLDYN_SIM_CLI_PICTURE_CURVES_H

#include "sim/base/error.h"
#include "sim/io/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A column of the block: the table's columns PREFIX1SUFFIX, PREFIX2SUFFIX, ... */
struct ssldyn_curve {
    const char *name; /* name in the block, and of the variables NAME_low, NAME_high, NAME_count */
    const char *prefix;
    const char *suffix;
    bool optional;  /* NaN if the table does not have it */
    bool log_scale; /* drawn on a logarithmic axis of about seven decades */
};

/* The mode j >= 1 of a column with that name; 0: none. */
size_t ssldyn_picture_curve_mode(const char *name, const struct ssldyn_curve *curve);

/* A number of the table; NaN if column is SIZE_MAX: the table does not have it. */
double ssldyn_picture_curve_cell(const struct ssldyn_table *table, size_t row, size_t column);

/* The table's modes from row `first` on as the block $NAME, with the column t first and the mode
 * last; then the number of modes as NAME_modes, and each curve's range. If there are very many
 * values, those that a straight line represents equally well are skipped. path names the table
 * in errors: EINPUT if it lacks a column that is not optional. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_curves_write(
    FILE *program, const char *name, const char *path, const struct ssldyn_table *table,
    size_t first, const struct ssldyn_curve curves[], size_t count, struct ssldyn_error *err);

/* Columns that are not per mode as the block $trace, NaN if the table does not have one; the
 * numbers begin and end of t and log_time; and NAME_there and NAME_last of each column. */
void ssldyn_picture_curves_write_scalars(FILE *program, const struct ssldyn_table *table,
                                         const char *const names[], size_t count);

#endif
