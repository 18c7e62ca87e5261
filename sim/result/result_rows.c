/* The rows of a result: from a run in memory, or one at a time. */
// SPDX-License-Identifier: MIT
#include "sim/result/result_internal.h"

#include "sim/base/memory.h"
#include "sim/io/trace.h"

#include <stdlib.h>
#include <string.h>

/* Allocates count names of `bytes` in all, terminators included, in one block that begins with the
 * pointers to them; NULL, and noted, if out of memory. */
static char *make_names(struct ssldyn_result *result, size_t count, size_t bytes)
{
    free(result->names);
    result->columns = 0;
    result->names = ssldyn_memory_array(count * sizeof *result->names + bytes, 1);
    result->no_memory = result->no_memory || !result->names;
    return result->names ? (char *)(result->names + count) : NULL;
}

void ssldyn_result_put_columns(struct ssldyn_result *result, size_t count,
                               const char *const names[])
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += strlen(names[i]) + 1;
    }
    char *next = make_names(result, count, bytes);
    for (size_t i = 0; next && i < count; i++) {
        const size_t size = strlen(names[i]) + 1;
        result->names[i] = memcpy(next, names[i], size);
        next += size;
    }
    result->columns = next ? count : 0;
}

void ssldyn_result_put_row(struct ssldyn_result *result, const double row[])
{
    const size_t size = result->columns * sizeof *row;
    if (size == 0) { /* out of memory */
        return;
    }
    void *rows = result->rows;
    const bool grown = ssldyn_result_grow(result, &result->rows_used, &rows, size);
    result->rows = rows;
    if (grown) {
        memcpy(result->rows + result->rows_used.count++ * result->columns, row, size);
    }
}

void ssldyn_result_put_table(struct ssldyn_result *result, const struct ssldyn_table *table)
{
    ssldyn_result_put_columns(result, table->columns, (const char *const *)table->names);
    for (size_t i = 0; i < table->rows; i++) {
        ssldyn_result_put_row(result, table->values + i * table->columns);
    }
}

/* "t", ..., "p_1", "s_1", ..., as in the file's header. */
void ssldyn_result_put_layout(struct ssldyn_result *result, const struct ssldyn_layout *layout,
                              size_t modes)
{
    enum { NUMBER = 22 }; /* "_", the digits of a size, the terminator */
    size_t bytes = 0;
    for (size_t i = 0; i < layout->scalar_count; i++) {
        bytes += strlen(layout->scalars[i].name) + 1;
    }
    for (size_t i = 0; modes > 0 && i < layout->per_mode_count; i++) {
        bytes += modes * (strlen(layout->per_mode[i].name) + NUMBER);
    }
    const size_t width = ssldyn_layout_width(layout, modes);
    char *next = make_names(result, width, bytes);
    if (!next) {
        return;
    }
    for (size_t i = 0; i < layout->scalar_count; i++) {
        const size_t size = strlen(layout->scalars[i].name) + 1;
        result->names[i] = memcpy(next, layout->scalars[i].name, size);
        next += size;
    }
    char **name = result->names + layout->scalar_count;
    for (size_t j = 1; j <= modes; j++) {
        for (size_t k = 0; k < layout->per_mode_count; k++) {
            const char *stem = layout->per_mode[k].name;
            *name++ = next;
            next += snprintf(next, strlen(stem) + NUMBER, "%s_%zu", stem, j) + 1;
        }
    }
    result->columns = width;
    result->layout = layout;
    result->modes = modes;
}

/* One stack of snapshots. */
static void take_stack(struct ssldyn_result *result, const char *name, size_t frames, size_t rows,
                       size_t columns, double **data)
{
    const size_t shape[] = {frames, rows, columns};
    if (*data) {
        ssldyn_result_take_array(result, name, 3, shape, *data);
        *data = NULL;
    }
}

/* The times of the snapshots, which are those of the rows. */
static void put_times(struct ssldyn_result *result, const struct ssldyn_run_memory *memory)
{
    double *t = ssldyn_result_put_array(result, "t", 1, &memory->frames);
    for (size_t i = 0; t && i < memory->frames; i++) {
        t[i] = memory->rows[i * memory->width];
    }
}

void ssldyn_result_take_rows(struct ssldyn_result *result, struct ssldyn_run_memory *memory)
{
    const struct ssldyn_snapshot_shapes *shapes = &memory->shape.snapshots;
    if (!memory->rows) {
        return;
    }
    ssldyn_result_put_layout(result, memory->shape.layout, memory->shape.modes);
    if (memory->Wp || memory->W || memory->Wa || memory->F) {
        put_times(result, memory);
    }
    take_stack(result, "Wp", memory->frames, ssldyn_sink_rows_of_Wp(shapes), shapes->Wp,
               &memory->Wp);
    take_stack(result, "W", memory->frames, shapes->W_rows, shapes->W_columns, &memory->W);
    take_stack(result, "Wa", memory->frames, shapes->Wa_rows, shapes->Wa_columns, &memory->Wa);
    take_stack(result, "F", memory->frames, shapes->F, shapes->F, &memory->F);
    for (size_t i = 0; i < memory->table_count; i++) {
        struct ssldyn_memory_table *table = &memory->tables[i];
        const size_t shape[] = {memory->count, memory->width};
        ssldyn_result_take_array(result, table->about.name, 2, shape, table->rows);
        table->rows = NULL;
    }
    free(result->rows);
    result->rows = memory->rows;
    result->rows_used.count = result->rows_used.capacity = memory->count;
    memory->rows = NULL;
    ssldyn_run_memory_clear(memory);
}
