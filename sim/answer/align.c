/* ssldyn align: from the spec to a result. */
// SPDX-License-Identifier: MIT
#include "sim/answer/align.h"

#include "sim/align/align.h"
#include "sim/align/align_spectra.h"
#include "sim/answer/align_check.h"
#include "sim/answer/align_values.h"
#include "sim/answer/answer_file.h"
#include "sim/answer/answer_output.h"
#include "sim/answer/table_arrays.h"
#include "sim/base/parallel.h"
#include "sim/io/file.h"
#include "theory/losses.h"

#include <stdlib.h>
#include <string.h>

/* ---- keeping the result */

/* The layout of the rows of a result, for its files. */
struct kept {
    struct ssldyn_result *result;
    const struct ssldyn_layout *layout; /* NULL: there are no rows */
    size_t modes;
    bool spectra;
};

static enum ssldyn_status take_row(void *context, const struct ssldyn_layout *layout, size_t modes,
                                   const double row[], struct ssldyn_error *err)
{
    struct kept *kept = context;
    if (!kept->layout) {
        kept->layout = layout;
        kept->modes = modes;
        ssldyn_result_put_layout(kept->result, layout, modes);
    }
    ssldyn_result_put_row(kept->result, row);
    return ssldyn_result_check(kept->result, err);
}

static enum ssldyn_status take_table(void *context, const char *name, const char *text,
                                     struct ssldyn_error *err)
{
    const struct kept *kept = context;
    ssldyn_result_put_text(kept->result, name, text);
    return ssldyn_answer_table_arrays(kept->result, name, text, err);
}

/* ---- saving */

static void print_verdict(const void *text, FILE *stream)
{
    fprintf(stream, SSLDYN_VERDICT_FILE, (const char *)text);
}

