/* Work directories. That of PARENT/NAME is PARENT/.NAME.RANDOM.INODE, with its own inode number: an
 * entry of that form with a different inode has the older results, after an exchange. Only killed
 * processes leave either behind. If it cannot be next to NAME it is NAME/.ssldyn.RANDOM. */
// SPDX-License-Identifier: MIT
#define _XOPEN_SOURCE 700 /* realpath; NOLINT(bugprone-reserved-identifier): its name */
#include "sim/io/work.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/output_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100, LONGEST_NAME = 200 };

/* ".NAME.abcdef.123": the inode in it; false if the entry is not of that form. */
static bool is_work(const char *entry, const char *name, unsigned long long *inode)
{
    const size_t length = strlen(name);
    char *end = NULL;
    if (entry[0] != '.' || strncmp(entry + 1, name, length) != 0 ||
        strlen(entry) < length + 2 + SSLDYN_FILE_RANDOM || entry[length + 1] != '.') {
        return false;
    }
    const char *random = entry + length + 2;
    for (int i = 0; i < SSLDYN_FILE_RANDOM; i++) {
        if (!strchr(SSLDYN_FILE_ALPHABET, random[i])) {
            return false;
        }
    }
    const char *number = random + SSLDYN_FILE_RANDOM;
    *inode = 0;
    if (*number == '\0') {
        return true; /* killed before the number was added */
    }
    if (number[0] != '.' || number[1] < '0' || number[1] > '9') {
        return false;
    }
    *inode = strtoull(number + 1, &end, 10);
    return *end == '\0';
}

void ssldyn_work_remove_leftovers(const char *target, int directory, ssldyn_tree_owns owns,
                                  void *context)
{
    const char *name = NULL;
    char *parent = ssldyn_file_path_parent(target, &name);
    DIR *siblings = parent ? ssldyn_tree_open(AT_FDCWD, parent) : NULL;
    for (const char *entry = NULL; siblings && (entry = ssldyn_tree_next(siblings)) != NULL;) {
        struct stat info;
        unsigned long long inode = 0;
        if (!is_work(entry, name, &inode) ||
            fstatat(dirfd(siblings), entry, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISDIR(info.st_mode) || info.st_uid != geteuid()) {
            continue;
        }
        DIR *older =
            inode != 0 && inode != info.st_ino ? ssldyn_tree_open(dirfd(siblings), entry) : NULL;
        if (older) { /* the user's files in it are in the directory already, or are moved there */
            ssldyn_tree_settle(dirfd(older), directory, owns, context);
            ssldyn_tree_close(older);
            (void)unlinkat(dirfd(siblings), entry, AT_REMOVEDIR);
        } else {
            (void)ssldyn_tree_remove(dirfd(siblings), entry);
        }
    }
    ssldyn_tree_close(siblings);
    free(parent);
}

/* Whether work must be inside the directory: the current directory is this one or below it (and
 * would move with the exchange), it is a mount point, or its parent is not writable. */
static bool must_be_inside(const char *target, int directory, const char *parent, const char *name)
{
    struct stat here;
    struct stat above;
    char current[4096];
    char *real = realpath(target, NULL);
    const size_t length = real ? strlen(real) : 0;
    const bool current_one = !real || !getcwd(current, sizeof current) ||
                             (strncmp(current, real, length) == 0 &&
                              (current[length] == '/' || current[length] == '\0'));
    free(real);
    return current_one || fstat(directory, &here) != 0 || stat(parent, &above) != 0 ||
           here.st_dev != above.st_dev || here.st_ino == above.st_ino ||
           access(parent, W_OK | X_OK) != 0 || strlen(name) > LONGEST_NAME;
}

/* Creates a new directory, whose name has a random word. A newly allocated string, or NULL. */
static char *make_new(const char *directory, const char *before)
{
    char name[320];
    for (int i = 0; i < TRIES; i++) {
        char random[SSLDYN_FILE_RANDOM + 1];
        ssldyn_file_random(random);
        (void)snprintf(name, sizeof name, "%s.%s", before, random);
        char *path = ssldyn_file_path_join(directory, name);
        if (!path) {
            errno = ENOMEM;
            return NULL;
        }
        if (mkdir(path, 0777) == 0) {
            return path;
        }
        free(path);
        if (errno != EEXIST) {
            return NULL;
        }
    }
    return NULL;
}

static char *make_beside(const char *parent, const char *name)
{
    char before[260];
    struct stat info;
    (void)snprintf(before, sizeof before, ".%s", name);
    char *plain = make_new(parent, before);
    if (!plain) {
        return NULL;
    }
    const size_t size = strlen(plain) + 24;
    char *path = malloc(size);
    if (path && lstat(plain, &info) == 0) {
        (void)snprintf(path, size, "%s.%llu", plain, (unsigned long long)info.st_ino);
        if (rename(plain, path) == 0) {
            free(plain);
            return path;
        }
    }
    rmdir(plain);
    free(plain);
    free(path);
    return NULL;
}

char *ssldyn_work_make(const char *target, int directory, bool *inside)
{
    const char *name = NULL;
    char *parent = ssldyn_file_path_parent(target, &name);
    if (!parent) {
        errno = ENOMEM;
        return NULL;
    }
    *inside = must_be_inside(target, directory, parent, name);
    char *work = *inside ? NULL : make_beside(parent, name);
    if (!work) {
        *inside = true;
        work = make_new(target, SSLDYN_OUTPUT_DIR_PREFIX);
    }
    free(parent);
    return work;
}

/* Keeps the newer of two work directories of a target. False: out of memory. */
static bool keep_newer(const char *directory, const char *entry, char **found,
                       struct timespec *when)
{
    struct stat info;
    char *path = ssldyn_file_path_join(directory, entry);
    if (!path) {
        return false;
    }
    if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode) &&
        (!*found || info.st_mtim.tv_sec > when->tv_sec ||
         (info.st_mtim.tv_sec == when->tv_sec && info.st_mtim.tv_nsec > when->tv_nsec))) {
        free(*found);
        *found = path;
        *when = info.st_mtim;
        return true;
    }
    free(path);
    return true;
}

