/* What all members of an SGD run share: the problem, and the steps at which rows are written. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/run/schedule.h"
#include "sim/sgd/sgd_internal.h"

#include <math.h>
#include <stdlib.h>

/* The numbers of step k start at k 2^32 of a stream, so k has 32 bits. */
static const double most_steps = 4294967295.0;

static enum ssldyn_status check_member(const struct ssldyn_sgd_options *sgd,
                                       struct ssldyn_error *err)
{
    if (sgd->member >= 0 && sgd->member >= sgd->ensemble) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--member %lld: must be below --ensemble, which is %lld",
                           (long long)sgd->member, (long long)sgd->ensemble);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_sgd_count_steps(struct ssldyn_problem *problem, int64_t *count,
                                          struct ssldyn_error *err)
{
    const struct ssldyn_sgd_options *sgd = &problem->sgd;
    const bool constant = ssldyn_schedule_lr_is_constant(sgd);
    double steps = (double)sgd->steps;
    if (sgd->steps == 0) {
        if (!constant) {
            return ssldyn_fail(
                err, SSLDYN_EINPUT,
                "--schedule-lr, --warmup: need --steps, which sets the length of the schedule");
        }
        /* the last step may end a rounding error early */
        steps = ceil(problem->t_end * ssldyn_training_complement(sgd->momentum) / sgd->lr *
                     (1.0 - 1e-12));
    }
    if (!(steps <= most_steps)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--t-end %g: takes %g steps of --lr %g; at most %.0f are allowed",
                           problem->t_end, steps, sgd->lr, most_steps);
    }
    if ((double)sgd->warmup > steps) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--warmup %lld: is longer than the run of %.0f steps",
                           (long long)sgd->warmup, steps);
    }
    *count = (int64_t)steps;
    if (constant && sgd->steps > 0) {
        problem->t_end = sgd->lr * steps / ssldyn_training_complement(sgd->momentum);
    }
    return SSLDYN_OK;
}

/* The steps nearest to the output times of a flow; times that share a step become one row. */
static enum ssldyn_status place_rows(struct ssldyn_sgd_plan *plan, struct ssldyn_error *err)
{
    const int64_t samples =
        plan->problem.samples < plan->steps ? plan->problem.samples : plan->steps;
    struct ssldyn_problem grid = plan->problem;
    grid.samples = samples > 0 ? samples : 1;
    grid.t_end = 1.0;
    plan->row_steps = ssldyn_memory_array((size_t)samples + 1, sizeof *plan->row_steps);
    if (!plan->row_steps) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %lld rows",
                           (long long)samples + 1);
    }
    plan->row_count = 1;
    for (int64_t i = 1; i <= samples; i++) {
        const int64_t step =
            (int64_t)llround((double)plan->steps * ssldyn_schedule_row_time(&grid, i));
        if (step > plan->row_steps[plan->row_count - 1]) {
            plan->row_steps[plan->row_count++] = step;
        }
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_sgd_plan_create(const struct ssldyn_problem *problem,
                                          struct ssldyn_sgd_plan *plan, struct ssldyn_error *err)
{
    *plan = (struct ssldyn_sgd_plan){.problem = *problem};
    plan->problem.model = SSLDYN_MODEL_POPULATION;
    enum ssldyn_status status = check_member(&plan->problem.sgd, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_sgd_count_steps(&plan->problem, &plan->steps, err);
    }
    if (status == SSLDYN_OK) {
        status = place_rows(plan, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_sgd_plan_clear(plan);
    }
    return status;
}

enum ssldyn_status ssldyn_sgd_plan_write_moments(const struct ssldyn_sgd_plan *plan,
                                                 struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    const struct ssldyn_moments_basis *const basis = plan->problem.basis;
    const struct ssldyn_dataset *const dataset = plan->problem.dataset;
    if (!dataset) {
        return SSLDYN_OK;
    }
    const size_t n1 = basis->n1;
    double *X = ssldyn_memory_array(3 * n1 * n1, sizeof *X);
    if (!X) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu x %zu matrices", n1, n1);
    }
    double *const Xprime = X + n1 * n1;
    ssldyn_moments_basis_restore(basis, X, Xprime, Xprime + n1 * n1);
    const double scale = dataset->images ? dataset->images->scale : 1.0;
    const enum ssldyn_status status = ssldyn_sink_moments(sink, n1, X, Xprime, scale, err);
    free(X);
    return status;
}

void ssldyn_sgd_plan_clear(struct ssldyn_sgd_plan *plan)
{
    free(plan->row_steps);
    *plan = (struct ssldyn_sgd_plan){0};
}
