/* Stores a sweep's results until it is finished. On the disk: one .npy.tmp per column, written
 * block by block, and a journal of the finished blocks, so that a killed sweep can be resumed.
 * Or in memory: in arrays of the caller. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_STORE_H
#define SSLDYN_SIM_SWEEP_STORE_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SSLDYN_STORE_DIMENSIONS = 8 };

struct ssldyn_store_plan {
    const char *directory; /* of the journal; not used in memory, like the members marked * */
    size_t columns;
    const char *const *names; /* one per column, without .npy */
    size_t small;             /* the first columns are small integers: stored as int8 in files */
    size_t dimensions;
    int64_t shape[SSLDYN_STORE_DIMENSIONS];
    int64_t points;       /* total number */
    int64_t block;        /* points per block */
    double tables;        /* * lower bound for the size of its tables, in bytes */
    uint64_t fingerprint; /* * hash of the configuration */
};

struct ssldyn_store;

/* Creates the files, or opens those of a killed sweep with the same fingerprint. EINPUT: the
 * directory holds an unfinished sweep of another configuration. The caller must hold the lock of
 * the directory. Blocks whose checksum differs from the journal count as missing. The strings of
 * the plan are borrowed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_open(const struct ssldyn_store_plan *plan,
                                                       struct ssldyn_store **store,
                                                       struct ssldyn_error *err);

/* Whether open would fail: an unfinished sweep of another configuration, or not enough disk
 * space. Changes nothing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_check(const struct ssldyn_store_plan *plan,
                                                        struct ssldyn_error *err);

/* A store in memory: column c goes into columns[c], plan->points numbers, which are borrowed.
 * filled: they already hold all points. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_open_memory(const struct ssldyn_store_plan *plan,
                                                              double *const columns[], bool filled,
                                                              struct ssldyn_store **store,
                                                              struct ssldyn_error *err);

int64_t ssldyn_store_blocks(const struct ssldyn_store *store);
int64_t ssldyn_store_block_points(const struct ssldyn_store *store, int64_t block);
bool ssldyn_store_has(const struct ssldyn_store *store, int64_t block);

/* Writes one block, values[column * block + i]; on the disk it is journaled after it is written.
 * Blocks may come in any order, from one thread at a time. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_write(struct ssldyn_store *store, int64_t block,
                                                        const double values[],
                                                        struct ssldyn_error *err);
/* Reads the first columns of a block back, in the same layout. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_read(struct ssldyn_store *store, int64_t block,
                                                       size_t columns, double values[],
                                                       struct ssldyn_error *err);

/* Creates NAME.npy of every column in another directory. For a store on the disk these are hard
 * links, so the directory must be on the same file system; the sweep can still be resumed. The
 * store must still be freed. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_store_finish(struct ssldyn_store *store, const char *directory, struct ssldyn_error *err);
/* Closes the store; unfinished results on the disk are kept for a later run. NULL is allowed. */
void ssldyn_store_close(struct ssldyn_store *store);

#endif
