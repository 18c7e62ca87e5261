/* A flow of matrices on its way: start, equations, integrator and observer of M1 and M2. Runs and
 * forecasts step it and take rows of it. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_FLOW_H
#define SSLDYN_SIM_FLOW_MATRIX_FLOW_H

#include "sim/flow/matrix_system.h"
#include "sim/run/sink.h"

#include <stdbool.h>

struct ssldyn_matrix_flow {
    const struct ssldyn_problem *problem;
    struct ssldyn_start start;
    bool borrowed; /* the matrices of start are, and start.moments may be in any case */
    struct ssldyn_matrix_system *system;
    struct ssldyn_ode_system equations;
    struct ssldyn_ode *ode;
    struct ssldyn_observer *observer; /* from ssldyn_matrix_flow_start on */
    const double *F;                  /* of the last row; lent by the observer */
    double *original;                 /* W, then Wa of a frame; lent by the equations */
    double *y;                        /* the state at a row; lent by the integrator */
    double t;                         /* of the last row */
    double decay_saved;               /* until then: struct ssldyn_snapshot */
    bool frames;                      /* set by the caller: rows come with a frame */
    double *rate; /* set by the caller: a state's room, rows come with a speed */
};

/* What is seen of a state along with its row. Pointers hold until the next step. */
struct ssldyn_matrix_sight {
    struct ssldyn_snapshot snapshot; /* what the row was made from */
    struct ssldyn_frame frame;       /* in the user's coordinates, where frames are wanted */
    double speed;                    /* |y'|/|y| in flow time, where it is wanted; else NaN */
};

/* From the start of the problem, or (not NULL) from one of the caller's, whose matrices are
 * borrowed and left as they are. Puts the first state into y. The problem is borrowed. Clear it in
 * the end, also after a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_flow_create(const struct ssldyn_problem *problem,
                                                               const struct ssldyn_start *start,
                                                               struct ssldyn_matrix_flow *flow,
                                                               struct ssldyn_error *err);
void ssldyn_matrix_flow_clear(struct ssldyn_matrix_flow *flow);

/* Places the integrator at t0 with the state y, and frees the matrices of a start that create
 * made. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_flow_start(struct ssldyn_matrix_flow *flow,
                                                              double t0, double t_end,
                                                              struct ssldyn_error *err);

/* The row (ssldyn_layout_matrix) of the state y at t, not before the last, and what goes with
 * it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_flow_row(struct ssldyn_matrix_flow *flow,
                                                            double t,
                                                            struct ssldyn_matrix_sight *sight,
                                                            double row[], struct ssldyn_error *err);

#endif
