/* One step of M6 as pure functions over matrices: the gradient on a batch of pairs, heavy-ball
 * updates, the moving average of the target; each in double and in single precision. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_SGD_STEP_H
#define SSLDYN_SIM_RUN_SGD_STEP_H

#include <stdbool.h>
#include <stddef.h>

/* The loss 1/2 mean |Wp W x1 - s Wa x2|^2 and what is differentiated. */
struct ssldyn_sgd_loss {
    size_t n1, n2;
    bool predictor;      /* false: Wp is the identity and has no gradient */
    bool stop_grad;      /* false: x2's branch is differentiated too; Wa must be W, scale 1 */
    bool symmetric;      /* the predictor's gradient is replaced by its symmetric part */
    double alpha_p;      /* factor of the predictor's gradient */
    double target_scale; /* s: the held tau, else 1 */
};

/* A batch through which only second moments pass: sum over count pairs, times weight. The pairs are
 * the data themselves (weight = 1/batch), or fewer that have the same law of moments. */
struct ssldyn_pairs_double {
    size_t count;
    double weight;
    bool lower; /* Y1 vanishes above its diagonal: a quarter or more of its products is saved */
    const double *Y1; /* n1 x count: the views x1 as columns */
    const double *Y2; /* n1 x count: the views x2 */
};
struct ssldyn_pairs_float {
    size_t count;
    double weight;
    bool lower;
    const float *Y1;
    const float *Y2;
};

/* Numbers of workspace that a gradient on count pairs needs. */
size_t ssldyn_sgd_gradient_workspace(size_t n1, size_t n2, size_t count);

/* Gradients of the loss (THEORY M6):
 *   E = weight (Wp W Y1 - s Wa Y2) Y1^T,  Gp = alpha_p E W^T,  Gw = Wp^T E
 *   (without stop-gradient Gw gains - weight (Wp W Y1 - s Wa Y2) Y2^T).
 *   Wp  n2 x n2, NULL without predictor; W, Wa  n2 x n1 (Wa may be W)
 *   Gp  n2 x n2, written; NULL: not wanted; Gw  n2 x n1, written
 * Row-major, no aliasing with the outputs; at most seven products, cannot fail. */
void ssldyn_sgd_gradient_double(const struct ssldyn_sgd_loss *loss,
                                const struct ssldyn_pairs_double *pairs, const double Wp[],
                                const double W[], const double Wa[], double Gp[], double Gw[],
                                double workspace[]);
void ssldyn_sgd_gradient_float(const struct ssldyn_sgd_loss *loss,
                               const struct ssldyn_pairs_float *pairs, const float Wp[],
                               const float W[], const float Wa[], float Gp[], float Gw[],
                               float workspace[]);

/* Heavy ball with weight decay in the gradient: v <- momentum v + g + decay x, x <- x - lr v. */
struct ssldyn_sgd_rule {
    double lr;
    double momentum;
    double decay;
};

/* One update of count numbers x; v may be NULL where momentum is 0. Returns the new sum of squares
 * of x, which is not finite exactly when an entry is not or when it overflows. */
double ssldyn_sgd_update_double(const struct ssldyn_sgd_rule *rule, size_t count, const double g[],
                                double v[], double x[]);
double ssldyn_sgd_update_float(const struct ssldyn_sgd_rule *rule, size_t count, const float g[],
                               float v[], float x[]);

/* Wa <- Wa + rate (W - Wa). */
void ssldyn_sgd_average_double(double rate, size_t count, const double W[], double Wa[]);
void ssldyn_sgd_average_float(double rate, size_t count, const float W[], float Wa[]);

#endif
