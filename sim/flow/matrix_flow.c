/* A flow of matrices in progress. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_flow.h"

#include "sim/flow/flow_internal.h"
#include "sim/linalg/linalg.h"
#include "sim/run/schedule.h"

#include <math.h>

enum ssldyn_status ssldyn_matrix_flow_create(const struct ssldyn_problem *problem,
                                             const struct ssldyn_start *start,
                                             struct ssldyn_matrix_flow *flow,
                                             struct ssldyn_error *err)
{
    *flow = (struct ssldyn_matrix_flow){.problem = problem, .borrowed = start != NULL};
    enum ssldyn_status status = SSLDYN_OK;
    if (start) {
        flow->start = *start;
    } else {
        status = ssldyn_start_create(problem, 0, &flow->start, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_matrix_system_create(problem, &flow->start, &flow->system, err);
    }
    if (status == SSLDYN_OK) {
        flow->equations = ssldyn_matrix_system_ode(flow->system);
        const struct ssldyn_ode_options options = ssldyn_flow_ode_options(problem);
        status = ssldyn_ode_create(&flow->equations, &options, &flow->ode, err);
    }
    if (status == SSLDYN_OK) {
        flow->y = ssldyn_ode_workspace(flow->ode);
        flow->original = ssldyn_matrix_system_lend(flow->system);
        ssldyn_matrix_system_start(flow->system, flow->y);
    }
    return status;
}

void ssldyn_matrix_flow_clear(struct ssldyn_matrix_flow *flow)
{
    ssldyn_observer_free(flow->observer);
    ssldyn_ode_free(flow->ode);
    ssldyn_matrix_system_free(flow->system);
    if (!flow->borrowed) {
        ssldyn_start_clear(&flow->start);
    }
}

enum ssldyn_status ssldyn_matrix_flow_start(struct ssldyn_matrix_flow *flow, double t0,
                                            double t_end, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_ode_start(flow->ode, t0, flow->y, t_end, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    flow->t = t0;
    if (!flow->borrowed) {
        ssldyn_start_forget_matrices(&flow->start); /* the matrices of the observer replace them */
    }
    const enum ssldyn_status created =
        ssldyn_observer_create(flow->start.n1, flow->start.n2, &flow->problem->parameters,
                               &flow->start.moments, flow->original, &flow->observer, err);
    flow->F = created == SSLDYN_OK ? ssldyn_observer_correlation(flow->observer) : NULL;
    return created;
}

enum ssldyn_status ssldyn_matrix_flow_row(struct ssldyn_matrix_flow *flow, double t,
                                          struct ssldyn_matrix_sight *sight, double row[],
                                          struct ssldyn_error *err)
{
    struct ssldyn_snapshot *const snapshot = &sight->snapshot;
    const size_t size = flow->equations.n;
    sight->speed = (double)NAN;
    if (flow->rate) {
        flow->equations.rhs(t, flow->y, flow->rate, flow->equations.context);
        sight->speed = ssldyn_dense_norm(size, flow->rate) / ssldyn_dense_norm(size, flow->y);
    }
    enum ssldyn_status status = ssldyn_matrix_system_view(flow->system, t, flow->y, snapshot, err);
    flow->decay_saved += ssldyn_schedule_decay_saved(flow->problem, flow->t, t);
    flow->t = t;
    snapshot->decay_saved = flow->decay_saved;
    if (status == SSLDYN_OK) {
        status = ssldyn_observer_row(flow->observer, snapshot, row, err);
    }
    if (status != SSLDYN_OK || !flow->frames) {
        return status;
    }
    double *const W = flow->original;
    ssldyn_start_restore(&flow->start, snapshot->W, snapshot->Wa, snapshot->tau, W);
    sight->frame = (struct ssldyn_frame){.t = t,
                                         .Wp = snapshot->Wp,
                                         .W = W,
                                         .Wa = W + flow->start.n1 * flow->start.n2,
                                         .F = flow->F};
    return status;
}
