/* The journal of a sweep: marks, checksums, and headers that reached the disk only in part. */
// SPDX-License-Identifier: MIT
#include "sim/io/journal.h"

#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <string.h>

START_TEST(marks_are_read_back)
{
    static const uint64_t blocks[] = {0, 1, 255, 1U << 20, UINT64_MAX};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        unsigned char mark[SSLDYN_JOURNAL_MARK];
        uint64_t block = 0;
        uint64_t sum = 0;
        ssldyn_journal_mark(blocks[i], ~blocks[i], mark);
        ssldyn_journal_unmark(mark, &block, &sum);
        ck_assert_uint_eq(block, blocks[i]);
        ck_assert_uint_eq(sum, ~blocks[i]);
    }
}
END_TEST

START_TEST(checksum_sees_every_byte_and_their_number)
{
    unsigned char bytes[37] = {0};
    const uint64_t zeros = ssldyn_journal_sum(0, bytes, sizeof bytes);
    ck_assert_uint_ne(zeros, ssldyn_journal_sum(0, bytes, sizeof bytes - 1));
    for (size_t i = 0; i < sizeof bytes; i++) {
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] = (unsigned char)(1U << bit);
            ck_assert_uint_ne(zeros, ssldyn_journal_sum(0, bytes, sizeof bytes));
        }
        bytes[i] = 0;
    }
}
END_TEST

/* A power loss may leave zeros, or only the first bytes: then no block counts as complete. */
START_TEST(a_partial_header_does_not_count)
{
    char head[SSLDYN_JOURNAL_HEAD];
    ssldyn_journal_head(UINT64_C(0x0123456789abcdef), 1000000, 4096, head);
    ck_assert(ssldyn_journal_is_head(head));
    for (size_t kept = 0; kept < sizeof head; kept++) {
        char part[SSLDYN_JOURNAL_HEAD] = {0};
        memcpy(part, head, kept);
        ck_assert(!ssldyn_journal_is_head(part));
    }
    memset(head, ' ', sizeof head);
    ck_assert(!ssldyn_journal_is_head(head));
}
END_TEST

START_TEST(points_are_counted_by_their_marks)
{
    char directory[SCRATCH_PATH];
    char path[SCRATCH_PATH + 16];
    char file[SSLDYN_JOURNAL_HEAD + 3 * SSLDYN_JOURNAL_MARK] = {0};
    int64_t done = -1;
    int64_t points = -1;
    scratch_path(directory, "journal");
    ck_assert_int_eq(mkdir(directory, 0777), 0);
    ck_assert(!ssldyn_journal_count(directory, &done, &points));
    snprintf(path, sizeof path, "%s/%s", directory, SSLDYN_JOURNAL_NAME);
    ssldyn_journal_head(7, 250, 100, file);
    scratch_write(path, file, sizeof file - 1); /* the third mark is truncated */
    ck_assert(ssldyn_journal_count(directory, &done, &points));
    ck_assert_int_eq(done, 200);
    ck_assert_int_eq(points, 250);
    unlink(path);
    rmdir(directory);
}
END_TEST

TEST_SUITE(journal)
{
    tcase_add_test(tests, marks_are_read_back);
    tcase_add_test(tests, checksum_sees_every_byte_and_their_number);
    tcase_add_test(tests, a_partial_header_does_not_count);
    tcase_add_test(tests, points_are_counted_by_their_marks);
}
