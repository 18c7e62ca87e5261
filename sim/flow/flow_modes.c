/* ssldyn flow for modes: M3, M4, M5, any number of modes, each with its own time steps. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/flow/flow_internal.h"
#include "sim/flow/mode_fate.h"
#include "sim/flow/mode_set.h"
#include "sim/flow/mode_system.h"
#include "sim/flow/mode_tail.h"
#include "sim/model/model.h"
#include "sim/run/schedule.h"
#include "theory/depth_fate.h"
#include "theory/fate.h"

#include <math.h>
#include <stdlib.h>

enum { LAW_MEMORY = 2 };

/* Modes with the same data share this. */
struct data_kind {
    struct ssldyn_parameters parameters; /* with lambda_s = c, lambda_d = 1 unless lowdim */
    struct ssldyn_certificate certificate;
    bool certified; /* the certificate applies to these settings */
};

struct modes_run {
    const struct ssldyn_problem *problem;
    struct data_kind *kinds; /* one per mode, or one for all modes */
    size_t kind_count;
    const struct ssldyn_model_modes *of;
    const struct ssldyn_layout *layout;
    size_t count;
    struct ssldyn_mode *modes;   /* NULL where the modes are coupled */
    struct ssldyn_mode_set *set; /* a closed-form predictor couples all modes */
    struct ssldyn_mode_set *set_companion;
    bool deep; /* a deep encoder's modes, with the criteria of depth_fate.h */
    struct ssldyn_sink *sink;
    bool open; /* the sink is open */
    double *row;
    size_t law_count; /* number of laws that hold, */
    const struct ssldyn_mode_law *laws[SSLDYN_DRIFTS_MAXIMUM];
    struct ssldyn_drift *drifts[SSLDYN_DRIFTS_MAXIMUM];
    double *memory; /* and LAW_MEMORY numbers of each for every mode */
    double t;       /* of the row being written */
    struct ssldyn_flow_report *report;
    size_t stopped;            /* number of modes whose integration failed */
    enum ssldyn_status failed; /* status of the first of them */
    struct ssldyn_error failure;
};

static const struct data_kind *kind_of(const struct modes_run *run, size_t j)
{
    return &run->kinds[run->kind_count > 1 ? j : 0];
}

static void run_clear(struct modes_run *run)
{
    for (size_t j = 0; run->modes && j < run->count; j++) {
        ssldyn_mode_clear(&run->modes[j]);
    }
    free(run->modes);
    ssldyn_mode_set_free(run->set);
    ssldyn_mode_set_free(run->set_companion);
    if (run->open) {
        ssldyn_sink_abandon(run->sink);
    }
    free(run->kinds);
    free(run->row);
    free(run->memory);
}

/* Memory of one mode with its integrator, measured. */
static const double mode_bytes = 2250.0;

static enum ssldyn_status start_modes(struct modes_run *run, struct ssldyn_error *err)
{
    run->modes = ssldyn_memory_array(run->count, sizeof *run->modes);
    if (!run->modes) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", run->count);
    }
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t j = 0; status == SSLDYN_OK && j < run->count; j++) {
        status = ssldyn_mode_create(&run->modes[j], run->problem, j, run->problem->rtol, err);
    }
    return status;
}

/* Chooses the laws of the model that hold under these settings; they require constant rates. */
static enum ssldyn_status choose_laws(struct modes_run *run, struct ssldyn_error *err)
{
    const double allowed = ssldyn_flow_drift_allowance(run->problem->rtol);
    const struct ssldyn_mode_law *const *law = run->of->laws;
    for (; *law && !ssldyn_schedule_changes_rates(run->problem); law++) {
        if ((*law)->kept(&run->kinds[0].parameters)) {
            run->laws[run->law_count] = *law;
            run->drifts[run->law_count++] =
                ssldyn_flow_drift_add(run->report, (*law)->name, allowed);
        }
    }
    run->memory = ssldyn_memory_array(run->count, LAW_MEMORY * run->law_count * sizeof(double));
    return run->memory ? SSLDYN_OK
                       : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", run->count);
}

/* The certificate of each kind of data, and the fold of the mode that collapses last. */
static void certify(struct modes_run *run)
{
    struct ssldyn_flow_report *report = run->report;
    const bool constant = !ssldyn_schedule_changes_rates(run->problem);
    for (size_t i = 0; i < run->kind_count; i++) {
        struct data_kind *kind = &run->kinds[i];
        kind->parameters = ssldyn_model_parameters_of(run->problem, i);
        run->of->certify(&kind->certificate, &kind->parameters);
        const char *why = run->deep ? ssldyn_depth_fate_why(&kind->parameters)
                          : kind->certificate.kind == SSLDYN_CERTIFICATE_NONE
                              ? kind->certificate.why
                              : NULL;
        report->undecided = report->undecided ? report->undecided : why;
        kind->certified = !why && constant;
        if (kind->certified || run->deep) {
            report->eta_fold = fmax(report->eta_fold, run->of->fold(&kind->parameters));
        }
    }
}

