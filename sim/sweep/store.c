/* Columns and journal of a sweep. A block is journalled after its numbers are in the files, so a
 * journal never names what is not there; numbers that are there and not journalled are written
 * again with the same bytes. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/store.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 256, MARK = 8, JOURNAL_HEAD = 64 };

struct ssldyn_store {
    struct ssldyn_store_plan plan;
    int files[SSLDYN_STORE_COLUMNS];
    int journal;
    int64_t blocks;
    unsigned char *done;  /* one a block */
    unsigned char *bytes; /* a block of one column as it is written */
};

static enum ssldyn_status trouble(const struct ssldyn_store *store, const char *name,
                                  struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_EIO,
                       "%.200s/%s: %s; what was computed is kept, the same command goes on",
                       store->plan.directory, name, strerror(errno));
}

static char *path_of(const struct ssldyn_store_plan *plan, const char *name, const char *ending)
{
    char file[64];
    snprintf(file, sizeof file, "%s%s", name, ending);
    return ssldyn_path_join(plan->directory, file);
}

/* The first bytes of a column's file: numpy's format, version 1.0, padded to HEAD. */
static void make_head(const struct ssldyn_store_plan *plan, size_t column, char head[HEAD])
{
    const uint16_t probe = 1;
    const char order = *(const unsigned char *)&probe == 1 ? '<' : '>';
    char kind[8] = "|i1";
    if (!plan->small[column]) {
        snprintf(kind, sizeof kind, "%cf8", order);
    }
    memset(head, ' ', HEAD);
    static const char magic[8] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
    memcpy(head, magic, sizeof magic);
    head[8] = (char)((HEAD - 10) & 0xff);
    head[9] = (char)((HEAD - 10) >> 8);
    int used = 10 + snprintf(head + 10, HEAD - 10,
                             "{'descr': '%s', 'fortran_order': False, 'shape': (", kind);
    for (size_t i = 0; i < plan->dimensions; i++) {
        used += snprintf(head + used, (size_t)(HEAD - used), "%" PRId64 ",%s", plan->shape[i],
                         i + 1 < plan->dimensions ? " " : "");
    }
    used += snprintf(head + used, (size_t)(HEAD - used), "), }");
    head[used] = ' ';
    head[HEAD - 1] = '\n';
}

static int64_t width_of(const struct ssldyn_store_plan *plan, size_t column)
{
    return plan->small[column] ? 1 : (int64_t)sizeof(double);
}

static bool write_all(int file, const void *bytes, size_t size, int64_t offset)
{
    const char *next = bytes;
    while (size > 0) {
        const ssize_t written = pwrite(file, next, size, (off_t)offset);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        next += written;
        size -= (size_t)written;
        offset += written;
    }
    return true;
}

