/* Where results may go. What is there already and is not ours is never touched. */
// SPDX-License-Identifier: MIT
#include "sim/io/place.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/spec.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 128 };

/* Whose results the directory holds by its spec.conf: a command's name, or "". */
static void owner_of(const char *directory, char owner[NAME_SIZE])
{
    static const char head[] = "# ssldyn spec ";
    static const char key[] = "command = ";
    char line[NAME_SIZE];
    owner[0] = '\0';
    char *path = ssldyn_path_join(directory, "spec.conf");
    FILE *stream = path ? fopen(path, "r") : NULL;
    bool ours =
        stream && fgets(line, sizeof line, stream) && strncmp(line, head, sizeof head - 1) == 0;
    while (ours && owner[0] == '\0' && fgets(line, sizeof line, stream)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, key, sizeof key - 1) == 0) {
            snprintf(owner, NAME_SIZE, "%s", line + sizeof key - 1);
        }
    }
    if (stream) {
        fclose(stream);
    }
    free(path);
}

static bool is_empty(const char *path)
{
    DIR *directory = opendir(path);
    bool empty = directory != NULL;
    for (const struct dirent *entry = NULL; empty && (entry = readdir(directory));) {
        const size_t length = strlen(entry->d_name);
        /* An interrupted run leaves only what it was writing. */
        const bool unfinished = length > 4 && strcmp(entry->d_name + length - 4, ".tmp") == 0;
        empty = unfinished || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    if (directory) {
        closedir(directory);
    }
    return empty;
}

/* The nearest part of the path that exists must take new entries. */
static enum ssldyn_status check_parents(char *path, const char *name, struct ssldyn_error *err)
{
    for (;;) {
        struct stat info;
        char *slash = strrchr(path, '/');
        if (!slash || slash == path) {
            path[0] = slash ? '/' : '.'; /* the path is not empty */
            path[1] = '\0';
        } else {
            *slash = '\0';
        }
        if (stat(path, &info) != 0) {
            if (errno == ENOENT) {
                continue;
            }
            return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: cannot be made: %s", name,
                               strerror(errno));
        }
        if (!S_ISDIR(info.st_mode)) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: %.200s is not a directory", name,
                               path);
        }
        if (access(path, W_OK | X_OK) != 0) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: %.200s: %s", name, path,
                               strerror(errno));
        }
        return SSLDYN_OK;
    }
}

enum ssldyn_status ssldyn_place_check(const char *path, const char *command,
                                      struct ssldyn_error *err)
{
    char owner[NAME_SIZE];
    struct stat info;
    if (stat(path, &info) != 0) {
        if (errno == ENAMETOOLONG) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: cannot be made: %s", path,
                               strerror(errno));
        }
        char *copy = ssldyn_string_copy(path);
        if (!copy) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a file's name");
        }
        size_t length = strlen(copy);
        while (length > 1 && copy[length - 1] == '/') {
            copy[--length] = '\0';
        }
        const enum ssldyn_status status = check_parents(copy, path, err);
        free(copy);
        return status;
    }
    if (!S_ISDIR(info.st_mode)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: is there already and is no directory",
                           path);
    }
    if (access(path, R_OK | W_OK | X_OK) != 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: %s", path, strerror(errno));
    }
    owner_of(path, owner);
    if (owner[0] != '\0' && strcmp(owner, command) != 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "-o %.200s: holds results of %s%s; name another directory", path,
                           ssldyn_command_find(owner) != 0 ? "ssldyn " : "", owner);
    }
    if (owner[0] == '\0' && !is_empty(path)) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "-o %.200s: holds files that are not of a run (no spec.conf); name a new "
            "or an empty directory",
            path);
    }
    return SSLDYN_OK;
}

size_t ssldyn_place_there(const char *path)
{
    struct stat info;
    char *part = ssldyn_string_copy(path);
    size_t length = strlen(path);
    while (part && length > 0 && stat(part, &info) != 0) {
        do {
            part[--length] = '\0';
        } while (length > 0 && path[length] != '/');
    }
    free(part);
    return length;
}

void ssldyn_place_undo(const char *path, size_t there)
{
    char *part = ssldyn_string_copy(path);
    size_t length = strlen(path);
    while (part && length > there && rmdir(part) == 0) {
        do {
            part[--length] = '\0';
        } while (length > there && path[length] != '/');
    }
    free(part);
}
