/* Shared by a single run of SGD and an ensemble. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_INTERNAL_H
#define SSLDYN_SIM_SGD_SGD_INTERNAL_H

#include "sim/base/progress.h"
#include "sim/sgd/sgd.h"
#include "sim/sgd/sgd_images.h"

/* What all members of an ensemble share: the problem, and the steps at which rows are written. */
struct ssldyn_sgd_plan {
    struct ssldyn_problem problem; /* with the flow time of its steps */
    int64_t steps;
    size_t row_count;
    int64_t *row_steps; /* row_count, increasing: 0 ... steps */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_plan_create(const struct ssldyn_problem *problem,
                                                            struct ssldyn_sgd_plan *plan,
                                                            struct ssldyn_error *err);
void ssldyn_sgd_plan_clear(struct ssldyn_sgd_plan *plan);

/* If data are drawn from a set: X and X' in the user's coordinates. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_plan_write_moments(const struct ssldyn_sgd_plan *plan, struct ssldyn_sink *sink,
                              struct ssldyn_error *err);

/* The report of a run of that plan before its first step. */
void ssldyn_sgd_describe(const struct ssldyn_sgd_plan *plan, struct ssldyn_sgd_report *report);

/* One member in progress: start, process, observer, and the last row. */
struct ssldyn_sgd_member {
    const struct ssldyn_sgd_plan *plan;
    uint32_t run;
    struct ssldyn_start start;
    struct ssldyn_sgd_process *process;
    struct ssldyn_observer *observer;
    double *row;
    struct ssldyn_snapshot snapshot; /* of the last row */
    double largest_s;                /* the largest eigenvalue of F in any row so far */
    double *first_Wp, *first_W;      /* of the first and the last row: for stability limits */
    double *last_Wp, *last_W;
    double *first_Y, *last_Y; /* the layers of a deep encoder; NULL: one layer */
    size_t layers_size;       /* numbers in each of them */
    double *original;         /* W and Wa in the user's coordinates, if a sink takes snapshots */
    struct ssldyn_progress *progress; /* NULL: no progress is shown */
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

/* Runs from the first row to the last into an open sink, or until `enough` (may be NULL) returns
 * true after a row. rows: number of rows that the sink received, set in every case. EDIVERGED
 * with the stability limit in the message, EINTERRUPTED if the user stops it, EFAILED from the
 * observer. */
typedef bool ssldyn_sgd_enough(const struct ssldyn_sgd_member *member, void *context);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_member_run(struct ssldyn_sgd_member *member,
                                                           struct ssldyn_sink *sink,
                                                           ssldyn_sgd_enough *enough, void *context,
                                                           size_t *rows, struct ssldyn_error *err);

/* 2 (1 + momentum)/lambda_max at the last row, NaN if unknown. */
double ssldyn_sgd_member_limit(const struct ssldyn_sgd_member *member);

/* Adds the work and the drifts of a member to a report. */
void ssldyn_sgd_member_account(const struct ssldyn_sgd_member *member,
                               struct ssldyn_sgd_report *report);

#endif
