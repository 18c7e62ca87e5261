/* Blocks shared among the threads of one process. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/base/parallel.h"
#include "sim/sweep/points.h"
#include "sim/sweep/ranks.h"

#include <pthread.h>
#include <stdlib.h>

/* Shared by the threads; accessed only while holding the gate. */
struct shared {
    const struct ssldyn_ranks_work *work;
    pthread_mutex_t gate;
    enum ssldyn_status status;
    struct ssldyn_error *err;
};

static void note(struct shared *shared, enum ssldyn_status status, const struct ssldyn_error *err)
{
    if (shared->status == SSLDYN_OK && status != SSLDYN_OK) {
        shared->status = status;
        if (shared->err) {
            *shared->err = *err;
        }
    }
}

/* One thread: takes blocks until none is left. */
static void work_blocks(void *context, int thread)
{
    (void)thread;
    struct shared *shared = context;
    const struct ssldyn_ranks_work *work = shared->work;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_points_worker *worker = NULL;
    double *result = ssldyn_memory_array(work->block_doubles, sizeof *result);
    enum ssldyn_status status = result ? work->open(work->context, &worker, &err)
                                       : ssldyn_fail(&err, SSLDYN_ENOMEM, "out of memory");
    int64_t block = -1;
    for (;;) {
        (void)pthread_mutex_lock(&shared->gate);
        if (status == SSLDYN_OK && block >= 0) {
            status = work->store(work->keeper, block, result, &err);
        }
        note(shared, status, &err);
        block = shared->status == SSLDYN_OK ? work->next(work->keeper) : -1;
        (void)pthread_mutex_unlock(&shared->gate);
        if (block < 0) {
            break;
        }
        status = work->compute(work->context, worker, block, result, &err);
    }
    ssldyn_points_worker_free(worker);
    free(result);
}

enum ssldyn_status ssldyn_threads_run(const struct ssldyn_ranks_work *work,
                                      struct ssldyn_error *err)
{
    struct shared shared = {
        .work = work, .gate = PTHREAD_MUTEX_INITIALIZER, .status = SSLDYN_OK, .err = err};
    ssldyn_parallel_run(ssldyn_parallel_threads(work->threads), work_blocks, &shared);
    (void)pthread_mutex_destroy(&shared.gate);
    return shared.status;
}
