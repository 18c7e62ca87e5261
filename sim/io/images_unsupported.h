/* Images in unsupported formats: what they are, and how to convert them. For sim/io/images*.c. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_IMAGES_UNSUPPORTED_H
#define SSLDYN_SIM_IO_IMAGES_UNSUPPORTED_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* What to do about a file that begins with these bytes; NULL: unknown format. sure: only if the
 * signature cannot occur by chance in images stored as plain bytes. */
const char *ssldyn_images_advice(size_t count, const unsigned char head[], bool sure);

/* Always EINPUT: why no images were found in a directory, and what to do about it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_refuse_directory(const char *directory,
                                                                    struct ssldyn_error *err);

#endif
