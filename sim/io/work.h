/* Work directories, in which results are written before they are published (sim/io/output.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_WORK_H
#define SSLDYN_SIM_IO_WORK_H

#include "sim/base/error.h"
#include "sim/io/tree.h"

#include <stdbool.h>

/* Creates one for the directory target, which is open as directory: next to it, or inside. Its path
 * in a newly allocated string; NULL with errno. */
char *ssldyn_work_make(const char *target, int directory, bool *inside);

/* The newest work directory of the directory target, of a running process or of one that was
 * killed: *work is its path in a newly allocated string; NULL: none. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_work_find(const char *target, char **work,
                                                      struct ssldyn_error *err);

/* Removes what killed processes left next to the directory, which the caller has locked. A file of
 * the user that an interrupted exchange left there is moved back. */
void ssldyn_work_remove_leftovers(const char *target, int directory, ssldyn_tree_owns owns,
                                  void *context);

#endif
