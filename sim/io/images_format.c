/* Tells the formats of images apart and holds each file's size against what its format demands. */
// SPDX-License-Identifier: MIT
#include "sim/io/images_format.h"

#include "sim/base/memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The binary formats without a head: labels, then channels x height x width bytes. */
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
                           "%s: %zu bytes are no whole number of %s records of %zu bytes",
                           file->path, bytes, fixed->name, file->record);
    return SSLDYN_OK;
}

/* IDX: two zero bytes, type, number of dimensions, then that many sizes, most significant first. */
static enum ssldyn_status open_idx(struct ssldyn_image_file *file, size_t bytes,
                                   struct ssldyn_error *err)
{
    unsigned char head[16];
    size_t sizes[3];

    if (fread(head, 1, sizeof head, file->stream) != sizeof head || head[0] != 0 || head[1] != 0 ||
        head[2] != 8 || head[3] != 3)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: is no IDX file of images (magic 00 00 08 03: bytes in three "
                           "dimensions)",
                           file->path);
    for (size_t i = 0; i < 3; i++)
        sizes[i] = (size_t)head[4 + 4 * i] << 24 | (size_t)head[5 + 4 * i] << 16 |
                   (size_t)head[6 + 4 * i] << 8 | head[7 + 4 * i];
    file->format = "IDX";
    file->bytes = true;
    file->count = sizes[0];
    file->size = (struct ssldyn_image_size){1, sizes[1], sizes[2]};
    file->offset = sizeof head;
    file->stride[1] = sizes[2];
    file->stride[2] = 1;
    /* Two factors below 2^32 cannot wrap; the third is judged by division. */
    file->record = sizes[1] * sizes[2];
    size_t left = bytes - sizeof head;
    if (file->record == 0 || left % file->record != 0 || left / file->record != file->count)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: its head promises %zu images of %zu x %zu bytes, %zu bytes follow",
                           file->path, sizes[0], sizes[1], sizes[2], left);
    return SSLDYN_OK;
}

static bool is_channels(size_t size)
{
    return size == 1 || size == 3 || size == 4;
}

/* A shape that is more likely something else than the images it could be; NULL: none. */
static const char *doubtful(size_t dimensions, const size_t shape[])
{
    const bool last = dimensions > 2 && (shape[dimensions - 1] == 3 || shape[dimensions - 1] == 4);
    /* one image of height x width x channels would be gray images of width 3 or 4 */
    if (dimensions == 3 && last && shape[1] > 2 * shape[2] && shape[0] > 2 * shape[2])
        return "looks like one image of height x width x channels: a set is needed, N x height x "
               "width x channels";
    if (dimensions == 3 && (shape[0] == 3 || shape[0] == 4) && shape[1] > 4 && shape[2] > 4)
        return "looks like one image of channels x height x width: a set is needed, N x channels x "
               "height x width";
    if (dimensions == 4 && last && shape[1] == shape[3] && shape[2] != shape[3])
        return "could have its channels in the second or in the last dimension: crop or pad the "
               "images so that only the channels are 3 or 4 numbers";
    return NULL;
}

/* The shape of an array's items and how to walk them; false where it is none of images. */
static bool npy_shape(struct ssldyn_image_file *file, size_t dimensions, const size_t shape[])
{
    if (dimensions == 2) {
        file->vectors = true;
        file->size = (struct ssldyn_image_size){shape[1], 1, 1};
        file->stride[0] = 1;
        return true;
    }
    if (dimensions == 3) {
        file->size = (struct ssldyn_image_size){1, shape[1], shape[2]};
        file->stride[1] = shape[2];
        file->stride[2] = 1;
        return true;
    }
    /* where both could be channels: colors rather than colors and transparency */
    const bool first = dimensions == 4 && shape[1] == 3 && shape[3] == 4;
    if (dimensions == 4 && is_channels(shape[3]) && !first) {
        file->size = (struct ssldyn_image_size){shape[3], shape[1], shape[2]};
        file->stride[0] = 1;
        file->stride[1] = shape[2] * shape[3];
        file->stride[2] = shape[3];
        return true;
    }
    if (dimensions == 4 && is_channels(shape[1])) {
        file->size = (struct ssldyn_image_size){shape[1], shape[2], shape[3]};
        file->stride[0] = shape[2] * shape[3];
        file->stride[1] = shape[3];
        file->stride[2] = 1;
        return true;
    }
    return false;
}

