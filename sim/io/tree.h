/* Directory trees: removed, copied by hard links, exchanged. Symbolic links are never followed.
 * Paths are relative to an open directory, or AT_FDCWD. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TREE_H
#define SSLDYN_SIM_IO_TREE_H

#include <dirent.h>
#include <stdbool.h>

/* Whether an entry at the top level of a directory is a result; NULL: none is. */
typedef bool (*ssldyn_tree_owns)(void *context, const char *name);

/* Opens a directory, not a link to one, for reading; NULL with errno. */
DIR *ssldyn_tree_open(int at, const char *name);
/* Preserves errno; NULL is allowed. */
void ssldyn_tree_close(DIR *directory);
/* The next name other than "." and ".."; NULL at the end. */
const char *ssldyn_tree_next(DIR *directory);

/* Removes a file, a link, or a directory with its content; true if nothing is left. */
bool ssldyn_tree_remove(int at, const char *name);

/* Creates in `to` all entries of `from` that are neither owned nor in `to` yet: files and links as
 * hard links, directories (with mode and times) entry by entry. False, with errno, if one could not
 * be created: hard links are not supported, or another process has locked a directory. */
bool ssldyn_tree_link(int from, int to, ssldyn_tree_owns owns, void *context);

/* Empties a directory that `to` has replaced: owned entries and hard links to the content of `to`
 * are removed, an entry that `to` lacks (written in between) is moved there. */
void ssldyn_tree_settle(int from, int to, ssldyn_tree_owns owns, void *context);

/* fsync of a directory and its subdirectories, not of their files: 0, or errno. It is not an error
 * if the file system does not support fsync. */
int ssldyn_tree_sync(int directory);
int ssldyn_tree_sync_file(int file);

/* Locks an open file or directory while it is open, shared or exclusive, without waiting: 0,
 * EWOULDBLOCK if another process holds it, or the reason why this file system has no locks. */
int ssldyn_tree_lock(int file, bool shared);

/* Exchanges two entries in one step: 0, or errno (ENOSYS or EINVAL if unsupported). */
int ssldyn_tree_exchange(const char *a, const char *b);

#endif
