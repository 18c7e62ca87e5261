/* The journal of an unfinished sweep. */
// SPDX-License-Identifier: MIT
#include "sim/io/journal.h"

#include "sim/io/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void ssldyn_journal_head(uint64_t fingerprint, int64_t points, int64_t block,
                         char head[SSLDYN_JOURNAL_HEAD])
{
    memset(head, ' ', SSLDYN_JOURNAL_HEAD);
    const int used = snprintf(head, SSLDYN_JOURNAL_HEAD,
                              "# ssldyn journal 2 %016" PRIx64 " points %" PRId64 " block %" PRId64,
                              fingerprint, points, block);
    head[used] = ' ';
    head[SSLDYN_JOURNAL_HEAD - 1] = '\n';
}

bool ssldyn_journal_is_head(const char head[SSLDYN_JOURNAL_HEAD])
{
    static const char start[] = "# ssldyn journal ";
    return memcmp(head, start, sizeof start - 1) == 0 && head[SSLDYN_JOURNAL_HEAD - 1] == '\n' &&
           !memchr(head, '\0', SSLDYN_JOURNAL_HEAD);
}

static void put(uint64_t value, unsigned char bytes[8])
{
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(value >> (8 * i));
    }
}

static uint64_t take(const unsigned char bytes[8])
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

void ssldyn_journal_mark(uint64_t block, uint64_t sum, unsigned char mark[SSLDYN_JOURNAL_MARK])
{
    put(block, mark);
    put(sum, mark + 8);
}

void ssldyn_journal_unmark(const unsigned char mark[SSLDYN_JOURNAL_MARK], uint64_t *block,
                           uint64_t *sum)
{
    *block = take(mark);
    *sum = take(mark + 8);
}

/* FNV-1a over words of 8 bytes, the last one padded with zeros; folded, since in a product alone
 * the high bits of one word never affect the low bits. */
uint64_t ssldyn_journal_sum(uint64_t sum, const void *bytes, size_t size)
{
    const unsigned char *next = bytes;
    sum ^= UINT64_C(14695981039346656037) + size;
    while (size > 0) {
        const size_t some = size < 8 ? size : 8;
        uint64_t word = 0;
        memcpy(&word, next, some);
        sum = (sum ^ word) * UINT64_C(1099511628211);
        sum ^= sum >> 32;
        next += some;
        size -= some;
    }
    return sum;
}

/* The numbers in the header; false if they are invalid. */
static bool parse_head(const char head[SSLDYN_JOURNAL_HEAD + 1], struct ssldyn_journal *journal)
{
    char *end = NULL;
    if (strncmp(head, "# ssldyn journal 2 ", 19) != 0) {
        return false;
    }
    journal->fingerprint = strtoull(head + 19, &end, 16);
    if (strncmp(end, " points ", 8) != 0) {
        return false;
    }
    journal->points = strtoll(end + 8, &end, 10);
    journal->block = strncmp(end, " block ", 7) == 0 ? strtoll(end + 7, NULL, 10) : 0;
    if (journal->points < 1 || journal->block < 1) {
        return false;
    }
    journal->blocks = (journal->points - 1) / journal->block + 1;
    return true;
}

/* The journal in a directory, open for reading; -1: none. */
static int open_journal(const char *directory)
{
    char *path = ssldyn_file_path_join(directory, SSLDYN_JOURNAL_NAME);
    const int file = path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) : -1;
    free(path);
    return file;
}

bool ssldyn_journal_count(const char *directory, int64_t *done, int64_t *points)
{
    char head[SSLDYN_JOURNAL_HEAD + 1] = "";
    struct stat info;
    struct ssldyn_journal journal;
    *done = 0;
    *points = 0;
    const int file = open_journal(directory);
    if (file < 0) {
        return false;
    }
    const bool there = fstat(file, &info) == 0 && S_ISREG(info.st_mode) &&
                       read(file, head, SSLDYN_JOURNAL_HEAD) >= 0 &&
                       (head[0] == '\0' || strncmp(head, "# ssldyn journal ", 17) == 0);
    close(file);
    if (!there || !parse_head(head, &journal)) {
        return there;
    }
    *points = journal.points;
    const int64_t marks = (info.st_size - SSLDYN_JOURNAL_HEAD) / SSLDYN_JOURNAL_MARK;
    if (marks > 0 && marks <= INT64_MAX / journal.block) {
        *done = marks * journal.block < *points ? marks * journal.block : *points;
    }
    return true;
}

bool ssldyn_journal_read(const char *directory, struct ssldyn_journal *journal)
{
    char head[SSLDYN_JOURNAL_HEAD + 1] = "";
    unsigned char mark[SSLDYN_JOURNAL_MARK];
    *journal = (struct ssldyn_journal){0};
    const int file = open_journal(directory);
    FILE *stream = file >= 0 ? fdopen(file, "rb") : NULL;
    if (!stream) {
        if (file >= 0) {
            close(file);
        }
        return false;
    }
    const bool good = fread(head, 1, SSLDYN_JOURNAL_HEAD, stream) == SSLDYN_JOURNAL_HEAD &&
                      parse_head(head, journal);
    journal->done = good ? calloc((size_t)journal->blocks, 1) : NULL;
    while (journal->done && fread(mark, 1, sizeof mark, stream) == sizeof mark) {
        uint64_t block = 0;
        uint64_t sum = 0;
        ssldyn_journal_unmark(mark, &block, &sum);
        if (block < (uint64_t)journal->blocks && !journal->done[block]) {
            const int64_t left = journal->points - (int64_t)block * journal->block;
            journal->done[block] = 1;
            journal->points_done += left < journal->block ? left : journal->block;
        }
    }
    fclose(stream);
    return journal->done != NULL;
}