static enum ssldyn_status run_create(struct modes_run *run, struct ssldyn_error *err)
{
    const struct ssldyn_problem *problem = run->problem;
    run->of = ssldyn_model_modes_of(problem);
    run->layout = ssldyn_model_layout(problem, &run->count);
    run->deep = ssldyn_depth_is_deep(&problem->parameters);
    const bool coupled = ssldyn_rules_set(&problem->parameters);
    const double bytes = mode_bytes * (double)run->count;
    const double memory = ssldyn_memory_physical();
    if (memory > 0.0 && bytes > memory) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%zu modes need about %.3g GB of memory; this machine has %.3g GB",
                           run->count, bytes / 1e9, memory / 1e9);
    }
    run->row = ssldyn_memory_array(ssldyn_layout_width(run->layout, run->count), sizeof(double));
    run->kind_count = ssldyn_model_data_differ(problem) ? run->count : 1;
    run->kinds = ssldyn_memory_array(run->kind_count, sizeof *run->kinds);
    if (!run->row || !run->kinds) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", run->count);
    }
    enum ssldyn_status status = ssldyn_flow_report_modes(run->report, run->count, err);
    if (status == SSLDYN_OK) {
        status = coupled
                     ? ssldyn_mode_set_create(problem, run->count, problem->rtol, &run->set, err)
                     : start_modes(run, err);
    }
    if (status == SSLDYN_OK) {
        const struct ssldyn_sink_shape shape = {
            .layout = run->layout, .modes = run->count, .rows = (size_t)problem->samples + 1};
        status = ssldyn_sink_open(run->sink, &shape, err);
        run->open = status == SSLDYN_OK;
    }
    certify(run);
    return status == SSLDYN_OK ? choose_laws(run, err) : status;
}

/* Checks the state after a step; the first certain verdict is an event, located in time. */
static enum ssldyn_status watch(struct modes_run *run, size_t j, struct ssldyn_mode_end *end,
                                struct ssldyn_error *err)
{
    const enum ssldyn_status status =
        run->deep ? ssldyn_mode_fate_check_deep(&run->modes[j], j, &end->fate, &end->since, err)
                  : ssldyn_mode_fate_check(&kind_of(run, j)->certificate, &run->modes[j], j,
                                           &end->fate, &end->since, err);
    if (status != SSLDYN_OK || end->fate == SSLDYN_FATE_UNDECIDED) {
        return status;
    }
    return ssldyn_sink_event(run->sink, end->since, j + 1, ssldyn_fate_event(end->fate), err);
}

/* The state of mode j at t, which lies inside its last step or in its tail. */
static struct ssldyn_mode_state state_at(const struct modes_run *run, size_t j, double t)
{
    const struct ssldyn_mode *mode = &run->modes[j];
    if (mode->tail.reached && t > mode->tail.t) {
        return ssldyn_mode_tail_state(mode, &kind_of(run, j)->parameters, t);
    }
    double y[SSLDYN_MODE_VARIABLES];
    ssldyn_ode_interpolate(mode->ode, t, y);
    return ssldyn_mode_view(mode, y);
}

/* Advances mode j to time t. */
static enum ssldyn_status advance(struct modes_run *run, size_t j, double t,
                                  struct ssldyn_mode_end *end, struct ssldyn_error *err)
{
    struct ssldyn_mode *mode = &run->modes[j];
    enum ssldyn_status status = SSLDYN_OK;
    ssldyn_ode_next_output(mode->ode, t);
    while (status == SSLDYN_OK && !mode->tail.reached && ssldyn_ode_time(mode->ode) < t) {
        status = ssldyn_mode_step(mode, err);
        if (status == SSLDYN_OK && kind_of(run, j)->certified &&
            end->fate == SSLDYN_FATE_UNDECIDED) {
            status = watch(run, j, end, err);
        }
        if (status == SSLDYN_OK && end->fate == SSLDYN_FATE_COLLAPSED && !run->deep &&
            run->problem->parameters.predictor && run->problem->parameters.stop_grad) {
            ssldyn_mode_tail_check(mode, &kind_of(run, j)->parameters);
        }
    }
    return status;
}

/* Ends a mode that cannot be continued, because its solution leaves the range of doubles or
 * because its integrator failed; its fate stays undecided. The other modes continue; the run
 * returns the first failure. */
