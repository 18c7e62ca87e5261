/* The integral over the prediction's length in the cosine loss (THEORY section 10 [D]), in the
 * frame where the covariance of the prediction is tridiagonal. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_LOSS_COSINE_INNER_H
#define SSLDYN_SIM_LOSS_COSINE_INNER_H

#include <stdbool.h>
#include <stddef.h>

/* Rows of n x n matrices have the stride ssldyn_cosine_inner_stride(n), a whole number of vectors;
 * entries beyond n are 0. */
size_t ssldyn_cosine_inner_stride(size_t n);
size_t ssldyn_cosine_inner_workspace(size_t n);

enum ssldyn_cosine_inner_end {
    SSLDYN_COSINE_INNER_DONE,
    SSLDYN_COSINE_INNER_DEEP,     /* tridiagonal A: its eigenvalues are too far apart */
    SSLDYN_COSINE_INNER_DIVERGES, /* the rank of A is below 2, or A is not finite */
};

/* With the resolvent R(u) = (1 + 2 u A)^-1 and phi = det R^(1/2),
 *   K = int_0^inf u^(-1/2) phi R du,
 *   M = int_0^inf u^(1/2) phi [tr(R C) R + R (C + C^T) R] du.
 *   diagonal, off n and n - 1 entries of A, tridiagonal and positive semidefinite; off NULL:
 *                   A is diagonal, with any spectrum
 *   C n x n, overwritten by C + C^T
 *   spacing of the quadrature (theory/cosine_rule.h)
 *   K, M n x n, written
 * A tridiagonal A enters through resolvents, each of which takes n^2 operations, a fraction of the
 * time of eigenvectors if n is more than a dozen. */
enum ssldyn_cosine_inner_end ssldyn_cosine_inner(size_t n, const double diagonal[],
                                                 const double off[], double spacing, double C[],
                                                 double K[], double M[], double workspace[]);

#endif
