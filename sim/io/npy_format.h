/* What the readers and writers of numeric arrays share: the entries' type as a file declares it, a
 * .npy header parsed and checked or written, and one entry decoded. For sim/io only. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_NPY_FORMAT_H
#define SSLDYN_SIM_IO_NPY_FORMAT_H

#include "sim/io/npy.h"

#include <stdio.h>

/* What a header says of the entries. */
struct ssldyn_entries {
    char kind; /* b, i, u, f, or g: bfloat16 */
    size_t size;
    bool big_endian;
    bool fortran_order;
};

/* Magic, version and header at the stream's place; fills entries and array's shape; *offset is
 * where the numbers begin. EINPUT, naming path, for anything that is no .npy of plain numbers. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_header(const char *path, FILE *stream,
                                                       struct ssldyn_entries *entries,
                                                       struct ssldyn_array *array, size_t *offset,
                                                       struct ssldyn_error *err);

/* Counts the entries and holds the count against the bytes that follow the header, so that no
 * memory is taken for what a header merely claims. Fills array->count. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_check(const char *path,
                                                      const struct ssldyn_entries *entries,
                                                      size_t bytes, struct ssldyn_array *array,
                                                      struct ssldyn_error *err);

/* All entries of an array whose shape and count are known, from the stream's place, into row-major
 * data (owned by array). EINPUT for entries that are not finite unless allowed. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_npy_entries(const char *path, FILE *stream, const struct ssldyn_entries *entries,
                   bool allow_nonfinite, struct ssldyn_array *array, struct ssldyn_error *err);

/* EINPUT for an entry, counted row by row, that is not finite. */
enum ssldyn_status ssldyn_npy_not_finite(const char *path, size_t place, double value,
                                         struct ssldyn_error *err);

/* Writes magic, version 1 and the header of an array in row-major order, type as the format calls it
 * ("<f8"); size: bytes of it all, a multiple of 64 that holds it; 0: the smallest. */
void ssldyn_npy_write_header(FILE *out, const char *type, size_t dimensions, const size_t shape[],
                             size_t size);

/* One entry as a double. Assembled byte by byte: the host's order does not matter. */
double ssldyn_npy_decode(const struct ssldyn_entries *entries, const unsigned char bytes[]);

#endif
