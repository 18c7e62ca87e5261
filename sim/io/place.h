/* Where results may go. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_PLACE_H
#define SSLDYN_SIM_IO_PLACE_H

#include "sim/base/error.h"

#include <stddef.h>

/* EINPUT, naming -o, unless path can be made, is empty, or holds an earlier run of that command
 * ("flow", "byol") by its spec.conf. Changes nothing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_place_check(const char *path, const char *command,
                                                        struct ssldyn_error *err);

/* Characters of the part of path that is there already, and, once a command has failed, the way
 * back: removes the directories beyond it as far as they are empty. */
size_t ssldyn_place_there(const char *path);
void ssldyn_place_undo(const char *path, size_t there);

#endif