static enum ssldyn_status open_npy(struct ssldyn_image_file *file, size_t bytes,
                                   struct ssldyn_error *err)
{
    struct ssldyn_array array = {0};

    enum ssldyn_status status =
        ssldyn_npy_header(file->path, file->stream, &file->entries, &array, &file->offset, err);
    if (status == SSLDYN_OK)
        status = ssldyn_npy_check(file->path, &file->entries, bytes - file->offset, &array, err);
    if (status != SSLDYN_OK)
        return status;
    file->format = "npy";
    file->white = 1.0;
    if (!npy_shape(file, array.dimensions, array.shape))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: has %zu dimensions; images are N x height x width, N x height x "
                           "width x channels, N x channels x height x width (1, 3 or 4 channels) "
                           "or vectors N x d",
                           file->path, array.dimensions);
    file->bytes = !file->vectors && file->entries.kind == 'u' && file->entries.size == 1;
    const char *doubt = doubtful(array.dimensions, array.shape);
    if (doubt != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: %s", file->path, doubt);
    if (file->entries.fortran_order)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: is in Fortran's order, which cannot be read image by image: save "
                           "numpy.ascontiguousarray(a)",
                           file->path);
    file->count = array.shape[0];
    if (array.count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: holds no images", file->path);
    file->record = array.count / file->count * file->entries.size;
    return SSLDYN_OK;
}

static bool is_archive(const char *path)
{
    const size_t length = strlen(path);
    return (length > 7 && strcmp(path + length - 7, ".tar.gz") == 0) ||
           (length > 4 && strcmp(path + length - 4, ".tgz") == 0);
}

/* The format by magic number, else by size. */
static enum ssldyn_status guess(const struct ssldyn_image_file *file, size_t bytes,
                                enum ssldyn_image_format *format, struct ssldyn_error *err)
{
    unsigned char head[8] = {0};
    size_t fits = 0;
    size_t got = fread(head, 1, sizeof head, file->stream);

    rewind(file->stream);
    if (got >= 6 && memcmp(head, "\x93NUMPY", 6) == 0) {
        *format = SSLDYN_IMAGES_NPY;
        return SSLDYN_OK;
    }
    if (got >= 2 && head[0] == 0x1f && head[1] == 0x8b)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is compressed: unpack it with %s first",
                           file->path, is_archive(file->path) ? "tar -xzf" : "gunzip");
    for (size_t i = 0; i < FIXED_COUNT; i++) {
        if (bytes == 0 || bytes % fixed_record(&fixed_formats[i]) != 0)
            continue;
        *format = fixed_formats[i].format;
        fits++;
    }
    if (fits == 1)
        return SSLDYN_OK;
    if (fits == 0 && got >= 4 && memcmp(head, "\0\0\x08", 3) == 0) {
        *format = SSLDYN_IMAGES_IDX;
        return SSLDYN_OK;
    }
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: %s: name it with --image-format cifar10|cifar100|idx|stl10|npy",
                       file->path,
                       fits == 0 ? "its format cannot be told from its head or size"
                                 : "its size fits more than one format");
}

enum ssldyn_status ssldyn_image_file_open(struct ssldyn_image_file *file, const char *path,
                                          enum ssldyn_image_format format, struct ssldyn_error *err)
{
    struct stat info;

    *file = (struct ssldyn_image_file){0};
    /* Asked before opening: a device may have no end, a pipe no writer. */
    if (stat(path, &info) != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a plain file", path);
    file->path = ssldyn_string_copy(path);
    if (file->path == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    file->stream = fopen(path, "rb");
    if (file->stream == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    size_t bytes = (size_t)info.st_size;
    if (format == SSLDYN_IMAGES_AUTO) {
        enum ssldyn_status status = guess(file, bytes, &format, err);
        if (status != SSLDYN_OK)
            return status;
    }
    if (format == SSLDYN_IMAGES_IDX)
        return open_idx(file, bytes, err);
    if (format == SSLDYN_IMAGES_NPY)
        return open_npy(file, bytes, err);
    for (size_t i = 0; i < FIXED_COUNT; i++)
        if (fixed_formats[i].format == format)
            return open_fixed(file, &fixed_formats[i], bytes, err);
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: no such format", path);
}

void ssldyn_image_file_close(struct ssldyn_image_file *file)
{
    if (file->stream != NULL)
        fclose(file->stream);
    free(file->path);
    *file = (struct ssldyn_image_file){0};
}
