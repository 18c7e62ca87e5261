/* The basis of a pair (x, y) with different distributions: its matrices are the user's in that basis, and
 * covariances that no pair has are refused by name. */
// SPDX-License-Identifier: MIT
#include "sim/run/moments_basis.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <string.h>

enum { N = 3 };

/* The covariances of 2N numbers, x first. */
static void make_pair(uint64_t seed, double Sxx[N * N], double Syx[N * N], double Syy[N * N])
{
    double factor[4 * N * N];
    double S[4 * N * N] = {0.0};
    draw_matrix(&seed, 4 * N * N, factor);
    naive_add(2 * N, 2 * N, 2 * N, 1.0, factor, false, factor, true, S);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            Sxx[i * N + j] = S[i * 2 * N + j];
            Syx[i * N + j] = S[(N + i) * 2 * N + j];
            Syy[i * N + j] = S[(N + i) * 2 * N + N + j];
        }
    }
}

/* Q B Q^T against A */
static void check_turned(const double Q[], const double B[], const double A[])
{
    double QB[N * N] = {0.0};
    double back[N * N] = {0.0};
    naive_add(N, N, N, 1.0, Q, false, B, false, QB);
    naive_add(N, N, N, 1.0, QB, false, Q, true, back);
    for (size_t i = 0; i < N * N; i++)
        CHECK_CLOSE(back[i], A[i], 0.0, 1e-13);
}

START_TEST(matrices_come_back)
{
    double Sxx[N * N];
    double Syx[N * N];
    double Syy[N * N];
    double diagonal[N * N] = {0.0};
    struct ssldyn_moments_basis *basis = NULL;
    make_pair(5, Sxx, Syx, Syy);
    const struct ssldyn_moments_pair pair = {.n1 = N,
                                             .Sxx = Sxx,
                                             .Syx = Syx,
                                             .Syy = _i ? Syy : NULL,
                                             .Sxx_name = "Sxx",
                                             .Syx_name = "Syx",
                                             .Syy_name = "Syy"};
    ck_assert_int_eq(ssldyn_moments_basis_of_pair(&pair, &basis, NULL), SSLDYN_OK);
    ck_assert(basis->moments.pair && basis->moments.kind == SSLDYN_MOMENTS_HALF);
    ck_assert((basis->moments.second != NULL) == (_i == 1));
    ck_assert((basis->moments.rest != NULL) == (_i == 1));
    for (size_t j = 0; j < N; j++)
        diagonal[j * (N + 1)] = basis->moments.sum[j];
    check_turned(basis->Q, diagonal, Sxx);
    check_turned(basis->Q, basis->moments.X, Syx);
    if (_i) {
        /* rest = Syy - Syx Sxx^-1 Syx^T, in the basis where Sxx is diagonal */
        double expected[N * N];
        check_turned(basis->Q, basis->moments.second, Syy);
        for (size_t i = 0; i < N * N; i++) {
            expected[i] = basis->second[i];
            for (size_t k = 0; k < N; k++)
                expected[i] -= basis->X[i / N * N + k] * basis->X[i % N * N + k] / basis->sum[k];
            CHECK_CLOSE(basis->moments.rest[i], expected[i], 0.0, 1e-12);
        }
    }
    ssldyn_moments_basis_free(basis);
}
END_TEST

static void expect_refused(const struct ssldyn_moments_pair *pair, const char *what)
{
    struct ssldyn_moments_basis *basis = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_moments_basis_of_pair(pair, &basis, &err), SSLDYN_EINPUT);
    ck_assert_ptr_null(basis);
    ck_assert_msg(strstr(err.message, what) != NULL, "%s: says %s", what, err.message);
}

START_TEST(what_no_pair_has_is_refused)
{
    static const double one[] = {1, 0, 0, 1};
    static const double skew[] = {1, 1, 0, 1};
    static const double indefinite[] = {1, 0, 0, -1};
    static const double large[] = {0, 2, 0, 0};
    static const double flat[] = {1, 0, 0, 0};
    static const double sideways[] = {0.5, 0.3, 0, 0};
    static const double zero[4] = {0.0};
    static const double infinite[] = {1, 0, 0, (double)INFINITY};
    struct ssldyn_moments_pair pair = {2, 0, one, one, one, "Sxx", "Syx", "Syy"};
    pair.Sxx = skew;
    expect_refused(&pair, "Sxx: must be a covariance, but is not symmetric");
    pair.Sxx = indefinite;
    expect_refused(&pair, "Sxx: must be a covariance, but has the eigenvalue");
    pair.Sxx = zero;
    expect_refused(&pair, "Sxx: is zero");
    pair.Sxx = infinite;
    expect_refused(&pair, "Sxx: holds entries that are not finite");
    pair.Sxx = one;
    pair.Syx = infinite;
    expect_refused(&pair, "Syx: holds entries that are not finite");
    pair.Syx = one;
    pair.Syy = skew;
    expect_refused(&pair, "Syy: must be a covariance, but is not symmetric");
    pair.Syy = one;
    pair.Syx = large;
    expect_refused(&pair, "a correlation above 1");
    pair.Syx = sideways; /* y follows the second direction of x, in which it does not vary */
    pair.Sxx = flat;
    expect_refused(&pair, "Syx: has components along directions in which Sxx has no variance");
    pair.Sxx = one;
    pair.Syx = sideways; /* the first number of y does all of it */
    pair.Syy = flat;
    struct ssldyn_moments_basis *basis = NULL;
    ck_assert_int_eq(ssldyn_moments_basis_of_pair(&pair, &basis, NULL), SSLDYN_OK);
    ssldyn_moments_basis_free(basis);
    pair.n1 = 0;
    expect_refused(&pair, "the matrix is empty");
}
END_TEST

/* MAE: y has two numbers, x three; Syx and Syy stay in y's coordinates. */
START_TEST(data_keep_their_own_coordinates)
{
    enum { M = 2 };
    double Sxx[N * N];
    double others[N * N];
    double Syx[M * N];
    double turned[M * N] = {0.0};
    double Syy[M * M] = {0.0};
    double expected = 0.0;
    uint64_t state = 9;
    struct ssldyn_moments_basis *basis = NULL;
    make_pair(6, Sxx, others, others);
    draw_matrix(&state, M * N, Syx);
    for (size_t i = 0; i < M; i++)
        Syy[i * (M + 1)] = 40.0;
    const struct ssldyn_moments_pair pair = {N, M, Sxx, Syx, Syy, "Sxx", "Syx", "Syy"};
    ck_assert_int_eq(ssldyn_moments_basis_of_pair(&pair, &basis, NULL), SSLDYN_OK);
    ck_assert(!basis->moments.pair && basis->moments.predicted == M);
    naive_add(M, N, N, 1.0, Syx, false, basis->Q, false, turned);
    for (size_t i = 0; i < M * N; i++) {
        CHECK_CLOSE(basis->moments.predicts[i], turned[i], 0.0, 1e-14);
        expected -= turned[i] * turned[i] / basis->moments.sum[i % N];
    }
    CHECK_CLOSE(basis->moments.unexplained, 80.0 + expected, 1e-12, 0.0);
    ssldyn_moments_basis_free(basis);
}
END_TEST

TEST_SUITE(moments_pair)
{
    tcase_add_test(tests, data_keep_their_own_coordinates);
    tcase_add_loop_test(tests, matrices_come_back, 0, 2);
    tcase_add_test(tests, what_no_pair_has_is_refused);
}
