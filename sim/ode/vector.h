/* Fused passes over state vectors, whose arrays are padded with zeros to a multiple of
 * SSLDYN_VECTOR_PAD doubles. Results do not depend on the SIMD width of the machine: element-wise
 * sums keep their order and reductions always run in eight lanes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ODE_VECTOR_H
#define SSLDYN_SIM_ODE_VECTOR_H

#include <stddef.h>

enum { SSLDYN_VECTOR_PAD = 8, SSLDYN_VECTOR_TERMS = 12 };

/* n rounded up to the padding. */
size_t ssldyn_vector_padded(size_t n);

/* out = y + h * sum_j weight[j] term[j] over 1 <= m <= SSLDYN_VECTOR_TERMS terms, in one pass that
 * reads each vector once. out may alias y, but no term. */
void ssldyn_vector_combine(size_t n, const double y[], double h, size_t m,
                           const double *const term[], const double weight[], double out[]);

/* The same for `count` outputs (at most SSLDYN_VECTOR_OUTPUTS) of the same terms in one pass:
 * out[k] = y + h * sum_j weight[k][j] term[j]. Any m; no output may alias y or a term. */
enum { SSLDYN_VECTOR_OUTPUTS = 3 };
void ssldyn_vector_combine_several(size_t n, const double y[], double h, size_t m,
                                   const double *const term[], size_t count,
                                   const double *const weight[], double *const out[]);

/* Sum of squares over entries [first, first + count) of sum_j a[j] term[j]. Any m. */
double ssldyn_vector_combined_square(size_t first, size_t count, size_t m,
                                     const double *const term[], const double a[]);

/* Over entries [first, first + count), in one pass: next = y + h sum_j weight[j] term[j], and the
 * sums of squares of y, of next, and of sum_j a[j] term[j] and sum_j b[j] term[j]. Any m. */
struct ssldyn_vector_squares {
    double y, next, a, b;
};
void ssldyn_vector_finish(size_t first, size_t count, const double y[], double h, size_t m,
                          const double *const term[], const double weight[], const double a[],
                          const double b[], double next[], struct ssldyn_vector_squares *squares);

/* Sum of squares of x. */
double ssldyn_vector_square(size_t size, const double x[]);

#endif
