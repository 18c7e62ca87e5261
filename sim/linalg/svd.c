/* Singular value decomposition by LAPACK's divide and conquer. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"

#include "sim/base/memory.h"

#include <complex.h>
#define lapack_complex_float float _Complex
#define lapack_complex_double double _Complex
#include <lapacke.h>

#include <stdlib.h>

struct ssldyn_svd {
    size_t rows, columns;
    double *work;
    lapack_int length;
    lapack_int *integers;
};

/* LAPACK reads the rows of a row-major A as columns: it decomposes A^T = VT^T diag(s) U^T. U is
 * complete with as many vectors as there are singular values, unless there are fewer columns than
 * rows. */
static lapack_int decompose(const struct ssldyn_svd *svd, double A[], double U[], double s[],
                            double VT[], double work[], lapack_int length)
{
    const lapack_int m = (lapack_int)svd->columns;
    const lapack_int n = (lapack_int)svd->rows;
    return LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, m < n ? 'A' : 'S', m, n, A, m, s, VT, m, U, n,
                               work, length, svd->integers);
}

enum ssldyn_status ssldyn_svd_create(size_t rows, size_t columns, struct ssldyn_svd **svd,
                                     struct ssldyn_error *err)
{
    double length = 1.0;
    *svd = NULL;
    struct ssldyn_svd *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->rows = rows;
    fresh->columns = columns;
    if (rows > 0 && columns > 0)
        (void)decompose(fresh, NULL, NULL, NULL, NULL, &length, -1);
    fresh->length = (lapack_int)length;
    fresh->work = ssldyn_memory_array((size_t)length, sizeof *fresh->work);
    fresh->integers =
        ssldyn_memory_array(rows < columns ? rows : columns, 8 * sizeof *fresh->integers);
    if (fresh->work == NULL || fresh->integers == NULL) {
        ssldyn_svd_free(fresh);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for singular values");
    }
    *svd = fresh;
    return SSLDYN_OK;
}

void ssldyn_svd_free(struct ssldyn_svd *svd)
{
    if (svd == NULL)
        return;
    free(svd->work);
    free(svd->integers);
    free(svd);
}

enum ssldyn_status ssldyn_svd_decompose(struct ssldyn_svd *svd, double A[], double U[], double s[],
                                        double VT[], struct ssldyn_error *err)
{
    if (svd->rows == 0 || svd->columns == 0)
        return SSLDYN_OK;
    if (!ssldyn_dense_all_finite(svd->rows * svd->columns, A) ||
        decompose(svd, A, U, s, VT, svd->work, svd->length) != 0)
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "the singular values of a %zu x %zu matrix did not converge", svd->rows,
                           svd->columns);
    return SSLDYN_OK;
}
