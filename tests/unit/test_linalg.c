/* Linear algebra compared with matrices made from known answers, naive loops and recomputed
 * residuals. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 70 };

static void fill(size_t count, double A[], uint64_t seed)
{
    draw_matrix(&seed, count, A);
}

static void make_orthogonal(size_t n, double Q[], uint64_t seed)
{
    draw_orthogonal(&seed, n, Q);
}

/* All kinds of spectra that occur in runs: spread, with multiplicities, rank-deficient, of both
 * signs. */
static double spectrum(int kind, size_t n, size_t j)
{
    const double x = (double)(n - j) / (double)n;
    switch (kind) {
    case 0:
        return 2.385 * x + 0.173;
    case 1:
        return j < n / 2 ? 0.585 : 0.0917;
    case 2:
        return j < (n + 2) / 3 ? exp(-3.1 * (double)j) : 0.0;
    default:
        return x - 0.519;
    }
}

static const size_t sizes[] = {1, 2, 3, 7, 16, 31, 70};
enum { SIZES = sizeof sizes / sizeof sizes[0], KINDS = 4 };

START_TEST(eigenvalues_are_those_it_was_made_from)
{
    const size_t n = sizes[_i % SIZES];
    const int kind = _i / SIZES;
    static double Q[LARGEST * LARGEST];
    static double A[LARGEST * LARGEST];
    static double U[LARGEST * LARGEST];
    double want[LARGEST];
    double got[LARGEST];
    double only[LARGEST];
    for (size_t j = 0; j < n; j++)
        want[j] = spectrum(kind, n, j);
    make_orthogonal(n, Q, 77 + (uint64_t)_i);
    naive_compose(n, n, Q, want, Q, A);
    struct ssldyn_eigen *eigen = NULL;
    struct ssldyn_error err;
    ck_assert_int_eq(ssldyn_eigen_create(n, &eigen, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, A, got, U, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, A, only, NULL, &err), SSLDYN_OK);
    /* Backward stability: each error within a modest multiple of n epsilon |A|_2; spectra are
     * O(1). */
    const double bound = 30.0 * (double)n * DBL_EPSILON * 2.6;
    for (size_t j = 0; j < n; j++) {
        CHECK_CLOSE(got[j], want[j], 0.0, bound);
        CHECK_CLOSE(only[j], want[j], 0.0, bound);
        ck_assert(j == 0 || got[j] <= got[j - 1]);
        size_t largest = 0;
        for (size_t i = 0; i < n; i++) {
            double residual = -got[j] * U[i * n + j];
            double dot = 0.0;
            for (size_t k = 0; k < n; k++) {
                residual += A[i * n + k] * U[k * n + j];
                dot += U[k * n + i] * U[k * n + j];
            }
            CHECK_CLOSE(residual, 0.0, 0.0, bound);
            CHECK_CLOSE(dot, i == j ? 1.0 : 0.0, 0.0, bound);
            if (fabs(U[i * n + j]) > fabs(U[largest * n + j]))
                largest = i;
        }
        ck_assert_msg(U[largest * n + j] > 0.0, "sign of vector %zu", j);
    }
    ssldyn_eigen_free(eigen);
}
END_TEST

/* A factor that is a power of two changes no digit, even if the squares leave the range. */
START_TEST(eigenvalues_scale_with_extreme_entries)
{
    enum { N = 40 };
    const double factors[] = {0x1p-1000, 0x1p-160, 0x1p160, 0x1p1000};
    static double A[N * N];
    static double scaled[N * N];
    static double U[N * N];
    static double V[N * N];
    double want[N];
    double only[N];
    double got[N];
    fill(N * N, A, 8);
    for (size_t i = 0; i < N * N; i++)
        scaled[i] = factors[_i] * A[i];
    struct ssldyn_eigen *eigen = NULL;
    ck_assert_int_eq(ssldyn_eigen_create(N, &eigen, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, A, want, U, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, A, only, NULL, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, scaled, got, V, NULL), SSLDYN_OK);
    for (size_t j = 0; j < N; j++)
        CHECK_CLOSE(got[j] / factors[_i], want[j], 0.0, 30.0 * (double)N * DBL_EPSILON);
    for (size_t i = 0; i < N * N; i++)
        CHECK_CLOSE(V[i], U[i], 0.0, 1e-10); /* rounding over the smallest gap, 1e-4 here */
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, scaled, got, NULL, NULL), SSLDYN_OK);
    for (size_t j = 0; j < N; j++)
        CHECK_CLOSE(got[j] / factors[_i], only[j], 0.0, 30.0 * (double)N * DBL_EPSILON);
    ssldyn_eigen_free(eigen);
}
END_TEST

