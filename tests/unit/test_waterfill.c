/* Water-filling: a start with survivors, collapsed modes and a negative p, compared with the end of
 * its flow; conserved quantities of the flow; total collapse. */
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

/* |Wp|^2 and every c_j of a survivor are conserved; alpha_p is a scale: (alpha_p, p) -> (4 alpha_p,
 * 2 p) keeps w^2. */
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
        CHECK_CLOSE(fmax(ssldyn_waterfill_margin(1.0, p[j], w[j], level), 0.0), w2[j], 1e-14,
                    1e-15);
    }
    CHECK_CLOSE(after, before, 1e-14, 0.0);
    ck_assert_uint_eq(ssldyn_waterfill(4, 4.0, twice, w, p_other, w2_other, &level), rank);
    for (int j = 0; j < 4; j++)
        CHECK_CLOSE(w2_other[j], w2[j], 1e-14, 1e-15);
}
END_TEST

START_TEST(everything_may_collapse)
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

/* With noise, compared with the ends of flows (rtol 1e-11), in one of which a mode keeps a small w;
 * without noise, with the closed form. */
START_TEST(noise)
{
    static const struct {
        size_t n;
        double p[4], w[4], noise[4], p_end[4], w2[4];
        size_t rank;
    } ends[] = {{3,
                 {.9, .5, .3},
                 {.8, .6, .3},
                 {.5, .2, .4},
                 {.581745951703, .712722334281, .550997751516},
                 {.27725257871, .558440865974, .254306555519},
                 3},
                {4,
                 {1.0, .7, 1.5, -.3},
                 {.8, .6, .3, .2},
                 {.5, .2, .4, .1},
                 {.811455999685, 1.00026954406, 1.46047937336, -.194935886896},
                 {.377277568788, .75272243137, 0.0, 0.0},
                 2},
                {2,
                 {1.0, 2.0},
                 {.22, .22},
                 {.25, .25},
                 {1.0299570571, 1.98473888976},
                 {.0951781072915, .0016218927241},
                 2},
                {4, {.9, .5, .3, 1.1}, {.8, .6, .5, .3}, {0.0, 0.0, 0.0, 0.0}, {0.0}, {0.0}, 3}};
    static const double d[] = {1.0, .8, .6, .5};
    const size_t n = ends[_i].n;
    double first[4];
    double rest[4];
    double p_end[4];
    double w2[4];
    double level = 0.0;
    double workspace[200];
    size_t rank = 0;
    for (size_t j = 0; j < n; j++) {
        first[j] = d[j] + ends[_i].noise[j];
        rest[j] = ends[_i].noise[j] * (first[j] + d[j]);
    }
    const struct ssldyn_cosine_data data = {n, first, first, d, rest};
    ck_assert_uint_le(ssldyn_waterfill_noise_workspace(n), 200);
    ck_assert(ssldyn_waterfill_noise(&data, 1.3, ends[_i].p, ends[_i].w, p_end, w2, &level, &rank,
                                     workspace));
    ck_assert_uint_eq(rank, ends[_i].rank);
    if (_i < 3) {
        for (size_t j = 0; j < n; j++) {
            CHECK_CLOSE(p_end[j], ends[_i].p_end[j], 1e-9, 0.0);
            CHECK_CLOSE(w2[j], ends[_i].w2[j], 1e-9, 1e-15);
        }
        return;
    }
    double p_free[4];
    double w2_free[4];
    double level_free = 0.0;
    ck_assert_uint_eq(
        ssldyn_waterfill(n, 1.3, ends[_i].p, ends[_i].w, p_free, w2_free, &level_free), rank);
    CHECK_CLOSE(level, level_free, 1e-14, 0.0);
    for (size_t j = 0; j < n; j++) {
        CHECK_CLOSE(p_end[j], p_free[j], 1e-11, 0.0);
        CHECK_CLOSE(w2[j], w2_free[j], 1e-11, 1e-15);
    }
}
END_TEST

/* Modes that must collapse leave one mode, or none, for any noise. */
START_TEST(noise_may_leave_one_or_none)
{
    const double p[] = {.5, -.4};
    const double w[] = {.7, .1};
    const double first[] = {1.5, 1.2};
    const double d[] = {1.0, 1.0};
    const double rest[] = {1.25, .44};
    const double both[] = {-.5, -.4};
    const double small[] = {.1, .1};
    const struct ssldyn_cosine_data data = {2, first, first, d, rest};
    double p_end[2];
    double w2[2];
    double level = 0.0;
    size_t rank = 9;
    double workspace[200];
    ck_assert(ssldyn_waterfill_noise(&data, 1.0, p, w, p_end, w2, &level, &rank, workspace));
    ck_assert_uint_eq(rank, 1);
    CHECK_CLOSE(p_end[0], sqrt(.26), 1e-14, 0.0); /* .25 + .16 - .15 */
    CHECK_CLOSE(w2[0], .5, 1e-14, 0.0);
    ck_assert(ssldyn_waterfill_noise(&data, 1.0, both, small, p_end, w2, &level, &rank, workspace));
    ck_assert(rank == 0 && isnan(level) && w2[0] == 0.0 && w2[1] == 0.0);
}
END_TEST

