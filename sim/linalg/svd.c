/* Singular values and vectors over LAPACK. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"

#include <complex.h>
#define lapack_complex_float float _Complex
#define lapack_complex_double double _Complex
#include <lapacke.h>

/* LAPACK reads the rows of a row-major A as columns: it decomposes A^T = V diag(s) U^T. */
static lapack_int decompose(size_t rows, size_t columns, double A[], double U[], double s[],
                            double VT[], double work[], lapack_int length)
{
    const lapack_int m = (lapack_int)columns;
    const lapack_int n = (lapack_int)rows;
    const lapack_int r = m < n ? m : n;
    return LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'S', 'S', m, n, A, m, s, VT, m, U, r, work,
                               length);
}

size_t ssldyn_svd_workspace(size_t rows, size_t columns)
{
    double length = 1.0;
    if (rows == 0 || columns == 0)
        return 1;
    (void)decompose(rows, columns, NULL, NULL, NULL, NULL, &length, -1);
    return (size_t)length;
}

enum ssldyn_status ssldyn_svd_thin(size_t rows, size_t columns, double A[], double U[], double s[],
                                   double VT[], double work[], struct ssldyn_error *err)
{
    if (rows == 0 || columns == 0)
        return SSLDYN_OK;
    if (!ssldyn_dense_all_finite(rows * columns, A) ||
        decompose(rows, columns, A, U, s, VT, work,
                  (lapack_int)ssldyn_svd_workspace(rows, columns)) != 0)
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "the singular values of a %zu x %zu matrix were not found", rows,
                           columns);
    return SSLDYN_OK;
}
