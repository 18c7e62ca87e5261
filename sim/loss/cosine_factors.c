/* The factors of the data used by the cosine loss (cosine_factors.h). */
// SPDX-License-Identifier: MIT
#include "sim/loss/cosine_factors.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Directions without variance are ignored. */
static bool is_empty(double variance, double largest)
{
    return !(variance > 1e-14 * largest);
}

static void prepare_diagonal(struct ssldyn_cosine_factors *factors,
                             const struct ssldyn_moments *moments)
{
    const bool isotropic = moments->kind == SSLDYN_MOMENTS_ISOTROPIC;
    double largest = 0.0;
    for (size_t j = 0; j < factors->n1; j++)
        largest = fmax(largest, isotropic ? moments->c : moments->sum[j]);
    for (size_t j = 0; j < factors->n1; j++) {
        const double X = isotropic ? 1.0 : moments->X[j];
        const double sum = isotropic ? moments->c : moments->sum[j];
        const bool empty = is_empty(sum, largest);
        factors->root[j] = empty ? 0.0 : sqrt(sum);
        factors->Y[j] = empty ? 0.0 : X / sqrt(sum);
        factors->R[j] = empty ? 0.0 : fmax((sum - X) * (sum + X) / sum, 0.0);
    }
}

/* C = A B or A B^T; A and C are rows x n, B is n x n. */
static void multiply(size_t rows, size_t n, const double A[], bool transpose, const double B[],
                     double C[])
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, transpose ? CblasTrans : CblasNoTrans, (int)rows,
                (int)n, (int)n, 1.0, A, (int)n, B, (int)n, 0.0, C, (int)n);
}

/* scratch: 4 n1^2 + n1 doubles */
static enum ssldyn_status prepare_full(struct ssldyn_cosine_factors *factors,
                                       const struct ssldyn_moments *moments,
                                       struct ssldyn_eigen *eigen, double scratch[],
                                       struct ssldyn_error *err)
{
    const size_t n = factors->n1;
    const size_t area = n * n;
    double *X = scratch;
    double *U = X + area;
    double *inverse = U + area;
    double *K = inverse + area;
    double *values = K + area;
    const bool half = moments->kind == SSLDYN_MOMENTS_HALF;
    for (size_t i = 0; i < area; i++) {
        const double diagonal = half && i % (n + 1) == 0 ? moments->sum[i / n] : 0.0;
        X[i] = moments->X[i];
        U[i] = half ? diagonal : moments->sum[i];
    }
    enum ssldyn_status status = ssldyn_eigen_symmetric(eigen, U, values, U, err);
    if (status != SSLDYN_OK)
        return status;
    /* root = (U s^(1/4)) (U s^(1/4))^T, and the same with -1/4 */
    for (int part = 0; part < 2; part++) {
        const double power = part == 0 ? 0.25 : -0.25;
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                const bool empty = is_empty(values[j], values[0]);
                K[i * n + j] = empty ? 0.0 : U[i * n + j] * pow(values[j], power);
            }
        }
        multiply(n, n, K, true, K, part == 0 ? factors->root : inverse);
    }
    multiply(n, n, X, false, inverse, factors->Y);
    multiply(n, n, inverse, false, factors->Y, K);
    status = ssldyn_eigen_symmetric(eigen, K, values, U, err);
    if (status != SSLDYN_OK)
        return status;
    /* R = Rh Rh^T with Rh = root U diag(sqrt((1 - k)(1 + k))), |k| <= 1 the canonical correlations */
    multiply(n, n, factors->root, false, U, K);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            K[i * n + j] *= sqrt(fmax((1.0 - values[j]) * (1.0 + values[j]), 0.0));
    }
    multiply(n, n, K, true, K, factors->R);
    return SSLDYN_OK;
}

