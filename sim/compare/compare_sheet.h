/* A table of curves at common times, to be written as a trace.tsv: columns in any order, with
 * their names and meanings. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_COMPARE_COMPARE_SHEET_H
#define SSLDYN_SIM_COMPARE_COMPARE_SHEET_H

#include "sim/base/error.h"
#include "sim/io/trace.h"

#include <stddef.h>

enum { SSLDYN_SHEET_NAME = 48 };

struct ssldyn_sheet {
    size_t rows, count, capacity;
    struct ssldyn_column *columns; /* owned, like the following */
    char (*names)[SSLDYN_SHEET_NAME];
    double *values; /* capacity x rows, column after column */
};

/* Allocates capacity columns of rows numbers. ENOMEM; clear it in every case. A zeroed sheet
 * ignores what it is given to keep, and may be cleared. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_compare_sheet_create(size_t rows, size_t capacity,
                                                                 struct ssldyn_sheet *sheet,
                                                                 struct ssldyn_error *err);
void ssldyn_compare_sheet_clear(struct ssldyn_sheet *sheet);

/* Copies a column under the name `name` followed by `ending`; meaning is borrowed. */
void ssldyn_compare_sheet_keep(struct ssldyn_sheet *sheet, const char *name, const char *ending,
                               const char *meaning, const double values[]);

/* Writes directory/trace.tsv. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_compare_sheet_write(const struct ssldyn_sheet *sheet,
                                                                const char *directory,
                                                                struct ssldyn_error *err);

#endif
