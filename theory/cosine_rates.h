/* How fast the population flow of the cosine loss converges (THEORY section 10 [D]): the linear
 * flow near its end on noise-free data, where all survivors have the same p, and the growth of a
 * mode that is small there. z is the target's output: independent Gaussian z_j of variance s_j =
 * w_j^2 lambda_d. Rates are in the units in which the common decay of all norms is factored out. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_COSINE_RATES_H
#define SSLDYN_THEORY_COSINE_RATES_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Near the end d(dp)/dt = -(alpha_p/level^2) Lambda dp with Lambda = diag(m) - (m_jk), m_j = E
 * z_j^2/|z|^2, m_jk = E z_j^2 z_k^2/|z|^4: the Laplacian of a graph, whose null vector is the
 * conserved norm; for equal s its other eigenvalues are 1/(n + 2).
 *   s        n >= 1 variances > 0
 *   m        n, written; sums to 1
 *   Lambda   n x n, symmetric, written
 * Cannot fail. */
void ssldyn_cosine_rates(size_t n, const double s[], double m[], double Lambda[]);

/* E 1/|z|^2, infinite for n <= 2. A mode with w_j -> 0, in the presence of survivors at the
 * level, has (dw_j/dt)/w_j = lambda_d (p_j/level)(1 - p_j/level) times this: it grows while 0 <
 * p_j < level. */
double ssldyn_cosine_rates_inverse(size_t n, const double s[]);

#ifdef __cplusplus
}
#endif

#endif
