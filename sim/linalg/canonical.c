/* Canonical correlations of a pair of vectors. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"

#include "sim/base/memory.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

/* Relative to the largest, a variance below this is rounding. */
static const double empty = 1e-14;

/* A^(1/2) and, over the directions that have variance, A^(-1/2); scratch: 2 n^2 + n doubles. */
static enum ssldyn_status roots(size_t n, const double A[], double root[], double inverse[],
                                double scratch[], struct ssldyn_error *err)
{
    double *vectors = scratch;
    double *scaled = scratch + n * n;
    double *values = scaled + n * n;
    const enum ssldyn_status status = ssldyn_eigen_once(n, A, values, vectors, err);
    for (int part = 0; status == SSLDYN_OK && part < 2; part++) {
        const double power = part == 0 ? 0.25 : -0.25;
        for (size_t i = 0; i < n * n; i++) {
            const double value = values[i % n];
            scaled[i] = value > empty * values[0] ? vectors[i] * pow(value, power) : 0.0;
        }
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)n, (int)n, 1.0, scaled,
                    (int)n, scaled, (int)n, 0.0, part == 0 ? root : inverse, (int)n);
    }
    return status;
}

/* |C - A^(1/2) K B^(1/2)|_F/|C|_F; scratch: 2 n m doubles. */
static double missed_by(size_t n, size_t m, const double root_A[], const double K[],
                        const double root_B[], const double C[], double scratch[])
{
    double *image = scratch + n * m;
    const double size = ssldyn_dense_norm(n * m, C);
    ssldyn_dense_multiply(n, n, m, root_A, K, scratch);
    ssldyn_dense_multiply(n, m, m, scratch, root_B, image);
    for (size_t i = 0; i < n * m; i++) {
        image[i] -= C[i];
    }
    return size > 0.0 ? ssldyn_dense_norm(n * m, image) / size : 0.0;
}

/* rest = S S^T, S = root U diag(sqrt(1 - k^2)), where k = 0 beyond the singular values of K, which is
 * overwritten; scratch: n^2 + min(n, m) (1 + m) doubles, S: n x n. */
static enum ssldyn_status square_of_rest(size_t n, size_t m, const double root[], double K[],
                                         double S[], double scratch[], double rest[],
                                         double *largest, struct ssldyn_error *err)
{
    const size_t r = n < m ? n : m;
    double *U = scratch;
    double *k = U + n * n;
    double *ZT = k + r;
    struct ssldyn_svd *svd = NULL;
    enum ssldyn_status status = ssldyn_svd_create(n, m, &svd, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_svd_decompose(svd, K, U, k, ZT, err);
    }
    ssldyn_svd_free(svd);
    if (status != SSLDYN_OK) {
        return status;
    }
    *largest = r > 0 ? k[0] : 0.0;
    ssldyn_dense_multiply(n, n, n, root, U, S);
    for (size_t i = 0; i < n * n; i++) {
        const double of = i % n < r ? k[i % n] : 0.0;
        S[i] *= sqrt(fmax((1.0 - of) * (1.0 + of), 0.0));
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)n, (int)n, 1.0, S, (int)n, S,
                (int)n, 0.0, rest, (int)n);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_canonical(size_t n, size_t m, const double A[], const double B[],
                                    const double C[], double root[], double half[], double rest[],
                                    double *largest, double *missed, struct ssldyn_error *err)
{
    const size_t most = n > m ? n : m;
    double *root_A = NULL;
    double *inverse_A = NULL;
    double *root_B = NULL;
    double *inverse_B = NULL;
    double *K = NULL;
    double *CB = NULL;
    double *scratch = NULL;
    const struct ssldyn_memory_part parts[] = {{&root_A, n * n},
                                               {&inverse_A, n * n},
                                               {&root_B, m * m},
                                               {&inverse_B, m * m},
                                               {&K, n * m},
                                               {&CB, n * m},
                                               {&scratch, 2 * most * most + 2 * most}};
    double *block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (block == NULL) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a pair of %zu and %zu numbers", n,
                           m);
    }
    enum ssldyn_status status = roots(n, A, root_A, inverse_A, scratch, err);
    if (status == SSLDYN_OK) {
        status = roots(m, B, root_B, inverse_B, scratch, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_dense_multiply(n, m, m, C, inverse_B, CB);
        ssldyn_dense_multiply(n, n, m, inverse_A, CB, K);
        *missed = missed_by(n, m, root_A, K, root_B, C, scratch);
        for (size_t i = 0; root != NULL && i < m * m; i++) {
            root[i] = root_B[i];
        }
        for (size_t i = 0; half != NULL && i < n * m; i++) {
            half[i] = CB[i];
        }
        status = square_of_rest(n, m, root_A, K, inverse_A, scratch, rest, largest, err);
    }
    free(block);
    return status;
}
