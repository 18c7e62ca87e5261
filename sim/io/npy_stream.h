/* Reading a .npy from front to back in parts: arrays of any size in little memory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_NPY_STREAM_H
#define SSLDYN_SIM_IO_NPY_STREAM_H

#include "sim/base/error.h"

#include <stddef.h>

struct ssldyn_npy_stream;

/* Opens a file of any plain numeric type in C order; *count is the number of its entries. EINPUT as
 * for ssldyn_npy_read, and for Fortran order. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_stream_open(const char *path,
                                                            struct ssldyn_npy_stream **stream,
                                                            size_t *count,
                                                            struct ssldyn_error *err);
/* Reads the next count entries, which must exist, as doubles. EIO. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_stream_read(struct ssldyn_npy_stream *stream,
                                                            size_t count, double values[],
                                                            struct ssldyn_error *err);
/* Closes and frees; NULL is allowed. */
void ssldyn_npy_stream_close(struct ssldyn_npy_stream *stream);

#endif
