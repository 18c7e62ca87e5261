/* Arrays in memory that take the place of files: what the caller of the library has, looked at and
 * never written to. A reader that is handed one reads it as it reads a .npy of the same numbers. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_ARRAY_VIEW_H
#define SSLDYN_SIM_IO_ARRAY_VIEW_H

#include "sim/io/npy_format.h"

enum ssldyn_array_type {
    SSLDYN_ARRAY_DOUBLE,
    SSLDYN_ARRAY_FLOAT,
    SSLDYN_ARRAY_BYTE /* whole numbers from 0 to 255, of images */
};

/* What messages have for an array in memory in place of a file's name: "--init-w (array)". */
#define SSLDYN_ARRAY_LABEL "(array)"

struct ssldyn_array_view {
    enum ssldyn_array_type type;
    size_t dimensions; /* 1 to SSLDYN_NPY_MAXIMUM_DIMENSIONS */
    size_t shape[SSLDYN_NPY_MAXIMUM_DIMENSIONS];
    size_t count;
    const void *data; /* row-major; borrowed */
};

/* EINPUT, beginning with name, for a number of dimensions that is not allowed, an array without
 * entries, or more of them than an address reaches. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_array_view_make(const char *name, enum ssldyn_array_type type, size_t dimensions,
                       const size_t shape[], const void *data, struct ssldyn_array_view *view,
                       struct ssldyn_error *err);

size_t ssldyn_array_view_bytes(const struct ssldyn_array_view *view);

/* The type and the shape (array without data), as a reader of files finds them, */
void ssldyn_array_view_describe(const struct ssldyn_array_view *view,
                                struct ssldyn_entries *entries, struct ssldyn_array *array);
/* and with a stream at the first entry, to be closed. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_view_open(const struct ssldyn_array_view *view,
                                                            FILE **stream,
                                                            struct ssldyn_entries *entries,
                                                            struct ssldyn_array *array,
                                                            struct ssldyn_error *err);

/* directory/name as a .npy of its own type. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_view_write(const struct ssldyn_array_view *view,
                                                             const char *directory,
                                                             const char *name,
                                                             struct ssldyn_error *err);

#endif
