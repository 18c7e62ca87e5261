/* Schedules at their first and last steps, in the middle, and in degenerate runs. */
// SPDX-License-Identifier: MIT
#include "sim/run/schedule.h"

#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

START_TEST(constant)
{
    const struct ssldyn_schedule_shape shape = {SSLDYN_SCHEDULE_CONSTANT, 0, 100, 0.25};
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 0), 1.0, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 99), 1.0, 0.0, 0.0);
}
END_TEST

START_TEST(warmup)
{
    const struct ssldyn_schedule_shape shape = {SSLDYN_SCHEDULE_CONSTANT, 10, 100, 0.0};
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 0), 0.1, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 4), 0.5, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 9), 1.0, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 10), 1.0, 0.0, 0.0);
}
END_TEST

START_TEST(linear)
{
    const struct ssldyn_schedule_shape shape = {SSLDYN_SCHEDULE_LINEAR, 20, 121, 0.2};
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 20), 1.0, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 70), 0.6, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 120), 0.2, 1e-14, 0.0);
}
END_TEST

START_TEST(cosine)
{
    const struct ssldyn_schedule_shape shape = {SSLDYN_SCHEDULE_COSINE, 0, 101, 0.0};
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 0), 1.0, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 50), 0.5, 1e-15, 0.0);
    /* (1 + cos(pi/4))/2 = cos^2(pi/8) */
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 25), 0.85355339059327376220, 1e-14, 0.0);
    CHECK_CLOSE(ssldyn_schedule_factor(&shape, 100), 0.0, 0.0, 1e-15);
    const struct ssldyn_schedule_shape raised = {SSLDYN_SCHEDULE_COSINE, 0, 101, 2.0};
    CHECK_CLOSE(ssldyn_schedule_factor(&raised, 50), 1.5, 1e-15, 0.0);
}
END_TEST

/* A run of one step, and one that ends with its warm-up, are at the end of the schedule. */
START_TEST(short_runs)
{
    const struct ssldyn_schedule_shape one = {SSLDYN_SCHEDULE_COSINE, 0, 1, 0.5};
    CHECK_CLOSE(ssldyn_schedule_factor(&one, 0), 0.5, 1e-15, 0.0);
    const struct ssldyn_schedule_shape all_warm = {SSLDYN_SCHEDULE_LINEAR, 5, 5, 0.5};
    CHECK_CLOSE(ssldyn_schedule_factor(&all_warm, 4), 1.0, 1e-15, 0.0);
}
END_TEST

/* Rates in flow time. Without a schedule of lr step k begins at t = lr k/(1 - momentum); with one,
 * time is the sum of the rates, and at the start of a step the rates are those of the step. */
START_TEST(rates_in_flow_time)
{
    enum { STEPS = 500 };
    const double rows[2] = {0.0, 3.0};
    struct ssldyn_parameters scratch;
    for (int changing = 0; changing < 2; changing++) {
        struct ssldyn_timetable timetable;
        struct ssldyn_problem problem = {
            .parameters = {.rates = {.beta = 0.3, .eta_p = 0.7, .eta_s = 0.2}}};
        const struct ssldyn_sgd_options sgd = {.lr = 0.02,
                                               .momentum = 0.5,
                                               .warmup = changing ? 40 : 0,
                                               .schedule_lr = changing ? SSLDYN_SCHEDULE_COSINE
                                                                       : SSLDYN_SCHEDULE_CONSTANT,
                                               .end_lr = 0.1,
                                               .schedule_ema = SSLDYN_SCHEDULE_COSINE,
                                               .schedule_decay = SSLDYN_SCHEDULE_LINEAR,
                                               .end_decay = 3.0};
        ck_assert_int_eq(ssldyn_schedule_create_timetable(&sgd, STEPS, 2, rows, &timetable, NULL),
                         SSLDYN_OK);
        problem.timetable = &timetable;
        ck_assert(ssldyn_schedule_changes_rates(&problem));
        const struct ssldyn_schedules shapes = ssldyn_schedule_read(&sgd, STEPS);
        double t = 0.0;
        for (int k = 0; k < STEPS; k++) {
            const struct ssldyn_parameters *now =
                ssldyn_schedule_parameters_at(&problem, &problem.parameters, t, &scratch);
            const double ema = ssldyn_schedule_factor(&shapes.ema, k);
            const double decay = ssldyn_schedule_factor(&shapes.decay, k);
            CHECK_CLOSE(now->rates.beta, 0.3 * ema, 1e-12, 1e-13);
            CHECK_CLOSE(now->rates.eta_p, 0.7 * decay, 1e-12, 0.0);
            CHECK_CLOSE(now->rates.eta_s, 0.2 * decay, 1e-12, 0.0);
            t += 0.04 * ssldyn_schedule_factor(&shapes.lr, k);
        }
        CHECK_CLOSE(timetable.rows[1], 3.0, 0.0, 0.0);
        ssldyn_schedule_clear_timetable(&timetable);
    }
}
END_TEST

