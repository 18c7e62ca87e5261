/* A series of matrices of one shape from files of any kind (array_file.h): one or many (glob or
 * %d), single matrices or stacks; read one at a time, in constant memory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_MATRICES_H
#define SSLDYN_SIM_IO_MATRICES_H

#include "sim/base/error.h"
#include "sim/io/array_view.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_matrices;

/* Opens the series that argument names: FILE or FILE:NAME (NAME selects an array of a .npz,
 * .safetensors or .pt). FILE with %d (or %03d ...) or a glob with * ? [ matches several files,
 * ordered by the numbers in their names. Arrays have two dimensions (one matrix) or three (a stack
 * along the first); trailing dimensions of size 1 are ignored. role: the array's default name if
 * the file has several, e.g. "Wp". option: its name in messages, e.g. "--wp". EINPUT for anything
 * unsuitable. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrices_open(const char *argument, const char *option,
                                                          const char *role,
                                                          struct ssldyn_matrices **matrices,
                                                          struct ssldyn_error *err);
/* The same for vectors, each a matrix of one row: arrays have one dimension (one vector) or two (a
 * stack along the first). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrices_open_vectors(const char *argument, const char *option, const char *role,
                             struct ssldyn_matrices **matrices, struct ssldyn_error *err);
/* The same for an array in memory, which is borrowed until the series is closed; vectors: a series
 * of vectors, not matrices. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrices_open_memory(const struct ssldyn_array_view *view, const char *option, bool vectors,
                            struct ssldyn_matrices **matrices, struct ssldyn_error *err);
void ssldyn_matrices_close(struct ssldyn_matrices *matrices);

size_t ssldyn_matrices_count(const struct ssldyn_matrices *matrices);
size_t ssldyn_matrices_rows(const struct ssldyn_matrices *matrices);
size_t ssldyn_matrices_columns(const struct ssldyn_matrices *matrices);

/* Unit roundoff of the lowest-precision type in which the numbers are stored: 2^-8 for bfloat16,
 * 2^-11 for half, 2^-24 for single, 2^-53 for double precision, 0 for integers. */
double ssldyn_matrices_roundoff(const struct ssldyn_matrices *matrices);

/* The number in the name of frame's file (file_series.h), NaN without one. Used as a time it is
 * also NaN if files hold several frames. */
double ssldyn_matrices_number(const struct ssldyn_matrices *matrices, size_t frame);
double ssldyn_matrices_label(const struct ssldyn_matrices *matrices, size_t frame);

/* The arrays in the (first) file that argument names, and the parts of argument. */
struct ssldyn_matrices_names {
    char *file, *name; /* FILE, and NAME or NULL; owned, like all of this */
    size_t count;      /* 0: a file of a single unnamed array */
    char **names;
    struct ssldyn_array *shapes; /* without data */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrices_list(const char *argument, const char *option,
                                                          struct ssldyn_matrices_names *names,
                                                          struct ssldyn_error *err);
void ssldyn_matrices_names_clear(struct ssldyn_matrices_names *names);

/* Reads the next matrix, rows x columns row-major. A non-finite entry sets *finite to false, which
 * is unchanged otherwise; finite NULL: it is rejected. EINPUT for that, and after the last
 * matrix. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrices_next(struct ssldyn_matrices *matrices,
                                                          double matrix[], bool *finite,
                                                          struct ssldyn_error *err);

#endif
