/* Temporary files without a name: for arrays that have to be unpacked before they are read, and for
 * what other processes say. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TEMPORARY_H
#define SSLDYN_SIM_IO_TEMPORARY_H

#include "sim/base/error.h"

#include <stddef.h>
#include <stdio.h>

/* An empty stream for `size` bytes: a file in the first of $TMPDIR, /tmp and /var/tmp that can be
 * written and has the room, or else, for up to 64 MiB, memory. path: the file that is unpacked, for
 * messages. EIO, with the sizes, where there is no room. Close with fclose. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_temporary_open(const char *path, size_t size,
                                                           FILE **stream, struct ssldyn_error *err);

/* Appends bytes to such a stream; EIO where they do not fit. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_temporary_write(const char *path, const void *bytes,
                                                            size_t size, FILE *stream,
                                                            struct ssldyn_error *err);
/* Back to its start, for reading; EIO where something that was written has not arrived. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_temporary_rewind(const char *path, FILE *stream,
                                                             struct ssldyn_error *err);
/* All three: replaces *stream (NULL: none), which is closed, by one at the start of these bytes. On
 * failure it is as before. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_temporary_copy(const char *path, const void *bytes,
                                                           size_t size, FILE **stream,
                                                           struct ssldyn_error *err);

/* An empty file without a name in the first of those directories that can be written; NULL where
 * none can. Close with fclose. */
FILE *ssldyn_temporary_file(void);

#endif
