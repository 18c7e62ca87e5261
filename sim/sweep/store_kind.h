/* Internals of a sweep's store: the part common to all kinds, and the functions of each kind. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_STORE_KIND_H
#define SSLDYN_SIM_SWEEP_STORE_KIND_H

#include "sim/sweep/store.h"

/* The functions of store.h for one kind; close frees only what belongs to the kind. */
struct ssldyn_store_kind {
    enum ssldyn_status (*write)(struct ssldyn_store *store, int64_t block, const double values[],
                                struct ssldyn_error *err);
    enum ssldyn_status (*read)(struct ssldyn_store *store, int64_t block, size_t columns,
                               double values[], struct ssldyn_error *err);
    enum ssldyn_status (*finish)(struct ssldyn_store *store, const char *directory,
                                 struct ssldyn_error *err);
    void (*close)(struct ssldyn_store *store);
};

/* The first member of the struct of every kind. */
struct ssldyn_store {
    const struct ssldyn_store_kind *kind;
    struct ssldyn_store_plan plan;
    int64_t blocks;
    unsigned char *done; /* one per block; owned */
};

/* Allocates a store of that kind, in size bytes, with no blocks done. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_create(const struct ssldyn_store_kind *kind,
                                                         size_t size,
                                                         const struct ssldyn_store_plan *plan,
                                                         struct ssldyn_store **store,
                                                         struct ssldyn_error *err);

/* The first bytes of a column's file: NumPy's format, version 1.0. */
enum { SSLDYN_STORE_HEAD = 256 };
void ssldyn_store_head(const struct ssldyn_store_plan *plan, size_t column,
                       char head[SSLDYN_STORE_HEAD]);

/* Bytes per number of that column in its file: 1 if it is small. */
int64_t ssldyn_store_width(const struct ssldyn_store_plan *plan, size_t column);

/* Converts count numbers of that column to the bytes of its file. */
void ssldyn_store_pack(const struct ssldyn_store_plan *plan, size_t column, int64_t count,
                       const double values[], unsigned char bytes[]);

#endif
