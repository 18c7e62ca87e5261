/* Detects the format of a file of images and checks the file's size against it. */
// SPDX-License-Identifier: MIT
#include "sim/io/images_format.h"

#include "sim/base/memory.h"
#include "sim/io/array_file.h"
#include "sim/io/file.h"
#include "sim/io/foreign.h"
#include "sim/io/gzip.h"
#include "sim/io/images_unsupported.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The binary formats without a header: labels, then channels x height x width bytes. */
static const struct fixed {
    enum ssldyn_image_format format;
    const char *name;
    size_t labels;
    size_t side;
    bool columns_first; /* STL-10 stores each channel column by column */
} fixed_formats[] = {
    {SSLDYN_IMAGES_CIFAR10, "CIFAR-10", 1, 32, false},
    {SSLDYN_IMAGES_CIFAR100, "CIFAR-100", 2, 32, false},
    {SSLDYN_IMAGES_STL10, "STL-10", 0, 96, true},
};

enum { FIXED_COUNT = sizeof fixed_formats / sizeof fixed_formats[0] };

static size_t fixed_record(const struct fixed *fixed)
{
    return fixed->labels + 3 * fixed->side * fixed->side;
}

static enum ssldyn_status open_fixed(struct ssldyn_image_file *file, const struct fixed *fixed,
                                     size_t bytes, struct ssldyn_error *err)
{
    size_t side = fixed->side;

    file->format = fixed->name;
    file->size = (struct ssldyn_image_size){3, side, side};
    file->bytes = true;
    file->record = fixed_record(fixed);
    file->skip = fixed->labels;
    file->stride[0] = side * side;
    file->stride[1] = fixed->columns_first ? 1 : side;
    file->stride[2] = fixed->columns_first ? side : 1;
    file->count = bytes / file->record;
    if (bytes % file->record != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: %zu bytes are not a whole number of %s records of %zu bytes",
                           file->path, bytes, fixed->name, file->record);
    return SSLDYN_OK;
}

/* IDX: two zero bytes, type, number of dimensions, then that many sizes, big-endian. */
enum { IDX_HEAD = 16 };

/* The total size of an IDX file of images, from its first 16 bytes; false if it is not one. */
static bool idx_length(const unsigned char head[static IDX_HEAD], size_t sizes[static 3],
                       size_t *bytes)
{
    if (memcmp(head, "\0\0\x08\x03", 4) != 0)
        return false;
    for (size_t i = 0; i < 3; i++)
        sizes[i] = (size_t)head[4 + 4 * i] << 24 | (size_t)head[5 + 4 * i] << 16 |
                   (size_t)head[6 + 4 * i] << 8 | head[7 + 4 * i];
    /* Two factors below 2^32 cannot overflow; the third is checked by division. */
    const size_t record = sizes[1] * sizes[2];
    const bool fits = record == 0 || sizes[0] <= (SIZE_MAX - IDX_HEAD) / record;
    *bytes = fits ? IDX_HEAD + sizes[0] * record : SIZE_MAX;
    return true;
}

static enum ssldyn_status open_idx(struct ssldyn_image_file *file, size_t bytes,
                                   struct ssldyn_error *err)
{
    unsigned char head[IDX_HEAD];
    size_t sizes[3];
    size_t want = 0;

    if (fread(head, 1, sizeof head, file->stream) != sizeof head || !idx_length(head, sizes, &want))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: is not an IDX file of images (first bytes 00 00 08 03: bytes in "
                           "three dimensions)",
                           file->path);
    file->format = "IDX";
    file->bytes = true;
    file->count = sizes[0];
    file->size = (struct ssldyn_image_size){1, sizes[1], sizes[2]};
    file->offset = sizeof head;
    file->stride[1] = sizes[2];
    file->stride[2] = 1;
    file->record = sizes[1] * sizes[2];
    if (file->record == 0 || bytes != want)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: its header declares %zu images of %zu x %zu bytes, but %zu bytes "
                           "follow",
                           file->path, sizes[0], sizes[1], sizes[2], bytes - sizeof head);
    return SSLDYN_OK;
}

/* The number of headerless formats that match this file size, and the last of them. */
static size_t fits_fixed(size_t bytes, enum ssldyn_image_format *format)
{
    size_t fits = 0;

    for (size_t i = 0; i < FIXED_COUNT; i++) {
        if (bytes == 0 || bytes % fixed_record(&fixed_formats[i]) != 0)
            continue;
        *format = fixed_formats[i].format;
        fits++;
    }
    return fits;
}

/* Detects the format by magic number, else by size. */
static enum ssldyn_status guess(const struct ssldyn_image_file *file, size_t bytes,
                                enum ssldyn_image_format *format, struct ssldyn_error *err)
{
    unsigned char head[512] = {0};
    size_t got = fread(head, 1, sizeof head, file->stream);

    rewind(file->stream);
    if (got >= 6 && memcmp(head, "\x93NUMPY", 6) == 0) {
        *format = SSLDYN_IMAGES_NPY;
        return SSLDYN_OK;
    }
    if (bytes == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is empty", file->path);
    const size_t fits = fits_fixed(bytes, format);
    const char *advice = ssldyn_images_advice(got, head, fits > 0);
    if (advice == NULL && fits == 0)
        advice = ssldyn_foreign_advice(head, got);
    if (advice != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: %s", file->path, advice);
    if (fits == 1)
        return SSLDYN_OK;
    /* IDX types: 8 is bytes, 13 is floats */
    if (fits == 0 && got >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 8 && head[2] <= 14) {
        *format = SSLDYN_IMAGES_IDX;
        return SSLDYN_OK;
    }
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: %s; give the format by --image-format cifar10|cifar100|idx|stl10",
                       file->path,
                       fits == 0 ? "neither its first bytes nor its size match a known format"
                                 : "its size fits more than one format");
}

/* The length of the file with these first bytes, if they determine it (gzip.h). */
static enum ssldyn_status length_in_head(const char *path, FILE *stream, size_t *bytes,
                                         struct ssldyn_error *err)
{
    struct ssldyn_entries entries = {.size = 1};
    struct ssldyn_array array = {0};
    unsigned char head[IDX_HEAD] = {0};
    size_t sizes[3];

