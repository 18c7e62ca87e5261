/* NumPy arrays in pickles. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_PICKLE_NUMPY_H
#define SSLDYN_SIM_IO_PICKLE_NUMPY_H

#include "sim/io/npy_format.h"
#include "sim/io/pickle.h"

/* Whether value (NULL: false) is a numpy.ndarray, as written by any version of NumPy and
 * protocol. */
bool ssldyn_pickle_is_numpy(const struct ssldyn_pickle_value *value);

/* The type, shape and count of such an array, and its entries: array->count * entries->size bytes
 * inside the pickle, which must outlive them. name: the array in messages (path: the file). EINPUT
 * for types other than booleans, integers and float16/32/64, and for bytes that do not match the
 * shape. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_pickle_numpy(const char *path, const char *name, const struct ssldyn_pickle_value *value,
                    struct ssldyn_entries *entries, struct ssldyn_array *array,
                    const unsigned char **bytes, struct ssldyn_error *err);

#endif
