/* The eigenbasis of X + X' (moments_basis.h). */
// SPDX-License-Identifier: MIT
#include "sim/run/moments_basis.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/degenerate.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Largest accepted |A_ij - A_ji|, and largest accepted negative eigenvalue, relative to the largest
 * entry and eigenvalue: rounding of a file, and the noise of moments estimated from a finite
 * sample. */
static const double symmetry_tolerance = 1e-8;
static const double noise_tolerance = 1e-2;
static const double sum_tolerance = 1e-8;

static enum ssldyn_status check_symmetric(size_t n, const double A[], const char *name,
                                          struct ssldyn_error *err)
{
    double largest = 0.0;
    for (size_t i = 0; i < n * n; i++) {
        if (!isfinite(A[i]))
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: entry (%zu, %zu) is not finite", name,
                               i / n + 1, i % n + 1);
        largest = fmax(largest, fabs(A[i]));
    }
    if (!isfinite((double)n * largest * largest))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: holds %g, whose square leaves the range of double precision: "
                           "scale the data",
                           name, largest);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (fabs(A[i * n + j] - A[j * n + i]) > symmetry_tolerance * largest)
                return ssldyn_fail(err, SSLDYN_EINPUT,
                                   "%s: a symmetric matrix is needed, but entries (%zu, %zu) = %g "
                                   "and (%zu, %zu) = %g differ",
                                   name, i + 1, j + 1, A[i * n + j], j + 1, i + 1, A[j * n + i]);
        }
    }
    return SSLDYN_OK;
}

/* Rejects a smallest eigenvalue below -tolerance times the largest. */
static enum ssldyn_status check_positive(size_t n, const double values[], double tolerance,
                                         const char *name, struct ssldyn_error *err)
{
    if (values[n - 1] >= -tolerance * fmax(values[0], 0.0))
        return SSLDYN_OK;
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: a positive semidefinite matrix is needed, but it has the eigenvalue %g "
                       "(largest: %g)",
                       name, values[n - 1], values[0]);
}

/* Scratch memory of one construction. */
struct scratch {
    struct ssldyn_eigen *eigen;
    double *total;  /* n1 x n1: X + X', later Q^T */
    double *half;   /* n1 x n1 */
    double *values; /* n1 */
    double *block;  /* holds all of the above; owned */
};

static enum ssldyn_status check_moments(size_t n, const double X[], const double Xprime[],
                                        const char *x_name, const char *xprime_name,
                                        struct scratch *scratch, struct ssldyn_error *err)
{
    enum ssldyn_status status = check_symmetric(n, X, x_name, err);
    if (status == SSLDYN_OK)
        status = check_symmetric(n, Xprime, xprime_name, err);
    if (status == SSLDYN_OK)
        status = ssldyn_eigen_symmetric(scratch->eigen, X, scratch->values, NULL, err);
    if (status == SSLDYN_OK)
        status = check_positive(n, scratch->values, noise_tolerance, x_name, err);
    if (status == SSLDYN_OK)
        status = ssldyn_eigen_symmetric(scratch->eigen, Xprime, scratch->values, NULL, err);
    if (status != SSLDYN_OK)
        return status;
    /* The noise of X' is that of X + X', which may be much larger than X' itself. */
    for (size_t i = 0; i < n; i++)
        scratch->half[i] = X[i * n + i] + Xprime[i * n + i];
    double largest = 0.0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, scratch->half[i]);
    const double smallest = scratch->values[n - 1];
    if (smallest < -noise_tolerance * fmax(largest, scratch->values[0]))
        return check_positive(n, scratch->values, 0.0, xprime_name, err);
    return SSLDYN_OK;
}

static void transpose(size_t n, const double A[], double B[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            B[j * n + i] = A[i * n + j];
    }
}

/* basis->X <- Q^T X Q, exactly symmetric; reduced to its diagonal if the rest is rounding:
 * |off-diagonal|_F within n epsilon |X|_F, the error of two products and an eigenproblem. */
static enum ssldyn_status rotate_data(struct ssldyn_moments_basis *basis, const double X[],
                                      struct scratch *scratch, struct ssldyn_error *err)
{
    const size_t n = basis->n1;
    ssldyn_dense_multiply(n, n, n, X, basis->Q, scratch->half);
    transpose(n, basis->Q, scratch->total);
    ssldyn_dense_multiply(n, n, n, scratch->total, scratch->half, basis->X);
    /* If eigenvalues of X + X' are equal, their eigenvectors are chosen such that X is diagonal. */
    double *workspace = ssldyn_memory_array(ssldyn_degenerate_workspace(n), sizeof(double));
    if (workspace == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for data of size %zu", n);
    const enum ssldyn_status status = ssldyn_degenerate_resolve(scratch->eigen, n, basis->sum,
                                                                basis->Q, basis->X, workspace, err);
    free(workspace);
    if (status != SSLDYN_OK)
        return status;
    double off = 0.0;
    ssldyn_dense_symmetrize(n, basis->X, basis->X);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            off += 2.0 * basis->X[i * n + j] * basis->X[i * n + j];
    }
    const bool commute =
        sqrt(off) <= 8.0 * (double)n * DBL_EPSILON * ssldyn_dense_norm(n * n, basis->X);
    for (size_t i = 0; i < n && commute; i++)
        basis->X[i] = basis->X[i * n + i];
    basis->moments = (struct ssldyn_moments){
        .kind = commute ? SSLDYN_MOMENTS_DIAGONAL : SSLDYN_MOMENTS_HALF,
        .n1 = n,
        .c = (double)NAN,
        .X = basis->X,
        .sum = basis->sum,
    };
    return SSLDYN_OK;
}

