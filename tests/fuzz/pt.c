/* PyTorch files. The first byte selects the kind of the rest: 0 a file; 1 the pickle of an archive
 * as torch.save writes it, with checksums that mutations would almost never get right. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/matrices.h"

#include <string.h>
#include <zlib.h>

enum {
    STORAGES = 4,
    STORAGE = 256,
    HEAD = 30,
    ENTRY = 46,
    END = 22,
    NAME = 32,
    MEMBERS = STORAGES + 1
};

/* An archive under construction: members stored uncompressed, and its directory. */
struct archive {
    uint8_t *bytes;
    size_t used;
    uint8_t directory[MEMBERS * (ENTRY + NAME)];
    size_t directory_used;
};

static void put(uint8_t *to, uint64_t value, int width)
{
    for (int i = 0; i < width; i++) {
        to[i] = (uint8_t)(value >> (8 * i));
    }
}

static void add(struct archive *archive, const char *name, const uint8_t *data, size_t size)
{
    const size_t length = strlen(name);
    uint8_t *head = archive->bytes + archive->used;
    uint8_t *entry = archive->directory + archive->directory_used;
    memset(head, 0, HEAD);
    memset(entry, 0, ENTRY);
    memcpy(head, "PK\x03\x04", 4);
    put(head + 14, crc32(0, data, (uInt)size), 4);
    put(head + 18, size, 4);
    put(head + 22, size, 4);
    put(head + 26, length, 2);
    memcpy(entry, "PK\x01\x02", 4);
    memcpy(entry + 6, head + 4, 26); /* fields common to both */
    put(entry + 42, archive->used, 4);
    memcpy(entry + ENTRY, name, length);
    memcpy(head + HEAD, name, length);
    memcpy(head + HEAD + length, data, size);
    archive->used += HEAD + length + size;
    archive->directory_used += ENTRY + length;
}

static void finish(struct archive *archive)
{
    uint8_t *end = archive->bytes + archive->used + archive->directory_used;
    memcpy(archive->bytes + archive->used, archive->directory, archive->directory_used);
    memset(end, 0, END);
    memcpy(end, "PK\x05\x06", 4);
    put(end + 8, MEMBERS, 2);
    put(end + 10, MEMBERS, 2);
    put(end + 12, archive->directory_used, 4);
    put(end + 16, archive->used, 4);
    archive->used += archive->directory_used + END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[STORAGES] = {"archive/data/0", "archive/data/1",
                                                "archive/data/2", "archive/data/3"};
    uint8_t storage[STORAGE];
    if (size == 0) {
        return 0;
    }
    if (data[0] % 2 == 0) {
        fuzz_matrices("input.pt", "input.pt:v", data + 1, size - 1);
        return 0;
    }
    struct archive archive = {
        .bytes = malloc(size + sizeof archive.directory * 2 + STORAGES * STORAGE + END)};
    FUZZ_CHECK(archive.bytes != NULL);
    memset(storage, 0x3c, sizeof storage); /* finite in every type of numbers */
    add(&archive, "archive/data.pkl", data + 1, size - 1);
    for (size_t i = 0; i < STORAGES; i++) {
        add(&archive, names[i], storage, sizeof storage);
    }
    finish(&archive);
    fuzz_matrices("input.pt", "input.pt:v", archive.bytes, archive.used);
    free(archive.bytes);
    return 0;
}
