/* The inside of a process, shared by its steps and its set predictors. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_PROCESS_INTERNAL_H
#define SSLDYN_SIM_SGD_SGD_PROCESS_INTERNAL_H

#include "sim/linalg/linalg.h"
#include "sim/loss/matrix_loss.h"
#include "sim/run/schedule.h"
#include "sim/sgd/sgd_process.h"

/* The matrices of a run in one precision: weights, gradients G, velocities V, the batch's moments E
 * and T (sgd_step.h), correlations F and C and features f2 of a set predictor. */
struct state_double {
    double *Wp, *W, *Wa, *Gp, *G, *Vp, *V, *E, *T, *F, *C, *f2, *workspace;
};
struct state_float {
    float *Wp, *W, *Wa, *Gp, *G, *Vp, *V, *E, *T, *F, *C, *f2, *workspace;
};

/* A squared norm that a step without momentum turns into (1 - lr eta)^2 times itself plus lr^2 times
 * that of the gradient, as the gradient is orthogonal to the weights (THEORY section 10). */
struct ssldyn_sgd_norm {
    bool kept;
    double square;
    struct ssldyn_drift drift;
};

struct ssldyn_sgd_process {
    struct ssldyn_parameters parameters;
    const struct ssldyn_start *start;
    size_t n1, n2;
    struct ssldyn_sgd_loss loss;
    double lr, momentum;
    double ema_share; /* of a step, whatever lr is; 0: beta lr/(1 - momentum) */
    bool symmetrize;
    bool set;    /* the predictor is set every freq steps */
    bool solved; /* by a linear problem, else by a spectrum */
    int64_t freq;
    double rho;
    bool is_float;
    struct ssldyn_schedules schedules;
    bool constant; /* lr is: time is a product, not a sum */

    struct ssldyn_stream stream;
    struct ssldyn_sgd_sampler *sampler; /* NULL: the population's gradient */
    bool backward;                      /* gradients come straight from so few pairs */
    /* the target starts at 0: the first step leaves it along W, whose direction the cosine takes */
    bool blank;
    int64_t steps; /* done */
    double time;
    double decay_saved; /* of the schedule, as in struct ssldyn_snapshot */
    struct ssldyn_sgd_cost cost;
    struct ssldyn_sgd_norm norm_w, norm_wp;

    struct state_double of_double;
    struct state_float of_float;

    /* set predictors: this batch's correlations, the running ones, and what follows from them */
    double *batch_left, *batch_right, *left, *right, *values, *vectors, *set_Wp, *scratch;
    struct ssldyn_eigen *eigen;
    /* infinite batch */
    const struct ssldyn_matrix_loss *population;
    void *prepared; /* by it, of the moments */
    double *rhs_workspace, *rate_Wa;
    double *view_Wp, *view_W, *view_Wa;
};

/* Updates the running correlations from this step's batch and sets Wp when its turn has come. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_process_correlate(struct ssldyn_sgd_process *process, struct ssldyn_error *err);

#endif