static bool read_all(int file, void *bytes, size_t size, int64_t offset)
{
    char *next = bytes;
    while (size > 0) {
        const ssize_t got = pread(file, next, size, (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        next += got;
        size -= (size_t)got;
        offset += got;
    }
    return true;
}

static void journal_head(const struct ssldyn_store_plan *plan, char head[JOURNAL_HEAD])
{
    memset(head, ' ', JOURNAL_HEAD);
    const int used =
        snprintf(head, JOURNAL_HEAD, "# ssldyn journal 1 %016" PRIx64, plan->fingerprint);
    head[used] = ' ';
    head[JOURNAL_HEAD - 1] = '\n';
}

enum ssldyn_status ssldyn_store_check(const struct ssldyn_store_plan *plan,
                                      struct ssldyn_error *err)
{
    char *path = path_of(plan, "journal", "");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a file's name");
    }
    char ours[JOURNAL_HEAD];
    char theirs[JOURNAL_HEAD];
    journal_head(plan, ours);
    const int file = open(path, O_RDONLY);
    free(path);
    enum ssldyn_status status = SSLDYN_OK;
    if (file >= 0 && read_all(file, theirs, sizeof theirs, 0) &&
        memcmp(ours, theirs, sizeof ours) != 0) {
        status =
            ssldyn_fail(err, SSLDYN_EINPUT,
                        "-o %.200s: holds an unfinished sweep of another configuration: finish "
                        "that one, name another directory, or remove it",
                        plan->directory);
    }
    if (file >= 0) {
        close(file);
    }
    return status;
}

/* Reads the journal; false where there is none of these files. */
static bool resume(struct ssldyn_store *store)
{
    char ours[JOURNAL_HEAD];
    char theirs[JOURNAL_HEAD];
    journal_head(&store->plan, ours);
    if (!read_all(store->journal, theirs, sizeof theirs, 0) ||
        memcmp(ours, theirs, sizeof ours) != 0) {
        return false;
    }
    for (size_t i = 0; i < store->plan.columns; i++) {
        struct stat info;
        const int64_t size = HEAD + width_of(&store->plan, i) * store->plan.points;
        if (fstat(store->files[i], &info) != 0 || info.st_size != size) {
            return false;
        }
    }
    unsigned char mark[MARK];
    int64_t at = JOURNAL_HEAD;
    for (; read_all(store->journal, mark, MARK, at); at += MARK) {
        uint64_t block = 0;
        for (int i = 0; i < MARK; i++) {
            block |= (uint64_t)mark[i] << (8 * i);
        }
        if (block < (uint64_t)store->blocks) {
            store->done[block] = 1;
        }
    }
    /* a mark that was cut short is cut off */
    return ftruncate(store->journal, (off_t)at) == 0;
}

static enum ssldyn_status begin(struct ssldyn_store *store, struct ssldyn_error *err)
{
    char head[HEAD];
    char mark[JOURNAL_HEAD];
    memset(store->done, 0, (size_t)store->blocks);
    if (ftruncate(store->journal, 0) != 0) {
        return trouble(store, "journal", err);
    }
    for (size_t i = 0; i < store->plan.columns; i++) {
        make_head(&store->plan, i, head);
        const int64_t size = HEAD + width_of(&store->plan, i) * store->plan.points;
        if (ftruncate(store->files[i], 0) != 0 || ftruncate(store->files[i], (off_t)size) != 0 ||
            !write_all(store->files[i], head, HEAD, 0)) {
            return trouble(store, store->plan.names[i], err);
        }
    }
    journal_head(&store->plan, mark);
    return write_all(store->journal, mark, JOURNAL_HEAD, 0) ? SSLDYN_OK
                                                            : trouble(store, "journal", err);
}

static enum ssldyn_status open_files(struct ssldyn_store *store, struct ssldyn_error *err)
{
    for (size_t i = 0; i <= store->plan.columns; i++) {
        const bool journal = i == store->plan.columns;
        const char *name = journal ? "journal" : store->plan.names[i];
        char *path = path_of(&store->plan, name, journal ? "" : ".npy.tmp");
        if (!path) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a file's name");
        }
        int *file = journal ? &store->journal : &store->files[i];
        *file = open(path, O_RDWR | O_CREAT, 0666);
        free(path);
        if (*file < 0) {
            return trouble(store, name, err);
        }
    }
    return SSLDYN_OK;
}

/* Two processes at work on one sweep would take its files from under each other. The lock goes with
 * the process, however it ends; a file system without locks has none. */
static enum ssldyn_status lock_journal(const struct ssldyn_store *store, struct ssldyn_error *err)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(store->journal, F_SETLK, &lock) != 0 && (errno == EACCES || errno == EAGAIN)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "-o %.200s: another process is at work on this sweep; wait for it or "
                           "name another directory",
                           store->plan.directory);
    }
    return SSLDYN_OK;
}

/* A sweep killed while its files got their names: they go back to being unfinished. */
static void take_back(const struct ssldyn_store_plan *plan)
{
    for (size_t i = 0; i < plan->columns; i++) {
        char *final = path_of(plan, plan->names[i], ".npy");
        char *temporary = path_of(plan, plan->names[i], ".npy.tmp");
        if (final && temporary && access(temporary, F_OK) != 0) {
            (void)rename(final, temporary);
        }
        free(final);
        free(temporary);
    }
}

