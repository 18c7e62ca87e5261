/* Tar archives, plain or compressed. If the first byte is odd the checksums of headers are
 * corrected, which mutations almost never do. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/io/tar.h"

#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 20 };

static enum ssldyn_status unpack(struct ssldyn_tar *tar, size_t size, struct ssldyn_error *err)
{
    FILE *stream = NULL;
    const enum ssldyn_status status = ssldyn_tar_unpack(tar, &stream, err);
    FUZZ_CHECK((status == SSLDYN_OK) == (stream != NULL));
    if (stream) {
        size_t count = 0;
        while (fgetc(stream) != EOF) {
            count++;
        }
        FUZZ_CHECK(count == size);
        fclose(stream);
    }
    return status;
}

static void go_through(const char *path)
{
    struct ssldyn_tar *tar = NULL;
    struct ssldyn_error err;
    const char *name = NULL;
    size_t size = 0;
    enum ssldyn_status status = ssldyn_tar_open(path, &tar, &err);
    for (int i = 0; status == SSLDYN_OK && i < MEMBERS; i++) {
        status = ssldyn_tar_next(tar, &name, &size, &err);
        FUZZ_CHECK(status == SSLDYN_OK || name == NULL);
        if (status != SSLDYN_OK || !name) {
            break;
        }
        FUZZ_CHECK(strlen(name) <= 100);
        if (i % 2 == 0 && size <= 1 << 16) { /* the others are skipped */
            status = unpack(tar, size, &err);
        }
    }
    fuzz_status(status, &err);
    ssldyn_tar_close(tar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    uint8_t *bytes = malloc(size);
    FUZZ_CHECK(bytes != NULL);
    memcpy(bytes, data + 1, size - 1);
    if (data[0] % 2 == 1) {
        fuzz_tar_checksums(bytes, size - 1);
    }
    const char *path = fuzz_file("input.tar", bytes, size - 1);
    free(bytes);
    (void)ssldyn_tar_recognized(path);
    go_through(path);
    return 0;
}
