/* Lines through points: exact ones, a broken one, least squares by other formulas, and how often a
 * straight line is called broken by chance. */
// SPDX-License-Identifier: MIT
#include "sim/align/line_fit.h"
#include "sim/random/stream.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>

enum { MOST = 128, LEAST = 6, SEEDS = 1000 };

static double x[MOST];
static double y[MOST];

/* x falls from 2 to -6. */
static void lay_out(size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = 2.0 - 8.0 * (double)i / (double)(count - 1);
}

START_TEST(a_line_and_its_sums)
{
    lay_out(9);
    for (size_t i = 0; i < 9; i++)
        y[i] = 0.3 * x[i] - 1.0;
    struct ssldyn_line_sums sums = ssldyn_line_sums_of(9, x, y, NULL, NULL);
    CHECK_CLOSE(sums.x, -2.0, 1e-14, 0.0);
    CHECK_CLOSE(sums.xx, 60.0, 1e-14, 0.0); /* (8/8)^2 sum (i - 4)^2 */
    CHECK_CLOSE(ssldyn_line_sums_about(&sums), 0.0, 0.0, 1e-14);
    struct ssldyn_line_fit line = ssldyn_line_fit_make(&sums, true);
    CHECK_CLOSE(line.slope, 0.3, 1e-14, 0.0);
    CHECK_CLOSE(line.residual, 0.0, 0.0, 1e-7);
    /* One point off by d at the end: the sum of squares is d^2 (1 - 1/9 - 16/60), and the slope
     * moves by 4 d/60. */
    y[0] += 0.6;
    sums = ssldyn_line_sums_of(9, x, y, NULL, NULL);
    CHECK_CLOSE(ssldyn_line_sums_about(&sums), 0.36 * (1.0 - 1.0 / 9.0 - 16.0 / 60.0), 1e-13, 0.0);
    line = ssldyn_line_fit_make(&sums, true);
    CHECK_CLOSE(line.slope, 0.3 + 2.4 / 60.0, 1e-13, 0.0);
    /* Student's 97.5 % point of 7 degrees of freedom */
    const double reach = 2.364624251592785 * line.residual / sqrt(60.0);
    CHECK_CLOSE(line.high - line.slope, reach, 1e-12, 0.0);
    CHECK_CLOSE(line.slope - line.low, reach, 1e-12, 0.0);
    sums = ssldyn_line_sums_of(2, x, y, NULL, NULL);
    ck_assert_double_nan(ssldyn_line_fit_make(&sums, true).slope);
}
END_TEST

/* Two lines that meet, and two that do not, with _i points above the break. */
START_TEST(an_exact_break_is_found)
{
    const size_t upper = (size_t)_i;
    const size_t count = 40;
    lay_out(count);
    for (int apart = 0; apart < 2; apart++) {
        const double corner = 0.5 * (x[upper - 1] + x[upper]);
        for (size_t i = 0; i < count; i++)
            y[i] = (i < upper ? 0.15 : 0.9) * (x[i] - corner) - (i < upper ? 0.0 : apart);
        struct ssldyn_line_break found;
        ssldyn_line_break_find(count, x, y, LEAST, &found);
        ck_assert(found.justified);
        ck_assert_uint_eq(found.best, upper);
        ck_assert(found.one > 1e-2);
        CHECK_CLOSE(found.two, 0.0, 0.0, 1e-13);
    }
}
END_TEST

START_TEST(a_straight_line_is_not_broken)
{
    lay_out(30);
    for (size_t i = 0; i < 30; i++)
        y[i] = 0.5 * x[i];
    struct ssldyn_line_break found;
    ssldyn_line_break_find(30, x, y, LEAST, &found);
    ck_assert(!found.justified);
    ck_assert_double_nan(found.delta_bic);
    /* eleven points are too few, for any shape */
    for (size_t i = 0; i < 11; i++)
        y[i] = i < 6 ? 0.0 : -5.0;
    ssldyn_line_break_find(11, x, y, 3, &found);
    ck_assert(!found.justified);
    ck_assert_uint_eq(found.best, 0);
    ck_assert_double_nan(found.two);
    ck_assert(found.one > 1.0);
    ssldyn_line_break_find(0, x, y, LEAST, &found);
    ck_assert(!found.justified);
}
END_TEST

