/* Blocks distributed over MPI processes: rank 0 hands them out and stores the results, the
 * others compute, a group of blocks at a time with all their threads. A rank that has finished
 * gets the next group. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/sweep/ranks.h"

#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

enum { GROUP = SSLDYN_RANKS_GROUP, TAG_ASK = 1, TAG_RESULT = 2, TAG_GIVE = 3, TAG_FAILED = 4 };

/* Whether mpirun or srun started the program: asking MPI itself would cost a second in every
 * other run. */
static bool launched(void)
{
    static const char *const marks[] = {"OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE", "PMIX_RANK",
                                        "MPI_LOCALNRANKS"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (getenv(marks[i])) {
            return true;
        }
    }
    return false;
}

static bool joined(void)
{
    int is = 0;
    int was = 0;
    MPI_Initialized(&is);
    MPI_Finalized(&was);
    if (!is && !was && launched()) {
        int provided = 0;
        MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
        is = 1;
    }
    return is && !was;
}

int ssldyn_ranks_number(void)
{
    int rank = 0;
    if (joined()) {
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    }
    return rank;
}

int ssldyn_ranks_count(void)
{
    int count = 1;
    if (joined()) {
        MPI_Comm_size(MPI_COMM_WORLD, &count);
    }
    return count;
}

const char *ssldyn_ranks_support(void)
{
    return "yes";
}

void ssldyn_ranks_end(void)
{
    int is = 0;
    int was = 0;
    MPI_Initialized(&is);
    MPI_Finalized(&was);
    if (is && !was) {
        MPI_Finalize();
    }
}

enum ssldyn_status ssldyn_ranks_agree(enum ssldyn_status status, struct ssldyn_error *err)
{
    if (ssldyn_ranks_count() == 1) {
        return status;
    }
    int mine = status == SSLDYN_OK ? INT_MAX : ssldyn_ranks_number();
    int failed = INT_MAX;
    struct ssldyn_error common = {status, ""};
    if (err) {
        common = *err;
    }
    common.status = status;
    MPI_Allreduce(&mine, &failed, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    MPI_Bcast(&common, (int)sizeof common, MPI_BYTE, failed == INT_MAX ? 0 : failed,
              MPI_COMM_WORLD);
    if (err) {
        *err = common;
    }
    return common.status;
}

/* A group of blocks, shared by the threads of one rank. */
struct group {
    int64_t blocks[GROUP]; /* -1: none */
    int count, next;
    size_t size;     /* length of the result of a block */
    double *results; /* count blocks */
};

static int64_t group_next(void *keeper)
{
    struct group *group = keeper;
    return group->next == group->count || group->blocks[group->next] < 0
               ? -1
               : group->blocks[group->next++];
}

static enum ssldyn_status group_store(void *keeper, int64_t block, const double result[],
                                      struct ssldyn_error *err)
{
    (void)err;
    struct group *group = keeper;
    size_t at = 0;
    while (group->blocks[at] != block) {
        at++;
    }
    memcpy(group->results + at * group->size, result, group->size * sizeof *result);
    return SSLDYN_OK;
}

static void serve(const struct ssldyn_ranks_work *work, struct group *group)
{
    struct ssldyn_ranks_work inner = *work;
    inner.keeper = group;
    inner.next = group_next;
    inner.store = group_store;
    MPI_Send(NULL, 0, MPI_BYTE, 0, TAG_ASK, MPI_COMM_WORLD);
    for (;;) {
        MPI_Recv(group->blocks, GROUP, MPI_INT64_T, 0, TAG_GIVE, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (group->blocks[0] < 0) {
            return;
        }
        struct ssldyn_error err = {SSLDYN_OK, ""};
        group->next = 0;
        err.status = ssldyn_threads_run(&inner, &err);
        if (err.status != SSLDYN_OK) {
            MPI_Send(&err, (int)sizeof err, MPI_BYTE, 0, TAG_FAILED, MPI_COMM_WORLD);
            continue;
        }
        MPI_Send(group->results, (int)((size_t)work->group * work->block_doubles), MPI_DOUBLE, 0,
                 TAG_RESULT, MPI_COMM_WORLD);
    }
}

/* Rank 0: sends the next blocks to a rank; false if there are none. */
static bool give(const struct ssldyn_ranks_work *work, int rank, bool stop, int64_t blocks[GROUP])
{
    for (int i = 0; i < GROUP; i++) {
        blocks[i] = stop || i >= work->group ? -1 : work->next(work->keeper);
        stop = blocks[i] < 0;
    }
    MPI_Send(blocks, GROUP, MPI_INT64_T, rank, TAG_GIVE, MPI_COMM_WORLD);
    return blocks[0] >= 0;
}

/* Receives the results of a rank that has finished. */
static enum ssldyn_status take(const struct ssldyn_ranks_work *work, const MPI_Status *message,
                               const int64_t blocks[GROUP], double results[],
                               struct ssldyn_error *err)
{
    const int rank = message->MPI_SOURCE;
    enum ssldyn_status status = SSLDYN_OK;
    if (message->MPI_TAG == TAG_ASK) {
        MPI_Recv(NULL, 0, MPI_BYTE, rank, TAG_ASK, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    } else if (message->MPI_TAG == TAG_FAILED) {
        struct ssldyn_error failure;
        MPI_Recv(&failure, (int)sizeof failure, MPI_BYTE, rank, TAG_FAILED, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
        status = ssldyn_fail(err, failure.status, "%s", failure.message);
    } else {
        MPI_Recv(results, (int)((size_t)work->group * work->block_doubles), MPI_DOUBLE, rank,
                 TAG_RESULT, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        for (int i = 0; status == SSLDYN_OK && i < GROUP && blocks[i] >= 0; i++) {
            status = work->store(work->keeper, blocks[i], results + (size_t)i * work->block_doubles,
                                 err);
        }
    }
    return status;
}

static enum ssldyn_status direct(const struct ssldyn_ranks_work *work, int ranks, double results[],
                                 struct ssldyn_error *err)
{
    int64_t(*given)[GROUP] = ssldyn_memory_array((size_t)ranks, sizeof *given);
    enum ssldyn_status status =
        given ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the ranks");
    int64_t spare[GROUP] = {0};
    for (int busy = ranks - 1; busy > 0;) {
        MPI_Status message;
        MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &message);
        int64_t *blocks = given ? given[message.MPI_SOURCE] : spare;
        const enum ssldyn_status taken = take(work, &message, blocks, results, err);
        status = status == SSLDYN_OK ? taken : status;
        if (!give(work, message.MPI_SOURCE, status != SSLDYN_OK, blocks)) {
            busy--;
        }
    }
    free(given);
    return status;
}

enum ssldyn_status ssldyn_ranks_run(const struct ssldyn_ranks_work *work, struct ssldyn_error *err)
{
    const int ranks = ssldyn_ranks_count();
    if (ranks == 1) {
        return ssldyn_threads_run(work, err);
    }
    struct group group = {.count = work->group, .size = work->block_doubles};
    group.results =
        ssldyn_memory_array((size_t)work->group * work->block_doubles, sizeof *group.results);
    int bad = group.results == NULL;
    int any = 0;
    MPI_Allreduce(&bad, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    enum ssldyn_status status = SSLDYN_OK;
    if (any) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a group of blocks");
    } else if (ssldyn_ranks_number() == 0) {
        status = direct(work, ranks, group.results, err);
    } else {
        serve(work, &group);
    }
    free(group.results);
    return ssldyn_ranks_agree(status, err);
}
