/* One SGD run, advanced from row to row. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/base/signal.h"
#include "sim/linalg/layers.h"
#include "sim/model/model.h"
#include "sim/observe/layout_matrix.h"
#include "sim/sgd/sgd_internal.h"
#include "theory/depth_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void copy_layers(struct ssldyn_sgd_member *member)
{
    const double *targets = NULL;
    const double *Y = ssldyn_sgd_process_layers(member->process, &targets);
    if (Y && member->snapshot.step == 0.0) {
        memcpy(member->first_Y, Y, member->layers_size * sizeof *Y);
    }
    if (Y) {
        memcpy(member->last_Y, Y, member->layers_size * sizeof *Y);
    }
}

static enum ssldyn_status observe(struct ssldyn_sgd_member *member, struct ssldyn_error *err)
{
    const size_t n1 = member->start.n1;
    const size_t n2 = member->start.n2;
    const size_t of_Wp = ssldyn_moments_rows(&member->start.moments, n2) * n2;
    ssldyn_sgd_process_view(member->process, &member->snapshot);
    const enum ssldyn_status status =
        ssldyn_observer_row(member->observer, &member->snapshot, member->row, err);
    if (status == SSLDYN_OK) {
        if (member->snapshot.step == 0.0) {
            memcpy(member->first_Wp, member->snapshot.Wp, of_Wp * sizeof(double));
            memcpy(member->first_W, member->snapshot.W, n2 * n1 * sizeof(double));
        }
        memcpy(member->last_Wp, member->snapshot.Wp, of_Wp * sizeof(double));
        memcpy(member->last_W, member->snapshot.W, n2 * n1 * sizeof(double));
        copy_layers(member);
        member->largest_s =
            fmax(member->largest_s, member->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, 0)]);
    }
    return status;
}

enum ssldyn_status ssldyn_sgd_member_create(const struct ssldyn_sgd_plan *plan, uint32_t run,
                                            struct ssldyn_sgd_member *member,
                                            struct ssldyn_error *err)
{
    memset(member, 0, sizeof *member);
    member->plan = plan;
    member->run = run;
    const struct ssldyn_problem *const problem = &plan->problem;
    enum ssldyn_status status = ssldyn_start_create(
        problem, problem->sgd.vary == SSLDYN_VARY_ALL ? run : 0, &member->start, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_sgd_process_create(problem, &member->start, run, plan->steps,
                                           &member->process, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_observer_create(member->start.n1, member->start.n2, &problem->parameters,
                                        &member->start.moments, NULL, &member->observer, err);
    }
    if (status == SSLDYN_OK) {
        const size_t n2 = member->start.n2;
        member->row =
            ssldyn_memory_array(ssldyn_layout_width(&ssldyn_layout_matrix, n2), sizeof(double));
        const size_t of_Wp = ssldyn_moments_rows(&member->start.moments, n2) * n2;
        member->last_Wp = ssldyn_memory_array(of_Wp, sizeof(double));
        member->last_W = ssldyn_memory_array(n2 * member->start.n1, sizeof(double));
        member->first_Wp = ssldyn_memory_array(of_Wp, sizeof(double));
        member->first_W = ssldyn_memory_array(n2 * member->start.n1, sizeof(double));
        const struct ssldyn_layers layers = {ssldyn_depth_layers(&problem->parameters),
                                             member->start.n1, n2};
        const bool deep = ssldyn_depth_is_deep(&problem->parameters);
        member->layers_size = deep ? ssldyn_layers_at(&layers, layers.count) : 0;
        member->first_Y =
            deep ? ssldyn_memory_array(member->layers_size, 2 * sizeof(double)) : NULL;
        member->last_Y = deep && member->first_Y ? member->first_Y + member->layers_size : NULL;
        if (!member->row || !member->last_Wp || !member->last_W || !member->first_Wp ||
            !member->first_W || (deep && !member->first_Y)) {
            status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu x %zu matrices", n2,
                                 member->start.n1);
        }
    }
    if (status != SSLDYN_OK) {
        ssldyn_sgd_member_clear(member);
    }
    return status;
}

void ssldyn_sgd_member_clear(struct ssldyn_sgd_member *member)
{
    ssldyn_observer_free(member->observer);
    ssldyn_sgd_process_free(member->process);
    ssldyn_start_clear(&member->start);
    free(member->row);
    free(member->original);
    free(member->first_Wp);
    free(member->first_W);
    free(member->last_Wp);
    free(member->last_W);
    free(member->first_Y);
    memset(member, 0, sizeof *member);
}

static double limit_at(const struct ssldyn_sgd_member *member, const double Wp[], const double W[],
                       const double Y[])
{
    const double curvature = ssldyn_sgd_curvature(
        &member->plan->problem.parameters, &member->start.moments, member->start.n2, Wp, W, Y);
    return 2.0 * (1.0 + member->plan->problem.sgd.momentum) / curvature;
}

double ssldyn_sgd_member_limit(const struct ssldyn_sgd_member *member)
{
    return limit_at(member, member->last_Wp, member->last_W, member->last_Y);
}

/* Extends the message of a divergence by its likely cause. */
static enum ssldyn_status explain(const struct ssldyn_sgd_member *member, struct ssldyn_error *err)
{
    char which[48] = "";
    const struct ssldyn_sgd_options *sgd = &member->plan->problem.sgd;
    const int64_t k = ssldyn_sgd_process_steps(member->process);
    const double t = ssldyn_sgd_process_time(member->process);
    const double lr = ssldyn_sgd_process_lr(member->process, k > 0 ? k - 1 : 0);
    const char *form = sgd->momentum > 0.0 ? "2 (1 + momentum)/lambda_max" : "2/lambda_max";
    const double first = limit_at(member, member->first_Wp, member->first_W, member->first_Y);
    const double last = ssldyn_sgd_member_limit(member);
    if (sgd->ensemble > 0) {
        (void)snprintf(which, sizeof which, " of member %lu", (unsigned long)member->run);
    }
    if (isnan(last)) {
        return ssldyn_fail(err, SSLDYN_EDIVERGED,
                           "the weights%s diverged at step %lld (t = %.10g) with --lr %.10g; lower "
                           "it",
                           which, (long long)k, t, lr);
    }
    if (lr > first) {
        return ssldyn_fail(err, SSLDYN_EDIVERGED,
                           "the weights%s diverged at step %lld (t = %.10g): --lr %.10g is above "
                           "the stability limit %s = %.4g at the start; lower it",
                           which, (long long)k, t, lr, form, first);
    }
    return ssldyn_fail(err, SSLDYN_EDIVERGED,
                       "the weights%s diverged at step %lld (t = %.10g) with --lr %.10g; the "
                       "stability limit %s fell from %.4g at the start to %.4g at step %.0f; lower "
                       "--lr",
                       which, (long long)k, t, lr, form, first, last, member->snapshot.step);
}

