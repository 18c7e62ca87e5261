/* The squared distance for matrices (Lemma 1), M1 as in the paper, and its IsoLoss:
 * ssldyn_population_rhs distinguishes them by the loss of the parameters. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"
#include "sim/loss/matrix_loss.h"

#include <math.h>
#include <string.h>

static enum ssldyn_status prepare(const struct ssldyn_moments *moments, size_t n2, double accuracy,
                                  void **prepared, struct ssldyn_error *err)
{
    (void)moments;
    (void)n2;
    (void)accuracy;
    (void)err;
    *prepared = NULL;
    return SSLDYN_OK;
}

static void release(void *prepared)
{
    (void)prepared;
}

/* Three blocks of the size of W. */
static size_t value_workspace(size_t n1, size_t n2)
{
    return 3 * n1 * n2;
}

static enum ssldyn_status rhs(void *prepared, const struct ssldyn_parameters *parameters,
                              const struct ssldyn_moments *moments, size_t n2,
                              const struct ssldyn_weights *weights,
                              const struct ssldyn_weights_rate *rate, double workspace[],
                              struct ssldyn_error *err)
{
    (void)prepared;
    (void)err;
    ssldyn_population_rhs(parameters, moments, n2, weights, rate, workspace);
    return SSLDYN_OK;
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

/* tr(A X A^T) */
static double form_x(const struct ssldyn_moments *moments, size_t n2, const double A[],
                     double scratch[])
{
    const size_t n1 = moments->n1;
    if (moments->kind == SSLDYN_MOMENTS_ISOTROPIC)
        return ssldyn_dense_dot(n2 * n1, A, A);
    if (moments->kind == SSLDYN_MOMENTS_DIAGONAL)
        return weighted_square(n2, n1, A, moments->X);
    ssldyn_dense_multiply(n2, n1, n1, A, moments->X, scratch);
    return ssldyn_dense_dot(n2 * n1, A, scratch);
}

/* tr(A (X + X') A^T) */
static double form_sum(const struct ssldyn_moments *moments, size_t n2, const double A[],
                       double scratch[])
{
    const size_t n1 = moments->n1;
    switch (moments->kind) {
    case SSLDYN_MOMENTS_ISOTROPIC:
        return moments->c * ssldyn_dense_dot(n2 * n1, A, A);
    case SSLDYN_MOMENTS_DIAGONAL:
    case SSLDYN_MOMENTS_HALF:
        return weighted_square(n2, n1, A, moments->sum);
    case SSLDYN_MOMENTS_FULL:
        break;
    }
    ssldyn_dense_multiply(n2, n1, n1, A, moments->sum, scratch);
    return ssldyn_dense_dot(n2 * n1, A, scratch);
}

/* The same for MAE: 1/2 [|G - Syx Sxx^-1|^2 in Sxx + the part of y that x does not determine]. */
static double value_of_data(const struct ssldyn_moments *moments, size_t n2,
                            const struct ssldyn_weights *weights, double G[])
{
    const size_t n1 = moments->n1;
    const size_t rows = moments->predicted;
    double sum = 0.0;
    ssldyn_dense_multiply(rows, n2, n1, weights->Wp, weights->W, G);
    for (size_t i = 0; i < rows * n1; i++) {
        const double of =
            moments->kind == SSLDYN_MOMENTS_ISOTROPIC ? moments->c : moments->sum[i % n1];
        const double off = of > 0.0 ? moments->predicts[i] / of - G[i] : 0.0;
        sum += of * off * off;
    }
    return 0.5 * (sum + moments->unexplained);
}

/* The same for a pair (x, y): with y = K x + e, K = Syx Sxx^-1, it is 1/2 [|G - Wa K|^2 in Sxx +
 * |Wa|^2 in the rest of Syy]. NaN if Syy is not known. */
static double value_of_pair(const struct ssldyn_moments *moments, size_t n2, double G[],
                            const double target[], double scratch[])
{
    const size_t n1 = moments->n1;
    const double *sum = moments->sum;
    if (moments->rest == NULL)
        return (double)NAN;
    ssldyn_dense_multiply(n2, n1, n1, target, moments->rest, scratch);
    const double spread = ssldyn_dense_dot(n2 * n1, target, scratch);
    ssldyn_dense_multiply(n2, n1, n1, target, moments->X, scratch);
    for (size_t i = 0; i < n2 * n1; i++) {
        const double of = sum[i % n1];
        G[i] -= of > 1e-14 * sum[0] ? scratch[i] / of : G[i];
    }
    return 0.5 * (weighted_square(n2, n1, G, sum) + spread);
}

/* With G = Wp W and X' = Var, it is 1/2 [|G - Wa|^2 in X + |G|^2 in X' + |Wa|^2 in X'], a sum of
 * nonnegative terms, so that a small loss does not suffer from cancellation. */
static double value(void *prepared, const struct ssldyn_moments *moments, size_t n2,
                    const struct ssldyn_weights *weights, double tau, double workspace[])
{
    (void)prepared;
    const size_t n1 = moments->n1;
    const size_t count = n2 * n1;
    if (moments->predicts)
        return value_of_data(moments, n2, weights, workspace);
    if (weights->Wa == NULL && isnan(tau))
        return (double)NAN;
    double *G = workspace;
    double *target = workspace + count;
    double *scratch = workspace + 2 * count;
    if (weights->Wp != NULL)
        ssldyn_dense_multiply(n2, n2, n1, weights->Wp, weights->W, G);
    else
        memcpy(G, weights->W, count * sizeof(double));
    for (size_t i = 0; i < count; i++)
        target[i] = weights->Wa != NULL ? weights->Wa[i] : tau * weights->W[i];
    if (moments->pair)
        return value_of_pair(moments, n2, G, target, scratch);
    const double spread_online =
        form_sum(moments, n2, G, scratch) - form_x(moments, n2, G, scratch);
    const double spread_target =
        form_sum(moments, n2, target, scratch) - form_x(moments, n2, target, scratch);
    for (size_t i = 0; i < count; i++)
        G[i] -= target[i];
    return 0.5 * (form_x(moments, n2, G, scratch) + spread_online + spread_target);
}

/* s/2 [|Wp u|^2 - 2 tau p + tau^2 + (c - 1)(|Wp u|^2 + tau^2)] of each mode. */
static double value_of_modes(double c, size_t n, const double s[], const double p[],
                             const double image[], double tau)
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++) {
        const double square = image[j] * image[j];
        const double mismatch = square - 2.0 * tau * p[j] + tau * tau;
        sum += 0.5 * s[j] * (mismatch + (c - 1.0) * (square + tau * tau));
    }
    return sum;
}

#define MEMBERS                                                                                    \
    .prepare = prepare, .release = release, .rhs_workspace = ssldyn_population_workspace,          \
    .value_workspace = value_workspace, .rhs = rhs, .value = value,                                \
    .value_of_modes = value_of_modes

const struct ssldyn_matrix_loss ssldyn_matrix_loss_l2 = {.name = "l2", MEMBERS};
const struct ssldyn_matrix_loss ssldyn_matrix_loss_iso_l2 = {.name = "iso-l2", MEMBERS};
