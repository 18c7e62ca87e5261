/* Members of zip archives (.npz, .pt), through libzip. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_ZIP_H
#define SSLDYN_SIM_IO_ZIP_H

#include "sim/base/error.h"

#include <stddef.h>
#include <stdio.h>

struct ssldyn_zip;

/* Opens an archive of at most 2^20 members for reading. EINPUT for what is none. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_zip_open(const char *path, struct ssldyn_zip **zip,
                                                     struct ssldyn_error *err);
void ssldyn_zip_close(struct ssldyn_zip *zip); /* NULL is fine */

size_t ssldyn_zip_count(const struct ssldyn_zip *zip);
/* A member's name, which lives as long as zip; NULL if it cannot be told. */
const char *ssldyn_zip_name(const struct ssldyn_zip *zip, size_t member);
/* The size that a member declares to have when unpacked; 0 if that cannot be told. */
size_t ssldyn_zip_size(const struct ssldyn_zip *zip, size_t member);

/* Up to `most` bytes from the start of a member, in fresh memory (*bytes, free it). When the member
 * is not longer, its length and checksum are checked. EINPUT for damage, and above
 * 64 MiB as for ssldyn_zip_unpack. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_zip_load(const struct ssldyn_zip *zip, size_t member,
                                                     size_t most, unsigned char **bytes,
                                                     size_t *size, struct ssldyn_error *err);
/* A whole member as an anonymous temporary file, so that it does not need to fit into memory;
 * *stream is at its start and to be closed by the caller. EINPUT for damage, and for a member above
 * 1 GiB that is packed more than a hundredfold, as no measured numbers are. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_zip_unpack(const struct ssldyn_zip *zip, size_t member,
                                                       FILE **stream, size_t *size,
                                                       struct ssldyn_error *err);

#endif
