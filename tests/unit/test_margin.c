/* Margins to the fold: a knob set to its value on the fold gives a double root, and elasticities
 * are the logarithmic derivatives of the fold. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/fixedpoint.h"
#include "theory/margin.h"

#include <check.h>

/* parameters with one knob at another value */
static struct ssldyn_parameters turned(struct ssldyn_parameters parameters, int knob, double value)
{
    switch (knob) {
    case SSLDYN_KNOB_ETA_S:
        parameters.rates.eta_s = value;
        break;
    case SSLDYN_KNOB_NOISE:
        parameters.lambda_s = parameters.lambda_d + value;
        break;
    case SSLDYN_KNOB_LAMBDA_D:
        parameters.lambda_d = value;
        break;
    case SSLDYN_KNOB_LAMBDA_S:
        parameters.lambda_s = value;
        break;
    case SSLDYN_KNOB_TAU:
        parameters.tau = value;
        break;
    case SSLDYN_KNOB_ETA_P:
        parameters.rates.eta_p = value;
        break;
    case SSLDYN_KNOB_BETA:
        parameters.rates.beta = value;
        break;
    default:
        parameters.rates.alpha_p = value;
        break;
    }
    return parameters;
}

static double value_of(const struct ssldyn_parameters *parameters, int knob)
{
    const double values[SSLDYN_KNOBS] = {[SSLDYN_KNOB_ETA_S] = parameters->rates.eta_s,
                                         [SSLDYN_KNOB_NOISE] =
                                             parameters->lambda_s - parameters->lambda_d,
                                         [SSLDYN_KNOB_LAMBDA_D] = parameters->lambda_d,
                                         [SSLDYN_KNOB_LAMBDA_S] = parameters->lambda_s,
                                         [SSLDYN_KNOB_TAU] = parameters->tau,
                                         [SSLDYN_KNOB_ETA_P] = parameters->rates.eta_p,
                                         [SSLDYN_KNOB_BETA] = parameters->rates.beta,
                                         [SSLDYN_KNOB_ALPHA_P] = parameters->rates.alpha_p};
    return values[knob];
}

static double log_ratio(const struct ssldyn_parameters *parameters)
{
    double wp[2];
    double w_squared[2];
    const double tau = parameters->tau_held ? parameters->tau : 1.0;
    return log(ssldyn_fixedpoint_lowdim(parameters, tau, wp, w_squared) / parameters->rates.eta_s);
}

START_TEST(each_knob)
{
    uint64_t seed = 11;
    for (int trial = 0; trial < 200; trial++) {
        struct ssldyn_margin margin;
        const struct ssldyn_parameters parameters = {
            .rates = {.alpha_p = draw_log(&seed, 0.1, 10.0),
                      .beta = draw_log(&seed, 0.01, 5.0),
                      .eta_p = draw_log(&seed, 0.01, 1.0),
                      .eta_s = draw_log(&seed, 0.01, 1.0)},
            .lambda_d = draw_log(&seed, 0.1, 10.0),
            .lambda_s = draw_log(&seed, 10.0, 100.0),
            .tau = draw_between(&seed, 0.2, 2.0),
            .tau_held = trial % 2 == 0};
        ssldyn_margin(&parameters, &margin);
        CHECK_CLOSE(log(margin.fold / parameters.rates.eta_s), log_ratio(&parameters), 1e-14,
                    1e-15);
        CHECK_CLOSE(margin.margin, margin.fold - parameters.rates.eta_s, 1e-15, 0.0);
        for (int knob = 0; knob < SSLDYN_KNOBS; knob++) {
            const double value = value_of(&parameters, knob);
            const struct ssldyn_parameters more = turned(parameters, knob, value * exp(1e-5));
            const struct ssldyn_parameters less = turned(parameters, knob, value * exp(-1e-5));
            /* central difference: h^2/6 times a third derivative of order 1, and rounding/h */
            CHECK_CLOSE(margin.elasticity[knob], (log_ratio(&more) - log_ratio(&less)) / 2e-5, 1e-9,
                        1e-9);
            if (isnan(margin.at_fold[knob])) {
                continue;
            }
            const struct ssldyn_parameters there = turned(parameters, knob, margin.at_fold[knob]);
            /* lambda_s = lambda_d + noise rounds to eps (lambda_d + noise)/noise of the noise */
            CHECK_CLOSE(log_ratio(&there), 0.0, 0.0, 4e-15);
            CHECK_CLOSE(margin.factor[knob] * value, margin.at_fold[knob], 1e-15, 0.0);
        }
        ck_assert(!isnan(margin.factor[SSLDYN_KNOB_ETA_S]));
        ck_assert(!isnan(margin.factor[SSLDYN_KNOB_LAMBDA_D]));
        ck_assert(isnan(margin.factor[SSLDYN_KNOB_TAU]) == !parameters.tau_held);
        ck_assert(isnan(margin.factor[SSLDYN_KNOB_BETA]));
        ck_assert(isnan(margin.factor[SSLDYN_KNOB_ALPHA_P]));
        ck_assert(isnan(margin.factor[SSLDYN_KNOB_ETA_P]));
    }
}
END_TEST

