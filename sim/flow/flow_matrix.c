/* ssldyn flow for matrices: M1 (Wp, W, Wa) and M2 (Wp, F), with every switch. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/base/progress.h"
#include "sim/flow/flow_internal.h"
#include "sim/flow/flow_outcome.h"
#include "sim/flow/matrix_laws.h"
#include "sim/flow/matrix_rank.h"
#include "sim/flow/matrix_system.h"
#include "sim/flow/matrix_watch.h"
#include "sim/linalg/linalg.h"
#include "sim/model/model.h"
#include "sim/observe/observer.h"
#include "sim/run/schedule.h"
#include "sim/run/start.h"
#include "theory/fate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Everything one matrix run holds. */
struct matrix_run {
    const struct ssldyn_problem *problem;
    struct ssldyn_start start;
    bool borrowed; /* the matrices of the start are */
    struct ssldyn_matrix_system *system;
    struct ssldyn_ode *ode;
    struct ssldyn_observer *observer;
    struct ssldyn_sink *sink;
    bool open;            /* the sink is */
    double *row, *before; /* the last two */
    double *y;            /* the state at a row; lent by the integrator */
    double *original;     /* W, then Wa, in the user's coordinates; lent by the equations */
    size_t width;
    double largest_s;   /* of any row: what counts as collapsed is small against it */
    double decay_saved; /* until the last row: struct ssldyn_snapshot */
    struct ssldyn_progress progress;
    struct ssldyn_flow_report *report;
    struct ssldyn_matrix_watch *watch; /* NULL: what the report says is wanted */
    bool early_stop;                   /* at the first row where the watch is certain */
    double *rate;                      /* y' at a row, for the watch */
    struct ssldyn_matrix_laws laws;    /* unless there is a watch */
};

static void run_clear(struct matrix_run *run)
{
    if (run->open) {
        ssldyn_sink_abandon(run->sink);
    }
    ssldyn_observer_free(run->observer);
    ssldyn_ode_free(run->ode);
    ssldyn_matrix_system_free(run->system);
    if (!run->borrowed) {
        ssldyn_start_clear(&run->start);
    }
    free(run->rate);
    free(run->row);
    free(run->before);
}

