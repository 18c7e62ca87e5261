/* A run directory: spec.conf, trace.tsv, events.tsv, stacked snapshots. */
// SPDX-License-Identifier: MIT
#include "sim/run/run_directory.h"

#include "sim/base/decimal.h"
#include "sim/io/file.h"
#include "sim/io/npy.h"
#include "sim/io/place.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The stacks, a frame a snapshot, and what is written once. */
enum snapshot_file {
    FILE_T,
    FILE_WP,
    FILE_W,
    FILE_WA,
    FILE_F,
    STACKS,
    FILE_X = STACKS,
    FILE_XPRIME,
    FILE_SCALE
};
enum { FILE_COUNT = FILE_SCALE + 1 };

static const char *const file_names[FILE_COUNT] = {"t.npy",           "Wp.npy",        "W.npy",
                                                   "Wa.npy",          "F.npy",         SSLDYN_RUN_X,
                                                   SSLDYN_RUN_XPRIME, SSLDYN_RUN_SCALE};

struct ssldyn_run_directory {
    const struct ssldyn_spec *spec;
    char *path;
    struct ssldyn_trace *trace;
    struct ssldyn_file events;
    struct ssldyn_npy_writer *stack[FILE_COUNT];
    bool failed; /* a file could not be written */
};

static enum ssldyn_status open_stack(struct ssldyn_run_directory *directory,
                                     enum snapshot_file which, size_t rows, size_t columns,
                                     struct ssldyn_error *err)
{
    const size_t shape[2] = {rows, columns};
    const size_t dimensions = rows == 0 ? 0 : which < STACKS ? 2 : 1;
    char *path = ssldyn_path_join(directory->path, file_names[which]);
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
    const size_t rows[STACKS] = {0, shapes->Wp, shapes->W_rows, shapes->Wa_rows, shapes->F};
    const size_t columns[STACKS] = {0, shapes->Wp, shapes->W_columns, shapes->Wa_columns,
                                    shapes->F};
    enum ssldyn_status status = SSLDYN_OK;
    for (int i = 0; status == SSLDYN_OK && i < STACKS; i++) {
        if (i == FILE_T || rows[i] > 0) {
            status = open_stack(directory, (enum snapshot_file)i, rows[i], columns[i], err);
        }
    }
    return status;
}

static enum ssldyn_status open_events(struct ssldyn_run_directory *directory,
                                      struct ssldyn_error *err)
{
    char *path = ssldyn_path_join(directory->path, "events.tsv");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file name");
    }
    const enum ssldyn_status status = ssldyn_file_open(&directory->events, path, err);
    free(path);
    if (status == SSLDYN_OK) {
        fputs("# ssldyn events 1\n# mode: 1, 2, ...; 0 is the run as a whole\nt\tmode\tevent\n",
              directory->events.stream);
    }
    return status;
}

/* Of a run that reaches its end: snapshots have 8 bytes a number, and rows of the trace at least 2
 * (a digit and a tab). */
static double least_bytes(const struct ssldyn_spec *spec, const struct ssldyn_layout *layout,
                          size_t modes, const struct ssldyn_snapshot_shapes *shapes)
{
    double row = 2.0 * (double)ssldyn_layout_width(layout, modes);
    if (shapes) {
        row +=
            8.0 * ((double)shapes->Wp * (double)shapes->Wp + (double)shapes->F * (double)shapes->F +
                   (double)shapes->W_rows * (double)shapes->W_columns +
                   (double)shapes->Wa_rows * (double)shapes->Wa_columns);
    }
    return row * (double)(spec->problem.samples + 1);
}

