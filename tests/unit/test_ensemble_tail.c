/* The closed form near the surviving fixed point: laws that any solution obeys. */
// SPDX-License-Identifier: MIT
#include "sim/ensemble/lanes.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

/* beta 0: the target is held at wa = ratio w */
static const struct {
    double beta, eta, ratio;
} cases[] = {{0.4, 0.05, 1.0}, {0.02, 0.05, 0.9}, {3.0, 0.1, 1.2},
             {0.3, 0.2, 1.0},  {0.0, 0.05, 1.0},  {0.0, 0.1, 0.8}};
enum { CASES = sizeof cases / sizeof cases[0] };

/* A pool with one trajectory whose w, wp, wa differ from the attractor by `size` times fixed
 * numbers. */
static struct ssldyn_lanes *place(int i, double size)
{
    struct ssldyn_lanes *lanes = aligned_alloc(64, (sizeof *lanes + 63) / 64 * 64);
    const double ratio = cases[i].ratio;
    const double m = ratio + sqrt(ratio * ratio - 4.0 * cases[i].eta); /* e = eta at w = wp = m/2 */
    ck_assert_ptr_nonnull(lanes);
    lanes->at[LANES_M_STAR][0] = m;
    lanes->at[LANES_BETA][0] = cases[i].beta;
    lanes->at[LANES_ETA_S][0] = cases[i].eta;
    lanes->at[LANES_RATIO][0] = ratio;
    lanes->at[LANES_PER_RATIO][0] = 1.0 / ratio;
    lanes->at[LANES_W][0] = 0.5 * m + 0.7 * size;
    lanes->at[LANES_WP][0] = 0.5 * m - 0.4 * size;
    lanes->at[LANES_KEEP][0] = cases[i].beta > 0.0 ? 1.0 : 0.0;
    lanes->at[LANES_HELD][0] = cases[i].beta > 0.0 ? 0.0 : ratio;
    lanes->at[LANES_WA][0] =
        cases[i].beta > 0.0 ? 0.5 * m * ratio + 0.9 * size : ratio * lanes->at[LANES_W][0];
    return lanes;
}

/* The full equations (lanes.h) at wp, w, wa. */
static void full(int i, const double y[3], double rate[3])
{
    const double e = y[2] - y[0] * y[1];
    rate[0] = e * y[1] - cases[i].eta * y[0];
    rate[1] = e * y[0] - cases[i].eta * y[1];
    rate[2] = cases[i].beta > 0.0 ? cases[i].beta * (cases[i].ratio * y[1] - y[2])
                                  : cases[i].ratio * rate[1];
}

/* After time 0 nothing has changed, and after T1 + T2 the state equals that after T1 and then T2.
 * Values of .7 to 1.4 are rounded at T1, an error that grows by at most 1.8, and at the end; their
 * deviation from the attractor, a hundredth, is rounded in sums of modes with a condition number of
 * at most 11: together less than 10 u. */
START_TEST(times_add_up)
{
    struct ssldyn_lanes *lanes = place(_i, 1e-2);
    double y[3], direct[3];
    ck_assert(ssldyn_tail_surviving(lanes, 0, 0.0, y));
    CHECK_CLOSE(y[0], lanes->at[LANES_WP][0], 2e-15, 0.0);
    CHECK_CLOSE(y[1], lanes->at[LANES_W][0], 2e-15, 0.0);
    CHECK_CLOSE(y[2], lanes->at[LANES_WA][0], 2e-15, 0.0);
    ck_assert(ssldyn_tail_surviving(lanes, 0, 3.5, direct));
    ck_assert(ssldyn_tail_surviving(lanes, 0, 1.25, y));
    lanes->at[LANES_WP][0] = y[0];
    lanes->at[LANES_W][0] = y[1];
    lanes->at[LANES_WA][0] = y[2];
    ck_assert(ssldyn_tail_surviving(lanes, 0, 2.25, y));
    for (int k = 0; k < 3; k++)
        CHECK_CLOSE(y[k], direct[k], 2e-15, 0.0);
    free(lanes);
}
END_TEST

/* Its slope is the rate of the full equations up to terms of second order in the distance: a
 * hundredth at a distance of a tenth. */
START_TEST(linear_about_the_attractor)
{
    static const double h = 1e-3; /* central differences are off by h^2/6 of the third derivative */
    double off[2] = {0.0, 0.0};
    for (int k = 0; k < 2; k++) {
        struct ssldyn_lanes *lanes = place(_i, k == 0 ? 1e-2 : 1e-3);
        double y[3], before[3], after[3], rate[3];
        for (int t = 0; t <= 4; t += 2) {
            ck_assert(ssldyn_tail_surviving(lanes, 0, t - h, before));
            ck_assert(ssldyn_tail_surviving(lanes, 0, t, y));
            ck_assert(ssldyn_tail_surviving(lanes, 0, t + h, after));
            full(_i, y, rate);
            for (int j = 0; j < 3; j++)
                off[k] = fmax(off[k], fabs((after[j] - before[j]) / (2.0 * h) - rate[j]));
        }
        free(lanes);
    }
    ck_assert_double_lt(off[0], 2e-4); /* twice the distance squared */
    ck_assert_double_lt(off[1], off[0] / 50.0);
}
END_TEST

/* After a long time it is at the attractor, where the rates are differences of terms of order 1,
 * each rounded three times. */
START_TEST(ends_at_the_attractor)
{
    struct ssldyn_lanes *lanes = place(_i, 1e-2);
    const double m = lanes->at[LANES_M_STAR][0];
    double y[3], rate[3];
    ck_assert(ssldyn_tail_surviving(lanes, 0, 1e5, y));
    CHECK_CLOSE(y[0], 0.5 * m, 1e-15, 0.0);
    CHECK_CLOSE(y[1], 0.5 * m, 1e-15, 0.0);
    full(_i, y, rate);
    for (int k = 0; k < 3; k++)
        CHECK_CLOSE(rate[k], 0.0, 0.0, 1e-15);
    free(lanes);
}
END_TEST

TEST_SUITE(ensemble_tail)
{
    tcase_add_loop_test(tests, times_add_up, 0, CASES);
    tcase_add_loop_test(tests, linear_about_the_attractor, 0, CASES);
    tcase_add_loop_test(tests, ends_at_the_attractor, 0, CASES);
}
