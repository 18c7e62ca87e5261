/* The columns of a trace: their names, in order, and their meanings. A layout is made from a list
 * of rows X(NAME, "name", "meaning", value), from which the enumerators, the names and the code
 * that fills a row are generated, so that a column is one row (observe/layout_matrix.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_LAYOUT_H
#define SSLDYN_SIM_IO_LAYOUT_H

#include <stddef.h>

/* A column: its name, or, if per mode, the stem to which _1, _2, ... are added. */
struct ssldyn_column {
    const char *name;
    const char *meaning; /* one line for the file's comments, help and docs */
};

/* First the scalar columns, then those repeated for every mode j = 1 ... modes. */
struct ssldyn_layout {
    const struct ssldyn_column *scalars;
    size_t scalar_count;
    const struct ssldyn_column *per_mode;
    size_t per_mode_count;
    /* Meanings that differ in this trace from those of the shared columns, one per scalar column;
     * NULL, or an entry NULL: the column's meaning applies. */
    const char *const *scalar_words;
    const char *const *per_mode_words;
};

/* A row of a list as a struct ssldyn_column. */
#define SSLDYN_LAYOUT_COLUMN(NAME, name, meaning, value) {name, meaning},

/* Number of columns for a number of modes. */
size_t ssldyn_layout_width(const struct ssldyn_layout *layout, size_t modes);

/* Index of a column in a row of that many modes, by its name in the file's header ("t", "p_1");
 * SIZE_MAX: none. */
size_t ssldyn_layout_find(const struct ssldyn_layout *layout, size_t modes, const char *name);

/* The value of a scalar column in a row; NaN if the layout has no column of that name. */
double ssldyn_layout_scalar(const struct ssldyn_layout *layout, const double row[],
                            const char *name);

#endif
