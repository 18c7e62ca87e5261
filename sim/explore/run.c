/* /api/run...: the modes of a run, of a simulation or of a trained network. */
// SPDX-License-Identifier: MIT
#include "sim/explore/answers.h"

#include "sim/base/error.h"
#include "sim/base/memory.h"
#include "sim/explore/query.h"
#include "sim/explore/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PER_MODE = 3, NAME = 32, SNAPSHOTS = 20000 }; /* p, s, tau */
static const size_t nowhere = SSLDYN_ROWS_NOWHERE;

const struct ssldyn_result *ssldyn_explore_loaded(const struct ssldyn_asked *asked)
{
    if (!asked->explore->run) {
        ssldyn_call_refuse(asked->answer, 404, "no run is loaded: start ssldyn explore RUN");
    }
    return asked->explore->run;
}

static size_t column_of(const struct ssldyn_result *run, const char *name, size_t mode)
{
    char wanted[NAME];
    if (mode > 0) {
        (void)snprintf(wanted, sizeof wanted, "%s_%zu", name, mode);
    } else {
        (void)snprintf(wanted, sizeof wanted, "%s", name);
    }
    return ssldyn_rows_column(run, wanted);
}

/* Modes, at most those of the page; the first are the largest. */
static size_t mode_count(const struct ssldyn_result *run)
{
    size_t count = 0;
    while (count < SSLDYN_CALL_MODES && column_of(run, "s", count + 1) != nowhere) {
        count++;
    }
    return count;
}

static size_t snapshot_count(const struct ssldyn_result *run)
{
    const size_t rows = ssldyn_result_row_count(run);
    return rows < SNAPSHOTS ? rows : SNAPSHOTS;
}

/* Where p, s and tau of the modes are: a mode's own tau, or that of all of them. */
static void find_columns(const struct ssldyn_result *run, size_t modes, size_t columns[][PER_MODE])
{
    static const char *const names[PER_MODE] = {"p", "s", "tau"};
    for (size_t j = 0; j < modes; j++) {
        for (size_t i = 0; i < PER_MODE; i++) {
            columns[j][i] = column_of(run, names[i], j + 1);
        }
        if (columns[j][0] == nowhere) {
            columns[j][0] = column_of(run, "wpe", j + 1);
        }
        if (columns[j][2] == nowhere) {
            columns[j][2] = column_of(run, "tau", 0);
        }
    }
}

static double value_at(const struct ssldyn_result *run, size_t row, size_t column)
{
    return column == nowhere
               ? (double)NAN
               : ssldyn_result_rows(run)[row * ssldyn_result_column_count(run) + column];
}

void ssldyn_explore_run(const struct ssldyn_asked *asked)
{
    const struct ssldyn_result *run = ssldyn_explore_loaded(asked);
    const struct ssldyn_explore_start *start = &asked->explore->start;
    struct ssldyn_explore_bytes *body = &asked->answer->body;
    if (!run) {
        return;
    }
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_text(body, "name", start->title);
    ssldyn_bytes_json_text(body, "command", ssldyn_result_text(run, "command"));
    ssldyn_bytes_json_number(body, "snapshots", (double)snapshot_count(run));
    ssldyn_bytes_json_number(body, "modes", (double)mode_count(run));
    ssldyn_bytes_json_begin(body, "columns", '[');
    for (size_t i = 0; i < ssldyn_result_column_count(run); i++) {
        ssldyn_bytes_json_text(body, NULL, ssldyn_result_column_name(run, i));
    }
    ssldyn_bytes_json_end(body, ']');
    ssldyn_bytes_json_begin(body, "settings", '{');
    for (size_t i = 0; i < start->count; i++) {
        ssldyn_bytes_json_text(body, start->settings[i].name, start->settings[i].value);
    }
    ssldyn_bytes_json_end(body, '}');
    ssldyn_bytes_json_begin(body, "times", '[');
    const size_t t = column_of(run, "t", 0);
    for (size_t i = 0; i < snapshot_count(run); i++) {
        ssldyn_bytes_json_number(body, NULL, value_at(run, i, t));
    }
    ssldyn_bytes_json_end(body, ']');
    ssldyn_bytes_json_text(body, "verdict", ssldyn_result_text(run, "verdict"));
    ssldyn_bytes_json_text(body, "note", start->note);
    ssldyn_bytes_json_end(body, '}');
}

