/* The output directory of a command. */
// SPDX-License-Identifier: MIT
#define _XOPEN_SOURCE 700 /* realpath; NOLINT(bugprone-reserved-identifier): its name */
#include "sim/io/output.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/output_dir.h"
#include "sim/io/tree.h"
#include "sim/io/work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100, MODES = 07777 };

static bool owns(void *context, const char *name)
{
    const struct ssldyn_output *output = context;
    return ssldyn_output_dir_owns(output->command, name) || (output->owns && output->owns(name));
}

static int open_directory(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool same_directory(int file, const char *path)
{
    struct stat opened;
    struct stat named;
    return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* Locks the directory that path names at this moment: another process may have replaced it between
 * opening and locking. The lock ends with the process, even if it is killed. */
static enum ssldyn_status lock(const char *path, bool shared, int *file, bool *unlocked,
                               struct ssldyn_error *err)
{
    for (int i = 0; i < TRIES; i++) {
        *file = open_directory(path);
        if (*file < 0) {
            return ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s", path);
        }
        const int reason = ssldyn_tree_lock(*file, shared);
        if (reason == EWOULDBLOCK) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "-o %.200s: another process is writing to this directory; wait for "
                               "it or name another directory",
                               path);
        }
        *unlocked = reason != 0;
        if (same_directory(*file, path)) {
            return SSLDYN_OK;
        }
        close(*file);
        *file = -1;
    }
    return ssldyn_fail(err, SSLDYN_EIO, "%s: is replaced repeatedly by other processes", path);
}

/* The resolved name of the directory: path if its last component is not a link, else its target. */
static char *find_target(const char *path)
{
    struct stat info;
    char *target = ssldyn_memory_copy(path);
    if (target) {
        target[ssldyn_file_path_length(target)] = '\0';
    }
    const char *slash = target ? strrchr(target, '/') : NULL;
    const char *last = slash ? slash + 1 : target;
    if (target && last[0] != '\0' && strcmp(last, ".") != 0 && strcmp(last, "..") != 0 &&
        lstat(target, &info) == 0 && S_ISDIR(info.st_mode)) {
        return target;
    }
    free(target);
    return realpath(path, NULL);
}

enum ssldyn_status ssldyn_output_join(const char *path, const char *command,
                                      bool (*more)(const char *name), int *file,
                                      struct ssldyn_error *err)
{
    struct ssldyn_output output = {.command = command, .owns = more};
    bool unlocked = false;
    *file = -1;
    const enum ssldyn_status status = lock(path, true, file, &unlocked, err);
    if (status != SSLDYN_OK && *file >= 0) {
        close(*file);
        *file = -1;
    }
    output.target = status == SSLDYN_OK && !unlocked ? find_target(path) : NULL;
    if (output.target) { /* no process is working */
        ssldyn_work_remove_leftovers(output.target, *file, owns, &output);
    }
    free(output.target);
    return status;
}

/* Moves the files of PATH/.ssldyn-replace to PATH: results that are not among them are removed;
 * then, under the name .ssldyn-move, so that an interrupted move can be completed, each file is
 * renamed. */
