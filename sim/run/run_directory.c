/* A run directory: spec.conf, trace.tsv, events.tsv, stacked snapshots. */
// SPDX-License-Identifier: MIT
#include "sim/run/run_directory.h"

#include "sim/base/decimal.h"
#include "sim/io/output_dir.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The stacks, one frame per snapshot, and the files written once. */
enum snapshot_file {
    FILE_T,
    FILE_WP,
    FILE_W,
    FILE_WA,
    FILE_F,
    FILE_MEAN,
    FILE_SAMPLES,
    STACKS,
    FILE_X = STACKS,
    FILE_XPRIME,
    FILE_SCALE
};
enum { FILE_COUNT = FILE_SCALE + 1, ALL_FILES = FILE_COUNT + 2 + (int)SSLDYN_SINK_TABLES };
_Static_assert(FILE_COUNT == (int)SSLDYN_RUN_STACKS, "one stack per file");

static const char *const file_names[FILE_COUNT] = {
    "t.npy",    "Wp.npy",    "W.npy",      "Wa.npy",          "F.npy",
    "mean.npy", "count.npy", SSLDYN_RUN_X, SSLDYN_RUN_XPRIME, SSLDYN_RUN_SCALE};

static struct ssldyn_run_directory *as_directory(struct ssldyn_sink *sink)
{
    return (struct ssldyn_run_directory *)sink;
}

static enum ssldyn_status open_stack(struct ssldyn_run_directory *directory,
                                     enum snapshot_file which, size_t rows, size_t columns,
                                     struct ssldyn_error *err)
{
    const size_t shape[2] = {rows, columns};
    const size_t dimensions = rows == 0 ? 0 : columns > 0 ? 2 : 1;
    char *path = ssldyn_file_path_join(directory->path, file_names[which]);
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file name");
    }
    const enum ssldyn_status status =
        ssldyn_npy_writer_open(path, dimensions, shape, &directory->stack[which], err);
    free(path);
    return status;
}

static enum ssldyn_status open_stacks(struct ssldyn_run_directory *directory,
                                      const struct ssldyn_snapshot_shapes *shapes,
                                      struct ssldyn_error *err)
{
    const size_t rows[STACKS] = {
        0, ssldyn_sink_rows_of_Wp(shapes), shapes->W_rows, shapes->Wa_rows, shapes->F, shapes->mean,
        0};
    const size_t columns[STACKS] = {0, shapes->Wp, shapes->W_columns, shapes->Wa_columns,
                                    shapes->F};
    enum ssldyn_status status = SSLDYN_OK;
    for (int i = 0; status == SSLDYN_OK && i < STACKS; i++) {
        if (i == FILE_T || rows[i] > 0 || (i == FILE_SAMPLES && shapes->mean > 0)) {
            status = open_stack(directory, (enum snapshot_file)i, rows[i], columns[i], err);
        }
    }
    return status;
}

static enum ssldyn_status open_table(struct ssldyn_run_directory *directory,
                                     const struct ssldyn_sink_shape *shape, size_t i,
                                     struct ssldyn_error *err)
{
    const char *const comments[] = {shape->tables[i].comment};
    char *path = ssldyn_file_path_join(directory->path, shape->tables[i].name);
    enum ssldyn_status status = path ? ssldyn_file_make_directory(path, err)
                                     : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a name");
    if (status == SSLDYN_OK) {
        status = ssldyn_trace_open(path, shape->layout, shape->modes, comments, 1,
                                   &directory->tables[i], err);
    }
    free(path);
    return status;
}

static enum ssldyn_status open_events(struct ssldyn_run_directory *directory,
                                      struct ssldyn_error *err)
{
    const enum ssldyn_status status =
        ssldyn_file_open_in(&directory->events, directory->path, "events.tsv", err);
    if (status == SSLDYN_OK) {
        fputs(SSLDYN_RUN_EVENTS_HEAD, directory->events.stream);
    }
    return status;
}

/* For a complete run: snapshots have 8 bytes per number, and rows of the trace at least 2 (a digit
 * and a tab). */
static double least_bytes(const struct ssldyn_sink_shape *shape)
{
    const struct ssldyn_snapshot_shapes *shapes = &shape->snapshots;
    const double trace = 2.0 * (double)ssldyn_layout_width(shape->layout, shape->modes);
    const double row =
        trace + 8.0 * ((double)ssldyn_sink_rows_of_Wp(shapes) * (double)shapes->Wp +
                       (double)shapes->F * (double)shapes->F +
                       (double)shapes->W_rows * (double)shapes->W_columns +
                       (double)shapes->Wa_rows * (double)shapes->Wa_columns + (double)shapes->mean);
    return (row + (double)shape->table_count * trace) * (double)shape->rows;
}

