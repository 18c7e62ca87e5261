/* Collects curves at common times and writes them as a trace.tsv. */
// SPDX-License-Identifier: MIT
#include "sim/compare/compare_sheet.h"

#include "sim/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum ssldyn_status ssldyn_compare_sheet_create(size_t rows, size_t capacity,
                                               struct ssldyn_sheet *sheet, struct ssldyn_error *err)
{
    *sheet = (struct ssldyn_sheet){.rows = rows, .capacity = capacity};
    sheet->columns = ssldyn_memory_array(capacity, sizeof *sheet->columns);
    sheet->names = ssldyn_memory_array(capacity, sizeof *sheet->names);
    sheet->values = ssldyn_memory_array(rows, capacity * sizeof(double));
    return sheet->columns && sheet->names && sheet->values
               ? SSLDYN_OK
               : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu rows", rows);
}

void ssldyn_compare_sheet_clear(struct ssldyn_sheet *sheet)
{
    free(sheet->columns);
    free(sheet->names);
    free(sheet->values);
    *sheet = (struct ssldyn_sheet){0};
}

void ssldyn_compare_sheet_keep(struct ssldyn_sheet *sheet, const char *name, const char *ending,
                               const char *meaning, const double values[])
{
    if (sheet->count == sheet->capacity) {
        return;
    }
    (void)snprintf(sheet->names[sheet->count], SSLDYN_SHEET_NAME, "%s%s", name, ending);
    sheet->columns[sheet->count] = (struct ssldyn_column){sheet->names[sheet->count], meaning};
    memcpy(sheet->values + sheet->count * sheet->rows, values, sheet->rows * sizeof *values);
    sheet->count++;
}

enum ssldyn_status ssldyn_compare_sheet_write(const struct ssldyn_sheet *sheet,
                                              const char *directory, struct ssldyn_error *err)
{
    const struct ssldyn_layout layout = {.scalars = sheet->columns, .scalar_count = sheet->count};
    struct ssldyn_trace *trace = NULL;
    double *row = ssldyn_memory_array(sheet->count, sizeof *row);
    enum ssldyn_status status =
        row ? ssldyn_trace_open(directory, &layout, 0, NULL, 0, &trace, err)
            : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu columns", sheet->count);
    for (size_t i = 0; status == SSLDYN_OK && i < sheet->rows; i++) {
        for (size_t column = 0; column < sheet->count; column++) {
            row[column] = sheet->values[column * sheet->rows + i];
        }
        status = ssldyn_trace_append(trace, row, err);
    }
    free(row);
    if (status == SSLDYN_OK) {
        return ssldyn_trace_close(trace, err);
    }
    if (trace) {
        ssldyn_trace_abandon(trace);
    }
    return status;
}
