/* Products of the flows' matrices, including terms that are added in the same pass. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_PRODUCT_H
#define SSLDYN_THEORY_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* C = alpha op(A) op(B) diag(a) + gamma D diag(g), all row-major without padding. */
struct ssldyn_product {
    bool transpose_A; /* A is k x m, not m x k */
    bool transpose_B; /* B is n x k, not k x n */
    size_t m, n, k;   /* C and D are m x n; sums have k >= 1 terms */
    double alpha, gamma;
    const double *alpha_columns; /* a, n factors of the columns; NULL: all 1 */
    const double *gamma_columns; /* g */
};

/* Doubles of workspace for products whose sums have up to k terms. */
size_t ssldyn_product_workspace(size_t k);

/* D may be NULL (nothing is added) or, with a and g NULL, C itself; C must not alias A or B.
 * Every entry of C is summed in the same order for any m and n, so results depend only on
 * the processor and the BLAS.
 *   workspace  ssldyn_product_workspace(k) doubles
 * 2 m n k operations, by a kernel of ssldyn if the processor has AVX2 or AVX-512, otherwise by
 * CBLAS. Allocates nothing and cannot fail. */
void ssldyn_product(const struct ssldyn_product *product, const double A[], const double B[],
                    const double D[], double C[], double workspace[]);

#ifdef __cplusplus
}
#endif

#endif
