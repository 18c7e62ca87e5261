/* Random input for tests, derivatives by Richardson extrapolation, and matrix products as plain
 * loops: all independent of the code under test. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_DRAW_H
#define SSLDYN_TESTS_DRAW_H

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Uniform in (low, high); *state is any number, and is advanced. */
static inline double draw_between(uint64_t *state, double low, double high)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return low + (high - low) * ((double)(*state >> 11) + 0.5) / (double)(UINT64_C(1) << 53);
}

/* Number i of a fixed pseudo-random sequence in (-1, 1), for starts without symmetry. */
static inline double draw_noise(size_t i)
{
    const double x = sin(12.9898 * (double)i + 4.1414) * 43758.5453;
    return 2.0 * (x - floor(x)) - 1.0;
}

/* Uniform in the logarithm. */
static inline double draw_log(uint64_t *state, double low, double high)
{
    return exp(draw_between(state, log(low), log(high)));
}

static inline void draw_matrix(uint64_t *state, size_t count, double A[])
{
    for (size_t i = 0; i < count; i++)
        A[i] = draw_between(state, -1.0, 1.0);
}

static inline void draw_symmetric(uint64_t *state, size_t n, double A[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++)
            A[i * n + j] = A[j * n + i] = draw_between(state, -1.0, 1.0);
    }
}

/* An orthogonal matrix, as a product of n reflections; n at most 128. */
static inline void draw_orthogonal(uint64_t *state, size_t n, double Q[])
{
    double v[128];

    for (size_t i = 0; i < n * n; i++)
        Q[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
    for (size_t r = 0; r < n; r++) {
        double square = 0.0;
        for (size_t i = 0; i < n; i++) {
            v[i] = draw_between(state, -1.0, 1.0);
            square += v[i] * v[i];
        }
        for (size_t i = 0; i < n; i++) {
            double dot = 0.0;
            for (size_t k = 0; k < n; k++)
                dot += Q[i * n + k] * v[k];
            for (size_t k = 0; k < n; k++)
                Q[i * n + k] -= 2.0 * dot * v[k] / square;
        }
    }
}

/* C += factor op(A) op(B), row-major; C is m x n, each sum has k terms. */
static inline void naive_add(size_t m, size_t n, size_t k, double factor, const double A[],
                             bool transpose_A, const double B[], bool transpose_B, double C[])
{
    const size_t A_row = transpose_A ? 1 : k;
    const size_t A_column = transpose_A ? m : 1;
    const size_t B_row = transpose_B ? 1 : n;
    const size_t B_column = transpose_B ? k : 1;

    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0.0;
            for (size_t l = 0; l < k; l++)
                sum += A[i * A_row + l * A_column] * B[l * B_row + j * B_column];
            C[i * n + j] += factor * sum;
        }
    }
}

/* C = U diag(d) V^T, U rows x rows, V columns x columns. */
static inline void naive_compose(size_t rows, size_t columns, const double U[], const double d[],
                                 const double V[], double C[])
{
    const size_t least = rows < columns ? rows : columns;

    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            C[i * columns + j] = 0.0;
            for (size_t k = 0; k < least; k++)
                C[i * columns + j] += U[i * rows + k] * d[k] * V[j * columns + k];
        }
    }
}

typedef void draw_function(const void *context, const double y[], double f[]);

/* Jacobian of f (m <= 32 values of n <= 32 variables) by central differences of width h and h/2, combined
 * so that the error is h^4 f'''''/120 and rounding of about eps |f|/h. */
static inline void draw_jacobian(draw_function *f, const void *context, size_t m, size_t n,
                                 const double y[], double h, double J[])
{
    double x[32];
    double at[4][32];

    ck_assert(m <= 32 && n <= 32);
    for (size_t j = 0; j < n; j++) {
        const double steps[4] = {h, -h, 0.5 * h, -0.5 * h};
        for (size_t q = 0; q < 4; q++) {
            for (size_t i = 0; i < n; i++)
                x[i] = y[i] + (i == j ? steps[q] : 0.0);
            f(context, x, at[q]);
        }
        for (size_t i = 0; i < m; i++) {
            const double wide = (at[0][i] - at[1][i]) / (2.0 * h);
            const double narrow = (at[2][i] - at[3][i]) / h;
            J[i * n + j] = (4.0 * narrow - wide) / 3.0;
        }
    }
}

#endif
