/* Unsupported kinds of files: what they are, and how to convert them. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_FOREIGN_H
#define SSLDYN_SIM_IO_FOREIGN_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a file that starts with these bytes is a pickle; never true for text. */
bool ssldyn_foreign_is_pickle(const unsigned char head[], size_t size);

/* What a file that starts with these (up to 512) bytes is, and how to convert it; NULL: unknown. */
const char *ssldyn_foreign_advice(const unsigned char head[], size_t size);

/* EINPUT with a message that says what a file with these first bytes (up to 512) seems to be, and
 * how to convert it. */
enum ssldyn_status ssldyn_foreign_refuse(const char *path, const unsigned char head[], size_t size,
                                         struct ssldyn_error *err);

#endif
