/* Distributes the blocks of a sweep over the threads of this process or over the processes of an
 * MPI run. ranks_none.c or ranks_mpi.c is compiled, depending on whether make finds an MPI
 * library. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_RANKS_H
#define SSLDYN_SIM_SWEEP_RANKS_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ssldyn_points_worker;

/* The work to be shared. compute may be called from several threads; store and next from one at
 * a time. */
struct ssldyn_ranks_work {
    void *context;        /* passed to open, compute and close */
    void *keeper;         /* passed to next and store */
    size_t block_doubles; /* length of a block's result */
    /* The next missing block, -1: none is left (or a stop was requested). Rank 0 only. */
    int64_t (*next)(void *keeper);
    /* Computes one block. worker was created by open for this thread. */
    enum ssldyn_status (*compute)(void *context, struct ssldyn_points_worker *worker, int64_t block,
                                  double result[], struct ssldyn_error *err);
    /* Stores a result. Rank 0 only. */
    enum ssldyn_status (*store)(void *keeper, int64_t block, const double result[],
                                struct ssldyn_error *err);
    enum ssldyn_status (*open)(void *context, struct ssldyn_points_worker **worker,
                               struct ssldyn_error *err);
    int threads;
    int group; /* blocks handed to a rank at a time, 1 to SSLDYN_RANKS_GROUP */
};
enum { SSLDYN_RANKS_GROUP = 256 };

/* The number of this process in the run, and the number of processes. The first call initializes
 * MPI if the program was started by mpirun or srun; end finalizes it (call once before exit). */
int ssldyn_ranks_number(void);
int ssldyn_ranks_count(void);
void ssldyn_ranks_end(void);

/* Whether MPI support was built in, in words for --version. */
const char *ssldyn_ranks_support(void);

/* The status and message of the first rank that failed are returned on all ranks. Called by all
 * ranks. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_ranks_agree(enum ssldyn_status status,
                                                        struct ssldyn_error *err);

/* Does the work; called by all ranks. The first failure stops it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_ranks_run(const struct ssldyn_ranks_work *work,
                                                      struct ssldyn_error *err);

/* The same with the threads of this process alone. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_threads_run(const struct ssldyn_ranks_work *work,
                                                        struct ssldyn_error *err);

#endif
