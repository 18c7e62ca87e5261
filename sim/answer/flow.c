/* ssldyn flow: from the spec to a result. */
// SPDX-License-Identifier: MIT
#include "sim/answer/flow.h"

#include "sim/answer/answer_run.h"
#include "sim/flow/flow.h"
#include "sim/flow/margins.h"
#include "sim/inputs/inputs.h"
#include "sim/io/file.h"
#include "sim/model/model.h"

#include <math.h>

/* The end of a run. */
struct closing {
    struct ssldyn_flow_report report;
    struct ssldyn_margins margins; /* count 0: not requested */
};

/* The margins of every mode as arrays. */
static void put_margins(const struct ssldyn_margins *margins, struct ssldyn_result *result)
{
    for (size_t k = 0; k < margins->knob_count; k++) {
        static const char *const kinds[] = {"x", "there", "kind"};
        double *arrays[3];
        for (size_t i = 0; i < 3; i++) {
            char name[64];
            (void)snprintf(name, sizeof name, "%s_%s", kinds[i], margins->knobs[k].name);
            arrays[i] = ssldyn_result_put_array(result, name, 1, &margins->count);
        }
        for (size_t j = 0; arrays[0] && arrays[1] && arrays[2] && j < margins->count; j++) {
            const struct ssldyn_margins_crossing *crossing =
                &margins->crossings[j * margins->knob_count + k];
            arrays[0][j] = crossing->factor;
            arrays[1][j] = crossing->there;
            arrays[2][j] = (double)crossing->kind;
        }
    }
}

/* Adds the margins of the starts to the result and the directory. */
static enum ssldyn_status find_margins(const struct ssldyn_spec *spec,
                                       const struct ssldyn_answer_mode *mode, const char *directory,
                                       struct ssldyn_margins *margins, struct ssldyn_result *result,
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_margins_of_problem(&spec->problem, margins, err);
    if (status == SSLDYN_OK && directory) {
        status = ssldyn_margins_write(margins, directory, err);
    }
    FILE *stream =
        status == SSLDYN_OK && mode->keep ? ssldyn_result_begin_text(result, "margins") : NULL;
    if (stream) {
        ssldyn_margins_print_table(margins, stream);
        ssldyn_result_end_text(result);
        put_margins(margins, result);
    }
    return status;
}

static void put_report(const struct closing *closing, struct ssldyn_result *result)
{
    char took[32];
    FILE *stream = ssldyn_result_begin_text(result, "report");
    if (stream) {
        ssldyn_flow_report_print(&closing->report, stream);
        ssldyn_margins_print(&closing->margins, stream);
        ssldyn_result_end_text(result);
    }
    (void)snprintf(took, sizeof took, " (%.3g s)", closing->report.wall);
    ssldyn_result_put_text(result, "took", took);
}

static void put_values(const struct ssldyn_spec *spec, const struct ssldyn_flow_report *report,
                       struct ssldyn_result *result)
{
    if (!ssldyn_model_of(spec->problem.model)->modes || ssldyn_model_is_coupled(&spec->problem)) {
        ssldyn_result_put(result, "rank", report->rank);
        ssldyn_result_put(result, "rank_at_end", report->rank_at_end);
    }
    if (isfinite(report->closure_error[0])) {
        ssldyn_result_put(result, "closure_error", report->closure_error[0]);
    }
}

static enum ssldyn_status answer_loaded(const struct ssldyn_spec *spec,
                                        const struct ssldyn_answer_mode *mode,
                                        struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_output output;
    enum ssldyn_status status = ssldyn_answer_output_open(
        spec, mode, ssldyn_model_of(spec->problem.model)->name, &output, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_answer_output_note_replaced(spec, mode, &output);
    struct closing closing = {.margins.count = 0};
    struct ssldyn_answer_run run;
    ssldyn_answer_begin(mode);
    ssldyn_answer_run_init(&run, spec, mode, &output, result);
    status = ssldyn_flow_run(&spec->problem, run.sink, spec->quiet, &closing.report, err);
    ssldyn_answer_run_keep(&run, spec, &closing.report, result);
    if (status == SSLDYN_OK && spec->margins) {
        status = find_margins(spec, mode, output.work, &closing.margins, result, err);
    }
    if (closing.report.rows > 0) {
        put_report(&closing, result);
        status = ssldyn_answer_output_report(result, output.work, status, err);
    }
    if (status == SSLDYN_OK) {
        put_values(spec, &closing.report, result);
    }
    status = ssldyn_answer_output_finish(&output, closing.report.rows > 0, result, status, err);
    if (status == SSLDYN_OK) {
        status =
            ssldyn_answer_strict(spec, ssldyn_flow_report_broken(&closing.report), result, err);
    }
    ssldyn_flow_report_clear(&closing.report);
    ssldyn_margins_clear(&closing.margins);
    ssldyn_output_close(&output);
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}

enum ssldyn_status ssldyn_answer_flow(struct ssldyn_spec *spec,
                                      const struct ssldyn_answer_mode *mode,
                                      struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_inputs inputs = {0};
    enum ssldyn_status status = ssldyn_inputs_load(spec, &inputs, err);
    if (status == SSLDYN_OK) {
        status = answer_loaded(spec, mode, result, err);
    }
    ssldyn_inputs_clear(&inputs);
    return status;
}
