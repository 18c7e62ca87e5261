/* The journal of an unfinished sweep and a column file. Bytes 0 and 1 of the input are the length
 * of the journal. A resumed sweep keeps blocks with a correct checksum, and no others. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/io/journal.h"
#include "sim/sweep/store.h"

#include <string.h>

enum { POINTS = 10, BLOCK = 4, BLOCKS = 3, HEAD = 256 };

static const char *const names[] = {"fate", "p"};
static const struct ssldyn_store_plan plan = {.directory = ".",
                                              .columns = 2,
                                              .names = names,
                                              .small = 1,
                                              .dimensions = 1,
                                              .shape = {POINTS},
                                              .points = POINTS,
                                              .block = BLOCK,
                                              .fingerprint = 0x0123456789abcdefU};

/* Whether the journal has a mark with the checksum of the columns. */
static bool is_marked(int64_t block, const uint8_t *journal, size_t size, const double values[])
{
    unsigned char small[BLOCK];
    const size_t count = block < BLOCKS - 1 ? BLOCK : POINTS % BLOCK;
    for (size_t i = 0; i < count; i++) {
        small[i] = (unsigned char)(signed char)values[i];
    }
    const uint64_t want =
        ssldyn_journal_sum(ssldyn_journal_sum(0, small, count), values + BLOCK, 8 * count);
    for (size_t at = SSLDYN_JOURNAL_HEAD; at + SSLDYN_JOURNAL_MARK <= size;
         at += SSLDYN_JOURNAL_MARK) {
        uint64_t marked = 0;
        uint64_t sum = 0;
        ssldyn_journal_unmark(journal + at, &marked, &sum);
        if (marked == (uint64_t)block && sum == want) {
            return true;
        }
    }
    return false;
}

static void check_store(struct ssldyn_store *store, const uint8_t *journal, size_t size,
                        bool writes)
{
    struct ssldyn_error err;
    double values[2 * BLOCK] = {0};
    FUZZ_CHECK(ssldyn_store_blocks(store) == BLOCKS);
    for (int64_t block = 0; block < BLOCKS; block++) {
        if (ssldyn_store_has(store, block)) {
            FUZZ_CHECK(ssldyn_store_read(store, block, 2, values, &err) == SSLDYN_OK);
            FUZZ_CHECK(is_marked(block, journal, size, values));
        } else if (writes) {
            const double wrote[2 * BLOCK] = {1, 2, 3, 4, 0.5, 0.25, 1e300, -1};
            const size_t bytes = 8 * (size_t)ssldyn_store_block_points(store, block);
            FUZZ_CHECK(ssldyn_store_write(store, block, wrote, &err) == SSLDYN_OK);
            FUZZ_CHECK(ssldyn_store_read(store, block, 2, values, &err) == SSLDYN_OK);
            FUZZ_CHECK(memcmp(values, wrote, bytes) == 0);
            FUZZ_CHECK(memcmp(values + BLOCK, wrote + BLOCK, bytes) == 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes bytes = {data, size};
    struct ssldyn_store *store = NULL;
    struct ssldyn_error err;
    int64_t done = 0;
    int64_t points = 0;
    size_t length = (size_t)fuzz_take(&bytes, 2);
    length = length < bytes.size ? length : bytes.size;
    (void)fuzz_file("journal", bytes.data, length);
    (void)fuzz_file("fate.npy.tmp", bytes.data + length,
                    bytes.size - length < HEAD + POINTS ? bytes.size - length : HEAD + POINTS);
    const size_t rest =
        bytes.size - length < HEAD + POINTS ? 0 : bytes.size - length - HEAD - POINTS;
    (void)fuzz_file("p.npy.tmp", bytes.data + bytes.size - rest, rest);
    if (ssldyn_journal_count(".", &done, &points)) {
        FUZZ_CHECK(done >= 0 && done <= (points > 0 ? points : 0));
    }
    const enum ssldyn_status status = ssldyn_store_open(&plan, &store, &err);
    fuzz_status(status, &err);
    if (status == SSLDYN_OK) {
        check_store(store, bytes.data, length, fuzz_seldom(data, size));
        ssldyn_store_close(store);
    }
    return 0;
}
