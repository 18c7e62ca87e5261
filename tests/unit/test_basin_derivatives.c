/* Derivatives of thresholds compared with known values, closed forms and differences of recomputed
 * thresholds; and alpha_p as a scale. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin.h"
#include "tests/close.h"
#include "tests/suite.h"
#include "tests/unit/edge.h"

#include <check.h>
#include <math.h>

static struct ssldyn_mode_point on_parabola(double eta, double beta, double sigma2, double alpha_p)
{
    return (struct ssldyn_mode_point){.model = SSLDYN_MODEL_PARABOLA,
                                      .training = ssldyn_training_none(),
                                      .rates.alpha_p = alpha_p,
                                      .rates.beta = beta,
                                      .rates.eta_p = eta,
                                      .rates.eta_s = eta,
                                      .sigma2 = sigma2,
                                      .tau = (double)NAN,
                                      .predictor = true};
}

/* Edges on the parabola from Wa(0) = 0, computed by another program to 1e-12, and their derivatives
 * with respect to eta, beta, lambda_s, lambda_d, to nine digits (THEORY section 6). */
START_TEST(known_edges)
{
    static const struct {
        double eta, beta, sigma2, alpha_p, edge, by[4];
    } known[] = {
        {0.04,
         0.4,
         0.0009,
         1.0,
         0.04594214534353,
         {1.30806227, -0.0101622910, 0.00231334713, -0.0505730036}},
        {0.04,
         0.1,
         0.0009,
         1.0,
         0.05744546557921,
         {1.89818626, -0.147100728, 0.00376852040, -0.0649892897}},
        {0.05,
         1.0,
         0.25,
         2.0,
         0.05641081101372,
         {1.27569529, -0.00277496278, 0.00367919248, -0.0656087922}},
    };
    static const char *const names[4] = {"eta", "beta", "sigma2", "lambda-d"};
    const struct ssldyn_mode_point mode =
        on_parabola(known[_i].eta, known[_i].beta, known[_i].sigma2, known[_i].alpha_p);
    const struct ssldyn_threshold edge = edge_find(&mode, "p0", 0.02, 0.2);
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    CHECK_CLOSE(edge.value, known[_i].edge, 1e-12, 0.0);
    ck_assert_ptr_null(edge_derive(&mode, "p0", &edge, derivatives));
    for (int k = 0; k < 4; k++)
        CHECK_CLOSE(edge_by(derivatives, names[k]), known[_i].by[k], 1e-8, 0.0);
    /* alpha_p only scales W, which p does not depend on along the parabola */
    CHECK_CLOSE(edge_by(derivatives, "alpha-p"), 0.0, 0.0, 5e-13);
    CHECK_CLOSE(edge_by(derivatives, "eta-p") + edge_by(derivatives, "eta-s"),
                edge_by(derivatives, "eta"), 1e-11, 0.0);
    ck_assert(isnan(edge_by(derivatives, "p0")) && isnan(edge_by(derivatives, "s0")) &&
              isnan(edge_by(derivatives, "tau")) && isnan(edge_by(derivatives, "train-lr")));
}
END_TEST

/* Thresholds in any option, for each model: compared with differences of thresholds recomputed at
 * neighboring values, fourth order, each known to 1e-12. */
