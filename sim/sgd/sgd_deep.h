/* The layers of a process whose encoder has several: states in the place of W, which is their
 * product. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_DEEP_H
#define SSLDYN_SIM_SGD_SGD_DEEP_H

#include "sim/base/error.h"
#include "sim/linalg/layers.h"
#include "sim/problem/problem.h"
#include "sim/run/start.h"
#include "sim/sgd/sgd_step.h"

#include <stdbool.h>
#include <stddef.h>

/* Layers, those that the target averages, gradients, velocities, and workspace for products. */
struct ssldyn_sgd_deep_double {
    double *Y, *A, *G, *V, *workspace;
};
struct ssldyn_sgd_deep_float {
    float *Y, *A, *G, *V, *workspace;
};

struct ssldyn_sgd_deep {
    struct ssldyn_layers layers;
    size_t rows; /* of Wp */
    size_t
        targets; /* layers of the target; 1: the product's average, 0: it is tied, or the data are
                     * predicted */
    double alpha_p;
    double *squares; /* |W_l|^2 of each layer, then |Wp|^2/alpha_p */
    double *view;    /* in single precision: Y and A widened */
    struct ssldyn_sgd_deep_double of_double;
    struct ssldyn_sgd_deep_float of_float;
};

/* The layers at the start of a problem, in its precision; NULL where it has one layer. ENOMEM,
 * EFAILED. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_deep_create(const struct ssldyn_problem *problem,
                                                            const struct ssldyn_start *start,
                                                            struct ssldyn_sgd_deep **deep,
                                                            struct ssldyn_error *err);
void ssldyn_sgd_deep_free(struct ssldyn_sgd_deep *deep);

/* The weights at the start: W and Wa (NULL: tied) become the products of their layers. */
void ssldyn_sgd_deep_begin_double(struct ssldyn_sgd_deep *deep, const double Wp[], double W[],
                                  double Wa[]);
void ssldyn_sgd_deep_begin_float(struct ssldyn_sgd_deep *deep, const float Wp[], float W[],
                                 float Wa[]);

/* What a step does to the layers and their target.
 *   rule     with the decay of the layers
 *   average  share of its distance by which the target moves
 *   Gw       the gradient by the product
 *   W        the product: written; Wa: the target's, written where it moves
 * Returns the sum of squares of layers and product. */
double ssldyn_sgd_deep_advance_double(struct ssldyn_sgd_deep *deep,
                                      const struct ssldyn_sgd_rule *rule, double average,
                                      const double Gw[], double W[], double Wa[]);
double ssldyn_sgd_deep_advance_float(struct ssldyn_sgd_deep *deep,
                                     const struct ssldyn_sgd_rule *rule, double average,
                                     const float Gw[], float W[], float Wa[]);

/* After a step without momentum, which led along Gp to Wp (theory/THEORY.md, section 11): *norm, the
 * largest relative deviation of a layer from |W_l|^2 <- keep^2 |W_l|^2 + lr^2 |G_l|^2, keep = 1 - lr
 * decay; and *balance, that of |W_l|^2 - |W_{l+1}|^2 <- keep^2 (|W_l|^2 - |W_{l+1}|^2) + lr^2
 * (|G_l|^2 - |G_{l+1}|^2), relative to the sum of the two; with predictor, whose decay must be the
 * layers', also of |W_L|^2 - |Wp|^2/alpha_p. */
void ssldyn_sgd_deep_deviations_double(struct ssldyn_sgd_deep *deep,
                                       const struct ssldyn_sgd_rule *rule, bool predictor,
                                       const double Gp[], const double Wp[], double *norm,
                                       double *balance);
void ssldyn_sgd_deep_deviations_float(struct ssldyn_sgd_deep *deep,
                                      const struct ssldyn_sgd_rule *rule, bool predictor,
                                      const float Gp[], const float Wp[], double *norm,
                                      double *balance);

/* The layers in double precision, and those of the target (NULL: it has none); valid until the next
 * step. */
const double *ssldyn_sgd_deep_view(struct ssldyn_sgd_deep *deep, const double **targets);

#endif
