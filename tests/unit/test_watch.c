/* Callbacks that watch a call: they receive the events of their thread's work and of its helper
 * threads, and stop only that work. */
// SPDX-License-Identifier: MIT
#include "sim/base/watch.h"

#include "sim/base/clock.h"
#include "sim/base/parallel.h"
#include "sim/base/progress.h"
#include "sim/base/signal.h"
#include "tests/suite.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The events that a callback received. */
struct heard {
    int calls;
    int stop_from; /* number of the call that stops, from 1; 0: none */
    char what[32];
    double done, total;
    pthread_t thread;
};

static int hear(void *context, const char *what, double done, double total)
{
    struct heard *heard = context;
    heard->calls++;
    snprintf(heard->what, sizeof heard->what, "%s", what);
    heard->done = done;
    heard->total = total;
    heard->thread = pthread_self();
    return heard->stop_from > 0 && heard->calls >= heard->stop_from;
}

static void nap(double seconds)
{
    const struct timespec time = {(time_t)seconds,
                                  (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}

START_TEST(without_a_callback)
{
    ck_assert_ptr_null(ssldyn_watch_current());
    ck_assert(!ssldyn_watch_stopped());
    ck_assert(!ssldyn_signal_pending());
    struct ssldyn_watch *watch = ssldyn_watch_begin(NULL, NULL);
    ck_assert_ptr_nonnull(watch);
    ck_assert_ptr_null(ssldyn_watch_current());
    ck_assert(!ssldyn_watch_stopped());
    ssldyn_watch_end(watch);
}
END_TEST

START_TEST(is_called_at_once_and_then_seldom)
{
    struct heard heard = {0};
    const double begun = ssldyn_clock_wall();
    struct ssldyn_watch *watch = ssldyn_watch_begin(hear, &heard);
    ck_assert_int_eq(heard.calls, 1);
    while (ssldyn_clock_wall() - begun < 0.45) {
        ck_assert(!ssldyn_signal_pending());
    }
    const double took = ssldyn_clock_wall() - begun;
    ck_assert_int_ge(heard.calls, 2);
    ck_assert_int_le(heard.calls, 1 + (int)(took / 0.1));
    ssldyn_watch_end(watch);
}
END_TEST

START_TEST(progress_is_reported)
{
    struct heard heard = {0};
    struct ssldyn_progress progress;
    struct ssldyn_watch *watch = ssldyn_watch_begin(hear, &heard);
    ssldyn_progress_begin(&progress, "flow", "rows", 200.0, true);
    ssldyn_progress_update(&progress, 50.0);
    nap(0.12);
    ck_assert(!ssldyn_watch_stopped());
    ck_assert_str_eq(heard.what, "flow");
    ck_assert(heard.done == 50.0 && heard.total == 200.0);
    ssldyn_progress_end(&progress);
    ssldyn_watch_end(watch);
    ck_assert_ptr_null(ssldyn_watch_current());
}
END_TEST

START_TEST(stays_stopped_and_ends_with_its_work)
{
    struct heard outer = {0};
    struct heard inner = {.stop_from = 1};
    struct ssldyn_watch *first = ssldyn_watch_begin(hear, &outer);
    struct ssldyn_watch *second = ssldyn_watch_begin(hear, &inner);
    ck_assert(ssldyn_signal_pending());
    ck_assert(ssldyn_watch_stopped());
    ck_assert_int_eq(inner.calls, 1); /* a callback that has stopped the work is not called again */
    ssldyn_watch_end(second);
    ck_assert(!ssldyn_watch_stopped());
    ssldyn_watch_end(first);
    ck_assert(!ssldyn_signal_pending());
}
END_TEST

/* Work in several threads that ends when it is stopped, or after some time. */
struct shared {
    atomic_int stopped;
};

static void work_until_stopped(void *context, int thread)
{
    struct shared *shared = context;
    const double begun = ssldyn_clock_wall();
    (void)thread;
    while (ssldyn_clock_wall() - begun < 20.0) {
        if (ssldyn_signal_pending()) {
            atomic_fetch_add(&shared->stopped, 1);
            return;
        }
        nap(0.001);
    }
}

/* The calling thread has finished its share and waits for the others. */
static void work_of_helpers(void *context, int thread)
{
    if (thread > 0) {
        work_until_stopped(context, thread);
    }
}

START_TEST(helpers_are_stopped_by_the_thread_that_asks)
{
    enum { THREADS = 3 };
    struct shared shared = {0};
    struct heard heard = {.stop_from = 3};
    struct ssldyn_watch *watch = ssldyn_watch_begin(hear, &heard);
    ssldyn_parallel_run(THREADS, _i == 0 ? work_until_stopped : work_of_helpers, &shared);
    ck_assert_int_eq(atomic_load(&shared.stopped), _i == 0 ? THREADS : THREADS - 1);
    ck_assert_int_eq(heard.calls, 3);
    ck_assert(pthread_equal(heard.thread, pthread_self()));
    ssldyn_watch_end(watch);
    /* without a watch the threads are joined as they end */
    atomic_store(&shared.stopped, 0);
    ck_assert(!ssldyn_signal_pending());
}
END_TEST

static void *cancelled(void *context)
{
    struct heard heard = {.stop_from = 2};
    struct ssldyn_watch *watch = ssldyn_watch_begin(hear, &heard);
    work_until_stopped(context, 0);
    ssldyn_watch_end(watch);
    return NULL;
}

START_TEST(one_thread_does_not_stop_another)
{
    struct shared shared = {0};
    struct heard heard = {0};
    pthread_t other;
    struct ssldyn_watch *watch = ssldyn_watch_begin(hear, &heard);
    ck_assert_int_eq(pthread_create(&other, NULL, cancelled, &shared), 0);
    ck_assert_int_eq(pthread_join(other, NULL), 0);
    ck_assert_int_eq(atomic_load(&shared.stopped), 1);
    ck_assert(!ssldyn_signal_pending());
    ssldyn_watch_end(watch);
}
END_TEST

TEST_SUITE(watch)
{
    tcase_add_test(tests, without_a_callback);
    tcase_add_test(tests, is_called_at_once_and_then_seldom);
    tcase_add_test(tests, progress_is_reported);
    tcase_add_test(tests, stays_stopped_and_ends_with_its_work);
    tcase_add_loop_test(tests, helpers_are_stopped_by_the_thread_that_asks, 0, 2);
    tcase_add_test(tests, one_thread_does_not_stop_another);
}
