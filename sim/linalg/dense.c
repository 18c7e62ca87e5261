/* Products and norms of dense row-major matrices. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

/* BLAS counts with int: longer arrays are processed in pieces. Sums have LANES partial sums, which
 * compilers vectorize. */
enum { LONGEST = 1 << 30, LANES = 16 };

double ssldyn_dense_dot(size_t count, const double A[], const double B[])
{
    double sum = 0.0;
    for (size_t start = 0; start < count; start += LONGEST) {
        const size_t rest = count - start;
        const int length = rest < LONGEST ? (int)rest : LONGEST;
        sum += cblas_ddot(length, A + start, 1, B + start, 1);
    }
    return sum;
}

double ssldyn_dense_form(size_t n, const double A[], const double v[])
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * ssldyn_dense_dot(n, A + i * n, v);
    return sum;
}

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x < y) - (x > y);
}

void ssldyn_dense_sort_descending(size_t count, double x[])
{
    qsort(x, count, sizeof(double), descending);
}

double ssldyn_dense_norm(size_t count, const double A[])
{
    /* The plain sum of squares is fast, and accurate unless a square overflows or underflows. */
    const double square = ssldyn_dense_dot(count, A, A);
    if (square > DBL_MIN / DBL_EPSILON && square <= DBL_MAX)
        return sqrt(square);
    double largest = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double size = fabs(A[i]);
        if (isnan(size))
            return size;
        if (size > largest)
            largest = size;
    }
    if (largest == 0.0 || isinf(largest))
        return largest;
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double ratio = A[i] / largest;
        sum += ratio * ratio;
    }
    return largest * sqrt(sum);
}

bool ssldyn_dense_all_finite(size_t count, const double A[])
{
    double poison[LANES] = {0.0}; /* 0 * x is NaN exactly if x is not finite */
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (size_t l = 0; l < LANES; l++)
            poison[l] += 0.0 * A[i + l];
    }
    for (; i < count; i++)
        poison[0] += 0.0 * A[i];
    bool finite = true;
    for (size_t l = 0; l < LANES; l++)
        finite = finite && poison[l] == 0.0;
    return finite;
}

double ssldyn_dense_scale_for(double size)
{
    int exponent = 0;
    (void)frexp(size, &exponent);
    return ldexp(1.0, exponent < -1000 ? 1000 : -exponent);
}

/* Sum of (scale (A_ij - A_ji))^2 over a tile below the diagonal or on it, where every pair occurs
 * twice. */
static double tile_asymmetry(size_t n, size_t row, size_t row_end, size_t column, size_t column_end,
                             const double A[], double scale)
{
    double lanes[LANES] = {0.0};
    for (size_t i = row; i < row_end; i++) {
        for (size_t j = column; j < column_end; j++) {
            const double difference = scale * A[i * n + j] - scale * A[j * n + i];
            lanes[j - column] += difference * difference;
        }
    }
    double sum = 0.0;
    for (size_t l = 0; l < LANES; l++)
        sum += lanes[l];
    return row == column ? 0.5 * sum : sum;
}

double ssldyn_dense_asymmetry(size_t n, const double A[])
{
    const double norm = ssldyn_dense_norm(n * n, A);
    if (norm == 0.0)
        return 0.0;
    /* Entries are scaled before they are squared, so that neither sum overflows or underflows. */
    const double scale = ssldyn_dense_scale_for(norm);
    double sum = 0.0;
    for (size_t i = 0; i < n; i += LANES) {
        for (size_t j = 0; j <= i; j += LANES)
            sum += tile_asymmetry(n, i, i + LANES < n ? i + LANES : n, j,
                                  j + LANES < n ? j + LANES : n, A, scale);
    }
    return sqrt(2.0 * sum) / (scale * norm);
}

void ssldyn_dense_symmetrize(size_t n, const double A[], double S[])
{
    for (size_t block = 0; block < n; block += LANES) { /* both triangles stay in cache */
        for (size_t other = 0; other <= block; other += LANES) {
            const size_t i_end = block + LANES < n ? block + LANES : n;
            for (size_t i = block; i < i_end; i++) {
                const size_t j_end = other + LANES < i + 1 ? other + LANES : i + 1;
                for (size_t j = other; j < j_end; j++) {
                    const double mean = 0.5 * A[i * n + j] + 0.5 * A[j * n + i];
                    S[i * n + j] = mean;
                    S[j * n + i] = mean;
                }
            }
        }
    }
}

void ssldyn_dense_multiply(size_t rows, size_t inner, size_t columns, const double A[],
                           const double B[], double C[])
{
    const int width = columns > 0 ? (int)columns : 1;
    const int depth = inner > 0 ? (int)inner : 1;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)columns, (int)inner, 1.0,
                A, depth, B, width, 0.0, C, width);
}
