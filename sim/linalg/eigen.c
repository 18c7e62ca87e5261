/* Eigenproblems over LAPACK: symmetric ones by divide and conquer (dsyevd) with a workspace kept
 * from solve to solve, eigenvalues of general matrices by dgeev. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"

#include "sim/base/memory.h"

#include <complex.h>
#define lapack_complex_float float _Complex
#define lapack_complex_double double _Complex
#include <lapacke.h>

#include <limits.h>
#include <math.h>
#include <stdlib.h>

/* dsyevd's workspace of 2 n^2 doubles must be countable by LAPACK's integer. */
enum { LARGEST_SIZE = 30000, TILE = 16 };

struct ssldyn_eigen {
    size_t n;
    double *matrix; /* n x n: what LAPACK works on */
    double *ascending;
    double *work;
    lapack_int *integers;
    lapack_int work_length;
    lapack_int integer_length;
};

enum ssldyn_status ssldyn_eigen_create(size_t n, struct ssldyn_eigen **eigen,
                                       struct ssldyn_error *err)
{
    *eigen = NULL;
    if (n > LARGEST_SIZE)
        return ssldyn_fail(err, SSLDYN_EINPUT, "eigenproblem of size %zu: at most %d is possible",
                           n, (int)LARGEST_SIZE);
    struct ssldyn_eigen *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->n = n;
    double length = 1.0;
    lapack_int integers = 1;
    if (n > 0) {
        const lapack_int size = (lapack_int)n;
        (void)LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', size, NULL, size, NULL, &length, -1,
                                  &integers, -1);
    }
    fresh->work_length = (lapack_int)length;
    fresh->integer_length = integers;
    fresh->matrix = ssldyn_array_alloc(n * n, sizeof(double));
    fresh->ascending = ssldyn_array_alloc(n, sizeof(double));
    fresh->work = ssldyn_array_alloc((size_t)fresh->work_length, sizeof(double));
    fresh->integers = ssldyn_array_alloc((size_t)integers, sizeof(lapack_int));
    if (fresh->matrix == NULL || fresh->ascending == NULL || fresh->work == NULL ||
        fresh->integers == NULL) {
        ssldyn_eigen_free(fresh);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for an eigenproblem of size %zu", n);
    }
    *eigen = fresh;
    return SSLDYN_OK;
}

void ssldyn_eigen_free(struct ssldyn_eigen *eigen)
{
    if (eigen == NULL)
        return;
    free(eigen->matrix);
    free(eigen->ascending);
    free(eigen->work);
    free(eigen->integers);
    free(eigen);
}

/* The symmetric part of A into the triangle that LAPACK reads (column-major lower, which is the
 * upper triangle of the row-major matrix); false when an entry is not finite. */
static bool copy_symmetric(size_t n, const double A[], double matrix[])
{
    double poison = 0.0; /* 0 * x is NaN exactly where x is not finite */
    for (size_t block = 0; block < n; block += TILE) {
        const size_t block_end = block + TILE < n ? block + TILE : n;
        for (size_t other = block; other < n; other += TILE) {
            const size_t other_end = other + TILE < n ? other + TILE : n;
            for (size_t i = block; i < block_end; i++) {
                for (size_t j = other > i ? other : i; j < other_end; j++) {
                    const double value = 0.5 * A[i * n + j] + 0.5 * A[j * n + i];
                    matrix[i * n + j] = value;
                    poison += 0.0 * value;
                }
            }
        }
    }
    return poison == 0.0;
}

/* +1, or -1 where the entry of largest magnitude (the first of equals) is negative. */
static double sign_of(size_t n, const double vector[])
{
    size_t largest = 0;
    for (size_t i = 1; i < n; i++) {
        if (fabs(vector[i]) > fabs(vector[largest]))
            largest = i;
    }
    return vector[largest] < 0.0 ? -1.0 : 1.0;
}

/* LAPACK leaves the eigenvectors as rows (of the row-major view) in ascending order; they are
 * wanted as columns in descending order. Tiles keep both sides in cache. */
static void transpose_reversed(size_t n, const double rows[], const double signs[],
                               double columns[])
{
    for (size_t block = 0; block < n; block += TILE) {
        const size_t block_end = block + TILE < n ? block + TILE : n;
        for (size_t other = 0; other < n; other += TILE) {
            const size_t other_end = other + TILE < n ? other + TILE : n;
            for (size_t j = block; j < block_end; j++) {
                const double *row = rows + (n - 1 - j) * n;
                for (size_t i = other; i < other_end; i++)
                    columns[i * n + j] = signs[j] * row[i];
            }
        }
    }
}

enum ssldyn_status ssldyn_eigen_symmetric_small(struct ssldyn_eigen *eigen, size_t k,
                                                const double A[], double values[], double vectors[],
                                                struct ssldyn_error *err)
{
    const size_t n = k;
    if (n > eigen->n)
        return ssldyn_fail(err, SSLDYN_EFAILED, "eigenproblem of size %zu: at most %zu was planned",
                           n, eigen->n);
    if (n == 0)
        return SSLDYN_OK;
    if (!copy_symmetric(n, A, eigen->matrix))
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "eigenvalues of a matrix with an entry that is not finite");
    const lapack_int size = (lapack_int)n;
    const lapack_int info = LAPACKE_dsyevd_work(
        LAPACK_COL_MAJOR, vectors != NULL ? 'V' : 'N', 'L', size, eigen->matrix, size,
        eigen->ascending, eigen->work, eigen->work_length, eigen->integers, eigen->integer_length);
    if (info != 0)
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "the eigenvalues of a %zu x %zu matrix did not converge (dsyevd: %d)", n,
                           n, (int)info);
    for (size_t j = 0; j < n; j++)
        values[j] = eigen->ascending[n - 1 - j];
    if (vectors != NULL) {
        double *signs = eigen->work;
        for (size_t j = 0; j < n; j++)
            signs[j] = sign_of(n, eigen->matrix + (n - 1 - j) * n);
        transpose_reversed(n, eigen->matrix, signs, vectors);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_eigen_symmetric(struct ssldyn_eigen *eigen, const double A[],
                                          double values[], double vectors[],
                                          struct ssldyn_error *err)
{
    return ssldyn_eigen_symmetric_small(eigen, eigen->n, A, values, vectors, err);
}

enum ssldyn_status ssldyn_eigenvalues_general(size_t n, double A[], double re[], double im[],
                                              struct ssldyn_error *err)
{
    if (n == 0)
        return SSLDYN_OK;
    if (n > LARGEST_SIZE)
        return ssldyn_fail(err, SSLDYN_EINPUT, "eigenproblem of size %zu: at most %d is possible",
                           n, (int)LARGEST_SIZE);
    for (size_t i = 0; i < n * n; i++) {
        if (!isfinite(A[i]))
            return ssldyn_fail(err, SSLDYN_EFAILED,
                               "eigenvalues of a matrix with an entry that is not finite");
    }
    /* LAPACK reads the transpose, which has the same eigenvalues. */
    const lapack_int size = (lapack_int)n;
    const lapack_int info =
        LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', 'N', size, A, size, re, im, NULL, 1, NULL, 1);
    if (info == LAPACK_WORK_MEMORY_ERROR)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for an eigenproblem of size %zu", n);
    if (info != 0)
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "the eigenvalues of a %zu x %zu matrix did not converge (dgeev: %d)", n,
                           n, (int)info);
    return SSLDYN_OK;
}
