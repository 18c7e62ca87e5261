/* What SGD's steps measure under the cosine: the growth of the norms compared with differences of
 * the weights; folds and ranks by their formula; the settings for which nothing is claimed. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_balance.h"

#include "tests/close.h"
#include "tests/suite.h"
#include "tests/unit/sgd_setup.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N1 = 5, N2 = 4, STEPS = 41 };

static const char *const settings[] = {"n1",  "5",    "n2",     "4",     "lr", "0.1", "eta",
                                       "0.2", "loss", "cosine", "steps", "41", NULL};

static double square(size_t count, const double x[])
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += x[i] * x[i];
    }
    return sum;
}

static void open_with(struct sgd_setup *setup, const char *const extra[])
{
    const char *options[SPEC_WORDS];
    spec_join(options, settings, extra);
    sgd_open(setup, options, 0, STEPS);
}

/* ---- gains */

static const struct {
    double allowed;
    const char *const options[8];
} measured[] = {
    {1e-11, {"no-ema", "true"}},
    {1e-11, {"batch", "3", "alpha-p", "4"}},
    {1e-11, {"symmetrize-loss", "true", "beta", "0.7"}},
    {1e-11, {"batch", "2", "momentum", "0.5"}},
    {1e-5, {"precision", "float"}}, /* rounding of differences of weights */
};

/* The steps 20 ... 40 of 41, from the weights before and after each of them. */
START_TEST(gains_are_those_of_the_steps)
{
    struct sgd_setup setup;
    struct ssldyn_snapshot now;
    double Wp[N2 * N2], W[N2 * N1], vp[N2 * N2] = {0}, v[N2 * N1] = {0};
    double kappa_w = 0.0, kappa_p = 0.0, norm2_w = 0.0, norm2_wp = 0.0;
    open_with(&setup, measured[_i].options);
    const struct ssldyn_rates *const rates = &setup.spec.problem.parameters.rates;
    const double lr = setup.spec.problem.sgd.lr;
    const double momentum = setup.spec.problem.sgd.momentum;
    for (int k = 0; k < STEPS; k++) {
        ssldyn_sgd_process_view(setup.process, &now);
        memcpy(Wp, now.Wp, sizeof Wp);
        memcpy(W, now.W, sizeof W);
        ck_assert_int_eq(ssldyn_sgd_process_gains(setup.process).steps, k < 20 ? 0 : k - 20);
        sgd_steps(&setup, 1);
        ssldyn_sgd_process_view(setup.process, &now);
        const double before_w = square(N2 * N1, W);
        const double before_wp = square(N2 * N2, Wp);
        /* x <- x - lr v', v' = momentum v + g + eta x */
        for (size_t i = 0; i < N2 * N2; i++) {
            const double speed = (Wp[i] - now.Wp[i]) / lr;
            Wp[i] = (speed - momentum * vp[i] - rates->eta_p * Wp[i]) / rates->alpha_p;
            vp[i] = speed;
        }
        for (size_t i = 0; i < N2 * N1; i++) {
            const double speed = (W[i] - now.W[i]) / lr;
            W[i] = speed - momentum * v[i] - rates->eta_s * W[i];
            v[i] = speed;
        }
        if (k >= 20) {
            norm2_w += before_w / 21.0;
            norm2_wp += before_wp / 21.0;
            kappa_w += before_w * square(N2 * N1, W) / 21.0;
            kappa_p += before_wp * square(N2 * N2, Wp) / 21.0;
        }
    }
    const struct ssldyn_sgd_gains gains = ssldyn_sgd_process_gains(setup.process);
    ck_assert_int_eq(gains.steps, 21);
    CHECK_CLOSE(gains.norm2_w, norm2_w, measured[_i].allowed, 0.0);
    CHECK_CLOSE(gains.norm2_wp, norm2_wp, measured[_i].allowed, 0.0);
    CHECK_CLOSE(gains.kappa_w, kappa_w, measured[_i].allowed, 0.0);
    CHECK_CLOSE(gains.kappa_p, kappa_p, measured[_i].allowed, 0.0);
    ck_assert(gains.k > 0.0 && isfinite(gains.m));
    sgd_close(&setup);
}
END_TEST

/* Where the law of the norms does not hold or says nothing about a mode, nothing is measured. */
static const char *const unmeasured[][8] = {{"loss", "l2"},   {"loss", "iso-cosine"},
                                            {"batch", "inf"}, {"no-predictor", "true"},
                                            {"depth", "2"},   {"predictor", "directpred"}};
enum { UNMEASURED = sizeof unmeasured / sizeof unmeasured[0] };

START_TEST(nothing_is_measured)
{
    struct sgd_setup setup;
    open_with(&setup, unmeasured[_i]);
    sgd_steps(&setup, STEPS);
    ck_assert_int_eq(ssldyn_sgd_process_gains(setup.process).steps, 0);
    sgd_close(&setup);
}
END_TEST

/* ---- folds */

static const struct ssldyn_sgd_gains some = {.steps = 300,
                                             .kappa_w = 0.2,
                                             .kappa_p = 0.3,
                                             .norm2_w = 0.5,
                                             .norm2_wp = 0.6,
                                             .k = 8.0,
                                             .m = 10.0};
static const double lambda_d[] = {1.0, 0.6, 0.3, 0.1, 0.0};
static const double lambda_s[] = {1.5, 0.7, 0.9, 0.2, 0.4};
static const struct ssldyn_moments data = {
    .kind = SSLDYN_MOMENTS_DIAGONAL, .n1 = N1, .X = lambda_d, .sum = lambda_s};
