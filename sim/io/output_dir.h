/* Directories that may hold results. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_OUTPUT_DIR_H
#define SSLDYN_SIM_IO_OUTPUT_DIR_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The first is the prefix of what the program keeps in a directory while it works. The second and
 * third hold results whose files are being moved to their final names (sim/io/output.c). */
#define SSLDYN_OUTPUT_DIR_PREFIX ".ssldyn"
#define SSLDYN_OUTPUT_DIR_REPLACE ".ssldyn-replace"
#define SSLDYN_OUTPUT_DIR_MOVE ".ssldyn-move"

/* EINPUT, naming -o, unless path can be created, is empty, or has an earlier run of that command
 * ("flow", "byol") according to its spec.conf. Changes nothing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_dir_check(const char *path, const char *command,
                                                             struct ssldyn_error *err);

/* Whether a file of that name in a directory of that command is one of its results, or a remnant of
 * writing one, and so is replaced. All others belong to the user. */
bool ssldyn_output_dir_owns(const char *command, const char *name);

/* Whether an entry of a sweep's directory is the run of one of its points: point-0, point-1, ... */
bool ssldyn_output_dir_is_point(const char *name);

/* Whether the directory holds results, finished or not. */
bool ssldyn_output_dir_holds_results(const char *path);

/* EINPUT if the file system of path has fewer bytes left. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_dir_check_space(const char *path, double bytes,
                                                                   struct ssldyn_error *err);

/* Whether path is a directory that another process is writing to, or with content that a new run
 * may not replace. */
bool ssldyn_output_dir_is_taken(const char *path);

/* Whether a process has locked the directory, i.e. is writing results to it. */
bool ssldyn_output_dir_is_locked(const char *path);

/* For readers. EINPUT if the results there are incomplete: an unfinished sweep, a mixture of two
 * runs from an interrupted replacement, or a first run that is still in progress. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_dir_check_readable(const char *path,
                                                                      struct ssldyn_error *err);

/* Length of the part of path that exists. undo: after a command has failed, removes the directories
 * beyond that part as far as they are empty. */
size_t ssldyn_output_dir_existing_part(const char *path);
void ssldyn_output_dir_undo(const char *path, size_t existing);

#endif
