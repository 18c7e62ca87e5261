/* The directory that a command writes: locked against other processes, filled in a work directory,
 * and replaced in one step, so that it holds all of the older results or all of the new ones
 * whenever the process ends. Where that step cannot be made (the directory is a mount point or the
 * current one, its parent cannot be written, the file system cannot exchange) the files are moved
 * one by one, and until all are in place every reader refuses the directory (sim/io/place.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_OUTPUT_H
#define SSLDYN_SIM_IO_OUTPUT_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_output {
    char *path;    /* the directory, as it was named */
    char *work;    /* where its results are written until they are published */
    bool unlocked; /* this file system has no locks: nothing keeps a second process away */
    /* the rest is for the functions below */
    char *target;        /* path by the directory's own name */
    size_t there;        /* characters of path that were there before */
    int lock, work_lock; /* open directories, -1: none */
    bool inside;         /* work lies below path, not beside it */
    bool published;
    const char *command; /* borrowed */
    bool (*owns)(const char *name);
};

/* Makes the directory where it is missing, locks it, finishes or removes what a killed process left
 * there, and makes the work directory. command: "flow", ...; its results are replaced, all else in
 * the directory stays. owns: further names of results, may be NULL. EINPUT where the directory
 * cannot take results (sim/io/place.h) or another process is writing it; EIO. On failure the struct
 * is empty and nothing is left. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_open(const char *path, const char *command,
                                                        bool (*owns)(const char *name),
                                                        struct ssldyn_output *output,
                                                        struct ssldyn_error *err);

/* For a process that adds a directory to path, which exists: no other replaces the results there,
 * which are of the command and owns as above, until *file, which is opened, is closed; several can
 * add. What a killed process left beside path is removed. EINPUT where one is about to replace the
 * results; EIO. On failure *file is -1. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_join(const char *path, const char *command,
                                                        bool (*owns)(const char *name), int *file,
                                                        struct ssldyn_error *err);

/* Replaces the results in the directory by those in the work directory. The struct stays open. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_publish(struct ssldyn_output *output,
                                                           struct ssldyn_error *err);

/* Ends a command that came to status: publishes results (OK, or with some a failed or stopped run),
 * salvages them, drops them (EINPUT, ENOMEM, none). Returns the command's status or that of
 * publishing; err speaks of the directory. The struct stays open. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_output_finish(struct ssldyn_output *output,
                                                          bool results, enum ssldyn_status status,
                                                          struct ssldyn_error *err);

/* Replaces the work directory's name by the directory's in a message. */
void ssldyn_output_rename(const struct ssldyn_output *output, struct ssldyn_error *err);

/* Removes what was not published, the directory too where it was made for this and is empty, and
 * frees. Fine on an empty struct. */
void ssldyn_output_close(struct ssldyn_output *output);

#endif
