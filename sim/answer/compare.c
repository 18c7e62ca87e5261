/* ssldyn compare: from runs to a result. */
// SPDX-License-Identifier: MIT
#include "sim/answer/compare.h"

#include "sim/answer/answer_file.h"
#include "sim/answer/answer_notes.h"
#include "sim/answer/answer_output.h"
#include "sim/answer/run_table.h"
#include "sim/base/memory.h"
#include "sim/base/parse.h"
#include "sim/compare/compare.h"
#include "sim/compare/ladder.h"
#include "sim/io/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- two runs */

/* "settings = eta 0.04 0.1, beta 0.4 1": the settings in which two runs differ. */
static void put_settings(const struct ssldyn_run_set *set, struct ssldyn_result *result)
{
    FILE *stream = ssldyn_result_begin_text(result, "settings");
    for (size_t k = 0; stream && k < set->varied; k++) {
        fprintf(stream, "%s%s %s %s", k == 0 ? "" : ", ", set->settings[k],
                set->runs[0].values[k][0] ? set->runs[0].values[k] : "unset",
                set->runs[1].values[k][0] ? set->runs[1].values[k] : "unset");
    }
    if (stream) {
        ssldyn_result_end_text(result);
        ssldyn_result_put_word(result, "settings",
                               set->varied > 0 ? ssldyn_result_text(result, "settings")
                                               : "the same");
    }
}

/* The curves as rows. */
static void put_curves(const struct ssldyn_sheet *curves, struct ssldyn_result *result)
{
    const char **names = ssldyn_memory_array(curves->count, sizeof *names);
    double *row = ssldyn_memory_array(curves->count, sizeof *row);
    for (size_t k = 0; names && k < curves->count; k++) {
        names[k] = curves->names[k];
    }
    if (names && row) {
        ssldyn_result_put_columns(result, curves->count, names);
    }
    for (size_t i = 0; names && row && i < curves->rows; i++) {
        for (size_t k = 0; k < curves->count; k++) {
            row[k] = curves->values[k * curves->rows + i];
        }
        ssldyn_result_put_row(result, row);
    }
    free(names);
    free(row);
}

static enum ssldyn_status save_curves(const struct ssldyn_result *result, const void *curves,
                                      const char *directory, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_answer_file_save(result, NULL, directory, err);
    return status == SSLDYN_OK ? ssldyn_compare_sheet_write(curves, directory, err) : status;
}

static void release_curves(void *context)
{
    ssldyn_compare_sheet_clear(context);
    free(context);
}

/* Rows, and the function that writes them later; takes ownership of the curves. */
static void keep_curves(const struct ssldyn_spec *spec, struct ssldyn_sheet *curves,
                        struct ssldyn_result *result)
{
    struct ssldyn_sheet *kept = ssldyn_memory_array(1, sizeof *kept);
    put_curves(curves, result);
    ssldyn_answer_file_put_spec(spec, result);
    if (kept) {
        *kept = *curves;
        *curves = (struct ssldyn_sheet){0};
        ssldyn_result_set_writer(result, save_curves, kept, release_curves);
    }
}

