/* Fused passes over state vectors: every array is padded with zeros to a multiple of
 * SSLDYN_VECTOR_PAD doubles, so that no loop has a remainder. Results do not depend on the SIMD
 * width of the machine: element-wise sums keep their order and reductions always run in eight
 * lanes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ODE_VECTOR_H
#define SSLDYN_SIM_ODE_VECTOR_H

#include <stddef.h>

enum { SSLDYN_VECTOR_PAD = 8, SSLDYN_VECTOR_TERMS = 16 };

/* n rounded up to the padding. */
size_t ssldyn_vector_padded(size_t n);

/* out = y + h * sum_j weight[j] term[j] over m <= SSLDYN_VECTOR_TERMS terms; n padded. out may be
 * y. */
void ssldyn_vector_combine(size_t n, const double y[], double h, size_t m,
                           const double *const term[], const double weight[], double out[]);

/* Sum of squares of sum_j weight[j] term[j] over entries [begin, begin + size). */
double ssldyn_vector_combined_square(size_t begin, size_t size, size_t m,
                                     const double *const term[], const double weight[]);

/* Sum of squares of x. */
double ssldyn_vector_square(size_t size, const double x[]);

#endif
