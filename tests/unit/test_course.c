/* The trend of a variance over time: rates and standard errors compared with their closed forms. */
// SPDX-License-Identifier: MIT
#include "sim/align/course.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static struct ssldyn_course fit(size_t count, const double t[], const double x[])
{
    struct ssldyn_history history = {0};
    struct ssldyn_course course;
    for (size_t i = 0; i < count; i++) {
        const struct ssldyn_summary summary = {.t = t[i], .spread = {.total = x[i]}};
        ck_assert_int_eq(ssldyn_history_add(&history, &summary, NULL), SSLDYN_OK);
    }
    ssldyn_course_fit(&history, false, &course);
    ssldyn_history_clear(&history);
    return course;
}

START_TEST(an_exponential_has_its_rate)
{
    double t[12];
    double x[12];
    for (size_t i = 0; i < 12; i++) {
        t[i] = 2.385 * (double)i;
        x[i] = 3.1 * exp(-0.71 * t[i]);
    }
    const struct ssldyn_course course = fit(12, t, x);
    CHECK_CLOSE(course.rate, -0.71, 1e-12, 0.0);
    CHECK_CLOSE(course.left, exp(-0.71 * t[11]), 1e-12, 0.0);
    CHECK_CLOSE(course.span, t[11], 1e-14, 0.0);
    ck_assert(course.falls && !course.settled && !course.by_place);
    ck_assert_uint_eq(course.points, 4);
}
END_TEST

/* log x = 0, 1, 0 at t = 0, 1, 2: slope 0, residual sum 2/3 with one degree of freedom over sum t^2
 * = 2. */
START_TEST(a_standard_error_is_that_of_least_squares)
{
    const double t[3] = {0.0, 1.0, 2.0};
    const double x[3] = {1.0, exp(1.0), 1.0};
    const struct ssldyn_course course = fit(3, t, x);
    CHECK_CLOSE(course.rate, 0.0, 0.0, 1e-14);
    CHECK_CLOSE(course.error, sqrt(1.0 / 3.0), 1e-13, 0.0);
    ck_assert(!course.falls);
}
END_TEST

/* A curve that gets steeper has residuals, but each step falls by more than half: noise cannot do
 * that. */
START_TEST(steepening_falls_and_a_plateau_does_not)
{
    const double t[4] = {0.0, 1.0, 2.0, 3.0};
    const double steep[4] = {1.0, 0.4, 1e-3, 1e-9};
    ck_assert(fit(4, t, steep).falls);
    const double plateau[8] = {1.0, 0.1, 1e-2, 1e-3, 1e-3, 1.01e-3, 0.99e-3, 1e-3};
    const double time[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    const struct ssldyn_course flat = fit(8, time, plateau);
    ck_assert(!flat.falls && flat.settled);
}
END_TEST

/* A variance that rises again has not settled; an oscillation that was as low before and then rose
 * tenfold is recognized as one. */
START_TEST(rises_and_oscillations_are_detected)
{
    double t[13];
    double x[13];
    for (size_t i = 0; i < 13; i++) {
        t[i] = (double)i;
        x[i] = exp(-6.0 * (1.0 - cos(0.25 * 3.14159265358979323846 * t[i]))); /* period 8 */
    }
    ck_assert(fit(13, t, x).falls && fit(13, t, x).recovered); /* second low */
    ck_assert(fit(5, t, x).falls && !fit(5, t, x).recovered);  /* first low */
    ck_assert(fit(8, t, x).rises && !fit(8, t, x).falls);
    for (size_t i = 0; i < 13; i++)
        x[i] = 1.0 + 0.001 * t[i];
    ck_assert(fit(13, t, x).settled && !fit(13, t, x).rises);
}
END_TEST

START_TEST(degenerate_times_have_no_slope)
{
    const double t[4] = {0.0, 0.0, 0.0, 0.0};
    const double x[4] = {1.0, 0.1, 0.01, 0.001};
    ck_assert(isnan(fit(2, t, x).rate));
    const struct ssldyn_course by_place = fit(4, t, x);
    ck_assert(by_place.by_place);
    CHECK_CLOSE(by_place.rate, -log(10.0), 1e-12, 0.0);
    const double zero[4] = {1.0, 0.1, 0.0, 0.0};
    const struct ssldyn_course gone = fit(4, t, zero);
    ck_assert(isnan(gone.rate));
    ck_assert_double_eq(gone.left, 0.0);
}
END_TEST

TEST_SUITE(course)
{
    tcase_add_test(tests, an_exponential_has_its_rate);
    tcase_add_test(tests, a_standard_error_is_that_of_least_squares);
    tcase_add_test(tests, steepening_falls_and_a_plateau_does_not);
    tcase_add_test(tests, rises_and_oscillations_are_detected);
    tcase_add_test(tests, degenerate_times_have_no_slope);
}
