/* Tar archives, compressed with gzip or not, gone through once: enough of POSIX ustar and GNU tar
 * to find plain files by name. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TAR_H
#define SSLDYN_SIM_IO_TAR_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ssldyn_tar;

/* Whether path is a file that begins as a tar archive does. */
bool ssldyn_tar_recognized(const char *path);

/* Opens an archive; close it with ssldyn_tar_close (NULL is fine). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_tar_open(const char *path, struct ssldyn_tar **tar,
                                                     struct ssldyn_error *err);
void ssldyn_tar_close(struct ssldyn_tar *tar);

/* Goes to the next plain file. *name: its name, valid until the next call, NULL after the last
 * file; *size: its bytes. EINPUT for a damaged archive, EINTERRUPTED on a signal. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_tar_next(struct ssldyn_tar *tar, const char **name,
                                                     size_t *size, struct ssldyn_error *err);

/* Unpacks the file that the archive is at, once, into a temporary file: *stream is at its start, to
 * be closed by the caller, and holds the size bytes that ssldyn_tar_next told. EINPUT for an
 * archive that ends before, EIO for a full disk. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_tar_unpack(struct ssldyn_tar *tar, FILE **stream,
                                                       struct ssldyn_error *err);

#endif
