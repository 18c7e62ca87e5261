/* trace.tsv: "# ssldyn trace 1", comment lines, one header line, then rows of numbers (shortest
 * decimals that read back). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TRACE_H
#define SSLDYN_SIM_IO_TRACE_H

#include "sim/base/error.h"
#include "sim/io/file.h"
#include "sim/io/layout.h"

#include <stddef.h>
#include <stdint.h>

struct ssldyn_trace;
/* Opens directory/trace.tsv for writing (as trace.tsv.tmp) and writes its header. comments: lines
 * without '#', may be NULL. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_trace_open(const char *directory, const struct ssldyn_layout *layout, size_t modes,
                  const char *const comments[], size_t comment_count, struct ssldyn_trace **trace,
                  struct ssldyn_error *err);
/* One row of ssldyn_layout_width numbers. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_trace_append(struct ssldyn_trace *trace, const double row[], struct ssldyn_error *err);
/* Renames the file with the rows written so far to its final name, and frees. EIO if a write
 * failed: the complete rows are kept (ssldyn_file_salvage). Call it also after a failed append. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_trace_close(struct ssldyn_trace *trace,
                                                        struct ssldyn_error *err);
void ssldyn_trace_abandon(struct ssldyn_trace *trace);

/* A trace read back: names and a row-major table. Words, which may be values of a sweep's axes, are
 * NaN. */
struct ssldyn_table {
    size_t columns;
    size_t rows;
    char **names;
    double *values; /* rows x columns */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_table_read(const char *path, struct ssldyn_table *table,
                                                       struct ssldyn_error *err);
/* The same for a table that is still being written: an incomplete last line is ignored. Before its
 * header is written it has no columns. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_table_read_growing(const char *path, struct ssldyn_table *table, struct ssldyn_error *err);
/* The same for a table from any program: cells separated by tabs, commas, semicolons or blanks (the
 * first of these in the header line), quoted or not, after a byte order mark, with blank lines, a
 * separator at the ends of lines, or a column without a name, e.g. a row index, whose words are
 * NaN. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_table_read_foreign(const char *path, struct ssldyn_table *table, struct ssldyn_error *err);
/* The same for a nonempty text; name: its name in messages. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_table_read_text(const char *name, const char *text,
                                                            struct ssldyn_table *table,
                                                            struct ssldyn_error *err);
void ssldyn_table_clear(struct ssldyn_table *table);
/* Index of a column, or SIZE_MAX. */
size_t ssldyn_table_column(const struct ssldyn_table *table, const char *name);
/* The number in an existing row and column. */
static inline double ssldyn_table_value(const struct ssldyn_table *table, size_t row, size_t column)
{
    return table->values[row * table->columns + column];
}

/* The underlying file, borrowed: a file with a failure (reason set) is salvaged on close. */
struct ssldyn_file *ssldyn_trace_file(struct ssldyn_trace *trace);

#endif
