/* Products of the flows' matrices: CBLAS, cut into pieces where that is faster. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_PRODUCT_H
#define SSLDYN_THEORY_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

/* C (m x n) = alpha op(A) B + beta C with k terms in each sum; row-major, no padding; op transposes
 * where transpose_A is set (A is then k x m). C must not alias A or B. Every entry of C is summed
 * the same way whatever m and n are, so results depend on the BLAS and the processor alone. */
void ssldyn_product(bool transpose_A, size_t m, size_t n, size_t k, double alpha, const double A[],
                    const double B[], double beta, double C[]);

/* C (m x n) = alpha A B^T + beta C, B n x k. Where the BLAS is slow at it, B is transposed into
 * buffer (n k doubles) first. */
void ssldyn_product_transposed(size_t m, size_t n, size_t k, double alpha, const double A[],
                               const double B[], double beta, double C[], double buffer[]);

#endif
