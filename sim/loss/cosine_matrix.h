/* The exact population gradient of the cosine loss for matrices, for any X and X', which need not
 * commute (THEORY section 10 [D]). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_LOSS_COSINE_MATRIX_H
#define SSLDYN_SIM_LOSS_COSINE_MATRIX_H

#include "sim/base/error.h"
#include "theory/cosine_rule.h"
#include "theory/population.h"

#include <stdbool.h>
#include <stddef.h>

/* Precomputed from the data, with the workspace for one gradient at a time. */
struct ssldyn_cosine_matrix;

/* Copies what it needs of the moments (n1 x n1), for a W of `hidden` rows. reversed: for a pair (x,
 * y), predictions are made from y, targets from x. n2 is the size of a prediction, hidden or, if the
 * moments predict data, theirs. EINPUT for n2 < 2, where the cosine is +-1 and its gradient on every
 * pair of views is 0, for hidden < 2, and where Syy is needed and not known; ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_cosine_matrix_create(size_t hidden, const struct ssldyn_moments *moments, bool reversed,
                            struct ssldyn_cosine_matrix **cosine, struct ssldyn_error *err);
void ssldyn_cosine_matrix_free(struct ssldyn_cosine_matrix *cosine);

/* G = E[g x1^T], which replaces the error E of M1: dWp/dt = alpha_p G W^T - eta_p Wp, dW/dt = Wp^T
 * G - eta_s W; tr(Wp W G^T) = 0.
 *   Wp n2 x hidden (NULL: the identity), W hidden x n1, Wa n2 x n1 (NULL: the targets are the data
 *   that are predicted)
 *   spacing of the quadrature, e.g. SSLDYN_COSINE_STANDARD
 *   G n2 x n1, written; loss: -E cos, written
 * One reduction to tridiagonal form for each node of the target's integral, 13 of them for n2 >=
 * 50: about the time of 13 symmetric n2 x n2 eigenproblems. EFAILED if the gradient is not finite:
 * Wa = 0, or Wp W of a rank below 2. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_cosine_matrix_gradient(struct ssldyn_cosine_matrix *cosine, const double Wp[],
                              const double W[], const double Wa[], double spacing, double G[],
                              double *loss, struct ssldyn_error *err);

#endif
