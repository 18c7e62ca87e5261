/* The eigenbasis of X + X': commuting moments become diagonal, otherwise only the sum does; invalid
 * ones are refused with their name. */
// SPDX-License-Identifier: MIT
#include "sim/run/moments_basis.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 3 };

/* Rotation by 0.7 in the first plane and by 0.4 in the second. */
static void make_rotation(double R[N * N])
{
    const double a = cos(0.7);
    const double b = sin(0.7);
    const double c = cos(0.4);
    const double d = sin(0.4);
    const double rotation[N * N] = {a, -b, 0.0, b * c, a * c, -d, b * d, a * d, c};
    memcpy(R, rotation, sizeof rotation);
}

START_TEST(commuting_moments_become_diagonal)
{
    const double x[N] = {1.1, 2.5, 0.4};
    const double xprime[N] = {0.3, 0.2, 0.9};
    double R[N * N];
    double X[N * N];
    double Xprime[N * N];
    make_rotation(R);
    naive_compose(N, N, R, x, R, X);
    naive_compose(N, N, R, xprime, R, Xprime);
    struct ssldyn_moments_basis *basis = NULL;
    ck_assert_int_eq(ssldyn_moments_basis_create(N, X, Xprime, "--x", "--xprime", &basis, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(basis->moments.kind, SSLDYN_MOMENTS_DIAGONAL);
    ck_assert_uint_eq(basis->moments.n1, N);
    const double sum[N] = {2.7, 1.4, 1.3}; /* descending: data modes 2, 1, 3 */
    const double data[N] = {2.5, 1.1, 0.4};
    for (size_t j = 0; j < N; j++) {
        CHECK_CLOSE(basis->moments.sum[j], sum[j], 1e-14, 0.0);
        CHECK_CLOSE(basis->moments.X[j], data[j], 1e-13, 0.0);
    }
    ssldyn_moments_basis_free(basis);
    ssldyn_moments_basis_free(NULL);
}
END_TEST

/* X' = 3 - X: X + X' is diagonal in every basis, and the one that makes X diagonal is chosen. */
START_TEST(equal_sums_use_the_basis_of_x)
{
    const double x[N] = {1.1, 2.5, 0.4};
    const double sorted[N] = {2.5, 1.1, 0.4};
    double R[N * N];
    double X[N * N];
    double Xprime[N * N];
    make_rotation(R);
    naive_compose(N, N, R, x, R, X);
    for (size_t i = 0; i < N * N; i++)
        Xprime[i] = (i % (N + 1) == 0 ? 3.0 : 0.0) - X[i];
    struct ssldyn_moments_basis *basis = NULL;
    ck_assert_int_eq(ssldyn_moments_basis_create(N, X, Xprime, "--x", "--xprime", &basis, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(basis->moments.kind, SSLDYN_MOMENTS_DIAGONAL);
    for (size_t j = 0; j < N; j++) {
        CHECK_CLOSE(basis->moments.sum[j], 3.0, 1e-14, 0.0);
        CHECK_CLOSE(basis->moments.X[j], sorted[j], 1e-13, 0.0);
    }
    ssldyn_moments_basis_free(basis);
}
END_TEST

START_TEST(others_keep_a_full_x)
{
    const double x[N] = {1.1, 2.5, 0.4};
    const double xprime[N] = {0.3, 0.2, 0.9};
    double R[N * N];
    double X[N * N];
    double Xprime[N * N] = {0};
    make_rotation(R);
    naive_compose(N, N, R, x, R, X);
    for (size_t j = 0; j < N; j++)
        Xprime[j * N + j] = xprime[j];
    struct ssldyn_moments_basis *basis = NULL;
    ck_assert_int_eq(ssldyn_moments_basis_create(N, X, Xprime, "--x", "--xprime", &basis, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(basis->moments.kind, SSLDYN_MOMENTS_HALF);
    /* Q diag(sum) Q^T = X + X' and Q (Q^T X Q) Q^T = X. */
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            double total = 0.0;
            double data = 0.0;
            for (size_t k = 0; k < N; k++) {
                total += basis->Q[i * N + k] * basis->sum[k] * basis->Q[j * N + k];
                for (size_t l = 0; l < N; l++)
                    data += basis->Q[i * N + k] * basis->X[k * N + l] * basis->Q[j * N + l];
            }
            CHECK_CLOSE(total, X[i * N + j] + Xprime[i * N + j], 0.0, 1e-14);
            CHECK_CLOSE(data, X[i * N + j], 0.0, 1e-14);
        }
    }
    ssldyn_moments_basis_free(basis);
}
END_TEST

START_TEST(bad_moments_are_named)
{
    static const char *const words[] = {"--x file", "--xprime file", "--x file", "--xprime file",
                                        "finite",   "no variance",   "-0.5"};
    double X[4] = {2.0, 0.3, 0.3, 1.0};
    double Xprime[4] = {0.5, 0.1, 0.1, 0.7};
    switch (_i) {
    case 0:
        X[1] = 0.30001;
        break;
    case 1:
        Xprime[2] = -0.1;
        break;
    case 2:
        X[3] = -0.2;
        break;
    case 3:
        Xprime[0] = -0.4;
        break;
    case 4:
        Xprime[3] = (double)INFINITY;
        break;
    case 5:
        memset(X, 0, sizeof X);
        memset(Xprime, 0, sizeof Xprime);
        break;
    default:
        X[0] = -0.5;
        X[1] = X[2] = 0.0;
        break;
    }
    struct ssldyn_moments_basis *basis = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(
        ssldyn_moments_basis_create(2, X, Xprime, "--x file", "--xprime file", &basis, &err),
        SSLDYN_EINPUT);
    ck_assert_ptr_null(basis);
    ck_assert_msg(strstr(err.message, words[_i]) != NULL, "%s", err.message);
}
END_TEST

START_TEST(sampling_noise_is_tolerated)
{
    const double X[4] = {2.0, 0.0, 0.0, -0.0012}; /* -0.06 % of the largest */
    const double Xprime[4] = {0.5, 0.1, 0.1, 0.7};
    struct ssldyn_moments_basis *basis = NULL;
    ck_assert_int_eq(ssldyn_moments_basis_create(2, X, Xprime, "--x", "--xprime", &basis, NULL),
                     SSLDYN_OK);
    ssldyn_moments_basis_free(basis);
}
END_TEST

/* Back in the original coordinates, to rounding, whether or not X and X' commute. */
START_TEST(back_in_the_original_coordinates)
{
    enum { SIZE = 6 };
    double X[SIZE * SIZE] = {0.0}, Xprime[SIZE * SIZE] = {0.0}, G[SIZE * SIZE];
    double got[2][SIZE * SIZE], scratch[SIZE * SIZE];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_moments_basis *basis = NULL;
    uint64_t state = 17;

    draw_matrix(&state, SIZE * SIZE, G);
    naive_add(SIZE, SIZE, SIZE, 1.0, G, false, G, true, X);
    if (_i == 0)
        draw_matrix(&state, SIZE * SIZE, G);
    naive_add(SIZE, SIZE, SIZE, 0.3, G, false, G, true, Xprime);
    ck_assert_int_eq(ssldyn_moments_basis_create(SIZE, X, Xprime, "X", "X'", &basis, &err),
                     SSLDYN_OK);
    ck_assert_int_eq(basis->moments.kind, _i == 0 ? SSLDYN_MOMENTS_HALF : SSLDYN_MOMENTS_DIAGONAL);
    ssldyn_moments_basis_restore(basis, got[0], got[1], scratch);
    for (size_t i = 0; i < SIZE * SIZE; i++) {
        CHECK_CLOSE(got[0][i], X[i], 0.0, 1e-13);
        CHECK_CLOSE(got[1][i], Xprime[i], 0.0, 1e-13);
    }
    ssldyn_moments_basis_free(basis);
}
END_TEST

TEST_SUITE(moments_basis)
{
    tcase_add_test(tests, commuting_moments_become_diagonal);
    tcase_add_test(tests, equal_sums_use_the_basis_of_x);
    tcase_add_test(tests, others_keep_a_full_x);
    tcase_add_loop_test(tests, bad_moments_are_named, 0, 7);
    tcase_add_test(tests, sampling_noise_is_tolerated);
    tcase_add_loop_test(tests, back_in_the_original_coordinates, 0, 2);
}
