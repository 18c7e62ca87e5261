/* Margins of knobs: fates differ on the two sides of every crossing, the fold is exact, and
 * training settings give the same as the rates derived from them. */
// SPDX-License-Identifier: MIT
#include "sim/flow/margins.h"
#include "sim/flow/mode_point.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <string.h>

static const struct ssldyn_mode_point start = {.model = SSLDYN_MODEL_MODES,
                                               .rates.alpha_p = 1.0,
                                               .rates.beta = 0.4,
                                               .rates.eta_p = 0.04,
                                               .rates.eta_s = 0.04,
                                               .sigma2 = 0.25,
                                               .tau = (double)NAN,
                                               .p0 = 0.3,
                                               .s0 = 0.1,
                                               .predictor = true};

static struct ssldyn_margins find(const struct ssldyn_mode_point *mode)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_margins margins;
    struct ssldyn_parameters parameters = ssldyn_mode_point_parameters(mode);
    const struct ssldyn_ensemble_point point = ssldyn_mode_point_start(mode);
    const struct ssldyn_margins_request request = {.parameters = &parameters,
                                                   .training = &mode->training,
                                                   .isotropic = mode->model != SSLDYN_MODEL_LOWDIM};
    ck_assert_msg(ssldyn_margins_find(&request, 1, &point, &margins, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_uint_eq(margins.count, 1);
    return margins;
}

static const struct ssldyn_margins_crossing *of(const struct ssldyn_margins *margins,
                                                const char *name)
{
    for (size_t k = 0; k < margins->knob_count; k++)
        if (strcmp(margins->knobs[k].name, name) == 0)
            return &margins->crossings[k];
    return NULL;
}

static int fate_of(const struct ssldyn_mode_point *mode)
{
    const struct ssldyn_ensemble_options options = {.t_end = 1e6, .rtol = 1e-12, .stop = true};
    const struct ssldyn_ensemble_point point = ssldyn_mode_point_start(mode);
    struct ssldyn_ensemble_end end;
    ck_assert_int_eq(ssldyn_ensemble_run(&options, 1, &point, &end, NULL), SSLDYN_OK);
    return end.fate;
}

/* Sets the option to either side of the reported crossing; returns the number of crossings. */
static int check_sides(const struct ssldyn_mode_point *mode, const struct ssldyn_margins *margins)
{
    int checked = 0;
    for (size_t k = 0; k < margins->knob_count; k++) {
        const struct ssldyn_margins_crossing *crossing = &margins->crossings[k];
        char name[40];
        (void)snprintf(name, sizeof name, "%s", margins->knobs[k].name);
        for (char *c = name; *c; c++)
            *c = *c == '_' ? '-' : *c;
        const int slot = ssldyn_mode_point_slot(name);
        if (slot < 0 || crossing->kind == SSLDYN_MARGINS_NONE)
            continue;
        for (int side = 0; side < 2; side++) {
            /* away from the present value, and towards it; near the fold a ghost slows the flow */
            const double off = crossing->kind == SSLDYN_MARGINS_FOLD ? 1e-2 : 1e-5;
            const double log_factor = log(crossing->factor);
            const double factor =
                exp(log_factor + (side == 0 ? -off : off) * (log_factor < 0.0 ? -1.0 : 1.0));
            struct ssldyn_mode_point moved = *mode;
            ssldyn_mode_point_set(&moved, slot,
                                  margins->knobs[k].complement
                                      ? 1.0 - factor * (1.0 - crossing->value)
                                      : factor * crossing->value);
            ck_assert_msg((fate_of(&moved) == (int)margins->fates[0]) == (side == 0),
                          "%s x %.10g: side %d", name, factor, side);
        }
        checked++;
    }
    return checked;
}

START_TEST(of_rates)
{
    struct ssldyn_mode_point mode = start;
    mode.training = ssldyn_training_none();
    struct ssldyn_margins margins = find(&mode);
    ck_assert_int_eq(margins.fates[0], SSLDYN_FATE_SURVIVES);
    /* 1/(4 c) = eta at c = 6.25 */
    ck_assert_int_eq(of(&margins, "sigma2")->kind, SSLDYN_MARGINS_FOLD);
    CHECK_CLOSE(of(&margins, "sigma2")->there, 5.25, 1e-14, 0.0);
    ck_assert_int_eq(of(&margins, "eta")->kind, SSLDYN_MARGINS_EDGE);
    ck_assert(isnan(of(&margins, "start")->there) && of(&margins, "start")->factor < 1.0);
    ck_assert_ptr_null(of(&margins, "tau"));
    ck_assert_ptr_null(of(&margins, "lambda_d"));
    ck_assert_int_ge(check_sides(&mode, &margins), 5);
    ssldyn_margins_clear(&margins);
    /* a start that collapses, and the changes that would make it survive */
    mode.p0 = 0.04;
    mode.s0 = 0.001;
    margins = find(&mode);
    ck_assert_int_eq(margins.fates[0], SSLDYN_FATE_COLLAPSED);
    ck_assert(of(&margins, "start")->factor > 1.0 && of(&margins, "eta")->factor < 1.0);
    ck_assert_int_ge(check_sides(&mode, &margins), 3);
    ssldyn_margins_clear(&margins);
}
END_TEST

/* Held tau, on the parabola, where everything has a closed form: the edge of the start is p*-, that
 * of eta is p0 (lambda_d - lambda_s p0). */
START_TEST(of_data)
{
    struct ssldyn_mode_point mode = start;
    mode.model = SSLDYN_MODEL_LOWDIM;
    mode.training = ssldyn_training_none();
    mode.lambda_s = 1.4;
    mode.lambda_d = 1.1;
    mode.tau = 1.0;
    mode.wp0 = mode.w0 = 0.3;
    struct ssldyn_margins margins = find(&mode);
    const double root = sqrt(1.1 * 1.1 - 4.0 * 0.04 * 1.4);
    CHECK_CLOSE(of(&margins, "start")->factor, (1.1 - root) / 2.8 / 0.3, 1e-6, 0.0);
    CHECK_CLOSE(of(&margins, "eta")->there, 0.3 * (1.1 - 1.4 * 0.3), 1e-6, 0.0);
    /* p0 is above p*- for all values down to the fold of lambda_d */
    CHECK_CLOSE(of(&margins, "lambda_d")->there, 2.0 * sqrt(0.04 * 1.4), 1e-14, 0.0);
    ck_assert_ptr_null(of(&margins, "sigma2"));
    ck_assert_ptr_null(of(&margins, "beta"));
    ck_assert_int_ge(check_sides(&mode, &margins), 5);
    ssldyn_margins_clear(&margins);
    /* so strong a start that the fold decides: exactly 2 sqrt(eta lambda_s), lambda_d^2/(4 eta),
     * ... */
    mode.wp0 = 0.9;
    mode.w0 = 3.0;
    margins = find(&mode);
    CHECK_CLOSE(of(&margins, "lambda_d")->there, 2.0 * sqrt(0.04 * 1.4), 1e-14, 0.0);
    CHECK_CLOSE(of(&margins, "lambda_s")->there, 1.21 / (4.0 * 0.04), 1e-14, 0.0);
    CHECK_CLOSE(of(&margins, "tau")->there, 2.0 * sqrt(0.04 * 1.4) / 1.1, 1e-14, 0.0);
    ssldyn_margins_clear(&margins);
}
END_TEST

/* lr .05, momentum .9, loss factor 2, decays .08 and .08, ema .6: these give the rates of
 * `start`. */
START_TEST(of_training)
{
    struct ssldyn_mode_point mode = start;
    struct ssldyn_mode_point plain = start;
    plain.training = ssldyn_training_none();
    mode.training = (struct ssldyn_training){.lr = 0.05,
                                             .momentum = 0.9,
                                             .loss_factor = 2.0,
                                             .weight_decay = 0.08,
                                             .ema = 0.6,
                                             .predictor_lr = (double)NAN,
                                             .predictor_weight_decay = (double)NAN};
    ssldyn_mode_point_set(&mode, ssldyn_mode_point_slot("train-ema"), 0.6);
    CHECK_CLOSE(mode.rates.beta, 0.4, 1e-15, 0.0);
    struct ssldyn_margins margins = find(&mode);
    struct ssldyn_margins rates = find(&plain);
    CHECK_CLOSE(of(&margins, "train_weight_decay")->factor, of(&rates, "eta")->factor, 1e-7, 0.0);
    CHECK_CLOSE(of(&margins, "train_weight_decay")->there, 2.0 * of(&rates, "eta")->there, 1e-7,
                0.0);
    CHECK_CLOSE(of(&margins, "train_ema")->factor, of(&rates, "beta")->factor, 1e-7, 0.0);
    CHECK_CLOSE(of(&margins, "train_ema")->there, 1.0 - 0.4 * of(&rates, "beta")->factor, 1e-7,
                0.0);
    CHECK_CLOSE(of(&margins, "train_lr")->factor, 1.0 / of(&rates, "beta")->factor, 1e-6, 0.0);
    ck_assert_ptr_null(of(&margins, "beta"));
    ck_assert_ptr_null(of(&margins, "eta"));
    ck_assert_ptr_null(of(&margins, "train_predictor_lr"));
    ck_assert_int_ge(check_sides(&mode, &margins), 5);
    ssldyn_margins_clear(&margins);
    /* a predictor with its own settings */
    mode.training.predictor_lr = 0.06;
    mode.training.predictor_weight_decay = 0.05;
    ssldyn_mode_point_set(&mode, ssldyn_mode_point_slot("train-ema"), 0.6);
    margins = find(&mode);
    ck_assert_ptr_null(of(&margins, "alpha_p"));
    ck_assert_ptr_nonnull(of(&margins, "train_predictor_lr"));
    ck_assert_ptr_nonnull(of(&margins, "train_predictor_weight_decay"));
    ck_assert_int_ge(check_sides(&mode, &margins), 4);
    ssldyn_margins_clear(&margins);
    ssldyn_margins_clear(&rates);
}
END_TEST

TEST_SUITE(margins)
{
    tcase_add_test(tests, of_rates);
    tcase_add_test(tests, of_data);
    tcase_add_test(tests, of_training);
}
