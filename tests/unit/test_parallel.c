/* Work shared among threads: every index is processed once, even if the system refuses to start
 * threads. */
// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* RTLD_NEXT */
#include "sim/base/parallel.h"
#include "tests/suite.h"

#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Number of threads that may still start; the C library's function is found with RTLD_NEXT. */
static int allowed = 1000;

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                   void *(*body)(void *), void *restrict argument)
{
    int (*create)(pthread_t *restrict, const pthread_attr_t *restrict, void *(*)(void *),
                  void *restrict);
    void *found = dlsym(RTLD_NEXT, "pthread_create");
    memcpy(&create, &found, sizeof create);
    return allowed-- > 0 ? create(thread, attributes, body, argument) : EAGAIN;
}

enum { COUNT = 1000, THREADS = 7 };
struct seen {
    int of_index[COUNT]; /* each index belongs to one thread at a time, so no lock is needed */
    int most_thread;
    pthread_mutex_t gate;
};

static void see(void *context, size_t index, int thread)
{
    struct seen *seen = context;
    seen->of_index[index]++;
    pthread_mutex_lock(&seen->gate);
    seen->most_thread = thread > seen->most_thread ? thread : seen->most_thread;
    pthread_mutex_unlock(&seen->gate);
}

START_TEST(every_index_is_taken_once)
{
    static const int limits[] = {1000, 3, 1, 0};
    static const size_t counts[] = {0, 1, 2, COUNT};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct seen seen = {.gate = PTHREAD_MUTEX_INITIALIZER};
        allowed = limits[_i];
        ssldyn_parallel_for(THREADS, counts[i], see, &seen);
        for (size_t k = 0; k < COUNT; k++) {
            ck_assert_int_eq(seen.of_index[k], k < counts[i]);
        }
        ck_assert_int_lt(seen.most_thread, THREADS);
        ck_assert_int_le(seen.most_thread, limits[_i]);
    }
}
END_TEST

static void count(void *context, int thread)
{
    int *runs = context;
    runs[thread]++;
}

START_TEST(each_thread_runs_once)
{
    int runs[THREADS] = {0};
    allowed = 1000;
    ssldyn_parallel_run(THREADS, count, runs);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(runs[i], 1);
    }
    memset(runs, 0, sizeof runs);
    allowed = 2;
    ssldyn_parallel_run(THREADS, count, runs);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(runs[i], i <= 2);
    }
}
END_TEST

START_TEST(unavailable_threads_are_detected)
{
    allowed = 1000;
    ck_assert_int_eq(ssldyn_parallel_available(THREADS), THREADS);
    ck_assert_int_eq(ssldyn_parallel_available(1), 1);
    allowed = 5;
    ck_assert_int_eq(ssldyn_parallel_available(100), 3);
    allowed = 0;
    ck_assert_int_eq(ssldyn_parallel_available(2), 1);
}
END_TEST

START_TEST(number_comes_from_the_caller_or_the_environment)
{
    ck_assert_int_eq(setenv("OMP_NUM_THREADS", "5", 1), 0);
    ck_assert_int_eq(ssldyn_parallel_threads(3), 3);
    ck_assert_int_eq(ssldyn_parallel_threads(0), 5);
    ck_assert_int_eq(setenv("OMP_NUM_THREADS", "4,2", 1), 0);
    ck_assert_int_eq(ssldyn_parallel_threads(0), 4);
    ck_assert_int_eq(unsetenv("OMP_NUM_THREADS"), 0);
    ck_assert_int_ge(ssldyn_parallel_threads(0), 1);
    ck_assert_int_eq(setenv("OMP_NUM_THREADS", "many", 1), 0);
    ck_assert_int_ge(ssldyn_parallel_threads(0), 1);
}
END_TEST

TEST_SUITE(parallel)
{
    tcase_add_loop_test(tests, every_index_is_taken_once, 0, 4);
    tcase_add_test(tests, each_thread_runs_once);
    tcase_add_test(tests, unavailable_threads_are_detected);
    tcase_add_test(tests, number_comes_from_the_caller_or_the_environment);
}
