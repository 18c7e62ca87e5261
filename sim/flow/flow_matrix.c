/* ssldyn flow for matrices: M1 (Wp, W, Wa) and M2 (Wp, F), with all options. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/base/progress.h"
#include "sim/flow/flow_internal.h"
#include "sim/flow/matrix_flow.h"
#include "sim/flow/matrix_judge.h"
#include "sim/flow/matrix_laws.h"
#include "sim/model/model.h"
#include "sim/run/schedule.h"
#include "theory/fate.h"

#include <stdlib.h>

/* The state of one matrix run. */
struct matrix_run {
    const struct ssldyn_problem *problem;
    struct ssldyn_matrix_flow flow;
    struct ssldyn_matrix_judge judge;
    struct ssldyn_outcome own; /* used if the caller does not want the outcome */
    struct ssldyn_sink *sink;
    bool open;       /* the sink is open */
    bool early_stop; /* stop at the first row at which the fate of the network is certain */
    double *row;
    double *rate; /* y' at a row, if the fate is asked for */
    struct ssldyn_progress progress;
    struct ssldyn_flow_report *report;
    struct ssldyn_matrix_laws laws; /* no laws if the fate is asked for */
};

static void run_clear(struct matrix_run *run)
{
    if (run->open) {
        ssldyn_sink_abandon(run->sink);
    }
    ssldyn_matrix_judge_clear(&run->judge);
    ssldyn_matrix_flow_clear(&run->flow);
    free(run->rate);
    free(run->row);
}

static enum ssldyn_status open_sink(struct matrix_run *run, struct ssldyn_error *err)
{
    const size_t n1 = run->flow.start.n1;
    const size_t n2 = run->flow.start.n2;
    const size_t rows = ssldyn_model_has(run->problem->model, SSLDYN_HAS_WEIGHTS) ? n2 : 0;
    const struct ssldyn_moments *moments = &run->flow.start.moments;
    struct ssldyn_sink_shape shape = {
        .rows = (size_t)run->problem->samples + 1,
        .snapshots = {.Wp = n2,
                      .Wp_rows = moments->predicts ? moments->predicted : 0,
                      .F = n2,
                      .W_rows = rows,
                      .W_columns = n1,
                      .Wa_rows = moments->predicts ? 0 : rows,
                      .Wa_columns = n1}};
    shape.layout = ssldyn_model_layout(run->problem, &shape.modes);
    const enum ssldyn_status status = ssldyn_sink_open(run->sink, &shape, err);
    run->open = status == SSLDYN_OK;
    run->flow.frames = ssldyn_sink_takes_snapshots(run->sink);
    return status;
}

