/* The inside of a sweep's store: what the kinds of store have in common, and what each does. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_STORE_KIND_H
#define SSLDYN_SIM_SWEEP_STORE_KIND_H

#include "sim/sweep/store.h"

/* The functions of store.h of one kind; close frees what is of the kind alone. */
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

/* A store of that kind in size bytes, with nothing done: of the plan. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_store_create(const struct ssldyn_store_kind *kind,
                                                         size_t size,
                                                         const struct ssldyn_store_plan *plan,
                                                         struct ssldyn_store **store,
                                                         struct ssldyn_error *err);

/* The first bytes of a column's file: numpy's format, version 1.0. */
enum { SSLDYN_STORE_HEAD = 256 };
void ssldyn_store_head(const struct ssldyn_store_plan *plan, size_t column,
                       char head[SSLDYN_STORE_HEAD]);

/* Bytes of a number of that column in its file: 1 where it is small. */
int64_t ssldyn_store_width(const struct ssldyn_store_plan *plan, size_t column);

/* count numbers of that column as its file has them. */
void ssldyn_store_pack(const struct ssldyn_store_plan *plan, size_t column, int64_t count,
                       const double values[], unsigned char bytes[]);

#endif
