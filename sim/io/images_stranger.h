/* Images as ssldyn does not read them: what they are, and what to do. For sim/io/images*.c. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_IMAGES_STRANGER_H
#define SSLDYN_SIM_IO_IMAGES_STRANGER_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* What to do about a file that begins with these bytes; NULL: not recognized. sure: only by a mark
 * that images stored as plain bytes do not begin with by chance. */
const char *ssldyn_images_advice(size_t count, const unsigned char head[], bool sure);

/* Always EINPUT: why nothing in a directory was taken, and what to do about it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_refuse_directory(const char *directory,
                                                                    struct ssldyn_error *err);

#endif