static enum ssldyn_status stop_mode(struct modes_run *run, size_t j, enum ssldyn_status status,
                                    struct ssldyn_mode_end *end, const struct ssldyn_error *cause,
                                    struct ssldyn_error *err)
{
    const bool diverged = status == SSLDYN_EDIVERGED;
    end->stopped = ssldyn_ode_time(run->modes[j].ode);
    if (diverged) {
        end->fate = SSLDYN_FATE_DIVERGED;
        end->since = end->stopped;
    }
    if (run->failed == SSLDYN_OK) {
        run->failed = ssldyn_fail(&run->failure, status, "mode %zu: %.440s", j + 1, cause->message);
    }
    run->stopped++;
    const char *event = ssldyn_fate_event(diverged ? SSLDYN_FATE_DIVERGED : SSLDYN_FATE_UNDECIDED);
    return ssldyn_sink_event(run->sink, end->stopped, j + 1, event, err);
}

static void update_drifts(struct modes_run *run, size_t j, const struct ssldyn_mode_state *state)
{
    for (size_t i = 0; i < run->law_count; i++) {
        const double deviation =
            run->laws[i]->deviation(run->problem, &kind_of(run, j)->parameters, j, run->t, state,
                                    run->memory + LAW_MEMORY * (j * run->law_count + i));
        if (!(deviation < 0.0)) {
            ssldyn_flow_drift_update(run->drifts[i], run->t, deviation);
        }
    }
}

/* Advances the companion of mode j of coupled modes to the time of the row; false if it has
 * none. */
static bool set_companion_at(struct modes_run *run, size_t j, struct ssldyn_mode_state *state)
{
    if (!run->set_companion &&
        ssldyn_mode_set_create(run->problem, run->count, ssldyn_mode_fate_rtol(run->problem->rtol),
                               &run->set_companion, NULL) != SSLDYN_OK) {
        return false;
    }
    if (ssldyn_mode_set_advance(run->set_companion, run->t, NULL) != SSLDYN_OK) {
        return false;
    }
    *state = ssldyn_mode_set_view(run->set_companion, j);
    return true;
}

/* The verdict at a row, if there is no check after each step: at the start, which is exact, and
 * for coupled modes. */
static enum ssldyn_status judge_row(struct modes_run *run, size_t j,
                                    const struct ssldyn_mode_state *state,
                                    struct ssldyn_mode_end *end, struct ssldyn_error *err)
{
    const struct data_kind *kind = kind_of(run, j);
    if (!kind->certified || end->fate != SSLDYN_FATE_UNDECIDED) {
        return SSLDYN_OK;
    }
    enum ssldyn_fate fate = run->deep
                                ? ssldyn_mode_fate_start_deep(&run->modes[j])
                                : ssldyn_mode_fate_judge(&kind->certificate, state, NULL, 0.0);
    if (fate != SSLDYN_FATE_UNDECIDED && run->t > 0.0) {
        struct ssldyn_mode_state other;
        fate = set_companion_at(run, j, &other)
                   ? ssldyn_mode_fate_judge(&kind->certificate, state, &other, run->problem->rtol)
                   : SSLDYN_FATE_UNDECIDED;
    }
    if (fate == SSLDYN_FATE_UNDECIDED) {
        return SSLDYN_OK;
    }
    end->fate = fate;
    end->since = run->t;
    return ssldyn_sink_event(run->sink, run->t, j + 1, ssldyn_fate_event(fate), err);
}

/* Advances a mode with its own steps to t and gives its state there, unless its integration
 * failed. */
static enum ssldyn_status follow_mode(struct modes_run *run, size_t j, double t,
                                      struct ssldyn_mode_end *end, struct ssldyn_mode_state *state,
                                      struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    if (isnan(end->stopped)) {
        struct ssldyn_error cause = {SSLDYN_OK, ""};
        status = advance(run, j, t, end, &cause);
        if (status == SSLDYN_OK) {
            *state = state_at(run, j, t);
            return t == 0.0 ? judge_row(run, j, state, end, err) : SSLDYN_OK;
        }
        if (status != SSLDYN_EDIVERGED && status != SSLDYN_EFAILED) {
            return ssldyn_fail(err, status, "%.500s", cause.message);
        }
        status = stop_mode(run, j, status, end, &cause, err);
    }
    return status;
}

/* Written in place of a mode that did not reach the time of the row. */
static const struct ssldyn_mode_state nowhere = {(double)NAN, (double)NAN, (double)NAN,
                                                 (double)NAN, (double)NAN, (double)NAN,
                                                 (double)NAN, (double)NAN, (double)NAN};

