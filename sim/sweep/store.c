/* Columns and journal of a sweep. A block is journaled after its numbers are on the disk, with
 * their checksum, so that a journal never names what is not there, and what changed afterwards is
 * found out; numbers that are there and not journaled are computed again, with the same bytes.
 * Syncing is done for many blocks at a time, and takes at most one part in sync_share of the run.
 */
// SPDX-License-Identifier: MIT
#include "sim/sweep/store.h"

#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/journal.h"
#include "sim/io/place.h"
#include "sim/io/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 256, MARK = SSLDYN_JOURNAL_MARK, JOURNAL_HEAD = SSLDYN_JOURNAL_HEAD, PENDING = 1024 };
static const double sync_interval = 0.5; /* s, at least */
static const double sync_share = 100.0;

struct ssldyn_store {
    struct ssldyn_store_plan plan;
    int *files; /* one per column */
    int journal;
    int64_t blocks;
    unsigned char *done;  /* one per block */
    unsigned char *bytes; /* a block of one column as it is written */
    size_t pending;       /* blocks written and not yet synced, and their marks */
    unsigned char marks[PENDING * MARK];
    double next_sync;
};

static enum ssldyn_status trouble(const struct ssldyn_store *store, const char *name,
                                  struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_EIO,
                       "%.200s/%s: %s; what was computed is kept, the same command goes on",
                       store->plan.directory, name, ssldyn_fail_reason(errno));
}

static char *path_of(const struct ssldyn_store_plan *plan, const char *name, const char *ending)
{
    char file[64];
    snprintf(file, sizeof file, "%s%s", name, ending);
    return ssldyn_file_path_join(plan->directory, file);
}

/* The first bytes of a column's file: numpy's format, version 1.0, padded to HEAD. */
static void make_head(const struct ssldyn_store_plan *plan, size_t column, char head[HEAD])
{
    static const char magic[8] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0};
    const uint16_t probe = 1;
    const char *numbers = *(const unsigned char *)&probe == 1 ? "<f8" : ">f8";
    memset(head, ' ', HEAD);
    memcpy(head, magic, sizeof magic);
    head[8] = (char)((HEAD - 10) & 0xff);
    head[9] = (char)((HEAD - 10) >> 8);
    int used =
        10 + snprintf(head + 10, HEAD - 10, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                      column < plan->small ? "|i1" : numbers);
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
    return column < plan->small ? 1 : (int64_t)sizeof(double);
}

static int64_t size_of(const struct ssldyn_store_plan *plan, size_t column)
{
    return HEAD + width_of(plan, column) * plan->points;
}

/* Reads or writes all of it. */
enum way { READ, WRITE };
static bool move(enum way way, int file, void *bytes, size_t size, int64_t offset)
{
    for (char *next = bytes; size > 0;) {
        const ssize_t moved = way == WRITE ? pwrite(file, next, size, (off_t)offset)
                                           : pread(file, next, size, (off_t)offset);
        if (moved < 0 && errno == EINTR) {
            continue;
        }
        if (moved <= 0) {
            return false;
        }
        next += moved;
        size -= (size_t)moved;
        offset += moved;
    }
    return true;
}

/* One column of a block, between its file and store->bytes, of which *size are used. */
static bool move_column(enum way way, struct ssldyn_store *store, size_t column, int64_t block,
                        size_t *size)
{
    const int64_t width = width_of(&store->plan, column);
    *size = (size_t)(ssldyn_store_block_points(store, block) * width);
    return move(way, store->files[column], store->bytes, *size,
                HEAD + block * store->plan.block * width);
}

static void journal_head(const struct ssldyn_store_plan *plan, char head[JOURNAL_HEAD])
{
    ssldyn_journal_head(plan->fingerprint, plan->points, plan->block, head);
}

enum ssldyn_status ssldyn_store_check(const struct ssldyn_store_plan *plan,
                                      struct ssldyn_error *err)
{
    char *path = path_of(plan, SSLDYN_JOURNAL_NAME, "");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
    }
    char ours[JOURNAL_HEAD];
    char theirs[JOURNAL_HEAD];
    journal_head(plan, ours);
    const int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    free(path);
    enum ssldyn_status status = SSLDYN_OK;
    if (file >= 0 && move(READ, file, theirs, sizeof theirs, 0) && ssldyn_journal_is_head(theirs) &&
        memcmp(ours, theirs, sizeof ours) != 0) {
        status =
            ssldyn_fail(err, SSLDYN_EINPUT,
                        "-o %.200s: holds an unfinished sweep of another configuration: finish "
                        "that one, name another directory, or remove it",
                        plan->directory);
    }
    double bytes = plan->tables;
    for (size_t i = 0; i < plan->columns; i++) {
        bytes += (double)width_of(plan, i) * (double)plan->points;
    }
    if (file >= 0) {
        close(file);
    } else {
        status = ssldyn_place_room(plan->directory, bytes, err);
    }
    return status;
}