void ssldyn_explore_run_data(const struct ssldyn_asked *asked)
{
    static const char *const names[PER_MODE] = {"p", "s", "tau"};
    const struct ssldyn_result *run = ssldyn_explore_loaded(asked);
    if (!run) {
        return;
    }
    const size_t modes = mode_count(run);
    const size_t rows = snapshot_count(run);
    const size_t width = 1 + PER_MODE * modes;
    size_t columns[SSLDYN_CALL_MODES][PER_MODE];
    char words[1 + PER_MODE * SSLDYN_CALL_MODES][NAME] = {"t"};
    const char *shown[1 + PER_MODE * SSLDYN_CALL_MODES];
    double *values = ssldyn_memory_array(rows * width, sizeof *values);
    const struct ssldyn_explore_bytes head = {0};
    if (!values) {
        asked->answer->body.lost = true;
        return;
    }
    find_columns(run, modes, columns);
    const size_t t = column_of(run, "t", 0);
    for (size_t i = 0; i < width; i++) {
        const size_t j = i > 0 ? (i - 1) / PER_MODE : 0;
        const size_t k = i > 0 ? (i - 1) % PER_MODE : 0;
        if (i > 0) {
            (void)snprintf(words[i], NAME, "%s_%zu", names[k], j + 1);
        }
        shown[i] = words[i];
        for (size_t row = 0; row < rows; row++) {
            values[row * width + i] = value_at(run, row, i > 0 ? columns[j][k] : t);
        }
    }
    ssldyn_rows_put_table(asked->answer, &head, width, shown, rows, values);
    free(values);
}

/* ---- fates from a snapshot on */

/* The modes of a snapshot whose p and s are known. */
struct snapshot {
    size_t count;
    size_t mode[SSLDYN_CALL_MODES]; /* numbers in the run, from 0 */
    double p[SSLDYN_CALL_MODES], s[SSLDYN_CALL_MODES], tau[SSLDYN_CALL_MODES];
    bool no_tau; /* that of one is unknown, and taken for 1 */
};

static void read_snapshot(const struct ssldyn_result *run, size_t row, struct snapshot *snapshot)
{
    size_t columns[SSLDYN_CALL_MODES][PER_MODE];
    const size_t modes = mode_count(run);
    *snapshot = (struct snapshot){0};
    find_columns(run, modes, columns);
    for (size_t j = 0; j < modes; j++) {
        const double p = value_at(run, row, columns[j][0]);
        const double s = value_at(run, row, columns[j][1]);
        const double tau = value_at(run, row, columns[j][2]);
        if (!isfinite(p) || !isfinite(s)) {
            continue;
        }
        const size_t i = snapshot->count++;
        snapshot->mode[i] = j;
        snapshot->p[i] = p;
        snapshot->s[i] = fmax(s, 0.0); /* rounding */
        snapshot->tau[i] = isfinite(tau) ? tau : 1.0;
        snapshot->no_tau = snapshot->no_tau || !isfinite(tau);
    }
}

