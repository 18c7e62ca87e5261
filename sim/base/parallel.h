/* Work divided among the threads of one process (POSIX threads). If the system refuses to start a
 * thread, the others do its work: results never depend on the number of threads. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_PARALLEL_H
#define SSLDYN_SIM_BASE_PARALLEL_H

#include <stddef.h>

/* The number of threads to use: asked if it is above 0, else OMP_NUM_THREADS if set, else the
 * number of processors that this process may run on. At least 1. */
int ssldyn_parallel_threads(int asked);

/* The number of threads, including the caller's, that the system can run at the same time:
 * `threads`, or, if some cannot be started, half of those that did, which leaves memory for their
 * work. Starts and joins them. */
int ssldyn_parallel_available(int threads);

/* Runs body(context, thread) in up to `threads` threads and waits for all of them. Threads are
 * numbered from 0, which is the caller's. Fewer run if some cannot be started, so body must take
 * its share of the work while it runs. */
void ssldyn_parallel_run(int threads, void (*body)(void *context, int thread), void *context);

/* Runs body(context, index, thread) once for every index below count, in up to `threads` threads;
 * each takes the next index when it is free. */
void ssldyn_parallel_for(int threads, size_t count,
                         void (*body)(void *context, size_t index, int thread), void *context);

#endif
