/* The modes of data: their variances for each kind of moments, compared with quadratic forms. */
// SPDX-License-Identifier: MIT
#include "sim/run/moments_modes.h"

#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>

enum { N = 4 };

START_TEST(of_isotropic_data)
{
    const struct ssldyn_moments moments = {.kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = 3, .c = 1.25};
    double s[3];
    double d[3];
    size_t count = 0;
    ck_assert_int_eq(ssldyn_moments_modes(&moments, s, d, &count, NULL), SSLDYN_OK);
    ck_assert_uint_eq(count, 3);
    for (size_t j = 0; j < count; j++) {
        ck_assert(s[j] == 1.25 && d[j] == 1.0);
    }
}
END_TEST

/* Directions without variance are left out; lambda_d is at least 0 and at most lambda_s. */
START_TEST(of_a_diagonal)
{
    static const double X[N] = {2.0, -1e-9, 0.0, 0.7};
    static const double sum[N] = {2.5, 0.3, 0.0, 0.6999999};
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_DIAGONAL, .n1 = N, .X = X, .sum = sum};
    double s[N];
    double d[N];
    size_t count = 0;
    ck_assert_int_eq(ssldyn_moments_modes(&moments, s, d, &count, NULL), SSLDYN_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert(s[0] == 2.5 && d[0] == 2.0);
    ck_assert(s[1] == 0.3 && d[1] == 0.0);
    ck_assert(s[2] == 0.6999999 && d[2] == 0.6999999);
}
END_TEST

/* X v = lambda_d v: checked by sum lambda_d^k = tr X^k and sum lambda_s lambda_d^k = tr(X^k (X +
 * X')), which fix both for distinct lambda_d. */
START_TEST(of_a_full_matrix)
{
    static const double sum[N] = {3.0, 2.0, 1.5, 1.0};
    static const double X[N * N] = {2.0, 0.3, 0.1,  0.2, 0.3, 1.0, -0.2, 0.1,
                                    0.1, -.2, 0.75, 0.0, 0.2, 0.1, 0.0,  0.4};
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_HALF, .n1 = N, .X = X, .sum = sum};
    double s[N];
    double d[N];
    double power[N * N] = {0.0};
    double next[N * N];
    size_t count = 0;
    ck_assert_int_eq(ssldyn_moments_modes(&moments, s, d, &count, NULL), SSLDYN_OK);
    ck_assert_uint_eq(count, N);
    for (size_t i = 0; i < N; i++) {
        power[i * N + i] = 1.0;
    }
    for (int k = 0; k < N; k++) {
        double want_d = 0.0, want_s = 0.0, got_d = 0.0, got_s = 0.0;
        for (size_t i = 0; i < N; i++) {
            want_d += power[i * N + i];
            want_s += power[i * N + i] * sum[i];
            got_d += pow(d[i], k);
            got_s += pow(d[i], k) * s[i];
        }
        CHECK_CLOSE(got_d, want_d, 1e-13, 0.0);
        CHECK_CLOSE(got_s, want_s, 1e-13, 0.0);
        for (size_t i = 0; i < N * N; i++) {
            next[i] = 0.0;
            for (size_t l = 0; l < N; l++) {
                next[i] += power[i / N * N + l] * X[l * N + i % N];
            }
        }
        for (size_t i = 0; i < N * N; i++) {
            power[i] = next[i];
        }
    }
    for (size_t j = 1; j < N; j++) {
        ck_assert_double_gt(d[j - 1], d[j]);
    }
}
END_TEST

TEST_SUITE(moments_modes)
{
    tcase_add_test(tests, of_isotropic_data);
    tcase_add_test(tests, of_a_diagonal);
    tcase_add_test(tests, of_a_full_matrix);
}