static int move_in(struct ssldyn_output *output)
{
    DIR *from = ssldyn_tree_open(output->lock, SSLDYN_OUTPUT_DIR_REPLACE);
    if (from) {
        DIR *all = ssldyn_tree_open(output->lock, ".");
        for (const char *name = NULL; all && (name = ssldyn_tree_next(all)) != NULL;) {
            struct stat info;
            if (owns(output, name) && fstatat(dirfd(from), name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
                (void)ssldyn_tree_remove(output->lock, name);
            }
        }
        ssldyn_tree_close(all);
        ssldyn_tree_close(from);
        /* Each stage is synced before the next begins: the name of the directory identifies the
         * stage. */
        int stage = ssldyn_tree_sync_file(output->lock);
        if (stage == 0 && renameat(output->lock, SSLDYN_OUTPUT_DIR_REPLACE, output->lock,
                                   SSLDYN_OUTPUT_DIR_MOVE) != 0) {
            stage = errno;
        }
        stage = stage ? stage : ssldyn_tree_sync_file(output->lock);
        if (stage != 0) {
            return stage;
        }
    }
    from = ssldyn_tree_open(output->lock, SSLDYN_OUTPUT_DIR_MOVE);
    int reason = 0;
    for (const char *name = NULL; from && reason == 0 && (name = ssldyn_tree_next(from)) != NULL;) {
        if (renameat(dirfd(from), name, output->lock, name) != 0) {
            (void)ssldyn_tree_remove(output->lock, name); /* a directory of results */
            reason = renameat(dirfd(from), name, output->lock, name) == 0 ? 0 : errno;
        }
    }
    if (!from) {
        return 0;
    }
    ssldyn_tree_close(from);
    reason = reason ? reason : ssldyn_tree_sync_file(output->lock);
    if (reason == 0 && unlinkat(output->lock, SSLDYN_OUTPUT_DIR_MOVE, AT_REMOVEDIR) != 0) {
        reason = errno;
    }
    return reason ? reason : ssldyn_tree_sync_file(output->lock);
}

/* Finishes or removes what killed processes left in the directory. */
static enum ssldyn_status recover(struct ssldyn_output *output, struct ssldyn_error *err)
{
    const int reason = move_in(output);
    if (reason != 0) {
        return ssldyn_fail_system(err, SSLDYN_EIO, reason,
                                  "%s: an interrupted replacement cannot be completed",
                                  output->path);
    }
    DIR *all = ssldyn_tree_open(output->lock, ".");
    for (const char *name = NULL; all && (name = ssldyn_tree_next(all)) != NULL;) {
        if (strncmp(name, SSLDYN_OUTPUT_DIR_PREFIX, strlen(SSLDYN_OUTPUT_DIR_PREFIX)) == 0) {
            (void)ssldyn_tree_remove(output->lock, name);
        }
    }
    ssldyn_tree_close(all);
    ssldyn_work_remove_leftovers(output->target, output->lock, owns, output);
    return SSLDYN_OK;
}

static enum ssldyn_status make_work(struct ssldyn_output *output, struct ssldyn_error *err)
{
    output->work = ssldyn_work_make(output->target, output->lock, &output->inside);
    /* It will replace the directory, so its lock must replace that lock. */
    output->work_lock = output->work ? open_directory(output->work) : -1;
    if (output->work_lock < 0) {
        return ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s: cannot be written", output->path);
    }
    (void)ssldyn_tree_lock(output->work_lock, false);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_output_open(const char *path, const char *command,
                                      bool (*more)(const char *name), struct ssldyn_output *output,
                                      struct ssldyn_error *err)
{
    *output = (struct ssldyn_output){.lock = -1, .work_lock = -1, .command = command, .owns = more};
    enum ssldyn_status status = ssldyn_output_dir_check(path, command, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    output->path = ssldyn_memory_copy(path);
    if (!output->path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    output->existing = ssldyn_output_dir_existing_part(path);
    status = ssldyn_file_make_directory(path, err);
    if (status == SSLDYN_OK) {
        status = lock(path, false, &output->lock, &output->unlocked, err);
    }
    if (status == SSLDYN_OK) {
        output->target = find_target(path);
        if (!output->target) {
            status = ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s", path);
        }
    }
    if (status == SSLDYN_OK) {
        status = recover(output, err);
    }
    if (status == SSLDYN_OK) { /* once more: another process may have written it before the lock */
        status = ssldyn_output_dir_check(path, command, err);
    }
    if (status == SSLDYN_OK) {
        status = make_work(output, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_output_close(output);
    }
    return status;
}

/* Syncs the parent directory. */
static int sync_parent(const char *path)
{
    const char *name = NULL;
    char *parent = ssldyn_file_path_parent(path, &name);
    const int file = parent ? open_directory(parent) : -1;
    const int reason =
        file >= 0 ? ssldyn_tree_sync_file(file) : 0; /* a parent that cannot be read */
    if (file >= 0) {
        close(file);
    }
    free(parent);
    return reason;
}

/* Exchanges work and the directory. False, with nothing changed, if that is not possible in one
 * step. */
static bool swap(struct ssldyn_output *output)
{
    struct stat old;
    struct stat new;
    if (output->inside || fstat(output->lock, &old) != 0 || fstat(output->work_lock, &new) != 0 ||
        !ssldyn_tree_link(output->lock, output->work_lock, owns, output)) {
        return false;
    }
    const bool same_owner = old.st_uid == new.st_uid &&old.st_gid == new.st_gid;
    if ((!same_owner && fchown(output->work_lock, old.st_uid, old.st_gid) != 0) ||
        fchmod(output->work_lock, old.st_mode & MODES) != 0 ||
        ssldyn_tree_sync(output->work_lock) != 0) {
        return false;
    }
    /* An empty directory can be replaced by a plain rename, which works everywhere. */
    if (rename(output->work, output->target) == 0) {
        return true;
    }
    return ssldyn_tree_exchange(output->work, output->target) == 0;
}

/* Moves the files one by one. */
static int replace_inside(struct ssldyn_output *output)
{
    int reason = ssldyn_tree_sync(output->work_lock);
    char *replace = ssldyn_file_path_join(output->target, SSLDYN_OUTPUT_DIR_REPLACE);
    if (reason == 0 && (!replace || rename(output->work, replace) != 0)) {
        reason = replace ? errno : ENOMEM;
    }
    free(replace);
    reason = reason ? reason : ssldyn_tree_sync_file(output->lock);
    return reason ? reason : move_in(output);
}

/* Removes the links to the directory's other entries, which swap() has made in work, before the
 * files are moved. */
static void drop_links(struct ssldyn_output *output)
{
    DIR *all = ssldyn_tree_open(output->work_lock, ".");
    for (const char *name = NULL; all && (name = ssldyn_tree_next(all)) != NULL;) {
        struct stat info;
        if (!owns(output, name) && fstatat(output->lock, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
            (void)ssldyn_tree_remove(output->work_lock, name);
        }
    }
    ssldyn_tree_close(all);
}

/* Every file that a command writes must be known as a result (sim/io/output_dir.c), or later runs
 * would not replace it. */
static enum ssldyn_status check_results(struct ssldyn_output *output, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    DIR *all = ssldyn_tree_open(output->work_lock, ".");
    for (const char *name = NULL; all && (name = ssldyn_tree_next(all)) != NULL;) {
        if (!owns(output, name)) {
            status = ssldyn_fail(err, SSLDYN_EFAILED,
                                 "%.100s is not registered as a result of %s (a bug in ssldyn)",
                                 name, output->command);
        }
    }
    ssldyn_tree_close(all);
    return status;
}

enum ssldyn_status ssldyn_output_publish(struct ssldyn_output *output, struct ssldyn_error *err)
{
    int reason = 0;
    const enum ssldyn_status status = check_results(output, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (swap(output)) {
        reason = sync_parent(output->target);
        DIR *older = ssldyn_tree_open(AT_FDCWD, output->work);
        if (older) {
            ssldyn_tree_settle(dirfd(older), output->work_lock, owns, output);
            ssldyn_tree_close(older);
            (void)rmdir(output->work);
        }
    } else {
        drop_links(output);
        reason = replace_inside(output);
    }
    if (reason != 0) {
        return ssldyn_fail_system(err, SSLDYN_EIO, reason, "%s: cannot be written", output->path);
    }
    output->published = true;
    return SSLDYN_OK;
}

/* PATH.partial, or the first of PATH.partial-2, ... that can hold work; a newly allocated string,
 * or NULL. */
static char *partial_directory(struct ssldyn_output *output)
{
    const size_t length = ssldyn_file_path_length(output->path);
    char *path = malloc(length + 24);
    for (int i = 1; path && i < TRIES; i++) {
        (void)snprintf(path, length + 24, i == 1 ? "%.*s.partial" : "%.*s.partial-%d", (int)length,
                       output->path, i);
        if (rename(output->work, path) == 0) {
            return path;
        }
        if (errno != ENOTEMPTY && errno != EEXIST) {
            break;
        }
    }
    free(path);
    return NULL;
}

/* After a failed write, which err describes: keeps what has been written, in the directory if that
 * has no older results, else next to it as PATH.partial, and adds the location to err. */
static void salvage(struct ssldyn_output *output, struct ssldyn_error *err)
{
    struct ssldyn_error why = {err ? err->status : SSLDYN_EIO, ""};
    struct ssldyn_error ignored;
    if (err) {
        why = *err;
    }
    ssldyn_output_rename(output, &why);
    char *kept = NULL;
    const char *where = NULL;
    if (!ssldyn_output_dir_holds_results(output->path)) {
        where = ssldyn_output_publish(output, &ignored) == SSLDYN_OK ? output->path : NULL;
    } else {
        where = kept = partial_directory(output);
    }
    if (where) {
        (void)ssldyn_fail(err, why.status, "%.300s; what was written before is kept in %.180s",
                          why.message, where);
    }
    free(kept);
}

enum ssldyn_status ssldyn_output_finish(struct ssldyn_output *output, bool results,
                                        enum ssldyn_status status, struct ssldyn_error *err)
{
    struct ssldyn_error second = {SSLDYN_OK, ""};
    const bool stopped =
        status == SSLDYN_EINTERRUPTED || status == SSLDYN_EFAILED || status == SSLDYN_EDIVERGED;
    if (status == SSLDYN_OK || (stopped && results)) {
        const enum ssldyn_status published = ssldyn_output_publish(output, &second);
        if (published != SSLDYN_OK) {
            salvage(output, &second);
        }
        status = ssldyn_fail_first(err, status, published, &second);
    } else if (status == SSLDYN_EIO && results) {
        salvage(output, err);
    }
    if (status != SSLDYN_OK) { /* else err is not set, and may not be text */
        ssldyn_output_rename(output, err);
    }
    return status;
}

void ssldyn_output_rename(const struct ssldyn_output *output, struct ssldyn_error *err)
{
    const size_t length = output->work ? strlen(output->work) : 0;
    char *at = NULL;
    while (err && length > 0 && (at = strstr(err->message, output->work)) != NULL) {
        char rest[sizeof err->message];
        (void)snprintf(rest, sizeof rest, "%s", at + length);
        (void)snprintf(at, sizeof err->message - (size_t)(at - err->message), "%s%s", output->path,
                       rest);
        if (strstr(output->path, output->work)) {
            break;
        }
    }
}

void ssldyn_output_close(struct ssldyn_output *output)
{
    if (!output->path) {
        return;
    }
    if (output->work && !output->published) {
        (void)ssldyn_tree_remove(AT_FDCWD, output->work);
    }
    if (!output->published) {
        ssldyn_output_dir_undo(output->path, output->existing);
    }
    if (output->work_lock >= 0) {
        close(output->work_lock);
    }
    if (output->lock >= 0) {
        close(output->lock);
    }
    free(output->path);
    free(output->work);
    free(output->target);
    *output = (struct ssldyn_output){.lock = -1, .work_lock = -1};
}
