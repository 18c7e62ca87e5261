/* Depth: folds and fixed points to the digits of independent searches, eigenvalues against
 * differences of the velocity, L = 1 against M4, and times against the flow of all weights. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/suite.h"
#include "theory/closedform.h"
#include "theory/depth.h"
#include "theory/fixedpoint.h"

#include <check.h>
static struct ssldyn_depth jepa(unsigned layers, double eta)
{
    return (struct ssldyn_depth){SSLDYN_DEPTH_JEPA, layers, 1.0, eta, 1.25, 1.0};
}

START_TEST(folds)
{
    static const double unit[] = {.25, .10546875, .066979595336, .049086987972};
    static const double eta_c[] = {.2, .054, .0219478738, .0102942875};
    struct ssldyn_depth mode = jepa((unsigned)_i + 1, 0.0);
    CHECK_CLOSE(ssldyn_depth_fold(&mode), eta_c[_i], 1e-8, 0.0);
    mode.lambda_s = 1.0;
    CHECK_CLOSE(ssldyn_depth_fold(&mode), unit[_i], 1e-11, 0.0);
}
END_TEST

START_TEST(folds_of_mae_and_of_two_decays)
{
    struct ssldyn_depth mode = {SSLDYN_DEPTH_MAE, 2, 1.0, 0.0, 1.1, 0.8};
    CHECK_CLOSE(ssldyn_depth_fold(&mode), .339909800966, 1e-11, 0.0);
    mode.layers = 3;
    CHECK_CLOSE(ssldyn_depth_fold(&mode), .262595180756, 1e-11, 0.0);
    mode.layers = 1; /* transcritical: no basin below it */
    mode.alpha_p = 4.0;
    CHECK_CLOSE(ssldyn_depth_fold(&mode), 1.6, 1e-15, 0.0);
    mode.eta = 0.5;
    double p[2];
    ssldyn_depth_fixedpoints(&mode, p);
    ck_assert(p[0] == 0.0);
    CHECK_CLOSE(ssldyn_depth_velocity(&mode, p[1]), 0.0, 0.0, 1e-15);
    mode = jepa(2, 0.0);
    mode.alpha_p = 1.5;
    CHECK_CLOSE(ssldyn_depth_fold_decays(&mode, 0.05), .042426406871, 1e-11, 0.0);
    mode = jepa(3, 0.01); /* alpha_p is a scale of the start: eta_c goes as alpha_p^(1 - L) */
    mode.alpha_p = 4.0;
    CHECK_CLOSE(ssldyn_depth_fold(&mode), .0219478738 / 16.0, 1e-8, 0.0);
    CHECK_CLOSE(ssldyn_depth_velocity(&mode, 0.5),
                pow(0.5, 6) * (1.0 - 0.5 * 1.25) / 16.0 - 0.01 * 0.5, 1e-14, 0.0);
    mode = jepa(3, 0.0); /* with equal decays the two are one */
    const double fold = ssldyn_depth_fold(&mode);
    CHECK_CLOSE(ssldyn_depth_fold_decays(&mode, fold), fold, 1e-14, 0.0);
}
END_TEST

START_TEST(fixed_points_and_growth_rates)
{
    double p[2];
    struct ssldyn_depth mode = jepa(2, 0.8 * 0.054);
    ssldyn_depth_fixedpoints(&mode, p);
    CHECK_CLOSE(p[0], .472609723033, 1e-11, 0.0);
    CHECK_CLOSE(p[1], .698661984842, 1e-11, 0.0);
    CHECK_CLOSE(ssldyn_depth_slope(&mode, p[0]), .0672379157494, 1e-10, 0.0);
    CHECK_CLOSE(ssldyn_depth_slope(&mode, p[1]), -.168236874920, 1e-10, 0.0);
    mode = jepa(3, 0.0);
    mode.eta = 0.8 * ssldyn_depth_fold(&mode);
    ssldyn_depth_fixedpoints(&mode, p);
    CHECK_CLOSE(p[0], .573412874487, 1e-11, 0.0);
    CHECK_CLOSE(p[1], .734124523809, 1e-11, 0.0);
    mode.eta = 1.001 * ssldyn_depth_fold(&mode);
    ssldyn_depth_fixedpoints(&mode, p);
    ck_assert(isnan(p[0]) && isnan(p[1]));
    const double h = 1e-6; /* central differences: h^2 and rounding over h */
    const double difference =
        (ssldyn_depth_velocity(&mode, .6 + h) - ssldyn_depth_velocity(&mode, .6 - h)) / (2.0 * h);
    CHECK_CLOSE(ssldyn_depth_slope(&mode, .6), difference, 0.0, 1e-9);
}
END_TEST

/* One layer is M4 at tau = 1, whose fixed points and times have closed forms of their own. */
START_TEST(one_layer_is_the_parabola)
{
    const struct ssldyn_depth mode = jepa(1, 0.1);
    const struct ssldyn_rates rates = {1.0, 0.4, 0.1, 0.1, 1.25};
    struct ssldyn_fixedpoints points;
    double p[2];
    ssldyn_fixedpoint_modes(&rates, 1.0, &points);
    ssldyn_depth_fixedpoints(&mode, p);
    CHECK_CLOSE(p[0], points.p_minus, 1e-14, 0.0);
    CHECK_CLOSE(p[1], points.p_plus, 1e-14, 0.0);
    CHECK_CLOSE(ssldyn_depth_slope(&mode, p[1]), points.along_plus, 1e-13, 0.0);
    CHECK_CLOSE(ssldyn_depth_time(&mode, 0.2, 0.5),
                ssldyn_closedform_time(1.0, 1.25, 0.1, 0.2, 0.5), 1e-11, 0.0);
    CHECK_CLOSE(ssldyn_depth_time(&mode, 0.1, 0.01),
                ssldyn_closedform_time(1.0, 1.25, 0.1, 0.1, 0.01), 1e-11, 0.0);
}
END_TEST

/* From 1.1 p- to .95 p+, against the flow of all L + 1 weights. */
START_TEST(times)
{
    static const double eta[] = {.02, .01};
    static const double t[] = {40.43312355672, 40.07576397309};
    const struct ssldyn_depth mode = jepa((unsigned)_i + 2, eta[_i]);
    double p[2];
    ssldyn_depth_fixedpoints(&mode, p);
    CHECK_CLOSE(ssldyn_depth_time(&mode, 1.1 * p[0], 0.95 * p[1]), t[_i], 1e-10, 0.0);
    ck_assert(isinf(ssldyn_depth_time(&mode, 1.1 * p[0], p[1])));
    ck_assert(isinf(ssldyn_depth_time(&mode, 1.1 * p[0], 1.1 * p[1])));
    ck_assert(isnan(ssldyn_depth_time(&mode, 0.9 * p[0], p[1])));
    ck_assert(ssldyn_depth_time(&mode, 0.3, 0.3) == 0.0);
}
END_TEST

TEST_SUITE(depth)
{
    tcase_add_test(tests, folds_of_mae_and_of_two_decays);
    tcase_add_test(tests, fixed_points_and_growth_rates);
    tcase_add_test(tests, one_layer_is_the_parabola);
    tcase_add_loop_test(tests, folds, 0, 4);
    tcase_add_loop_test(tests, times, 0, 2);
}
