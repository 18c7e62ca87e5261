/* Who computes the blocks of a sweep: the threads of this process, or the processes of an MPI run.
 * ranks_none.c or ranks_mpi.c is compiled, as make finds an MPI library. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_RANKS_H
#define SSLDYN_SIM_SWEEP_RANKS_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ssldyn_points_worker;

/* The work, as seen by those who share it. All functions may be called from several threads, store
 * and next from one at a time. */
struct ssldyn_ranks_work {
    void *context;        /* of those who compute */
    void *keeper;         /* of next and store */
    size_t block_doubles; /* numbers in a block's result */
    /* The next block that is missing, -1: none is left (or a stop was asked for). Rank 0 only. */
    int64_t (*next)(void *keeper);
    /* Computes one block. worker is what open made for this thread. */
    enum ssldyn_status (*compute)(void *context, struct ssldyn_points_worker *worker, int64_t block,
                                  double result[], struct ssldyn_error *err);
    /* Keeps a result. Rank 0 only. */
    enum ssldyn_status (*store)(void *keeper, int64_t block, const double result[],
                                struct ssldyn_error *err);
    enum ssldyn_status (*open)(void *context, struct ssldyn_points_worker **worker,
                               struct ssldyn_error *err);
    int threads;
    int group; /* blocks that a rank is given at a time, 1 to SSLDYN_RANKS_GROUP */
};
enum { SSLDYN_RANKS_GROUP = 256 };

/* Number of this process among those of the run, and how many there are. The first call joins an
 * MPI run where the program was started by mpirun or srun; end leaves it (call once before exit).
 */
int ssldyn_ranks_number(void);
int ssldyn_ranks_count(void);
void ssldyn_ranks_end(void);

/* Whether MPI was built in, in words for --version. */
const char *ssldyn_ranks_support(void);

/* The status and message of the first rank that failed become everybody's. Called by all ranks. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_ranks_agree(enum ssldyn_status status,
                                                        struct ssldyn_error *err);

/* Does the work; called by all ranks. The first failure ends it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_ranks_run(const struct ssldyn_ranks_work *work,
                                                      struct ssldyn_error *err);

/* The same with the threads of this process alone. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_threads_run(const struct ssldyn_ranks_work *work,
                                                        struct ssldyn_error *err);

#endif
