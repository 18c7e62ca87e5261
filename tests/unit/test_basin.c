/* Thresholds and the separatrix against closed forms, and against each other. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin.h"
#include "tests/close.h"
#include "theory/fate.h"

#include <check.h>
#include <stdlib.h>

static struct ssldyn_mode_point mode_at(double eta)
{
    return (struct ssldyn_mode_point){.model = SSLDYN_MODEL_MODES,
                                      .alpha_p = 1.0,
                                      .beta = 0.4,
                                      .eta_p = eta,
                                      .eta_s = eta,
                                      .sigma2 = 0.31,
                                      .tau = 1.0,
                                      .p0 = 0.2,
                                      .s0 = 0.04,
                                      .predictor = true};
}

static struct ssldyn_thresholds search(const struct ssldyn_mode_point *mode, const char *name,
                                       double lo, double hi, size_t scan)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_thresholds found;
    ck_assert_msg(ssldyn_basin_thresholds(mode, ssldyn_mode_point_slot(name), lo, hi, scan, &found,
                                          &err) == SSLDYN_OK,
                  "%s", err.message);
    return found;
}

/* A strong start on the parabola at tau = 1 survives up to the fold 1/(4c), exactly. */
START_TEST(fold_is_found)
{
    struct ssldyn_mode_point mode = mode_at(0.1);
    mode.model = SSLDYN_MODEL_PARABOLA;
    mode.p0 = 0.6;
    struct ssldyn_thresholds found = search(&mode, "eta", 0.001, 0.3, 400);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_int_eq(found.list[0].below, SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(found.list[0].mechanism, SSLDYN_BASIN_FOLD);
    /* the ghost hides the last bit: passing it takes pi/sqrt(distance) and a bound on time */
    CHECK_CLOSE(found.list[0].value, 1.0 / (4.0 * 1.31), 1e-9, 0.0);
    ssldyn_thresholds_clear(&found);
}
END_TEST

/* On the parabola the edge in p0 is p*-. */
START_TEST(edge_on_the_parabola)
{
    struct ssldyn_mode_point mode = mode_at(0.0837);
    mode.model = SSLDYN_MODEL_PARABOLA;
    struct ssldyn_thresholds found = search(&mode, "p0", 0.001, 0.5, 100);
    const double p_minus = (1.0 - sqrt(1.0 - 4.0 * 0.0837 * 1.31)) / (2.0 * 1.31);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_int_eq(found.list[0].mechanism, SSLDYN_BASIN_EDGE);
    CHECK_CLOSE(found.list[0].value, p_minus, 1e-11, 0.0);
    ck_assert(found.list[0].width <= 1.1e-12 * p_minus);
    ssldyn_thresholds_clear(&found);
}
END_TEST

/* In weight decay the parabola's edge is where p*-(eta) = p0: eta = p0 (1 - c p0). */
START_TEST(edge_in_weight_decay)
{
    struct ssldyn_mode_point mode = mode_at(0.1);
    mode.model = SSLDYN_MODEL_PARABOLA;
    mode.p0 = 0.1234;
    struct ssldyn_thresholds found = search(&mode, "eta", 0.01, 0.18, 333);
    ck_assert_uint_eq(found.count, 1);
    CHECK_CLOSE(found.list[0].value, 0.1234 * (1.0 - 1.31 * 0.1234), 1e-11, 0.0);
    ssldyn_thresholds_clear(&found);
}
END_TEST

/* Off the parabola the fate is not monotone in p0: from below zero through the basin of survival
 * and out again. Every flip lies on the separatrix, found in a wholly different way. */
START_TEST(thresholds_lie_on_the_separatrix)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_mode_point mode = mode_at(0.1);
    struct ssldyn_separatrix curve;
    ck_assert_msg(ssldyn_basin_separatrix(&mode, 1e-12, &curve, &err) == SSLDYN_OK, "%s",
                  err.message);
    CHECK_CLOSE(curve.stable, -0.2, 1e-12, 0.0); /* -2 eta across the parabola */
    ck_assert_uint_gt(curve.count, 100);
    int checked = 0;
    for (size_t i = 5; i + 5 < curve.count; i += curve.count / 24) {
        mode.s0 = curve.s[i];
        struct ssldyn_thresholds found =
            search(&mode, "p0", curve.p[i] - 0.02, curve.p[i] + 0.02, 9);
        double nearest = 1.0;
        for (size_t k = 0; k < found.count; k++)
            nearest = fmin(nearest, fabs(found.list[k].value - curve.p[i]));
        /* the curve starts 1e-7 boxes off the saddle on its tangent: 1e-14 off the manifold, and
         * errors shrink backwards */
        ck_assert_msg(nearest < 1e-9, "s = %g: p = %.12g is %g off", curve.s[i], curve.p[i],
                      nearest);
        ssldyn_thresholds_clear(&found);
        checked++;
    }
    ck_assert_int_gt(checked, 15);
    ssldyn_separatrix_clear(&curve);
}
END_TEST

/* Wa(0) = 0 and a slow EMA kill what an instant target would keep. */
START_TEST(slow_target_is_named)
{
    struct ssldyn_mode_point mode = mode_at(0.04);
    mode.model = SSLDYN_MODEL_PARABOLA;
    mode.sigma2 = 0.0009;
    mode.tau = (double)NAN;
    mode.tau0 = 0.0;
    struct ssldyn_thresholds found = search(&mode, "p0", 0.005, 0.5, 200);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_int_eq(found.list[0].mechanism, SSLDYN_BASIN_LAG);
    CHECK_CLOSE(found.list[0].value, 0.0459, 0.0, 5e-5); /* known to three digits at beta = .4 */
    ssldyn_thresholds_clear(&found);
}
END_TEST

START_TEST(refusals)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_thresholds found;
    struct ssldyn_separatrix curve;
    struct ssldyn_mode_point mode = mode_at(0.1);
    ck_assert_int_eq(
        ssldyn_basin_thresholds(&mode, ssldyn_mode_point_slot("p0"), 1.0, 0.5, 10, &found, &err),
        SSLDYN_EINPUT);
    ssldyn_thresholds_clear(&found);
    ck_assert_int_eq(ssldyn_mode_point_slot("rtol"), -1);
    mode = mode_at(0.3); /* beyond the fold */
    ck_assert_int_eq(ssldyn_basin_separatrix(&mode, 1e-9, &curve, &err), SSLDYN_EINPUT);
    mode = mode_at(0.1);
    mode.tau = (double)NAN;
    ck_assert_int_eq(ssldyn_basin_separatrix(&mode, 1e-9, &curve, &err), SSLDYN_EINPUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("basin");
    TCase *all = tcase_create("all");
    tcase_add_test(all, fold_is_found);
    tcase_add_test(all, edge_on_the_parabola);
    tcase_add_test(all, edge_in_weight_decay);
    tcase_add_test(all, thresholds_lie_on_the_separatrix);
    tcase_add_test(all, slow_target_is_named);
    tcase_add_test(all, refusals);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
