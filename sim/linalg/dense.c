/* Products and norms of dense row-major matrices. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"

#include <cblas.h>
#include <float.h>
#include <math.h>

/* BLAS counts with int: longer arrays are walked in pieces. */
enum { LONGEST = 1 << 30 };

double ssldyn_dot(size_t count, const double A[], const double B[])
{
    double sum = 0.0;
    for (size_t start = 0; start < count; start += LONGEST) {
        const size_t rest = count - start;
        const int length = rest < LONGEST ? (int)rest : LONGEST;
        sum += cblas_ddot(length, A + start, 1, B + start, 1);
    }
    return sum;
}

double ssldyn_norm(size_t count, const double A[])
{
    /* The plain sum of squares is the fast way, and exact enough unless squares leave the range. */
    const double square = ssldyn_dot(count, A, A);
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

double ssldyn_asymmetry(size_t n, const double A[])
{
    const double norm = ssldyn_norm(n * n, A);
    if (norm == 0.0)
        return 0.0;
    /* Entries are scaled before they are squared: neither sum can leave the range. */
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            const double difference = A[i * n + j] / norm - A[j * n + i] / norm;
            sum += difference * difference;
        }
    }
    return sqrt(2.0 * sum);
}

void ssldyn_multiply(size_t rows, size_t inner, size_t columns, const double A[], const double B[],
                     double C[])
{
    const int width = columns > 0 ? (int)columns : 1;
    const int depth = inner > 0 ? (int)inner : 1;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)columns, (int)inner, 1.0,
                A, depth, B, width, 0.0, C, width);
}
