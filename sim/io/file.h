/* Files that are replaced atomically: written as a new NAME.RANDOM.tmp, synced, renamed.
 * Directories. Regular files opened for reading. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_FILE_H
#define SSLDYN_SIM_IO_FILE_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Makes a directory and its parents; not an error if it exists. EIO otherwise. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_make_directory(const char *path,
                                                                struct ssldyn_error *err);

/* Length of path without trailing slashes (that of "/" is 1). */
size_t ssldyn_file_path_length(const char *path);

/* directory/name in a newly allocated string; NULL: out of memory. Free with free(). */
char *ssldyn_file_path_join(const char *directory, const char *name);

/* The directory of a path in a newly allocated string (NULL: out of memory), and in *name, borrowed
 * from path, the name in it. */
char *ssldyn_file_path_parent(const char *path, const char **name);

/* Whether a file can be created at path, or replaced there; checked before long work. option: named
 * in the message. EINPUT: the path is a directory, or its parent does not exist or cannot be
 * written to. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_check_place(const char *option, const char *path,
                                                             struct ssldyn_error *err);

/* Opens directory/name for reading; *stream is NULL if there is no such file, which is not an
 * error. EINPUT: it exists but cannot be read or is not a regular file. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_optional(const char *directory, const char *name,
                                                          FILE **stream, struct ssldyn_error *err);

/* Opens a regular file for reading; *size (NULL: not needed) is its bytes. EINPUT if it cannot be
 * read, and for devices and pipes, which are not opened, because reading them may never end.
 * *stream is NULL on failure; close it with fclose. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_read(const char *path, FILE **stream, size_t *size,
                                                      struct ssldyn_error *err);

/* The error of a read that returned less than expected; the reason is errno, which must be 0 before
 * the read. */
enum ssldyn_status ssldyn_file_unread(const char *path, struct ssldyn_error *err);

/* Fills a random word for names that cannot be guessed. */
enum { SSLDYN_FILE_RANDOM = 6 };
#define SSLDYN_FILE_ALPHABET "abcdefghijklmnopqrstuvwxyz"
void ssldyn_file_random(char word[SSLDYN_FILE_RANDOM + 1]);

/* A stream to a new file PATH.RANDOM.tmp. An existing PATH is unchanged until commit. */
struct ssldyn_file {
    FILE *stream;
    char *path;
    char *temporary;
    int reason; /* errno of the write that failed, 0: unknown */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_open(struct ssldyn_file *file, const char *path,
                                                      struct ssldyn_error *err);
/* The same for directory/name. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_open_in(struct ssldyn_file *file,
                                                         const char *directory, const char *name,
                                                         struct ssldyn_error *err);
/* Flushes; false if any write so far has failed. */
bool ssldyn_file_sound(struct ssldyn_file *file);
/* Flushes, syncs, closes and renames; on failure the temporary file is removed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_commit(struct ssldyn_file *file,
                                                        struct ssldyn_error *err);
/* Writes the whole of directory/name: the output of print for an object. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_file_print(const char *directory, const char *name,
                  void (*print)(const void *object, FILE *stream), const void *object,
                  struct ssldyn_error *err);
/* The same for a text. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_print_text(const char *directory, const char *name,
                                                            const char *text,
                                                            struct ssldyn_error *err);
/* After a failed write: the number of bytes that reached the disk ... */
size_t ssldyn_file_arrived(struct ssldyn_file *file);
/* ... and closing the file with only its first bytes kept: under its name if that is free, else as
 * PATH.tmp, so that no older file is lost; with 0 bytes it is removed. Returns EIO with the reason
 * and the path of the kept file; content describes it ("the first 12 rows"). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_salvage(struct ssldyn_file *file, size_t bytes,
                                                         const char *content,
                                                         struct ssldyn_error *err);
/* Closes and removes the temporary file; valid on a zeroed or committed struct. */
void ssldyn_file_abandon(struct ssldyn_file *file);

/* Closes a stream that was printed to; EIO with its name if any output was lost. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_close_printed(FILE *stream, const char *name,
                                                               struct ssldyn_error *err);

#endif
