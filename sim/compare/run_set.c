/* A set of runs to compare. */
// SPDX-License-Identifier: MIT
#include "sim/compare/run_set.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/output_dir.h"
#include "sim/io/tree.h"
#include "sim/io/work.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_RUNS = 4096, DEEPEST = 5, LONGEST_PATH = 4096 };

/* Allocates nothing, so that no run is missed when memory runs out. A longer path would be
 * refused by the system. */
static bool holds(const char *directory, const char *name)
{
    char path[LONGEST_PATH];
    const int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    return length > 0 && length < LONGEST_PATH && access(path, F_OK) == 0;
}

enum ssldyn_status ssldyn_run_has_trace(const char *path, bool *has, struct ssldyn_error *err)
{
    *has = holds(path, "trace.tsv");
    if (*has || holds(path, "spec.conf")) {
        return SSLDYN_OK;
    }
    char *work = NULL;
    const enum ssldyn_status status = ssldyn_work_find(path, &work, err);
    *has = work && holds(work, "spec.conf") && ssldyn_output_dir_is_locked(path);
    free(work);
    return status;
}

static enum ssldyn_status find_kind(const char *path, enum ssldyn_run_kind *kind,
                                    struct ssldyn_error *err)
{
    if (holds(path, "fate.npy") || holds(path, "journal")) {
        *kind = SSLDYN_RUN_SWEEP;
        return SSLDYN_OK;
    }
    bool has = false;
    const enum ssldyn_status status = ssldyn_run_has_trace(path, &has, err);
    *kind = has ? SSLDYN_RUN_TRACE : SSLDYN_RUN_OTHER;
    return status;
}

enum ssldyn_status ssldyn_run_is_there(const char *path, bool *there, struct ssldyn_error *err)
{
    enum ssldyn_run_kind kind = SSLDYN_RUN_OTHER;
    *there = holds(path, "spec.conf") || holds(path, "separatrix.tsv") ||
             holds(path, "thresholds.tsv") || holds(path, "margins.tsv");
    const enum ssldyn_status status = *there ? SSLDYN_OK : find_kind(path, &kind, err);
    *there = *there || kind != SSLDYN_RUN_OTHER;
    return status;
}

/* ---------------------------------------------------------------- which runs there are */

static bool is_same_directory(const char *a, const char *b)
{
    struct stat one;
    struct stat other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static enum ssldyn_status add(struct ssldyn_run_set *set, const char *path,
                              struct ssldyn_error *err)
{
    for (size_t i = 0; i < set->count; i++) {
        if (is_same_directory(set->runs[i].path, path)) {
            return SSLDYN_OK;
        }
    }
    if (set->count == MOST_RUNS) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.200s: more than %d runs", path, MOST_RUNS);
    }
    struct ssldyn_run *grown = realloc(set->runs, (set->count + 1) * sizeof *grown);
    if (!grown) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    set->runs = grown;
    set->runs[set->count] = (struct ssldyn_run){.path = ssldyn_memory_copy(path)};
    char *copy = set->runs[set->count].path;
    if (!copy) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    copy[ssldyn_file_path_length(copy)] = '\0';
    set->count++;
    return find_kind(path, &set->runs[set->count - 1].kind, err);
}

/* Compares by name, with numbers in it by value: run-2 before run-10. */
static int by_name(const void *a, const void *b)
{
    const char *x = *(char *const *)a;
    const char *y = *(char *const *)b;
    while (*x && *y) {
        if (isdigit((unsigned char)*x) && isdigit((unsigned char)*y)) {
            x += strspn(x, "0");
            y += strspn(y, "0");
            const size_t digits = strspn(x, "0123456789");
            const size_t others = strspn(y, "0123456789");
            const int order = digits != others ? (digits > others ? 1 : -1) : strncmp(x, y, digits);
            if (order != 0) {
                return order;
            }
            x += digits;
            y += others;
        } else if (*x != *y) {
            break;
        } else {
            x++;
            y++;
        }
    }
    const int order = (int)(unsigned char)*x - (int)(unsigned char)*y;
    return order != 0 ? order : strcmp(*(char *const *)a, *(char *const *)b);
}

