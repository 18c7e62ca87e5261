/* Files that appear whole: written as a new NAME.RANDOM.tmp, synced, renamed. Directories. Plain
 * files opened for reading. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_FILE_H
#define SSLDYN_SIM_IO_FILE_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Makes a directory and its parents; fine when it is there already. EIO otherwise. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_make_directory(const char *path,
                                                                struct ssldyn_error *err);

/* Length of path without the slashes at its end, but for that of "/" itself. */
size_t ssldyn_file_path_length(const char *path);

/* directory/name in a fresh string; NULL when memory is out. Free with free(). */
char *ssldyn_file_path_join(const char *directory, const char *name);

/* Opens directory/name for reading; *stream is NULL where there is no such file, which is not an
 * error. EINPUT: it exists and cannot be read, or is not a plain file. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_optional(const char *directory, const char *name,
                                                          FILE **stream, struct ssldyn_error *err);

/* Opens a plain file for reading; *size (NULL: not needed) is its bytes. EINPUT for one that cannot
 * be read, and for devices and pipes, which are not opened: one may have no end, the other no
 * writer. *stream is NULL on failure; close it with fclose. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_read(const char *path, FILE **stream, size_t *size,
                                                      struct ssldyn_error *err);

/* The failure of a read that returned less than what was to be there; errno, 0 before the read, is
 * its reason. */
enum ssldyn_status ssldyn_file_unread(const char *path, struct ssldyn_error *err);

/* A word for names that nobody can guess. */
enum { SSLDYN_FILE_RANDOM = 6 };
#define SSLDYN_FILE_ALPHABET "abcdefghijklmnopqrstuvwxyz"
void ssldyn_file_random(char word[SSLDYN_FILE_RANDOM + 1]);

/* A stream to a new file PATH.RANDOM.tmp. Nothing of an older PATH is touched until commit. */
struct ssldyn_file {
    FILE *stream;
    char *path;
    char *temporary;
    int reason; /* errno of the write that failed, 0: none known */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_open(struct ssldyn_file *file, const char *path,
                                                      struct ssldyn_error *err);
/* The same for directory/name. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_open_in(struct ssldyn_file *file,
                                                         const char *directory, const char *name,
                                                         struct ssldyn_error *err);
/* Whether all that was written so far has arrived (flushes). */
bool ssldyn_file_sound(struct ssldyn_file *file);
/* Flushes, syncs, closes and renames; on failure the temporary file is removed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_commit(struct ssldyn_file *file,
                                                        struct ssldyn_error *err);
/* The whole of directory/name: what print prints of an object. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_file_print(const char *directory, const char *name,
                  void (*print)(const void *object, FILE *stream), const void *object,
                  struct ssldyn_error *err);
/* The same of a text. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_print_text(const char *directory, const char *name,
                                                            const char *text,
                                                            struct ssldyn_error *err);
/* For a disk that refused some of what was written: how many bytes arrived, */
size_t ssldyn_file_arrived(struct ssldyn_file *file);
/* and closing the file with only its first bytes kept: under its name if that is free, else, so
 * that nothing older is lost, as PATH.tmp; with 0 bytes it is removed. Returns EIO with the reason
 * and where what was kept is; told says what it is ("the first 12 rows"). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_salvage(struct ssldyn_file *file, size_t bytes,
                                                         const char *told,
                                                         struct ssldyn_error *err);
/* Closes and removes the temporary file; fine on a zeroed or committed struct. */
void ssldyn_file_abandon(struct ssldyn_file *file);

/* Closes a stream that was printed to: what was printed has arrived only when it closes without
 * complaint. EIO with its name otherwise. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_close_printed(FILE *stream, const char *name,
                                                               struct ssldyn_error *err);

#endif