START_TEST(differences)
{
    static const struct {
        const char *threshold;
        double lo, hi;
        enum ssldyn_model_name model;
        double tau, p, tau0;
        bool trained;
    } cases[] = {
        {"p0", 0.5, 3.0, SSLDYN_MODEL_MODES, (double)NAN, 0.15, 0.2, false},
        {"eta", 0.01, 0.19, SSLDYN_MODEL_MODES, (double)NAN, 0.15, 0.2, false},
        {"beta", 0.02, 2.0, SSLDYN_MODEL_MODES, (double)NAN, 0.15, -1.0, false},
        {"p0", 0.5, 3.0, SSLDYN_MODEL_MODES, 0.9, 0.15, 0.2, false},
        {"p0", 0.02, 0.4, SSLDYN_MODEL_PARABOLA, 1.0, 0.15, 0.2, false},
        {"w0", 0.01, 3.0, SSLDYN_MODEL_LOWDIM, (double)NAN, 0.15, 0.2, false},
        {"w0", -3.0, -0.01, SSLDYN_MODEL_LOWDIM, (double)NAN, -0.15, 0.2, false},
        {"wa0", -2.0, 2.0, SSLDYN_MODEL_LOWDIM, (double)NAN, 0.15, 0.2, false},
        {"tau0", -3.0, 3.0, SSLDYN_MODEL_MODES, (double)NAN, 0.15, 0.2, true},
        {"train-ema", 0.98, 0.9999, SSLDYN_MODEL_MODES, (double)NAN, 0.15, 0.2, true},
    };
    static const struct ssldyn_mode_point start = {.rates.alpha_p = 1.4,
                                                   .rates.beta = 0.25,
                                                   .rates.eta_p = 0.06,
                                                   .rates.eta_s = 0.06,
                                                   .sigma2 = 0.25,
                                                   .lambda_s = 1.4,
                                                   .lambda_d = 1.1,
                                                   .s0 = 0.03,
                                                   .w0 = 0.2,
                                                   .wa0 = 0.05,
                                                   .predictor = true};
    struct ssldyn_mode_point mode = start;
    mode.model = cases[_i].model;
    mode.tau = cases[_i].tau;
    mode.p0 = mode.wp0 = cases[_i].p;
    mode.tau0 = cases[_i].tau0;
    mode.training = ssldyn_training_none();
    if (cases[_i].trained) {
        mode.training = (struct ssldyn_training){.lr = 0.05,
                                                 .momentum = 0.9,
                                                 .loss_factor = 2.0,
                                                 .weight_decay = 0.12,
                                                 .ema = 0.75,
                                                 .predictor_lr = 0.07,
                                                 .predictor_weight_decay = 0.1};
        ssldyn_mode_point_set(&mode, ssldyn_mode_point_slot("train-ema"), 0.75);
    }
    const struct ssldyn_threshold at =
        edge_find(&mode, cases[_i].threshold, cases[_i].lo, cases[_i].hi);
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    int checked = 0;
    ck_assert_ptr_null(edge_derive(&mode, cases[_i].threshold, &at, derivatives));
    for (int k = 0; k < SSLDYN_MODE_POINT_SLOTS; k++) {
        const char *name = ssldyn_mode_point_name(k);
        if (isnan(derivatives[k]) ||
            (k == ssldyn_mode_point_slot("lambda-d") && cases[_i].model != SSLDYN_MODEL_LOWDIM))
            continue;
        const double value = ssldyn_mode_point_value(&mode, k);
        const bool complement = k == ssldyn_mode_point_slot("train-ema") ||
                                k == ssldyn_mode_point_slot("train-momentum");
        const double h = (complement ? 1e-4 : 1e-3) * fabs(value);
        double moved[4];
        for (int i = 0; i < 4; i++) {
            static const double steps[4] = {-2.0, -1.0, 1.0, 2.0};
            struct ssldyn_mode_point other = mode;
            ssldyn_mode_point_set(&other, k, value + steps[i] * h);
            moved[i] = edge_find(&other, cases[_i].threshold, cases[_i].lo, cases[_i].hi).value;
        }
        const double want = (8.0 * (moved[2] - moved[1]) - (moved[3] - moved[0])) / (12.0 * h);
        /* 1e-12 of the edge divided by the step, and the remainder of fourth order */
        ck_assert_msg(fabs(derivatives[k] - want) <= 1e-7 * fabs(want) + 3e-12 * fabs(at.value) / h,
                      "%s by %s: %.12g, differences %.12g", cases[_i].threshold, name,
                      derivatives[k], want);
        checked++;
    }
    ck_assert_int_ge(checked, cases[_i].model == SSLDYN_MODEL_PARABOLA ? 3 : 6);
}
END_TEST

