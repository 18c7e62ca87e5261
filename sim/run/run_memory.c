/* A run in memory. */
// SPDX-License-Identifier: MIT
#include "sim/run/run_memory.h"

#include "sim/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* One matrix of the snapshots: its memory and its size. */
struct stack {
    double **kept;
    size_t size;
    const double *from;
};
enum { STACKS = 4 };

static void list_stacks(struct ssldyn_run_memory *memory, const struct ssldyn_frame *frame,
                        struct stack stacks[STACKS])
{
    const struct ssldyn_snapshot_shapes *shapes = &memory->shape.snapshots;
    const struct stack all[STACKS] = {
        {&memory->Wp, ssldyn_sink_rows_of_Wp(shapes) * shapes->Wp, frame ? frame->Wp : NULL},
        {&memory->W, shapes->W_rows * shapes->W_columns, frame ? frame->W : NULL},
        {&memory->Wa, shapes->Wa_rows * shapes->Wa_columns, frame ? frame->Wa : NULL},
        {&memory->F, shapes->F * shapes->F, frame ? frame->F : NULL}};
    memcpy(stacks, all, sizeof all);
}

void ssldyn_run_memory_clear(struct ssldyn_run_memory *memory)
{
    free(memory->rows);
    free(memory->Wp);
    free(memory->W);
    free(memory->Wa);
    free(memory->F);
    memory->rows = memory->Wp = memory->W = memory->Wa = memory->F = NULL;
    for (size_t i = 0; i < memory->table_count; i++) {
        free(memory->tables[i].rows);
    }
    free(memory->tables);
    memory->tables = NULL;
    memory->table_count = 0;
    memory->count = memory->frames = 0;
}

static bool open_tables(struct ssldyn_run_memory *memory, const struct ssldyn_sink_shape *shape)
{
    memory->shape.table_count = 0;
    memory->shape.tables = NULL;
    memory->tables = ssldyn_memory_array(shape->table_count, sizeof *memory->tables);
    bool complete = memory->tables;
    for (size_t i = 0; complete && i < shape->table_count; i++) {
        struct ssldyn_memory_table *table = &memory->tables[memory->table_count++];
        table->about = shape->tables[i];
        table->rows = ssldyn_memory_array(shape->rows, memory->width * sizeof *table->rows);
        complete = table->rows;
    }
    return complete;
}

static enum ssldyn_status memory_open(struct ssldyn_sink *sink,
                                      const struct ssldyn_sink_shape *shape,
                                      struct ssldyn_error *err)
{
    struct ssldyn_run_memory *memory = (struct ssldyn_run_memory *)sink;
    struct stack stacks[STACKS];
    ssldyn_run_memory_clear(memory);
    memory->shape = *shape;
    memory->width = ssldyn_layout_width(shape->layout, shape->modes);
    memory->rows = ssldyn_memory_array(shape->rows, memory->width * sizeof *memory->rows);
    list_stacks(memory, NULL, stacks);
    bool complete = memory->rows && open_tables(memory, shape);
    for (size_t i = 0; ssldyn_sink_takes_snapshots(sink) && i < STACKS; i++) {
        if (stacks[i].size > 0) {
            *stacks[i].kept = ssldyn_memory_array(shape->rows, stacks[i].size * sizeof(double));
            complete = complete && *stacks[i].kept;
        }
    }
    if (!complete) {
        ssldyn_run_memory_clear(memory);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu rows", shape->rows);
    }
    return SSLDYN_OK;
}

static enum ssldyn_status memory_row(struct ssldyn_sink *sink, const double row[],
                                     struct ssldyn_error *err)
{
    struct ssldyn_run_memory *memory = (struct ssldyn_run_memory *)sink;
    (void)err;
    memcpy(memory->rows + memory->count++ * memory->width, row, memory->width * sizeof *row);
    return SSLDYN_OK;
}

static enum ssldyn_status memory_tables(struct ssldyn_sink *sink, const double rows[],
                                        struct ssldyn_error *err)
{
    struct ssldyn_run_memory *memory = (struct ssldyn_run_memory *)sink;
    const size_t width = memory->width;
    (void)err;
    for (size_t i = 0; i < memory->table_count; i++) {
        memcpy(memory->tables[i].rows + (memory->count - 1) * width, rows + i * width,
               width * sizeof *rows);
    }
    return SSLDYN_OK;
}

static enum ssldyn_status memory_snapshot(struct ssldyn_sink *sink,
                                          const struct ssldyn_frame *frame,
                                          struct ssldyn_error *err)
{
    struct ssldyn_run_memory *memory = (struct ssldyn_run_memory *)sink;
    struct stack stacks[STACKS];
    (void)err;
    list_stacks(memory, frame, stacks);
    for (size_t i = 0; i < STACKS; i++) {
        if (*stacks[i].kept) {
            memcpy(*stacks[i].kept + memory->frames * stacks[i].size, stacks[i].from,
                   stacks[i].size * sizeof(double));
        }
    }
    memory->frames++;
    return SSLDYN_OK;
}

static void memory_abandon(struct ssldyn_sink *sink)
{
    ssldyn_run_memory_clear((struct ssldyn_run_memory *)sink);
}

static const struct ssldyn_sink_kind rows_alone = {
    .open = memory_open, .row = memory_row, .tables = memory_tables, .abandon = memory_abandon};
static const struct ssldyn_sink_kind with_snapshots = {.open = memory_open,
                                                       .row = memory_row,
                                                       .tables = memory_tables,
                                                       .snapshot = memory_snapshot,
                                                       .abandon = memory_abandon};

void ssldyn_run_memory_init(struct ssldyn_run_memory *memory, bool snapshots)
{
    *memory =
        (struct ssldyn_run_memory){.sink = {.kind = snapshots ? &with_snapshots : &rows_alone}};
}
