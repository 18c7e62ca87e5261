/* A flow in memory. */
// SPDX-License-Identifier: MIT
#include "sim/flow/flow_outcome.h"

#include "sim/flow/flow_internal.h"
#include "sim/model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* The whole from its modes. */
static void gather(const struct ssldyn_flow_report *report,
                   const struct ssldyn_modes_record *record, double level,
                   struct ssldyn_outcome *outcome)
{
    size_t count[SSLDYN_FATES] = {0};
    double since[SSLDYN_FATES] = {0.0};
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