/* The checksum of a block in the files, all columns; false where it cannot be read. */
static bool sum_block(struct ssldyn_store *store, int64_t block, uint64_t *sum)
{
    *sum = 0;
    for (size_t column = 0; column < store->plan.columns; column++) {
        size_t size = 0;
        if (!move_column(READ, store, column, block, &size)) {
            return false;
        }
        *sum = ssldyn_journal_sum(*sum, store->bytes, size);
    }
    return true;
}

/* Reads the journal; false where there is none of these files. */
static bool resume(struct ssldyn_store *store)
{
    char ours[JOURNAL_HEAD];
    char theirs[JOURNAL_HEAD];
    journal_head(&store->plan, ours);
    if (!move(READ, store->journal, theirs, sizeof theirs, 0) ||
        memcmp(ours, theirs, sizeof ours) != 0) {
        return false;
    }
    for (size_t i = 0; i < store->plan.columns; i++) {
        struct stat info;
        char head[HEAD];
        char found[HEAD];
        make_head(&store->plan, i, head);
        if (fstat(store->files[i], &info) != 0 || info.st_size != size_of(&store->plan, i) ||
            !move(READ, store->files[i], found, HEAD, 0) || memcmp(head, found, HEAD) != 0) {
            return false;
        }
    }
    unsigned char mark[MARK];
    int64_t at = JOURNAL_HEAD;
    for (; move(READ, store->journal, mark, MARK, at); at += MARK) {
        uint64_t block = 0;
        uint64_t sum = 0;
        uint64_t found = 0;
        ssldyn_journal_unmark(mark, &block, &sum);
        if (block < (uint64_t)store->blocks && sum_block(store, (int64_t)block, &found) &&
            found == sum) {
            store->done[block] = 1;
        }
    }
    /* a mark that was cut short is cut off */
    return ftruncate(store->journal, (off_t)at) == 0;
}

/* All columns, or 0 with errno. */
static bool sync_columns(const struct ssldyn_store *store)
{
    for (size_t i = 0; i < store->plan.columns; i++) {
        if (ssldyn_tree_sync_file(store->files[i]) != 0) {
            return false;
        }
    }
    return true;
}

