/* The journal of a sweep that is not finished: a head of text, then one mark for each block of
 * points whose numbers are on the disk, with their checksum. */
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
/* Whether these are the first bytes of a journal, of any version. After a power loss they may be
 * there in part: then nothing was marked. */
bool ssldyn_journal_is_head(const char head[SSLDYN_JOURNAL_HEAD]);
void ssldyn_journal_mark(uint64_t block, uint64_t sum, unsigned char mark[SSLDYN_JOURNAL_MARK]);
void ssldyn_journal_unmark(const unsigned char mark[SSLDYN_JOURNAL_MARK], uint64_t *block,
                           uint64_t *sum);

/* A checksum that is carried on over further bytes; 0 begins one. */
uint64_t ssldyn_journal_sum(uint64_t sum, const void *bytes, size_t size);

/* Whether directory holds a journal, and how many of its points are done; *points is 0 where it is
 * of another version. */
bool ssldyn_journal_count(const char *directory, int64_t *done, int64_t *points);

#endif
