/* Files compressed with gzip, unpacked into a file without a name, so that they may be larger than
 * memory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_GZIP_H
#define SSLDYN_SIM_IO_GZIP_H

#include "sim/base/error.h"

#include <stddef.h>
#include <stdio.h>

/* What the beginning of a file says of its length. head: a stream at its start, of the first bytes;
 * *bytes: the length of the whole, left as it is (0) where nothing tells it. */
typedef enum ssldyn_status ssldyn_gzip_length(const char *path, FILE *head, size_t *bytes,
                                              struct ssldyn_error *err);

/* Unpacks path into a temporary file: *stream is at its start and to be closed by the caller; *size
 * counts its bytes. At more bytes than length says, or, where that says nothing, than the
 * compressed file states at its own end, unpacking stops with EINPUT, so that no small file fills
 * the disk. EINPUT as well for a damaged file, EIO for a full disk, EINTERRUPTED on a signal. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_gzip_unpack(const char *path,
                                                        ssldyn_gzip_length *length, FILE **stream,
                                                        size_t *size, struct ssldyn_error *err);

#endif