static enum ssldyn_status compare_pair(const struct ssldyn_spec *spec,
                                       const struct ssldyn_answer_mode *mode,
                                       struct ssldyn_run_set *set, const char *directory,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_comparison comparison;
    struct ssldyn_sheet curves = {0};
    const bool wanted = directory || mode->keep;
    enum ssldyn_status status = ssldyn_compare_run(spec->given.operands[0], spec->given.operands[1],
                                                   wanted ? &curves : NULL, &comparison, err);
    if (status == SSLDYN_OK && directory) {
        status = ssldyn_compare_sheet_write(&curves, directory, err);
    }
    if (status == SSLDYN_OK && directory) {
        status = ssldyn_spec_write(spec, directory, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_run_set_vary(set, err);
    }
    if (status == SSLDYN_OK) {
        char verdict[400];
        ssldyn_compare_verdict(&comparison, verdict, sizeof verdict);
        ssldyn_compare_put(&comparison, result);
        put_settings(set, result);
        ssldyn_result_put_word(result, "verdict", verdict);
    }
    if (status == SSLDYN_OK && mode->keep) {
        keep_curves(spec, &curves, result);
    }
    ssldyn_compare_sheet_clear(&curves);
    ssldyn_compare_clear(&comparison);
    return status;
}

/* ---- more than two runs, or a folder of them: one table, of all against the first */

/* Whether a column holds a number for any run. */
static bool is_numeric(const struct ssldyn_run_table *table, size_t column)
{
    double value = 0.0;
    for (size_t i = 0; i < table->rows; i++) {
        if (ssldyn_parse_double(table->cells[i * table->columns + column], &value)) {
            return true;
        }
    }
    return false;
}

static void put_rows(const struct ssldyn_run_table *table, struct ssldyn_result *result)
{
    size_t *columns = ssldyn_memory_array(table->columns, sizeof *columns);
    const char **names = ssldyn_memory_array(table->columns, sizeof *names);
    double *row = ssldyn_memory_array(table->columns, sizeof *row);
    size_t count = 0;
    if (columns && names && row) {
        for (size_t k = 1; k < table->columns; k++) { /* the first column holds the names of the
                                                       * runs */
            if (is_numeric(table, k)) {
                names[count] = table->column[k].name;
                columns[count++] = k;
            }
        }
        ssldyn_result_put_columns(result, count, names);
    }
    for (size_t i = 0; count > 0 && i < table->rows; i++) {
        for (size_t k = 0; k < count; k++) {
            const char *cell = table->cells[i * table->columns + columns[k]];
            row[k] = ssldyn_parse_double(cell, &row[k]) ? row[k] : (double)NAN;
        }
        ssldyn_result_put_row(result, row);
    }
    free(columns);
    free(names);
    free(row);
}

/* Leaves out the runs that are not of the same kind as the first, and says which. */
static void keep_kind(const struct ssldyn_answer_mode *mode, struct ssldyn_run_set *set,
                      struct ssldyn_result *result)
{
    FILE *stream = ssldyn_result_begin_text(result, "left_out");
    ssldyn_run_set_keep(set, set->runs[0].kind, "", stream);
    ssldyn_result_end_text(result);
    const char *left_out = ssldyn_result_text(result, "left_out");
    if (left_out && left_out[0] != '\0') {
        ssldyn_answer_remark(mode, "left out (another kind of run): %.*s",
                             (int)strcspn(left_out, "\n"), left_out);
    }
}

static enum ssldyn_status compare_many(const struct ssldyn_spec *spec,
                                       const struct ssldyn_answer_mode *mode,
                                       struct ssldyn_run_set *set, const char *directory,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    const struct ssldyn_answer_mode kept = {.keep = true}; /* the output is a text in every case */
    struct ssldyn_run_table table = {0};
    struct ssldyn_answer_file file;
    keep_kind(mode, set, result);
    enum ssldyn_status status = ssldyn_run_table_make(set, mode, &table, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_answer_file_open(&file, spec, &kept, directory, "runs.tsv", result, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_run_table_print(&table, file.stream);
        status = ssldyn_answer_file_close(&file, err);
    }
    if (status == SSLDYN_OK && mode->keep) {
        put_rows(&table, result);
    } else if (status == SSLDYN_OK) {
        ssldyn_result_show_text(result, "runs.tsv");
    }
    ssldyn_run_table_clear(&table);
    return status;
}

/* The runs to compare: those named, or those in a folder. */
static enum ssldyn_status open_runs(const struct ssldyn_spec *spec, struct ssldyn_run_set *set,
                                    struct ssldyn_error *err)
{
    if (spec->given.operand_count == 0) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "no run given: name two or more, a folder of runs, or --ladder FILE.conf");
    }
    const enum ssldyn_status status = ssldyn_run_set_open((const char *const *)spec->given.operands,
                                                          spec->given.operand_count, set, err);
    if (status != SSLDYN_OK || set->count != 1 || spec->given.operand_count != 1) {
        return status;
    }
    bool there = false;
    const enum ssldyn_status found = ssldyn_run_is_there(spec->given.operands[0], &there, err);
    return found != SSLDYN_OK
               ? found
               : ssldyn_fail(err, SSLDYN_EINPUT, "%.200s: %s", spec->given.operands[0],
                             there ? "is one run; name two or more, or a folder of runs"
                                   : "is not a run, and no directory below it is one");
}

