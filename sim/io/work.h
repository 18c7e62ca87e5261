/* Work directories, in which results are written before they are published (sim/io/output.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_WORK_H
#define SSLDYN_SIM_IO_WORK_H

#include "sim/base/error.h"
#include "sim/io/tree.h"

#include <stdbool.h>

/* Makes one for the directory target, which is open as directory: beside it, or inside. Its path in
 * a fresh string; NULL with errno. */
char *ssldyn_work_make(const char *target, int directory, bool *inside);

/* The newest work directory of the directory target, of a process at work or of one that was
 * killed: *work is its path in a newly allocated string, or NULL where there is none. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_work_find(const char *target, char **work,
                                                      struct ssldyn_error *err);

/* Removes what killed processes left beside the directory, which the caller has locked. A file of
 * the user's that a stopped exchange left there goes back. */
void ssldyn_work_remove_leftovers(const char *target, int directory, ssldyn_tree_owns owns,
                                  void *context);

/* The parent of a path in a fresh string, NULL when memory is out, and the name below it. */
char *ssldyn_work_parent(const char *path, const char **name);

#endif
