/* A flow in memory. */
// SPDX-License-Identifier: MIT
#include "sim/flow/flow_outcome.h"

#include "sim/base/memory.h"
#include "sim/flow/flow_internal.h"
#include "sim/model/model.h"
#include "sim/run/reduction.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What is computed from the rows of a flow of modes for each mode: the time from which p stays
 * above the level at which it survives, and the smallest K. */
static enum ssldyn_status list_reductions(const struct ssldyn_problem *problem, size_t count,
                                          struct ssldyn_reduction **reductions,
                                          struct ssldyn_error *err)
{
    *reductions = ssldyn_memory_array(count, 2 * sizeof **reductions);
    for (size_t j = 0; *reductions && j < count; j++) {
        struct ssldyn_reduction *const of = *reductions + 2 * j;
        const struct ssldyn_parameters parameters = ssldyn_model_parameters_of(problem, j);
        of[0] =
            (struct ssldyn_reduction){.kind = SSLDYN_REDUCTION_STAYS_ABOVE,
                                      .level = ssldyn_model_modes_of(problem)->level(&parameters)};
        of[1] = (struct ssldyn_reduction){.kind = SSLDYN_REDUCTION_MINIMUM};
        snprintf(of[0].column, sizeof of[0].column, "p_%zu", j + 1);
        snprintf(of[1].column, sizeof of[1].column, "k_%zu", j + 1);
    }
    return *reductions ? SSLDYN_OK
                       : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", count);
}

/* A sink that needs no more rows once every fate is certain. */
struct early_stop {
    struct ssldyn_sink sink;
    const struct ssldyn_flow_report *report;
};

static bool is_settled(const struct ssldyn_sink *sink)
{
    const struct ssldyn_flow_report *report = ((const struct early_stop *)sink)->report;
    bool settled = true;
    for (size_t j = 0; settled && j < report->mode_count; j++) {
        settled = report->modes[j].fate != SSLDYN_FATE_UNDECIDED;
    }
    return settled;
}

/* The outcome of the network from those of its modes. */
static void gather(const struct ssldyn_flow_report *report, const double reduced[],
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
        outcome->k_min = fmin(outcome->k_min, reduced[2 * j + 1]);
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
    outcome->margin = report->eta_fold - report->eta_s;
    outcome->t_escape = reduced[2 * leading];
}

static enum ssldyn_status modes(const struct ssldyn_problem *problem, bool early_stop,
                                struct ssldyn_sink *sink, struct ssldyn_outcome *outcome,
                                struct ssldyn_error *err)
{
    static const struct ssldyn_sink_kind kind = {.settled = is_settled};
    const size_t count = ssldyn_problem_modes(problem);
    struct ssldyn_flow_report report = {.eta_s = problem->parameters.rates.eta_s,
                                        .eta_fold = (double)NAN};
    struct ssldyn_reduction *reductions = NULL;
    struct ssldyn_reducer reducer = {.sink = {0}};
    struct early_stop early = {{&kind, &reducer.sink}, &report};
    ssldyn_outcome_init(outcome);
    enum ssldyn_status status = list_reductions(problem, count, &reductions, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_reduction_sink_create(2 * count, reductions, &reducer, err);
    }
    if (status == SSLDYN_OK) {
        reducer.sink.next = sink;
        status = ssldyn_flow_modes(problem, early_stop ? &early.sink : &reducer.sink, true, &report,
                                   err);
        if (report.modes) {
            gather(&report, reducer.values, outcome);
        }
    }
    ssldyn_flow_report_clear(&report);
    ssldyn_reduction_sink_clear(&reducer);
    free(reductions);
    return status;
}

enum ssldyn_status ssldyn_flow_outcome_from(const struct ssldyn_problem *problem,
                                            const struct ssldyn_start *start, bool early_stop,
                                            struct ssldyn_sink *sink,
                                            struct ssldyn_outcome *outcome,
                                            struct ssldyn_error *err)
{
    struct ssldyn_flow_report report = {0};
    return ssldyn_ode_accept_end(
        ssldyn_flow_matrix(problem, start, sink, true, early_stop, outcome, &report, err));
}

enum ssldyn_status ssldyn_flow_outcome(const struct ssldyn_problem *problem, bool early_stop,
                                       struct ssldyn_sink *sink, struct ssldyn_outcome *outcome,
                                       struct ssldyn_error *err)
{
    return ssldyn_model_of(problem->model)->modes
               ? ssldyn_ode_accept_end(modes(problem, early_stop, sink, outcome, err))
               : ssldyn_flow_outcome_from(problem, NULL, early_stop, sink, outcome, err);
}
