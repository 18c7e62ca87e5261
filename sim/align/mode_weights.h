/* Squared weights w_j^2 = u_j^T W W^T u_j of the modes u_j of F = W X W^T. Thm 1 relates Wp^T Wp
 * to W W^T, not to F: the parabola is alpha_p w_j^2 = p_j^2 for every X, and alpha_p s_j = p_j^2
 * only if X is the identity (s_j = lambda_j w_j^2 for a mode along an eigenvector of X). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_MODE_WEIGHTS_H
#define SSLDYN_SIM_ALIGN_MODE_WEIGHTS_H

#include "sim/align/parabola_fit.h"
#include "sim/base/error.h"

#include <stddef.h>

struct ssldyn_mode_weights;

/* For W of n2 x n1. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_mode_weights_create(size_t n1, size_t n2, struct ssldyn_mode_weights **weights,
                           struct ssldyn_error *err);
void ssldyn_mode_weights_free(struct ssldyn_mode_weights *weights);

/* Of one snapshot: W n2 x n1, eigenvectors n2 x n2 with u_j as column j. */
void ssldyn_mode_weights_find(struct ssldyn_mode_weights *weights, const double W[],
                              const double eigenvectors[]);
/* n2 values in the order of the eigenvectors. */
const double *ssldyn_mode_weights_squares(const struct ssldyn_mode_weights *weights);

/* Points (w_j^2, p_j) of the first count modes in descending order of w_j^2; p_j is p[j stride].
 * The arrays of the points belong to weights. */
void ssldyn_mode_weights_points(struct ssldyn_mode_weights *weights, size_t count, const double p[],
                                size_t stride, struct ssldyn_parabola_points *points);

#endif
