/* The nearest point of a sweep compared with a search over all its points, in the metric in which
 * the axes are spaced; and refusals. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/axes_nearest.h"

#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void open_axes(struct ssldyn_spec *spec, struct ssldyn_axes *axes, const char *sobol,
                      const char *const named[][2], size_t count)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_spec_init(spec, SSLDYN_COMMAND_SWEEP, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_set(spec, "model", "modes", "model", NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_set(spec, "sobol", sobol, "sobol", NULL), SSLDYN_OK);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(ssldyn_spec_axis(spec, named[i][0], named[i][1], "here", NULL), SSLDYN_OK);
    }
    ck_assert_msg(ssldyn_axes_init(axes, spec, &err) == SSLDYN_OK, "%s", err.message);
}

static void close_axes(struct ssldyn_spec *spec, struct ssldyn_axes *axes)
{
    ssldyn_axes_clear(axes);
    ssldyn_spec_clear(spec);
}

static const char *const grid[][2] = {
    {"eta", "0:0.3:7"}, {"alpha-p", "log:0.1:10:9"}, {"p0", "list:0.5,-0.25,0.1"}};
static const char *const sample[][2] = {{"eta", "0:0.3"}, {"alpha-p", "log:0.1:10"}};

/* Searches all points of the axes; eta and p0 on a linear scale, alpha_p on a logarithmic one. */
START_TEST(against_all_points)
{
    uint64_t seed = (uint64_t)_i + 1;
    const bool sobol = _i % 2 == 1;
    struct ssldyn_spec spec;
    struct ssldyn_axes axes;
    struct ssldyn_axes_walk *walk = NULL;
    struct ssldyn_axes_nearest found;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char text[200];
    const double eta = draw_between(&seed, 0.0, 0.3);
    const double alpha_p = draw_log(&seed, 0.1, 10.0);
    const double p0 = draw_between(&seed, -0.25, 0.5);
    if (sobol) {
        open_axes(&spec, &axes, "100", sample, 2);
        snprintf(text, sizeof text, "alpha_p=%.17g,eta=%.17g", alpha_p, eta);
    } else {
        open_axes(&spec, &axes, "0", grid, 3);
        snprintf(text, sizeof text, "p0=%.17g,alpha_p=%.17g,eta=%.17g", p0, alpha_p, eta);
    }
    ck_assert_msg(ssldyn_axes_nearest(&axes, text, &found, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(ssldyn_axes_walk_create(&axes, &walk, NULL), SSLDYN_OK);
    int64_t best = -1;
    double least = 1e300;
    for (int64_t k = 0; k < axes.points; k++) {
        double values[SSLDYN_AXES_MAXIMUM];
        ssldyn_axes_walk_read(walk, k, values);
        const double in_p0 = sobol ? 0.0 : (values[2] - p0) / 0.75;
        const double in_eta = (values[0] - eta) / 0.3;
        const double in_alpha = log(values[1] / alpha_p) / log(100.0);
        const double square = in_p0 * in_p0 + in_eta * in_eta + in_alpha * in_alpha;
        if (square < least) {
            least = square;
            best = k;
        }
    }
    ck_assert_int_eq(found.number, best);
    double values[SSLDYN_AXES_MAXIMUM];
    ssldyn_axes_walk_read(walk, best, values);
    ck_assert_mem_eq(found.values, values, axes.count * sizeof *values);
    ck_assert(found.asked[0] == eta && found.asked[1] == alpha_p);
    ssldyn_axes_walk_free(walk);
    close_axes(&spec, &axes);
}
END_TEST

START_TEST(refused)
{
    static const char *const bad[][2] = {{"eta=0.1,p0=0.1", "alpha-p"},
                                         {"eta=0.31,alpha_p=1,p0=0", "from 0 to 0.3"},
                                         {"eta=nan,alpha_p=1,p0=0", "finite"},
                                         {"eta=0.1,alpha_p=1,p0=0,beta=1", "beta"},
                                         {"eta=0.1,alpha_p=1,p0", "NAME=VALUE"},
                                         {"eta=0.1,eta=0.1,alpha_p=1,p0=0", "twice"},
                                         {"=1", "is not an axis"},
                                         {",", "NAME=VALUE"}};
    struct ssldyn_spec spec;
    struct ssldyn_axes axes;
    open_axes(&spec, &axes, "0", grid, 3);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ssldyn_axes_nearest found;
        struct ssldyn_error err = {SSLDYN_OK, ""};
        ck_assert_int_eq(ssldyn_axes_nearest(&axes, bad[i][0], &found, &err), SSLDYN_EINPUT);
        ck_assert_msg(strstr(err.message, bad[i][1]), "%s: %s", bad[i][0], err.message);
    }
    close_axes(&spec, &axes);
}
END_TEST

/* An axis with one value need not be given; words are given literally. */
START_TEST(short_axes_and_words)
{
    static const char *const named[][2] = {{"eta", "list:0.1"},
                                           {"stepper", "list:auto,dop853,radau5"}};
    struct ssldyn_spec spec;
    struct ssldyn_axes axes;
    struct ssldyn_axes_nearest found;
    open_axes(&spec, &axes, "0", named, 2);
    ck_assert_int_eq(ssldyn_axes_nearest(&axes, "stepper=radau5", &found, NULL), SSLDYN_OK);
    ck_assert_int_eq(found.number, 2);
    ck_assert(found.values[0] == 0.1 && found.asked[0] == 0.1);
    ck_assert_int_eq(ssldyn_axes_nearest(&axes, "stepper=radau", &found, NULL), SSLDYN_EINPUT);
    close_axes(&spec, &axes);
}
END_TEST

TEST_SUITE(axes_nearest)
{
    tcase_add_loop_test(tests, against_all_points, 0, 100);
    tcase_add_test(tests, refused);
    tcase_add_test(tests, short_axes_and_words);
}
