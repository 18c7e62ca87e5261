/* Where results may go. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_PLACE_H
#define SSLDYN_SIM_IO_PLACE_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* What the program keeps in a directory while it works begins with the first. The second and third:
 * results whose files are being moved to their names (sim/io/output.c). */
#define SSLDYN_PLACE_OURS ".ssldyn"
#define SSLDYN_PLACE_REPLACE ".ssldyn-replace"
#define SSLDYN_PLACE_MOVE ".ssldyn-move"

/* EINPUT, naming -o, unless path can be made, is empty, or holds an earlier run of that command
 * ("flow", "byol") by its spec.conf. Changes nothing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_place_check(const char *path, const char *command,
                                                        struct ssldyn_error *err);

/* Whether a file of that name in a directory of that command is one of its results, or what was
 * left of writing one: replaced with them. All else there is the user's. */
bool ssldyn_place_owns(const char *command, const char *name);

/* Whether an entry of a sweep's directory is the run of one of its points: point-0, point-1, ... */
bool ssldyn_place_is_point(const char *name);

/* Whether the directory holds results, finished or not. */
bool ssldyn_place_holds(const char *path);

/* EINPUT where path's file system has fewer bytes left. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_place_check_space(const char *path, double bytes,
                                                              struct ssldyn_error *err);

/* Whether path is a directory that another process is writing, or that holds what a new run may not
 * replace. */
bool ssldyn_place_taken(const char *path);

/* Whether a process has locked the directory, and with that is writing results for it. */
bool ssldyn_place_is_written(const char *path);

/* For readers. EINPUT where the results there are not whole: a sweep that is not finished, files of
 * two runs, of which one was replacing the other, or a run that is still at work on its first. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_place_readable(const char *path,
                                                           struct ssldyn_error *err);

/* Characters of the part of path that is there already, and, once a command has failed, the way
 * back: removes the directories beyond it as far as they are empty. */
size_t ssldyn_place_there(const char *path);
void ssldyn_place_undo(const char *path, size_t there);

#endif
