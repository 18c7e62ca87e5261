/* Schedules at their first and last steps, in the middle, and in degenerate runs. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/schedule.h"

#include "tests/close.h"

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

/* A run of one step, and one that ends with its warm-up, are at the schedule's end. */
START_TEST(short_runs)
{
    const struct ssldyn_schedule_shape one = {SSLDYN_SCHEDULE_COSINE, 0, 1, 0.5};
    CHECK_CLOSE(ssldyn_schedule_factor(&one, 0), 0.5, 1e-15, 0.0);
    const struct ssldyn_schedule_shape all_warm = {SSLDYN_SCHEDULE_LINEAR, 5, 5, 0.5};
    CHECK_CLOSE(ssldyn_schedule_factor(&all_warm, 4), 1.0, 1e-15, 0.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schedule");
    TCase *tests = tcase_create("shapes");
    tcase_add_test(tests, constant);
    tcase_add_test(tests, warmup);
    tcase_add_test(tests, linear);
    tcase_add_test(tests, cosine);
    tcase_add_test(tests, short_runs);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
