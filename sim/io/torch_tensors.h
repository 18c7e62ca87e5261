/* The tensors in a checkpoint's pickle, at any depth. For sim/io only. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TORCH_TENSORS_H
#define SSLDYN_SIM_IO_TORCH_TENSORS_H

#include "sim/io/npy_format.h"
#include "sim/io/pickle.h"

/* A storage: the target of a persistent id ("storage", type, key, location, count[, view]). */
struct ssldyn_torch_storage {
    const char *key; /* not terminated */
    size_t key_length;
    struct ssldyn_entries entries; /* size 1, kind 'u' if untyped */
    size_t count;                  /* of entries */
    size_t view;                   /* index of its first entry in the storage */
};

struct ssldyn_torch_tensor {
    char *name;          /* its path: keys and attributes, joined by dots */
    const char *refusal; /* why it cannot be read; NULL: it can */
    struct ssldyn_entries entries;
    struct ssldyn_array array;                     /* shape and count */
    size_t strides[SSLDYN_NPY_MAXIMUM_DIMENSIONS]; /* in entries */
    size_t offset;                                 /* of the first entry in the storage */
    struct ssldyn_torch_storage storage;
    const unsigned char
        *bytes; /* of a NumPy array, row-major or in Fortran order; NULL: in the storage */
};

struct ssldyn_torch_tensors {
    size_t count;
    struct ssldyn_torch_tensor *list;
};

/* All tensors and NumPy arrays in the containers and in the states of the objects of a pickle, in
 * the order of the file. A module's parameters and buffers are named as in its state_dict. EINPUT
 * for more than 2^18 of them, or values nested more than 100 deep. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_torch_tensors_find(const char *path, const struct ssldyn_pickle_value *root,
                          struct ssldyn_torch_tensors *tensors, struct ssldyn_error *err);
void ssldyn_torch_tensors_clear(struct ssldyn_torch_tensors *tensors);

/* The storage of a persistent id; false if it does not name one. */
bool ssldyn_torch_storage_read(const struct ssldyn_pickle_value *persistent,
                               struct ssldyn_torch_storage *storage);

#endif
