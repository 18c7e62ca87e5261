/* A program of tests with Check: its tests are added in the body that follows TEST_SUITE(name),
 *     TEST_SUITE(modes)
 *     {
 *         tcase_add_test(tests, jacobians);
 *         tcase_add_loop_test(tests, every_size, 0, SIZES);
 *     }
 * A test that is written but not added never runs: `make check-words` finds it. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_SUITE_H
#define SSLDYN_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs the tests that `add` adds. Returns the exit status of the program. */
static inline int suite_run(const char *name, void (*add)(TCase *tests))
{
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);

    // Check's limit of 4 s is too short for the longest tests and a busy machine.
    if (getenv("CK_DEFAULT_TIMEOUT") == NULL)
        tcase_set_timeout(tests, 60);
    add(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define TEST_SUITE(name)                                                                           \
    static void add_tests(TCase *tests);                                                           \
    int main(void)                                                                                 \
    {                                                                                              \
        return suite_run(#name, add_tests);                                                        \
    }                                                                                              \
    static void add_tests(TCase *tests)

#endif
