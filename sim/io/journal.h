/* The journal of an unfinished sweep: a text header, then one mark per block of points that are on
 * disk, with their checksum. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_JOURNAL_H
#define SSLDYN_SIM_IO_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SSLDYN_JOURNAL_NAME "journal"
enum { SSLDYN_JOURNAL_HEAD = 128, SSLDYN_JOURNAL_MARK = 16 };

void ssldyn_journal_head(uint64_t fingerprint, int64_t points, int64_t block,
                         char head[SSLDYN_JOURNAL_HEAD]);
/* Whether these are the first bytes of a journal of any version. After a power loss the header may
 * be incomplete: then nothing had been marked. */
bool ssldyn_journal_is_head(const char head[SSLDYN_JOURNAL_HEAD]);
void ssldyn_journal_mark(uint64_t block, uint64_t sum, unsigned char mark[SSLDYN_JOURNAL_MARK]);
void ssldyn_journal_unmark(const unsigned char mark[SSLDYN_JOURNAL_MARK], uint64_t *block,
                           uint64_t *sum);

/* A checksum that can be continued with further bytes; start with 0. */
uint64_t ssldyn_journal_sum(uint64_t sum, const void *bytes, size_t size);

/* Whether directory has a journal, and how many of its points are done; *points is 0 for another
 * version. */
bool ssldyn_journal_count(const char *directory, int64_t *done, int64_t *points);

/* The content of a journal. */
struct ssldyn_journal {
    uint64_t fingerprint;  /* of the sweep's settings */
    int64_t points, block; /* points in total, and per block (the last may have fewer) */
    int64_t blocks;
    int64_t points_done;
    unsigned char *done; /* 1 for each completed block; owned, free with free() */
};

/* Reads the journal of a directory; false, with nothing to free, if there is none of this version.
 * Marks are not verified: the sweep that resumes checks their checksums. */
bool ssldyn_journal_read(const char *directory, struct ssldyn_journal *journal);

#endif