/* Finds the newest one next to the target (name in parent) and inside it. False: out of memory. A
 * directory that cannot be read for another reason counts as empty. */
static bool find_newest(const char *target, const char *parent, const char *name, char **found)
{
    struct timespec when = {0, 0};
    errno = 0;
    DIR *around = opendir(parent);
    DIR *inside = errno != ENOMEM ? opendir(target) : NULL;
    bool good = errno != ENOMEM;
    for (const char *entry = NULL; good && around && (entry = ssldyn_tree_next(around)) != NULL;) {
        struct stat info;
        unsigned long long inode = 0;
        if (is_work(entry, name, &inode) &&
            fstatat(dirfd(around), entry, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            inode == info.st_ino) {
            good = keep_newer(parent, entry, found, &when);
        }
    }
    for (const char *entry = NULL; good && inside && (entry = ssldyn_tree_next(inside)) != NULL;) {
        if (strncmp(entry, SSLDYN_OUTPUT_DIR_PREFIX ".", sizeof SSLDYN_OUTPUT_DIR_PREFIX) == 0) {
            good = keep_newer(target, entry, found, &when);
        }
    }
    ssldyn_tree_close(around);
    ssldyn_tree_close(inside);
    return good;
}

enum ssldyn_status ssldyn_work_find(const char *target, char **work, struct ssldyn_error *err)
{
    const char *name = NULL;
    char *plain = ssldyn_memory_copy(target);
    if (plain) {
        plain[ssldyn_file_path_length(plain)] = '\0';
    }
    char *parent = plain ? ssldyn_file_path_parent(plain, &name) : NULL;
    *work = NULL;
    const bool good = parent && find_newest(plain, parent, name, work);
    free(parent);
    free(plain);
    if (!good) {
        free(*work);
        *work = NULL;
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    return SSLDYN_OK;
}
