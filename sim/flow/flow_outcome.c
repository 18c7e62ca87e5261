/* A flow in memory. */
// SPDX-License-Identifier: MIT
#include "sim/flow/flow_outcome.h"

#include "sim/base/memory.h"
#include "sim/flow/flow_internal.h"
#include "sim/flow/matrix_system.h"
#include "sim/flow/matrix_watch.h"
#include "sim/linalg/linalg.h"
#include "sim/model/model.h"
#include "sim/observe/layout_matrix.h"
#include "sim/run/schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_decided(const struct ssldyn_outcome *outcome)
{
    return outcome->fate != SSLDYN_FATE_UNDECIDED;
}

/* ---- matrices */

struct matrix_flow {
    const struct ssldyn_problem *problem;
    struct ssldyn_matrix_system *system;
    struct ssldyn_ode *ode;
    struct ssldyn_observer *observer;
    struct ssldyn_matrix_watch watch;
    struct ssldyn_sink *sink; /* may be NULL; open */
    double *row, *y, *rate;
};

static void flow_clear(struct matrix_flow *flow)
{
    ssldyn_observer_free(flow->observer);
    ssldyn_ode_free(flow->ode);
    ssldyn_matrix_system_free(flow->system);
    ssldyn_matrix_watch_clear(&flow->watch);
    free(flow->row);
    free(flow->y);
    free(flow->rate);
}

static enum ssldyn_status flow_create(struct matrix_flow *flow, const struct ssldyn_start *start,
                                      struct ssldyn_outcome *outcome, struct ssldyn_error *err)
{
    const struct ssldyn_problem *problem = flow->problem;
    enum ssldyn_status status =
        ssldyn_matrix_watch_create(&problem->parameters, &start->moments, start->n1, start->n2,
                                   (size_t)problem->samples + 1, outcome, &flow->watch, err);
    flow->watch.closure = problem->closure_parabola;
    if (status == SSLDYN_OK) {
        status = ssldyn_matrix_system_create(problem, start, &flow->system, err);
    }
    if (status == SSLDYN_OK) {
        const struct ssldyn_ode_system system = ssldyn_matrix_system_ode(flow->system);
        const struct ssldyn_ode_options options = ssldyn_flow_ode_options(problem);
        status = ssldyn_ode_create(&system, &options, &flow->ode, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_observer_create(start->n1, start->n2, &problem->parameters, &start->moments,
                                        &flow->observer, err);
    }
    if (status == SSLDYN_OK) {
        const size_t size = ssldyn_matrix_system_size(flow->system);
        flow->row = ssldyn_array_alloc(ssldyn_layout_width(&ssldyn_layout_matrix, start->n2),
                                       sizeof *flow->row);
        flow->y = ssldyn_array_alloc(size, sizeof *flow->y);
        flow->rate = ssldyn_array_alloc(size, sizeof *flow->rate);
        if (!flow->row || !flow->y || !flow->rate) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu x %zu matrices",
                               start->n2, start->n1);
        }
        ssldyn_matrix_system_start(flow->system, flow->y);
        status = ssldyn_ode_start(flow->ode, 0.0, flow->y, problem->t_end, err);
    }
    return status;
}

