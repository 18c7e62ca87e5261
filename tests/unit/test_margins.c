/* Margins of knobs: fates differ on the two sides of every crossing, the fold is exact, and
 * training settings give the same as the rates derived from them. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin.h"
#include "sim/flow/margins.h"
#include "tests/close.h"
#include "tests/spec_make.h"
#include "tests/suite.h"
#include "theory/depth.h"

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
            *c = (char)(*c == '_' ? '-' : *c);
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

static struct ssldyn_margins of_spec(struct ssldyn_spec *spec, const char *const options[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_margins margins;
    spec_make(spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_margins_of_problem(&spec->problem, &margins, &err) == SSLDYN_OK, "%s",
                  err.message);
    return margins;
}

/* Three layers on the balanced manifold, alpha_p = 1, with the target held: the edge of the start is
 * p_-, that of eta p^5 (lambda_d - p lambda_s) below the turn, and above it the folds decide. The
 * third mode starts below its edge. */
START_TEST(of_layers)
{
    const char *const options[] = {
        "model",    "lowdim",        "depth",    "3",           "eta", "0.01",
        "no-ema",   "true",          "wp0",      "0.7,1.2,0.4", "w0",  "0.343,1.728,0.064",
        "lambda-s", "1.25,1.4,1.25", "lambda-d", "1,1.1,1",     NULL};
    const double p0[3] = {0.7, 1.2, 0.4};
    struct ssldyn_spec spec;
    struct ssldyn_margins margins = of_spec(&spec, options);
    ck_assert_uint_eq(margins.count, 3);
    for (size_t j = 0; j < 3; j++) {
        const struct ssldyn_depth mode = {SSLDYN_DEPTH_JEPA, 3, 1.0, 0.01, j == 1 ? 1.4 : 1.25,
                                          j == 1 ? 1.1 : 1.0};
        const struct ssldyn_margins_crossing *row = margins.crossings + j * margins.knob_count;
        struct ssldyn_margins own = margins; /* the view of one mode */
        own.crossings = (struct ssldyn_margins_crossing *)row;
        double p[2];
        ssldyn_depth_fixedpoints(&mode, p);
        ck_assert_int_eq(margins.fates[j], j == 2 ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_SURVIVES);
        CHECK_CLOSE(of(&own, "start")->factor, p[0] / p0[j], 1e-6, 0.0);
        const double edge = pow(p0[j], 5.0) * (mode.lambda_d - p0[j] * mode.lambda_s);
        const double fold = ssldyn_depth_fold(&mode);
        const bool above = p0[j] > ssldyn_depth_turn(&mode);
        CHECK_CLOSE(of(&own, "eta")->there, above ? fold : edge, above ? 1e-13 : 1e-6, 0.0);
        ck_assert_int_eq(of(&own, "eta")->kind, above ? SSLDYN_MARGINS_FOLD : SSLDYN_MARGINS_EDGE);
        ck_assert_ptr_null(of(&own, "eta_s")); /* unequal decays: no certified fates */
        ck_assert_ptr_null(of(&own, "beta"));
        if (!above)
            continue;
        /* fold = (5^5/6^6) lambda_d^6/lambda_s^5 */
        CHECK_CLOSE(of(&own, "lambda_d")->factor, pow(0.01 / fold, 1.0 / 6.0), 1e-13, 0.0);
        CHECK_CLOSE(of(&own, "lambda_s")->factor, pow(fold / 0.01, 1.0 / 5.0), 1e-13, 0.0);
        CHECK_CLOSE(of(&own, "tau")->factor, pow(0.01 / fold, 1.0 / 6.0), 1e-13, 0.0);
    }
    ssldyn_margins_clear(&margins);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* Edges off the manifold, of a moving target and of predicted data: the thresholds of ssldyn basin,
 * which bisects each option alone. */
START_TEST(of_layers_as_thresholds)
{
    static const struct {
        const char *options[26];
        const char *knobs[4];
    } cases[] = {{{"model",    "lowdim", "depth",   "2",   "eta",     "0.02",     "wp0",
                   "0.45",     "w0",     "0.3",     "wa0", "0.2",     "lambda-s", "1.25",
                   "lambda-d", "1",      "layers0", "1,2", "alpha-p", "1.2"},
                  {"eta", "alpha-p", "lambda-d", "lambda-s"}},
                 {{"model", "lowdim", "depth", "2", "eta", "0.02", "wp0", "0.32", "w0", "0.2",
                   "lambda-s", "1.25", "lambda-d", "1", "ema-of", "product"},
                  {"eta", "beta", "lambda-d", "alpha-p"}},
                 {{"model", "lowdim", "depth", "2", "eta", "0.2", "wp0", "0.5", "w0", "0.1",
                   "lambda-s", "1.2", "lambda-d", "1", "target", "mae"},
                  {"eta", "alpha-p", "lambda-d", NULL}}};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_mode_point point;
    struct ssldyn_margins margins = of_spec(&spec, cases[_i].options);
    ck_assert_int_eq(ssldyn_mode_point_init(&point, &spec.problem, &err), SSLDYN_OK);
    for (size_t k = 0; k < 4 && cases[_i].knobs[k]; k++) {
        const int slot = ssldyn_mode_point_slot(cases[_i].knobs[k]);
        char name[40];
        (void)snprintf(name, sizeof name, "%s", cases[_i].knobs[k]);
        for (char *c = name; *c; c++)
            *c = (char)(*c == '-' ? '_' : *c);
        const struct ssldyn_margins_crossing *crossing = of(&margins, name);
        struct ssldyn_thresholds found;
        ck_assert_ptr_nonnull(crossing);
        ck_assert_msg(crossing->kind != SSLDYN_MARGINS_NONE, "%s: no flip", name);
        ck_assert_int_eq(ssldyn_basin_thresholds(&point, slot, crossing->there * 0.93,
                                                 crossing->there * 1.05, 6, &found, &err),
                         SSLDYN_OK);
        ck_assert_uint_eq(found.count, 1);
        CHECK_CLOSE(crossing->there, found.list[0].value, 2e-6, 0.0);
        ck_assert_int_eq(crossing->kind == SSLDYN_MARGINS_FOLD,
                         found.list[0].mechanism == SSLDYN_BASIN_FOLD);
        ssldyn_basin_thresholds_clear(&found);
    }
    ssldyn_margins_clear(&margins);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* The weight decay of training, which both decays share. */
START_TEST(of_layers_in_training)
{
    const char *const rates[] = {"model", "modes", "depth", "2",  "eta",  "0.02", "beta",
                                 "0.4",   "p0",    "0.45",  "s0", "0.05", NULL};
    const char *const training[] = {"model", "modes",    "depth", "2",         "train-weight-decay",
                                    "0.02",  "train-lr", "0.05",  "train-ema", "0.98",
                                    "p0",    "0.45",     "s0",    "0.05",      NULL};
    struct ssldyn_spec spec;
    struct ssldyn_spec other;
    struct ssldyn_margins margins = of_spec(&spec, training);
    struct ssldyn_margins plain = of_spec(&other, rates);
    ck_assert_int_eq(of(&plain, "eta")->kind, SSLDYN_MARGINS_EDGE);
    CHECK_CLOSE(of(&margins, "train_weight_decay")->there, of(&plain, "eta")->there, 1e-6, 0.0);
    ck_assert_ptr_null(of(&margins, "eta"));
    ssldyn_margins_clear(&margins);
    ssldyn_margins_clear(&plain);
    ssldyn_spec_clear(&spec);
    ssldyn_spec_clear(&other);
}
END_TEST

TEST_SUITE(margins)
{
    tcase_add_test(tests, of_rates);
    tcase_add_test(tests, of_data);
    tcase_add_test(tests, of_training);
    tcase_add_test(tests, of_layers);
    tcase_add_loop_test(tests, of_layers_as_thresholds, 0, 3);
    tcase_add_test(tests, of_layers_in_training);
}
