/* The rows of a run in a directory and in memory. */
// SPDX-License-Identifier: MIT
#include "sim/answer/answer_run.h"

#include "sim/answer/answer_file.h"
#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/io/file.h"

#include <stdlib.h>
#include <string.h>

/* The object that contains the sink of notes as its first member. */
static struct ssldyn_answer_run *run_of(struct ssldyn_sink *sink)
{
    return (struct ssldyn_answer_run *)((char *)sink -
                                        offsetof(struct ssldyn_answer_run, notes.sink));
}

static enum ssldyn_status notes_open(struct ssldyn_sink *sink,
                                     const struct ssldyn_sink_shape *shape,
                                     struct ssldyn_error *err)
{
    struct ssldyn_answer_run *run = run_of(sink);
    (void)shape;
    run->notes.stream = ssldyn_result_begin_text(run->notes.result, "events");
    if (!run->notes.stream) {
        return ssldyn_result_check(run->notes.result, err);
    }
    fputs(SSLDYN_RUN_EVENTS_HEAD, run->notes.stream);
    return SSLDYN_OK;
}

static enum ssldyn_status notes_event(struct ssldyn_sink *sink, double t, size_t mode,
                                      const char *what, struct ssldyn_error *err)
{
    (void)err;
    fprintf(run_of(sink)->notes.stream, SSLDYN_RUN_EVENT, SSLDYN_DECIMAL(t), mode, what);
    return SSLDYN_OK;
}

static enum ssldyn_status notes_moments(struct ssldyn_sink *sink, size_t n1, const double X[],
                                        const double Xprime[], double scale,
                                        struct ssldyn_error *err)
{
    struct ssldyn_result *result = run_of(sink)->notes.result;
    const size_t shape[] = {n1, n1};
    double *x = ssldyn_result_put_array(result, "data_x", 2, shape);
    double *xprime = ssldyn_result_put_array(result, "data_xprime", 2, shape);
    double *factor = ssldyn_result_put_array(result, "data_scale", 0, NULL);
    if (!x || !xprime || !factor) {
        return ssldyn_result_check(result, err);
    }
    memcpy(x, X, n1 * n1 * sizeof *x);
    memcpy(xprime, Xprime, n1 * n1 * sizeof *xprime);
    *factor = scale;
    return SSLDYN_OK;
}

static enum ssldyn_status notes_close(struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    (void)err;
    ssldyn_result_end_text(run_of(sink)->notes.result);
    return SSLDYN_OK;
}

static void notes_abandon(struct ssldyn_sink *sink)
{
    ssldyn_result_end_text(run_of(sink)->notes.result);
}

static const struct ssldyn_sink_kind notes_kind = {.open = notes_open,
                                                   .event = notes_event,
                                                   .moments = notes_moments,
                                                   .close = notes_close,
                                                   .abandon = notes_abandon};

void ssldyn_answer_run_init(struct ssldyn_answer_run *run, const struct ssldyn_spec *spec,
                            const struct ssldyn_answer_mode *mode,
                            const struct ssldyn_output *output, struct ssldyn_result *result)
{
    *run = (struct ssldyn_answer_run){.notes = {.sink = {.kind = &notes_kind}, .result = result}};
    ssldyn_run_memory_init(&run->memory, true);
    ssldyn_run_directory_init(&run->directory, output->work, ssldyn_spec_print, spec);
    if (mode->keep) {
        run->memory.sink.next = &run->notes.sink;
        run->sink = &run->memory.sink;
    }
    if (output->work) {
        run->directory.sink.next = run->sink;
        run->sink = &run->directory.sink;
    }
}

/* ---- saving */

/* The texts that are saved as files unchanged. */
static const struct {
    const char *text, *file;
} files[] = {{"events", "events.tsv"}, {"margins", "margins.tsv"}};

static void print_spec(const void *result, FILE *stream)
{
    const char *spec = ssldyn_result_text(result, "spec");
    fputs(spec ? spec : "", stream);
}

/* The shape of a saved run. */
struct files_shape {
    struct ssldyn_sink_shape shape;
    struct ssldyn_sink_table tables[SSLDYN_SINK_TABLES];
};

static const double *frame_of(const double *stack, size_t i, size_t rows, size_t columns)
{
    return stack ? stack + i * rows * columns : NULL;
}

/* Writes the rows, and at each time those of the tables. */
static enum ssldyn_status replay_rows(const struct ssldyn_result *result,
                                      const struct ssldyn_sink_shape *shape,
                                      struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    const double *rows = ssldyn_result_rows(result);
    const size_t width = ssldyn_result_column_count(result);
    double *across = ssldyn_memory_array(shape->table_count * width, sizeof *across);
    enum ssldyn_status status =
        across ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a row");
    for (size_t i = 0; status == SSLDYN_OK && i < ssldyn_result_row_count(result); i++) {
        status = ssldyn_sink_row(sink, rows + i * width, err);
        for (size_t k = 0; k < shape->table_count; k++) {
            size_t dimensions = 0;
            size_t found[SSLDYN_DIMENSIONS];
            const double *table =
                ssldyn_result_array(result, shape->tables[k].name, &dimensions, found);
            memcpy(across + k * width, table + i * width, width * sizeof *across);
        }
        if (status == SSLDYN_OK && shape->table_count > 0) {
            status = ssldyn_sink_tables(sink, across, err);
        }
    }
    free(across);
    return status;
}

