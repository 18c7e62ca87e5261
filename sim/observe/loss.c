/* Products with the second moments of the data. */
// SPDX-License-Identifier: MIT
#include "sim/observe/loss.h"

#include "sim/linalg/linalg.h"

#include <string.h>

static void scale_columns(size_t rows, size_t columns, const double A[], const double factors[],
                          double B[])
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < columns; k++)
            B[i * columns + k] = A[i * columns + k] * factors[k];
    }
}

void ssldyn_loss_apply_x(const struct ssldyn_moments *moments, size_t n2, const double W[],
                         double Y[])
{
    const size_t n1 = moments->n1;
    switch (moments->kind) {
    case SSLDYN_MOMENTS_ISOTROPIC:
        memcpy(Y, W, n2 * n1 * sizeof(double));
        return;
    case SSLDYN_MOMENTS_DIAGONAL:
        scale_columns(n2, n1, W, moments->X, Y);
        return;
    case SSLDYN_MOMENTS_HALF:
    case SSLDYN_MOMENTS_FULL:
        ssldyn_dense_multiply(n2, n1, n1, W, moments->X, Y);
        return;
    }
}

void ssldyn_loss_apply_sum(const struct ssldyn_moments *moments, size_t n2, const double W[],
                           double Y[])
{
    const size_t n1 = moments->n1;
    switch (moments->kind) {
    case SSLDYN_MOMENTS_ISOTROPIC:
        for (size_t i = 0; i < n2 * n1; i++)
            Y[i] = moments->c * W[i];
        return;
    case SSLDYN_MOMENTS_DIAGONAL:
    case SSLDYN_MOMENTS_HALF:
        scale_columns(n2, n1, W, moments->sum, Y);
        return;
    case SSLDYN_MOMENTS_FULL:
        ssldyn_dense_multiply(n2, n1, n1, W, moments->sum, Y);
        return;
    }
}
