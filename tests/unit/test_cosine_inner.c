/* The inner integral of the cosine loss compared with the formula in eigenvectors; and divergent
 * integrals. */
// SPDX-License-Identifier: MIT
#include "sim/loss/cosine_inner.h"

#include "sim/linalg/linalg.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/cosine_rule.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum { MOST = 11, STRIDE = 16 };

/* In the eigenvectors of A: K_ii = int u^(-1/2) phi r_i du, and of M, with m_ij = int u^(1/2) phi r_i
 * r_j du, M_ij = m_ij (C_ij + C_ji) + (i = j) sum_k m_ik C_kk. The integrals by a fine trapezoid in
 * log u. */
static void expect(size_t n, const double alpha[], const double C[], double K[], double M[])
{
    const double h = 0.02;
    memset(K, 0, n * n * sizeof *K);
    memset(M, 0, n * n * sizeof *M);
    for (int node = -4000; node <= 4000; node++) {
        const double u = exp(h * node);
        double r[MOST];
        double phi = 1.0;
        double trace = 0.0;
        for (size_t i = 0; i < n; i++) {
            r[i] = 1.0 / (1.0 + 2.0 * u * alpha[i]);
            phi *= sqrt(r[i]);
            trace += r[i] * C[i * n + i];
        }
        for (size_t i = 0; i < n; i++) {
            K[i * n + i] += h * sqrt(u) * phi * r[i];
            M[i * n + i] += h * u * sqrt(u) * phi * r[i] * trace;
            for (size_t j = 0; j < n; j++)
                M[i * n + j] += h * u * sqrt(u) * phi * r[i] * r[j] * (C[i * n + j] + C[j * n + i]);
        }
    }
}

/* A of several sizes: eigenvalues over four decades, one far below the others, and equal ones; as a
 * tridiagonal matrix, and as a diagonal one, the only form where eigenvalues are too far apart. */
START_TEST(formula_in_eigenvectors)
{
    static const size_t sizes[] = {2, 3, 8, 11};
    const size_t n = sizes[_i / 2];
    const bool tridiagonal = _i % 2 == 0;
    const size_t stride = ssldyn_cosine_inner_stride(n);
    uint64_t state = 21;
    double alpha[MOST], U[MOST * MOST], A[MOST * MOST], C[MOST * STRIDE] = {0.0};
    double packed[MOST * MOST], inside[MOST * MOST] = {0.0}, part[MOST * MOST] = {0.0};
    double diagonal[MOST], off[MOST], HT[MOST * MOST], Q[MOST * MOST] = {0.0};
    double K[MOST * STRIDE], M[MOST * STRIDE], Ke[MOST * MOST], Me[MOST * MOST];
    double workspace[(2 * MOST + 1) * STRIDE + MOST + 1];
    struct ssldyn_eigen *eigen = NULL;
    ck_assert_uint_eq(ssldyn_cosine_inner_workspace(MOST), sizeof workspace / sizeof *workspace);
    for (size_t i = 0; i < n; i++)
        alpha[i] = i == n - 1 ? 1e-4 : i % 3 == 2 ? 0.5 : pow(10.0, -(double)i / 8.0);
    draw_orthogonal(&state, n, U);
    naive_compose(n, n, U, alpha, U, A);
    draw_matrix(&state, n * n, packed);
    for (size_t i = 0; i < n; i++)
        memcpy(C + i * stride, packed + i * n, n * sizeof *C);
    ck_assert(ssldyn_eigen_create(n, &eigen, NULL) == SSLDYN_OK);
    ck_assert(ssldyn_eigen_reduce(eigen, A, diagonal, off, HT, n, NULL) == SSLDYN_OK);
    ssldyn_eigen_free(eigen);
    if (!tridiagonal) {
        memcpy(diagonal, alpha, sizeof diagonal);
        for (size_t i = 0; i < n * n; i++)
            HT[i] = U[i % n * n + i / n];
    }
    naive_add(n, n, n, 1.0, HT, false, U, false, Q); /* eigenvectors in the frame */
    naive_add(n, n, n, 1.0, Q, true, packed, false, part);
    naive_add(n, n, n, 1.0, part, false, Q, false, inside);
    expect(n, alpha, inside, Ke, Me);
    const enum ssldyn_cosine_inner_end end = ssldyn_cosine_inner(
        n, diagonal, tridiagonal ? off : NULL, SSLDYN_COSINE_FINE, C, K, M, workspace);
    ck_assert_int_eq(end,
                     tridiagonal && n < 8 ? SSLDYN_COSINE_INNER_DEEP : SSLDYN_COSINE_INNER_DONE);
    if (end != SSLDYN_COSINE_INNER_DONE)
        return;
    const double *found[2] = {K, M};
    const double *expected[2] = {Ke, Me};
    for (int which = 0; which < 2; which++) {
        double back[MOST * MOST] = {0.0};
        double size = 0.0;
        memset(part, 0, sizeof part);
        naive_add(n, n, n, 1.0, Q, false, expected[which], false, part);
        naive_add(n, n, n, 1.0, part, false, Q, true, back);
        for (size_t i = 0; i < n * n; i++)
            size = fmax(size, fabs(back[i]));
        for (size_t i = 0; i < n * n; i++)
            CHECK_CLOSE(found[which][i / n * stride + i % n], back[i], 0.0, 2e-12 * size);
    }
    for (size_t i = 0; i < n * n; i++) /* C stands for its symmetric part, doubled; rows end in
                                        * zeros */
        CHECK_CLOSE(C[i / n * stride + i % n], packed[i] + packed[i % n * n + i / n], 0.0, 1e-15);
    for (size_t j = n; j < stride; j++)
        ck_assert(K[j] == 0.0 && M[j] == 0.0);
}
END_TEST

/* A of rank one or zero: the mean of 1/|a| is infinite. */
START_TEST(ranks_that_diverge)
{
    const double diagonal[2] = {_i == 0 ? 0.0 : 1.0, _i == 2 ? (double)NAN : 0.0};
    double C[16] = {0.0};
    double K[16];
    double M[16];
    double workspace[5 * 8 + 3];
    ck_assert_int_eq(
        ssldyn_cosine_inner(2, diagonal, NULL, SSLDYN_COSINE_STANDARD, C, K, M, workspace),
        SSLDYN_COSINE_INNER_DIVERGES);
}
END_TEST

TEST_SUITE(cosine_inner)
{
    tcase_add_loop_test(tests, formula_in_eigenvectors, 0, 8);
    tcase_add_loop_test(tests, ranks_that_diverge, 0, 3);
}
