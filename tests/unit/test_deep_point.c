/* A mode of a deep encoder as the point of a search: its fate on both sides of p_-, the values that
 * put it on its fold, and which starts converge to the merged fixed point. */
// SPDX-License-Identifier: MIT
#include "sim/flow/deep_point.h"

#include "tests/close.h"
#include "tests/spec_make.h"
#include "tests/suite.h"
#include "theory/fate.h"

static struct ssldyn_mode_point point_of(struct ssldyn_spec *spec)
{
    static const char *const options[] = {"model",  "parabola", "depth", "3",  "eta",
                                          "0.01",   "alpha-p",  "1.2",   "p0", "0.7",
                                          "sigma2", "0.25",     "tau0",  "1",  NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_mode_point point;
    spec_make(spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_int_eq(ssldyn_mode_point_init(&point, &spec->problem, &err), SSLDYN_OK);
    ck_assert_ptr_eq(point.deep, &spec->problem);
    return point;
}

START_TEST(fates_about_the_edge)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_mode_point point = point_of(&spec);
    const struct ssldyn_depth mode = {SSLDYN_DEPTH_JEPA, 3, 1.2, 0.01, 1.25, 1.0};
    double p[2];
    ssldyn_depth_fixedpoints(&mode, p);
    for (int side = -1; side <= 1; side += 2) {
        int fate = SSLDYN_FATE_UNDECIDED;
        point.p0 = p[0] * (1.0 + 1e-9 * side);
        ck_assert_int_eq(ssldyn_deep_point_fate(&point, 1e7, 1e-14, 20000, &fate, &err), SSLDYN_OK);
        ck_assert_int_eq(fate, side > 0 ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_COLLAPSED);
    }
    ssldyn_spec_clear(&spec);
}
END_TEST

START_TEST(on_the_fold)
{
    static const char *const names[] = {"eta", "alpha-p", "sigma2"};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    const struct ssldyn_mode_point point = point_of(&spec);
    const int slot = ssldyn_mode_point_slot(names[_i]);
    struct ssldyn_mode_point there = point;
    ssldyn_mode_point_set(&there, slot, ssldyn_mode_point_on_fold(&point, slot));
    const struct ssldyn_depth mode = {
        SSLDYN_DEPTH_JEPA, 3, there.rates.alpha_p, there.rates.eta_s, 1.0 + there.sigma2, 1.0};
    CHECK_CLOSE(ssldyn_depth_fold(&mode), mode.eta, 1e-12, 0.0);
    for (int strong = 0; strong <= 1; strong++) {
        bool attracts = !strong;
        there.p0 = (strong ? 1.05 : 0.9) * ssldyn_depth_turn(&mode);
        ck_assert_int_eq(ssldyn_deep_point_fold_attracts(&there, &attracts, &err), SSLDYN_OK);
        ck_assert_int_eq(attracts, strong);
    }
    ck_assert(isnan(ssldyn_mode_point_on_fold(&point, ssldyn_mode_point_slot("p0"))));
    ck_assert(isnan(ssldyn_mode_point_on_fold(&point, ssldyn_mode_point_slot("eta-s"))));
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(deep_point)
{
    tcase_add_test(tests, fates_about_the_edge);
    tcase_add_loop_test(tests, on_the_fold, 0, 3);
}
