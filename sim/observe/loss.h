/* The population loss 1/2 E|Wp W x1 - Wa x2|^2 from second moments (the loss of Lemma 1). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OBSERVE_LOSS_H
#define SSLDYN_SIM_OBSERVE_LOSS_H

#include "sim/observe/observer.h"
#include "theory/population.h"

#include <stddef.h>

/* The loss of a snapshot with W and either Wa or tau; NaN when the target is unknown.
 *   workspace  3 n2 n1 doubles
 * With G = Wp W and X' = Var, it is 1/2 [|G - Wa|^2 in X + |G|^2 in X' + |Wa|^2 in X'], a sum of
 * terms none of which is negative, so that a small loss is not lost in cancellation. */
double ssldyn_loss_population(const struct ssldyn_moments *moments, size_t n2,
                              const struct ssldyn_snapshot *snapshot, double workspace[]);

/* What one eigenvector u of F adds to it in the isotropic case with Wa = tau W:
 * s/2 [|Wp u|^2 - 2 tau p + tau^2 + (c - 1)(|Wp u|^2 + tau^2)]; reach = |Wp u|. */
double ssldyn_loss_mode(double c, double s, double p, double reach, double tau);

/* Y = W X, n2 x n1; Y must not alias W. */
void ssldyn_loss_apply_x(const struct ssldyn_moments *moments, size_t n2, const double W[],
                         double Y[]);

/* Y = W (X + X'), n2 x n1; Y must not alias W. */
void ssldyn_loss_apply_sum(const struct ssldyn_moments *moments, size_t n2, const double W[],
                           double Y[]);

#endif
