/* Sets of images in every format. The first byte is the format; with 64 added the rest is repeated
 * until it fills a record of that format, which short inputs would never do; with 128 added it is a
 * tar archive, whose checksums are corrected. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/io/images.h"

#include <math.h>
#include <stdlib.h>

enum {
    FORMATS = SSLDYN_IMAGES_VECTORS + 1,
    FILL = 64,
    ARCHIVE = 128,
    EXPANSION = 1100 /* upper bound on the bytes that one deflated byte expands to */
};

static void check_labels(struct ssldyn_images *images)
{
    struct ssldyn_error err;
    int32_t label = -1;
    const enum ssldyn_status status = ssldyn_images_read_labels(images, 0, 1, &label, &err);
    fuzz_status(status, &err);
    FUZZ_CHECK(status != SSLDYN_OK || (label >= 0 && label < 256));
}

static void check_images(struct ssldyn_images *images, size_t size)
{
    const size_t numbers = ssldyn_images_numbers(&images->size);
    struct ssldyn_error err;
    FUZZ_CHECK(images->count > 0 && numbers > 0 && images->format);
    FUZZ_CHECK(numbers <= size && images->count <= size / numbers);
    float *values = malloc(numbers * sizeof *values);
    unsigned char *bytes = malloc(numbers);
    FUZZ_CHECK(values && bytes);
    const size_t last = images->count - 1;
    const enum ssldyn_status status = ssldyn_images_read(images, last, 1, values, &err);
    fuzz_status(status, &err);
    for (size_t i = 0; status == SSLDYN_OK && i < numbers; i++) {
        FUZZ_CHECK(isfinite(values[i]));
        FUZZ_CHECK(images->white == 0.0 || (values[i] >= 0.0F && values[i] <= 1.0F));
    }
    if (images->bytes) {
        FUZZ_CHECK(status == SSLDYN_OK);
        FUZZ_CHECK(ssldyn_images_read_bytes(images, last, 1, bytes, &err) == SSLDYN_OK);
        for (size_t i = 0; i < numbers; i++) {
            FUZZ_CHECK(fabsf(values[i] * 255.0F - (float)bytes[i]) < 1e-3F);
        }
    }
    if (images->labeled) {
        check_labels(images);
    }
    free(bytes);
    free(values);
}

/* The file: the rest of the input, repeated until it fills a record. */
static uint8_t *make_file(const uint8_t *data, size_t size, size_t *length)
{
    static const size_t records[FORMATS] = {3073, 3073, 3074, 0, 27648, 0};
    *length = data[0] & FILL ? records[data[0] % FILL % FORMATS] : size - 1;
    uint8_t *file = malloc(*length > 0 ? *length : 1);
    FUZZ_CHECK(file != NULL);
    for (size_t i = 0; i < *length; i++) {
        file[i] = data[1 + i % (size - 1)];
    }
    if (data[0] & ARCHIVE) {
        fuzz_tar_checksums(file, *length);
    }
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ssldyn_images images;
    struct ssldyn_error err;
    if (size < 2) {
        return 0;
    }
    const enum ssldyn_image_format format = (enum ssldyn_image_format)(data[0] % FILL % FORMATS);
    size_t length = 0;
    uint8_t *file = make_file(data, size, &length);
    const char *path = fuzz_file("images", file, length);
    free(file);
    const enum ssldyn_status status =
        ssldyn_images_open(1, (const char *const[]){path}, format, 0, &images, &err);
    fuzz_status(status, &err);
    if (status == SSLDYN_OK) {
        check_images(&images, EXPANSION * length);
        ssldyn_images_close(&images);
    }
    return 0;
}
