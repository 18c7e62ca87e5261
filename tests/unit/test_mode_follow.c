/* Trajectories that only an implicit solver can follow to their end, and those whose data have no
 * component that augmentation keeps. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_follow.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static struct ssldyn_ensemble_end follow(const struct ssldyn_ensemble_point *point, double t_end)
{
    const struct ssldyn_ensemble_options options = {
        .t_end = t_end, .rtol = 1e-9, .track_alignment = true};
    struct ssldyn_ensemble_end end;
    ck_assert_int_eq(ssldyn_mode_follow(point, &options, &end, NULL), SSLDYN_OK);
    return end;
}

/* eta_p/eta_s = 1000: w creeps to the attractor s* = (eta_p/eta_s) p*^2 while p follows it. */
START_TEST(stiff_to_the_attractor)
{
    const struct ssldyn_ensemble_point point = {.alpha_p = 1.0,
                                                .beta = 1.0,
                                                .eta_p = 0.5,
                                                .eta_s = 0.0005,
                                                .lambda_s = 1.25,
                                                .lambda_d = 1.0,
                                                .tau = (double)NAN,
                                                .wp = 0.6,
                                                .w = 1.0,
                                                .wa = 1.0};
    const struct ssldyn_ensemble_end end = follow(&point, 1e5);
    const double p = (1.0 + sqrt(1.0 - 4.0 * 1.25 * 0.0005)) / 2.5;
    ck_assert_int_eq(end.fate, SSLDYN_FATE_SURVIVES);
    CHECK_CLOSE(end.t, 1e5, 0.0, 0.0);
    /* its slowest rate is about eta_s: exp(-50) of the distance remains */
    CHECK_CLOSE(end.wp, p, 1e-9, 0.0);
    CHECK_CLOSE(end.w * end.w, 1000.0 * p * p, 1e-9, 0.0);
}
END_TEST

/* lambda_d = 0: dw/dt = -(wp^2 lambda_s + eta_s) w, so that only collapse is possible. */
START_TEST(nothing_to_align)
{
    const struct ssldyn_ensemble_point point = {.alpha_p = 1.3,
                                                .beta = 0.4,
                                                .eta_p = 0.07,
                                                .eta_s = 0.05,
                                                .lambda_s = 1.6,
                                                .tau = (double)NAN,
                                                .wp = 0.3,
                                                .w = 0.7,
                                                .wa = 0.7};
    const struct ssldyn_ensemble_end end = follow(&point, 30.0);
    ck_assert_int_eq(end.fate, SSLDYN_FATE_COLLAPSED);
    CHECK_CLOSE(end.since, 0.0, 0.0, 0.0);
    ck_assert(end.w > 0.0 && end.w < 0.7 * exp(-1.5));
}
END_TEST

/* 1e-13 from a basin's edge, where quadruple precision survives and both tolerances end collapsed:
 * no fate may be reported. At 1e-6 to either side the fate is clear. */
START_TEST(near_an_edge)
{
    struct ssldyn_ensemble_point point = {.alpha_p = 1.7569636245104703,
                                          .beta = 0.1002814383397061,
                                          .eta_p = 0.09990342441069977,
                                          .eta_s = 0.09990342441069977,
                                          .lambda_s = 1.6717287116820638,
                                          .lambda_d = 1.0,
                                          .tau = 1.0,
                                          .wp = 0.53999612048639622,
                                          .w = 0.054280441477240822};
    struct ssldyn_ensemble_end end = follow(&point, 1e5);
    ck_assert_int_eq(end.fate, SSLDYN_FATE_UNDECIDED);
    ck_assert_int_eq(end.reason, SSLDYN_ENSEMBLE_EDGE);
    point.w *= 1.0 + 1e-6;
    const int above = follow(&point, 1e5).fate;
    point.w *= 1.0 - 2e-6;
    ck_assert_int_eq(above + follow(&point, 1e5).fate, SSLDYN_FATE_SURVIVES);
}
END_TEST

TEST_SUITE(mode_follow)
{
    tcase_add_test(tests, stiff_to_the_attractor);
    tcase_add_test(tests, nothing_to_align);
    tcase_add_test(tests, near_an_edge);
}
