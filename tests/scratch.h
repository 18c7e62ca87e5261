/* Files for tests: a scratch directory, reading and writing whole files, and a simulated full
 * disk. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_SCRATCH_H
#define SSLDYN_TESTS_SCRATCH_H

#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCRATCH_PATH = 512 };

/* A path in the test's directory: $TEST_DIR if the runner sets it, otherwise /tmp. */
static inline const char *scratch_path(char path[static SCRATCH_PATH], const char *name)
{
    const char *directory = getenv("TEST_DIR");

    if (directory != NULL)
        snprintf(path, SCRATCH_PATH, "%s/%s", directory, name);
    else
        snprintf(path, SCRATCH_PATH, "/tmp/ssldyn-test-%ld-%s", (long)getpid(), name);
    return path;
}

static inline void scratch_write(const char *path, const void *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");

    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(bytes, 1, size, stream), size);
    ck_assert_int_eq(fclose(stream), 0);
}

/* The whole file, zero-terminated, in a fixed buffer; returns its size. */
static inline size_t scratch_read(const char *path, char text[], size_t capacity)
{
    FILE *stream = fopen(path, "rb");

    ck_assert_msg(stream != NULL, "%s cannot be opened", path);
    size_t size = fread(text, 1, capacity - 1, stream);
    ck_assert_msg(size + 1 < capacity, "%s is longer than the test expects", path);
    text[size] = '\0';
    fclose(stream);
    return size;
}

/* Fails unless the test's directories A and B have the same files. */
static inline void scratch_same(const char *a, const char *b)
{
    char ours[SCRATCH_PATH];
    char theirs[SCRATCH_PATH];
    char command[3 * SCRATCH_PATH];

    snprintf(command, sizeof command, "diff -r '%s' '%s' >&2", scratch_path(ours, a),
             scratch_path(theirs, b));
    ck_assert_msg(system(command) == 0, "%s and %s differ", a, b);
}

static inline bool scratch_exists(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0;
}

/* The number of files next to path whose names begin with that of path and end in .tmp: those being
 * written. */
static inline int scratch_unfinished(const char *path)
{
    char directory[SCRATCH_PATH];
    int count = 0;

    snprintf(directory, sizeof directory, "%s", path);
    char *slash = strrchr(directory, '/');
    ck_assert_ptr_nonnull(slash);
    *slash = '\0';
    DIR *stream = opendir(directory);
    ck_assert_ptr_nonnull(stream);
    for (const struct dirent *entry = NULL; (entry = readdir(stream)) != NULL;) {
        const size_t length = strlen(entry->d_name);
        count += strncmp(entry->d_name, slash + 1, strlen(slash + 1)) == 0 && length > 4 &&
                 strcmp(entry->d_name + length - 4, ".tmp") == 0;
    }
    closedir(stream);
    return count;
}

/* Limits the size of files to this many bytes: further writes fail as on a full disk (with
 * EFBIG). */
static inline void scratch_disk_limit(size_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = (rlim_t)bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static inline void scratch_disk_free(void)
{
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

#endif
