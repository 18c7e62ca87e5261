/* A series of equal matrices from files of any kind (array_file.h): one or many (glob or %d),
 * single matrices or stacks; read one at a time, in constant memory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_MATRICES_H
#define SSLDYN_SIM_IO_MATRICES_H

#include "sim/base/error.h"
#include "sim/io/array_view.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_matrices;

/* Opens the series that argument names: FILE or FILE:NAME (NAME picks an array of a .npz,
 * .safetensors or .pt). FILE with %d (or %03d ...) or a glob's * ? [ stands for all files that fit,
 * ordered by the numbers in their names. Arrays have two dimensions (one matrix) or three (a stack
 * along the first), besides which those of size 1 at the end do not count. role: the array's name
 * where none is given and the file has several, e.g. "Wp". option: how messages call it, e.g.
 * "--wp". EINPUT for anything unfit. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrices_open(const char *argument, const char *option,
                                                          const char *role,
                                                          struct ssldyn_matrices **matrices,
                                                          struct ssldyn_error *err);
/* The same for vectors, each a matrix of one row: arrays have one dimension (one vector) or two (a
 * stack along the first). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrices_open_vectors(const char *argument, const char *option, const char *role,
                             struct ssldyn_matrices **matrices, struct ssldyn_error *err);
/* The same for an array in memory, which is borrowed until the series is closed; vectors: of
 * vectors, else of matrices. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrices_open_memory(const struct ssldyn_array_view *view, const char *option, bool vectors,
                            struct ssldyn_matrices **matrices, struct ssldyn_error *err);
void ssldyn_matrices_close(struct ssldyn_matrices *matrices);

size_t ssldyn_matrices_count(const struct ssldyn_matrices *matrices);
size_t ssldyn_matrices_rows(const struct ssldyn_matrices *matrices);
size_t ssldyn_matrices_columns(const struct ssldyn_matrices *matrices);

/* Unit roundoff of the coarsest type that the numbers are stored in: 2^-8 for bfloat16, 2^-11 for
 * half, 2^-24 for single, 2^-53 for double precision, 0 for integers. */
double ssldyn_matrices_roundoff(const struct ssldyn_matrices *matrices);

/* The number in the name of frame's file (file_series.h), NaN without one; as a time, NaN as well
 * where files hold several frames. */
double ssldyn_matrices_number(const struct ssldyn_matrices *matrices, size_t frame);
double ssldyn_matrices_label(const struct ssldyn_matrices *matrices, size_t frame);

/* The arrays in the (first) file that argument names, taken apart. */
struct ssldyn_matrices_names {
    char *file, *name; /* FILE, and NAME or NULL; owned, as all of it */
    size_t count;      /* 0: a file of one array without a name */
    char **names;
    struct ssldyn_array *shapes; /* without data */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrices_list(const char *argument, const char *option,
                                                          struct ssldyn_matrices_names *names,
                                                          struct ssldyn_error *err);
void ssldyn_matrices_names_clear(struct ssldyn_matrices_names *names);

/* The next matrix, rows x columns row-major. An entry that is not finite clears *finite, which is
 * left as it is else; finite NULL: it is refused. EINPUT for that, and beyond the last matrix. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrices_next(struct ssldyn_matrices *matrices,
                                                          double matrix[], bool *finite,
                                                          struct ssldyn_error *err);

#endif
