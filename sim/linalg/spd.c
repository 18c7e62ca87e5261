/* Symmetric positive definite systems. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"

#include <lapacke.h>
#include <string.h>

enum ssldyn_status ssldyn_spd_divide(size_t n, double A[], double B[], double X[],
                                     struct ssldyn_error *err)
{
    /* X A = B, so A X^T = B^T: LAPACK reads the rows of the row-major B as the columns of B^T. */
    const lapack_int size = (lapack_int)n;
    const lapack_int info = LAPACKE_dposv_work(LAPACK_COL_MAJOR, 'L', size, size, A, size, B, size);
    if (info != 0) {
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "a matrix that must be positive definite is singular (row %d of %zu): "
                           "regularize with --epsilon",
                           (int)info, n);
    }
    memcpy(X, B, n * n * sizeof *X);
    return SSLDYN_OK;
}
