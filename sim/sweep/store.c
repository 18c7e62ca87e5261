/* Common parts of all stores of sweeps: blocks, and columns as files. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/store.h"

#include "sim/base/memory.h"
#include "sim/sweep/store_kind.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum ssldyn_status ssldyn_store_create(const struct ssldyn_store_kind *kind, size_t size,
                                       const struct ssldyn_store_plan *plan,
                                       struct ssldyn_store **store, struct ssldyn_error *err)
{
    struct ssldyn_store *made = ssldyn_memory_array(1, size);
    *store = NULL;
    if (made) {
        made->kind = kind;
        made->plan = *plan;
        made->blocks = (plan->points + plan->block - 1) / plan->block;
        made->done = ssldyn_memory_array((size_t)made->blocks, 1);
    }
    if (!made || !made->done) {
        free(made);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the sweep");
    }
    *store = made;
    return SSLDYN_OK;
}

void ssldyn_store_head(const struct ssldyn_store_plan *plan, size_t column,
                       char head[static SSLDYN_STORE_HEAD])
{
    enum { HEAD = SSLDYN_STORE_HEAD };
    static const char magic[8] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
    const uint16_t probe = 1;
    const char *numbers = *(const unsigned char *)&probe == 1 ? "<f8" : ">f8";
    memset(head, ' ', HEAD);
    memcpy(head, magic, sizeof magic);
    head[8] = (char)((HEAD - 10) & 0xff);
    head[9] = (char)((HEAD - 10) >> 8);
    int used =
        10 + snprintf(head + 10, HEAD - 10, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                      column < plan->small ? "|i1" : numbers);
    for (size_t i = 0; i < plan->dimensions; i++) {
        used += snprintf(head + used, (size_t)(HEAD - used), "%" PRId64 ",%s", plan->shape[i],
                         i + 1 < plan->dimensions ? " " : "");
    }
    used += snprintf(head + used, (size_t)(HEAD - used), "), }");
    head[used] = ' ';
    head[HEAD - 1] = '\n';
}

int64_t ssldyn_store_width(const struct ssldyn_store_plan *plan, size_t column)
{
    return column < plan->small ? 1 : (int64_t)sizeof(double);
}

void ssldyn_store_pack(const struct ssldyn_store_plan *plan, size_t column, int64_t count,
                       const double values[], unsigned char bytes[])
{
    if (column >= plan->small) {
        memcpy(bytes, values, (size_t)count * sizeof *values);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        bytes[i] = (unsigned char)(signed char)values[i];
    }
}

int64_t ssldyn_store_blocks(const struct ssldyn_store *store)
{
    return store->blocks;
}

int64_t ssldyn_store_block_points(const struct ssldyn_store *store, int64_t block)
{
    const int64_t left = store->plan.points - block * store->plan.block;
    return left < store->plan.block ? left : store->plan.block;
}

bool ssldyn_store_has(const struct ssldyn_store *store, int64_t block)
{
    return store->done[block] != 0;
}

enum ssldyn_status ssldyn_store_write(struct ssldyn_store *store, int64_t block,
                                      const double values[], struct ssldyn_error *err)
{
    return store->kind->write(store, block, values, err);
}

enum ssldyn_status ssldyn_store_read(struct ssldyn_store *store, int64_t block, size_t columns,
                                     double values[], struct ssldyn_error *err)
{
    return store->kind->read(store, block, columns, values, err);
}

enum ssldyn_status ssldyn_store_finish(struct ssldyn_store *store, const char *directory,
                                       struct ssldyn_error *err)
{
    return store->kind->finish(store, directory, err);
}

void ssldyn_store_close(struct ssldyn_store *store)
{
    if (store) {
        store->kind->close(store);
        free(store->done);
    }
    free(store);
}