/* Advances to row number k (in order) and observes it into member->row. */
static enum ssldyn_status advance(struct ssldyn_sgd_member *member, size_t k,
                                  struct ssldyn_error *err)
{
    while (ssldyn_sgd_process_steps(member->process) < member->plan->row_steps[k]) {
        if (ssldyn_signal_pending()) {
            return ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                               "stopped at step %lld (t = %.10g); the rows before it are kept",
                               (long long)ssldyn_sgd_process_steps(member->process),
                               ssldyn_sgd_process_time(member->process));
        }
        const enum ssldyn_status status = ssldyn_sgd_process_step(member->process, err);
        if (status != SSLDYN_OK) {
            return status == SSLDYN_EDIVERGED ? explain(member, err) : status;
        }
        if (member->progress) {
            ssldyn_progress_update(member->progress,
                                   (double)ssldyn_sgd_process_steps(member->process));
        }
    }
    return observe(member, err);
}

enum ssldyn_status ssldyn_sgd_member_open(struct ssldyn_sgd_member *member,
                                          struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    const size_t n1 = member->start.n1;
    const size_t n2 = member->start.n2;
    struct ssldyn_sink_shape shape = {.rows = member->plan->row_count,
                                      .snapshots = {.Wp = n2,
                                                    .Wp_rows = member->start.moments.predicted,
                                                    .F = n2,
                                                    .W_rows = n2,
                                                    .W_columns = n1,
                                                    .Wa_rows = member->start.Wa ? n2 : 0,
                                                    .Wa_columns = n1}};
    shape.layout = ssldyn_model_layout(&member->plan->problem, &shape.modes);
    if (ssldyn_sink_takes_snapshots(sink)) {
        member->original = ssldyn_memory_array(2 * n1 * n2, sizeof(double));
        if (!member->original) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu x %zu matrices", n2, n1);
        }
    }
    return ssldyn_sink_open(sink, &shape, err);
}

