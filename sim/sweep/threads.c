/* Blocks shared among the threads of one process. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/sweep/ranks.h"

#include <stdlib.h>

#ifdef _OPENMP
#include <omp.h>
#endif

/* What the threads share; touched in the critical section only. */
struct shared {
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
static void labour(const struct ssldyn_ranks_work *work, struct shared *shared)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    void *worker = NULL;
    double *result = ssldyn_array_alloc(work->block_doubles, sizeof *result);
    enum ssldyn_status status = result ? work->open(work->context, &worker, &err)
                                       : ssldyn_fail(&err, SSLDYN_ENOMEM, "no memory for a block");
    int64_t block = -1;
    for (;;) {
#ifdef _OPENMP
#pragma omp critical(ssldyn_sweep)
#endif
        {
            if (status == SSLDYN_OK && block >= 0) {
                status = work->store(work->context, block, result, &err);
            }
            note(shared, status, &err);
            block = shared->status == SSLDYN_OK ? work->next(work->context) : -1;
        }
        if (block < 0) {
            break;
        }
        status = work->compute(work->context, worker, block, result, &err);
    }
    if (worker) {
        work->close(worker);
    }
    free(result);
}

int ssldyn_threads_count(int asked)
{
#ifdef _OPENMP
    return asked > 0 ? asked : omp_get_max_threads();
#else
    (void)asked;
    return 1;
#endif
}

enum ssldyn_status ssldyn_threads_run(const struct ssldyn_ranks_work *work,
                                      struct ssldyn_error *err)
{
    struct shared shared = {SSLDYN_OK, err};
#ifdef _OPENMP
    const int threads = ssldyn_threads_count(work->threads);
#pragma omp parallel num_threads(threads)
#endif
    labour(work, &shared);
    return shared.status;
}
