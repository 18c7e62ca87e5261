/* Arrays from common file formats: .npy, .npz, .safetensors, PyTorch's .pt, pickles of NumPy
 * arrays. The format is detected from the first bytes of a file, not from its name. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_ARRAY_FILE_H
#define SSLDYN_SIM_IO_ARRAY_FILE_H

#include "sim/io/array_choice.h"
#include "sim/io/npy_format.h"

/* Splits FILE or FILE:NAME; name is NULL without one. If argument is an existing file, or a pattern
 * (file_series.h) that matches some, all of it is the file, including colons; NAME may contain
 * colons and slashes. Free both strings. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_file_split(const char *argument, char **file,
                                                             char **name, struct ssldyn_error *err);

/* Opens one array of a file: its type, shape and count, and a stream at its first entry (NULL on
 * failure). name: which array; NULL: as ssldyn_array_choice chooses. EINPUT for other kinds of
 * files, with advice on how to convert them. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_array_file_open(const char *path, const char *name, const struct ssldyn_need *need,
                       FILE **stream, struct ssldyn_entries *entries, struct ssldyn_array *array,
                       struct ssldyn_error *err);

/* Reads the one array that `argument` (FILE or FILE:NAME) and need select, as doubles. EINPUT for
 * non-finite entries, and for a shape that does not match need (the message points out if the
 * transpose would). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_file_read(const char *argument,
                                                            const struct ssldyn_need *need,
                                                            struct ssldyn_array *array,
                                                            struct ssldyn_error *err);
/* Reads only its shape; array->data stays NULL. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_file_shape(const char *argument,
                                                             const struct ssldyn_need *need,
                                                             struct ssldyn_array *array,
                                                             struct ssldyn_error *err);
/* Reads a matrix of rows x columns (0: any) for an option, with the name role if the file has
 * several; memory: the matrix itself, which may be borrowed; NULL: it is in the file. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_array_file_read_matrix(const char *argument, const char *option, const char *role,
                              size_t rows, size_t columns, const struct ssldyn_array_view *memory,
                              struct ssldyn_array *array, struct ssldyn_error *err);

#endif