START_TEST(eigen_takes_the_symmetric_part_in_place)
{
    enum { N = 9 };
    double A[N * N];
    double S[N * N];
    double in_place[N * N];
    double U[N * N];
    double values[N];
    double again[N];
    fill(N * N, A, 5);
    memcpy(in_place, A, sizeof A);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++)
            S[i * N + j] = 0.5 * A[i * N + j] + 0.5 * A[j * N + i];
    }
    struct ssldyn_eigen *eigen = NULL;
    ck_assert_int_eq(ssldyn_eigen_create(N, &eigen, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, S, values, U, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, in_place, again, in_place, NULL), SSLDYN_OK);
    ck_assert_mem_eq(values, again, sizeof values);
    ck_assert_mem_eq(U, in_place, sizeof U);
    /* A smaller problem in the same workspace gives the same as in its own workspace. */
    struct ssldyn_eigen *small = NULL;
    ck_assert_int_eq(ssldyn_eigen_create(4, &small, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric_small(eigen, 4, A, values, U, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric(small, A, again, in_place, NULL), SSLDYN_OK);
    for (size_t j = 0; j < 4; j++)
        CHECK_CLOSE(values[j], again[j], 0.0, 60.0 * DBL_EPSILON);
    ssldyn_eigen_free(small);
    ssldyn_eigen_free(eigen);
}
END_TEST

START_TEST(eigen_refuses_what_is_not_finite)
{
    double A[9] = {1, 2, 3, 2, 5, 6, 3, 6, 9};
    double values[3] = {-7.0, -7.0, -7.0};
    struct ssldyn_eigen *eigen = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_eigen_create(3, &eigen, &err), SSLDYN_OK);
    A[_i] = _i % 2 == 0 ? (double)INFINITY : (double)NAN;
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, A, values, NULL, &err), SSLDYN_EFAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "finite"));
    ck_assert_double_eq(values[1], -7.0);
    ssldyn_eigen_free(eigen);
    ssldyn_eigen_free(NULL);
}
END_TEST

START_TEST(norms_neither_overflow_nor_underflow)
{
    static const double scales[] = {1.0, 1e-320, 1e-200, 1e-154, 1e154, 3e307};
    const double scale = scales[_i];
    const double A[4] = {0.3 * scale, -0.4 * scale, 0.0, 1.2 * scale};
    /* .09 + .16 + 1.44 = 1.69; a subnormal number has few digits left. */
    CHECK_CLOSE(ssldyn_dense_norm(4, A) / scale, 1.3, _i == 1 ? 1e-3 : 1e-15, 0.0);
    const double B[4] = {0.0, scale, 0.0, 0.0};
    CHECK_CLOSE(ssldyn_dense_asymmetry(2, B), sqrt(2.0), 1e-14, 0.0);
}
END_TEST

START_TEST(norm_edges)
{
    const double zero[4] = {0.0, 0.0, 0.0, 0.0};
    const double skew[4] = {0.0, 1.7, -1.7, 0.0};
    const double bad[2] = {1e300, (double)NAN};
    ck_assert_double_eq(ssldyn_dense_norm(4, zero), 0.0);
    ck_assert_double_eq(ssldyn_dense_norm(0, zero), 0.0);
    ck_assert_double_eq(ssldyn_dense_asymmetry(2, zero), 0.0);
    CHECK_CLOSE(ssldyn_dense_asymmetry(2, skew), 2.0, 1e-15, 0.0); /* |A - A^T| = 2 |A| */
    ck_assert_double_nan(ssldyn_dense_norm(2, bad));
}
END_TEST

/* In tiles, complete and partial, in place and not. */
START_TEST(symmetric_part)
{
    const size_t n = sizes[_i];
    double A[LARGEST * LARGEST] = {0.0};
    double S[LARGEST * LARGEST];
    for (size_t i = 0; i < n * n; i++)
        A[i] = sin(1.0 + 3.7 * (double)i);
    ssldyn_dense_symmetrize(n, A, S);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            ck_assert_double_eq(S[i * n + j], 0.5 * (A[i * n + j] + A[j * n + i]));
    }
    ssldyn_dense_symmetrize(n, A, A);
    ck_assert_mem_eq(A, S, n * n * sizeof *A);
}
END_TEST

