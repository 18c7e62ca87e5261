/* Where a sweep's results wait until it is done. On the disk: one .npy.tmp a column, written block
 * by block, and a journal of the blocks that are there, so that a killed sweep continues where it
 * was. Or in memory: arrays of the caller's. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_STORE_H
#define SSLDYN_SIM_SWEEP_STORE_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SSLDYN_STORE_DIMENSIONS = 8 };

struct ssldyn_store_plan {
    const char *directory; /* of the journal; in memory not looked at, nor what is marked so: * */
    size_t columns;
    const char *const *names; /* of each, without .npy */
    size_t small;             /* the first ones are small whole numbers: kept as int8 in files */
    size_t dimensions;
    int64_t shape[SSLDYN_STORE_DIMENSIONS];
    int64_t points;       /* product of shape */
    int64_t block;        /* points per block */
    double tables;        /* * bytes that its tables will take, at least */
    uint64_t fingerprint; /* * of the configuration */
};

struct ssldyn_store;

/* Opens the files, or those of a killed sweep of the same fingerprint. EINPUT: the directory holds
 * an unfinished sweep of another configuration. The directory is locked by the caller; blocks whose
 * numbers are not those that were journaled count as missing. The plan's texts are borrowed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_open(const struct ssldyn_store_plan *plan,
                                                       struct ssldyn_store **store,
                                                       struct ssldyn_error *err);

/* Whether open would refuse: an unfinished sweep of another configuration, or no room on the disk.
 * Nothing is touched. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_check(const struct ssldyn_store_plan *plan,
                                                        struct ssldyn_error *err);

/* One in memory: column c goes into columns[c], plan->points numbers, which stay borrowed. filled:
 * all of them are there. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_open_memory(const struct ssldyn_store_plan *plan,
                                                              double *const columns[], bool filled,
                                                              struct ssldyn_store **store,
                                                              struct ssldyn_error *err);

int64_t ssldyn_store_blocks(const struct ssldyn_store *store);
int64_t ssldyn_store_block_points(const struct ssldyn_store *store, int64_t block);
bool ssldyn_store_has(const struct ssldyn_store *store, int64_t block);

/* Writes one block, values[column * block + i]; on the disk it is journaled once it is there.
 * Blocks may come in any order, from one thread at a time. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_write(struct ssldyn_store *store, int64_t block,
                                                        const double values[],
                                                        struct ssldyn_error *err);
/* Reads the first columns of a block back, in the same layout. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_read(struct ssldyn_store *store, int64_t block,
                                                       size_t columns, double values[],
                                                       struct ssldyn_error *err);

/* Makes NAME.npy of every column in another directory. Of a store on the disk, whose file system it
 * has to be on, as a second name: the sweep can still be resumed. The store stays to be freed. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_store_finish(struct ssldyn_store *store, const char *directory, struct ssldyn_error *err);
/* Closes; what is unfinished on the disk stays for a later run. NULL is fine. */
void ssldyn_store_close(struct ssldyn_store *store);

#endif
