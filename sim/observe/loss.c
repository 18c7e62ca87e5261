/* The population loss from second moments (loss.h). */
// SPDX-License-Identifier: MIT
#include "sim/observe/loss.h"

#include "sim/linalg/linalg.h"

#include <math.h>
#include <string.h>

static void scale_columns(size_t rows, size_t columns, const double A[], const double factors[],
                          double B[])
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < columns; k++)
            B[i * columns + k] = A[i * columns + k] * factors[k];
    }
}

static double weighted_square(size_t rows, size_t columns, const double A[], const double weights[])
{
    double sum = 0.0;
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < columns; k++)
            sum += weights[k] * A[i * columns + k] * A[i * columns + k];
    }
    return sum;
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
        ssldyn_multiply(n2, n1, n1, W, moments->X, Y);
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
        ssldyn_multiply(n2, n1, n1, W, moments->sum, Y);
        return;
    }
}

/* tr(A X A^T) */
static double form_x(const struct ssldyn_moments *moments, size_t n2, const double A[],
                     double scratch[])
{
    const size_t n1 = moments->n1;
    if (moments->kind == SSLDYN_MOMENTS_ISOTROPIC)
        return ssldyn_dot(n2 * n1, A, A);
    if (moments->kind == SSLDYN_MOMENTS_DIAGONAL)
        return weighted_square(n2, n1, A, moments->X);
    ssldyn_multiply(n2, n1, n1, A, moments->X, scratch);
    return ssldyn_dot(n2 * n1, A, scratch);
}

/* tr(A (X + X') A^T) */
static double form_sum(const struct ssldyn_moments *moments, size_t n2, const double A[],
                       double scratch[])
{
    const size_t n1 = moments->n1;
    switch (moments->kind) {
    case SSLDYN_MOMENTS_ISOTROPIC:
        return moments->c * ssldyn_dot(n2 * n1, A, A);
    case SSLDYN_MOMENTS_DIAGONAL:
    case SSLDYN_MOMENTS_HALF:
        return weighted_square(n2, n1, A, moments->sum);
    case SSLDYN_MOMENTS_FULL:
        break;
    }
    ssldyn_multiply(n2, n1, n1, A, moments->sum, scratch);
    return ssldyn_dot(n2 * n1, A, scratch);
}

double ssldyn_loss_population(const struct ssldyn_moments *moments, size_t n2,
                              const struct ssldyn_snapshot *snapshot, double workspace[])
{
    const size_t n1 = moments->n1;
    const size_t count = n2 * n1;
    if (snapshot->Wa == NULL && isnan(snapshot->tau))
        return (double)NAN;
    double *G = workspace;
    double *target = workspace + count;
    double *scratch = workspace + 2 * count;
    if (snapshot->Wp != NULL)
        ssldyn_multiply(n2, n2, n1, snapshot->Wp, snapshot->W, G);
    else
        memcpy(G, snapshot->W, count * sizeof(double));
    for (size_t i = 0; i < count; i++)
        target[i] = snapshot->Wa != NULL ? snapshot->Wa[i] : snapshot->tau * snapshot->W[i];
    const double spread_online =
        form_sum(moments, n2, G, scratch) - form_x(moments, n2, G, scratch);
    const double spread_target =
        form_sum(moments, n2, target, scratch) - form_x(moments, n2, target, scratch);
    for (size_t i = 0; i < count; i++)
        G[i] -= target[i];
    return 0.5 * (form_x(moments, n2, G, scratch) + spread_online + spread_target);
}

double ssldyn_loss_mode(double c, double s, double p, double reach, double tau)
{
    const double mismatch = reach * reach - 2.0 * tau * p + tau * tau;
    return 0.5 * s * (mismatch + (c - 1.0) * (reach * reach + tau * tau));
}