    const size_t got = fread(head, 1, sizeof head, stream);
    rewind(stream);
    if (got == sizeof head && idx_length(head, sizes, bytes))
        return SSLDYN_OK;
    if (got < 6 || memcmp(head, "\x93NUMPY", 6) != 0)
        return SSLDYN_OK;
    enum ssldyn_status status = ssldyn_npy_header(path, stream, &entries, &array, bytes, err);
    size_t item = entries.size;
    for (size_t i = 0; i < array.dimensions && status == SSLDYN_OK; i++) {
        if (array.shape[i] > 0 && item > (SIZE_MAX - *bytes) / array.shape[i])
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: its shape is too large for memory", path);
        item *= array.shape[i];
    }
    *bytes += item;
    return status;
}

/* Files that contain arrays among other things, by their first bytes. */
enum container { NO_CONTAINER, PICKLE, OTHER_CONTAINER };
static enum container find_container(const struct ssldyn_image_file *file, size_t size)
{
    unsigned char head[512];
    enum ssldyn_image_format format;
    int last = EOF;

    const size_t got = fread(head, 1, sizeof head, file->stream);
    if (fseek(file->stream, -1, SEEK_END) == 0)
        last = fgetc(file->stream);
    rewind(file->stream);
    const bool pixels = fits_fixed(size, &format) > 0;
    if (got >= 4 && memcmp(head, "PK\x03\x04", 4) == 0)
        return OTHER_CONTAINER;
    /* If the bytes could also be pixels, the file must end like a pickle. */
    if (ssldyn_foreign_is_pickle(head, got) && (!pixels || last == '.'))
        return PICKLE;
    /* safetensors: the header's length, below 4 GB, and its opening brace */
    return !pixels && got > 8 && memcmp(head + 4, "\0\0\0\0{", 5) == 0 ? OTHER_CONTAINER
                                                                       : NO_CONTAINER;
}

enum ssldyn_status ssldyn_images_file_take(struct ssldyn_image_file *file, const char *path,
                                           FILE *stream, size_t size,
                                           enum ssldyn_image_format format,
                                           struct ssldyn_error *err)
{
    *file = (struct ssldyn_image_file){.stream = stream, .path = ssldyn_memory_copy(path)};
    if (file->path == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const enum container container = format == SSLDYN_IMAGES_IDX || format == SSLDYN_IMAGES_STL10
                                         ? NO_CONTAINER
                                         : find_container(file, size);
    if (container == PICKLE) {
        bool cifar = false;
        const enum ssldyn_status status = ssldyn_images_file_pickle(file, size, &cifar, err);
        if (status != SSLDYN_OK || cifar)
            return status;
    }
    if (container != NO_CONTAINER)
        return ssldyn_images_file_member(file, path, NULL, format, err);
    if (format == SSLDYN_IMAGES_AUTO) {
        enum ssldyn_status status = guess(file, size, &format, err);
        if (status != SSLDYN_OK)
            return status;
    }
    if (format == SSLDYN_IMAGES_IDX)
        return open_idx(file, size, err);
    for (size_t i = 0; i < FIXED_COUNT; i++)
        if (fixed_formats[i].format == format)
            return open_fixed(file, &fixed_formats[i], size, err);
    return ssldyn_images_file_array(file, size, format, err);
}

static enum ssldyn_status open_named(struct ssldyn_image_file *file, const char *path,
                                     enum ssldyn_image_format format, struct ssldyn_error *err)
{
    unsigned char head[2] = {0};
    FILE *stream = NULL;
    size_t size = 0;

    enum ssldyn_status status = ssldyn_file_read(path, &stream, &size, err);
    if (status != SSLDYN_OK)
        return status;
    const size_t got = fread(head, 1, sizeof head, stream);
    rewind(stream);
    if (got == sizeof head && head[0] == 0x1f && head[1] == 0x8b) {
        fclose(stream);
        status = ssldyn_gzip_unpack(path, length_in_head, &stream, &size, err);
        if (status != SSLDYN_OK)
            return status;
    }
    return ssldyn_images_file_take(file, path, stream, size, format, err);
}

enum ssldyn_status ssldyn_images_file_open(struct ssldyn_image_file *file, const char *path,
                                           enum ssldyn_image_format format,
                                           struct ssldyn_error *err)
{
    char *plain = NULL;
    char *name = NULL;

    *file = (struct ssldyn_image_file){0};
    enum ssldyn_status status = ssldyn_array_file_split(path, &plain, &name, err);
    if (status == SSLDYN_OK && name == NULL)
        status = open_named(file, path, format, err);
    else if (status == SSLDYN_OK && (file->path = ssldyn_memory_copy(path)) == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    else if (status == SSLDYN_OK)
        status = ssldyn_images_file_member(file, plain, name, format, err);
    free(plain);
    free(name);
    return status;
}

void ssldyn_images_file_close(struct ssldyn_image_file *file)
{
    if (file->stream != NULL)
        fclose(file->stream);
    free(file->path);
    free(file->labels);
    *file = (struct ssldyn_image_file){0};
}