/* Coupled modes end together, at a time between rows; an extra row is written for it. */
static enum ssldyn_status stop_set(struct modes_run *run, enum ssldyn_status status,
                                   const struct ssldyn_error *cause, struct ssldyn_error *err)
{
    struct ssldyn_flow_report *report = run->report;
    size_t at_zero = 0;
    double t = 0.0;
    if (status == SSLDYN_EDIVERGED) {
        t = ssldyn_ode_time(ssldyn_mode_set_solver(run->set));
        for (size_t j = 0; j < run->count; j++) {
            report->modes[j].fate = SSLDYN_FATE_DIVERGED;
            report->modes[j].since = t;
        }
        const char *event = ssldyn_fate_event(SSLDYN_FATE_DIVERGED);
        const enum ssldyn_status written = ssldyn_sink_event(run->sink, t, 0, event, err);
        return written == SSLDYN_OK ? ssldyn_fail(err, status, "%.500s", cause->message) : written;
    }
    if (status != SSLDYN_EFAILED || !ssldyn_mode_set_stopped(run->set, &at_zero, &t)) {
        return ssldyn_fail(err, status, "%.500s", cause->message);
    }
    run->t = t;
    run->row[0] = t;
    run->failed = ssldyn_fail(&run->failure, status, "%.500s", cause->message);
    for (size_t j = 0; j < run->count; j++) {
        report->modes[j].stopped = t;
    }
    return ssldyn_sink_event(run->sink, t, at_zero + 1, ssldyn_fate_event(SSLDYN_FATE_UNDECIDED),
                             err);
}

/* Advances every mode to t and writes the row, unless no mode reached t. */
static enum ssldyn_status write_row(void *context, double t, struct ssldyn_error *err)
{
    struct modes_run *run = context;
    struct ssldyn_flow_report *report = run->report;
    enum ssldyn_status status = SSLDYN_OK;
    run->t = t;
    run->row[0] = t;
    if (run->set) {
        struct ssldyn_error cause = {SSLDYN_OK, ""};
        status = ssldyn_mode_set_advance(run->set, t, &cause);
        if (status != SSLDYN_OK) {
            status = stop_set(run, status, &cause, err);
        }
    }
    for (size_t j = 0; status == SSLDYN_OK && j < run->count; j++) {
        struct ssldyn_mode_end *end = &report->modes[j];
        struct ssldyn_mode_state state = nowhere;
        if (run->set) {
            state = ssldyn_mode_set_view(run->set, j);
            status = judge_row(run, j, &state, end, err);
        } else {
            status = follow_mode(run, j, t, end, &state, err);
        }
        if (status != SSLDYN_OK) {
            break;
        }
        const struct ssldyn_layout *layout = run->layout;
        run->of->fill(&kind_of(run, j)->parameters, &state,
                      run->row + layout->scalar_count + j * layout->per_mode_count);
        if (isnan(end->stopped) || run->set) {
            update_drifts(run, j, &state);
            end->p = state.p;
            end->s = state.s;
            end->tau = state.tau;
        }
    }
    if (status == SSLDYN_OK && run->stopped == run->count) {
        return ssldyn_fail(err, run->failed, "%.500s", run->failure.message);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_sink_row(run->sink, run->row, err);
    }
    if (status == SSLDYN_OK) {
        report->rows++;
        report->t_reached = run->t;
    }
    return run->set ? ssldyn_fail_first(err, status, run->failed, &run->failure) : status;
}

enum ssldyn_status ssldyn_flow_modes(const struct ssldyn_problem *problem, struct ssldyn_sink *sink,
                                     bool quiet, struct ssldyn_flow_report *report,
                                     struct ssldyn_error *err)
{
    struct modes_run run = {.problem = problem, .sink = sink, .report = report};
    if (ssldyn_model_is_coupled(problem)) {
        return ssldyn_flow_coupled(problem, sink, quiet, report, err);
    }
    enum ssldyn_status status = run_create(&run, err);
    if (status != SSLDYN_OK) {
        run_clear(&run);
        return status;
    }
    status = ssldyn_flow_rows(problem, sink, quiet, write_row, &run, err);
    status = ssldyn_fail_first(err, status, run.failed, &run.failure);
    for (size_t j = 0; run.modes && j < run.count; j++) {
        ssldyn_flow_count(report, run.modes[j].ode);
    }
    if (run.set) {
        ssldyn_flow_count(report, ssldyn_mode_set_solver(run.set));
    }
    struct ssldyn_error second = {SSLDYN_OK, ""};
    const enum ssldyn_status after = ssldyn_sink_close(sink, &second);
    run.open = false;
    status = ssldyn_fail_first(err, status, after, &second);
    run_clear(&run);
    return status;
}