static enum ssldyn_status replay(const struct ssldyn_result *result,
                                 const struct ssldyn_sink_shape *shape, struct ssldyn_sink *sink,
                                 struct ssldyn_error *err)
{
    const struct ssldyn_snapshot_shapes *shapes = &shape->snapshots;
    size_t dimensions = 0;
    size_t found[SSLDYN_DIMENSIONS] = {0};
    const double *Wp = ssldyn_result_array(result, "Wp", &dimensions, found);
    const double *W = ssldyn_result_array(result, "W", &dimensions, found);
    const double *Wa = ssldyn_result_array(result, "Wa", &dimensions, found);
    const double *F = ssldyn_result_array(result, "F", &dimensions, found);
    const double *t = ssldyn_result_array(result, "t", &dimensions, found);
    const size_t frames = t ? found[0] : 0;
    enum ssldyn_status status = replay_rows(result, shape, sink, err);
    for (size_t i = 0; status == SSLDYN_OK && i < frames; i++) {
        const struct ssldyn_frame frame = {
            .t = t[i],
            .Wp = frame_of(Wp, i, ssldyn_sink_rows_of_Wp(shapes), shapes->Wp),
            .W = frame_of(W, i, shapes->W_rows, shapes->W_columns),
            .Wa = frame_of(Wa, i, shapes->Wa_rows, shapes->Wa_columns),
            .F = frame_of(F, i, shapes->F, shapes->F)};
        status = ssldyn_sink_snapshot(sink, &frame, err);
    }
    const double *X = ssldyn_result_array(result, "data_x", &dimensions, found);
    const double *Xprime = ssldyn_result_array(result, "data_xprime", &dimensions, found);
    if (status == SSLDYN_OK && X && Xprime) {
        const size_t n1 = found[0];
        const double *scale = ssldyn_result_array(result, "data_scale", &dimensions, found);
        status = ssldyn_sink_moments(sink, n1, X, Xprime, *scale, err);
    }
    return status;
}

/* Writes the files of a run, identical to those that it would have written itself. */
static enum ssldyn_status write_run(const struct ssldyn_result *result, const void *context,
                                    const char *path, struct ssldyn_error *err)
{
    const struct files_shape *kept = context;
    struct ssldyn_sink_shape offered = kept->shape;
    const struct ssldyn_sink_shape *shape = &offered;
    struct ssldyn_run_directory directory;
    struct ssldyn_error now = {SSLDYN_OK, ""};
    offered.tables = kept->tables;
    ssldyn_run_directory_init(&directory, path, print_spec, result);
    enum ssldyn_status status = ssldyn_sink_open(&directory.sink, shape, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = replay(result, shape, &directory.sink, err);
    status = ssldyn_fail_first(err, status, ssldyn_sink_close(&directory.sink, &now), &now);
    for (size_t i = 0; status == SSLDYN_OK && i < sizeof files / sizeof files[0]; i++) {
        const char *text = ssldyn_result_text(result, files[i].text);
        status = text ? ssldyn_file_print_text(path, files[i].file, text, err) : status;
    }
    return ssldyn_answer_output_report(result, path, status, err);
}

/* ---- keeping the result */

/* The fate of each mode. */
static void put_fates(const struct ssldyn_flow_report *report, struct ssldyn_result *result)
{
    if (report->mode_count == 0) {
        return;
    }
    double *fate = ssldyn_result_put_array(result, "fate", 1, &report->mode_count);
    double *since = ssldyn_result_put_array(result, "since", 1, &report->mode_count);
    for (size_t j = 0; fate && since && j < report->mode_count; j++) {
        fate[j] = (double)report->modes[j].fate;
        since[j] = report->modes[j].since;
    }
}

void ssldyn_answer_run_keep(struct ssldyn_answer_run *run, const struct ssldyn_spec *spec,
                            const struct ssldyn_flow_report *fates, struct ssldyn_result *result)
{
    struct files_shape *kept = run->memory.rows ? malloc(sizeof *kept) : NULL;
    if (!kept) {
        ssldyn_result_want_memory(result, run->memory.rows != NULL);
        ssldyn_run_memory_clear(&run->memory);
        return;
    }
    kept->shape = run->memory.shape;
    kept->shape.table_count = run->memory.table_count;
    for (size_t i = 0; i < run->memory.table_count; i++) {
        kept->tables[i] = run->memory.tables[i].about;
    }
    ssldyn_result_take_rows(result, &run->memory);
    ssldyn_answer_file_put_spec(spec, result);
    if (fates) {
        put_fates(fates, result);
    }
    ssldyn_result_set_writer(result, write_run, kept, free);
}
