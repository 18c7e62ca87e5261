/* ssldyn sgd: from the spec to a result. */
// SPDX-License-Identifier: MIT
#include "sim/answer/sgd.h"

#include "sim/answer/answer_run.h"
#include "sim/inputs/inputs.h"
#include "sim/sgd/sgd.h"

static bool is_ensemble(const struct ssldyn_spec *spec)
{
    return spec->problem.sgd.ensemble > 0 && spec->problem.sgd.member < 0;
}

static void put_report(const struct ssldyn_sgd_report *report, struct ssldyn_result *result)
{
    FILE *stream = ssldyn_result_begin_text(result, "report");
    if (stream) {
        ssldyn_sgd_report_print(report, stream);
        ssldyn_result_end_text(result);
    }
    stream = ssldyn_result_begin_text(result, "cost");
    if (stream) {
        ssldyn_sgd_report_print_cost(report, stream);
        ssldyn_result_end_text(result);
    }
}

/* What one run under the cosine measured, and what follows from it. */
static void put_balance(const struct ssldyn_sgd_balance *balance, struct ssldyn_result *result)
{
    const struct ssldyn_sgd_gains *const gains = &balance->gains;
    if (gains->steps == 0) {
        return;
    }
    ssldyn_result_put(result, "kappa_w", gains->kappa_w);
    ssldyn_result_put(result, "kappa_p", gains->kappa_p);
    ssldyn_result_put_count(result, "kappa_steps", gains->steps);
    ssldyn_result_put(result, "norm2_w", gains->norm2_w);
    ssldyn_result_put(result, "norm2_wp", gains->norm2_wp);
    ssldyn_result_put_known(result, "norm2_w_balance", balance->norm2_w);
    ssldyn_result_put_known(result, "norm2_wp_balance", balance->norm2_wp);
    ssldyn_result_put_known(result, "memory_steps", balance->memory_steps);
    ssldyn_result_put(result, "lr_eta", balance->lr_eta);
    ssldyn_result_put(result, "batch", balance->batch);
    for (size_t j = 0; j < balance->count; j++) {
        ssldyn_result_put_of(result, "lr_eta_fold", j, balance->count, balance->fold[j]);
    }
    if (balance->count > 0) {
        ssldyn_result_put_count(result, "rank_predicted", (int64_t)balance->rank);
    }
    ssldyn_result_put_count(result, "rank_at_end", (int64_t)balance->rank_at_end);
}

/* Runs it, and keeps its results. */
static enum ssldyn_status take_steps(const struct ssldyn_spec *spec,
                                     const struct ssldyn_answer_mode *mode,
                                     const struct ssldyn_output *output,
                                     struct ssldyn_sgd_report *report, struct ssldyn_result *result,
                                     struct ssldyn_error *err)
{
    struct ssldyn_answer_run run;
    ssldyn_answer_run_init(&run, spec, mode, output, result);
    const enum ssldyn_status status =
        is_ensemble(spec) ? ssldyn_sgd_ensemble_run(&spec->problem, (int)spec->threads, run.sink,
                                                    spec->quiet, report, err)
                          : ssldyn_sgd_run(&spec->problem, run.sink, spec->quiet, report, err);
    ssldyn_answer_run_keep(&run, spec, &report->mean, result);
    return status;
}

enum ssldyn_status ssldyn_answer_sgd(struct ssldyn_spec *spec,
                                     const struct ssldyn_answer_mode *mode,
                                     struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_inputs inputs = {0};
    struct ssldyn_output output;
    struct ssldyn_sgd_report report = {0};
    ssldyn_answer_begin(mode);
    enum ssldyn_status status = ssldyn_inputs_describe(spec, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_answer_output_open(spec, mode, is_ensemble(spec) ? "ensemble" : NULL,
                                           &output, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_inputs_load(spec, &inputs, err);
    if (status == SSLDYN_OK) {
        ssldyn_answer_output_note_replaced(spec, mode, &output);
        status = take_steps(spec, mode, &output, &report, result, err);
    }
    if (report.rows > 0) {
        put_report(&report, result);
        put_balance(&report.balance, result);
        status = ssldyn_answer_output_report(result, output.work, status, err);
    }
    status = ssldyn_answer_output_finish(&output, report.rows > 0, result, status, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_answer_strict(spec, ssldyn_sgd_report_broken(&report), result, err);
    }
    ssldyn_sgd_report_clear(&report);
    ssldyn_output_close(&output);
    ssldyn_inputs_clear(&inputs);
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}
