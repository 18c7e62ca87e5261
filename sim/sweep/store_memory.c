/* Columns of a sweep in memory, in arrays of the caller. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/sweep/store_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct memory {
    struct ssldyn_store store;
    double **columns; /* owned; the columns are borrowed */
};

static enum ssldyn_status write_block(struct ssldyn_store *store, int64_t block,
                                      const double values[], struct ssldyn_error *err)
{
    double *const *columns = ((const struct memory *)store)->columns;
    const size_t bytes = (size_t)ssldyn_store_block_points(store, block) * sizeof *values;
    (void)err;
    for (size_t i = 0; i < store->plan.columns; i++) {
        memcpy(columns[i] + block * store->plan.block, values + (int64_t)i * store->plan.block,
               bytes);
    }
    store->done[block] = 1;
    return SSLDYN_OK;
}

static enum ssldyn_status read_block(struct ssldyn_store *store, int64_t block, size_t columns,
                                     double values[], struct ssldyn_error *err)
{
    double *const *arrays = ((const struct memory *)store)->columns;
    const size_t bytes = (size_t)ssldyn_store_block_points(store, block) * sizeof *values;
    (void)err;
    for (size_t i = 0; i < columns; i++) {
        memcpy(values + (int64_t)i * store->plan.block, arrays[i] + block * store->plan.block,
               bytes);
    }
    return SSLDYN_OK;
}

/* Writes one column as its file. */
static enum ssldyn_status save(const struct ssldyn_store *store, size_t column,
                               unsigned char bytes[], const char *directory,
                               struct ssldyn_error *err)
{
    const struct ssldyn_store_plan *plan = &store->plan;
    const double *values = ((const struct memory *)store)->columns[column];
    char name[64];
    char head[SSLDYN_STORE_HEAD];
    struct ssldyn_file file;
    snprintf(name, sizeof name, "%s.npy", plan->names[column]);
    const enum ssldyn_status status = ssldyn_file_open_in(&file, directory, name, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_store_head(plan, column, head);
    (void)fwrite(head, 1, sizeof head, file.stream); /* commit reports write errors */
    for (int64_t block = 0; block < store->blocks; block++) {
        const int64_t count = ssldyn_store_block_points(store, block);
        ssldyn_store_pack(plan, column, count, values + block * plan->block, bytes);
        (void)fwrite(bytes, (size_t)ssldyn_store_width(plan, column), (size_t)count, file.stream);
    }
    return ssldyn_file_commit(&file, err);
}

static enum ssldyn_status finish(struct ssldyn_store *store, const char *directory,
                                 struct ssldyn_error *err)
{
    unsigned char *bytes = ssldyn_memory_array((size_t)store->plan.block, sizeof(double));
    enum ssldyn_status status =
        bytes ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a block");
    for (size_t i = 0; status == SSLDYN_OK && i < store->plan.columns; i++) {
        status = save(store, i, bytes, directory, err);
    }
    free(bytes);
    return status;
}

static void close_memory(struct ssldyn_store *store)
{
    free(((struct memory *)store)->columns);
}

static const struct ssldyn_store_kind kind = {
    .write = write_block, .read = read_block, .finish = finish, .close = close_memory};

enum ssldyn_status ssldyn_store_open_memory(const struct ssldyn_store_plan *plan,
                                            double *const columns[], bool filled,
                                            struct ssldyn_store **store, struct ssldyn_error *err)
{
    struct ssldyn_store *made = NULL;
    *store = NULL;
    const enum ssldyn_status status =
        ssldyn_store_create(&kind, sizeof(struct memory), plan, &made, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    struct memory *memory = (struct memory *)made;
    memory->columns = ssldyn_memory_array(plan->columns, sizeof *memory->columns);
    if (!memory->columns) {
        ssldyn_store_close(made);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the sweep");
    }
    memcpy(memory->columns, columns, plan->columns * sizeof *columns);
    memset(made->done, filled, (size_t)made->blocks);
    *store = made;
    return SSLDYN_OK;
}
