/* Eigenproblems with LAPACK. Symmetric: Householder tridiagonalization, then divide and conquer for
 * eigenvectors, or tridiagonal.c for eigenvalues only. General: eigenvalues by dgeev. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"

#include "sim/base/memory.h"
#include "sim/linalg/tridiagonal.h"

#include <complex.h>
#define lapack_complex_float float _Complex
#define lapack_complex_double double _Complex
#include <lapacke.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* n^2 doubles of workspace must fit into LAPACK's integer type. */
enum { LARGEST_SIZE = 30000, TILE = 16 };

struct ssldyn_eigen {
    size_t n;
    double *matrix;       /* n x n: its triangle, then the Householder vectors */
    double *vectors;      /* n x n: eigenvectors of the tridiagonal form */
    double *diagonal;     /* n; then the eigenvalues, ascending */
    double *off_diagonal; /* n */
    double *reflectors;   /* n: LAPACK's tau */
    double *guesses;      /* n */
    double *ascending;    /* n */
    double *lanes;        /* workspace of tridiagonal.c */
    double *work;
    double *block; /* holds all of the above */
    lapack_int *integers;
    lapack_int work_length;
    lapack_int integer_length;
};

/* The largest workspace that any of the steps needs. */
static void plan(struct ssldyn_eigen *eigen)
{
    const lapack_int n = (lapack_int)eigen->n;
    double lengths[4] = {1.0, 1.0, 1.0, 1.0};
    lapack_int integers = 1;
    if (n > 0) {
        (void)LAPACKE_dsytrd_work(LAPACK_COL_MAJOR, 'L', n, NULL, n, NULL, NULL, NULL, &lengths[0],
                                  -1);
        (void)LAPACKE_dstedc_work(LAPACK_COL_MAJOR, 'I', n, NULL, NULL, NULL, n, &lengths[1], -1,
                                  &integers, -1);
        (void)LAPACKE_dormtr_work(LAPACK_COL_MAJOR, 'R', 'L', 'T', n, n, NULL, n, NULL, NULL, n,
                                  &lengths[2], -1);
        (void)LAPACKE_dorgtr_work(LAPACK_COL_MAJOR, 'L', n, NULL, n, NULL, &lengths[3], -1);
    }
    eigen->work_length =
        (lapack_int)fmax(fmax(lengths[0], lengths[1]), fmax(lengths[2], lengths[3]));
    eigen->integer_length = integers;
}

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
    plan(fresh);
    const struct ssldyn_memory_part parts[] = {
        {&fresh->matrix, n * n},
        {&fresh->vectors, n * n},
        {&fresh->diagonal, n},
        {&fresh->off_diagonal, n},
        {&fresh->reflectors, n},
        {&fresh->guesses, n},
        {&fresh->ascending, n},
        {&fresh->lanes, ssldyn_tridiagonal_workspace(n)},
        {&fresh->work, (size_t)fresh->work_length},
    };
    fresh->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    fresh->integers = ssldyn_memory_array((size_t)fresh->integer_length, sizeof(lapack_int));
    if (fresh->block == NULL || fresh->integers == NULL) {
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
    free(eigen->block);
    free(eigen->integers);
    free(eigen);
}

/* One row of a tile of the symmetric part; sizes[] holds the largest magnitudes, and poison[]
 * becomes NaN if an entry is not finite (0 * x is). */
static void copy_tile_row(size_t n, size_t i, size_t first, size_t end, const double A[],
                          double matrix[], double sizes[TILE], double poison[TILE])
{
    for (size_t j = first; j < end; j++) {
        const double value = 0.5 * A[i * n + j] + 0.5 * A[j * n + i];
        const double size = fabs(value);
        matrix[i * n + j] = value;
        sizes[j - first] = size > sizes[j - first] ? size : sizes[j - first];
        poison[j - first] += 0.0 * value;
    }
}

/* Copies the symmetric part of A into the triangle that LAPACK reads (column-major lower, which is
 * the upper triangle of the row-major matrix), and finds its largest magnitude; false if an entry
 * is not finite. */
