/* The explicit engine, internal to its files: explicit.c makes steps, explicit_stages.c combines
 * stages and estimates errors, explicit_dense.c interpolates. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ODE_EXPLICIT_ENGINE_H
#define SSLDYN_SIM_ODE_EXPLICIT_ENGINE_H

#include "sim/ode/explicit_table.h"
#include "sim/ode/solver.h"

struct ssldyn_explicit {
    const struct ssldyn_explicit_table *table;
    double *slot[SSLDYN_EXPLICIT_STAGES_MAXIMUM]; /* the vectors; swapped for first same as last */
    double *memory;
    double *stage;       /* state of the current stage */
    double h_done;       /* size of the step that ends at ode->t */
    double error_before; /* of the last accepted step, for the PI controller */
    double radius;       /* |lambda| of the fastest mode so far, 0: unknown */
    bool rejected;       /* the last attempt was rejected */
    bool fresh;          /* a step was made and its last derivative not yet moved to stage 0 */
    bool dense_ready;    /* the extra stages of the last step have been evaluated */
    int stiff_count, nonstiff_count;
};

/* The vector of stage i. */
double *ssldyn_explicit_stage(const struct ssldyn_explicit *engine, size_t i);

/* out = y + h sum_j weights[j] k_j over the first `count` stages. */
void ssldyn_explicit_combine(const struct ssldyn_ode *ode, const struct ssldyn_explicit *engine,
                             const double y[], double h, const double weights[], size_t count,
                             double out[]);

/* Completes the attempt of size h from ode->y to t_next after its stages: writes y_next and returns
 * the scaled error; at most 1 is accepted. Evaluates f(y_next) if the estimate needs it. */
double ssldyn_explicit_finish(struct ssldyn_ode *ode, const struct ssldyn_explicit *engine,
                              double t_next, double h, double y_next[]);

/* Scaled error of the dense output of that attempt; evaluates the extra stages. */
double ssldyn_explicit_dense_error(struct ssldyn_ode *ode, struct ssldyn_explicit *engine, double h,
                                   const double y_next[]);

/* y at t inside the last step. */
void ssldyn_explicit_interpolate(struct ssldyn_ode *ode, void *work, double t, double y[]);

#endif
