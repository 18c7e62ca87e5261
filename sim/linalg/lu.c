/* LU with partial pivoting, real and complex, by LAPACK. LAPACK reads a row-major matrix as its
 * transpose: it factors the transpose and solves with the transposed factors. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"

#include <complex.h>
#include <limits.h>
#define lapack_complex_float float _Complex
#define lapack_complex_double double _Complex
#include <lapacke.h>

_Static_assert(sizeof(lapack_int) == sizeof(int), "pivots are passed as int: LAPACK with 32 bits");

static enum ssldyn_status factor_status(lapack_int info, struct ssldyn_error *err)
{
    if (info == 0)
        return SSLDYN_OK;
    if (info > 0)
        return ssldyn_fail(err, SSLDYN_EFAILED, "a linear system is singular (pivot %d is zero)",
                           (int)info);
    return ssldyn_fail(err, SSLDYN_EFAILED, "LU: LAPACK refuses argument %d", (int)-info);
}

static enum ssldyn_status check_size(size_t n, struct ssldyn_error *err)
{
    if (n > INT_MAX / 2)
        return ssldyn_fail(err, SSLDYN_EFAILED, "LU: a matrix of size %zu is too large", n);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_lu_factor(size_t n, double A[], int pivots[], struct ssldyn_error *err)
{
    if (n == 0)
        return SSLDYN_OK;
    const enum ssldyn_status status = check_size(n, err);
    if (status != SSLDYN_OK)
        return status;
    const lapack_int size = (lapack_int)n;
    return factor_status(LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, size, size, A, size, pivots), err);
}

void ssldyn_lu_solve(size_t n, const double LU[], const int pivots[], double b[])
{
    const lapack_int size = (lapack_int)n;
    if (n > 0)
        (void)LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, 'T', size, 1, LU, size, pivots, b, size);
}

enum ssldyn_status ssldyn_lu_factor_complex(size_t n, double A[], int pivots[],
                                            struct ssldyn_error *err)
{
    if (n == 0)
        return SSLDYN_OK;
    const enum ssldyn_status status = check_size(n, err);
    if (status != SSLDYN_OK)
        return status;
    const lapack_int size = (lapack_int)n;
    return factor_status(
        LAPACKE_zgetrf_work(LAPACK_COL_MAJOR, size, size, (lapack_complex_double *)A, size, pivots),
        err);
}

void ssldyn_lu_solve_complex(size_t n, const double LU[], const int pivots[], double b[])
{
    const lapack_int size = (lapack_int)n;
    if (n > 0)
        (void)LAPACKE_zgetrs_work(LAPACK_COL_MAJOR, 'T', size, 1, (const lapack_complex_double *)LU,
                                  size, pivots, (lapack_complex_double *)b, size);
}
