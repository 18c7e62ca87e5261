/* The inside of a process, shared by its steps and its closed-form predictors. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_PROCESS_INTERNAL_H
#define SSLDYN_SIM_SGD_SGD_PROCESS_INTERNAL_H

#include "sim/linalg/linalg.h"
#include "sim/loss/matrix_loss.h"
#include "sim/run/schedule.h"
#include "sim/sgd/sgd_deep.h"
#include "sim/sgd/sgd_process.h"

/* The matrices of a run in one precision: weights, gradients G, velocities V, the batch's
 * moments E and T (sgd_step.h), correlations F and C and features f2 of a closed-form predictor. */
struct state_double {
    double *Wp, *W, *Wa, *Gp, *G, *Vp, *V, *E, *T, *F, *C, *f2, *workspace;
};
struct state_float {
    float *Wp, *W, *Wa, *Gp, *G, *Vp, *V, *E, *T, *F, *C, *f2, *workspace;
};

/* A squared norm that a step without momentum multiplies by (1 - lr eta)^2 and increases by lr^2
 * times that of the gradient, which is orthogonal to the weights (THEORY section 10). */
struct ssldyn_sgd_norm {
    bool kept;
    double square;
    struct ssldyn_drift drift;
    /* sums over the measured steps: of the square, and of its product with the gradient's */
    double squares, products;
};

struct ssldyn_sgd_process {
    struct ssldyn_parameters parameters;
    const struct ssldyn_start *start;
    size_t n1, n2;
    size_t rows; /* of Wp: n2, or the size of the data that are predicted */
    struct ssldyn_sgd_loss loss;
    double lr, momentum;
    double ema_share; /* EMA share per step, independent of lr; 0: beta lr/(1 - momentum) */
    bool symmetrize;
    bool set;    /* the predictor is recomputed in closed form every freq steps */
    bool solved; /* by a linear system; otherwise by a spectrum */
    int64_t freq;
    double rho;
    bool is_float;
    struct ssldyn_schedules schedules;
    bool constant; /* lr is constant: time is a product, not a sum */

    struct ssldyn_stream stream;
    struct ssldyn_sgd_sampler *sampler; /* NULL: the gradient of the population */
    bool backward;                      /* gradients are computed directly, as the batch has few
                                         * pairs */
    /* the target starts at 0: in the first step it becomes parallel to W, whose direction the
     * cosine takes */
    bool blank;
    int64_t steps; /* number of steps done */
    double time;
    double decay_saved; /* of the schedule, as in struct ssldyn_snapshot */
    struct ssldyn_sgd_cost cost;
    struct ssldyn_sgd_norm norm_w, norm_wp; /* of W, or of every layer; of Wp */
    int64_t measure_from; /* the first step that ssldyn_sgd_process_gains includes; -1: none */
    double pair_sums[2];  /* over their pairs: sgd_cosine.h */

    struct ssldyn_sgd_deep *deep;   /* NULL: the encoder has one layer */
    struct ssldyn_sgd_norm balance; /* of its layers' norms, and of the predictor's if it is */
    bool balanced_predictor;

    struct state_double of_double;
    struct state_float of_float;

    /* closed-form predictors: the correlations of this batch, the running ones, and the results */
    double *batch_left, *batch_right, *left, *right, *values, *vectors, *set_Wp, *scratch;
    struct ssldyn_eigen *eigen;
    /* set for an infinite batch */
    const struct ssldyn_matrix_loss *population;
    void *prepared; /* prepared by it from the moments */
    double *rhs_workspace, *rate_Wa;
    double *view_Wp, *view_W, *view_Wa;
};

/* Updates the running correlations from this step's batch and recomputes Wp every freq steps. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_process_correlate(struct ssldyn_sgd_process *process, struct ssldyn_error *err);

#endif
