/* trace.tsv: "# ssldyn trace 1", comment lines, one header line, then rows of numbers (the shortest
 * that read back); and its names.
 */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TRACE_H
#define SSLDYN_SIM_IO_TRACE_H

#include "sim/base/error.h"
#include "sim/io/file.h"

#include <stddef.h>
#include <stdint.h>

/* A column: its name, or, where per_mode, the stem to which _1, _2, ... are added. */
struct ssldyn_column {
    const char *name;
    const char *meaning; /* one line for the file's comments, help and docs */
};

/* The columns of the three kinds of trace, in order (DESIGN section 3): first the scalar ones, then
 * those that repeat for every mode j = 1 ... modes. */
struct ssldyn_layout {
    const struct ssldyn_column *scalars;
    size_t scalar_count;
    const struct ssldyn_column *per_mode;
    size_t per_mode_count;
};
extern const struct ssldyn_layout ssldyn_layout_modes;  /* t; p s tau c k */
extern const struct ssldyn_layout ssldyn_layout_lowdim; /* t; p s tau c k wp w wa */
extern const struct ssldyn_layout ssldyn_layout_matrix; /* t step loss ...; s p cos wpe */

/* Number of columns for so many modes. */
size_t ssldyn_layout_width(const struct ssldyn_layout *layout, size_t modes);

/* The value of a scalar column in a row, and that of a per-mode column for mode j (0-based); NaN
 * where the layout has no column of that name. */
double ssldyn_layout_scalar(const struct ssldyn_layout *layout, const double row[],
                            const char *name);
double ssldyn_layout_mode(const struct ssldyn_layout *layout, const double row[], const char *name,
                          size_t j);

struct ssldyn_trace;
/* Opens directory/trace.tsv for writing (as trace.tsv.tmp) and writes its head. comments: lines
 * without '#', may be NULL. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_trace_open(const char *directory, const struct ssldyn_layout *layout, size_t modes,
                  const char *const comments[], size_t comment_count, struct ssldyn_trace **trace,
                  struct ssldyn_error *err);
/* One row of ssldyn_layout_width numbers. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_trace_append(struct ssldyn_trace *trace, const double row[], struct ssldyn_error *err);
/* Makes the rows written so far readable under the final name, and frees. EIO when the disk did not
 * take them all: those that arrived whole are kept, as ssldyn_file_salvage says. Call it after a
 * failed append too. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_trace_close(struct ssldyn_trace *trace,
                                                        struct ssldyn_error *err);
void ssldyn_trace_abandon(struct ssldyn_trace *trace);

/* A trace read back: names and a row-major table. Words, which a sweep's axes may vary, are NaN. */
struct ssldyn_table {
    size_t columns;
    size_t rows;
    char **names;
    double *values; /* rows x columns */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_table_read(const char *path, struct ssldyn_table *table,
                                                       struct ssldyn_error *err);
/* The same of a table that is being written: its last line counts once it has its end. Without a
 * header so far it has no columns. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_table_read_growing(const char *path, struct ssldyn_table *table, struct ssldyn_error *err);
/* The same of a table that another program may have written: cells apart by tabs, commas,
 * semicolons or blanks (the first of these in the header line), in quotes or not, after a byte
 * order mark, with blank lines, a separator at the ends of lines, or a column without a name, e.g.
 * a row index, whose words are NaN. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_table_read_foreign(const char *path, struct ssldyn_table *table, struct ssldyn_error *err);
void ssldyn_table_clear(struct ssldyn_table *table);
/* Index of a column, or SIZE_MAX. */
size_t ssldyn_table_column(const struct ssldyn_table *table, const char *name);

/* The file behind it, borrowed: one that failed (reason set) is salvaged when it is closed. */
struct ssldyn_file *ssldyn_trace_file(struct ssldyn_trace *trace);

#endif