/* Writes the row that was observed, with its snapshot if one is wanted. */
static enum ssldyn_status write_row(const struct ssldyn_sgd_member *member,
                                    struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    const struct ssldyn_snapshot *snapshot = &member->snapshot;
    const enum ssldyn_status status = ssldyn_sink_row(sink, member->row, err);
    if (status != SSLDYN_OK || !member->original) {
        return status;
    }
    double *const W = member->original;
    double *const Wa = W + member->start.n1 * member->start.n2;
    ssldyn_start_restore(&member->start, snapshot->W, snapshot->Wa, snapshot->tau, W);
    const struct ssldyn_frame frame = {.t = snapshot->t,
                                       .Wp = snapshot->Wp,
                                       .W = W,
                                       .Wa = Wa,
                                       .F = ssldyn_observer_correlation(member->observer)};
    return ssldyn_sink_snapshot(sink, &frame, err);
}

enum ssldyn_status ssldyn_sgd_member_run(struct ssldyn_sgd_member *member, struct ssldyn_sink *sink,
                                         ssldyn_sgd_enough *enough, void *context, size_t *rows,
                                         struct ssldyn_error *err)
{
    *rows = 0;
    while (*rows < member->plan->row_count) {
        enum ssldyn_status status = advance(member, *rows, err);
        if (status == SSLDYN_OK) {
            status = write_row(member, sink, err);
        }
        if (status != SSLDYN_OK) {
            return status;
        }
        ++*rows;
        if ((enough && enough(member, context)) || ssldyn_sink_settled(sink)) {
            break;
        }
    }
    return SSLDYN_OK;
}

/* Keeps the largest drifts of all members, and of equal ones the earliest, so that the order of
 * the members does not matter. */
static void account_laws(const struct ssldyn_sgd_process *process, struct ssldyn_sgd_report *report)
{
    struct ssldyn_drift laws[SSLDYN_SGD_LAWS_MAXIMUM];
    const size_t count = ssldyn_sgd_process_laws(process, laws);
    for (size_t i = 0; i < count; i++) {
        struct ssldyn_drift *const kept = &report->laws[i];
        if (i >= report->law_count || laws[i].largest > kept->largest ||
            (laws[i].largest == kept->largest && laws[i].at < kept->at)) {
            *kept = laws[i];
        }
    }
    report->law_count = count;
}

void ssldyn_sgd_member_account(const struct ssldyn_sgd_member *member,
                               struct ssldyn_sgd_report *report)
{
    const struct ssldyn_sgd_sampler *sampler = ssldyn_sgd_process_sampler(member->process);
    const struct ssldyn_sgd_cost cost = ssldyn_sgd_process_cost(member->process);
    const int64_t done = ssldyn_sgd_process_steps(member->process);
    report->sampler = !sampler                                                     ? "population"
                      : ssldyn_sgd_sampler_kind(sampler) == SSLDYN_SAMPLER_WISHART ? "wishart"
                                                                                   : "direct";
    report->done += done;
    report->cost.random += cost.random;
    report->cost.gradient += cost.gradient;
    report->cost.update += cost.update;
    report->lr = ssldyn_sgd_process_lr(member->process, done > 0 ? done - 1 : 0);
    report->t_end = fmax(report->t_end, ssldyn_sgd_process_time(member->process));
    account_laws(member->process, report);
}