enum ssldyn_status ssldyn_run_directory_open(const struct ssldyn_spec *spec, const char *path,
                                             const struct ssldyn_layout *layout, size_t modes,
                                             const struct ssldyn_snapshot_shapes *shapes,
                                             struct ssldyn_run_directory **out,
                                             struct ssldyn_error *err)
{
    *out = NULL;
    struct ssldyn_run_directory *directory = calloc(1, sizeof *directory);
    if (!directory || !(directory->path = ssldyn_path_join(path, ""))) {
        free(directory);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a run directory");
    }
    directory->spec = spec;
    enum ssldyn_status status = ssldyn_directory_make(path, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_place_room(path, least_bytes(spec, layout, modes, shapes), err);
    }
    if (status == SSLDYN_OK) { /* first: a run that fills the disk can be repeated */
        status = ssldyn_spec_write(spec, path, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_trace_open(path, layout, modes, NULL, 0, &directory->trace, err);
    }
    if (status == SSLDYN_OK) {
        status = open_events(directory, err);
    }
    if (status == SSLDYN_OK && shapes) {
        status = open_stacks(directory, shapes, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_run_directory_abandon(directory);
        return status;
    }
    *out = directory;
    return SSLDYN_OK;
}

/* Notes a failure, and says at which time of the run it came. */
static enum ssldyn_status note(struct ssldyn_run_directory *directory, enum ssldyn_status status,
                               double t, struct ssldyn_error *err)
{
    directory->failed = directory->failed || status != SSLDYN_OK;
    return status == SSLDYN_OK || !err
               ? status
               : ssldyn_fail(err, status, "at t = %.10g: %s", t, err->message);
}

enum ssldyn_status ssldyn_run_directory_row(struct ssldyn_run_directory *directory,
                                            const double row[], struct ssldyn_error *err)
{
    if (!directory) {
        return SSLDYN_OK;
    }
    return note(directory, ssldyn_trace_append(directory->trace, row, err), row[0], err);
}

enum ssldyn_status ssldyn_run_directory_snapshot(struct ssldyn_run_directory *directory, double t,
                                                 const double Wp[], const double W[],
                                                 const double Wa[], const double F[],
                                                 struct ssldyn_error *err)
{
    const double *frame[STACKS] = {&t, Wp, W, Wa, F};
    for (int i = 0; directory && i < STACKS; i++) {
        if (directory->stack[i]) {
            enum ssldyn_status status =
                ssldyn_npy_writer_append(directory->stack[i], frame[i], err);
            if (status == SSLDYN_OK && i == FILE_T) { /* no frame without its time */
                status = ssldyn_npy_writer_flush(directory->stack[i], err);
            }
            if (status != SSLDYN_OK) {
                return note(directory, status, t, err);
            }
        }
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_run_directory_moments(struct ssldyn_run_directory *directory, size_t n1,
                                                const double X[], const double Xprime[],
                                                double scale, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (int i = FILE_X; directory && status == SSLDYN_OK && i <= FILE_XPRIME; i++) {
        const double *rows = i == FILE_X ? X : Xprime;
        status = open_stack(directory, (enum snapshot_file)i, n1, 0, err);
        for (size_t row = 0; status == SSLDYN_OK && row < n1; row++) {
            status = ssldyn_npy_writer_append(directory->stack[i], rows + row * n1, err);
        }
    }
    if (directory && status == SSLDYN_OK && scale != 1.0) {
        status = open_stack(directory, FILE_SCALE, 0, 0, err);
        if (status == SSLDYN_OK) {
            status = ssldyn_npy_writer_append(directory->stack[FILE_SCALE], &scale, err);
        }
    }
    return status;
}

enum ssldyn_status ssldyn_run_directory_event(struct ssldyn_run_directory *directory, double t,
                                              size_t mode, const char *what,
                                              struct ssldyn_error *err)
{
    if (directory &&
        fprintf(directory->events.stream, "%s\t%zu\t%s\n", SSLDYN_DECIMAL(t), mode, what) < 0) {
        return ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be written: %s", directory->events.path,
                           strerror(errno));
    }
    return SSLDYN_OK;
}

/* Where one file cannot be written, none counts as written, and the stacks keep as many frames as
 * all of them have. */
static void agree(struct ssldyn_run_directory *directory)
{
    struct ssldyn_file *files[FILE_COUNT + 2] = {ssldyn_trace_file(directory->trace),
                                                 &directory->events};
    size_t frames = SIZE_MAX;
    int reason = 0;
    for (int i = 0; i < FILE_COUNT; i++) {
        files[i + 2] = directory->stack[i] ? ssldyn_npy_writer_file(directory->stack[i]) : NULL;
    }
    for (int i = 0; i < FILE_COUNT + 2; i++) {
        if (files[i] && !ssldyn_file_sound(files[i]) && (reason == 0 || reason == EIO)) {
            reason = files[i]->reason;
        }
    }
    reason = reason == 0 && directory->failed ? EIO : reason;
    for (int i = 0; reason != 0 && i < FILE_COUNT + 2; i++) {
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

/* Whole, or what arrived of it. */
static enum ssldyn_status close_events(struct ssldyn_run_directory *directory,
                                       struct ssldyn_error *err)
{
    if (ssldyn_file_sound(&directory->events)) {
        return ssldyn_file_commit(&directory->events, err);
    }
    return ssldyn_file_salvage(&directory->events, ssldyn_file_arrived(&directory->events),
                               "the first events", err);
}

enum ssldyn_status ssldyn_run_directory_close(struct ssldyn_run_directory *directory,
                                              struct ssldyn_error *err)
{
    if (!directory) {
        return SSLDYN_OK;
    }
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
    kept = ssldyn_fail_first(err, kept, ssldyn_trace_close(directory->trace, &now), &now);
    directory->trace = NULL;
    ssldyn_run_directory_abandon(directory);
    return kept;
}

void ssldyn_run_directory_abandon(struct ssldyn_run_directory *directory)
{
    if (!directory) {
        return;
    }
    for (int i = 0; i < FILE_COUNT; i++) {
        ssldyn_npy_writer_abandon(directory->stack[i]);
    }
    ssldyn_file_abandon(&directory->events);
    if (directory->trace) {
        ssldyn_trace_abandon(directory->trace);
    }
    free(directory->path);
    free(directory);
}