static enum ssldyn_status run_create(struct matrix_run *run, const struct ssldyn_start *start,
                                     struct ssldyn_outcome *outcome, struct ssldyn_error *err)
{
    const struct ssldyn_problem *problem = run->problem;
    enum ssldyn_status status = ssldyn_matrix_flow_create(problem, start, &run->flow, err);
    if (status == SSLDYN_OK) {
        const size_t rows = (size_t)problem->samples + 1;
        status = ssldyn_matrix_judge_create(problem, &run->flow.start, outcome ? rows : 0,
                                            outcome ? outcome : &run->own, &run->judge, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    const size_t size = run->flow.equations.n;
    run->row = ssldyn_memory_array(run->judge.width, sizeof(double));
    run->rate = ssldyn_memory_array(outcome ? size : 0, sizeof(double));
    if (!run->row || !run->rate) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", run->judge.n2);
    }
    if (outcome) {
        run->flow.rate = run->rate;
    } else {
        ssldyn_matrix_laws_choose(&run->laws, problem, run->report);
    }
    return open_sink(run, err);
}

/* Observes the state at t and hands the row to sink, judge and laws. */
static enum ssldyn_status write_row(struct matrix_run *run, double t, struct ssldyn_error *err)
{
    struct ssldyn_matrix_flow *flow = &run->flow;
    struct ssldyn_matrix_sight sight;
    enum ssldyn_status status = ssldyn_matrix_flow_row(flow, t, &sight, run->row, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_sink_row(run->sink, run->row, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    run->report->rows++;
    run->report->t_reached = t;
    if (flow->frames) {
        status = ssldyn_sink_snapshot(run->sink, &sight.frame, err);
    }
    if (!ssldyn_matrix_judge_row(&run->judge, run->row, &sight.snapshot, sight.speed)) {
        flow->rate = NULL;
    }
    ssldyn_matrix_laws_row(&run->laws, flow->system, t, run->row, run->judge.n2, flow->y);
    return status;
}

static enum ssldyn_status look_at_step(void *context, struct ssldyn_error *err)
{
    struct matrix_run *run = context;
    struct ssldyn_matrix_flow *flow = &run->flow;
    enum ssldyn_status status = ssldyn_matrix_system_status(flow->system, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_matrix_laws_step(&run->laws, flow->system, flow->ode, flow->y, err);
    }
    const double rows = (double)run->report->rows - 1.0; /* not counting the first */
    ssldyn_progress_update(&run->progress,
                           run->problem->log_time ? rows : ssldyn_ode_time(flow->ode));
    return status;
}

/* From the start to the first row. */
static enum ssldyn_status begin(struct matrix_run *run, struct ssldyn_error *err)
{
    struct ssldyn_matrix_flow *flow = &run->flow;
    enum ssldyn_status status = ssldyn_matrix_laws_start(&run->laws, flow->system, flow->y, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_matrix_flow_start(flow, 0.0, run->problem->t_end, err);
    }
    return status == SSLDYN_OK ? write_row(run, 0.0, err) : status;
}

/* Whether neither the sink nor the judge needs more rows. */
static bool is_settled(const struct matrix_run *run)
{
    return ssldyn_sink_settled(run->sink) ||
           (run->early_stop && !ssldyn_matrix_judge_open(&run->judge));
}

static enum ssldyn_status integrate(struct matrix_run *run, struct ssldyn_error *err)
{
    enum ssldyn_status status = begin(run, err);
    const int64_t last = run->problem->t_end > 0.0 ? run->problem->samples : 0;
    for (int64_t k = 1; status == SSLDYN_OK && k <= last && !is_settled(run); k++) {
        const double t = ssldyn_schedule_row_time(run->problem, k);
        status = ssldyn_flow_advance(run->flow.ode, t, look_at_step, run, err);
        if (status == SSLDYN_EFAILED &&
            ssldyn_matrix_system_status(run->flow.system, err) != SSLDYN_OK) {
            return SSLDYN_EFAILED; /* the reason why no step was possible */
        }
        if (status == SSLDYN_OK) {
            ssldyn_ode_interpolate(run->flow.ode, t, run->flow.y);
            status = write_row(run, t, err);
        }
    }
    return status;
}

/* Ranks and outcome of a run that ended with status; y still holds its last state. */
static enum ssldyn_status judge_end(struct matrix_run *run, enum ssldyn_status status,
                                    struct ssldyn_error *err)
{
    struct ssldyn_flow_report *report = run->report;
    struct ssldyn_matrix_flow *flow = &run->flow;
    struct ssldyn_snapshot snapshot;
    const double *vectors = NULL;
    if (status == SSLDYN_EDIVERGED) {
        report->diverged_at = ssldyn_ode_time(flow->ode);
        ssldyn_matrix_judge_diverged(&run->judge, report->diverged_at);
    } else if (status == SSLDYN_OK) {
        status = ssldyn_matrix_system_view(flow->system, flow->t, flow->y, &snapshot, err);
        report->ranked = status == SSLDYN_OK;
        vectors = ssldyn_observer_eigenvectors(flow->observer);
    }
    struct ssldyn_error second = {SSLDYN_OK, ""};
    const enum ssldyn_status finished = ssldyn_matrix_judge_finish(
        &run->judge, report->ranked ? &snapshot : NULL, vectors, &second);
    report->rank_at_end = run->judge.outcome->rank_end;
    report->rank = run->judge.outcome->rank;
    return ssldyn_fail_first(err, status, finished, &second);
}

/* Closes a run that ended with status, and its sink. */
static enum ssldyn_status conclude(struct matrix_run *run, enum ssldyn_status status,
                                   struct ssldyn_error *err)
{
    struct ssldyn_error second = {SSLDYN_OK, ""};
    enum ssldyn_status after = SSLDYN_OK;
    ssldyn_flow_count(run->report, run->flow.ode);
    status = judge_end(run, status, err);
    if (status == SSLDYN_EDIVERGED) { /* its last row is already diverging */
        const char *const event = ssldyn_fate_event(SSLDYN_FATE_DIVERGED);
        if (ssldyn_sink_event(run->sink, run->report->diverged_at, 0, event, NULL) != SSLDYN_OK) {
            status = SSLDYN_EIO;
        }
    } else if (run->judge.follow == 0 && !ssldyn_schedule_changes_rates(run->problem)) {
        after = ssldyn_matrix_judge_modes(run->judge.parameters, run->judge.moments, run->judge.n2,
                                          run->row, run->report, &second);
    }
    if (after == SSLDYN_OK) {
        after = ssldyn_sink_close(run->sink, &second);
        run->open = false;
    }
    return ssldyn_fail_first(err, status, after, &second);
}

enum ssldyn_status ssldyn_flow_matrix(const struct ssldyn_problem *problem,
                                      const struct ssldyn_start *start, struct ssldyn_sink *sink,
                                      bool quiet, bool early_stop, struct ssldyn_outcome *outcome,
                                      struct ssldyn_flow_report *report, struct ssldyn_error *err)
{
    struct matrix_run run = {
        .problem = problem, .sink = sink, .early_stop = early_stop, .report = report};
    enum ssldyn_status status = run_create(&run, start, outcome, err);
    if (status == SSLDYN_OK) {
        ssldyn_progress_begin(&run.progress, "flow", problem->log_time ? "rows" : "t",
                              problem->log_time ? (double)problem->samples : problem->t_end, quiet);
        status = integrate(&run, err);
        ssldyn_progress_end(&run.progress);
        if (report->rows > 0 || outcome) { /* otherwise there is nothing to keep */
            status = conclude(&run, status, err);
        }
    }
    run_clear(&run);
    return status;
}
