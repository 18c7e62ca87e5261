/* Derivatives of thresholds of a deep encoder: differences of recomputed thresholds, closed forms of
 * the saddle and of the fold, the scale of alpha_p, and MAE's edge with one layer. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin_slopes.h"

#include "tests/close.h"
#include "tests/spec_make.h"
#include "tests/suite.h"
#include "tests/unit/edge.h"

#include <math.h>
#include <string.h>

/* The point of a spec, which must outlive it. */
static struct ssldyn_mode_point point_of(struct ssldyn_spec *spec, const char *const options[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_mode_point point;
    spec_make(spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_mode_point_init(&point, &spec->problem, &err) == SSLDYN_OK, "%s",
                  err.message);
    return point;
}

/* Deep encoders of every kind of target. The starts off the balanced manifold have layers of
 * different weights, the last two cases layers of negative weight. */
static const struct {
    const char *threshold;
    double lo, hi;
    const char *options[28];
    int compared; /* the least number of derivatives to compare */
} cases[] = {{"p0", 0.2, 0.6, {"model", "parabola", "depth", "2", "eta", "0.02", "tau0", "0"}, 3},
             {"p0",
              0.2,
              0.6,
              {"model", "parabola", "depth", "2", "eta", "0.02", "tau0", "0", "ema-of", "product"},
              3},
             {"p0",
              0.3,
              1.5,
              {"model", "modes", "depth", "3", "eta", "0.008", "tau0", "0.7", "s0", "0.05",
               "alpha-p", "1.3", "beta", "0.3", "layers0", "1,2,1.5"},
              6},
             {"eta",
              0.002,
              0.05,
              {"model", "modes", "depth", "2", "tau0", "0.2", "s0", "0.04", "p0", "0.45", "alpha-p",
               "1.3", "ema-of", "product"},
              5},
             {"beta",
              0.01,
              4.0,
              {"model", "parabola", "depth", "2", "eta", "0.02", "tau0", "0", "p0", "0.37"},
              3},
             {"p0",
              0.1,
              0.9,
              {"model", "modes", "depth", "4", "eta", "0.003", "tau", "0.9", "s0", "0.09",
               "layers0", "1,1,1,2"},
              4},
             {"p0",
              -0.5,
              0.9,
              {"model", "modes", "depth", "2", "eta", "0.1", "target", "mae", "s0", "0.05",
               "alpha-p", "1.2"},
              4},
             {"w0",
              -0.9,
              -0.01,
              {"model", "lowdim", "depth", "3", "eta", "0.008", "wp0", "0.6", "wa0", "-0.1",
               "lambda-s", "1.2", "lambda-d", "1.05"},
              5},
             {"wp0",
              0.1,
              0.9,
              {"model", "lowdim", "depth", "2", "eta", "0.2", "w0", "-0.1", "lambda-s", "1.2",
               "lambda-d", "1.05", "target", "mae", "layers0", "1,2"},
              4}};

/* Which derivatives are compared: the criteria of fates need equal decays, and isotropic models have
 * no option lambda-d. */
static bool is_compared(const struct ssldyn_mode_point *mode, int slot, const double derivatives[])
{
    const char *name = ssldyn_mode_point_name(slot);
    return !isnan(derivatives[slot]) && ssldyn_mode_point_value(mode, slot) != 0.0 &&
           strcmp(name, "eta-p") != 0 && strcmp(name, "eta-s") != 0 &&
           (strcmp(name, "lambda-d") != 0 || mode->model == SSLDYN_MODEL_LOWDIM);
}

/* All numbers change at once, each in its own proportion, by steps of a thousandth; fourth order,
 * with thresholds known to 1e-12. */
START_TEST(differences)
{
    struct ssldyn_spec spec;
    const struct ssldyn_mode_point mode = point_of(&spec, cases[_i].options);
    const struct ssldyn_threshold at =
        edge_find(&mode, cases[_i].threshold, cases[_i].lo, cases[_i].hi);
    const double h = 1e-3;
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    double moved[4];
    double sum = 0.0;
    double size = 0.0;
    int compared = 0;
    const char *why = edge_derive(&mode, cases[_i].threshold, &at, derivatives);
    ck_assert_msg(!why, "%s", why);
    for (int i = 0; i < 4; i++) {
        static const double steps[4] = {-2.0, -1.0, 1.0, 2.0};
        struct ssldyn_mode_point other = mode;
        for (int k = 0; k < SSLDYN_MODE_POINT_SLOTS; k++) {
            const double value = ssldyn_mode_point_value(&mode, k);
            const double change = value * sin(1.0 + k);
            if (!is_compared(&mode, k, derivatives))
                continue;
            ssldyn_mode_point_set(&other, k, value + steps[i] * h * change);
            sum += i == 0 ? derivatives[k] * change : 0.0;
            size += i == 0 ? fabs(derivatives[k] * change) : 0.0;
            compared += i == 0;
        }
        moved[i] = edge_find(&other, cases[_i].threshold, cases[_i].lo, cases[_i].hi).value;
    }
    CHECK_CLOSE(sum, (8.0 * (moved[2] - moved[1]) - (moved[3] - moved[0])) / (12.0 * h), 0.0,
                1e-7 * size + 3e-12 * fabs(at.value) / h);
    ck_assert_int_ge(compared, cases[_i].compared);
    if (strcmp(cases[_i].threshold, "eta") != 0)
        CHECK_CLOSE(edge_by(derivatives, "eta-p") + edge_by(derivatives, "eta-s"),
                    edge_by(derivatives, "eta"), 1e-10, 0.0);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* A target that starts as a copy leaves the edge on the balanced manifold at p_-, which solves
 * alpha_p^(1-L) p^(2L-1) (lambda_d - p lambda_s) = eta: its derivatives are those of the root. */
START_TEST(on_the_saddle)
{
    const char *const options[] = {"model", "parabola", "depth", "3",      "eta",  "0.01", "tau0",
                                   "1",     "alpha-p",  "1.2",   "sigma2", "0.25", NULL};
    struct ssldyn_spec spec;
    const struct ssldyn_mode_point mode = point_of(&spec, options);
    const struct ssldyn_threshold edge = edge_find(&mode, "p0", 0.3, 0.7);
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    const double p = edge.value;
    const double a = 1.2;
    const double gain = pow(p, 5.0) * (1.0 - 1.25 * p) / (a * a);
    const double slope = pow(p, 4.0) * (5.0 - 6.0 * 1.25 * p) / (a * a);
    ck_assert_ptr_null(edge_derive(&mode, "p0", &edge, derivatives));
    CHECK_CLOSE(gain, 0.01, 1e-11, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "eta"), 1.0 / slope, 1e-8, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "sigma2"), pow(p, 6.0) / (a * a) / slope, 1e-8, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "lambda-d"), -pow(p, 5.0) / (a * a) / slope, 1e-8, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "alpha-p"), 2.0 / a * 0.01 / slope, 1e-8, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "beta"), 0.0, 0.0, 1e-9);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* The edge p(eta, beta, alpha_p) on the balanced manifold is p(eta alpha_p^(L-1), beta alpha_p^(L-1),
 * 1), and that of a target from zero has no derivative with respect to its start if it averages
 * layers. */
