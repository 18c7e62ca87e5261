/* Progress callbacks: they report how far long work is, and may stop it. A watch belongs to the
 * thread that began it and to threads that join it (parallel.h); it ignores work of other
 * threads. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_WATCH_H
#define SSLDYN_SIM_BASE_WATCH_H

#include <stdbool.h>

/* what: the current task, e.g. "flow", or "" if unknown; done of total, in the units of that task;
 * total is 0 if unknown. A nonzero return value stops the work. */
typedef int ssldyn_watch_function(void *context, const char *what, double done, double total);

struct ssldyn_watch;

/* Starts watching the work of the calling thread, in place of an earlier watch, which is restored
 * by ssldyn_watch_end. Only the thread that began the watch calls `call`: at once, then at most ten
 * times a second, when the work polls for a stop. NULL: no calls, not even to an earlier watch.
 * Returns NULL if out of memory. */
struct ssldyn_watch *ssldyn_watch_begin(ssldyn_watch_function *call, void *context);
void ssldyn_watch_end(struct ssldyn_watch *watch);

/* The watch of the calling thread; NULL: none. */
struct ssldyn_watch *ssldyn_watch_current(void);

/* Makes the calling thread, a new one, part of the watched work (NULL: not watched). */
void ssldyn_watch_join(struct ssldyn_watch *watch);

/* Whether the work of the calling thread must stop. Cheap enough to call at every step. */
bool ssldyn_watch_stopped(void);

/* Begins a task, updates how much of it is done, and ends it. what is borrowed. Returns false, and
 * reports nothing, inside another task (a run of a sweep). */
bool ssldyn_watch_task_begin(struct ssldyn_watch *watch, const char *what, double total);
void ssldyn_watch_task_update(struct ssldyn_watch *watch, double done);
void ssldyn_watch_task_end(struct ssldyn_watch *watch);

#endif
