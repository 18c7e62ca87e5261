/* The basis of a pair of vectors with different distributions (moments_basis.h). */
// SPDX-License-Identifier: MIT
#include "sim/run/moments_basis.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/degenerate.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rounding of a file and of summed covariances: accepted errors, relative to the largest entry,
 * eigenvalue or norm. */
static const double tolerance = 1e-8;

static enum ssldyn_status check_finite(size_t count, const double A[], const char *name,
                                       struct ssldyn_error *err)
{
    const double size = ssldyn_dense_norm(count, A);
    return isfinite(size * size)
               ? SSLDYN_OK
               : ssldyn_fail(err, SSLDYN_EINPUT,
                             "%s: holds entries that are not finite, or whose squares leave the "
                             "range of double precision",
                             name);
}

/* A into its eigenvectors (columns) and eigenvalues, of a covariance. */
static enum ssldyn_status decompose(size_t n, const double A[], const char *name, double values[],
                                    double vectors[], struct ssldyn_error *err)
{
    enum ssldyn_status status = check_finite(n * n, A, name, err);
    if (status == SSLDYN_OK && ssldyn_dense_asymmetry(n, A) > tolerance) {
        status =
            ssldyn_fail(err, SSLDYN_EINPUT, "%s: must be a covariance, but is not symmetric", name);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_eigen_once(n, A, values, vectors, err);
    }
    if (status == SSLDYN_OK && values[n - 1] < -tolerance * fmax(values[0], 0.0)) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%s: must be a covariance, but has the eigenvalue %g (largest: %g)",
                             name, values[n - 1], values[0]);
    }
    if (status == SSLDYN_OK && !(values[0] > 0.0)) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: is zero, so the data do not vary", name);
    }
    return status;
}

/* B <- Q^T A Q */
static void rotate(size_t n, const double Q[], const double A[], double B[], double scratch[])
{
    ssldyn_dense_multiply(n, n, n, A, Q, scratch);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n, (int)n, (int)n, 1.0, Q, (int)n,
                scratch, (int)n, 0.0, B, (int)n);
}

/* If eigenvalues of Sxx are equal, their eigenvectors are those of the symmetric part of Syx. */
static enum ssldyn_status resolve(struct ssldyn_moments_basis *basis, const double Syx[],
                                  double scratch[], struct ssldyn_error *err)
{
    const size_t n = basis->n1;
    struct ssldyn_eigen *eigen = NULL;
    double *workspace = ssldyn_memory_array(ssldyn_degenerate_workspace(n), sizeof *workspace);
    enum ssldyn_status status = workspace ? ssldyn_eigen_create(n, &eigen, err)
                                          : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    rotate(n, basis->Q, Syx, basis->X, scratch);
    ssldyn_dense_symmetrize(n, basis->X, basis->X);
    if (status == SSLDYN_OK) {
        status =
            ssldyn_degenerate_resolve(eigen, n, basis->sum, basis->Q, basis->X, workspace, err);
    }
    ssldyn_eigen_free(eigen);
    free(workspace);
    rotate(n, basis->Q, Syx, basis->X, scratch);
    return status;
}

/* The same for MAE, with the symmetric Syx^T Syx (n x n) in place of the basis's X. */
static enum ssldyn_status resolve_predicted(struct ssldyn_moments_basis *basis, size_t rows,
                                            const double Syx[], double scratch[],
                                            struct ssldyn_error *err)
{
    const size_t n = basis->n1;
    double *square = ssldyn_memory_array(n * n, sizeof *square);
    if (!square) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for data of size %zu", n);
    }
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n, (int)n, (int)rows, 1.0, Syx,
                (int)n, Syx, (int)n, 0.0, square, (int)n);
    const enum ssldyn_status status = resolve(basis, square, scratch, err);
    free(square);
    ssldyn_dense_multiply(rows, n, n, Syx, basis->Q, basis->X);
    return status;
}

/* Without Syy only one check is possible: y must not depend on a direction in which x has no
 * variance. */
static enum ssldyn_status check_support(const struct ssldyn_moments_pair *pair,
                                        const struct ssldyn_moments_basis *basis,
                                        struct ssldyn_error *err)
{
    const size_t n = basis->n1;
    const size_t count = n * (pair->predicted > 0 ? pair->predicted : n);
    double outside = 0.0;
    for (size_t i = 0; i < count; i++) {
        const bool empty = !(basis->sum[i % n] > 1e-14 * basis->sum[0]);
        outside = empty ? hypot(outside, basis->X[i]) : outside;
    }
    return outside <= 1e-6 * ssldyn_dense_norm(count, basis->X)
               ? SSLDYN_OK
               : ssldyn_fail(
                     err, SSLDYN_EINPUT,
                     "%s: has components along directions in which %s has no variance: no pair "
                     "of vectors has these covariances",
                     pair->Syx_name, pair->Sxx_name);
}