static enum ssldyn_status run_create(const struct ssldyn_problem *problem, struct matrix_run *run,
                                     struct ssldyn_error *err)
{
    run->problem = problem;
    enum ssldyn_status status =
        run->borrowed ? SSLDYN_OK : ssldyn_start_create(problem, 0, &run->start, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    const size_t n1 = run->start.n1;
    const size_t n2 = run->start.n2;
    status = ssldyn_matrix_system_create(run->problem, &run->start, &run->system, err);
    if (status == SSLDYN_OK) {
        run->original = ssldyn_matrix_system_lend(run->system);
        const struct ssldyn_ode_system system = ssldyn_matrix_system_ode(run->system);
        const struct ssldyn_ode_options options = ssldyn_flow_ode_options(run->problem);
        status = ssldyn_ode_create(&system, &options, &run->ode, err);
    }
    if (status == SSLDYN_OK) {
        run->y = ssldyn_ode_lend(run->ode);
        run->width = ssldyn_layout_width(&ssldyn_layout_matrix, n2);
        run->row = ssldyn_memory_array(run->width, sizeof(double));
        run->before = ssldyn_memory_array(run->width, sizeof(double));
        run->rate =
            run->watch ? ssldyn_memory_array(ssldyn_matrix_system_size(run->system), sizeof(double))
                       : NULL;
        if (!run->row || !run->before || (run->watch && !run->rate)) {
            status =
                ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu x %zu matrices", n2, n1);
        }
    }
    if (status == SSLDYN_OK) {
        struct ssldyn_sink_shape shape = {.layout = &ssldyn_layout_matrix,
                                          .modes = n2,
                                          .rows = (size_t)problem->samples + 1,
                                          .snapshots = {.Wp = n2, .F = n2}};
        if (ssldyn_model_has(problem->model, SSLDYN_HAS_WEIGHTS)) {
            shape.snapshots.W_rows = shape.snapshots.Wa_rows = n2;
            shape.snapshots.W_columns = shape.snapshots.Wa_columns = n1;
        }
        status = ssldyn_sink_open(run->sink, &shape, err);
        run->open = status == SSLDYN_OK;
    }
    if (!run->watch) {
        ssldyn_matrix_laws_choose(&run->laws, problem, run->report);
    }
    return status;
}

/* Hands on the snapshot in the user's coordinates. */
static enum ssldyn_status write_snapshot(struct matrix_run *run,
                                         const struct ssldyn_snapshot *snapshot,
                                         struct ssldyn_error *err)
{
    const size_t size = run->start.n1 * run->start.n2;
    double *const W = run->original;
    double *const Wa = run->original + size;
    if (snapshot->W) {
        ssldyn_start_restore(&run->start, snapshot->W, W);
    }
    if (snapshot->Wa) {
        ssldyn_start_restore(&run->start, snapshot->Wa, Wa);
    }
    for (size_t i = 0; snapshot->W && !snapshot->Wa && i < size; i++) {
        Wa[i] = snapshot->tau * W[i]; /* the target is tied */
    }
    const struct ssldyn_frame frame = {snapshot->t, snapshot->Wp, W, Wa,
                                       ssldyn_observer_correlation(run->observer)};
    return ssldyn_sink_snapshot(run->sink, &frame, err);
}

/* The watch looks at a row, and where it is not certain at how fast the network moves there. */
static enum ssldyn_status watch_row(struct matrix_run *run, double t,
                                    const struct ssldyn_snapshot *snapshot,
                                    struct ssldyn_error *err)
{
    ssldyn_matrix_watch_row(run->watch, run->row, snapshot);
    if (run->watch->outcome->fate != SSLDYN_FATE_UNDECIDED) {
        return SSLDYN_OK;
    }
    const struct ssldyn_ode_system system = ssldyn_matrix_system_ode(run->system);
    system.rhs(t, run->y, run->rate, system.context);
    const double size = ssldyn_dense_norm(system.n, run->y);
    ssldyn_matrix_watch_rest(run->watch, ssldyn_dense_norm(system.n, run->rate) / size,
                             run->problem->rtol);
    return ssldyn_matrix_system_status(run->system, err);
}

/* Observes the state in run->y at t and hands on its row and snapshot. */
static enum ssldyn_status write_row(struct matrix_run *run, double t, struct ssldyn_error *err)
{
    struct ssldyn_snapshot snapshot;
    enum ssldyn_status status = ssldyn_matrix_system_view(run->system, t, run->y, &snapshot, err);
    run->decay_saved += ssldyn_schedule_decay_saved(run->problem, run->report->t_reached, t);
    snapshot.decay_saved = run->decay_saved;
    memcpy(run->before, run->row, run->width * sizeof *run->row);
    if (status == SSLDYN_OK) {
        status = ssldyn_observer_row(run->observer, &snapshot, run->row, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_sink_row(run->sink, run->row, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    run->report->rows++;
    run->report->t_reached = t;
    if (run->watch) {
        status = watch_row(run, t, &snapshot, err);
    } else {
        run->largest_s =
            fmax(run->largest_s, run->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, 0)]);
        ssldyn_matrix_laws_row(&run->laws, run->system, t, run->row, run->start.n2, run->y);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    return ssldyn_sink_takes_snapshots(run->sink) ? write_snapshot(run, &snapshot, err) : SSLDYN_OK;
}

static enum ssldyn_status look_at_step(void *context, struct ssldyn_error *err)
{
    struct matrix_run *run = context;
    enum ssldyn_status status = ssldyn_matrix_system_status(run->system, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_matrix_laws_step(&run->laws, run->system, run->ode, run->y, err);
    }
    const double rows = (double)run->report->rows - 1.0; /* beside the first */
    ssldyn_progress_update(&run->progress,
                           run->problem->log_time ? rows : ssldyn_ode_time(run->ode));
    return status;
}

/* Whether there is nothing more to find out. */
static bool is_settled(const struct matrix_run *run)
{
    return ssldyn_sink_settled(run->sink) ||
           (run->early_stop && run->watch->outcome->fate != SSLDYN_FATE_UNDECIDED);
}

static enum ssldyn_status integrate(struct matrix_run *run, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    const int64_t last = run->problem->t_end > 0.0 ? run->problem->samples : 0;
    for (int64_t k = 1; status == SSLDYN_OK && k <= last && !is_settled(run); k++) {
        const double t = ssldyn_schedule_row_time(run->problem, k);
        status = ssldyn_flow_advance(run->ode, t, look_at_step, run, err);
        if (status == SSLDYN_OK) {
            ssldyn_ode_interpolate(run->ode, t, run->y);
            status = write_row(run, t, err);
        }
    }
    return status;
}

/* The two ranks of a run that has reached its end, whose state is still in run->y. */
static enum ssldyn_status count_ranks(struct matrix_run *run, struct ssldyn_error *err)
{
    struct ssldyn_snapshot snapshot;
    struct ssldyn_flow_report *report = run->report;
    const enum ssldyn_status status =
        ssldyn_matrix_system_view(run->system, report->t_reached, run->y, &snapshot, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    const struct ssldyn_matrix_end end = {.parameters = &run->problem->parameters,
                                          .moments = &run->start.moments,
                                          .n1 = run->start.n1,
                                          .n2 = run->start.n2,
                                          .row = run->row,
                                          .before = report->rows > 1 ? run->before : NULL,
                                          .largest_s = run->largest_s,
                                          .snapshot = &snapshot,
                                          .vectors = ssldyn_observer_eigenvectors(run->observer)};
    report->ranked = true;
    report->rank_at_end = (double)ssldyn_matrix_rank(run->row, run->start.n2, run->largest_s);
    return ssldyn_matrix_survivors(&end, &report->rank, err);
}

/* From the start to the first row. */
static enum ssldyn_status begin(struct matrix_run *run, struct ssldyn_error *err)
{
    const struct ssldyn_problem *problem = run->problem;
    ssldyn_matrix_system_start(run->system, run->y);
    enum ssldyn_status status = ssldyn_matrix_laws_start(&run->laws, run->system, run->y, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_ode_start(run->ode, 0.0, run->y, problem->t_end, err);
    }
    if (!run->borrowed) {
        ssldyn_start_forget_matrices(&run->start);
    }
    if (status == SSLDYN_OK) { /* its matrices come where those of the start have been */
        status = ssldyn_observer_create_in(run->start.n1, run->start.n2, &problem->parameters,
                                           &run->start.moments, run->original, &run->observer, err);
    }
    return status == SSLDYN_OK ? write_row(run, 0.0, err) : status;
}

/* What the report says of the end of a run that came to status. */
static enum ssldyn_status report_end(struct matrix_run *run, enum ssldyn_status status,
                                     struct ssldyn_error *err)
{
    struct ssldyn_flow_report *report = run->report;
    if (status == SSLDYN_EDIVERGED) { /* its last row is on the way out of numbers */
        report->diverged_at = ssldyn_ode_time(run->ode);
        return SSLDYN_OK;
    }
    return ssldyn_schedule_changes_rates(run->problem)
               ? SSLDYN_OK
               : ssldyn_flow_judge(&run->problem->parameters, &run->start.moments, run->start.n2,
                                   run->row, report, err);
}

enum ssldyn_status ssldyn_flow_matrix(const struct ssldyn_problem *problem,
                                      struct ssldyn_sink *sink, bool quiet,
                                      struct ssldyn_flow_report *report, struct ssldyn_error *err)
{
    struct matrix_run run = {.report = report, .sink = sink};
    enum ssldyn_status status = run_create(problem, &run, err);
    if (status == SSLDYN_OK) {
        status = begin(&run, err);
    }
    if (status != SSLDYN_OK) {
        run_clear(&run);
        return status;
    }
    ssldyn_progress_begin(&run.progress, "flow", problem->log_time ? "rows" : "t",
                          problem->log_time ? (double)problem->samples : problem->t_end, quiet);
    status = integrate(&run, err);
    ssldyn_progress_end(&run.progress);
    if (status == SSLDYN_OK) {
        status = count_ranks(&run, err);
    }
    ssldyn_flow_count(report, run.ode);
    if (status == SSLDYN_EDIVERGED) {
        status = ssldyn_sink_event(sink, ssldyn_ode_time(run.ode), 0,
                                   ssldyn_fate_event(SSLDYN_FATE_DIVERGED), NULL) == SSLDYN_OK
                     ? SSLDYN_EDIVERGED
                     : SSLDYN_EIO;
    }
    struct ssldyn_error second = {SSLDYN_OK, ""};
    enum ssldyn_status after = report_end(&run, status, &second);
    if (after == SSLDYN_OK) {
        after = ssldyn_sink_close(sink, &second);
        run.open = false;
    }
    status = ssldyn_fail_first(err, status, after, &second);
    run_clear(&run);
    return status;
}

/* The outcome of a run that came to status. Failures that are a run's own end become it. */
static enum ssldyn_status finish_watch(struct matrix_run *run, enum ssldyn_status status,
                                       struct ssldyn_error *err)
{
    struct ssldyn_outcome *outcome = run->watch->outcome;
    struct ssldyn_snapshot snapshot;
    const bool complete = status == SSLDYN_OK;
    if (complete) {
        status = ssldyn_matrix_system_view(run->system, outcome->t, run->y, &snapshot, err);
    } else if (status == SSLDYN_EDIVERGED) {
        outcome->fate = SSLDYN_FATE_DIVERGED;
        outcome->t_decided = outcome->t = ssldyn_ode_time(run->ode);
    }
    if (status != SSLDYN_OK && status != SSLDYN_EDIVERGED && status != SSLDYN_EFAILED) {
        return status;
    }
    return ssldyn_matrix_watch_finish(
        run->watch, complete ? &snapshot : NULL,
        run->observer ? ssldyn_observer_eigenvectors(run->observer) : NULL, false, err);
}

enum ssldyn_status ssldyn_flow_outcome_from(const struct ssldyn_problem *problem,
                                            const struct ssldyn_start *start, bool early_stop,
                                            struct ssldyn_sink *sink,
                                            struct ssldyn_outcome *outcome,
                                            struct ssldyn_error *err)
{
    struct ssldyn_matrix_watch watch;
    struct ssldyn_flow_report report = {0};
    struct matrix_run run = {.report = &report,
                             .sink = sink,
                             .start = *start,
                             .borrowed = true,
                             .watch = &watch,
                             .early_stop = early_stop};
    enum ssldyn_status status =
        ssldyn_matrix_watch_create(&problem->parameters, &start->moments, start->n1, start->n2,
                                   (size_t)problem->samples + 1, outcome, &watch, err);
    watch.closure = problem->closure_parabola;
    if (status == SSLDYN_OK) {
        status = run_create(problem, &run, err);
    }
    if (status == SSLDYN_OK) {
        status = begin(&run, err);
        status = status == SSLDYN_OK ? integrate(&run, err) : status;
        status = finish_watch(&run, status, err);
        struct ssldyn_error second = {SSLDYN_OK, ""};
        status = ssldyn_fail_first(err, status, ssldyn_sink_close(sink, &second), &second);
        run.open = false;
    }
    run_clear(&run);
    ssldyn_matrix_watch_clear(&watch);
    return status;
}