static enum ssldyn_status look(struct matrix_flow *flow, double t, struct ssldyn_error *err)
{
    struct ssldyn_snapshot snapshot;
    enum ssldyn_status status = ssldyn_matrix_system_view(flow->system, t, flow->y, &snapshot, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_observer_row(flow->observer, &snapshot, flow->row, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_sink_row(flow->sink, flow->row, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_matrix_watch_row(&flow->watch, flow->row, &snapshot);
    if (!is_decided(flow->watch.outcome)) {
        const struct ssldyn_ode_system system = ssldyn_matrix_system_ode(flow->system);
        system.rhs(t, flow->y, flow->rate, system.context);
        const double size = ssldyn_norm(system.n, flow->y);
        ssldyn_matrix_watch_rest(&flow->watch, ssldyn_norm(system.n, flow->rate) / size,
                                 flow->problem->rtol);
        status = ssldyn_matrix_system_status(flow->system, err);
    }
    return status;
}

static enum ssldyn_status look_at_step(void *context, struct ssldyn_error *err)
{
    const struct matrix_flow *flow = context;
    return ssldyn_matrix_system_status(flow->system, err);
}

static enum ssldyn_status advance(struct matrix_flow *flow, double t, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_flow_advance(flow->ode, t, look_at_step, flow, err);
    if (status == SSLDYN_OK) {
        ssldyn_ode_interpolate(flow->ode, t, flow->y);
    }
    return status;
}

/* Failures that are a run's own end become its outcome. */
static enum ssldyn_status absorb(enum ssldyn_status status, double t,
                                 struct ssldyn_outcome *outcome)
{
    if (status == SSLDYN_EDIVERGED) {
        outcome->fate = SSLDYN_FATE_DIVERGED;
        outcome->t_decided = t;
        outcome->t = t;
        return SSLDYN_OK;
    }
    return status == SSLDYN_EFAILED ? SSLDYN_OK : status;
}

enum ssldyn_status ssldyn_flow_outcome_from(const struct ssldyn_problem *problem,
                                            const struct ssldyn_start *start, bool early_stop,
                                            struct ssldyn_sink *sink,
                                            struct ssldyn_outcome *outcome,
                                            struct ssldyn_error *err)
{
    struct matrix_flow flow = {.problem = problem};
    const struct ssldyn_sink_shape shape = {
        .layout = &ssldyn_layout_matrix, .modes = start->n2, .rows = (size_t)problem->samples + 1};
    enum ssldyn_status status = flow_create(&flow, start, outcome, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_sink_open(sink, &shape, err);
    }
    if (status != SSLDYN_OK) {
        flow_clear(&flow);
        return status;
    }
    flow.sink = sink;
    status = look(&flow, 0.0, err);
    const int64_t last = problem->t_end > 0.0 ? problem->samples : 0;
    for (int64_t k = 1; status == SSLDYN_OK && k <= last; k++) {
        if (early_stop && is_decided(outcome)) {
            break;
        }
        const double t = ssldyn_schedule_row_time(problem, k);
        status = advance(&flow, t, err);
        if (status == SSLDYN_OK) {
            status = look(&flow, t, err);
        }
    }
    struct ssldyn_snapshot snapshot;
    const bool complete = status == SSLDYN_OK;
    status = absorb(status, ssldyn_ode_time(flow.ode), outcome);
    if (complete) {
        status = ssldyn_matrix_system_view(flow.system, outcome->t, flow.y, &snapshot, err);
    }
    if (status == SSLDYN_OK) {
        status =
            ssldyn_matrix_watch_finish(&flow.watch, complete ? &snapshot : NULL,
                                       ssldyn_observer_eigenvectors(flow.observer), false, err);
    }
    flow_clear(&flow);
    struct ssldyn_error second = {SSLDYN_OK, ""};
    return ssldyn_fail_first(err, status, ssldyn_sink_close(sink, &second), &second);
}

static enum ssldyn_status matrices(const struct ssldyn_problem *problem, bool early_stop,
                                   struct ssldyn_sink *sink, struct ssldyn_outcome *outcome,
                                   struct ssldyn_error *err)
{
    struct ssldyn_start start = {0};
    enum ssldyn_status status = ssldyn_start_create(problem, 0, &start, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_flow_outcome_from(problem, &start, early_stop, sink, outcome, err);
    }
    ssldyn_start_clear(&start);
    return status;
}

/* ---- modes */

/* The whole from its modes. */
static void gather(const struct ssldyn_flow_report *report,
                   const struct ssldyn_modes_record *record, double level,
                   struct ssldyn_outcome *outcome)
{
    size_t count[4] = {0, 0, 0, 0};
    double since[4] = {0.0, 0.0, 0.0, 0.0};
    size_t leading = 0;
    double first_survivor = (double)INFINITY;
    for (size_t j = 0; j < report->mode_count; j++) {
        const struct ssldyn_mode_end *mode = &report->modes[j];
        count[mode->fate]++;
        since[mode->fate] = fmax(since[mode->fate], mode->since);
        leading = mode->s > report->modes[leading].s ? j : leading;
        if (mode->fate == SSLDYN_FATE_SURVIVES) {
            first_survivor = fmin(first_survivor, mode->since);
        }
    }
    outcome->fate = SSLDYN_FATE_UNDECIDED;
    if (count[SSLDYN_FATE_DIVERGED] > 0) {
        outcome->fate = SSLDYN_FATE_DIVERGED;
    } else if (count[SSLDYN_FATE_SURVIVES] > 0) {
        outcome->fate = SSLDYN_FATE_SURVIVES;
        since[SSLDYN_FATE_SURVIVES] = first_survivor;
    } else if (count[SSLDYN_FATE_COLLAPSED] == report->mode_count) {
        outcome->fate = SSLDYN_FATE_COLLAPSED;
    }
    if (outcome->fate != SSLDYN_FATE_UNDECIDED) {
        outcome->t_decided = since[outcome->fate];
    }
    if (count[SSLDYN_FATE_UNDECIDED] == 0 && count[SSLDYN_FATE_DIVERGED] == 0) {
        outcome->rank = (double)count[SSLDYN_FATE_SURVIVES];
    }
    outcome->p = report->modes[leading].p;
    outcome->s = report->modes[leading].s;
    outcome->tau = report->modes[leading].tau;
    outcome->t = report->t_reached;
    outcome->k_min = record->k_min;
    outcome->margin = report->eta_fold - report->eta_s;
    outcome->t_escape = ssldyn_outcome_history_escape(&record->history, leading, level);
}

static enum ssldyn_status modes(const struct ssldyn_problem *problem, bool early_stop,
                                struct ssldyn_sink *sink, struct ssldyn_outcome *outcome,
                                struct ssldyn_error *err)
{
    struct ssldyn_modes_record record = {.k_min = (double)NAN, .early_stop = early_stop};
    struct ssldyn_flow_report report = {.eta_s = problem->parameters.rates.eta_s,
                                        .eta_fold = (double)NAN};
    ssldyn_outcome_init(outcome);
    enum ssldyn_status status = ssldyn_outcome_history_create(
        &record.history, ssldyn_problem_modes(problem), (size_t)problem->samples + 1, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_flow_modes(problem, sink, true, &record, &report, err);
        if (report.modes) {
            const struct ssldyn_parameters parameters = ssldyn_model_parameters(problem);
            const double level = ssldyn_model_of(problem->model)->modes->level(&parameters);
            gather(&report, &record, level, outcome);
        }
        if (status == SSLDYN_EDIVERGED || status == SSLDYN_EFAILED) {
            status = SSLDYN_OK;
        }
    }
    ssldyn_flow_report_clear(&report);
    ssldyn_outcome_history_clear(&record.history);
    return status;
}

enum ssldyn_status ssldyn_flow_outcome(const struct ssldyn_problem *problem, bool early_stop,
                                       struct ssldyn_sink *sink, struct ssldyn_outcome *outcome,
                                       struct ssldyn_error *err)
{
    return ssldyn_model_of(problem->model)->modes
               ? modes(problem, early_stop, sink, outcome, err)
               : matrices(problem, early_stop, sink, outcome, err);
}
