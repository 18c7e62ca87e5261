/* Shared by a single run of SGD and an ensemble. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_INTERNAL_H
#define SSLDYN_SIM_SGD_SGD_INTERNAL_H

#include "sim/base/progress.h"
#include "sim/sgd/sgd.h"
#include "sim/sgd/sgd_images.h"

/* What all members of an ensemble have in common: the problem, and when rows are written. */
struct ssldyn_sgd_plan {
    struct ssldyn_problem problem; /* with the time that its steps take */
    int64_t steps;
    size_t row_count;
    int64_t *row_steps; /* row_count, increasing: 0 ... steps */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_plan_create(const struct ssldyn_problem *problem,
                                                            struct ssldyn_sgd_plan *plan,
                                                            struct ssldyn_error *err);
void ssldyn_sgd_plan_clear(struct ssldyn_sgd_plan *plan);

/* Where data are drawn from a set: X and X' as they stand in the user's coordinates. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_plan_write_moments(const struct ssldyn_sgd_plan *plan, struct ssldyn_sink *sink,
                              struct ssldyn_error *err);

/* The report of a run of that plan before its first step. */
void ssldyn_sgd_describe(const struct ssldyn_sgd_plan *plan, struct ssldyn_sgd_report *report);

/* One member on its way: start, process, observer, and the row last observed. */
struct ssldyn_sgd_member {
    const struct ssldyn_sgd_plan *plan;
    uint32_t run;
    struct ssldyn_start start;
    struct ssldyn_sgd_process *process;
    struct ssldyn_observer *observer;
    double *row;
    struct ssldyn_snapshot snapshot; /* of the last row */
    double *first_Wp, *first_W;      /* of the first row and of the last: for stability limits */
    double *last_Wp, *last_W;
    double *original; /* W and Wa in the user's coordinates, where a sink takes snapshots */
    struct ssldyn_progress *progress; /* NULL: none is drawn */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_member_create(const struct ssldyn_sgd_plan *plan,
                                                              uint32_t run,
                                                              struct ssldyn_sgd_member *member,
                                                              struct ssldyn_error *err);
void ssldyn_sgd_member_clear(struct ssldyn_sgd_member *member);

/* Opens a sink for the member's rows. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_member_open(struct ssldyn_sgd_member *member,
                                                            struct ssldyn_sink *sink,
                                                            struct ssldyn_error *err);

/* Runs from the first row to the last into an open sink, or until enough (NULL: never) says after a
 * row that no more are wanted. rows: how many went into the sink, whatever the status. EDIVERGED
 * with the stability limit in the message, EINTERRUPTED when the user asks, EFAILED from the
 * observer. */
typedef bool ssldyn_sgd_enough(const struct ssldyn_sgd_member *member, void *context);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_member_run(struct ssldyn_sgd_member *member,
                                                           struct ssldyn_sink *sink,
                                                           ssldyn_sgd_enough *enough, void *context,
                                                           size_t *rows, struct ssldyn_error *err);

/* 2 (1 + momentum)/lambda_max at the last row, NaN where unknown. */
double ssldyn_sgd_member_limit(const struct ssldyn_sgd_member *member);

/* Adds what a member did to a report. */
void ssldyn_sgd_member_account(const struct ssldyn_sgd_member *member,
                               struct ssldyn_sgd_report *report);

#endif