/* How many of 1,000 straight lines with normal scatter are called broken; and how many broken ones,
 * with slopes .15 and .75 as in trained networks, are not. */
START_TEST(chance_breaks_are_rare)
{
    static const size_t counts[] = {12, 24, 64, 128};
    const size_t count = counts[_i];
    size_t chance = 0;
    size_t missed = 0;
    lay_out(count);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct ssldyn_stream stream;
        struct ssldyn_line_break found;
        double noise[MOST];
        ssldyn_stream_init(&stream, seed, 0, SSLDYN_PURPOSE_BATCH);
        ssldyn_stream_normal(&stream, count, noise);
        for (size_t i = 0; i < count; i++)
            y[i] = 0.5 * x[i] + 0.2 * noise[i];
        ssldyn_line_break_find(count, x, y, LEAST, &found);
        chance += found.justified;
        for (size_t i = 0; i < count; i++)
            y[i] = (2 * i < count ? 0.15 : 0.75) * (x[i] + 2.0) + 0.2 * noise[i];
        ssldyn_line_break_find(count, x, y, LEAST, &found);
        missed += !found.justified;
    }
    fprintf(stderr, "line_fit: %zu points: %zu of %d straight lines broken, %zu breaks missed\n",
            count, chance, SEEDS, missed);
    ck_assert_uint_le(chance, 1);
    if (count >= 24)
        ck_assert_uint_le(missed, count >= 64 ? 0 : 20);
}
END_TEST

/* Many points: the best of all breaks, with sums computed separately for each. */
START_TEST(many_points_break_at_the_best)
{
    enum { COUNT = 400 };
    static double far[COUNT];
    static double high[COUNT];
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct ssldyn_stream stream;
        double noise[COUNT];
        ssldyn_stream_init(&stream, seed, 1, SSLDYN_PURPOSE_BATCH);
        ssldyn_stream_normal(&stream, COUNT, noise);
        const size_t corner = 40 + 15 * (size_t)seed;
        for (size_t i = 0; i < COUNT; i++) {
            far[i] = 5.0 - 0.05 * (double)i;
            high[i] = (i < corner ? 0.1 : 0.8) * (far[i] - far[corner]) + 0.3 * noise[i];
        }
        double least = (double)INFINITY;
        size_t best = 0;
        for (size_t k = LEAST; k + LEAST <= COUNT; k++) {
            const struct ssldyn_line_sums upper = ssldyn_line_sums_of(k, far, high, NULL, NULL);
            const struct ssldyn_line_sums lower =
                ssldyn_line_sums_of(COUNT - k, far + k, high + k, NULL, NULL);
            const double sum = ssldyn_line_sums_about(&upper) + ssldyn_line_sums_about(&lower);
            best = sum < least ? k : best;
            least = fmin(sum, least);
        }
        struct ssldyn_line_break found;
        ssldyn_line_break_find(COUNT, far, high, LEAST, &found);
        ck_assert_uint_eq(found.best, best);
        CHECK_CLOSE(found.two, least, 1e-14, 0.0);
        ck_assert(found.justified);
    }
}
END_TEST

TEST_SUITE(line_fit)
{
    tcase_add_test(tests, many_points_break_at_the_best);
    tcase_add_test(tests, a_line_and_its_sums);
    tcase_add_loop_test(tests, an_exact_break_is_found, 6, 35);
    tcase_add_test(tests, a_straight_line_is_not_broken);
    tcase_add_loop_test(tests, chance_breaks_are_rare, 0, 4);
}