static enum ssldyn_status compare_runs(const struct ssldyn_spec *spec,
                                       const struct ssldyn_answer_mode *mode,
                                       struct ssldyn_run_set *set, struct ssldyn_result *result,
                                       struct ssldyn_error *err)
{
    struct ssldyn_output output = {.path = NULL};
    enum ssldyn_status status = open_runs(spec, set, err);
    if (status == SSLDYN_OK && spec->output) {
        status = ssldyn_answer_output_open(spec, mode, NULL, &output, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    /* a run compared with itself is a set of one */
    const bool pair = spec->given.operand_count == 2 && !set->of_folder &&
                      set->runs[0].kind != SSLDYN_RUN_SWEEP &&
                      set->runs[set->count - 1].kind != SSLDYN_RUN_SWEEP;
    status = pair ? compare_pair(spec, mode, set, output.work, result, err)
                  : compare_many(spec, mode, set, output.work, result, err);
    if (output.path) {
        if (status == SSLDYN_OK) {
            ssldyn_answer_output_note_replaced(spec, mode, &output);
        }
        status = ssldyn_answer_output_finish(&output, false, result, status, err);
        ssldyn_output_close(&output);
    }
    return status;
}

/* ---- the ladder */

static enum ssldyn_status climb(const struct ssldyn_spec *spec,
                                const struct ssldyn_answer_mode *mode,
                                const struct ssldyn_spec *experiment, const char *directory,
                                struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_ladder ladder;
    enum ssldyn_status status = ssldyn_ladder_run(experiment, directory, &ladder, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_write(spec, directory, err);
    }
    if (status == SSLDYN_OK) {
        FILE *report = ssldyn_result_begin_text(result, "report");
        if (report) {
            ssldyn_ladder_table(&ladder, report);
            ssldyn_result_end_text(result);
        }
        ssldyn_ladder_put(&ladder, result);
        ssldyn_answer_note_scale(experiment, mode);
    }
    if (status == SSLDYN_OK && mode->keep) {
        put_curves(&ladder.curves, result);
    }
    ssldyn_ladder_clear(&ladder);
    return status;
}

/* The settings of the experiment, as those of ssldyn sgd. */
static enum ssldyn_status read_experiment(const struct ssldyn_spec *spec,
                                          struct ssldyn_spec *experiment, struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_settings_read(&experiment->given, spec->ladder, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_prepare(experiment, err);
    }
    experiment->quiet = spec->quiet;
    experiment->threads = spec->threads;
    return status;
}

/* A temporary directory for runs of which only the gaps are kept. */
static enum ssldyn_status make_directory(char directory[], size_t size, struct ssldyn_error *err)
{
    const char *where = getenv("TMPDIR");
    (void)snprintf(directory, size, "%.400s/ssldyn-ladder-XXXXXX",
                   where && where[0] ? where : "/tmp");
    return mkdtemp(directory) ? SSLDYN_OK
                              : ssldyn_fail_system(err, SSLDYN_EIO, errno,
                                                   "--ladder: no directory for its runs in %.400s",
                                                   where && where[0] ? where : "/tmp");
}

static enum ssldyn_status run_ladder(const struct ssldyn_spec *spec,
                                     const struct ssldyn_answer_mode *mode,
                                     struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_spec experiment;
    struct ssldyn_output output;
    char directory[440] = "";
    if (spec->given.operand_count > 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--ladder: computes its own runs; leave out the run directories");
    }
    enum ssldyn_status status = ssldyn_answer_output_open(spec, mode, "ladder", &output, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_spec_init(&experiment, SSLDYN_COMMAND_SGD, err);
    if (status == SSLDYN_OK) {
        status = read_experiment(spec, &experiment, err);
    }
    if (status == SSLDYN_OK && !output.work) {
        status = make_directory(directory, sizeof directory, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_answer_begin(mode);
        status = climb(spec, mode, &experiment, output.work ? output.work : directory, result, err);
    }
    if (directory[0] != '\0') {
        (void)ssldyn_tree_remove(AT_FDCWD, directory);
    }
    ssldyn_spec_clear(&experiment);
    if (status == SSLDYN_OK) {
        ssldyn_answer_output_note_replaced(spec, mode, &output);
    }
    status = ssldyn_answer_output_finish(&output, status == SSLDYN_OK, result, status, err);
    ssldyn_output_close(&output);
    return status;
}

enum ssldyn_status ssldyn_answer_compare(struct ssldyn_spec *spec,
                                         const struct ssldyn_answer_mode *mode,
                                         struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_run_set set = {0};
    const enum ssldyn_status status = spec->ladder ? run_ladder(spec, mode, result, err)
                                                   : compare_runs(spec, mode, &set, result, err);
    ssldyn_run_set_clear(&set);
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}
