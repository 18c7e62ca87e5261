/* Arrays from every kind of file that people have: .npy, .npz, .safetensors, PyTorch's .pt, pickles
 * of NumPy arrays. What a file is, is told by its first bytes, not by its name. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_ARRAY_FILE_H
#define SSLDYN_SIM_IO_ARRAY_FILE_H

#include "sim/io/npy_format.h"
#include "sim/io/pick.h"

/* FILE or FILE:NAME taken apart; name is NULL without one. An existing file, or a pattern
 * (file_series.h) that fits some, is taken whole, colons and all; NAME may hold colons and slashes.
 * Both strings are to be freed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_file_split(const char *argument, char **file,
                                                             char **name, struct ssldyn_error *err);

/* Opens one array of a file: its type, shape and count, and a stream at its first entry (NULL on
 * failure). name: NULL, or which one. EINPUT, naming what to do, for files of other kinds. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_array_file_open(const char *path, const char *name, const struct ssldyn_need *need,
                       FILE **stream, struct ssldyn_entries *entries, struct ssldyn_array *array,
                       struct ssldyn_error *err);

/* Reads the one array that `argument` (FILE or FILE:NAME) and need mean, as doubles. EINPUT for
 * entries that are not finite, and for a shape that does not fit need; a matrix whose transpose
 * fits is called by that name. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_file_read(const char *argument,
                                                            const struct ssldyn_need *need,
                                                            struct ssldyn_array *array,
                                                            struct ssldyn_error *err);
/* Only its shape; array->data stays NULL. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_array_file_shape(const char *argument,
                                                             const struct ssldyn_need *need,
                                                             struct ssldyn_array *array,
                                                             struct ssldyn_error *err);
/* A matrix of rows x columns (0: any) for an option, by the name role where the file has several;
 * memory: the matrix itself, which may be lent, and NULL where it is in the file. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_array_file_read_matrix(const char *argument, const char *option, const char *role,
                              size_t rows, size_t columns, const struct ssldyn_array_view *memory,
                              struct ssldyn_array *array, struct ssldyn_error *err);

#endif
