/* Work divided among the threads of one process. */
// SPDX-License-Identifier: MIT
#ifdef __linux__
#define _GNU_SOURCE /* sched_getaffinity, mmap; NOLINT(bugprone-reserved-identifier): its name */
#endif
#include "sim/base/parallel.h"

#include "sim/base/memory.h"
#include "sim/base/watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

enum { MOST = 65536 };

/* Address space that a thread needs in addition to its stack: OpenBLAS maps a buffer of 128 MB for
 * each thread, and retries forever if it cannot. */
static const size_t thread_space = (size_t)160 << 20;

/* Processors available to this process: a batch system may grant fewer than the machine has. */
static long processors(void)
{
#ifdef __linux__
    cpu_set_t mine;
    if (sched_getaffinity(0, sizeof mine, &mine) == 0) {
        return CPU_COUNT(&mine);
    }
#endif
    return sysconf(_SC_NPROCESSORS_ONLN);
}

int ssldyn_parallel_threads(int asked)
{
    const char *set = getenv("OMP_NUM_THREADS"); // NOLINT(concurrency-mt-unsafe)
    long threads = asked > 0 ? asked : set ? strtol(set, NULL, 10) : 0;
    threads = threads > 0 ? threads : processors();
    return threads < 1 ? 1 : threads < MOST ? (int)threads : MOST;
}

/* The threads still at work, counted so that the caller can run its progress callback while it
 * waits. */
struct crew {
    struct ssldyn_watch *watch; /* of the caller; NULL: none */
    pthread_mutex_t gate;
    pthread_cond_t left;
    int working;
};

struct worker {
    pthread_t thread;
    int number;
    void (*body)(void *context, int thread);
    void *context;
    struct crew *crew;
};

static void *work(void *argument)
{
    const struct worker *worker = argument;
    struct crew *crew = worker->crew;
    ssldyn_watch_join(crew->watch);
    worker->body(worker->context, worker->number);
    if (crew->watch) {
        (void)pthread_mutex_lock(&crew->gate);
        crew->working--;
        (void)pthread_cond_signal(&crew->left);
        (void)pthread_mutex_unlock(&crew->gate);
    }
    return NULL;
}

/* Starts threads 1, 2, ... until one cannot be started; returns the number that run. */
static int start(struct worker workers[], int threads, void (*body)(void *context, int thread),
                 void *context, struct crew *crew)
{
    int started = 0;
    for (int i = 1; workers && i < threads; i++) {
        workers[started] =
            (struct worker){.number = i, .body = body, .context = context, .crew = crew};
        if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0) {
            break;
        }
        started++;
    }
    return started;
}

static void join(struct worker workers[], int started)
{
    for (int i = 0; i < started; i++) {
        (void)pthread_join(workers[i].thread, NULL);
    }
    free(workers);
}

/* Waits for the other threads, and calls the progress callback meanwhile, which can stop them. */
static void wait_watched(struct crew *crew, int started)
{
    const long tenth = 100000000; /* of a second, in nanoseconds */
    const long second = 1000000000;
    (void)pthread_mutex_lock(&crew->gate);
    crew->working += started;
    while (crew->working > 0) {
        struct timespec until = {0};
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += tenth;
        until.tv_sec += until.tv_nsec / second;
        until.tv_nsec %= second;
        (void)pthread_cond_timedwait(&crew->left, &crew->gate, &until);
        (void)pthread_mutex_unlock(&crew->gate);
        (void)ssldyn_watch_stopped();
        (void)pthread_mutex_lock(&crew->gate);
    }
    (void)pthread_mutex_unlock(&crew->gate);
}

void ssldyn_parallel_run(int threads, void (*body)(void *context, int thread), void *context)
{
    struct worker *workers =
        threads > 1 ? ssldyn_memory_array((size_t)threads, sizeof *workers) : NULL;
    struct crew crew = {.watch = ssldyn_watch_current(),
                        .gate = PTHREAD_MUTEX_INITIALIZER,
                        .left = PTHREAD_COND_INITIALIZER};
    const int started = start(workers, threads, body, context, &crew);
    body(context, 0);
    if (crew.watch) {
        wait_watched(&crew, started);
    }
    join(workers, started);
}

/* A thread of a trial waits until the trial ends, so that all run at the same time. */
static void wait_for_end(void *context, int thread)
{
    (void)thread;
    pthread_mutex_t *gate = context;
    (void)pthread_mutex_lock(gate);
    (void)pthread_mutex_unlock(gate);
}

/* Maps the address space that the threads need, without using it; returns the number of threads for
 * which there was enough. */
static int reserve(int threads, void *spaces[])
{
    int got = 0;
    while (got < threads) {
        spaces[got] =
            mmap(NULL, thread_space, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, (off_t)0);
        if (spaces[got] == MAP_FAILED) {
            break;
        }
        got++;
    }
    return got;
}

int ssldyn_parallel_available(int threads)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct worker *workers =
        threads > 1 ? ssldyn_memory_array((size_t)threads, sizeof *workers) : NULL;
    void **spaces = threads > 1 ? ssldyn_memory_array((size_t)threads, sizeof *spaces) : NULL;
    struct crew crew = {.watch = NULL};
    const int spared = spaces ? reserve(threads - 1, spaces) : 0;
    (void)pthread_mutex_lock(&gate);
    const int got = 1 + start(workers, spared + 1, wait_for_end, &gate, &crew);
    (void)pthread_mutex_unlock(&gate);
    join(workers, got - 1);
    for (int i = 0; i < spared; i++) {
        (void)munmap(spaces[i], thread_space);
    }
    free(spaces);
    (void)pthread_mutex_destroy(&gate);
    return got >= threads ? threads : got > 2 ? got / 2 : 1;
}

/* The indices of a loop, shared by its threads. */
struct loop {
    pthread_mutex_t gate;
    size_t next;
    size_t count;
    void (*body)(void *context, size_t index, int thread);
    void *context;
};

static void take_indices(void *context, int thread)
{
    struct loop *loop = context;
    for (;;) {
        (void)pthread_mutex_lock(&loop->gate);
        const size_t index = loop->next;
        loop->next += index < loop->count;
        (void)pthread_mutex_unlock(&loop->gate);
        if (index == loop->count) {
            return;
        }
        loop->body(loop->context, index, thread);
    }
}

void ssldyn_parallel_for(int threads, size_t count,
                         void (*body)(void *context, size_t index, int thread), void *context)
{
    struct loop loop = {
        .gate = PTHREAD_MUTEX_INITIALIZER, .count = count, .body = body, .context = context};
    const int useful = (size_t)threads < count ? threads : (int)count;
    ssldyn_parallel_run(useful, take_indices, &loop);
    (void)pthread_mutex_destroy(&loop.gate);
}
