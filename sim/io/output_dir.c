/* Directories that may hold results. Files of the user are never touched. */
// SPDX-License-Identifier: MIT
#include "sim/io/output_dir.h"

#include "sim/base/memory.h"
#include "sim/io/arrays.h"
#include "sim/io/command.h"
#include "sim/io/file.h"
#include "sim/io/journal.h"
#include "sim/io/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { NAME_SIZE = 128 };

/* The command whose results the directory has, from its spec.conf, or "". */
static void owner_of(const char *directory, char owner[NAME_SIZE])
{
    static const char head[] = "# ssldyn spec ";
    static const char key[] = "command = ";
    char line[NAME_SIZE];
    owner[0] = '\0';
    char *path = ssldyn_file_path_join(directory, "spec.conf");
    FILE *stream = path ? fopen(path, "r") : NULL;
    bool is_ours =
        stream && fgets(line, sizeof line, stream) && strncmp(line, head, sizeof head - 1) == 0;
    while (is_ours && owner[0] == '\0' && fgets(line, sizeof line, stream)) {
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

bool ssldyn_output_dir_is_point(const char *name)
{
    static const char stem[] = "point-";
    const char *number = name + sizeof stem - 1;
    return strncmp(name, stem, sizeof stem - 1) == 0 && *number != '\0' &&
           strspn(number, "0123456789") == strlen(number);
}

static bool is_empty(const char *path)
{
    DIR *directory = opendir(path);
    bool empty = directory != NULL;
    for (const struct dirent *entry = NULL; empty && (entry = readdir(directory));) {
        const size_t length = strlen(entry->d_name);
        /* An interrupted run leaves only what it was writing; points of a sweep may be run before
         * the sweep itself. */
        const bool unfinished =
            ssldyn_output_dir_is_point(entry->d_name) ||
            (length > 4 && strcmp(entry->d_name + length - 4, ".tmp") == 0) ||
            strncmp(entry->d_name, SSLDYN_OUTPUT_DIR_PREFIX, strlen(SSLDYN_OUTPUT_DIR_PREFIX)) == 0;
        empty = unfinished || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    ssldyn_tree_close(directory);
    return empty;
}

static bool is_there(const char *directory, const char *name)
{
    struct stat info;
    char *path = ssldyn_file_path_join(directory, name);
    const bool existing = path && lstat(path, &info) == 0;
    free(path);
    return existing;
}

/* link exists, but is dangling or does not lead to a directory. */
static enum ssldyn_status refuse_entry(const char *link, const char *name, struct ssldyn_error *err)
{
    struct stat info;
    if (lstat(link, &info) == 0 && S_ISLNK(info.st_mode)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "-o %.200s: %.200s is a link to something that does not exist", name,
                           link);
    }
    return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: exists and is not a directory", name);
}

/* The deepest existing directory of the path must be writable. */
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
            if (errno == ENOENT && lstat(path, &info) == 0) {
                return refuse_entry(path, name, err);
            }
            if (errno == ENOENT) {
                continue;
            }
            return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "-o %.200s: cannot be created",
                                      name);
        }
        if (!S_ISDIR(info.st_mode)) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: %.200s is not a directory", name,
                               path);
        }
        if (access(path, W_OK | X_OK) != 0) {
            return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "-o %.200s: %.200s", name, path);
        }
        return SSLDYN_OK;
    }
}

enum ssldyn_status ssldyn_output_dir_check(const char *path, const char *command,
                                           struct ssldyn_error *err)
{
    char owner[NAME_SIZE];
    struct stat info;
    if (stat(path, &info) != 0) {
        if (errno == ENAMETOOLONG || errno == ELOOP) {
            return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "-o %.200s: cannot be created",
                                      path);
        }
        char *copy = ssldyn_memory_copy(path);
        if (!copy) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
        }
        copy[ssldyn_file_path_length(copy)] = '\0';
        const enum ssldyn_status status = lstat(copy, &info) == 0 ? refuse_entry(copy, path, err)
                                                                  : check_parents(copy, path, err);
        free(copy);
        return status;
    }
    if (!S_ISDIR(info.st_mode)) {
        return refuse_entry(path, path, err);
    }
    if (access(path, R_OK | W_OK | X_OK) != 0) {
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "-o %.200s", path);
    }
    errno = 0;
    owner_of(path, owner);
    const bool empty = owner[0] == '\0' && errno != ENOMEM && is_empty(path);
    if (owner[0] == '\0' && !empty && errno == ENOMEM) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    if (owner[0] != '\0' && strcmp(owner, command) != 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "-o %.200s: holds results of %s%s; name another directory", path,
                           ssldyn_command_find(owner) != 0 ? "ssldyn " : "", owner);
    }
    /* an interrupted replacement is completed first */
    const bool stopped =
        is_there(path, SSLDYN_OUTPUT_DIR_REPLACE) || is_there(path, SSLDYN_OUTPUT_DIR_MOVE);
    if (owner[0] == '\0' && !empty && !stopped) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "-o %.200s: contains files that are not from a run (no spec.conf); name "
                           "a new or empty directory",
                           path);
    }
    return SSLDYN_OK;
}

