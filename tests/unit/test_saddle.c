/* The unstable direction of a saddle: J = S diag(d) S^-1 with one positive d, whose left eigenvector is
 * the row of S^-1. */
// SPDX-License-Identifier: MIT
#include "sim/flow/saddle.h"

#include "tests/close.h"
#include "tests/suite.h"

START_TEST(row_of_the_inverse)
{
    static const double S[9] = {1, 0, 2, 1, 1, 0, 0, 1, 1};
    static const double inverse[9] = {1.0 / 3, 2.0 / 3, -2.0 / 3, -1.0 / 3, 1.0 / 3,
                                      2.0 / 3, 1.0 / 3, -1.0 / 3, 1.0 / 3};
    double d[3] = {-0.3, -2.0, -0.07};
    double J[9] = {0.0};
    double left[3];
    d[_i] = 0.4;
    for (int i = 0; i < 9; i++)
        for (int k = 0; k < 3; k++)
            J[i] += S[i / 3 * 3 + k] * d[k] * inverse[3 * k + i % 3];
    CHECK_CLOSE(ssldyn_saddle_unstable(J, left), 0.4, 1e-14, 0.0);
    for (int k = 1; k < 3; k++)
        CHECK_CLOSE(left[k] / left[0], inverse[3 * _i + k] / inverse[3 * _i], 1e-13, 0.0);
}
END_TEST

TEST_SUITE(saddle)
{
    tcase_add_loop_test(tests, row_of_the_inverse, 0, 3);
}
