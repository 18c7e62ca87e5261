/* Progress callbacks. */
// SPDX-License-Identifier: MIT
#include "sim/base/watch.h"

#include "sim/base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>

static const double interval = 0.1; /* seconds between calls, at least */

struct ssldyn_watch {
    ssldyn_watch_function *call;
    void *context;
    struct ssldyn_watch *before; /* of the same thread; restored at the end */
    double called;               /* time of the last call */
    /* shared with the threads that join */
    atomic_bool stopped;
    atomic_bool reporting; /* a task is being reported */
    _Atomic(const char *) what;
    _Atomic double done, total;
};

/* Thread-local because it is polled at every step, in functions that have no handle of the
 * request. */
static _Thread_local struct {
    struct ssldyn_watch *watch;
    bool joined;
} mine;

static void call(struct ssldyn_watch *watch)
{
    const char *what = atomic_load(&watch->what);
    if (watch->call(watch->context, what, atomic_load(&watch->done), atomic_load(&watch->total)) !=
        0) {
        atomic_store(&watch->stopped, true);
    }
    watch->called = ssldyn_clock_wall();
}

struct ssldyn_watch *ssldyn_watch_begin(ssldyn_watch_function *function, void *context)
{
    struct ssldyn_watch *watch = calloc(1, sizeof *watch);
    if (!watch) {
        return NULL;
    }
    watch->call = function;
    watch->context = context;
    watch->before = mine.watch;
    atomic_init(&watch->stopped, false);
    atomic_init(&watch->reporting, false);
    atomic_init(&watch->what, "");
    atomic_init(&watch->done, 0.0);
    atomic_init(&watch->total, 0.0);
    mine.watch = watch;
    if (function) {
        call(watch);
    }
    return watch;
}

void ssldyn_watch_end(struct ssldyn_watch *watch)
{
    if (watch) {
        mine.watch = watch->before;
        free(watch);
    }
}

struct ssldyn_watch *ssldyn_watch_current(void)
{
    return mine.watch && mine.watch->call ? mine.watch : NULL;
}

void ssldyn_watch_join(struct ssldyn_watch *watch)
{
    mine.watch = watch;
    mine.joined = true;
}

bool ssldyn_watch_stopped(void)
{
    struct ssldyn_watch *watch = mine.watch;
    if (!watch || !watch->call) {
        return false;
    }
    if (!mine.joined && !atomic_load_explicit(&watch->stopped, memory_order_relaxed) &&
        ssldyn_clock_wall() - watch->called >= interval) {
        call(watch);
    }
    return atomic_load_explicit(&watch->stopped, memory_order_relaxed);
}

bool ssldyn_watch_task_begin(struct ssldyn_watch *watch, const char *what, double total)
{
    if (atomic_exchange(&watch->reporting, true)) {
        return false;
    }
    atomic_store(&watch->what, what);
    atomic_store(&watch->done, 0.0);
    atomic_store(&watch->total, total);
    return true;
}

void ssldyn_watch_task_end(struct ssldyn_watch *watch)
{
    atomic_store(&watch->reporting, false);
}

void ssldyn_watch_task_update(struct ssldyn_watch *watch, double done)
{
    atomic_store_explicit(&watch->done, done, memory_order_relaxed);
}
