/* Modes of an encoder of L layers (THEORY section 11 [D]): the weights of one mode as variables,
 *   y = (p, v_1 ... v_L, target),
 * where the target has L variables (the average of each layer), one (that of their product), or
 * none
 * (it is held at tau times the product, or the data are predicted). With V = v_1 ... v_L, the
 * target's
 * product A and the error e = A lambda_d - p V lambda_s (A = 1 if the data are predicted),
 *   dp/dt = alpha_p V e - eta_p p,   dv_l/dt = p e prod_{k != l} v_k - eta_s v_l,
 *   da_l/dt = beta (v_l - a_l)  or  da/dt = beta (V - a).
 * The predictor is trained, the loss is the squared distance, and there is a stop-gradient at the
 * target. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_DEPTH_FLOW_H
#define SSLDYN_THEORY_DEPTH_FLOW_H

#include "theory/depth.h"
#include "theory/parameters.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SSLDYN_DEPTH_VARIABLES = 1 + 2 * SSLDYN_DEPTH_MOST }; /* maximum number */

/* Whether these equations are needed: with one layer JEPA's equations are those of M5. */
static inline bool ssldyn_depth_is_deep(const struct ssldyn_parameters *parameters)
{
    return parameters->depth > 1 || parameters->target == SSLDYN_DEPTH_MAE;
}

size_t ssldyn_depth_layers(const struct ssldyn_parameters *parameters);  /* L */
size_t ssldyn_depth_targets(const struct ssldyn_parameters *parameters); /* number of its
                                                                          * variables */

/* V; and A, which is 1 for MAE. */
double ssldyn_depth_product(const struct ssldyn_parameters *parameters, const double y[]);
double ssldyn_depth_target(const struct ssldyn_parameters *parameters, const double y[]);

/* The geometric mean of count positive ratios, by which they are divided to keep their product. */
double ssldyn_depth_mean(size_t count, const double ratios[]);

/* For each of count factors the product of all the others. */
void ssldyn_depth_others(size_t count, const double factors[], double others[]);

/* dy/dt, and its Jacobian, n x n row-major, n = 1 + layers + targets. */
void ssldyn_depth_rhs(const struct ssldyn_parameters *parameters, const double y[], double dydt[]);
void ssldyn_depth_jacobian(const struct ssldyn_parameters *parameters, const double y[],
                           double jacobian[]);

/* The derivatives of dy/dt with respect to the parameters at constant y, n x SSLDYN_KNOBS
 * row-major in the order of enum ssldyn_knob, as ssldyn_lowdim_slopes: NOISE is lambda_s at
 * constant lambda_d. */
void ssldyn_depth_slopes(const struct ssldyn_parameters *parameters, const double y[],
                         double slopes[]);

/* The balanced mode of these parameters, with a common decay, eta_s; lambda_d is tau times the
 * data's if the target is held. */
struct ssldyn_depth ssldyn_depth_mode(const struct ssldyn_parameters *parameters);

#ifdef __cplusplus
}
#endif

#endif
