/* Products with the second moments of the data. */
// SPDX-License-Identifier: MIT
#include "sim/observe/loss.h"

#include "sim/linalg/linalg.h"

#include <stdbool.h>

/* Y = W A: A full, or diagonal, or (NULL) that number times the identity. */
static void apply(size_t n1, size_t n2, const double W[], const double A[], bool full,
                  double number, double Y[])
{
    if (full) {
        ssldyn_dense_multiply(n2, n1, n1, W, A, Y);
        return;
    }
    for (size_t i = 0; i < n2; i++) {
        for (size_t k = 0; k < n1; k++)
            Y[i * n1 + k] = W[i * n1 + k] * (A != NULL ? A[k] : number);
    }
}

void ssldyn_loss_apply_x(const struct ssldyn_moments *moments, size_t n2, const double W[],
                         double Y[])
{
    const enum ssldyn_moments_kind kind = moments->kind;
    const bool full = kind == SSLDYN_MOMENTS_HALF || kind == SSLDYN_MOMENTS_FULL;
    const double *X = kind == SSLDYN_MOMENTS_ISOTROPIC ? NULL : moments->X;
    apply(moments->n1, n2, W, X, full, 1.0, Y);
}

void ssldyn_loss_apply_sum(const struct ssldyn_moments *moments, size_t n2, const double W[],
                           double Y[])
{
    const enum ssldyn_moments_kind kind = moments->kind;
    const double *sum = kind == SSLDYN_MOMENTS_ISOTROPIC ? NULL : moments->sum;
    apply(moments->n1, n2, W, sum, kind == SSLDYN_MOMENTS_FULL, moments->c, Y);
}