/* The same for a pair, or for data that are predicted (never reversed). scratch: n1^2 + n1 targets. */
static enum ssldyn_status prepare_pair(struct ssldyn_cosine_factors *factors,
                                       const struct ssldyn_moments *moments, bool reversed,
                                       double scratch[], struct ssldyn_error *err)
{
    const size_t n = factors->n1;
    const size_t m = factors->targets;
    const double *Syx = moments->predicts ? moments->predicts : moments->X;
    double *Sxx = scratch;
    double *Sxy = scratch + n * n;
    double largest = 0.0;
    double missed = 0.0;
    if (!moments->second)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "the cosine depends on Syy as well, the covariance of the targets' data");
    for (size_t i = 0; i < n * n; i++) {
        const double sum =
            moments->kind == SSLDYN_MOMENTS_ISOTROPIC ? moments->c : moments->sum[i / n];
        Sxx[i] = i % (n + 1) == 0 ? sum : 0.0;
    }
    for (size_t i = 0; i < n * m; i++)
        Sxy[i] = Syx[reversed ? i : i % m * n + i / m];
    return ssldyn_canonical(n, m, reversed ? moments->second : Sxx,
                            reversed ? Sxx : moments->second, Sxy, factors->root, factors->Y,
                            factors->R, &largest, &missed, err);
}

enum ssldyn_status ssldyn_cosine_factors_init(struct ssldyn_cosine_factors *factors,
                                              const struct ssldyn_moments *moments, bool reversed,
                                              struct ssldyn_error *err)
{
    const size_t n1 = moments->n1;
    *factors = (struct ssldyn_cosine_factors){
        .n1 = n1,
        .targets = ssldyn_moments_rows(moments, n1),
        .diagonal = !moments->predicts && (moments->kind == SSLDYN_MOMENTS_ISOTROPIC ||
                                           moments->kind == SSLDYN_MOMENTS_DIAGONAL)};
    const size_t m = factors->targets;
    const struct ssldyn_memory_part parts[] = {{&factors->root, factors->diagonal ? n1 : m * m},
                                               {&factors->Y, factors->diagonal ? n1 : n1 * m},
                                               {&factors->R, factors->diagonal ? n1 : n1 * n1}};
    factors->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (factors->block == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for data of %zu directions", n1);
    if (factors->diagonal) {
        prepare_diagonal(factors, moments);
        return SSLDYN_OK;
    }
    struct ssldyn_eigen *eigen = NULL;
    double *scratch = ssldyn_memory_array(4 * n1 * n1 + n1 + n1 * m, sizeof *scratch);
    enum ssldyn_status status = scratch != NULL ? ssldyn_eigen_create(n1, &eigen, err)
                                                : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK)
        status = moments->pair || moments->predicts
                     ? prepare_pair(factors, moments, reversed, scratch, err)
                     : prepare_full(factors, moments, eigen, scratch, err);
    free(scratch);
    ssldyn_eigen_free(eigen);
    return status;
}

void ssldyn_cosine_factors_clear(struct ssldyn_cosine_factors *factors)
{
    free(factors->block);
    memset(factors, 0, sizeof *factors);
}

void ssldyn_cosine_factors_apply(const struct ssldyn_cosine_factors *factors, size_t rows,
                                 const double A[], const double matrix[], bool transpose,
                                 double C[])
{
    const size_t n = factors->n1;
    if (!factors->diagonal) {
        const size_t height = matrix == factors->root ? factors->targets : n;
        const size_t width = matrix == factors->R ? n : factors->targets;
        cblas_dgemm(CblasRowMajor, CblasNoTrans, transpose ? CblasTrans : CblasNoTrans, (int)rows,
                    (int)(transpose ? height : width), (int)(transpose ? width : height), 1.0, A,
                    (int)(transpose ? width : height), matrix, (int)width, 0.0, C,
                    (int)(transpose ? height : width));
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < n; j++)
            C[i * n + j] = A[i * n + j] * matrix[j];
    }
}
