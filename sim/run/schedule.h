/* Schedules of a training run: factors on the learning rate, the EMA rate and the weight decay. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_SCHEDULE_H
#define SSLDYN_SIM_RUN_SCHEDULE_H

#include "sim/base/error.h"
#include "sim/problem/problem.h"
#include "theory/training.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ssldyn_schedule_shape {
    enum ssldyn_schedule kind;
    int64_t warmup; /* number of first steps over which the factor grows linearly: 1/warmup ... 1 */
    int64_t steps;  /* of the whole run, including the warm-up */
    double end;     /* factor at the last step; ignored by CONSTANT */
};

/* The factor of step k = 0 ... steps - 1; for a flow also between steps. After the warm-up, with x
 * from 0 to 1: 1 (constant), 1 + (end - 1) x (linear), end + (1 - end) (1 + cos(pi x)) / 2
 * (cosine). */
double ssldyn_schedule_factor(const struct ssldyn_schedule_shape *shape, double k);

/* The shapes of a run's schedules over its steps. */
struct ssldyn_schedules {
    struct ssldyn_schedule_shape lr, ema, decay;
    bool
        ema_by_step; /* the target's share per step does not depend on lr: beta is proportional to ema/lr */
};
struct ssldyn_schedules ssldyn_schedule_read(const struct ssldyn_sgd_options *sgd, int64_t steps);

/* Whether every step has the same learning rate, so that flow time is proportional to steps. */
bool ssldyn_schedule_lr_is_constant(const struct ssldyn_sgd_options *sgd);

/* What a flow takes from an SGD run, in flow time: the times of its rows and its schedules. */
struct ssldyn_timetable {
    size_t row_count;
    double *rows; /* t of the rows, increasing from 0; owned */
    struct ssldyn_schedules schedules;
    size_t node_count; /* the step number at flow time t: exact at the nodes */
    double *node_t, *node_k;
    void *clock; /* gsl_interp over the nodes; NULL: fewer than two */
};

/* Copies row_count >= 1 times. ENOMEM; on failure nothing is owned. If the learning rate changes,
 * the time is proportional to steps. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_schedule_create_timetable(const struct ssldyn_sgd_options *sgd, int64_t steps,
                                 size_t row_count, const double rows[],
                                 struct ssldyn_timetable *timetable, struct ssldyn_error *err);
void ssldyn_schedule_clear_timetable(struct ssldyn_timetable *timetable);

/* The time of row k = 0 ... samples: from the problem's timetable, or evenly or logarithmically
 * spaced up to t_end. */
double ssldyn_schedule_row_time(const struct ssldyn_problem *problem, int64_t k);

/* Whether the problem has a timetable that changes its rates: laws and fates that assume constant
 * rates do not apply then. */
bool ssldyn_schedule_changes_rates(const struct ssldyn_problem *problem);

/* The parameters at time t: base (the problem's, or derived from them), or *scratch with the rates
 * of its timetable if those change. */
const struct ssldyn_parameters *ssldyn_schedule_parameters_at(const struct ssldyn_problem *problem,
                                                              const struct ssldyn_parameters *base,
                                                              double t,
                                                              struct ssldyn_parameters *scratch);

/* The integral from t0 to t1 of eta_s - eta_s(t), the problem's weight decay minus that at time t;
 * 0 if the rates do not change. */
double ssldyn_schedule_decay_saved(const struct ssldyn_problem *problem, double t0, double t1);

#endif
