/* ssldyn sgd: one run into its directory, and the closing report. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd.h"

#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/base/progress.h"
#include "sim/flow/matrix_judge.h"
#include "sim/observe/layout_matrix.h"
#include "sim/sgd/sgd_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum ssldyn_status follow(struct ssldyn_sgd_member *member, struct ssldyn_sink *sink,
                                 bool quiet, struct ssldyn_sgd_report *report,
                                 struct ssldyn_error *err)
{
    struct ssldyn_progress progress;
    ssldyn_progress_begin(&progress, "sgd", "steps", (double)member->plan->steps, quiet);
    member->progress = &progress;
    const enum ssldyn_status status =
        ssldyn_sgd_member_run(member, sink, NULL, NULL, &report->rows, err);
    member->progress = NULL;
    ssldyn_progress_end(&progress);
    return status;
}

/* What the steps measured, and what follows from it; the failure only if there is no other. */
static enum ssldyn_status find_balance(const struct ssldyn_sgd_member *member,
                                       enum ssldyn_status status,
                                       struct ssldyn_sgd_balance *balance, struct ssldyn_error *err)
{
    const struct ssldyn_sgd_gains gains = ssldyn_sgd_process_gains(member->process);
    const size_t n2 = member->start.n2;
    struct ssldyn_error now = {SSLDYN_OK, ""};
    enum ssldyn_status found = SSLDYN_OK;
    double *const s = gains.steps > 0 ? ssldyn_memory_array(n2, sizeof *s) : NULL;
    if (gains.steps == 0) {
        return status;
    }
    if (!s) {
        found = ssldyn_fail(&now, SSLDYN_ENOMEM, "out of memory for %zu modes", n2);
    }
    for (size_t j = 0; s && j < n2; j++) {
        s[j] = member->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)];
    }
    if (s) {
        found = ssldyn_sgd_balance_find(&member->plan->problem, &member->start.moments, &gains,
                                        ssldyn_sgd_process_steps(member->process), n2, s,
                                        member->largest_s, balance, &now);
    }
    free(s);
    return ssldyn_fail_first(err, status, found, &now);
}

/* Closes the sink in every case; returns the first failure. */
static enum ssldyn_status finish(const struct ssldyn_sgd_member *member, struct ssldyn_sink *sink,
                                 enum ssldyn_status status, struct ssldyn_error *err)
{
    struct ssldyn_error second = {SSLDYN_OK, ""};
    enum ssldyn_status after = SSLDYN_OK;
    if (status == SSLDYN_EDIVERGED) {
        after = ssldyn_sink_event(sink, ssldyn_sgd_process_time(member->process), 0,
                                  ssldyn_fate_event(SSLDYN_FATE_DIVERGED), &second);
    }
    struct ssldyn_error third = {SSLDYN_OK, ""};
    after = ssldyn_fail_first(&second, after, ssldyn_sink_close(sink, &third), &third);
    return ssldyn_fail_first(err, status, after, &second);
}

void ssldyn_sgd_describe(const struct ssldyn_sgd_plan *plan, struct ssldyn_sgd_report *report)
{
    memset(report, 0, sizeof *report);
    const struct ssldyn_problem *const problem = &plan->problem;
    const struct ssldyn_sgd_images *const images =
        problem->dataset ? problem->dataset->images : NULL;
    report->n1 = (size_t)problem->n1;
    report->n2 = (size_t)problem->n2;
    report->batch = (size_t)problem->sgd.batch;
    report->single_precision = problem->sgd.precision == SSLDYN_PRECISION_FLOAT;
    report->steps = plan->steps;
    report->scale = images && images->estimated ? images->scale : 1.0;
    report->vectors = problem->dataset && !images ? problem->dataset->count : 0;
    report->eta_s = problem->parameters.rates.eta_s;
    report->limit = (double)NAN;
}

/* Whether the mean of the process follows the flow of the settings from the last step on: no
 * rate has changed, and a closed-form predictor follows F instantly. */
static bool follows_the_flow(const struct ssldyn_problem *problem)
{
    return problem->sgd.schedule_ema == SSLDYN_SCHEDULE_CONSTANT &&
           problem->sgd.schedule_decay == SSLDYN_SCHEDULE_CONSTANT &&
           (problem->sgd.ema_share == 0.0 ||
            problem->sgd.schedule_lr == SSLDYN_SCHEDULE_CONSTANT) &&
           (!ssldyn_rules_set(&problem->parameters) ||
            (problem->sgd.freq == 1 && problem->sgd.rho == 0.0));
}

const struct ssldyn_drift *ssldyn_sgd_report_broken(const struct ssldyn_sgd_report *report)
{
    return ssldyn_flow_drifts_broken(report->law_count, report->laws);
}

void ssldyn_sgd_report_clear(struct ssldyn_sgd_report *report)
{
    ssldyn_flow_report_clear(&report->mean);
    ssldyn_sgd_balance_clear(&report->balance);
}