/* The entries of a directory that may contain runs, in order; none if it cannot be read. */
static enum ssldyn_status list_below(const char *path, char ***names, size_t *count,
                                     struct ssldyn_error *err)
{
    errno = 0;
    DIR *directory = opendir(path);
    bool fine = directory || errno != ENOMEM;
    *names = NULL;
    *count = 0;
    for (const char *name = NULL;
         directory && fine && (name = ssldyn_tree_next(directory)) != NULL;) {
        struct stat info;
        if (name[0] == '.' || fstatat(dirfd(directory), name, &info, 0) != 0 ||
            !S_ISDIR(info.st_mode)) {
            continue;
        }
        char **grown = realloc(*names, (*count + 1) * sizeof *grown);
        fine = grown != NULL;
        if (fine) {
            *names = grown;
            grown[*count] = ssldyn_file_path_join(path, name);
            fine = grown[*count] != NULL;
            *count += fine;
        }
    }
    ssldyn_tree_close(directory);
    if (*count > 1) {
        qsort(*names, *count, sizeof **names, by_name);
    }
    return fine ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

// NOLINTNEXTLINE(misc-no-recursion)
static enum ssldyn_status add_below(struct ssldyn_run_set *set, const char *path, int depth,
                                    struct ssldyn_error *err)
{
    size_t count = 0;
    char **names = NULL;
    enum ssldyn_status status = list_below(path, &names, &count, err);
    for (size_t i = 0; i < count; i++) {
        bool there = false;
        status = status == SSLDYN_OK ? ssldyn_run_is_there(names[i], &there, err) : status;
        if (status == SSLDYN_OK && there) {
            status = add(set, names[i], err);
        } else if (status == SSLDYN_OK && depth < DEEPEST) {
            status = add_below(set, names[i], depth + 1, err);
        }
        free(names[i]);
    }
    free(names);
    return status;
}

/* Removes from every path the leading directories that all have in common. */
static void name_runs(struct ssldyn_run_set *set)
{
    size_t common = 0;
    bool same = set->count > 1;
    for (size_t at = 0; same && set->runs[0].path[at]; at++) {
        for (size_t i = 1; same && i < set->count; i++) {
            same = set->runs[i].path[at] == set->runs[0].path[at];
        }
        common = same && set->runs[0].path[at] == '/' ? at + 1 : common;
    }
    for (size_t i = 0; i < set->count; i++) {
        set->runs[i].name = set->runs[i].path + common;
    }
}

enum ssldyn_status ssldyn_run_set_open(const char *const operands[], size_t count,
                                       struct ssldyn_run_set *set, struct ssldyn_error *err)
{
    *set = (struct ssldyn_run_set){0};
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < count; i++) {
        const size_t before = set->count;
        struct stat info;
        bool there = false;
        status = ssldyn_run_is_there(operands[i], &there, err);
        if (status == SSLDYN_OK && there) {
            status = add(set, operands[i], err);
            continue;
        }
        status = status == SSLDYN_OK ? add_below(set, operands[i], 0, err) : status;
        set->of_folder = set->of_folder || set->count > before;
        set->folder = count == 1 && set->count > before ? operands[i] : NULL;
        if (status != SSLDYN_OK || set->count > before) {
            continue;
        }
        if (count == 1) {
            status = add(set, operands[i], err);
        } else if (stat(operands[i], &info) != 0) {
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%.200s: no such directory", operands[i]);
        } else {
            status =
                ssldyn_fail(err, SSLDYN_EINPUT,
                            "%.200s: is not a run, and no directory below it is one", operands[i]);
        }
    }
    name_runs(set);
    if (status != SSLDYN_OK) {
        ssldyn_run_set_clear(set);
    }
    return status;
}

static void clear_run(struct ssldyn_run *run, size_t varied)
{
    for (size_t k = 0; run->values && k < varied; k++) {
        free(run->values[k]);
    }
    free(run->values);
    free(run->path);
}

void ssldyn_run_set_clear(struct ssldyn_run_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        clear_run(&set->runs[i], set->varied);
    }
    for (size_t k = 0; k < set->varied; k++) {
        free(set->settings[k]);
    }
    free(set->settings);
    free(set->runs);
    *set = (struct ssldyn_run_set){0};
}

void ssldyn_run_set_drop(struct ssldyn_run_set *set, size_t i)
{
    clear_run(&set->runs[i], set->varied);
    set->count--;
    memmove(set->runs + i, set->runs + i + 1, (set->count - i) * sizeof *set->runs);
}

void ssldyn_run_set_keep(struct ssldyn_run_set *set, enum ssldyn_run_kind kind, const char *prefix,
                         FILE *stream)
{
    size_t kept = 0;
    size_t dropped = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (set->runs[i].kind == kind) {
            set->runs[kept++] = set->runs[i];
            continue;
        }
        if (stream) {
            fprintf(stream, "%s%.100s", dropped == 0 ? prefix : ", ", set->runs[i].name);
        }
        dropped++;
        clear_run(&set->runs[i], set->varied);
    }
    if (dropped > 0 && stream) {
        fputc('\n', stream);
    }
    set->count = kept;
}
