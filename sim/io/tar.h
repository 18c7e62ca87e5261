/* Tar archives, compressed with gzip or not, read once from start to end: enough of POSIX ustar and
 * GNU tar to find regular files by name. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TAR_H
#define SSLDYN_SIM_IO_TAR_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ssldyn_tar;

/* Whether path is a file that begins like a tar archive. */
bool ssldyn_tar_recognized(const char *path);

/* Opens an archive; close it with ssldyn_tar_close (NULL is allowed). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_tar_open(const char *path, struct ssldyn_tar **tar,
                                                     struct ssldyn_error *err);
void ssldyn_tar_close(struct ssldyn_tar *tar);

/* Moves to the next regular file. *name: its name, valid until the next call, NULL after the last
 * file; *size: its bytes. EINPUT for a damaged archive, EINTERRUPTED on a signal. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_tar_next(struct ssldyn_tar *tar, const char **name,
                                                     size_t *size, struct ssldyn_error *err);

/* Unpacks the current file, once, into a temporary file: *stream is at its start, to be closed by
 * the caller, and holds the size bytes that ssldyn_tar_next returned. EINPUT for a truncated
 * archive, EIO for a full disk. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_tar_unpack(struct ssldyn_tar *tar, FILE **stream,
                                                       struct ssldyn_error *err);

#endif
