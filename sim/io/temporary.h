/* Temporary files without a name: for arrays that must be unpacked before they are read, and for
 * the output of other processes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TEMPORARY_H
#define SSLDYN_SIM_IO_TEMPORARY_H

#include "sim/base/error.h"

#include <stddef.h>
#include <stdio.h>

/* An empty stream for `size` bytes: a file in the first of $TMPDIR, /tmp and /var/tmp that is
 * writable and has enough free space; without one, up to 64 MiB, memory. path: the file that is
 * unpacked, for messages. EIO, with the sizes, where space is short. Close with fclose. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_temporary_open(const char *path, size_t size,
                                                           FILE **stream, struct ssldyn_error *err);

/* Appends bytes to such a stream; EIO where they do not fit. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_temporary_write(const char *path, const void *bytes,
                                                            size_t size, FILE *stream,
                                                            struct ssldyn_error *err);
/* Flushes and rewinds the stream for reading; EIO where a write failed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_temporary_rewind(const char *path, FILE *stream,
                                                             struct ssldyn_error *err);
/* All three: closes *stream (NULL: none) and replaces it with a stream at the start of these bytes.
 * On failure *stream is unchanged. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_temporary_copy(const char *path, const void *bytes,
                                                           size_t size, FILE **stream,
                                                           struct ssldyn_error *err);

/* An empty file without a name in the first of those directories that is writable; NULL: none is.
 * Close with fclose. */
FILE *ssldyn_temporary_file(void);

#endif