/* Syy, m x m, and the part of it that x does not determine; scratch: n^2 + m^2 + m. */
static enum ssldyn_status add_second(const struct ssldyn_moments_pair *pair,
                                     struct ssldyn_moments_basis *basis, size_t m, double scratch[],
                                     struct ssldyn_error *err)
{
    const size_t n = basis->n1;
    double *Sxx = scratch;
    double largest = 0.0;
    double missed = 0.0;
    enum ssldyn_status status =
        decompose(m, pair->Syy, pair->Syy_name, scratch + m * m, basis->second, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (pair->predicted > 0) {
        memcpy(basis->second, pair->Syy, m * m * sizeof *basis->second);
    } else {
        rotate(n, basis->Q, pair->Syy, basis->second, scratch);
    }
    ssldyn_dense_symmetrize(m, basis->second, basis->second);
    memset(Sxx, 0, n * n * sizeof *Sxx);
    for (size_t i = 0; i < n; i++) {
        Sxx[i * (n + 1)] = basis->sum[i];
    }
    status = ssldyn_canonical(m, n, basis->second, Sxx, basis->X, NULL, NULL, basis->rest, &largest,
                              &missed, err);
    if (status == SSLDYN_OK && (largest > 1.0 + 1e-6 || missed > 1e-6)) {
        status = ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: no pair of vectors has these covariances: with %s and %s it implies %s",
            pair->Syx_name, pair->Sxx_name, pair->Syy_name,
            largest > 1.0 + 1e-6 ? "a correlation above 1"
                                 : "a correlation with a quantity that does not vary");
    }
    return status;
}

static struct ssldyn_moments_basis *allocate(size_t n, size_t m, bool second)
{
    struct ssldyn_moments_basis *fresh = calloc(1, sizeof *fresh);
    if (fresh) {
        const struct ssldyn_memory_part parts[] = {{&fresh->Q, n * n},
                                                   {&fresh->sum, n},
                                                   {&fresh->X, n * (n > m ? n : m)},
                                                   {&fresh->second, m * m},
                                                   {&fresh->rest, m * m}};
        fresh->n1 = n;
        fresh->block = ssldyn_memory_parts(second ? 5 : 3, parts);
    }
    if (fresh && !fresh->block) {
        free(fresh);
        return NULL;
    }
    return fresh;
}

static struct ssldyn_moments moments_of(const struct ssldyn_moments_pair *pair,
                                        const struct ssldyn_moments_basis *basis)
{
    struct ssldyn_moments moments = {
        .n1 = pair->n1, .c = (double)NAN, .X = basis->X, .sum = basis->sum};
    if (pair->predicted == 0) {
        moments.kind = SSLDYN_MOMENTS_HALF;
        moments.pair = true;
        moments.second = basis->second;
        moments.rest = basis->rest;
        return moments;
    }
    moments.kind = SSLDYN_MOMENTS_DIAGONAL;
    moments.X = basis->sum; /* of nothing that is predicted */
    moments.predicts = basis->X;
    moments.predicted = pair->predicted;
    moments.second = basis->second;
    moments.rest = basis->rest;
    moments.unexplained = pair->Syy ? 0.0 : (double)NAN;
    for (size_t i = 0; pair->Syy && i < pair->predicted; i++) {
        moments.unexplained += basis->rest[i * (pair->predicted + 1)];
    }
    return moments;
}

enum ssldyn_status ssldyn_moments_basis_of_pair(const struct ssldyn_moments_pair *pair,
                                                struct ssldyn_moments_basis **basis,
                                                struct ssldyn_error *err)
{
    const size_t n = pair->n1;
    const size_t m = pair->predicted > 0 ? pair->predicted : n;
    const size_t most = n > m ? n : m;
    *basis = NULL;
    if (n == 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: the matrix is empty", pair->Sxx_name);
    }
    struct ssldyn_moments_basis *fresh = allocate(n, m, pair->Syy != NULL);
    double *scratch = ssldyn_memory_array(2 * most * most + most, sizeof *scratch);
    enum ssldyn_status status =
        fresh && scratch ? check_finite(m * n, pair->Syx, pair->Syx_name, err)
                         : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for data of size %zu", n);
    if (status == SSLDYN_OK) {
        status = decompose(n, pair->Sxx, pair->Sxx_name, fresh->sum, fresh->Q, err);
    }
    for (size_t j = 0; status == SSLDYN_OK && j < n;
         j++) { /* negative rounding errors would cause growth */
        fresh->sum[j] = fmax(fresh->sum[j], 0.0);
    }
    if (status == SSLDYN_OK) {
        status = pair->predicted > 0 ? resolve_predicted(fresh, m, pair->Syx, scratch, err)
                                     : resolve(fresh, pair->Syx, scratch, err);
    }
    if (status == SSLDYN_OK) {
        status = check_support(pair, fresh, err);
    }
    if (status == SSLDYN_OK && pair->Syy) {
        status = add_second(pair, fresh, m, scratch, err);
    }
    free(scratch);
    if (status != SSLDYN_OK) {
        ssldyn_moments_basis_free(fresh);
        return status;
    }
    fresh->moments = moments_of(pair, fresh);
    *basis = fresh;
    return SSLDYN_OK;
}