static const double ends[] = {2e-1, 1e-2, 1.1e-6, 0.9e-6};

static void find(const char *const extra[], const struct ssldyn_sgd_gains *gains,
                 struct ssldyn_sgd_balance *balance)
{
    struct ssldyn_spec spec;
    const char *options[SPEC_WORDS];
    spec_join(options, settings, extra);
    sgd_spec(&spec, options);
    ck_assert_int_eq(
        ssldyn_sgd_balance_find(&spec.problem, &data, gains, 400, N2, ends, 1.0, balance, NULL),
        SSLDYN_OK);
    ssldyn_spec_clear(&spec);
}

START_TEST(folds_and_ranks)
{
    const char *const options[] = {"no-ema", "true",     "alpha-p",        "3", "batch",
                                   "16",     "momentum", _i ? "0.5" : "0", NULL};
    struct ssldyn_sgd_balance balance;
    find(options, &some, &balance);
    const double lr = _i ? 0.2 : 0.1;
    CHECK_CLOSE(balance.norm2_w, sqrt(lr * 0.2 / (2.0 * 0.2)), 1e-14, 0.0);
    CHECK_CLOSE(balance.norm2_wp, 3.0 * sqrt(lr * 0.3 / (2.0 * 0.2)), 1e-14, 0.0);
    CHECK_CLOSE(balance.lr_eta, lr * 0.2, 1e-14, 0.0);
    CHECK_CLOSE(balance.memory_steps, 1.0 / (2.0 * lr * 0.2), 1e-14, 0.0);
    ck_assert(balance.batch == 16.0 && balance.settled); /* 100 steps before the means */
    ck_assert_uint_eq(balance.count, N1);
    size_t rank = 0;
    for (size_t j = 0; j < N1; j++) {
        /* eta_s at which (k lambda_d)^2 = 4 m lambda_s eta_s, at |W|^2 = .5; it is inverse to |W|^2 */
        const double eta = pow(8.0 * lambda_d[j], 2.0) / (4.0 * 10.0 * lambda_s[j]);
        /* |W|^2 = sqrt(lr eta kappa_w/2)/eta in balance, times eta = .5 times that */
        const double fold = pow(0.5 * eta, 2.0) * 2.0 / 0.2;
        CHECK_CLOSE(balance.fold[j], fold, 1e-13, 0.0);
        rank += fold > lr * 0.2;
    }
    ck_assert_uint_eq(balance.rank, rank);
    ck_assert(rank >= 2 && rank < N2);
    ck_assert_uint_eq(balance.rank_at_end, 3);
    ssldyn_sgd_balance_clear(&balance);
}
END_TEST

/* In a balanced state the fold in lr eta_s is (fold in eta_s/eta_s)^2 times lr eta_s. */
START_TEST(balanced_state)
{
    static const char *const options[] = {"no-ema", "true", NULL};
    struct ssldyn_sgd_gains gains = some;
    struct ssldyn_sgd_balance balance;
    gains.norm2_w = sqrt(0.1 * gains.kappa_w / (2.0 * 0.2));
    find(options, &gains, &balance);
    for (size_t j = 0; j < N1; j++) {
        const double eta = pow(gains.k * lambda_d[j], 2.0) / (4.0 * gains.m * lambda_s[j]);
        CHECK_CLOSE(balance.fold[j], 0.1 * 0.2 * pow(eta / 0.2, 2.0), 1e-13, 0.0);
    }
    ssldyn_sgd_balance_clear(&balance);
}
END_TEST

/* At most n2 modes are left, and a run that is shorter than its memory says so. */
START_TEST(bounds)
{
    static const char *const options[] = {"no-ema", "true", "eta", "1e-4", NULL};
    struct ssldyn_sgd_balance balance;
    find(options, &some, &balance);
    ck_assert_uint_eq(balance.rank, N2);
    ck_assert(!balance.settled);
    ssldyn_sgd_balance_clear(&balance);
}
END_TEST

static const struct {
    bool balance; /* whether the norms are known */
    const char *const options[8];
} without_folds[] = {{true, {"beta", "0.5"}},
                     {true, {"no-ema", "true", "no-stop-grad", "true"}},
                     {true, {"no-ema", "true", "eta-p", "0.3"}},
                     {false, {"no-ema", "true", "eta", "0"}},
                     {false, {"no-ema", "true", "schedule-lr", "cosine"}},
                     {false, {"no-ema", "true", "schedule-decay", "linear"}}};
enum { WITHOUT = sizeof without_folds / sizeof without_folds[0] };

START_TEST(nothing_is_claimed)
{
    struct ssldyn_sgd_balance balance;
    find(without_folds[_i].options, &some, &balance);
    ck_assert_uint_eq(balance.count, 0);
    ck_assert_ptr_null(balance.fold);
    ck_assert(isnan(balance.norm2_w) == !without_folds[_i].balance);
    ck_assert(isnan(balance.memory_steps) == !without_folds[_i].balance);
    ck_assert_uint_eq(balance.rank_at_end, 3);
    ssldyn_sgd_balance_clear(&balance);
}
END_TEST

TEST_SUITE(sgd_balance)
{
    tcase_add_loop_test(tests, gains_are_those_of_the_steps, 0, 5);
    tcase_add_loop_test(tests, nothing_is_measured, 0, UNMEASURED);
    tcase_add_loop_test(tests, folds_and_ranks, 0, 2);
    tcase_add_test(tests, balanced_state);
    tcase_add_test(tests, bounds);
    tcase_add_loop_test(tests, nothing_is_claimed, 0, WITHOUT);
}
