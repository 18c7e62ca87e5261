/* The basis rule for equal eigenvalues (degenerate.h). */
// SPDX-License-Identifier: MIT
#include "sim/observe/degenerate.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>

size_t ssldyn_degenerate_workspace(size_t n)
{
    return 2 * n * n + n;
}

/* First index after the group that starts at first. */
static size_t group_end(size_t n, const double s[], size_t first, double tolerance)
{
    size_t end = first + 1;
    while (end < n && s[end - 1] - s[end] <= tolerance)
        end++;
    return end;
}

static void copy_block(size_t rows, size_t columns, const double from[], size_t from_stride,
                       double to[], size_t to_stride)
{
    for (size_t i = 0; i < rows; i++)
        memcpy(to + i * to_stride, from + i * from_stride, columns * sizeof(double));
}

/* A[:, first ... first + k) <- A[:, first ... first + k) Q; scratch holds n * k. */
static void rotate_columns(size_t n, size_t first, size_t k, const double Q[], double A[],
                           double scratch[])
{
    copy_block(n, k, A + first, n, scratch, k);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)k, (int)k, 1.0, scratch,
                (int)k, Q, (int)k, 0.0, A + first, (int)n);
}

/* A[first ... first + k, :) <- Q^T A[first ... first + k, :). */
static void rotate_rows(size_t n, size_t first, size_t k, const double Q[], double A[],
                        double scratch[])
{
    memcpy(scratch, A + first * n, n * k * sizeof(double));
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)k, (int)n, (int)k, 1.0, Q, (int)k,
                scratch, (int)n, 0.0, A + first * n, (int)n);
}

/* The sign rule of the eigensolver, for columns that were rotated: the entry of largest magnitude
 * is positive. The row and column of M change sign with it. */
static void fix_sign(size_t n, size_t column, double U[], double M[])
{
    size_t largest = 0;
    for (size_t i = 1; i < n; i++) {
        if (fabs(U[i * n + column]) > fabs(U[largest * n + column]))
            largest = i;
    }
    if (U[largest * n + column] >= 0.0)
        return;
    for (size_t i = 0; i < n; i++) {
        U[i * n + column] = -U[i * n + column];
        M[i * n + column] = -M[i * n + column];
        M[column * n + i] = -M[column * n + i];
    }
}

enum ssldyn_status ssldyn_degenerate_resolve(struct ssldyn_eigen *eigen, size_t n, const double s[],
                                             double U[], double M[], double workspace[],
                                             struct ssldyn_error *err)
{
    if (n < 2)
        return SSLDYN_OK;
    double *Q = workspace;
    double *scratch = workspace + n * n;
    double *values = workspace + 2 * n * n;
    const double tolerance = 8.0 * (double)n * DBL_EPSILON * fmax(fabs(s[0]), fabs(s[n - 1]));
    for (size_t first = 0; first < n;) {
        const size_t end = group_end(n, s, first, tolerance);
        const size_t k = end - first;
        if (k > 1) {
            copy_block(k, k, M + first * n + first, n, Q, k);
            const enum ssldyn_status status =
                ssldyn_eigen_symmetric_small(eigen, k, Q, values, Q, err);
            if (status != SSLDYN_OK)
                return status;
            rotate_columns(n, first, k, Q, U, scratch);
            rotate_columns(n, first, k, Q, M, scratch);
            rotate_rows(n, first, k, Q, M, scratch);
            for (size_t j = first; j < end; j++)
                fix_sign(n, j, U, M);
        }
        first = end;
    }
    return SSLDYN_OK;
}