/* A target that moves by a fraction of its distance in each step follows the steps, not flow time:
 * its rate is that fraction divided by the duration of the step. */
START_TEST(average_by_step)
{
    enum { STEPS = 200 };
    const double rows[2] = {0.0, 1.0};
    struct ssldyn_timetable timetable;
    struct ssldyn_parameters scratch;
    struct ssldyn_problem problem = {.parameters = {.rates = {.beta = 0.3}}};
    const struct ssldyn_sgd_options sgd = {.lr = 0.02,
                                           .ema_share = 0.3 * 0.02,
                                           .warmup = 10,
                                           .schedule_lr = SSLDYN_SCHEDULE_COSINE,
                                           .end_lr = 0.05,
                                           .schedule_ema = SSLDYN_SCHEDULE_COSINE,
                                           .end_ema = 0.5};
    ck_assert_int_eq(ssldyn_schedule_create_timetable(&sgd, STEPS, 2, rows, &timetable, NULL),
                     SSLDYN_OK);
    problem.timetable = &timetable;
    ck_assert(ssldyn_schedule_changes_rates(&problem));
    const struct ssldyn_schedules shapes = ssldyn_schedule_read(&sgd, STEPS);
    double t = 0.0;
    for (int k = 0; k < STEPS; k++) {
        const double step = 0.02 * ssldyn_schedule_factor(&shapes.lr, k);
        const double share = 0.3 * 0.02 * ssldyn_schedule_factor(&shapes.ema, k);
        CHECK_CLOSE(
            ssldyn_schedule_parameters_at(&problem, &problem.parameters, t, &scratch)->rates.beta *
                step,
            share, 1e-11, 0.0);
        t += step;
    }
    ssldyn_schedule_clear_timetable(&timetable);
}
END_TEST

/* Without a timetable, or with schedules of lr only, the rates are those of the problem. */
START_TEST(constant_rates)
{
    const double row = 0.0;
    struct ssldyn_timetable timetable;
    struct ssldyn_parameters scratch;
    struct ssldyn_problem problem = {.parameters = {.rates = {.beta = 0.3}}};
    ck_assert_ptr_eq(ssldyn_schedule_parameters_at(&problem, &problem.parameters, 1.0, &scratch),
                     &problem.parameters);
    /* the last step has lr = 0, so that time does not advance there */
    const struct ssldyn_sgd_options sgd = {.lr = 0.1, .schedule_lr = SSLDYN_SCHEDULE_LINEAR};
    ck_assert_int_eq(ssldyn_schedule_create_timetable(&sgd, 3, 1, &row, &timetable, NULL),
                     SSLDYN_OK);
    problem.timetable = &timetable;
    ck_assert(!ssldyn_schedule_changes_rates(&problem));
    ck_assert_ptr_eq(ssldyn_schedule_parameters_at(&problem, &problem.parameters, 1.0, &scratch),
                     &problem.parameters);
    ssldyn_schedule_clear_timetable(&timetable);
}
END_TEST

TEST_SUITE(schedule)
{
    tcase_add_test(tests, constant);
    tcase_add_test(tests, warmup);
    tcase_add_test(tests, linear);
    tcase_add_test(tests, cosine);
    tcase_add_test(tests, short_runs);
    tcase_add_test(tests, rates_in_flow_time);
    tcase_add_test(tests, average_by_step);
    tcase_add_test(tests, constant_rates);
}
