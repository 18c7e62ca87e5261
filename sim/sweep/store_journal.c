/* Columns and journal of a sweep on the disk. A block is journaled with a checksum after its
 * numbers are on the disk, so the journal never names a block that is not there, and later
 * changes are detected; numbers that are written but not journaled are computed again, with the
 * same bytes. One sync covers many blocks, and syncing takes at most a fraction 1/sync_share of
 * the run. */
// SPDX-License-Identifier: MIT
#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/journal.h"
#include "sim/io/output_dir.h"
#include "sim/io/tree.h"
#include "sim/sweep/store_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = SSLDYN_STORE_HEAD };
enum { MARK = SSLDYN_JOURNAL_MARK, JOURNAL_HEAD = SSLDYN_JOURNAL_HEAD, PENDING = 1024 };
static const double sync_interval = 0.5; /* seconds, at least */
static const double sync_share = 100.0;

struct journaled {
    struct ssldyn_store store;
    int *files; /* one per column */
    int journal;
    unsigned char *bytes; /* buffer for one block of one column */
    size_t pending;       /* blocks written but not yet synced, and their journal entries */
    unsigned char marks[PENDING * MARK];
    double next_sync;
};

static enum ssldyn_status trouble(const struct journaled *disk, const char *name,
                                  struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_EIO,
                       "%.200s/%s: %s; completed points are kept, rerun the same command to resume",
                       disk->store.plan.directory, name, ssldyn_fail_reason(errno));
}

static char *path_of(const struct ssldyn_store_plan *plan, const char *name, const char *ending)
{
    char file[64];
    snprintf(file, sizeof file, "%s%s", name, ending);
    return ssldyn_file_path_join(plan->directory, file);
}

static int64_t size_of(const struct ssldyn_store_plan *plan, size_t column)
{
    return HEAD + ssldyn_store_width(plan, column) * plan->points;
}