enum ssldyn_status ssldyn_sgd_run(const struct ssldyn_problem *problem, struct ssldyn_sink *sink,
                                  bool quiet, struct ssldyn_sgd_report *report,
                                  struct ssldyn_error *err)
{
    const double started = ssldyn_clock_wall();
    struct ssldyn_sgd_plan plan;
    struct ssldyn_sgd_member member = {0};
    memset(report, 0, sizeof *report);
    enum ssldyn_status status = ssldyn_sgd_plan_create(problem, &plan, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_sgd_describe(&plan, report);
    const uint32_t run = problem->sgd.member >= 0 ? (uint32_t)problem->sgd.member : 0;
    status = ssldyn_sgd_member_create(&plan, run, &member, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_sgd_member_open(&member, sink, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_sgd_plan_write_moments(&plan, sink, err);
        if (status != SSLDYN_OK) {
            ssldyn_sink_abandon(sink);
        }
    }
    if (status == SSLDYN_OK) {
        status = follow(&member, sink, quiet, report, err);
        ssldyn_sgd_member_account(&member, report);
        report->limit = status == SSLDYN_EDIVERGED ? (double)NAN : ssldyn_sgd_member_limit(&member);
        report->diverged = status == SSLDYN_EDIVERGED;
        if (report->rows > 0 && !report->diverged && !(report->lr > report->limit) &&
            follows_the_flow(&plan.problem)) {
            const enum ssldyn_status judged = ssldyn_matrix_judge_modes(
                &plan.problem.parameters, &member.start.moments, report->n2, member.row,
                &report->mean, status == SSLDYN_OK ? err : NULL);
            ssldyn_flow_report_units(problem, &report->mean);
            status = status == SSLDYN_OK ? judged : status;
        }
        if (!report->diverged) {
            status = find_balance(&member, status, &report->balance, err);
        }
        status = finish(&member, sink, status, err);
    }
    ssldyn_sgd_member_clear(&member);
    ssldyn_sgd_plan_clear(&plan);
    report->interrupted = status == SSLDYN_EINTERRUPTED;
    report->wall = ssldyn_clock_wall() - started;
    return status;
}

void ssldyn_sgd_report_print(const struct ssldyn_sgd_report *report, FILE *stream)
{
    char batch[32] = "inf";
    if (report->batch > 0) {
        (void)snprintf(batch, sizeof batch, "%zu", report->batch);
    }
    if (report->members > 0) {
        fprintf(stream, "ensemble of %zu runs of %lld steps\n", report->members,
                (long long)report->steps);
    }
    fprintf(stream, "%lld steps to t = %.10g%s: n1 = %zu, n2 = %zu, batch %s (%s), %s precision\n",
            (long long)report->done, report->t_end, report->interrupted ? ", stopped" : "",
            report->n1, report->n2, batch, report->sampler ? report->sampler : "-",
            report->single_precision ? "single" : "double");
    if (report->vectors > 0 && report->vectors < report->n1) {
        fprintf(stream,
                "--data holds %zu vectors of %zu numbers: X is singular; if the array is n1 x N, "
                "save its transpose\n",
                report->vectors, report->n1);
    }
    if (report->diverged > 0 && report->members > 0) {
        fprintf(stream, "%zu of %zu runs diverged; the rows that all of them reached are kept\n",
                report->diverged, report->members);
    } else if (report->diverged > 0) {
        fprintf(stream, "diverged at step %lld (t = %.10g)\n", (long long)report->done,
                report->t_end);
    }
    if (report->rows > 0 && report->scale != 1.0) {
        fprintf(stream,
                "X and X' of the images were divided by %.6g: eta_s = %.6g means a weight decay of "
                "%.6g on the unscaled images\n",
                report->scale, report->eta_s, report->scale * report->eta_s);
    }
    if (isfinite(report->limit)) {
        fprintf(stream, "lr %.4g at the end; stable up to %.4g there (2/lambda_max)%s\n",
                report->lr, report->limit,
                report->lr > report->limit ? ": these steps do not follow the flow" : "");
    }
    ssldyn_flow_drifts_print(report->law_count, report->laws, stream);
    ssldyn_sgd_balance_print(&report->balance, stream);
    if (report->mean.mode_count > 0) {
        fputs("fate of the mean flow from the final state:\n", stream);
        ssldyn_flow_report_print_fates(&report->mean, stream);
    }
}

void ssldyn_sgd_report_print_cost(const struct ssldyn_sgd_report *report, FILE *stream)
{
    const double busy = report->cost.random + report->cost.gradient + report->cost.update;
    if (busy > 0.0) {
        fprintf(stream,
                "%zu rows in %.3g s; a step takes %.3g us (random numbers %.0f %%, products "
                "%.0f %%, updates %.0f %%)\n",
                report->rows, report->wall, 1e6 * busy / fmax(1.0, (double)report->done),
                100.0 * report->cost.random / busy, 100.0 * report->cost.gradient / busy,
                100.0 * report->cost.update / busy);
    }
}
