/* Trees of files: removed, copied by hard links, exchanged. Symbolic links are never followed.
 * Paths are relative to an open directory, or AT_FDCWD. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TREE_H
#define SSLDYN_SIM_IO_TREE_H

#include <dirent.h>
#include <stdbool.h>

/* Whether an entry of a directory's top level counts as a result; NULL: none does. */
typedef bool (*ssldyn_tree_owns)(void *context, const char *name);

/* A directory, not a link to one, to be read; NULL with errno. */
DIR *ssldyn_tree_open(int at, const char *name);
/* Keeps errno; NULL is fine. */
void ssldyn_tree_close(DIR *directory);
/* The next name that is not "." or ".."; NULL at the end. */
const char *ssldyn_tree_next(DIR *directory);

/* Removes a file, a link, or a directory with all it holds; true when nothing is left. */
bool ssldyn_tree_remove(int at, const char *name);

/* Makes in `to` all entries of `from` that are not owned and not in `to` yet: files and links as
 * hard links, directories (with mode and times) entry by entry. False, with errno, when one could
 * not be made: no hard links here, or a directory that another process has locked. */
bool ssldyn_tree_link(int from, int to, ssldyn_tree_owns owns, void *context);

/* Empties a directory whose place `to` has taken: owned entries and hard links of what `to` holds
 * are removed, an entry that `to` lacks (written in between) is moved there. */
void ssldyn_tree_settle(int from, int to, ssldyn_tree_owns owns, void *context);

/* fsync of a directory and of those below it, not of their files: 0, or errno. A file system that
 * does not know fsync is no failure. */
int ssldyn_tree_sync(int directory);
int ssldyn_tree_sync_file(int file);

/* Locks an open file or directory as long as it is open, shared or for itself, without waiting: 0,
 * EWOULDBLOCK where another process has it, or why this file system has no locks. */
int ssldyn_tree_lock(int file, bool shared);

/* Exchanges two entries in one step: 0, or errno (ENOSYS or EINVAL where that cannot be done). */
int ssldyn_tree_exchange(const char *a, const char *b);

#endif