static bool copy_symmetric(size_t n, const double A[], double matrix[], double *largest)
{
    double sizes[TILE] = {0.0};
    double poison[TILE] = {0.0};
    for (size_t block = 0; block < n; block += TILE) {
        const size_t block_end = block + TILE < n ? block + TILE : n;
        for (size_t i = block; i < block_end; i++)
            copy_tile_row(n, i, i, block_end, A, matrix, sizes, poison);
        for (size_t other = block_end; other < n; other += TILE) {
            const size_t other_end = other + TILE < n ? other + TILE : n;
            for (size_t i = block; i < block_end; i++)
                copy_tile_row(n, i, other, other_end, A, matrix, sizes, poison);
        }
    }
    bool finite = true;
    *largest = 0.0;
    for (size_t l = 0; l < TILE; l++) {
        *largest = fmax(*largest, sizes[l]);
        finite = finite && poison[l] == 0.0;
    }
    return finite;
}

/* Insertion sort: diagonals tend to be sorted already, and n^2 is small compared with the rest. */
static void sort_ascending(size_t n, double x[])
{
    for (size_t i = 1; i < n; i++) {
        const double value = x[i];
        size_t place = i;
        for (; place > 0 && x[place - 1] > value; place--)
            x[place] = x[place - 1];
        x[place] = value;
    }
}

static bool all_zero(size_t count, const double x[])
{
    size_t i = 0;
    while (i < count && x[i] == 0.0)
        i++;
    return i == count;
}

/* Ascending eigenvalues of the tridiagonal form; false if QR does not converge. */
static bool values_alone(struct ssldyn_eigen *eigen, size_t n)
{
    if (all_zero(n - 1, eigen->off_diagonal)) {
        memcpy(eigen->ascending, eigen->diagonal, n * sizeof(double));
        sort_ascending(n, eigen->ascending);
        return true;
    }
    if (ssldyn_tridiagonal_values(n, eigen->diagonal, eigen->off_diagonal, eigen->guesses,
                                  eigen->ascending, eigen->lanes))
        return true;
    memcpy(eigen->ascending, eigen->diagonal, n * sizeof(double));
    return LAPACKE_dsterf_work((lapack_int)n, eigen->ascending, eigen->off_diagonal) == 0;
}

/* Rows (of the row-major view, ascending) become columns in descending order. Tiles keep both sides
 * in cache. */
static void transpose_reversed(size_t n, const double rows[], double columns[])
{
    for (size_t block = 0; block < n; block += TILE) {
        const size_t block_end = block + TILE < n ? block + TILE : n;
        for (size_t other = 0; other < n; other += TILE) {
            const size_t other_end = other + TILE < n ? other + TILE : n;
            for (size_t j = block; j < block_end; j++) {
                const double *row = rows + (n - 1 - j) * n;
                for (size_t i = other; i < other_end; i++)
                    columns[i * n + j] = row[i];
            }
        }
    }
}

/* Makes the entry of largest magnitude of each column (the first of equals) positive. */
static void fix_signs(size_t n, double columns[], double largest[], double signs[])
{
    for (size_t j = 0; j < n; j++)
        largest[j] = signs[j] = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double *row = columns + i * n;
        for (size_t j = 0; j < n; j++) {
            const double size = fabs(row[j]);
            const bool larger = size > largest[j];
            signs[j] = larger ? row[j] : signs[j];
            largest[j] = larger ? size : largest[j];
        }
    }
    for (size_t j = 0; j < n; j++)
        signs[j] = signs[j] < 0.0 ? -1.0 : 1.0;
    for (size_t i = 0; i < n; i++) {
        double *row = columns + i * n;
        for (size_t j = 0; j < n; j++)
            row[j] *= signs[j];
    }
}

/* Eigenvectors as columns, and ascending eigenvalues. The reflections are applied to the transposed
 * eigenvectors from the right: LAPACK does this 1.5 times as fast as from the left on the vectors,
 * and the result is already in the layout that is needed. */
static bool values_and_vectors(struct ssldyn_eigen *eigen, size_t n, double vectors[])
{
    const lapack_int size = (lapack_int)n;
    if (LAPACKE_dstedc_work(LAPACK_COL_MAJOR, 'I', size, eigen->diagonal, eigen->off_diagonal,
                            eigen->vectors, size, eigen->work, eigen->work_length, eigen->integers,
                            eigen->integer_length) != 0)
        return false;
    memcpy(eigen->ascending, eigen->diagonal, n * sizeof(double));
    transpose_reversed(n, eigen->vectors, vectors);
    (void)LAPACKE_dormtr_work(LAPACK_COL_MAJOR, 'R', 'L', 'T', size, size, eigen->matrix, size,
                              eigen->reflectors, vectors, size, eigen->work, eigen->work_length);
    fix_signs(n, vectors, eigen->diagonal, eigen->off_diagonal);
    return true;
}

