/* The output directory of a command: locked against other processes, filled in a work directory,
 * and replaced in one step, so that at any time it holds either all older results or all new ones.
 * If that step is not possible (the directory is a mount point or the current directory, its parent
 * is not writable, the file system cannot exchange names) the files are moved one by one, and until
 * that is complete every reader rejects the directory (sim/io/output_dir.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_OUTPUT_H
#define SSLDYN_SIM_IO_OUTPUT_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_output {
    char *path;    /* the directory, as given by the user */
    char *work;    /* where its results are written until they are published */
    bool unlocked; /* this file system has no locks, so another process is not kept out */
    /* the rest is private to the functions below */
    char *target;        /* path with links resolved */
    size_t existing;     /* length of the part of path that existed before */
    int lock, work_lock; /* open directories, -1: none */
    bool inside;         /* work is inside path, not next to it */
    bool published;
    const char *command; /* borrowed */
    bool (*owns)(const char *name);
};

/* Creates the directory if necessary, locks it, finishes or removes what a killed process left
 * there, and creates the work directory. command: "flow", ...; its results are replaced, everything
 * else in the directory stays. owns: further names of results, may be NULL. EINPUT if the directory
 * may not hold results (sim/io/output_dir.h) or another process is writing to it; EIO. On failure
 * the struct is empty and nothing is left behind. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_open(const char *path, const char *command,
                                                        bool (*owns)(const char *name),
                                                        struct ssldyn_output *output,
                                                        struct ssldyn_error *err);

/* For a process that adds a directory to path, which exists: until *file, which is opened, is
 * closed, no other process replaces the results there, which are those of the command and owns as
 * above; several processes may add. What a killed process left next to path is removed. EINPUT if a
 * process is about to replace the results; EIO. On failure *file is -1. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_join(const char *path, const char *command,
                                                        bool (*owns)(const char *name), int *file,
                                                        struct ssldyn_error *err);

/* Replaces the results in the directory by those in the work directory. The struct stays open. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_publish(struct ssldyn_output *output,
                                                           struct ssldyn_error *err);

/* Ends a command that returned status: publishes its results (OK, or a failed or stopped run with
 * some results), salvages them, or drops them (EINPUT, ENOMEM, no results). Returns the command's
 * status or that of publishing; err mentions the directory. The struct stays open. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_finish(struct ssldyn_output *output,
                                                          bool results, enum ssldyn_status status,
                                                          struct ssldyn_error *err);

/* Replaces the name of the work directory by that of the output directory in a message. */
void ssldyn_output_rename(const struct ssldyn_output *output, struct ssldyn_error *err);

/* Removes what was not published, and the directory if it was created for this and is empty; frees.
 * Allowed on an empty struct. */
void ssldyn_output_close(struct ssldyn_output *output);

#endif
