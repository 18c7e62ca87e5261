/* Fates of the modes of a deep encoder: the edge on the balanced manifold, verdicts compared with
 * solutions followed to their end, boxes, and settings without a criterion. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/depth_fate.h"

static struct ssldyn_parameters settings(int64_t depth, int kind, double eta)
{
    return (struct ssldyn_parameters){.rates = {1.5, 0.7, eta, eta, 1.0},
                                      .lambda_s = 1.25,
                                      .lambda_d = 1.0,
                                      .tau = 1.0,
                                      .tau_held = kind == 3,
                                      .stop_grad = true,
                                      .predictor = true,
                                      .depth = depth,
                                      .target = kind == 2 ? SSLDYN_DEPTH_MAE : SSLDYN_DEPTH_JEPA,
                                      .ema_of = kind == 1 ? SSLDYN_DEPTH_OF_PRODUCT
                                                          : SSLDYN_DEPTH_OF_LAYERS};
}

static enum ssldyn_fate judge(const struct ssldyn_parameters *parameters, const double y[])
{
    const double exact[SSLDYN_DEPTH_VARIABLES] = {0.0};
    return ssldyn_depth_fate(parameters, y, exact);
}

/* On the manifold, with a copy as target, p_- separates the fates for every model, to rounding. */
START_TEST(edge_of_the_manifold)
{
    const int64_t depth = 2 + _i / 4;
    struct ssldyn_parameters parameters = settings(depth, _i % 4, 0.0);
    const struct ssldyn_depth free = ssldyn_depth_mode(&parameters);
    parameters.rates.eta_p = parameters.rates.eta_s = 0.8 * ssldyn_depth_fold(&free);
    const struct ssldyn_depth mode = ssldyn_depth_mode(&parameters);
    double fixed[2];
    ssldyn_depth_fixedpoints(&mode, fixed);
    for (int side = -1; side <= 1; side += 2) {
        double y[SSLDYN_DEPTH_VARIABLES] = {fixed[0] * (1.0 + side * 1e-11)};
        for (size_t i = 1; i < SSLDYN_DEPTH_VARIABLES; i++)
            y[i] = y[0] / sqrt(parameters.rates.alpha_p);
        if (_i % 4 == 1)
            y[1 + depth] = ssldyn_depth_product(&parameters, y);
        ck_assert_int_eq(judge(&parameters, y),
                         side > 0 ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_COLLAPSED);
        double radius[SSLDYN_DEPTH_VARIABLES]; /* a box across the edge */
        for (size_t i = 0; i < SSLDYN_DEPTH_VARIABLES; i++)
            radius[i] = 1e-10 * fabs(y[i]);
        ck_assert_int_eq(ssldyn_depth_fate(&parameters, y, radius), SSLDYN_FATE_UNDECIDED);
        parameters.rates.eta_p = parameters.rates.eta_s = 1.001 * ssldyn_depth_fold(&free);
        ck_assert_int_eq(judge(&parameters, y), SSLDYN_FATE_COLLAPSED);
        parameters.rates.eta_p = parameters.rates.eta_s = mode.eta;
    }
}
END_TEST

/* The classical fourth-order Runge-Kutta method, accurate enough away from edges. */
static void step(const struct ssldyn_parameters *parameters, size_t n, double h, double y[])
{
    static const double share[] = {0.0, 0.5, 0.5, 1.0};
    static const double weight[] = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0};
    double k[SSLDYN_DEPTH_VARIABLES] = {0.0};
    double at[SSLDYN_DEPTH_VARIABLES];
    double sum[SSLDYN_DEPTH_VARIABLES] = {0.0};
    for (int stage = 0; stage < 4; stage++) {
        for (size_t i = 0; i < n; i++)
            at[i] = y[i] + share[stage] * h * k[i];
        ssldyn_depth_rhs(parameters, at, k);
        for (size_t i = 0; i < n; i++)
            sum[i] += weight[stage] * k[i];
    }
    for (size_t i = 0; i < n; i++)
        y[i] += h * sum[i];
}

/* The end of random starts of any signs agrees with the first verdict, and no later verdict
 * contradicts it; hardly any start stays undecided. */
