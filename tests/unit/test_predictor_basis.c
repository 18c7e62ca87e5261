/* F in the predictor's basis: each matrix resolves the degenerate eigenvalues of the other,
 * matrices that do not commute are detected, and errors are measured. */
// SPDX-License-Identifier: MIT
#include "sim/align/predictor_basis.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum { N = 4, SAMPLES = 40 };

START_TEST(degenerate_modes_are_resolved)
{
    static const double s[2][N] = {{2.0, 2.0, 2.0, 0.5}, {2.0, 1.3, 0.9, 0.5}};
    static const double p[2][N] = {{0.9, 0.7, 0.4, 0.3}, {0.7, 0.7, 0.7, -0.2}};
    double Q[N * N];
    double F[N * N];
    double Wp[N * N];
    uint64_t state = 2;
    struct ssldyn_predictor_basis *basis = NULL;
    struct ssldyn_predictor_modes modes;
    draw_orthogonal(&state, N, Q);
    naive_compose(N, N, Q, s[_i], Q, F);
    naive_compose(N, N, Q, p[_i], Q, Wp);
    /* A skew part does not change v^T Wp v. */
    Wp[1] += 0.3;
    Wp[N] -= 0.3;
    ck_assert_int_eq(ssldyn_predictor_basis_create(N, 0, &basis, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_predictor_basis_find(basis, F, Wp, NULL, 1e-4, &modes, NULL),
                     SSLDYN_OK);
    ck_assert_uint_eq(modes.count, N);
    ck_assert_ptr_null(modes.variance);
    double sum = 0.0;
    for (size_t j = 0; j < N; j++) {
        CHECK_CLOSE(modes.s[j], s[_i][j], 1e-9, 0.0); /* rounding divided by the tie-breaking
                                                       * term */
        sum += modes.p[j];
        if (_i == 1)
            CHECK_CLOSE(modes.p[j], p[_i][j], 1e-9, 0.0);
    }
    CHECK_CLOSE(sum, p[_i][0] + p[_i][1] + p[_i][2] + p[_i][3], 1e-12, 0.0);
    /* Equal s: any order of the first three, but each p belongs to one mode. */
    for (size_t j = 0; j < 3 && _i == 0; j++) {
        double least = 1.0;
        for (size_t k = 0; k < 3; k++)
            least = fmin(least, fabs(modes.p[j] - p[0][k]));
        CHECK_CLOSE(least, 0.0, 0.0, 1e-9);
    }
    CHECK_CLOSE(modes.excess, 0.0, 0.0, 1e-12);
    ck_assert(ssldyn_predictor_basis_shared(&modes));
    /* Dead modes are excluded. */
    ck_assert_int_eq(ssldyn_predictor_basis_find(basis, F, Wp, NULL, 0.3, &modes, NULL), SSLDYN_OK);
    ck_assert_uint_eq(modes.count, 3);
    ssldyn_predictor_basis_free(basis);
    ssldyn_predictor_basis_free(NULL);
}
END_TEST

START_TEST(other_eigenvectors_are_detected)
{
    /* rho = .6 between two coordinates of four: the mean over j of sum_k rho^2 is .36/2. */
    const double F[N * N] = {1.0, 0.6, 0, 0, 0.6, 1.0, 0, 0, 0, 0, 2.0, 0, 0, 0, 0, 3.0};
    const double Wp[N * N] = {1.0, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 2.0, 0, 0, 0, 0, 3.0};
    struct ssldyn_predictor_basis *basis = NULL;
    struct ssldyn_predictor_modes modes;
    ck_assert_int_eq(ssldyn_predictor_basis_create(N, 0, &basis, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_predictor_basis_find(basis, F, Wp, NULL, 1e-4, &modes, NULL),
                     SSLDYN_OK);
    CHECK_CLOSE(modes.excess, 0.18, 1e-4, 0.0); /* the tie-breaking term rotates by about 1e-5 */
    ck_assert(!ssldyn_predictor_basis_shared(&modes));
    ssldyn_predictor_basis_free(basis);
}
END_TEST

/* With y = +-a equally often y^2 does not vary, and s has no sampling error; a uniform y in (-1, 1)
 * has Var(y^2)/(E y^2)^2 = (1/5 - 1/9)/(1/9) = .8. */
START_TEST(errors_are_those_of_the_samples)
{
    double features[SAMPLES * N];
    double F[N * N] = {0};
    const double Wp[N * N] = {4.0, 0, 0, 0, 0, 3.0, 0, 0, 0, 0, 2.0, 0, 0, 0, 0, 1.0};
    uint64_t state = 9;
    draw_matrix(&state, SAMPLES * N, features);
    for (size_t i = 0; i < SAMPLES; i++)
        features[i * N] = i % 2 == 0 ? 3.0 : -3.0;
    naive_add(N, N, SAMPLES, 1.0 / (double)SAMPLES, features, true, features, false, F);
    struct ssldyn_predictor_basis *basis = NULL;
    struct ssldyn_predictor_modes modes;
    ck_assert_int_eq(ssldyn_predictor_basis_create(N, SAMPLES, &basis, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_predictor_basis_find(basis, F, Wp, features, 1e-4, &modes, NULL),
                     SSLDYN_OK);
    CHECK_CLOSE(modes.s[0], 9.0, 1e-6, 0.0);
    CHECK_CLOSE(modes.variance[0], 0.0, 0.0, 1e-7); /* v_1 is rotated by about 1e-6 */
    for (size_t j = 1; j < N; j++)                  /* 40 samples determine it to about 30 % */
        CHECK_CLOSE(modes.variance[j], 0.8 / (double)SAMPLES, 0.6, 0.0);
    ck_assert_double_gt(modes.shared, 0.0);
    ck_assert_double_lt(modes.shared, modes.variance[1]);
    ssldyn_predictor_basis_free(basis);
}
END_TEST

TEST_SUITE(predictor_basis)
{
    tcase_add_loop_test(tests, degenerate_modes_are_resolved, 0, 2);
    tcase_add_test(tests, other_eigenvectors_are_detected);
    tcase_add_test(tests, errors_are_those_of_the_samples);
}