enum ssldyn_status ssldyn_eigen_symmetric_small(struct ssldyn_eigen *eigen, size_t k,
                                                const double A[], double values[], double vectors[],
                                                struct ssldyn_error *err)
{
    const size_t n = k;
    if (n > eigen->n)
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "eigenproblem of size %zu: the workspace is for at most %zu", n,
                           eigen->n);
    if (n == 0)
        return SSLDYN_OK;
    double largest;
    if (!copy_symmetric(n, A, eigen->matrix, &largest))
        return ssldyn_fail(
            err, SSLDYN_EFAILED,
            "cannot compute eigenvalues: the matrix has an entry that is not finite");
    /* Matrices with extreme entries are scaled so that no square overflows or underflows. */
    const bool extreme = largest > 0.0 && !(largest > 1e-45 && largest < 1e45);
    const double scale = extreme ? ssldyn_dense_scale_for(largest) : 1.0;
    for (size_t i = 0; extreme && i < n; i++) {
        for (size_t j = i; j < n; j++)
            eigen->matrix[i * n + j] *= scale;
    }
    for (size_t i = 0; i < n; i++)
        eigen->guesses[n - 1 - i] = eigen->matrix[i * n + i];
    sort_ascending(n, eigen->guesses);
    const lapack_int size = (lapack_int)n;
    (void)LAPACKE_dsytrd_work(LAPACK_COL_MAJOR, 'L', size, eigen->matrix, size, eigen->diagonal,
                              eigen->off_diagonal, eigen->reflectors, eigen->work,
                              eigen->work_length);
    if (!(vectors != NULL ? values_and_vectors(eigen, n, vectors) : values_alone(eigen, n)))
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "the eigenvalues of a %zu x %zu matrix did not converge", n, n);
    for (size_t j = 0; j < n; j++)
        values[j] = eigen->ascending[n - 1 - j] / scale;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_eigen_symmetric(struct ssldyn_eigen *eigen, const double A[],
                                          double values[], double vectors[],
                                          struct ssldyn_error *err)
{
    return ssldyn_eigen_symmetric_small(eigen, eigen->n, A, values, vectors, err);
}

/* The columns of LAPACK's H are the rows of H^T. */
enum ssldyn_status ssldyn_eigen_reduce(struct ssldyn_eigen *eigen, const double A[],
                                       double diagonal[], double off_diagonal[], double HT[],
                                       size_t stride, struct ssldyn_error *err)
{
    const size_t n = eigen->n;
    const lapack_int size = (lapack_int)n;
    double largest;
    if (!copy_symmetric(n, A, eigen->matrix, &largest))
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "no tridiagonal form: an entry of the matrix is not finite");
    (void)LAPACKE_dsytrd_work(LAPACK_COL_MAJOR, 'L', size, eigen->matrix, size, diagonal,
                              off_diagonal, eigen->reflectors, eigen->work, eigen->work_length);
    (void)LAPACKE_dorgtr_work(LAPACK_COL_MAJOR, 'L', size, eigen->matrix, size, eigen->reflectors,
                              eigen->work, eigen->work_length);
    for (size_t j = 0; j < n; j++)
        memcpy(HT + j * stride, eigen->matrix + j * n, n * sizeof *HT);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_eigen_general_values(size_t n, double A[], double re[], double im[],
                                               struct ssldyn_error *err)
{
    if (n == 0)
        return SSLDYN_OK;
    if (n > LARGEST_SIZE)
        return ssldyn_fail(err, SSLDYN_EINPUT, "eigenproblem of size %zu: at most %d is possible",
                           n, (int)LARGEST_SIZE);
    for (size_t i = 0; i < n * n; i++) {
        if (!isfinite(A[i]))
            return ssldyn_fail(
                err, SSLDYN_EFAILED,
                "cannot compute eigenvalues: the matrix has an entry that is not finite");
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

enum ssldyn_status ssldyn_eigen_once(size_t n, const double A[], double values[], double vectors[],
                                     struct ssldyn_error *err)
{
    struct ssldyn_eigen *eigen = NULL;
    enum ssldyn_status status = ssldyn_eigen_create(n, &eigen, err);
    if (status == SSLDYN_OK)
        status = ssldyn_eigen_symmetric(eigen, A, values, vectors, err);
    ssldyn_eigen_free(eigen);
    return status;
}
