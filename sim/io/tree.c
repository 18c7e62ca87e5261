/* Directory trees. The recursion is as deep as the directories are. */
// SPDX-License-Identifier: MIT
#ifdef __linux__
#define _DEFAULT_SOURCE /* syscall; NOLINT(bugprone-reserved-identifier): the C library's name */
#endif
#include "sim/io/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

DIR *ssldyn_tree_open(int at, const char *name)
{
    const int file = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = file >= 0 ? fdopendir(file) : NULL;
    if (!directory && file >= 0) {
        close(file);
    }
    return directory;
}

void ssldyn_tree_close(DIR *directory)
{
    const int reason = errno;
    if (directory) {
        (void)closedir(directory);
    }
    errno = reason;
}

const char *ssldyn_tree_next(DIR *directory)
{
    const struct dirent *entry = NULL;
    do {
        entry = readdir(directory); // NOLINT(concurrency-mt-unsafe): a private stream
    } while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry ? entry->d_name : NULL;
}

/* A separate stream over an open directory, from its start. */
static DIR *list(int directory)
{
    return ssldyn_tree_open(directory, ".");
}

// NOLINTNEXTLINE(misc-no-recursion)
bool ssldyn_tree_remove(int at, const char *name)
{
    if (unlinkat(at, name, 0) == 0 || errno == ENOENT || unlinkat(at, name, AT_REMOVEDIR) == 0) {
        return true;
    }
    DIR *directory = ssldyn_tree_open(at, name);
    if (!directory) {
        return false;
    }
    for (const char *entry = NULL; (entry = ssldyn_tree_next(directory)) != NULL;) {
        (void)ssldyn_tree_remove(dirfd(directory), entry);
    }
    ssldyn_tree_close(directory);
    return unlinkat(at, name, AT_REMOVEDIR) == 0;
}

static bool link_entry(int from, int to, const char *name);

// NOLINTNEXTLINE(misc-no-recursion)
bool ssldyn_tree_link(int from, int to, ssldyn_tree_owns owns, void *context)
{
    DIR *directory = list(from);
    bool good = directory != NULL;
    for (const char *name = NULL; good && (name = ssldyn_tree_next(directory)) != NULL;) {
        struct stat info;
        const bool there = fstatat(to, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
        good = there || (owns && owns(context, name)) || link_entry(from, to, name);
    }
    ssldyn_tree_close(directory);
    return good;
}

/* Creates a copy of a directory in `to`. A directory that another process is writing to is
 * skipped. */
// NOLINTNEXTLINE(misc-no-recursion)
static bool link_directory(int from, int to, const char *name, const struct stat *info)
{
    DIR *old = ssldyn_tree_open(from, name);
    if (!old) {
        return false;
    }
    const bool locked = ssldyn_tree_lock(dirfd(old), true) == EWOULDBLOCK;
    DIR *made = !locked && mkdirat(to, name, 0700) == 0 ? ssldyn_tree_open(to, name) : NULL;
    const struct timespec times[2] = {info->st_atim, info->st_mtim};
    const bool good = made && ssldyn_tree_link(dirfd(old), dirfd(made), NULL, NULL) &&
                      fchmod(dirfd(made), info->st_mode & 07777) == 0 &&
                      futimens(dirfd(made), times) == 0;
    ssldyn_tree_close(made);
    ssldyn_tree_close(old);
    return good;
}

// NOLINTNEXTLINE(misc-no-recursion)
static bool link_entry(int from, int to, const char *name)
{
    struct stat info;
    if (fstatat(from, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT;
    }
    return S_ISDIR(info.st_mode) ? link_directory(from, to, name, &info)
                                 : linkat(from, name, to, name, 0) == 0;
}

// NOLINTNEXTLINE(misc-no-recursion)
static void settle_entry(int from, int to, const char *name)
{
    struct stat old;
    struct stat new;
    if (fstatat(from, name, &old, AT_SYMLINK_NOFOLLOW) != 0) {
        return;
    }
    if (fstatat(to, name, &new, AT_SYMLINK_NOFOLLOW) != 0) {
        (void)renameat(from, name, to, name);
        return;
    }
    if (!S_ISDIR(old.st_mode) || !S_ISDIR(new.st_mode)) {
        (void)ssldyn_tree_remove(from, name);
        return;
    }
    DIR *below_from = ssldyn_tree_open(from, name);
    DIR *below_to = ssldyn_tree_open(to, name);
    if (below_from && below_to) {
        ssldyn_tree_settle(dirfd(below_from), dirfd(below_to), NULL, NULL);
    }
    ssldyn_tree_close(below_from);
    ssldyn_tree_close(below_to);
    (void)unlinkat(from, name, AT_REMOVEDIR);
}

// NOLINTNEXTLINE(misc-no-recursion)
void ssldyn_tree_settle(int from, int to, ssldyn_tree_owns owns, void *context)
{
    DIR *directory = list(from);
    for (const char *name = NULL; directory && (name = ssldyn_tree_next(directory)) != NULL;) {
        if (owns && owns(context, name)) {
            (void)ssldyn_tree_remove(from, name);
        } else {
            settle_entry(from, to, name);
        }
    }
    ssldyn_tree_close(directory);
}

int ssldyn_tree_lock(int file, bool shared)
{
    int reason = 0;
    do { /* some network file systems return on a signal */
        reason = flock(file, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 ? 0 : errno;
    } while (reason == EINTR);
    return reason;
}

/* Darwin's fsync may leave data in the drive's cache; F_FULLFSYNC does not, if the file system
 * supports it. */
static int sync_file(int file)
{
#ifdef F_FULLFSYNC
    if (fcntl(file, F_FULLFSYNC) == 0) {
        return 0;
    }
#endif
    return fsync(file);
}

int ssldyn_tree_sync_file(int file)
{
    int reason = 0;
    do {
        reason = sync_file(file) == 0 ? 0 : errno;
    } while (reason == EINTR);
    return reason == EINVAL || reason == ENOTSUP || reason == EROFS ? 0 : reason;
}

// NOLINTNEXTLINE(misc-no-recursion)
int ssldyn_tree_sync(int directory)
{
    int reason = 0;
    DIR *entries = list(directory);
    for (const char *name = NULL; entries && (name = ssldyn_tree_next(entries)) != NULL;) {
        struct stat info;
        const bool below =
            fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
        DIR *deeper = below ? ssldyn_tree_open(directory, name) : NULL;
        if (deeper) {
            const int here = ssldyn_tree_sync(dirfd(deeper));
            reason = reason ? reason : here;
            ssldyn_tree_close(deeper);
        }
    }
    ssldyn_tree_close(entries);
    return reason ? reason : ssldyn_tree_sync_file(directory);
}

int ssldyn_tree_exchange(const char *a, const char *b)
{
#if defined __linux__ && defined SYS_renameat2
    const unsigned exchange = 1U << 1; /* RENAME_EXCHANGE of <linux/fs.h> */
    return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, exchange) == 0 ? 0 : errno;
#elif defined __APPLE__ && defined RENAME_SWAP
    return renamex_np(a, b, RENAME_SWAP) == 0 ? 0 : errno;
#else
    (void)a;
    (void)b;
    return ENOSYS;
#endif
}
