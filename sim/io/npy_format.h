/* Shared by the readers and writers of numeric arrays: the entries' type as a file declares it,
 * parsing, checking and writing a .npy header, and decoding one entry. For sim/io only. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_NPY_FORMAT_H
#define SSLDYN_SIM_IO_NPY_FORMAT_H

#include "sim/io/npy.h"

#include <stdio.h>

/* The type of the entries, from a header. */
struct ssldyn_entries {
    char kind; /* b, i, u, f, or g: bfloat16 */
    size_t size;
    bool big_endian;
    bool fortran_order;
};

/* Reads magic, version and header at the stream's position; fills entries and array's shape;
 * *offset is the position of the numbers. EINPUT, naming path, if it is not a .npy of plain
 * numbers. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_header(const char *path, FILE *stream,
                                                       struct ssldyn_entries *entries,
                                                       struct ssldyn_array *array, size_t *offset,
                                                       struct ssldyn_error *err);

/* Counts the entries and checks the count against the bytes that follow the header, so that no
 * memory is allocated for a false header. Fills array->count. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npy_check(const char *path,
                                                      const struct ssldyn_entries *entries,
                                                      size_t bytes, struct ssldyn_array *array,
                                                      struct ssldyn_error *err);

/* Reads all entries of an array of known shape and count, from the stream's position, into
 * row-major data (owned by array). EINPUT for non-finite entries unless allowed. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_npy_entries(const char *path, FILE *stream, const struct ssldyn_entries *entries,
                   bool allow_nonfinite, struct ssldyn_array *array, struct ssldyn_error *err);

/* EINPUT for a non-finite entry, given its row-major index. */
enum ssldyn_status ssldyn_npy_not_finite(const char *path, size_t place, double value,
                                         struct ssldyn_error *err);

/* Writes magic, version 1 and the header of an array in row-major order; type as the format writes
 * it ("<f8"); size: bytes of all this, a sufficient multiple of 64; 0: the smallest. */
void ssldyn_npy_write_header(FILE *out, const char *type, size_t dimensions, const size_t shape[],
                             size_t size);

/* One entry as a double. Assembled byte by byte, independent of the host's byte order. */
double ssldyn_npy_decode(const struct ssldyn_entries *entries, const unsigned char bytes[]);

#endif
