/* Members of zip archives (.npz, .pt), with libzip. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_ZIP_H
#define SSLDYN_SIM_IO_ZIP_H

#include "sim/base/error.h"

#include <stddef.h>
#include <stdio.h>

struct ssldyn_zip;

/* Opens an archive of at most 2^20 members for reading. EINPUT if it is not one. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_zip_open(const char *path, struct ssldyn_zip **zip,
                                                     struct ssldyn_error *err);
void ssldyn_zip_close(struct ssldyn_zip *zip); /* NULL is allowed */

size_t ssldyn_zip_count(const struct ssldyn_zip *zip);
/* A member's name, valid as long as zip; NULL: unknown. */
const char *ssldyn_zip_name(const struct ssldyn_zip *zip, size_t member);
/* The declared size of a member when unpacked; 0: unknown. */
size_t ssldyn_zip_size(const struct ssldyn_zip *zip, size_t member);

/* Up to `most` bytes from the start of a member, in newly allocated memory (*bytes, free it). If
 * the member is not longer, its length and checksum are checked. EINPUT for damage, and above 64
 * MiB as for ssldyn_zip_unpack. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_zip_load(const struct ssldyn_zip *zip, size_t member,
                                                     size_t most, unsigned char **bytes,
                                                     size_t *size, struct ssldyn_error *err);
/* A whole member as an anonymous temporary file, so that it need not fit into memory; *stream is at
 * its start, to be closed by the caller. EINPUT for damage, and for a member above 1 GiB with a
 * compression ratio above 100, which measured numbers never have. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_zip_unpack(const struct ssldyn_zip *zip, size_t member,
                                                       FILE **stream, size_t *size,
                                                       struct ssldyn_error *err);

#endif