enum ssldyn_status ssldyn_store_open(const struct ssldyn_store_plan *plan,
                                     struct ssldyn_store **store, struct ssldyn_error *err)
{
    *store = NULL;
    enum ssldyn_status status = ssldyn_store_check(plan, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    char *journal = path_of(plan, "journal", "");
    if (journal && access(journal, F_OK) == 0) {
        take_back(plan);
    }
    free(journal);
    struct ssldyn_store *made = ssldyn_array_alloc(1, sizeof *made);
    if (!made) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for the sweep");
    }
    made->plan = *plan;
    made->journal = -1;
    memset(made->files, -1, sizeof made->files);
    made->blocks = (plan->points + plan->block - 1) / plan->block;
    made->done = ssldyn_array_alloc((size_t)made->blocks, 1);
    made->bytes = ssldyn_array_alloc((size_t)plan->block, sizeof(double));
    if (!made->done || !made->bytes) {
        ssldyn_store_close(made);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for the sweep");
    }
    status = open_files(made, err);
    if (status == SSLDYN_OK) {
        status = lock_journal(made, err);
    }
    if (status == SSLDYN_OK && !resume(made)) {
        status = begin(made, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_store_close(made);
        return status;
    }
    *store = made;
    return SSLDYN_OK;
}

int64_t ssldyn_store_blocks(const struct ssldyn_store *store)
{
    return store->blocks;
}

int64_t ssldyn_store_block_points(const struct ssldyn_store *store, int64_t block)
{
    const int64_t left = store->plan.points - block * store->plan.block;
    return left < store->plan.block ? left : store->plan.block;
}

bool ssldyn_store_has(const struct ssldyn_store *store, int64_t block)
{
    return store->done[block] != 0;
}

static enum ssldyn_status append_mark(struct ssldyn_store *store, int64_t block,
                                      struct ssldyn_error *err)
{
    unsigned char mark[MARK];
    for (int i = 0; i < MARK; i++) {
        mark[i] = (unsigned char)((uint64_t)block >> (8 * i));
    }
    const off_t end = lseek(store->journal, 0, SEEK_END);
    if (end < 0 || !write_all(store->journal, mark, MARK, (int64_t)end)) {
        return trouble(store, "journal", err);
    }
    store->done[block] = 1;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_store_write(struct ssldyn_store *store, int64_t block,
                                      const double values[], struct ssldyn_error *err)
{
    const struct ssldyn_store_plan *plan = &store->plan;
    const int64_t count = ssldyn_store_block_points(store, block);
    for (size_t column = 0; column < plan->columns; column++) {
        const double *from = values + (int64_t)column * plan->block;
        const int64_t width = width_of(plan, column);
        if (plan->small[column]) {
            for (int64_t i = 0; i < count; i++) {
                store->bytes[i] = (unsigned char)(signed char)from[i];
            }
        } else {
            memcpy(store->bytes, from, (size_t)(count * width));
        }
        if (!write_all(store->files[column], store->bytes, (size_t)(count * width),
                       HEAD + block * plan->block * width)) {
            return trouble(store, plan->names[column], err);
        }
    }
    return append_mark(store, block, err);
}

enum ssldyn_status ssldyn_store_read(struct ssldyn_store *store, int64_t block, double values[],
                                     struct ssldyn_error *err)
{
    const struct ssldyn_store_plan *plan = &store->plan;
    const int64_t count = ssldyn_store_block_points(store, block);
    for (size_t column = 0; column < plan->columns; column++) {
        double *to = values + (int64_t)column * plan->block;
        const int64_t width = width_of(plan, column);
        if (!read_all(store->files[column], store->bytes, (size_t)(count * width),
                      HEAD + block * plan->block * width)) {
            return trouble(store, plan->names[column], err);
        }
        if (plan->small[column]) {
            for (int64_t i = 0; i < count; i++) {
                to[i] = (double)(signed char)store->bytes[i];
            }
        } else {
            memcpy(to, store->bytes, (size_t)(count * width));
        }
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_store_finish(struct ssldyn_store *store, struct ssldyn_error *err)
{
    for (size_t i = 0; i < store->plan.columns; i++) {
        const char *name = store->plan.names[i];
        char *final = path_of(&store->plan, name, ".npy");
        char *temporary = path_of(&store->plan, name, ".npy.tmp");
        const bool good =
            final && temporary && fsync(store->files[i]) == 0 && rename(temporary, final) == 0;
        free(final);
        free(temporary);
        if (!good) {
            return trouble(store, name, err);
        }
    }
    char *journal = path_of(&store->plan, "journal", "");
    const bool good = journal && unlink(journal) == 0;
    free(journal);
    return good ? SSLDYN_OK : trouble(store, "journal", err);
}

void ssldyn_store_close(struct ssldyn_store *store)
{
    if (!store) {
        return;
    }
    for (size_t i = 0; i < SSLDYN_STORE_COLUMNS; i++) {
        if (store->files[i] >= 0) {
            close(store->files[i]);
        }
    }
    if (store->journal >= 0) {
        close(store->journal);
    }
    free(store->done);
    free(store->bytes);
    free(store);
}