/* The results of each command; sim/sweep knows those of a sweep's columns. */
static const struct {
    const char *commands;
    const char *name;
} results[] = {
    {"flow sgd align compare", "trace.tsv"},
    {"flow sgd", "events.tsv"},
    {"flow sgd", "report.txt"},
    {"flow sgd", "t.npy"},
    {"flow sgd", "Wp.npy"},
    {"flow sgd", "W.npy"},
    {"flow sgd", "Wa.npy"},
    {"flow sgd", "F.npy"},
    {"sgd", "data_x.npy"},
    {"sgd", "data_xprime.npy"},
    {"sgd", "data_scale.npy"},
    {"sgd", "std"},
    {"sgd", "q05"},
    {"sgd", "q25"},
    {"sgd", "q50"},
    {"sgd", "q75"},
    {"sgd", "q95"},
    {"align", "verdict.txt"},
    {"align", "prediction.tsv"},
    {"compare", "runs.tsv"},
    {"align", "knobs.tsv"},
    {"align", "cosine.tsv"},
    {"flow basin align", "margins.tsv"},
    {"compare", "ladder.tsv"},
    {"compare", "sgd"},
    {"compare", "map"},
    {"compare", "m1"},
    {"compare", "m2"},
    {"compare", "m2_symmetric"},
    {"compare", "m3"},
    {"compare", "m4"},
    {"compare", "aligned"},
    {"compare", "next"},
    {"compare", "leading"},
    {"moments", "x.npy"},
    {"moments", "xprime.npy"},
    {"moments", "mean.npy"},
    {"moments", "scale.npy"},
    {"moments", "basis.npy"},
    {"moments", "spectra.tsv"},
    {"basin sweep", "table.tsv"},
    {"basin sweep", "collapse.tsv"},
    {"basin sweep", "lines.tsv"},
    {"basin sweep", "journal"},
    {"basin", "separatrix.tsv"},
    {"basin", "thresholds.tsv"},
};

static bool is_word_of(const char *words, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += length) {
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) {
            return true;
        }
    }
    return false;
}

bool ssldyn_output_dir_owns(const char *command, const char *name)
{
    char plain[NAME_SIZE];
    (void)snprintf(plain, sizeof plain, "%s", name);
    size_t length = strlen(plain);
    if (length > 4 && strcmp(plain + length - 4, ".tmp") == 0) { /* NAME.tmp, NAME.RANDOM.tmp */
        plain[length -= 4] = '\0';
        const size_t word =
            strspn(strrchr(plain, '.') ? strrchr(plain, '.') + 1 : "", SSLDYN_FILE_ALPHABET);
        if (word == SSLDYN_FILE_RANDOM && plain[length - word - 1] == '.') {
            plain[length - word - 1] = '\0';
        }
    }
    /* arrays given in memory, to which spec.conf refers */
    static const char given[] = SSLDYN_ARRAYS_PREFIX;
    length = strlen(plain);
    bool is_ours = strcmp(plain, "spec.conf") == 0 ||
                   (length > 4 && strncmp(plain, given, sizeof given - 1) == 0 &&
                    strcmp(plain + length - 4, SSLDYN_ARRAYS_ENDING) == 0);
    for (size_t i = 0; !is_ours && i < sizeof results / sizeof results[0]; i++) {
        is_ours = strcmp(plain, results[i].name) == 0 && is_word_of(results[i].commands, command);
    }
    return is_ours;
}

bool ssldyn_output_dir_holds_results(const char *path)
{
    char owner[NAME_SIZE];
    owner_of(path, owner);
    return owner[0] != '\0';
}

bool ssldyn_output_dir_is_locked(const char *path)
{
    const int file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool locked = file >= 0 && ssldyn_tree_lock(file, true) == EWOULDBLOCK;
    if (file >= 0) {
        close(file);
    }
    return locked;
}

enum ssldyn_status ssldyn_output_dir_check_space(const char *path, double bytes,
                                                 struct ssldyn_error *err)
{
    struct statvfs disk;
    if (statvfs(path, &disk) != 0) {
        return SSLDYN_OK; /* unknown: writing will fail if there is too little */
    }
    const double left = (double)disk.f_bavail * (double)disk.f_frsize;
    if (bytes <= left) {
        return SSLDYN_OK;
    }
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "the results need at least %.3g GB of disk; %.3g GB are free in %.200s",
                       bytes / 1e9, left / 1e9, path);
}

bool ssldyn_output_dir_is_taken(const char *path)
{
    struct stat info;
    return ssldyn_output_dir_is_locked(path) ||
           (stat(path, &info) == 0 && S_ISDIR(info.st_mode) &&
            access(path, R_OK | W_OK | X_OK) == 0 && !is_empty(path));
}

enum ssldyn_status ssldyn_output_dir_check_readable(const char *path, struct ssldyn_error *err)
{
    struct stat info;
    int64_t done = 0;
    int64_t points = 0;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        return SSLDYN_OK; /* the reader reports that itself */
    }
    if (is_there(path, SSLDYN_OUTPUT_DIR_REPLACE) || is_there(path, SSLDYN_OUTPUT_DIR_MOVE)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s: its results were only partly replaced (the process was "
                           "stopped); the next command run with -o %.200s finishes the "
                           "replacement",
                           path, path);
    }
    if (ssldyn_journal_count(path, &done, &points)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s: unfinished sweep (%" PRId64 " of %" PRId64
                           " points); run the same sweep again to finish it",
                           path, done, points);
    }
    if (!is_there(path, "spec.conf") && ssldyn_output_dir_is_locked(path)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.200s: no results yet (a process is writing them)",
                           path);
    }
    return SSLDYN_OK;
}

size_t ssldyn_output_dir_existing_part(const char *path)
{
    struct stat info;
    char *part = ssldyn_memory_copy(path);
    size_t length = strlen(path);
    while (part && length > 0 && stat(part, &info) != 0) {
        do {
            part[--length] = '\0';
        } while (length > 0 && path[length] != '/');
    }
    free(part);
    return length;
}

void ssldyn_output_dir_undo(const char *path, size_t existing)
{
    char *part = ssldyn_memory_copy(path);
    size_t length = strlen(path);
    while (part && length > existing && rmdir(part) == 0) {
        do {
            part[--length] = '\0';
        } while (length > existing && path[length] != '/');
    }
    free(part);
}
