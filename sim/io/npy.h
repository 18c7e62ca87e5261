/* NumPy .npy files: reading an array of any plain numeric type as doubles, writing stacks of
 * float64 frame by frame. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_NPY_H
#define SSLDYN_SIM_IO_NPY_H

#include "sim/base/error.h"
#include "sim/io/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SSLDYN_NPY_MAXIMUM_DIMENSIONS = 8 };

struct ssldyn_array {
    size_t dimensions;
    size_t shape[SSLDYN_NPY_MAXIMUM_DIMENSIONS];
    size_t count;
    double *data;  /* row-major; owned unless borrowed; free with ssldyn_npy_array_clear */
    bool borrowed; /* data belongs to someone else and is not written to */
};
void ssldyn_npy_array_clear(struct ssldyn_array *array);

/* Reads a whole .npy file (versions 1-3, either byte order and memory order; booleans, integers,
 * float16/32/64) as doubles. EINPUT, with the file and the reason, for anything else: truncated or
 * oversized data, an invalid header, object or structured types, non-finite entries (unless
 * allow_nonfinite), more than SSLDYN_NPY_MAXIMUM_DIMENSIONS dimensions. The file's size is checked
 * against the header before memory is allocated. On failure array is empty. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_read(const char *path, bool allow_nonfinite,
                                                     struct ssldyn_array *array,
                                                     struct ssldyn_error *err);

/* A float64 .npy that grows by frames along its first axis: written as a temporary file, renamed on
 * close with the actual number of frames in its header. */
struct ssldyn_npy_writer;
/* frame_shape: frame_dimensions sizes of one frame; 0 dimensions: each frame is one number. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_npy_writer_open(const char *path, size_t frame_dimensions, const size_t frame_shape[],
                       struct ssldyn_npy_writer **writer, struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_writer_append(struct ssldyn_npy_writer *writer,
                                                              const double frame[],
                                                              struct ssldyn_error *err);
/* Flushes the frames appended so far. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_writer_flush(struct ssldyn_npy_writer *writer,
                                                             struct ssldyn_error *err);
/* After a failed write. arrived: the number of complete frames on disk. limit: keep at most that
 * many frames on close. */
size_t ssldyn_npy_writer_arrived(struct ssldyn_npy_writer *writer);
void ssldyn_npy_writer_limit(struct ssldyn_npy_writer *writer, size_t frames);
/* Finishes and renames; frees the writer even on failure. EIO if a write failed: the complete
 * frames are kept (ssldyn_file_salvage). Call it also after a failed append. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_writer_close(struct ssldyn_npy_writer *writer,
                                                             struct ssldyn_error *err);
/* Removes the unfinished file and frees; NULL is allowed. */
void ssldyn_npy_writer_abandon(struct ssldyn_npy_writer *writer);

/* Writes one whole array in the same way. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_write(const char *path, size_t dimensions,
                                                      const size_t shape[], const double data[],
                                                      struct ssldyn_error *err);

/* The underlying file, borrowed: a file with a failure (reason set) is salvaged on close. */
struct ssldyn_file *ssldyn_npy_writer_file(struct ssldyn_npy_writer *writer);

#endif
