/* Arrays in memory that replace files: they belong to the caller of the library and are never
 * written to. A reader treats such an array like a .npy file of the same numbers. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_ARRAY_VIEW_H
#define SSLDYN_SIM_IO_ARRAY_VIEW_H

#include "sim/io/npy_format.h"

enum ssldyn_array_type {
    SSLDYN_ARRAY_DOUBLE,
    SSLDYN_ARRAY_FLOAT,
    SSLDYN_ARRAY_BYTE /* integers from 0 to 255, of images */
};

/* Used in messages in place of a file name: "--init-w (array)". */
#define SSLDYN_ARRAY_LABEL "(array)"

struct ssldyn_array_view {
    enum ssldyn_array_type type;
    size_t dimensions; /* 1 to SSLDYN_NPY_MAXIMUM_DIMENSIONS */
    size_t shape[SSLDYN_NPY_MAXIMUM_DIMENSIONS];
    size_t count;
    const void *data; /* row-major; borrowed */
};

/* EINPUT, beginning with name, for an unsupported number of dimensions, an array without entries,
 * or one larger than the address space. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_array_view_make(const char *name, enum ssldyn_array_type type, size_t dimensions,
                       const size_t shape[], const void *data, struct ssldyn_array_view *view,
                       struct ssldyn_error *err);

size_t ssldyn_array_view_bytes(const struct ssldyn_array_view *view);

/* The type and the shape (array without data), as a reader of files finds them ... */
void ssldyn_array_view_describe(const struct ssldyn_array_view *view,
                                struct ssldyn_entries *entries, struct ssldyn_array *array);
/* ... and also a stream at the first entry, to be closed by the caller. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_view_open(const struct ssldyn_array_view *view,
                                                            FILE **stream,
                                                            struct ssldyn_entries *entries,
                                                            struct ssldyn_array *array,
                                                            struct ssldyn_error *err);

/* Writes directory/name as a .npy file of the view's type. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_view_write(const struct ssldyn_array_view *view,
                                                             const char *directory,
                                                             const char *name,
                                                             struct ssldyn_error *err);

#endif