static enum ssldyn_status fill_basis(struct ssldyn_moments_basis *basis, const double X[],
                                     const double Xprime[], struct scratch *scratch,
                                     struct ssldyn_error *err)
{
    const size_t n = basis->n1;
    for (size_t i = 0; i < n * n; i++)
        scratch->total[i] = X[i] + Xprime[i];
    enum ssldyn_status status =
        ssldyn_eigen_symmetric(scratch->eigen, scratch->total, basis->sum, basis->Q, err);
    if (status == SSLDYN_OK)
        status = check_positive(n, basis->sum, sum_tolerance, "X + X'", err);
    if (status != SSLDYN_OK)
        return status;
    if (!(basis->sum[0] > 0.0))
        return ssldyn_fail(err, SSLDYN_EINPUT, "X + X' is zero: the data have no variance");
    /* Negative values are rounding errors here, and would cause growth. */
    for (size_t j = 0; j < n; j++)
        basis->sum[j] = fmax(basis->sum[j], 0.0);
    return rotate_data(basis, X, scratch, err);
}

enum ssldyn_status ssldyn_moments_basis_create(size_t n1, const double X[], const double Xprime[],
                                               const char *x_name, const char *xprime_name,
                                               struct ssldyn_moments_basis **basis,
                                               struct ssldyn_error *err)
{
    *basis = NULL;
    if (n1 == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: the matrix is empty", x_name);
    struct scratch scratch = {0};
    struct ssldyn_moments_basis *fresh = calloc(1, sizeof *fresh);
    enum ssldyn_status status = ssldyn_eigen_create(n1, &scratch.eigen, err);
    if (status != SSLDYN_OK)
        goto cleanup;
    const struct ssldyn_memory_part parts[] = {
        {&scratch.total, n1 * n1}, {&scratch.half, n1 * n1}, {&scratch.values, n1}};
    scratch.block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (fresh != NULL) {
        const struct ssldyn_memory_part kept[] = {
            {&fresh->Q, n1 * n1}, {&fresh->sum, n1}, {&fresh->X, n1 * n1}};
        fresh->n1 = n1;
        fresh->block = ssldyn_memory_parts(sizeof kept / sizeof kept[0], kept);
    }
    if (fresh == NULL || fresh->block == NULL || scratch.block == NULL) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for data of size %zu", n1);
        goto cleanup;
    }
    status = check_moments(n1, X, Xprime, x_name, xprime_name, &scratch, err);
    if (status == SSLDYN_OK)
        status = fill_basis(fresh, X, Xprime, &scratch, err);
    if (status == SSLDYN_OK) {
        *basis = fresh;
        fresh = NULL;
    }
cleanup:
    ssldyn_moments_basis_free(fresh);
    ssldyn_eigen_free(scratch.eigen);
    free(scratch.block);
    return status;
}

void ssldyn_moments_basis_free(struct ssldyn_moments_basis *basis)
{
    if (basis == NULL)
        return;
    free(basis->block);
    free(basis);
}

/* A <- (Q B Q^T + its transpose)/2 for B n x n, or its diagonal */
static void rotate_back(size_t n, const double Q[], const double B[], bool diagonal, double A[],
                        double scratch[])
{
    if (diagonal) {
        for (size_t i = 0; i < n * n; i++)
            scratch[i] = Q[i] * B[i % n];
    } else {
        ssldyn_dense_multiply(n, n, n, Q, B, scratch);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            A[i * n + j] = ssldyn_dense_dot(n, scratch + i * n, Q + j * n);
    ssldyn_dense_symmetrize(n, A, A);
}

void ssldyn_moments_basis_restore(const struct ssldyn_moments_basis *basis, double X[],
                                  double Xprime[], double scratch[])
{
    const size_t n = basis->n1;
    rotate_back(n, basis->Q, basis->X, basis->moments.kind == SSLDYN_MOMENTS_DIAGONAL, X, scratch);
    rotate_back(n, basis->Q, basis->sum, true, Xprime, scratch);
    for (size_t i = 0; i < n * n; i++)
        Xprime[i] -= X[i];
}