static void directory_abandon(struct ssldyn_sink *sink)
{
    struct ssldyn_run_directory *directory = as_directory(sink);
    for (int i = 0; i < FILE_COUNT; i++) {
        ssldyn_npy_writer_abandon(directory->stack[i]);
    }
    ssldyn_file_abandon(&directory->events);
    ssldyn_trace_abandon(directory->trace);
    for (size_t i = 0; i < directory->table_count; i++) {
        ssldyn_trace_abandon(directory->tables[i]);
    }
    *directory = (struct ssldyn_run_directory){.sink = directory->sink,
                                               .path = directory->path,
                                               .print_settings = directory->print_settings,
                                               .settings = directory->settings};
}

static enum ssldyn_status directory_open(struct ssldyn_sink *sink,
                                         const struct ssldyn_sink_shape *shape,
                                         struct ssldyn_error *err)
{
    struct ssldyn_run_directory *directory = as_directory(sink);
    const char *path = directory->path;
    enum ssldyn_status status = ssldyn_file_make_directory(path, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_output_dir_check_space(path, least_bytes(shape), err);
    }
    if (status == SSLDYN_OK) { /* first, so that a run that fills the disk can be repeated */
        status = ssldyn_file_print(path, "spec.conf", directory->print_settings,
                                   directory->settings, err);
    }
    if (status == SSLDYN_OK) {
        status =
            ssldyn_trace_open(path, shape->layout, shape->modes, NULL, 0, &directory->trace, err);
    }
    if (status == SSLDYN_OK) {
        status = open_events(directory, err);
    }
    directory->table_count = shape->table_count;
    directory->width = ssldyn_layout_width(shape->layout, shape->modes);
    for (size_t i = 0; status == SSLDYN_OK && i < shape->table_count; i++) {
        status = open_table(directory, shape, i, err);
    }
    if (status == SSLDYN_OK && shape->snapshots.Wp > 0) {
        status = open_stacks(directory, &shape->snapshots, err);
    }
    if (status != SSLDYN_OK) {
        directory_abandon(sink);
    }
    return status;
}

/* Records a failure, and adds the time of the run to its message. */
static enum ssldyn_status note(struct ssldyn_run_directory *directory, enum ssldyn_status status,
                               double t, struct ssldyn_error *err)
{
    directory->failed = directory->failed || status != SSLDYN_OK;
    return status == SSLDYN_OK || !err
               ? status
               : ssldyn_fail(err, status, "at t = %.10g: %s", t, err->message);
}

static enum ssldyn_status directory_row(struct ssldyn_sink *sink, const double row[],
                                        struct ssldyn_error *err)
{
    struct ssldyn_run_directory *directory = as_directory(sink);
    return note(directory, ssldyn_trace_append(directory->trace, row, err), row[0], err);
}

static enum ssldyn_status directory_tables(struct ssldyn_sink *sink, const double rows[],
                                           struct ssldyn_error *err)
{
    struct ssldyn_run_directory *directory = as_directory(sink);
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < directory->table_count; i++) {
        status = ssldyn_trace_append(directory->tables[i], rows + i * directory->width, err);
    }
    return note(directory, status, rows[0], err);
}

static enum ssldyn_status directory_snapshot(struct ssldyn_sink *sink,
                                             const struct ssldyn_frame *frame,
                                             struct ssldyn_error *err)
{
    struct ssldyn_run_directory *directory = as_directory(sink);
    const double *parts[STACKS] = {&frame->t, frame->Wp,   frame->W,     frame->Wa,
                                   frame->F,  frame->mean, &frame->count};
    for (int i = 0; i < STACKS; i++) {
        if (directory->stack[i]) {
            enum ssldyn_status status =
                ssldyn_npy_writer_append(directory->stack[i], parts[i], err);
            if (status == SSLDYN_OK && i == FILE_T) { /* no frame without its time */
                status = ssldyn_npy_writer_flush(directory->stack[i], err);
            }
            if (status != SSLDYN_OK) {
                return note(directory, status, frame->t, err);
            }
        }
    }
    return SSLDYN_OK;
}

static enum ssldyn_status directory_moments(struct ssldyn_sink *sink, size_t n1, const double X[],
                                            const double Xprime[], double scale,
                                            struct ssldyn_error *err)
{
    struct ssldyn_run_directory *directory = as_directory(sink);
    enum ssldyn_status status = SSLDYN_OK;
    for (int i = FILE_X; status == SSLDYN_OK && i <= FILE_XPRIME; i++) {
        const double *rows = i == FILE_X ? X : Xprime;
        status = open_stack(directory, (enum snapshot_file)i, n1, 0, err);
        for (size_t row = 0; status == SSLDYN_OK && row < n1; row++) {
            status = ssldyn_npy_writer_append(directory->stack[i], rows + row * n1, err);
        }
    }
    if (status == SSLDYN_OK && scale != 1.0) {
        status = open_stack(directory, FILE_SCALE, 0, 0, err);
        if (status == SSLDYN_OK) {
            status = ssldyn_npy_writer_append(directory->stack[FILE_SCALE], &scale, err);
        }
    }
    return status;
}

