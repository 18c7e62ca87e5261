/* A run of SGD in memory. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_outcome.h"

#include "sim/flow/flow_outcome.h"
#include "sim/flow/matrix_judge.h"
#include "sim/sgd/sgd_internal.h"

#include <math.h>
#include <string.h>

/* How long the mean flow is followed for the fate: longer than any ghost whose distance from the
 * fold exceeds the effect of the noise. */
static const double flow_time = 1e4;
static const int64_t flow_rows = 80;
static const double flow_rtol = 1e-8;

/* The fate of the mean flow from the weights of the last row, which replace the start of the
 * run. */
static enum ssldyn_status follow_mean(struct ssldyn_sgd_member *member, int *fate,
                                      struct ssldyn_error *err)
{
    struct ssldyn_outcome outcome;
    struct ssldyn_problem problem = member->plan->problem; /* borrows the arrays */
    problem.t_end = flow_time;
    problem.samples = flow_rows;
    problem.log_time = true;
    problem.rtol = flow_rtol;
    problem.atol = 0.0;
    struct ssldyn_start *const start = &member->start;
    const struct ssldyn_snapshot *const last = &member->snapshot;
    if (last->Wp) {
        memcpy(start->Wp, last->Wp,
               ssldyn_moments_rows(&start->moments, start->n2) * start->n2 * sizeof *start->Wp);
    }
    memcpy(start->W, last->W, start->n2 * start->n1 * sizeof *start->W);
    if (last->Wa) {
        memcpy(start->Wa, last->Wa, start->n2 * start->n1 * sizeof *start->Wa);
    }
    start->layers = ssldyn_sgd_process_layers(member->process, &start->target_layers);
    const enum ssldyn_status status =
        ssldyn_flow_outcome_from(&problem, start, true, NULL, &outcome, err);
    *fate = outcome.fate;
    return status;
}

/* Whether the steps are small enough to follow the flow from the last row on, which every
 * statement about its fate assumes. */
static bool steps_are_small(const struct ssldyn_sgd_member *member)
{
    const int64_t done = ssldyn_sgd_process_steps(member->process);
    const double lr = ssldyn_sgd_process_lr(member->process, done > 0 ? done - 1 : 0);
    return !(lr > ssldyn_sgd_member_limit(member));
}

/* What is known of a run in progress. */
struct verdict {
    struct ssldyn_matrix_judge judge;
    bool early_stop, settled;
};

static bool is_settled(const struct ssldyn_sgd_member *member, void *context)
{
    struct verdict *verdict = context;
    const bool open = ssldyn_matrix_judge_row(&verdict->judge, member->row, &member->snapshot,
                                              (double)NAN); /* the noise never comes to rest */
    verdict->settled = verdict->early_stop && !open && steps_are_small(member);
    return verdict->settled;
}

static enum ssldyn_status judge(struct ssldyn_sgd_member *member, struct verdict *verdict,
                                enum ssldyn_status status, struct ssldyn_error *err)
{
    struct ssldyn_outcome *const outcome = verdict->judge.outcome;
    /* The flow from the last row on is known if the steps are small; for other losses it decides
     * no fate (their certificates do), and SGD under the cosine loss does not conserve what its
     * flow conserves (THEORY section 10). */
    const bool follows =
        steps_are_small(member) && ssldyn_losses_of(&member->plan->problem.parameters)->linear;
    bool followed = status == SSLDYN_OK;
    if (status == SSLDYN_EDIVERGED) {
        ssldyn_matrix_judge_diverged(&verdict->judge, ssldyn_sgd_process_time(member->process));
        status = SSLDYN_OK;
    } else if (status == SSLDYN_OK && !follows) {
        followed = false;
        outcome->fate = SSLDYN_FATE_UNDECIDED;
        outcome->t_decided = (double)NAN;
    } else if (status == SSLDYN_OK && !verdict->settled) {
        const int before = outcome->fate;
        status = follow_mean(member, &outcome->fate, err);
        outcome->t_decided = before == outcome->fate ? outcome->t_decided : (double)NAN;
    }
    return status == SSLDYN_OK
               ? ssldyn_matrix_judge_finish(&verdict->judge, followed ? &member->snapshot : NULL,
                                            ssldyn_observer_eigenvectors(member->observer), err)
               : status;
}

/* From an open sink to a closed one. */
static enum ssldyn_status follow(struct ssldyn_sgd_member *member, bool early_stop,
                                 struct ssldyn_sink *sink, struct ssldyn_outcome *outcome,
                                 struct ssldyn_error *err)
{
    struct verdict verdict = {.early_stop = early_stop};
    struct ssldyn_error second = {SSLDYN_OK, ""};
    size_t rows = 0;
    enum ssldyn_status status =
        ssldyn_matrix_judge_create(&member->plan->problem, &member->start, member->plan->row_count,
                                   outcome, &verdict.judge, err);
    verdict.judge.noisy = true;
    if (status == SSLDYN_OK) {
        status = ssldyn_sgd_member_run(member, sink, is_settled, &verdict, &rows, err);
        status = judge(member, &verdict, status, err);
    }
    ssldyn_matrix_judge_clear(&verdict.judge);
    return ssldyn_fail_first(err, status, ssldyn_sink_close(sink, &second), &second);
}

/* From the plan to a run that is ready to start; then runs it unless outcome is NULL. */
static enum ssldyn_status begin(const struct ssldyn_problem *problem, bool early_stop,
                                struct ssldyn_sink *sink, struct ssldyn_outcome *outcome,
                                struct ssldyn_error *err)
{
    struct ssldyn_sgd_plan plan;
    struct ssldyn_sgd_member member;
    enum ssldyn_status status = ssldyn_sgd_plan_create(problem, &plan, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_sgd_member_create(&plan, 0, &member, err);
    if (status == SSLDYN_OK && outcome) {
        status = ssldyn_sgd_member_open(&member, sink, err);
    }
    if (status == SSLDYN_OK && outcome) {
        status = follow(&member, early_stop, sink, outcome, err);
    }
    ssldyn_sgd_member_clear(&member);
    ssldyn_sgd_plan_clear(&plan);
    return status;
}

enum ssldyn_status ssldyn_sgd_outcome(const struct ssldyn_problem *problem, bool early_stop,
                                      struct ssldyn_sink *sink, struct ssldyn_outcome *outcome,
                                      struct ssldyn_error *err)
{
    ssldyn_outcome_init(outcome);
    return begin(problem, early_stop, sink, outcome, err);
}

enum ssldyn_status ssldyn_sgd_probe(const struct ssldyn_problem *problem, struct ssldyn_error *err)
{
    return begin(problem, false, NULL, NULL, err);
}