static enum ssldyn_status sync_directory(const struct ssldyn_store *store, struct ssldyn_error *err)
{
    const int directory = open(store->plan.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool good = directory >= 0 && ssldyn_tree_sync_file(directory) == 0;
    const enum ssldyn_status status = good ? SSLDYN_OK : trouble(store, SSLDYN_JOURNAL_NAME, err);
    if (directory >= 0) {
        close(directory);
    }
    return status;
}

static enum ssldyn_status begin(struct ssldyn_store *store, struct ssldyn_error *err)
{
    char head[HEAD];
    char mark[JOURNAL_HEAD];
    memset(store->done, 0, (size_t)store->blocks);
    if (ftruncate(store->journal, 0) != 0) {
        return trouble(store, SSLDYN_JOURNAL_NAME, err);
    }
    for (size_t i = 0; i < store->plan.columns; i++) {
        make_head(&store->plan, i, head);
        if (ftruncate(store->files[i], 0) != 0 ||
            ftruncate(store->files[i], (off_t)size_of(&store->plan, i)) != 0 ||
            !move(WRITE, store->files[i], head, HEAD, 0)) {
            return trouble(store, store->plan.names[i], err);
        }
    }
    journal_head(&store->plan, mark);
    if (!sync_columns(store) || !move(WRITE, store->journal, mark, JOURNAL_HEAD, 0) ||
        ssldyn_tree_sync_file(store->journal) != 0) {
        return trouble(store, SSLDYN_JOURNAL_NAME, err);
    }
    return sync_directory(store, err);
}

/* A plain file that no other name leads to, made where there is none; what else is there, a link
 * say, makes way and is not written through. */
static int open_own(const char *path)
{
    struct stat info;
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    const int file = open(path, flags, 0666);
    if (file >= 0 && fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1) {
        return file;
    }
    if (file >= 0) {
        close(file);
    }
    return unlink(path) == 0 ? open(path, flags | O_EXCL, 0666) : -1;
}

static enum ssldyn_status open_files(struct ssldyn_store *store, struct ssldyn_error *err)
{
    for (size_t i = 0; i <= store->plan.columns; i++) {
        const bool journal = i == store->plan.columns;
        const char *name = journal ? SSLDYN_JOURNAL_NAME : store->plan.names[i];
        char *path = path_of(&store->plan, name, journal ? "" : ".npy.tmp");
        if (!path) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
        }
        int *file = journal ? &store->journal : &store->files[i];
        *file = open_own(path);
        free(path);
        if (*file < 0) {
            return trouble(store, name, err);
        }
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_store_open(const struct ssldyn_store_plan *plan,
                                     struct ssldyn_store **store, struct ssldyn_error *err)
{
    *store = NULL;
    enum ssldyn_status status = ssldyn_store_check(plan, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    struct ssldyn_store *made = ssldyn_memory_array(1, sizeof *made);
    if (!made) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the sweep");
    }
    made->plan = *plan;
    made->journal = -1;
    made->files = ssldyn_memory_array(plan->columns, sizeof *made->files);
    for (size_t i = 0; made->files && i < plan->columns; i++) {
        made->files[i] = -1;
    }
    made->blocks = (plan->points + plan->block - 1) / plan->block;
    made->done = ssldyn_memory_array((size_t)made->blocks, 1);
    made->bytes = ssldyn_memory_array((size_t)plan->block, sizeof(double));
    if (!made->files || !made->done || !made->bytes) {
        ssldyn_store_close(made);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the sweep");
    }
    status = open_files(made, err);
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

/* Syncs what was written and then marks it. */
static enum ssldyn_status flush(struct ssldyn_store *store, struct ssldyn_error *err)
{
    const double began = ssldyn_clock_wall();
    const size_t size = store->pending * MARK;
    if (size == 0) {
        return SSLDYN_OK;
    }
    const off_t end = sync_columns(store) ? lseek(store->journal, 0, SEEK_END) : -1;
    if (end < 0 || !move(WRITE, store->journal, store->marks, size, (int64_t)end) ||
        ssldyn_tree_sync_file(store->journal) != 0) {
        return trouble(store, SSLDYN_JOURNAL_NAME, err);
    }
    store->pending = 0;
    const double now = ssldyn_clock_wall();
    store->next_sync = now + fmax(sync_interval, sync_share * (now - began));
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_store_write(struct ssldyn_store *store, int64_t block,
                                      const double values[], struct ssldyn_error *err)
{
    const struct ssldyn_store_plan *plan = &store->plan;
    const int64_t count = ssldyn_store_block_points(store, block);
    uint64_t sum = 0;
    if (store->pending == PENDING) {
        const enum ssldyn_status status = flush(store, err);
        if (status != SSLDYN_OK) {
            return status;
        }
    }
    for (size_t column = 0; column < plan->columns; column++) {
        const double *from = values + (int64_t)column * plan->block;
        size_t size = 0;
        if (column < plan->small) {
            for (int64_t i = 0; i < count; i++) {
                store->bytes[i] = (unsigned char)(signed char)from[i];
            }
        } else {
            memcpy(store->bytes, from, (size_t)count * sizeof *from);
        }
        if (!move_column(WRITE, store, column, block, &size)) {
            return trouble(store, plan->names[column], err);
        }
        sum = ssldyn_journal_sum(sum, store->bytes, size);
    }
    ssldyn_journal_mark((uint64_t)block, sum, store->marks + store->pending++ * MARK);
    store->done[block] = 1;
    return ssldyn_clock_wall() >= store->next_sync ? flush(store, err) : SSLDYN_OK;
}

enum ssldyn_status ssldyn_store_read(struct ssldyn_store *store, int64_t block, double values[],
                                     struct ssldyn_error *err)
{
    const struct ssldyn_store_plan *plan = &store->plan;
    const int64_t count = ssldyn_store_block_points(store, block);
    for (size_t column = 0; column < plan->columns; column++) {
        double *to = values + (int64_t)column * plan->block;
        size_t size = 0;
        if (!move_column(READ, store, column, block, &size)) {
            return trouble(store, plan->names[column], err);
        }
        if (column < plan->small) {
            for (int64_t i = 0; i < count; i++) {
                to[i] = (double)(signed char)store->bytes[i];
            }
        } else {
            memcpy(to, store->bytes, size);
        }
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_store_finish(struct ssldyn_store *store, const char *directory,
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = flush(store, err);
    for (size_t i = 0; status == SSLDYN_OK && i < store->plan.columns; i++) {
        char file[64];
        snprintf(file, sizeof file, "%s.npy", store->plan.names[i]);
        char *final = ssldyn_file_path_join(directory, file);
        char *temporary = path_of(&store->plan, store->plan.names[i], ".npy.tmp");
        /* where there are no hard links, a sweep that is killed from here on begins anew */
        if (!final || !temporary ||
            (link(temporary, final) != 0 && rename(temporary, final) != 0)) {
            status = trouble(store, store->plan.names[i], err);
        }
        free(final);
        free(temporary);
    }
    return status;
}

void ssldyn_store_close(struct ssldyn_store *store)
{
    if (!store) {
        return;
    }
    struct ssldyn_error ignored;
    (void)flush(store, &ignored);
    for (size_t i = 0; store->files && i < store->plan.columns; i++) {
        if (store->files[i] >= 0) {
            close(store->files[i]);
        }
    }
    if (store->journal >= 0) {
        close(store->journal);
    }
    free(store->files);
    free(store->done);
    free(store->bytes);
    free(store);
}
