/* A point of a sweep: set by number it is the run that the same values give when they are typed. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/point.h"
#include "tests/spec_make.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Sweeps in which every numeric option is tried as an axis. */
static const char *const sweeps[][16] = {
    {"model", "population", "init-wa", "zero"},
    {"model", "population", "process", "sgd", "schedule-lr", "cosine", "schedule-ema", "linear",
     "schedule-decay", "linear"},
    {"model", "population", "process", "sgd", "predictor", "directset", "n1", "6", "n2", "3"},
    {"model", "reduced", "tau", "0.5"},
    {"model", "modes", "p0", "0.1,0.2,0.3"},
    {"model", "modes", "predictor", "directpred"},
    {"model", "parabola"},
    {"model", "lowdim", "w0", "0.2,0.1"},
    {"model", "population", "process", "sgd", "train-lr", "0.05", "train-weight-decay", "0.01",
     "train-ema", "0.99", "train-steps", "300"},
    {"model", "modes", "train-lr", "0.05", "train-weight-decay", "0.01", "train-ema", "0.99",
     "train-predictor-lr", "0.1"},
};
enum { SWEEPS = sizeof sweeps / sizeof sweeps[0] };

/* Every option has the same value in both, and so have the numbers that do not belong to an
 * option. */
static void compare(const struct ssldyn_spec *set, const struct ssldyn_spec *made, const char *axis)
{
    for (size_t i = 0; i < ssldyn_options_count; i++) {
        char one[300];
        char other[300];
        const struct ssldyn_option *option = &ssldyn_options[i];
        ck_assert_msg(strcmp(ssldyn_option_text(set, option, one, sizeof one),
                             ssldyn_option_text(made, option, other, sizeof other)) == 0,
                      "%s: %s is %s, not %s", axis, option->name, one, other);
    }
    const struct ssldyn_parameters *parameters = &set->problem.parameters;
    const struct ssldyn_parameters *others = &made->problem.parameters;
    ck_assert_msg(memcmp(&parameters->rates, &others->rates, sizeof parameters->rates) == 0, "%s",
                  axis);
    ck_assert(parameters->lambda_s == others->lambda_s && parameters->lambda_d == others->lambda_d);
    ck_assert(set->problem.sgd.ema_share == made->problem.sgd.ema_share);
}

/* Two values of an option within its range; false if it does not take numbers. */
static bool two_values(const struct ssldyn_option *option, char text[100])
{
    if (option->kind == SSLDYN_OPTION_INTEGER || option->kind == SSLDYN_OPTION_SEED) {
        snprintf(text, 100, "list:%.17g,%.17g", option->minimum + 2.0, option->minimum + 5.0);
        return true;
    }
    const double most = fmin(option->maximum, option->minimum + 1.0);
    const double width = most - option->minimum;
    snprintf(text, 100, "list:%.17g,%.17g", option->minimum + width / 3.0,
             option->minimum + width / 7.0);
    return isfinite(width) &&
           (option->kind == SSLDYN_OPTION_DOUBLE || option->kind == SSLDYN_OPTION_LIST);
}

static bool try_axis(struct ssldyn_spec *spec, const char *const axis[2])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_axes axes = {0};
    char name[80];
    snprintf(name, sizeof name, "axis.%s", axis[0]);
    bool fine = ssldyn_spec_set(spec, name, axis[1], name, &err) == SSLDYN_OK &&
                ssldyn_spec_prepare(spec, &err) == SSLDYN_OK &&
                ssldyn_axes_init(&axes, spec, &err) == SSLDYN_OK;
    if (fine) {
        struct ssldyn_point moved = ssldyn_point_at_none(spec, &axes);
        struct ssldyn_point fresh = ssldyn_point_at_none(spec, &axes);
        const double *values = axes.axis[0].values.values;
        ck_assert_msg(ssldyn_point_set(&moved, &values[0], &err) == SSLDYN_OK, "%s", err.message);
        ck_assert_msg(ssldyn_point_set(&moved, &values[1], &err) == SSLDYN_OK, "%s", err.message);
        ck_assert_msg(ssldyn_point_set(&fresh, &values[1], &err) == SSLDYN_OK, "%s", err.message);
        compare(&moved.spec, &fresh.spec, axis[0]);
        ck_assert_msg(ssldyn_point_set(&moved, &values[0], &err) == SSLDYN_OK, "%s", err.message);
        ssldyn_point_clear(&fresh);
        ck_assert_msg(ssldyn_point_set(&fresh, &values[0], &err) == SSLDYN_OK, "%s", err.message);
        compare(&moved.spec, &fresh.spec, axis[0]);
        ssldyn_point_clear(&moved);
        ssldyn_point_clear(&fresh);
    }
    ssldyn_axes_clear(&axes);
    return fine;
}

START_TEST(numbers_are_set_as_typed)
{
    int tried = 0;
    for (size_t i = 0; i < ssldyn_options_count; i++) {
        char values[100];
        struct ssldyn_spec spec;
        if (!two_values(&ssldyn_options[i], values)) {
            continue;
        }
        spec_make(&spec, SSLDYN_COMMAND_SWEEP, sweeps[_i]);
        tried += try_axis(&spec, (const char *const[]){ssldyn_options[i].name, values});
        ssldyn_spec_clear(&spec);
    }
    ck_assert_int_ge(tried, 8);
}
END_TEST

/* A word on an axis changes which options apply; numbers that contradict each other are refused in
 * both forms. */
START_TEST(words_and_refusals)
{
    const char *const options[] = {"model",
                                   "population",
                                   "axis.n2",
                                   "list:4,4096",
                                   "axis.samples",
                                   "list:10,1000",
                                   "axis.predictor",
                                   "list:gradient,optimal",
                                   NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_axes axes;
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, options);
    ck_assert_msg(ssldyn_axes_init(&axes, &spec, &err) == SSLDYN_OK, "%s", err.message);
    struct ssldyn_point point = ssldyn_point_at_none(&spec, &axes);
    ck_assert_int_eq(ssldyn_point_set(&point, (double[]){4.0, 1000.0, 0.0}, &err), SSLDYN_OK);
    ck_assert_int_eq(point.spec.problem.samples, 1000);
    ck_assert_int_eq(ssldyn_point_set(&point, (double[]){4096.0, 1000.0, 0.0}, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "--samples 1000: the results would take about"));
    ck_assert_int_eq(ssldyn_point_set(&point, (double[]){4096.0, 10.0, 1.0}, &err), SSLDYN_OK);
    char text[40];
    const struct ssldyn_option *option = ssldyn_option_find("predictor");
    ck_assert_str_eq(ssldyn_option_text(&point.spec, option, text, sizeof text), "optimal");
    ck_assert_int_eq(point.spec.problem.n2, 4096);
    ssldyn_point_clear(&point);
    ssldyn_axes_clear(&axes);
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(point)
{
    tcase_add_loop_test(tests, numbers_are_set_as_typed, 0, SWEEPS);
    tcase_add_test(tests, words_and_refusals);
}