/* The fold eta_c = tau^2 lambda_d^2/(4 lambda_s), in the decay and in the data. */
START_TEST(of_the_fold)
{
    struct ssldyn_mode_point mode = on_parabola(0.1, 0.4, 0.31, 1.0);
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    mode.tau = 1.0;
    mode.p0 = 0.6;
    struct ssldyn_threshold fold = edge_find(&mode, "eta", 0.001, 0.3);
    ck_assert_int_eq(fold.mechanism, SSLDYN_BASIN_FOLD);
    ck_assert_ptr_null(edge_derive(&mode, "eta", &fold, derivatives));
    CHECK_CLOSE(edge_by(derivatives, "sigma2"), -1.0 / (4.0 * 1.31 * 1.31), 1e-11, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "lambda-d"), 2.0 / (4.0 * 1.31), 1e-11, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "tau"), 2.0 / (4.0 * 1.31), 1e-11, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "p0"), 0.0, 0.0, 0.0);
    fold = edge_find(&mode, "sigma2", 0.01, 3.0);
    ck_assert_ptr_null(edge_derive(&mode, "sigma2", &fold, derivatives));
    CHECK_CLOSE(edge_by(derivatives, "eta"), -1.0 / (4.0 * 0.1 * 0.1), 1e-11, 0.0);
}
END_TEST

/* A frozen target: alpha_p lambda_d^2 wa^2 = eta_p eta_s. */
START_TEST(of_a_frozen_target)
{
    const struct ssldyn_mode_point mode = {.model = SSLDYN_MODEL_LOWDIM,
                                           .training = ssldyn_training_none(),
                                           .rates.alpha_p = 1.3,
                                           .rates.eta_p = 0.08,
                                           .rates.eta_s = 0.05,
                                           .lambda_s = 1.4,
                                           .lambda_d = 1.1,
                                           .tau = (double)NAN,
                                           .wp0 = 0.3,
                                           .w0 = 0.4,
                                           .predictor = true};
    const struct ssldyn_threshold edge = edge_find(&mode, "wa0", 0.01, 0.5);
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    const double wa = sqrt(0.08 * 0.05 / 1.3) / 1.1;
    CHECK_CLOSE(edge.value, wa, 1e-9, 0.0);
    ck_assert_ptr_null(edge_derive(&mode, "wa0", &edge, derivatives));
    CHECK_CLOSE(edge_by(derivatives, "eta-p"), wa / (2.0 * 0.08), 1e-9, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "eta-s"), wa / (2.0 * 0.05), 1e-9, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "alpha-p"), -wa / (2.0 * 1.3), 1e-9, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "lambda-d"), -wa / 1.1, 1e-9, 0.0);
    CHECK_CLOSE(edge_by(derivatives, "wp0"), 0.0, 0.0, 0.0);
    ck_assert(isnan(edge_by(derivatives, "beta")));
}
END_TEST

/* Unknown derivatives have a reason: an undecided range, or a start that is not on the edge. */
START_TEST(unknown_derivatives_have_a_reason)
{
    const struct ssldyn_mode_point mode = on_parabola(0.04, 0.4, 0.0009, 1.0);
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    struct ssldyn_threshold edge = edge_find(&mode, "p0", 0.02, 0.2);
    edge.value *= 1.05;
    ck_assert_str_eq(edge_derive(&mode, "p0", &edge, derivatives),
                     "the solution from the edge does not come near enough to the saddle");
    ck_assert(isnan(edge_by(derivatives, "eta")));
    edge.mechanism = SSLDYN_BASIN_UNDECIDED;
    ck_assert_str_eq(edge_derive(&mode, "p0", &edge, derivatives), "the threshold is undecided");
}
END_TEST

TEST_SUITE(basin_derivatives)
{
    tcase_add_loop_test(tests, known_edges, 0, 3);
    tcase_add_loop_test(tests, differences, 0, 10);
    tcase_add_test(tests, of_the_fold);
    tcase_add_test(tests, of_a_frozen_target);
    tcase_add_test(tests, unknown_derivatives_have_a_reason);
}
