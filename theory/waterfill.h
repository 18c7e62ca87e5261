/* Where the population flow of the cosine loss ends on noise-free data with equal decays: the rank
 * and the spectrum are a closed form of the start (THEORY section 10 [D]). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_WATERFILL_H
#define SSLDYN_THEORY_WATERFILL_H

#include <stddef.h>

/* In units that take the common decay exp(-eta t) of all norms out, modes aligned at the start:
 *   p, w       n entries; alpha_p > 0
 *   p_end      n: the common level of the survivors; -+sqrt(alpha_p |c_j|) of collapsed modes
 *   w2_end     n: w_j^2 = c_j + level^2/alpha_p, c_j = w_j^2 - p_j^2/alpha_p; 0 of collapsed modes
 *   level      written: p of the survivors; NaN where none is left
 * Returns the number of survivors, the rank. Arrays may not overlap. Cannot fail. */
size_t ssldyn_waterfill(size_t n, double alpha_p, const double p[], const double w[],
                        double p_end[], double w2_end[], double *level);

#endif
