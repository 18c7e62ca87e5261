/* Water-filling: a start with survivors, collapsed modes and a negative p, against the end of its
 * flow; what the flow keeps; nothing but collapse. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/suite.h"
#include "theory/waterfill.h"

#include <check.h>
/* The end of the flow at t = 400, to its seven digits. */
START_TEST(ends_where_the_flow_does)
{
    const double p[] = {1.0, .7, .4, -.3, -.2, 2.2};
    const double w[] = {.8, .6, .5, .2, .5, .3};
    const double end[] = {.095, .325, .545, 0.0, .665, 0.0};
    double p_end[6];
    double w2[6];
    double level = 0.0;
    ck_assert_uint_eq(ssldyn_waterfill(6, 1.0, p, w, p_end, w2, &level), 4);
    CHECK_CLOSE(level, .67453687816, 1e-10, 0.0);
    for (int j = 0; j < 6; j++)
        CHECK_CLOSE(w2[j], end[j], 1e-13, 1e-13);
    CHECK_CLOSE(p_end[3], -.22360679775, 1e-10, 0.0);
    CHECK_CLOSE(p_end[5], 2.17944947177, 1e-10, 0.0);
}
END_TEST

/* |Wp|^2 and every c_j of a survivor are kept; alpha_p is a scale: (alpha_p, p) -> (4 alpha_p, 2 p)
 * leaves w^2 as it is. */
START_TEST(keeps_norm_and_balance)
{
    const double p[] = {.5, .9, .1, .4};
    const double twice[] = {1.0, 1.8, .2, .8};
    const double w[] = {.7, .2, .6, .5};
    double p_end[4];
    double p_other[4];
    double w2[4];
    double w2_other[4];
    double level = 0.0;
    const size_t rank = ssldyn_waterfill(4, 1.0, p, w, p_end, w2, &level);
    double before = 0.0;
    double after = 0.0;
    for (int j = 0; j < 4; j++) {
        before += p[j] * p[j];
        after += p_end[j] * p_end[j];
        if (w2[j] > 0.0)
            CHECK_CLOSE(w2[j] - p_end[j] * p_end[j], w[j] * w[j] - p[j] * p[j], 1e-14, 1e-15);
    }
    CHECK_CLOSE(after, before, 1e-14, 0.0);
    ck_assert_uint_eq(ssldyn_waterfill(4, 4.0, twice, w, p_other, w2_other, &level), rank);
    for (int j = 0; j < 4; j++)
        CHECK_CLOSE(w2_other[j], w2[j], 1e-14, 1e-15);
}
END_TEST

START_TEST(may_leave_nothing)
{
    const double p[] = {-1.0, -.5};
    const double w[] = {.2, .1};
    double p_end[2];
    double w2[2];
    double level = 0.0;
    ck_assert_uint_eq(ssldyn_waterfill(2, 1.0, p, w, p_end, w2, &level), 0);
    ck_assert(isnan(level) && w2[0] == 0.0 && w2[1] == 0.0);
    CHECK_CLOSE(p_end[0], -sqrt(.96), 1e-15, 0.0);
}
END_TEST

TEST_SUITE(waterfill)
{
    tcase_add_test(tests, ends_where_the_flow_does);
    tcase_add_test(tests, keeps_norm_and_balance);
    tcase_add_test(tests, may_leave_nothing);
}
