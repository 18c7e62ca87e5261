/* Checkpoints of the trainer, read into a network of three small blocks. The first byte determines
 * how much of the input is used unchanged: 0 all; 1 the part that the checksum covers; 2 the part
 * after the settings. The other parts are those of a valid checkpoint. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "experiments/gpu/checkpoint.h"
#include "experiments/gpu/ops.h"

#include <stdlib.h>
#include <string.h>

/* ---- the network: the part of byol.h that checkpoints need */

enum { BLOCKS = 3, LARGEST = 24 };
static const size_t sizes[BLOCKS] = {8, 1, LARGEST};
struct byol {
    unsigned char blocks[BLOCKS][LARGEST];
    int64_t steps;
};

bool byol_block(struct byol *byol, size_t i, struct byol_block *block)
{
    if (i < BLOCKS) {
        *block = (struct byol_block){"block", byol->blocks[i], sizes[i]};
    }
    return i < BLOCKS;
}

void byol_refresh(struct byol *byol)
{
    (void)byol;
}

void byol_set_steps(struct byol *byol, int64_t steps)
{
    byol->steps = steps;
}

static void upload(struct ops_context *context, void *device, const void *host, size_t bytes)
{
    (void)context;
    memcpy(device, host, bytes);
}

static enum ssldyn_status download(struct ops_context *context, void *host, const void *device,
                                   size_t bytes, struct ssldyn_error *err)
{
    (void)err;
    upload(context, host, device, bytes);
    return SSLDYN_OK;
}

static const struct ops ops = {.upload = upload, .download = download};

/* ---- the file */

static const char settings[] = "# ssldyn spec 1\ncommand = byol\nseed = 1\n";

/* Replaces the trainer's. */
void options_print(const void *options, FILE *stream)
{
    (void)options;
    fputs(settings, stream);
}

static void put(FILE *file, uint64_t *sum, const void *data, size_t size)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < size; i++) {
        *sum = (*sum ^ byte[i]) * UINT64_C(1099511628211); /* FNV-1a, as in checkpoint.c */
    }
    FUZZ_CHECK(size == 0 || fwrite(data, 1, size, file) == size);
}

static void write_whole(FILE *file, bool with_settings, const uint8_t *data, size_t size)
{
    struct fuzz_bytes bytes = {data, size};
    uint64_t sum = UINT64_C(14695981039346656037);
    fputs("# ssldyn checkpoint 1\n", file);
    if (with_settings) {
        uint64_t preamble[4] = {0x0102030405060708U, sizeof settings - 1};
        preamble[2] = fuzz_take(&bytes, 8);
        preamble[3] = fuzz_take(&bytes, 8);
        put(file, &sum, preamble, sizeof preamble);
        put(file, &sum, settings, sizeof settings - 1);
    }
    put(file, &sum, bytes.data, bytes.size);
    FUZZ_CHECK(fwrite(&sum, sizeof sum, 1, file) == 1);
    fputs("\ncomplete\n", file);
}

static void make_file(const uint8_t *data, size_t size)
{
    if (data[0] % 3 == 0) {
        (void)fuzz_file("checkpoint", data + 1, size - 1);
        return;
    }
    char *bytes = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&bytes, &length);
    FUZZ_CHECK(file != NULL);
    write_whole(file, data[0] % 3 == 2, data + 1, size - 1);
    FUZZ_CHECK(fclose(file) == 0);
    (void)fuzz_file("checkpoint", (const uint8_t *)bytes, length);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct checkpoint nowhere = {-1, -1};
    const struct options options = {0};
    struct checkpoint at = nowhere;
    struct byol byol;
    struct byol before;
    struct ssldyn_error err;
    bool found = false;
    if (size == 0) {
        return 0;
    }
    memset(&byol, 0x55, sizeof byol);
    before = byol;
    make_file(data, size);
    const enum ssldyn_status status =
        checkpoint_read(".", &options, &ops, NULL, &byol, &at, &found, &err);
    fuzz_status(status, &err);
    FUZZ_CHECK(found);
    if (status == SSLDYN_OK) {
        FUZZ_CHECK(at.steps >= 0 && at.rows >= 0 && byol.steps == at.steps);
        FUZZ_CHECK(at.rows <= at.steps + 1); /* the start, and at most one row per step */
    } else {                                 /* refused: the run is unchanged */
        FUZZ_CHECK(memcmp(&byol, &before, sizeof byol) == 0);
        FUZZ_CHECK(memcmp(&at, &nowhere, sizeof at) == 0);
    }
    return 0;
}