/* The flow from there on, of all modes, with the settings of the call. */
static enum ssldyn_status fates_request(const struct ssldyn_asked *asked,
                                        const struct snapshot *snapshot, bool margins,
                                        struct ssldyn_request **request, struct ssldyn_error *err)
{
    const char *predictor = ssldyn_call_value(asked->call, "predictor");
    const bool rule = predictor && strcmp(predictor, "gradient") != 0;
    enum ssldyn_status status = ssldyn_query_request(
        asked->call, "flow", "p0|s0|tau0|wp0|w0|wa0|layers0|samples|log-time", request, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_request_text(*request, "model", "modes", err);
    }
    if (status == SSLDYN_OK && !rule) {
        status = ssldyn_request_numbers(*request, "p0", snapshot->count, snapshot->p, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_request_numbers(*request, "s0", snapshot->count, snapshot->s, err);
    }
    if (status == SSLDYN_OK && !ssldyn_query_holds_target(asked->call)) {
        status = ssldyn_request_numbers(*request, "tau0", snapshot->count, snapshot->tau, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_request_number(*request, "samples", 1.0, err);
    }
    if (status == SSLDYN_OK && margins) {
        status = ssldyn_request_flag(*request, "margins", true, err);
    }
    return status;
}

/* A mode whose fate is known: fates, since and factors are those of the flow, NULL where unknown. */
static void put_mode(const struct snapshot *snapshot, size_t i, const double *fates,
                     const double *since, const double *factors, struct ssldyn_explore_bytes *body)
{
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_number(body, "mode", (double)snapshot->mode[i] + 1.0);
    ssldyn_bytes_json_number(body, "p", snapshot->p[i]);
    ssldyn_bytes_json_number(body, "s", snapshot->s[i]);
    ssldyn_bytes_json_number(body, "tau", snapshot->tau[i]);
    ssldyn_bytes_json_text(body, "fate", fates ? ssldyn_explore_fate(fates[i]) : NULL);
    ssldyn_bytes_json_number(body, "certain_from", since ? since[i] : (double)NAN);
    ssldyn_bytes_json_number(body, "margin", factors ? factors[i] : (double)NAN);
    ssldyn_bytes_json_end(body, '}');
}

/* A number of each mode, flow NULL: of none. */
static const double *array_of_modes(const struct ssldyn_result *flow, const char *name,
                                    size_t modes)
{
    size_t count = 0;
    const double *array = flow ? ssldyn_rows_array(flow, name, &count) : NULL;
    return count == modes ? array : NULL;
}

static void put_fates(const struct ssldyn_asked *asked, const struct ssldyn_result *run, size_t row,
                      const struct snapshot *snapshot, const struct ssldyn_result *flow,
                      const char *why)
{
    struct ssldyn_explore_bytes *body = &asked->answer->body;
    const double *fates = array_of_modes(flow, "fate", snapshot->count);
    const double *since = array_of_modes(flow, "since", snapshot->count);
    const double *factors = array_of_modes(flow, "x_eta", snapshot->count);
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_number(body, "t", value_at(run, row, column_of(run, "t", 0)));
    ssldyn_bytes_json_begin(body, "modes", '[');
    for (size_t i = 0; i < snapshot->count; i++) {
        put_mode(snapshot, i, fates, since, factors, body);
    }
    ssldyn_bytes_json_end(body, ']');
    ssldyn_bytes_json_text(body, "note",
                           why                ? why
                           : snapshot->no_tau ? "the target is not known; tau is taken to be 1"
                                              : NULL);
    ssldyn_bytes_json_end(body, '}');
}

/* Factors of every knob take a while for many modes. */
static bool has_few_modes(const struct snapshot *snapshot)
{
    enum { FEW = 16 };
    return snapshot->count <= FEW;
}

void ssldyn_explore_run_fates(const struct ssldyn_asked *asked)
{
    const struct ssldyn_result *run = ssldyn_explore_loaded(asked);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct snapshot snapshot;
    size_t row = 0;
    if (!run) {
        return;
    }
    const size_t rows = snapshot_count(run);
    if (rows == 0 ||
        ssldyn_query_count(asked->call, "snapshot", 0, rows - 1, &row, &err) != SSLDYN_OK) {
        ssldyn_call_refuse(asked->answer, 400, "%s",
                           rows == 0 ? "the run has no rows" : err.message);
        return;
    }
    read_snapshot(run, row, &snapshot);
    struct ssldyn_result *flow = NULL;
    for (int margins = has_few_modes(&snapshot) ? 1 : 0;
         snapshot.count > 0 && !flow && margins >= 0; margins--) {
        struct ssldyn_request *request = NULL;
        const enum ssldyn_status made =
            fates_request(asked, &snapshot, margins != 0, &request, &err);
        flow = ssldyn_explore_try(asked, made, request, &err);
    }
    if (ssldyn_task_state(asked->task) != SSLDYN_TASK_RUNS) {
        ssldyn_task_refuse(asked->task, err.status, &err, asked->answer);
    } else {
        put_fates(asked, run, row, &snapshot, flow,
                  flow                  ? NULL
                  : snapshot.count == 0 ? "the run has no values p and s of modes at this snapshot"
                                        : err.message);
    }
    ssldyn_result_free(flow);
}