static enum ssldyn_status directory_event(struct ssldyn_sink *sink, double t, size_t mode,
                                          const char *what, struct ssldyn_error *err)
{
    struct ssldyn_run_directory *directory = as_directory(sink);
    if (fprintf(directory->events.stream, SSLDYN_RUN_EVENT, SSLDYN_DECIMAL(t), mode, what) < 0) {
        return ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s: cannot be written",
                                  directory->events.path);
    }
    return SSLDYN_OK;
}

/* If one file cannot be written, all count as failed, and the stacks keep the same number of
 * frames. */
static void agree(struct ssldyn_run_directory *directory)
{
    struct ssldyn_file *files[ALL_FILES] = {ssldyn_trace_file(directory->trace),
                                            &directory->events};
    size_t frames = SIZE_MAX;
    int reason = 0;
    for (int i = 0; i < FILE_COUNT; i++) {
        files[i + 2] = directory->stack[i] ? ssldyn_npy_writer_file(directory->stack[i]) : NULL;
    }
    for (size_t i = 0; i < directory->table_count; i++) {
        files[FILE_COUNT + 2 + i] = ssldyn_trace_file(directory->tables[i]);
    }
    for (int i = 0; i < ALL_FILES; i++) {
        if (files[i] && !ssldyn_file_sound(files[i]) && (reason == 0 || reason == EIO)) {
            reason = files[i]->reason;
        }
    }
    reason = reason == 0 && directory->failed ? EIO : reason;
    for (int i = 0; reason != 0 && i < ALL_FILES; i++) {
        if (files[i] && files[i]->reason == 0) {
            files[i]->reason = reason;
        }
    }
    for (int i = 0; reason != 0 && i < STACKS; i++) {
        const size_t here =
            directory->stack[i] ? ssldyn_npy_writer_arrived(directory->stack[i]) : frames;
        frames = here < frames ? here : frames;
    }
    for (int i = 0; reason != 0 && i < STACKS; i++) {
        if (directory->stack[i]) {
            ssldyn_npy_writer_limit(directory->stack[i], frames);
        }
    }
}

/* Commits the file, or salvages what was written of it. */
static enum ssldyn_status close_events(struct ssldyn_run_directory *directory,
                                       struct ssldyn_error *err)
{
    if (ssldyn_file_sound(&directory->events)) {
        return ssldyn_file_commit(&directory->events, err);
    }
    return ssldyn_file_salvage(&directory->events, ssldyn_file_arrived(&directory->events),
                               "the first events", err);
}

static enum ssldyn_status directory_close(struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    struct ssldyn_run_directory *directory = as_directory(sink);
    enum ssldyn_status kept = SSLDYN_OK;
    struct ssldyn_error now = {SSLDYN_OK, ""};
    agree(directory);
    for (int i = 0; i < FILE_COUNT; i++) {
        if (directory->stack[i]) {
            kept = ssldyn_fail_first(err, kept, ssldyn_npy_writer_close(directory->stack[i], &now),
                                     &now);
            directory->stack[i] = NULL;
        }
    }
    kept = ssldyn_fail_first(err, kept, close_events(directory, &now), &now);
    for (size_t i = 0; i < directory->table_count; i++) {
        kept = ssldyn_fail_first(err, kept, ssldyn_trace_close(directory->tables[i], &now), &now);
        directory->tables[i] = NULL;
    }
    kept = ssldyn_fail_first(err, kept, ssldyn_trace_close(directory->trace, &now), &now);
    directory->trace = NULL;
    directory_abandon(sink);
    return kept;
}

static const struct ssldyn_sink_kind kind = {.open = directory_open,
                                             .row = directory_row,
                                             .tables = directory_tables,
                                             .snapshot = directory_snapshot,
                                             .moments = directory_moments,
                                             .event = directory_event,
                                             .close = directory_close,
                                             .abandon = directory_abandon};

void ssldyn_run_directory_init(struct ssldyn_run_directory *directory, const char *path,
                               ssldyn_run_settings_print *print_settings, const void *settings)
{
    *directory = (struct ssldyn_run_directory){.sink = {.kind = &kind},
                                               .path = path,
                                               .print_settings = print_settings,
                                               .settings = settings};
}
