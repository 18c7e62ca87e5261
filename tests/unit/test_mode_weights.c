/* Squared weights of the modes of a matrix that is rotated by a known angle. */
// SPDX-License-Identifier: MIT
#include "sim/align/mode_weights.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

/* W = U diag(2, 3) [1 0 0; 0 1 0]: w^2 is 4 and 9, and points are in descending order of it. */
START_TEST(weights_of_a_turned_matrix)
{
    const double c = cos(0.3);
    const double s = sin(0.3);
    const double U[4] = {c, -s, s, c};
    const double W[6] = {2.0 * c, -3.0 * s, 0.0, 2.0 * s, 3.0 * c, 0.0};
    const double p[4] = {0.5, -1.0, 0.7, -1.0}; /* with a stride of 2 */
    struct ssldyn_mode_weights *weights = NULL;
    struct ssldyn_parabola_points points;
    ck_assert_int_eq(ssldyn_mode_weights_create(3, 2, &weights, NULL), SSLDYN_OK);
    ssldyn_mode_weights_find(weights, W, U);
    CHECK_CLOSE(ssldyn_mode_weights_squares(weights)[0], 4.0, 1e-14, 0.0);
    CHECK_CLOSE(ssldyn_mode_weights_squares(weights)[1], 9.0, 1e-14, 0.0);
    ssldyn_mode_weights_points(weights, 2, p, 2, &points);
    ck_assert_uint_eq(points.count, 2);
    CHECK_CLOSE(points.s[0], 9.0, 1e-14, 0.0);
    ck_assert_double_eq(points.p[0], 0.7);
    ck_assert_double_eq(points.p[1], 0.5);
    ck_assert(points.errors_known);
    ssldyn_mode_weights_points(weights, 1, p, 2, &points); /* the leading mode of F alone */
    ck_assert_double_eq(points.p[0], 0.5);
    ssldyn_mode_weights_free(weights);
    ssldyn_mode_weights_free(NULL);
}
END_TEST

TEST_SUITE(mode_weights)
{
    tcase_add_test(tests, weights_of_a_turned_matrix);
}