static void follow(const struct ssldyn_parameters *parameters, double y[], enum ssldyn_fate *first)
{
    const size_t n = 1 + ssldyn_depth_layers(parameters) + ssldyn_depth_targets(parameters);
    const double h = 0.1;
    const int patience = (int)(12.0 / (parameters->rates.eta_s * h));
    *first = judge(parameters, y);
    for (int k = 0, left = 4 * patience; left > 0; k++, left--) {
        step(parameters, n, h, y);
        if (k % 16 != 0)
            continue;
        const enum ssldyn_fate now = judge(parameters, y);
        if (*first == SSLDYN_FATE_UNDECIDED && now != *first) {
            *first = now;
            left = patience;
        }
        ck_assert_msg(now == *first || now == SSLDYN_FATE_UNDECIDED, "a verdict changed");
    }
}

START_TEST(verdicts_come_true)
{
    const int kind = _i % 4;
    const int64_t depth = kind == 2 ? 1 + _i / 4 : 2 + _i / 4; /* one layer of JEPA is M5 */
    size_t open = 0;
    size_t count[2] = {0};
    for (uint64_t trial = 0; trial < 12; trial++) {
        struct ssldyn_parameters parameters = settings(depth, kind, 0.0);
        const struct ssldyn_depth free = ssldyn_depth_mode(&parameters);
        double y[SSLDYN_DEPTH_VARIABLES];
        uint64_t state = 1000 * trial + (uint64_t)_i;
        parameters.rates.eta_p = parameters.rates.eta_s =
            (trial % 4 == 3 ? 1.2 : draw_between(&state, 0.3, 0.8)) * ssldyn_depth_fold(&free);
        for (size_t i = 0; i < SSLDYN_DEPTH_VARIABLES; i++)
            y[i] = draw_between(&state, 0.3, 1.4);
        if (trial % 3 == 2)
            y[trial % 2] *= -1.0;
        enum ssldyn_fate first = SSLDYN_FATE_UNDECIDED;
        follow(&parameters, y, &first);
        const bool alive = fabs(y[0]) > 0.1;
        open += first == SSLDYN_FATE_UNDECIDED;
        ck_assert(first == SSLDYN_FATE_UNDECIDED || (first == SSLDYN_FATE_SURVIVES) == alive);
        count[alive] += first != SSLDYN_FATE_UNDECIDED;
    }
    ck_assert_uint_le(open, 1);
    ck_assert_uint_gt(count[0], 0);
    ck_assert_uint_gt(count[1], 0);
}
END_TEST

/* At held tau a predictor of the opposite sign never changes sign if it is larger than one layer of
 * the network: D3. */
START_TEST(opposite_predictor)
{
    const struct ssldyn_parameters parameters = settings(2, 3, 0.01);
    const double lost[3] = {-0.9, 0.5, 3.0};
    const double open[3] = {-0.3, 0.8, 0.8};
    ck_assert_int_eq(judge(&parameters, lost), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(judge(&parameters, open), SSLDYN_FATE_UNDECIDED);
}
END_TEST

START_TEST(no_criterion)
{
    const double y[5] = {0.9, 0.75, 0.75, 0.75, 0.75};
    const double bad[5] = {0.9, (double)NAN, 0.75, 0.75, 0.75};
    struct ssldyn_parameters parameters = settings(2, 0, 0.01);
    ck_assert_ptr_null(ssldyn_depth_fate_why(&parameters));
    ck_assert_int_eq(judge(&parameters, y), SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(judge(&parameters, bad), SSLDYN_FATE_DIVERGED);
    parameters.rates.eta_p = 0.02;
    ck_assert_ptr_nonnull(ssldyn_depth_fate_why(&parameters));
    ck_assert_int_eq(judge(&parameters, y), SSLDYN_FATE_UNDECIDED);
    parameters.rates.eta_p = 0.01;
    parameters.rates.beta = 0.0;
    ck_assert_ptr_nonnull(ssldyn_depth_fate_why(&parameters));
    parameters.rates.beta = 1.0;
    parameters.lambda_d = 0.0;
    ck_assert_int_eq(judge(&parameters, y), SSLDYN_FATE_COLLAPSED);
}
END_TEST

TEST_SUITE(depth_fate)
{
    tcase_add_loop_test(tests, edge_of_the_manifold, 0, 12);
    tcase_add_loop_test(tests, verdicts_come_true, 0, 8);
    tcase_add_test(tests, opposite_predictor);
    tcase_add_test(tests, no_criterion);
}