/* Writes the rows as trace.tsv. */
static enum ssldyn_status write_rows(const struct ssldyn_result *result, const struct kept *kept,
                                     const char *directory, struct ssldyn_error *err)
{
    struct ssldyn_trace *trace = NULL;
    const double *rows = ssldyn_result_rows(result);
    const size_t width = ssldyn_result_column_count(result);
    enum ssldyn_status status =
        kept->spectra
            ? ssldyn_align_spectra_open(directory, kept->modes, &trace, err)
            : ssldyn_trace_open(directory, kept->layout, kept->modes, NULL, 0, &trace, err);
    for (size_t i = 0; status == SSLDYN_OK && i < ssldyn_result_row_count(result); i++) {
        status = ssldyn_trace_append(trace, rows + i * width, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_trace_abandon(trace);
        return status;
    }
    return ssldyn_trace_close(trace, err);
}

/* Writes the files of an analysis, identical to those that it would have written itself. */
static enum ssldyn_status write_analysis(const struct ssldyn_result *result, const void *context,
                                         const char *directory, struct ssldyn_error *err)
{
    const struct kept *kept = context;
    const char *verdict = ssldyn_result_text(result, "verdict");
    enum ssldyn_status status = write_rows(result, kept, directory, err);
    if (status == SSLDYN_OK && verdict) {
        status = ssldyn_file_print(directory, "verdict.txt", print_verdict, verdict, err);
    }
    return status == SSLDYN_OK ? ssldyn_answer_file_save(result, NULL, directory, err) : status;
}

/* Makes the result savable. */
static void keep(const struct ssldyn_spec *spec, const struct kept *kept,
                 struct ssldyn_result *result)
{
    struct kept *context = malloc(sizeof *context);
    if (!context) {
        return; /* such a result has no files */
    }
    *context = *kept;
    ssldyn_result_set_writer(result, write_analysis, context, free);
    ssldyn_answer_file_put_spec(spec, result);
}

/* ---- the analysis */

static enum ssldyn_reading reading_of(const struct ssldyn_spec *spec)
{
    if (!ssldyn_spec_given(spec, "loss")) {
        return SSLDYN_READING_BOTH;
    }
    return ssldyn_losses_of(&spec->problem.parameters)->normalized ? SSLDYN_READING_COSINE
                                                                   : SSLDYN_READING_L2;
}

static struct ssldyn_align_request request_of(const struct ssldyn_spec *spec, const char *directory)
{
    const struct ssldyn_align_options *align = &spec->align;
    return (struct ssldyn_align_request){
        .run = spec->given.operand_count == 1 ? spec->given.operands[0] : NULL,
        .wp = align->wp,
        .norm_eps = align->norm_eps,
        .f = align->f,
        .w = align->w,
        .wa = align->wa,
        .x = spec->x_file,
        .xprime = spec->xprime_file,
        .features = align->features,
        .outputs = align->outputs,
        .mean = align->mean,
        .times = align->times,
        .memory = &spec->given.arrays,
        .count = (size_t)align->count,
        .spectra = align->spectra,
        .centered = align->centered,
        .skip_bad = align->skip_bad,
        .floor = align->floor,
        .p_floor = align->p_floor,
        .reading = reading_of(spec),
        .leading = (size_t)align->leading,
        .predict = (size_t)align->predict,
        .parameters = &spec->problem.parameters,
        .decay_known = ssldyn_answer_align_decay_given(spec),
        .alpha_known =
            ssldyn_spec_given(spec, "alpha-p") || ssldyn_spec_given(spec, "train-predictor-lr"),
        .margins = spec->margins,
        .training = &spec->problem.typed.training,
        .time_unit = align->time_unit,
        .threads = ssldyn_parallel_threads((int)spec->threads),
        .output = directory,
        .quiet = spec->quiet,
    };
}

/* Remarks on the analysis in addition to its verdict. An array with three dimensions in one file
 * is a stack of snapshots, but tokens and batches have three as well. */
static void remark(const struct ssldyn_spec *spec, const struct ssldyn_answer_mode *mode,
                   const struct ssldyn_align_report *report)
{
    const char *features = spec->align.features;
    if (features && report->snapshots > 1 && !strpbrk(features, "%*?[")) {
        ssldyn_answer_remark(
            mode,
            "note: --features %s was read as %zu snapshots of %zu samples; if these are tokens or "
            "batches of one snapshot, save features.reshape(-1, %zu)",
            features, report->snapshots + report->skipped, report->basis.samples, report->modes);
    }
    if (spec->margins && report->knobs.margins == 0) {
        ssldyn_answer_remark(mode,
                             "warning: no margins.tsv: margins need a trained predictor with "
                             "stop-gradient under the squared distance, one layer, and known data");
    }
}

/* Runs the analysis after its directory is open. */
static enum ssldyn_status analyze(const struct ssldyn_spec *spec,
                                  const struct ssldyn_answer_mode *mode,
                                  struct ssldyn_output *output, struct ssldyn_result *result,
                                  struct ssldyn_error *err)
{
    struct kept kept = {.result = result, .spectra = spec->align.spectra != NULL};
    const struct ssldyn_align_taker taker = {
        .context = &kept, .row = take_row, .table = take_table};
    struct ssldyn_align_request request = request_of(spec, output->work);
    struct ssldyn_align_report report;
    request.taker = mode->keep ? &taker : NULL;
    ssldyn_answer_begin(mode);
    enum ssldyn_status status = ssldyn_align(&request, &report, err);
    const bool some =
        (status == SSLDYN_OK || status == SSLDYN_EINTERRUPTED) && report.snapshots > 0;
    if (some) {
        struct ssldyn_error *late = status == SSLDYN_OK ? err : NULL;
        ssldyn_answer_output_note_replaced(spec, mode, output);
        const enum ssldyn_status saved =
            output->work ? ssldyn_spec_write(spec, output->work, late) : SSLDYN_OK;
        status = status == SSLDYN_OK ? saved : status;
        ssldyn_answer_align_put(spec, &report, result);
        ssldyn_result_put_text(result, "verdict", report.verdict.text);
        if (mode->keep) {
            keep(spec, &kept, result);
        }
        remark(spec, mode, &report);
    }
    return ssldyn_answer_output_finish(output, some, result, status, err);
}

enum ssldyn_status ssldyn_answer_align(struct ssldyn_spec *spec,
                                       const struct ssldyn_answer_mode *mode,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_output output;
    enum ssldyn_status status = ssldyn_answer_align_check(spec, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_answer_output_open(spec, mode, NULL, &output, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    status = analyze(spec, mode, &output, result, err);
    ssldyn_output_close(&output);
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}