START_TEST(products_equal_loops)
{
    enum { ROWS = 5, INNER = 11, COLUMNS = 3 };
    double A[ROWS * INNER];
    double B[INNER * COLUMNS];
    double C[ROWS * COLUMNS];
    fill(ROWS * INNER, A, 3);
    fill(INNER * COLUMNS, B, 4);
    ssldyn_dense_multiply(ROWS, INNER, COLUMNS, A, B, C);
    double dot = 0.0;
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < INNER; k++)
                sum += A[i * INNER + k] * B[k * COLUMNS + j];
            CHECK_CLOSE(C[i * COLUMNS + j], sum, 0.0, 2.0 * (double)INNER * DBL_EPSILON);
            dot += C[i * COLUMNS + j] * C[i * COLUMNS + j];
        }
    }
    CHECK_CLOSE(ssldyn_dense_dot(ROWS * COLUMNS, C, C), dot, 1e-14, 0.0);
}
END_TEST

START_TEST(lu_solves)
{
    enum { N = 13 };
    double A[N * N];
    double LU[N * N];
    double x[N];
    double b[N];
    int pivots[N];
    fill(N * N, A, 21);
    fill(N, x, 22);
    for (size_t i = 0; i < N; i++) {
        b[i] = 0.0;
        for (size_t k = 0; k < N; k++)
            b[i] += A[i * N + k] * x[k];
    }
    memcpy(LU, A, sizeof A);
    ck_assert_int_eq(ssldyn_lu_factor(N, LU, pivots, NULL), SSLDYN_OK);
    ssldyn_lu_solve(N, LU, pivots, b);
    for (size_t i = 0; i < N; i++)
        CHECK_CLOSE(b[i], x[i], 0.0, 1e-12); /* condition number of order 100 */
}
END_TEST

START_TEST(lu_solves_complex)
{
    enum { N = 6 };
    double A[2 * N * N];
    double LU[2 * N * N];
    double x[2 * N];
    double b[2 * N];
    int pivots[N];
    fill(2 * N * N, A, 31);
    fill(2 * N, x, 32);
    for (size_t i = 0; i < N; i++) {
        b[2 * i] = b[2 * i + 1] = 0.0;
        for (size_t k = 0; k < N; k++) {
            const double *a = A + 2 * (i * N + k);
            b[2 * i] += a[0] * x[2 * k] - a[1] * x[2 * k + 1];
            b[2 * i + 1] += a[0] * x[2 * k + 1] + a[1] * x[2 * k];
        }
    }
    memcpy(LU, A, sizeof A);
    ck_assert_int_eq(ssldyn_lu_factor_complex(N, LU, pivots, NULL), SSLDYN_OK);
    ssldyn_lu_solve_complex(N, LU, pivots, b);
    for (size_t i = 0; i < 2 * N; i++)
        CHECK_CLOSE(b[i], x[i], 0.0, 1e-12);
}
END_TEST

START_TEST(lu_refuses_singular)
{
    double A[4] = {1.5, 3.0, 0.5, 1.0};
    double Z[8] = {0};
    int pivots[2];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_lu_factor(2, A, pivots, &err), SSLDYN_EFAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "singular"));
    ck_assert_int_eq(ssldyn_lu_factor_complex(2, Z, pivots, &err), SSLDYN_EFAILED);
}
END_TEST

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

START_TEST(general_eigenvalues)
{
    /* Blocks [a b; -b a] have a +- i b; an orthogonal similarity changes neither. */
    enum { N = 5 };
    double B[N * N] = {0};
    double Q[N * N];
    double A[N * N];
    double re[N];
    double im[N];
    B[0] = B[6] = 0.7;
    B[1] = 1.9;
    B[5] = -1.9;
    B[12] = -0.31;
    B[18] = 2.5;
    B[24] = 3.75;
    B[19] = 11.0; /* not normal */
    make_orthogonal(N, Q, 41);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < N; k++) {
                for (size_t l = 0; l < N; l++)
                    sum += Q[i * N + k] * B[k * N + l] * Q[j * N + l];
            }
            A[i * N + j] = sum;
        }
    }
    ck_assert_int_eq(ssldyn_eigen_general_values(N, A, re, im, NULL), SSLDYN_OK);
    double positive = 0.0;
    for (size_t j = 0; j < N; j++) {
        if (fabs(im[j]) > 1e-9)
            positive += im[j] > 0.0 ? im[j] : 0.0;
    }
    CHECK_CLOSE(positive, 1.9, 1e-12, 0.0);
    qsort(re, N, sizeof re[0], ascending);
    const double want[N] = {-0.31, 0.7, 0.7, 2.5, 3.75};
    for (size_t j = 0; j < N; j++)
        CHECK_CLOSE(re[j], want[j], 1e-12, 0.0);
    A[3] = (double)NAN;
    ck_assert_int_eq(ssldyn_eigen_general_values(N, A, re, im, NULL), SSLDYN_EFAILED);
}
END_TEST

