/* One step of M6 as pure functions of matrices: the gradient on a batch of pairs, heavy-ball
 * updates, the moving average of the target; each in double and in single precision. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_STEP_H
#define SSLDYN_SIM_SGD_SGD_STEP_H

#include <stdbool.h>
#include <stddef.h>

/* The loss for predictions a = Wp W x1 and targets b = s Wa x2, either 1/2 mean |a - b|^2 or
 * -mean cos(a, b), and which of its parts are differentiated. */
struct ssldyn_sgd_loss {
    size_t n1, n2;
    bool predictor;      /* false: Wp is the identity and has no gradient */
    bool stop_grad;      /* false: the branch of x2 is differentiated, too; Wa must be W, scale 1 */
    bool symmetric;      /* the predictor's gradient is replaced by its symmetric part */
    double alpha_p;      /* factor of the predictor's gradient */
    double target_scale; /* s: the held tau, else 1 */
    bool normalized;     /* the cosine, which is not a function of the batch's second moments */
    bool iso;            /* the encoder takes the residuals without Wp^T (IsoLoss) */
    double *sums;     /* NULL, or the two sums of sgd_cosine.h, to which a normalized loss adds */
    size_t predicted; /* MAE: b = x2 itself, of this size, and Wp has as many rows; 0: b = s Wa x2,
                       * and Wp is n2 x n2 */
};

/* A batch: a sum over count pairs, times weight. The pairs are the data (weight = 1/batch) or,
 * as a loss that is not normalized depends only on second moments, fewer pairs with the same law
 * of moments. */
struct ssldyn_pairs_double {
    size_t count;
    double weight;
    bool lower;       /* Y1 is lower triangular, which saves a quarter or more of its products */
    const double *Y1; /* n1 x count: the views x1 as columns */
    const double *Y2; /* n1 x count (MAE: predicted x count): the views x2 */
};
struct ssldyn_pairs_float {
    size_t count;
    double weight;
    bool lower;
    const float *Y1;
    const float *Y2;
};

/* Numbers of workspace for moments and gradients over at most count pairs; n2 is the larger of n2
 * and predicted. */
size_t ssldyn_sgd_workspace(size_t n1, size_t n2, size_t count);

/* The moments of a batch (THEORY M6): with the residuals e = a - b, or those of the cosine
 * (sgd_cosine.h: e = -g, and e' for b),
 *   E = weight e Y1^T, and if T is not NULL (no stop-gradient) T = weight e Y2^T (e' Y2^T);
 * both n2 x n1 (MAE: E is predicted x n1), added to the present values if add is set, so that a
 * batch may be passed in pieces.
 *   Wp  n2 x n2 (MAE: predicted x n2), not read without predictor; W, Wa  n2 x n1 (Wa may be W)
 * Row-major, no aliasing with outputs; three or four products, cannot fail. */
void ssldyn_sgd_moment_double(const struct ssldyn_sgd_loss *loss,
                              const struct ssldyn_pairs_double *pairs, const double Wp[],
                              const double W[], const double Wa[], bool add, double E[], double T[],
                              double workspace[]);
void ssldyn_sgd_moment_float(const struct ssldyn_sgd_loss *loss,
                             const struct ssldyn_pairs_float *pairs, const float Wp[],
                             const float W[], const float Wa[], bool add, float E[], float T[],
                             float workspace[]);

/* The gradients Gp = alpha_p E W^T (as Wp; NULL: not needed) and Gw = Wp^T E - T (n2 x n1), or
 * E - T with iso. The workspace has n1 n2 numbers. */
void ssldyn_sgd_gradient_double(const struct ssldyn_sgd_loss *loss, const double Wp[],
                                const double W[], const double E[], const double T[], double Gp[],
                                double Gw[], double workspace[]);
void ssldyn_sgd_gradient_float(const struct ssldyn_sgd_loss *loss, const float Wp[],
                               const float W[], const float E[], const float T[], float Gp[],
                               float Gw[], float workspace[]);

/* The same gradients directly from a batch, through f = W Y1 and the residuals e of Wp f:
 *   Gp = alpha_p weight e f^T,  Gw = weight (Wp^T e Y1^T - e Y2^T),
 * the last term only without stop-gradient (with e' instead of e under the cosine); added to the
 * present values if add is set. Six products with count columns instead of three, but no products
 * of weight matrices instead of three: cheaper for count < n1. */
void ssldyn_sgd_backward_double(const struct ssldyn_sgd_loss *loss,
                                const struct ssldyn_pairs_double *pairs, const double Wp[],
                                const double W[], const double Wa[], bool add, double Gp[],
                                double Gw[], double workspace[]);
void ssldyn_sgd_backward_float(const struct ssldyn_sgd_loss *loss,
                               const struct ssldyn_pairs_float *pairs, const float Wp[],
                               const float W[], const float Wa[], bool add, float Gp[], float Gw[],
                               float workspace[]);

/* Heavy ball with the weight decay in the gradient: v <- momentum v + g + decay x, x <- x - lr
 * v. */
struct ssldyn_sgd_rule {
    double lr;
    double momentum;
    double decay;
};

/* Updates count numbers x; v may be NULL if momentum is 0. Returns the new sum of squares of x,
 * which is not finite exactly if an entry is not finite or the sum overflows. */
double ssldyn_sgd_update_double(const struct ssldyn_sgd_rule *rule, size_t count, const double g[],
                                double v[], double x[]);
double ssldyn_sgd_update_float(const struct ssldyn_sgd_rule *rule, size_t count, const float g[],
                               float v[], float x[]);

/* The sum of squares of count numbers in double, with as many partial sums as a vector has lanes. */
double ssldyn_sgd_square_double(size_t count, const double x[]);
double ssldyn_sgd_square_float(size_t count, const float x[]);

/* Wa <- Wa + rate (W - Wa). */
void ssldyn_sgd_average_double(double rate, size_t count, const double W[], double Wa[]);
void ssldyn_sgd_average_float(double rate, size_t count, const float W[], float Wa[]);

#endif
