/* Work shared among the threads of one process (POSIX threads). A thread that the system refuses to
 * start is done without: results never depend on their number. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_PARALLEL_H
#define SSLDYN_SIM_BASE_PARALLEL_H

#include <stddef.h>

/* The number of threads to use: asked where it is above 0, else OMP_NUM_THREADS where that is set,
 * else the processors that this process may run on. At least 1. */
int ssldyn_parallel_threads(int asked);

/* The number of threads, the caller's included, that the system can run at the same time:
 * `threads`, or, where it refuses some, half of those that started, which leaves memory for their
 * work. Starts and joins them. */
int ssldyn_parallel_available(int threads);

/* Runs body(context, thread) in up to `threads` threads at a time, numbered from 0, which is the
 * caller's, and waits for all of them. Fewer run where no more can be started, so that body takes
 * its share of the work while it runs. */
void ssldyn_parallel_run(int threads, void (*body)(void *context, int thread), void *context);

/* Runs body(context, index, thread) once for every index below count, in up to `threads` threads;
 * each takes the next index when it is ready. */
void ssldyn_parallel_for(int threads, size_t count,
                         void (*body)(void *context, size_t index, int thread), void *context);

#endif