START_TEST(blas_has_a_name)
{
    ssldyn_linalg_single_thread();
    ck_assert_uint_gt(strlen(ssldyn_linalg_name()), 3);
}
END_TEST

/* A = H T H^T with H orthogonal; the rows of H^T are stored with a stride. */
START_TEST(reduction_to_tridiagonal_form)
{
    const size_t n = 1 + 3 * (size_t)_i;
    const size_t stride = n + 3;
    uint64_t state = 5;
    double A[100], T[100] = {0.0}, HT[130], back[100] = {0.0}, part[100] = {0.0}, one[100] = {0.0};
    double packed[100], diagonal[10], off_diagonal[10];
    struct ssldyn_eigen *eigen = NULL;
    draw_matrix(&state, n * n, A);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            A[i * n + j] = A[j * n + i];
    }
    ck_assert(ssldyn_eigen_create(n, &eigen, NULL) == SSLDYN_OK);
    ck_assert(ssldyn_eigen_reduce(eigen, A, diagonal, off_diagonal, HT, stride, NULL) == SSLDYN_OK);
    for (size_t i = 0; i < n; i++) {
        memcpy(packed + i * n, HT + i * stride, n * sizeof *packed);
        T[i * n + i] = diagonal[i];
        if (i + 1 < n)
            T[i * n + i + 1] = T[(i + 1) * n + i] = off_diagonal[i];
    }
    naive_add(n, n, n, 1.0, packed, true, T, false, part);
    naive_add(n, n, n, 1.0, part, false, packed, false, back);
    naive_add(n, n, n, 1.0, packed, true, packed, false, one);
    for (size_t i = 0; i < n * n; i++) {
        CHECK_CLOSE(back[i], A[i], 0.0, 1e-14 * (double)n);
        CHECK_CLOSE(one[i], i % (n + 1) == 0 ? 1.0 : 0.0, 0.0, 1e-14);
    }
    A[n * n - 1] = (double)NAN;
    ck_assert(ssldyn_eigen_reduce(eigen, A, diagonal, off_diagonal, HT, stride, NULL) ==
              SSLDYN_EFAILED);
    ssldyn_eigen_free(eigen);
}
END_TEST

/* A = U diag(s) VT with as many columns in U as rows in A, for wide, square and tall A. */
START_TEST(singular_values)
{
    static const size_t shapes[][2] = {{2, 5}, {4, 4}, {6, 3}, {1, 1}};
    const size_t rows = shapes[_i][0];
    const size_t columns = shapes[_i][1];
    const size_t r = rows < columns ? rows : columns;
    uint64_t state = 9;
    double A[24], copy[24], U[36], s[6], VT[24], back[24] = {0.0}, one[36] = {0.0}, scaled[36];
    struct ssldyn_svd *svd = NULL;
    draw_matrix(&state, rows * columns, A);
    memcpy(copy, A, sizeof copy);
    ck_assert(ssldyn_svd_create(rows, columns, &svd, NULL) == SSLDYN_OK);
    ck_assert(ssldyn_svd_decompose(svd, copy, U, s, VT, NULL) == SSLDYN_OK);
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < r; k++)
            scaled[i * r + k] = U[i * rows + k] * s[k];
    }
    naive_add(rows, columns, r, 1.0, scaled, false, VT, false, back);
    naive_add(rows, rows, rows, 1.0, U, true, U, false, one);
    for (size_t i = 0; i < rows * columns; i++)
        CHECK_CLOSE(back[i], A[i], 0.0, 1e-14);
    for (size_t i = 0; i < rows * rows; i++)
        CHECK_CLOSE(one[i], i % (rows + 1) == 0 ? 1.0 : 0.0, 0.0, 1e-14);
    for (size_t k = 1; k < r; k++)
        ck_assert(s[k - 1] >= s[k] && s[k] >= 0.0);
    A[0] = (double)INFINITY;
    ck_assert(ssldyn_svd_decompose(svd, A, U, s, VT, NULL) == SSLDYN_EFAILED);
    ssldyn_svd_free(svd);
}
END_TEST

/* A pair made as a = K b + r with a known K: B^(1/2) squares to B, C B^(-1/2) gives C back, and what b
 * does not determine of a is the covariance of r; then where a is b, and with too large a C. */
