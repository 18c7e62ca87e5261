/* Text files that appear whole: written beside as NAME.tmp, synced, renamed. Directories. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_FILE_H
#define SSLDYN_SIM_IO_FILE_H

#include "sim/base/error.h"

#include <stdio.h>

/* Makes a directory and its parents; fine when it is there already. EIO otherwise. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_directory_make(const char *path,
                                                           struct ssldyn_error *err);

/* directory/name in a fresh string; NULL when memory is out. Free with free(). */
char *ssldyn_path_join(const char *directory, const char *name);

/* A stream to PATH.tmp. Nothing of an older PATH is touched until commit. */
struct ssldyn_file {
    FILE *stream;
    char *path;
    char *temporary;
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_open(struct ssldyn_file *file, const char *path,
                                                      struct ssldyn_error *err);
/* Flushes, syncs, closes and renames; on failure the temporary file is removed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_commit(struct ssldyn_file *file,
                                                        struct ssldyn_error *err);
/* Closes and removes the temporary file; fine on a zeroed or committed struct. */
void ssldyn_file_abandon(struct ssldyn_file *file);

#endif
