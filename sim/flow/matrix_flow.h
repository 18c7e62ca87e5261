/* A flow of matrices in progress: start, equations, integrator, and observer of M1 and M2. Runs
 * and forecasts advance it and take rows from it. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_FLOW_H
#define SSLDYN_SIM_FLOW_MATRIX_FLOW_H

#include "sim/flow/matrix_system.h"
#include "sim/run/sink.h"

#include <stdbool.h>

struct ssldyn_matrix_flow {
    const struct ssldyn_problem *problem;
    struct ssldyn_start start;
    bool borrowed; /* the matrices of start are borrowed; start.moments may be borrowed in either
                    * case */
    struct ssldyn_matrix_system *system;
    struct ssldyn_ode_system equations;
    struct ssldyn_ode *ode;
    struct ssldyn_observer *observer; /* NULL before ssldyn_matrix_flow_start */
    const double *F;                  /* of the last row; belongs to the observer */
    double *original;                 /* W, then Wa of a frame; belongs to the equations */
    double *y;                        /* the state at a row; belongs to the integrator */
    double t;                         /* of the last row */
    double decay_saved;               /* kept until ssldyn_matrix_flow_start: struct
                                       * ssldyn_snapshot */
    bool frames;                      /* set by the caller: rows come with a frame */
    double *rate; /* set by the caller: workspace of one state; if set, rows come with a speed */
};

/* The observation of a state that goes with its row. Pointers are valid until the next step. */
struct ssldyn_matrix_sight {
    struct ssldyn_snapshot snapshot; /* the snapshot from which the row was computed */
    struct ssldyn_frame frame;       /* in the user's coordinates, if frames are wanted */
    double speed;                    /* |y'|/|y| in flow time, if it is wanted; else NaN */
};

/* Starts from the problem's start or, if not NULL, from the caller's, whose matrices are
 * borrowed and not changed. Stores the first state in y. The problem is borrowed. Clear it at
 * the end, also after a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_flow_create(const struct ssldyn_problem *problem,
                                                               const struct ssldyn_start *start,
                                                               struct ssldyn_matrix_flow *flow,
                                                               struct ssldyn_error *err);
void ssldyn_matrix_flow_clear(struct ssldyn_matrix_flow *flow);

/* Starts the integrator at t0 from the state y, and frees the matrices of a start that create
 * allocated. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_flow_start(struct ssldyn_matrix_flow *flow,
                                                              double t0, double t_end,
                                                              struct ssldyn_error *err);

/* Computes the row (ssldyn_layout_matrix) of the state y at t, which must not be before the last
 * row, and its observation. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_flow_row(struct ssldyn_matrix_flow *flow,
                                                            double t,
                                                            struct ssldyn_matrix_sight *sight,
                                                            double row[], struct ssldyn_error *err);

#endif
