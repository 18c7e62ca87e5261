/* The cosine loss L = -E cos(Wp W x1, Wa x2) on Gaussian data in the aligned basis, in which all
 * matrices share their singular vectors: the exact population gradient, one number per mode
 * (THEORY section 10 [D]). Modes are coupled through the norms. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_COSINE_MODES_H
#define SSLDYN_THEORY_COSINE_MODES_H

#include "theory/cosine_rule.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Second moments of coordinate j of the two views: n entries each, borrowed. Noise on both
 * views: first = second = lambda_s; on the target's view alone: first = lambda_d. */
struct ssldyn_cosine_data {
    size_t n;
    const double *first;  /* variance of x1_j, > 0 */
    const double *second; /* variance of x2_j, > 0 */
    const double *across; /* their covariance, lambda_d */
    const double *rest;   /* first second - across^2, without cancellation: (lambda_s -
                           * lambda_d)(lambda_s + lambda_d) */
};

/* Doubles of workspace for n modes. */
size_t ssldyn_cosine_modes_workspace(size_t n);

/* G with dp_j/dt = alpha_p w_j G_j - eta_p p_j, dw_j/dt = p_j G_j - eta_s w_j; sum_j p_j w_j G_j
 * = 0.
 *   p, w, wa   state of the n modes, any signs
 *   spacing    of the quadrature: SSLDYN_COSINE_STANDARD and the like (cosine_rule.h)
 *   G          n, written; finite also where p_j w_j = 0
 *   loss       written
 *   workspace  ssldyn_cosine_modes_workspace(n) doubles
 * n >= 2: with one mode the cosine is +-1 and its gradient on every pair of views is 0. False, with
 * G and loss NaN, if the gradient is not finite: every wa_j = 0, or fewer than two modes with
 * nonzero p_j w_j (the mean of 1/|Wp W x1| diverges like the logarithm of the second largest).
 * Costs nodes^2 n, about 13 nodes for n >= 50, 77 for 3. */
bool ssldyn_cosine_modes_gradient(const struct ssldyn_cosine_data *data, const double p[],
                                  const double w[], const double wa[], double spacing, double G[],
                                  double *loss, double workspace[]);

/* Leading term for many modes: G_j = wa_j lambda_d/(|a| |b|) - q_j first_j S/(|a|^3 |b|), q = p
 * w, |a|^2 = sum q_j^2 first_j, |b|^2 = sum wa_j^2 second_j, S = sum q_j wa_j lambda_d; its
 * relative error is of order 1/n. With `next` the terms of that order are included, with an
 * error of order 1/n^2. Both satisfy sum_j q_j G_j = 0. */
void ssldyn_cosine_modes_closure(const struct ssldyn_cosine_data *data, const double p[],
                                 const double w[], const double wa[], bool next, double G[]);

#ifdef __cplusplus
}
#endif

#endif
