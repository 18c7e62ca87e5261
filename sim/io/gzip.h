/* Files compressed with gzip, unpacked into a temporary file without a name, so that they may be
 * larger than memory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_GZIP_H
#define SSLDYN_SIM_IO_GZIP_H

#include "sim/base/error.h"

#include <stddef.h>
#include <stdio.h>

/* Derives the length of a file from its beginning. head: a stream over the first bytes; *bytes: the
 * total length; unchanged (0) if unknown. */
typedef enum ssldyn_status ssldyn_gzip_length(const char *path, FILE *head, size_t *bytes,
                                              struct ssldyn_error *err);

/* Unpacks path into a temporary file: *stream is at its start, to be closed by the caller; *size is
 * its length. Unpacking stops with EINPUT when there are more bytes than `length` finds or, if that
 * is unknown, than the compressed file states at its end: so no small file can fill the disk.
 * EINPUT also for a damaged file, EIO for a full disk, EINTERRUPTED on a signal. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_gzip_unpack(const char *path,
                                                        ssldyn_gzip_length *length, FILE **stream,
                                                        size_t *size, struct ssldyn_error *err);

#endif
