/* Which array of a file with several is meant: the one named, the only one, or the one that bears
 * the name of its role (Wp, F, W, ...). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_PICK_H
#define SSLDYN_SIM_IO_PICK_H

#include "sim/base/error.h"

#include <stddef.h>

/* names: count names in file's order; wanted: the name asked for, or NULL; role: the name to fall
 * back on, or NULL. *index is the choice. EINPUT, listing what is there, when there is none. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_pick(const char *path, size_t count,
                                                 const char *const names[], const char *wanted,
                                                 const char *role, size_t *index,
                                                 struct ssldyn_error *err);

#endif