/* Reads or writes all bytes. */
enum direction { READ, WRITE };
static bool move(enum direction direction, int file, void *bytes, size_t size, int64_t offset)
{
    for (char *next = bytes; size > 0;) {
        const ssize_t moved = direction == WRITE ? pwrite(file, next, size, (off_t)offset)
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

/* Transfers one column of a block between its file and disk->bytes, of which *size are used. */
static bool move_column(enum direction direction, struct journaled *disk, size_t column,
                        int64_t block, size_t *size)
{
    const int64_t width = ssldyn_store_width(&disk->store.plan, column);
    *size = (size_t)(ssldyn_store_block_points(&disk->store, block) * width);
    return move(direction, disk->files[column], disk->bytes, *size,
                HEAD + block * disk->store.plan.block * width);
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
        bytes += (double)ssldyn_store_width(plan, i) * (double)plan->points;
    }
    if (file >= 0) {
        close(file);
    } else {
        status = ssldyn_output_dir_check_space(plan->directory, bytes, err);
    }
    return status;
}

/* The checksum of a block in the files, over all columns; false if it cannot be read. */
static bool sum_block(struct journaled *disk, int64_t block, uint64_t *sum)
{
    *sum = 0;
    for (size_t column = 0; column < disk->store.plan.columns; column++) {
        size_t size = 0;
        if (!move_column(READ, disk, column, block, &size)) {
            return false;
        }
        *sum = ssldyn_journal_sum(*sum, disk->bytes, size);
    }
    return true;
}

/* Reads the journal; false if it does not belong to these files. */
static bool resume(struct journaled *disk)
{
    char ours[JOURNAL_HEAD];
    char theirs[JOURNAL_HEAD];
    journal_head(&disk->store.plan, ours);
    if (!move(READ, disk->journal, theirs, sizeof theirs, 0) ||
        memcmp(ours, theirs, sizeof ours) != 0) {
        return false;
    }
    for (size_t i = 0; i < disk->store.plan.columns; i++) {
        struct stat info;
        char head[HEAD];
        char found[HEAD];
        ssldyn_store_head(&disk->store.plan, i, head);
        if (fstat(disk->files[i], &info) != 0 || info.st_size != size_of(&disk->store.plan, i) ||
            !move(READ, disk->files[i], found, HEAD, 0) || memcmp(head, found, HEAD) != 0) {
            return false;
        }
    }
    unsigned char mark[MARK];
    int64_t at = JOURNAL_HEAD;
    for (; move(READ, disk->journal, mark, MARK, at); at += MARK) {
        uint64_t block = 0;
        uint64_t sum = 0;
        uint64_t found = 0;
        ssldyn_journal_unmark(mark, &block, &sum);
        if (block < (uint64_t)disk->store.blocks && sum_block(disk, (int64_t)block, &found) &&
            found == sum) {
            disk->store.done[block] = 1;
        }
    }
    /* an incomplete entry at the end is cut off */
    return ftruncate(disk->journal, (off_t)at) == 0;
}

/* Syncs all columns; 0 or errno. */
static bool sync_columns(const struct journaled *disk)
{
    for (size_t i = 0; i < disk->store.plan.columns; i++) {
        if (ssldyn_tree_sync_file(disk->files[i]) != 0) {
            return false;
        }
    }
    return true;
}

static enum ssldyn_status sync_directory(const struct journaled *disk, struct ssldyn_error *err)
{
    const int directory = open(disk->store.plan.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool good = directory >= 0 && ssldyn_tree_sync_file(directory) == 0;
    const enum ssldyn_status status = good ? SSLDYN_OK : trouble(disk, SSLDYN_JOURNAL_NAME, err);
    if (directory >= 0) {
        close(directory);
    }
    return status;
}

static enum ssldyn_status begin(struct journaled *disk, struct ssldyn_error *err)
{
    char head[HEAD];
    char mark[JOURNAL_HEAD];
    memset(disk->store.done, 0, (size_t)disk->store.blocks);
    if (ftruncate(disk->journal, 0) != 0) {
        return trouble(disk, SSLDYN_JOURNAL_NAME, err);
    }
    for (size_t i = 0; i < disk->store.plan.columns; i++) {
        ssldyn_store_head(&disk->store.plan, i, head);
        if (ftruncate(disk->files[i], 0) != 0 ||
            ftruncate(disk->files[i], (off_t)size_of(&disk->store.plan, i)) != 0 ||
            !move(WRITE, disk->files[i], head, HEAD, 0)) {
            return trouble(disk, disk->store.plan.names[i], err);
        }
    }
    journal_head(&disk->store.plan, mark);
    if (!sync_columns(disk) || !move(WRITE, disk->journal, mark, JOURNAL_HEAD, 0) ||
        ssldyn_tree_sync_file(disk->journal) != 0) {
        return trouble(disk, SSLDYN_JOURNAL_NAME, err);
    }
    return sync_directory(disk, err);
}

/* Opens a regular file with a single link, created if missing; anything else of that name, such
 * as a link, is replaced and not written through. */
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

static enum ssldyn_status open_files(struct journaled *disk, struct ssldyn_error *err)
{
    for (size_t i = 0; i <= disk->store.plan.columns; i++) {
        const bool journal = i == disk->store.plan.columns;
        const char *name = journal ? SSLDYN_JOURNAL_NAME : disk->store.plan.names[i];
        char *path = path_of(&disk->store.plan, name, journal ? "" : ".npy.tmp");
        if (!path) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
        }
        int *file = journal ? &disk->journal : &disk->files[i];
        *file = open_own(path);
        free(path);
        if (*file < 0) {
            return trouble(disk, name, err);
        }
    }
    return SSLDYN_OK;
}

/* Syncs what was written and then journals it. */
static enum ssldyn_status flush(struct journaled *disk, struct ssldyn_error *err)
{
    const double began = ssldyn_clock_wall();
    const size_t size = disk->pending * MARK;
    if (size == 0) {
        return SSLDYN_OK;
    }
    const off_t end = sync_columns(disk) ? lseek(disk->journal, 0, SEEK_END) : -1;
    if (end < 0 || !move(WRITE, disk->journal, disk->marks, size, (int64_t)end) ||
        ssldyn_tree_sync_file(disk->journal) != 0) {
        return trouble(disk, SSLDYN_JOURNAL_NAME, err);
    }
    disk->pending = 0;
    const double now = ssldyn_clock_wall();
    disk->next_sync = now + fmax(sync_interval, sync_share * (now - began));
    return SSLDYN_OK;
}

static enum ssldyn_status write_block(struct ssldyn_store *store, int64_t block,
                                      const double values[], struct ssldyn_error *err)
{
    struct journaled *disk = (struct journaled *)store;
    const struct ssldyn_store_plan *plan = &store->plan;
    const int64_t count = ssldyn_store_block_points(store, block);
    uint64_t sum = 0;
    if (disk->pending == PENDING) {
        const enum ssldyn_status status = flush(disk, err);
        if (status != SSLDYN_OK) {
            return status;
        }
    }
    for (size_t column = 0; column < plan->columns; column++) {
        size_t size = 0;
        ssldyn_store_pack(plan, column, count, values + (int64_t)column * plan->block, disk->bytes);
        if (!move_column(WRITE, disk, column, block, &size)) {
            return trouble(disk, plan->names[column], err);
        }
        sum = ssldyn_journal_sum(sum, disk->bytes, size);
    }
    ssldyn_journal_mark((uint64_t)block, sum, disk->marks + disk->pending++ * MARK);
    store->done[block] = 1;
    return ssldyn_clock_wall() >= disk->next_sync ? flush(disk, err) : SSLDYN_OK;
}

static enum ssldyn_status read_block(struct ssldyn_store *store, int64_t block, size_t columns,
                                     double values[], struct ssldyn_error *err)
{
    struct journaled *disk = (struct journaled *)store;
    const struct ssldyn_store_plan *plan = &store->plan;
    const int64_t count = ssldyn_store_block_points(store, block);
    for (size_t column = 0; column < columns; column++) {
        double *to = values + (int64_t)column * plan->block;
        size_t size = 0;
        if (!move_column(READ, disk, column, block, &size)) {
            return trouble(disk, plan->names[column], err);
        }
        if (column < plan->small) {
            for (int64_t i = 0; i < count; i++) {
                to[i] = (double)(signed char)disk->bytes[i];
            }
        } else {
            memcpy(to, disk->bytes, size);
        }
    }
    return SSLDYN_OK;
}

static enum ssldyn_status finish(struct ssldyn_store *store, const char *directory,
                                 struct ssldyn_error *err)
{
    struct journaled *disk = (struct journaled *)store;
    enum ssldyn_status status = flush(disk, err);
    for (size_t i = 0; status == SSLDYN_OK && i < store->plan.columns; i++) {
        char file[64];
        snprintf(file, sizeof file, "%s.npy", store->plan.names[i]);
        char *final = ssldyn_file_path_join(directory, file);
        char *temporary = path_of(&store->plan, store->plan.names[i], ".npy.tmp");
        /* on a file system without hard links, a sweep that is killed from here on starts over */
        if (!final || !temporary ||
            (link(temporary, final) != 0 && rename(temporary, final) != 0)) {
            status = trouble(disk, store->plan.names[i], err);
        }
        free(final);
        free(temporary);
    }
    return status;
}

static void close_files(struct ssldyn_store *store)
{
    struct journaled *disk = (struct journaled *)store;
    struct ssldyn_error ignored;
    (void)flush(disk, &ignored);
    for (size_t i = 0; disk->files && i < store->plan.columns; i++) {
        if (disk->files[i] >= 0) {
            close(disk->files[i]);
        }
    }
    if (disk->journal >= 0) {
        close(disk->journal);
    }
    free(disk->files);
    free(disk->bytes);
}

static const struct ssldyn_store_kind kind = {
    .write = write_block, .read = read_block, .finish = finish, .close = close_files};

enum ssldyn_status ssldyn_store_open(const struct ssldyn_store_plan *plan,
                                     struct ssldyn_store **store, struct ssldyn_error *err)
{
    struct ssldyn_store *made = NULL;
    *store = NULL;
    enum ssldyn_status status = ssldyn_store_check(plan, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_store_create(&kind, sizeof(struct journaled), plan, &made, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    struct journaled *disk = (struct journaled *)made;
    disk->journal = -1;
    disk->files = ssldyn_memory_array(plan->columns, sizeof *disk->files);
    for (size_t i = 0; disk->files && i < plan->columns; i++) {
        disk->files[i] = -1;
    }
    disk->bytes = ssldyn_memory_array((size_t)plan->block, sizeof(double));
    status = disk->files && disk->bytes
                 ? open_files(disk, err)
                 : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the sweep");
    if (status == SSLDYN_OK && !resume(disk)) {
        status = begin(disk, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_store_close(made);
        return status;
    }
    *store = made;
    return SSLDYN_OK;
}