/* Cases where no value reaches the fold: no weight decay, no data, and noise whose removal does not
 * suffice (the fold without noise is lambda_d/4). */
START_TEST(out_of_reach)
{
    struct ssldyn_margin margin;
    struct ssldyn_parameters parameters = {
        .rates = {.beta = 0.3, .eta_p = 0.1}, .lambda_d = 1.0, .lambda_s = 1.25};
    ssldyn_margin(&parameters, &margin); /* eta_s = 0 */
    for (int knob = 0; knob < SSLDYN_KNOBS; knob++)
        ck_assert_msg(isnan(margin.factor[knob]), "%s", ssldyn_margin_knob((enum ssldyn_knob)knob));
    parameters.rates.eta_s = 0.26;
    ssldyn_margin(&parameters, &margin);
    ck_assert(isnan(margin.factor[SSLDYN_KNOB_NOISE]));
    CHECK_CLOSE(margin.factor[SSLDYN_KNOB_ETA_S], 0.2 / 0.26, 1e-15, 0.0);
    parameters.rates.eta_s = 0.1; /* c = 2.5 there: sigma^2 from .25 to 1.5 */
    ssldyn_margin(&parameters, &margin);
    CHECK_CLOSE(margin.factor[SSLDYN_KNOB_NOISE], 6.0, 1e-14, 0.0);
    CHECK_CLOSE(margin.factor[SSLDYN_KNOB_LAMBDA_D], sqrt(0.5), 1e-15, 0.0);
    parameters.lambda_s = 1.0; /* no noise to multiply, but on the fold a value exists */
    ssldyn_margin(&parameters, &margin);
    ck_assert(isnan(margin.factor[SSLDYN_KNOB_NOISE]));
    CHECK_CLOSE(margin.at_fold[SSLDYN_KNOB_NOISE], 1.5, 1e-15, 0.0);
    parameters.lambda_d = 0.0;
    ssldyn_margin(&parameters, &margin);
    for (int knob = 0; knob < SSLDYN_KNOBS; knob++)
        ck_assert_msg(isnan(margin.factor[knob]), "%s", ssldyn_margin_knob((enum ssldyn_knob)knob));
}
END_TEST

/* No fold: a frozen target, whose own size decides; and eta_p = 0 < eta_s, where every mode
 * collapses. */
START_TEST(no_fold)
{
    struct ssldyn_margin margin;
    struct ssldyn_parameters parameters = {
        .rates = {.alpha_p = 2.0, .eta_p = 0.1, .eta_s = 0.3}, .lambda_d = 0.8, .lambda_s = 1.25};
    ssldyn_margin(&parameters, &margin);
    ck_assert(isnan(margin.fold) && isnan(margin.margin));
    for (int knob = 0; knob < SSLDYN_KNOBS; knob++)
        ck_assert(isnan(margin.factor[knob]));
    CHECK_CLOSE(ssldyn_margin_frozen(&parameters), sqrt(0.1 * 0.3 / 2.0) / 0.8, 1e-15, 0.0);
    parameters.tau_held = true; /* a held target follows at once, for any beta */
    parameters.tau = 1.0;
    ssldyn_margin(&parameters, &margin);
    CHECK_CLOSE(margin.fold, 0.64 / 5.0, 1e-15, 0.0);
    parameters.rates.eta_p = 0.0;
    ssldyn_margin(&parameters, &margin);
    ck_assert(isnan(margin.fold) && isnan(margin.factor[SSLDYN_KNOB_ETA_S]));
    parameters.rule = SSLDYN_PREDICTOR_DIRECTPRED; /* eta_p exists for trained predictors only */
    ssldyn_margin(&parameters, &margin);
    CHECK_CLOSE(margin.fold, 0.64 / 5.0, 1e-15, 0.0);
    ck_assert_double_nan(ssldyn_margin_fold(&parameters)); /* no predictor */
    parameters.predictor = true;
    ck_assert_double_nan(ssldyn_margin_fold(&parameters)); /* no stop-gradient */
    parameters.stop_grad = true;
    ck_assert(ssldyn_margin_fold(&parameters) == margin.fold);
}
END_TEST

TEST_SUITE(margin)
{
    tcase_add_test(tests, each_knob);
    tcase_add_test(tests, out_of_reach);
    tcase_add_test(tests, no_fold);
}