START_TEST(canonical_correlations)
{
    enum { N = 4, M = 3 };
    uint64_t state = 11;
    double factor[M * M];
    double of_r[N * N];
    double K[N * M];
    double A[N * N] = {0.0};
    double B[M * M] = {0.0};
    double R[N * N] = {0.0};
    double C[N * M] = {0.0};
    double root[M * M];
    double half[N * M];
    double rest[N * N];
    double back[N * M] = {0.0};
    double square[M * M] = {0.0};
    double largest = 0.0;
    double missed = 0.0;
    draw_matrix(&state, M * M, factor);
    draw_matrix(&state, N * N, of_r);
    draw_matrix(&state, N * M, K);
    naive_add(M, M, M, 1.0, factor, false, factor, true, B);
    naive_add(N, N, N, 1.0, of_r, false, of_r, true, R);
    naive_add(N, M, M, 1.0, K, false, B, false, C); /* E a b^T = K B */
    naive_add(N, N, M, 1.0, C, false, K, true, A);
    for (size_t i = 0; i < N * N; i++)
        A[i] += R[i];
    ck_assert(ssldyn_canonical(N, M, A, B, C, root, half, rest, &largest, &missed, NULL) ==
              SSLDYN_OK);
    naive_add(M, M, M, 1.0, root, false, root, false, square);
    naive_add(N, M, M, 1.0, half, false, root, false, back);
    for (size_t i = 0; i < M * M; i++)
        CHECK_CLOSE(square[i], B[i], 0.0, 1e-13);
    for (size_t i = 0; i < N * M; i++)
        CHECK_CLOSE(back[i], C[i], 0.0, 1e-13);
    for (size_t i = 0; i < N * N; i++)
        CHECK_CLOSE(rest[i], R[i], 0.0, 1e-12);
    ck_assert(largest > 0.0 && largest < 1.0 && missed < 1e-12);
    /* b and b: nothing is left, to the square root's rounding squared */
    ck_assert(ssldyn_canonical(M, M, B, B, B, NULL, NULL, rest, &largest, &missed, NULL) ==
              SSLDYN_OK);
    for (size_t i = 0; i < M * M; i++)
        CHECK_CLOSE(rest[i], 0.0, 0.0, 1e-12);
    CHECK_CLOSE(largest, 1.0, 0.0, 1e-12);
    for (size_t i = 0; i < N * M; i++)
        C[i] *= 3.0 / largest;
    ck_assert(ssldyn_canonical(N, M, A, B, C, NULL, NULL, rest, &largest, &missed, NULL) ==
              SSLDYN_OK);
    ck_assert_double_gt(largest, 1.0);
}
END_TEST

/* A correlation along a direction without variance is missed, and nothing else is. */
START_TEST(correlation_with_what_does_not_vary)
{
    const double A[] = {2, 0, 0, 1};
    const double B[] = {1, 0, 0, 0};
    const double C[] = {0.6, 0.8, 0, 0};
    double rest[4];
    double largest = 0.0;
    double missed = 0.0;
    ck_assert(ssldyn_canonical(2, 2, A, B, C, NULL, NULL, rest, &largest, &missed, NULL) ==
              SSLDYN_OK);
    CHECK_CLOSE(missed, 0.8, 1e-14, 0.0);
    CHECK_CLOSE(largest, 0.6 / sqrt(2.0), 1e-14, 0.0);
    CHECK_CLOSE(rest[0], 2.0 - 0.36, 1e-14, 0.0);
    CHECK_CLOSE(rest[3], 1.0, 1e-14, 0.0);
}
END_TEST

TEST_SUITE(linalg)
{
    tcase_add_test(tests, canonical_correlations);
    tcase_add_test(tests, correlation_with_what_does_not_vary);
    tcase_add_loop_test(tests, reduction_to_tridiagonal_form, 0, 4);
    tcase_add_loop_test(tests, singular_values, 0, 4);
    tcase_add_loop_test(tests, eigenvalues_are_those_it_was_made_from, 0, SIZES * KINDS);
    tcase_add_loop_test(tests, eigenvalues_scale_with_extreme_entries, 0, 4);
    tcase_add_test(tests, eigen_takes_the_symmetric_part_in_place);
    tcase_add_loop_test(tests, eigen_refuses_what_is_not_finite, 0, 9);
    tcase_add_loop_test(tests, norms_neither_overflow_nor_underflow, 0, 6);
    tcase_add_test(tests, norm_edges);
    tcase_add_loop_test(tests, symmetric_part, 0, SIZES);
    tcase_add_test(tests, products_equal_loops);
    tcase_add_test(tests, lu_solves);
    tcase_add_test(tests, lu_solves_complex);
    tcase_add_test(tests, lu_refuses_singular);
    tcase_add_test(tests, general_eigenvalues);
    tcase_add_test(tests, blas_has_a_name);
}