START_TEST(alpha_p_is_a_unit_of_time)
{
    const char *const options[] = {"model",   "parabola", "depth",  "3",
                                   "eta",     "0.004",    "tau0",   "0",
                                   "alpha-p", "1.4",      "ema-of", _i ? "product" : "layers",
                                   NULL};
    struct ssldyn_spec spec;
    const struct ssldyn_mode_point mode = point_of(&spec, options);
    const struct ssldyn_threshold edge = edge_find(&mode, "p0", 0.3, 0.9);
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    ck_assert_ptr_null(edge_derive(&mode, "p0", &edge, derivatives));
    CHECK_CLOSE(1.4 * edge_by(derivatives, "alpha-p"),
                2.0 * (0.004 * edge_by(derivatives, "eta") + 0.4 * edge_by(derivatives, "beta")),
                1e-8, 0.0);
    ck_assert(isnan(edge_by(derivatives, "tau0")) == (_i == 0));
    ck_assert(_i == 0 || edge_by(derivatives, "tau0") < 0.0);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* eta_c = k_L alpha_p^(1-L) (tau lambda_d)^(2L)/lambda_s^(2L-1), as the threshold of eta and of tau. */
START_TEST(of_the_fold)
{
    const char *const options[] = {"model",  "parabola", "depth", "2",       "eta",
                                   "0.03",   "tau",      "0.95",  "alpha-p", "1.2",
                                   "sigma2", "0.25",     "p0",    "1.5",     NULL};
    struct ssldyn_spec spec;
    struct ssldyn_mode_point mode = point_of(&spec, options);
    struct ssldyn_threshold fold = edge_find(&mode, "eta", 0.005, 0.2);
    const double eta = 27.0 / 256.0 * pow(0.95, 4.0) / pow(1.25, 3.0) / 1.2;
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    ck_assert_int_eq(fold.mechanism, SSLDYN_BASIN_FOLD);
    CHECK_CLOSE(fold.value, eta, 1e-12, 0.0);
    ck_assert_ptr_null(edge_derive(&mode, "eta", &fold, derivatives));
    CHECK_CLOSE(edge_by(derivatives, "tau"), 4.0 * eta / 0.95, 1e-10, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "lambda-d"), 4.0 * eta, 1e-10, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "sigma2"), -3.0 * eta / 1.25, 1e-10, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "alpha-p"), -eta / 1.2, 1e-10, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "p0"), 0.0, 0.0, 0.0);
    fold = edge_find(&mode, "tau", 0.5, 1.0);
    ck_assert_int_eq(fold.mechanism, SSLDYN_BASIN_FOLD);
    CHECK_CLOSE(fold.value, 0.95 * pow(0.03 / eta, 0.25), 1e-12, 0.0);
    ck_assert_ptr_null(edge_derive(&mode, "tau", &fold, derivatives));
    CHECK_CLOSE(edge_by(derivatives, "eta"), fold.value / (4.0 * 0.03), 1e-10, 0.0);
    fold = edge_find(&mode, "sigma2", 0.01, 2.0);
    ck_assert_int_eq(fold.mechanism, SSLDYN_BASIN_FOLD);
    CHECK_CLOSE(1.0 + fold.value, 1.25 * pow(eta / 0.03, 1.0 / 3.0), 1e-12, 0.0);
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(deep_slopes)
{
    tcase_add_loop_test(tests, differences, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tests, on_the_saddle);
    tcase_add_loop_test(tests, alpha_p_is_a_unit_of_time, 0, 2);
    tcase_add_test(tests, of_the_fold);
}
