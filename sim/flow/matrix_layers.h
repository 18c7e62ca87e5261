/* The encoder of M1 as a product of matrices, W = W_L ... W_1 (THEORY section 11): W_1 is n2 x
 * n1, the others n2 x n2, stored one after the other in the state. The gradients of the layers
 * follow from that of W, so the losses need no knowledge of layers. The target is a product of
 * averages, or an average of the product. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_LAYERS_H
#define SSLDYN_SIM_FLOW_MATRIX_LAYERS_H

#include "sim/base/error.h"
#include "sim/problem/problem.h"
#include "sim/run/start.h"

#include <stddef.h>

struct ssldyn_matrix_layers;

/* Creates the layers that the start gives, or layers whose product is its W, balanced (W_l W_l^T =
 * W_{l+1}^T W_{l+1}) unless the problem's layers0 says otherwise; the same for the target. Borrows
 * problem. ENOMEM, EFAILED. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_layers_create(const struct ssldyn_problem *problem, const struct ssldyn_start *start,
                            struct ssldyn_matrix_layers **layers, struct ssldyn_error *err);
void ssldyn_matrix_layers_free(struct ssldyn_matrix_layers *layers);

/* Number of doubles in a state for the layers, and for the target; and their values at t = 0. */
size_t ssldyn_matrix_layers_size(const struct ssldyn_matrix_layers *layers);
size_t ssldyn_matrix_layers_target_size(const struct ssldyn_matrix_layers *layers);
const double *ssldyn_matrix_layers_start(const struct ssldyn_matrix_layers *layers);
const double *ssldyn_matrix_layers_target_start(const struct ssldyn_matrix_layers *layers);

/* The product of the layers at y, n2 x n1, valid until the next call; and that of the target at
 * a. */
const double *ssldyn_matrix_layers_product(struct ssldyn_matrix_layers *layers, const double y[]);
const double *ssldyn_matrix_layers_target(struct ssldyn_matrix_layers *layers, const double a[]);

/* The rates of the layers from dW/dt without weight decay, after ssldyn_matrix_layers_product of
 * the same y. */
void ssldyn_matrix_layers_pull(struct ssldyn_matrix_layers *layers, double eta_s, const double y[],
                               const double W_rate[], double rate[]);
/* The rates of the target, for the same y and a. */
void ssldyn_matrix_layers_follow(struct ssldyn_matrix_layers *layers, double beta, const double y[],
                                 const double a[], double rate[]);

/* Workspace for dW/dt and dWa/dt, n2 x n1 each. */
double *ssldyn_matrix_layers_rates(struct ssldyn_matrix_layers *layers);

/* The least |W_l|_F^2; and the largest relative deviation of a |W_l|_F from exp(-eta_s t) times its
 * value at the start. */
double ssldyn_matrix_layers_least(const struct ssldyn_matrix_layers *layers, const double y[]);
/* The largest |W_l|_F, and of the target |a_l|_F, or |A|_F^(1/L) of an average of the product; a may
 * be NULL. */
double ssldyn_matrix_layers_largest(const struct ssldyn_matrix_layers *layers, const double y[],
                                    const double a[]);
double ssldyn_matrix_layers_norm_drift(const struct ssldyn_matrix_layers *layers, double t,
                                       const double y[]);

/* W_L at y, n2 x n2 if there are several layers. */
const double *ssldyn_matrix_layers_last(const struct ssldyn_matrix_layers *layers,
                                        const double y[]);

/* The largest |C_l - exp(-2 eta_s t) C_l(0)|_F, where C_l = W_l W_l^T - W_{l+1}^T W_{l+1} and for the
 * last, with equal decays, without --symmetric and without IsoLoss, W_L W_L^T - Wp^T Wp/alpha_p. It is
 * relative to the two terms of C_l: their largest size in this and earlier calls, as the errors of a
 * network that has collapsed are larger than the network, or their size now if by the loss the norms
 * only decay. */
double ssldyn_matrix_layers_drift(struct ssldyn_matrix_layers *layers, double t, const double y[],
                                  const double Wp[]);

#endif