/* Matrices: if nothing collapses, the spectrum of W W^T is that of C shifted up; otherwise it is an
 * estimate, which is exact for an aligned start. */
START_TEST(spectrum)
{
    const double p[] = {1.0, .7, .4, 2.2};
    const double w[] = {.8, .6, .5, .3};
    double c[4];
    double p_end[4];
    double w2[4];
    double of_modes[4];
    double workspace[4];
    double level = 0.0;
    double level_of_modes = 0.0;
    bool exact = false;
    double total = 0.0;
    for (int j = 0; j < 4; j++) {
        c[j] = w[j] * w[j] - p[j] * p[j];
        total += p[j] * p[j];
    }
    ck_assert_uint_eq(ssldyn_waterfill_spectrum(4, 1.0, total, c, w2, &level, &exact, workspace),
                      3);
    ck_assert(!exact);
    ck_assert_uint_eq(ssldyn_waterfill(4, 1.0, p, w, p_end, of_modes, &level_of_modes), 3);
    CHECK_CLOSE(level, level_of_modes, 1e-15, 0.0);
    for (int j = 0; j < 4; j++)
        CHECK_CLOSE(w2[j], of_modes[j], 1e-14, 1e-15);
    ck_assert_uint_eq(ssldyn_waterfill_spectrum(3, 1.0, 1.65, c, w2, &level, &exact, workspace), 3);
    ck_assert(exact);
    CHECK_CLOSE(level, sqrt(.55), 1e-15, 0.0);
    for (int j = 0; j < 3; j++)
        CHECK_CLOSE(w2[j], c[j] + .55, 1e-14, 0.0);
}
END_TEST

/* IsoLoss, compared with a flow to t = 400: two modes stay above the level and collapse;
 * the one with negative p survives. */
START_TEST(iso)
{
    const double p[] = {.9, .4, -.3, 1.6, .2};
    const double w[] = {.6, .5, .4, .3, .7};
    const double w_end[] = {0.0, .673731539, 1.08969886, 0.0, .963954514};
    double p_end[5];
    double w2[5];
    double level = 0.0;
    ck_assert_uint_eq(ssldyn_waterfill_iso(5, 1.7, p, w, p_end, w2, &level), 3);
    CHECK_CLOSE(level, .57332706, 1e-8, 0.0);
    for (int j = 0; j < 5; j++)
        CHECK_CLOSE(sqrt(w2[j]), w_end[j], 1e-8, 1e-15);
    CHECK_CLOSE(p_end[0], .594, 1e-14, 0.0);
    CHECK_CLOSE(p_end[3], 1.5235, 1e-14, 0.0);
}
END_TEST

/* DirectSet ends with equal eigenvalues of F, at the mean of the powers of s to rounding; a mode at
 * 0 is excluded. Unequal data compared with flows to t = 400: w^2 = .5114285714 and .7461041674 for
 * lambda_d = 1. Printed numbers are accurate to half a unit of the last digit. */
START_TEST(closed_form_predictors)
{
    const double s[] = {.02, .5, 1.3};
    const double with_zero[] = {0.0, .02, .5, 1.3};
    const double one[] = {1.0, 1.0, 1.0, 1.0};
    const double d[] = {2.0, 1.0, .5};
    const double w2[] = {.49, 1.21, .09};
    CHECK_CLOSE(ssldyn_waterfill_set(3, one, s, 1.0), 1.82 / 3.0, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_waterfill_set(3, one, s, 1.5), .72151531680, 0.0, 5.1e-12);
    CHECK_CLOSE(ssldyn_waterfill_set(3, one, s, 2.0), sqrt(1.9404 / 3.0), 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_waterfill_set(4, one, with_zero, 2.0), sqrt(1.9404 / 3.0), 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_waterfill_set(3, d, w2, 1.0), .5114285714, 0.0, 5.1e-11);
    CHECK_CLOSE(ssldyn_waterfill_set(3, d, w2, 2.0), .7461041674, 0.0, 5.1e-11);
    ck_assert(isnan(ssldyn_waterfill_set(1, one, with_zero, 1.0)));
}
END_TEST

TEST_SUITE(waterfill)
{
    tcase_add_test(tests, ends_where_the_flow_does);
    tcase_add_test(tests, keeps_norm_and_balance);
    tcase_add_test(tests, everything_may_collapse);
    tcase_add_loop_test(tests, noise, 0, 4);
    tcase_add_test(tests, noise_may_leave_one_or_none);
    tcase_add_test(tests, spectrum);
    tcase_add_test(tests, iso);
    tcase_add_test(tests, closed_form_predictors);
}
