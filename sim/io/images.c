/* Reads sets of images block by block. Every format is treated alike: records of a fixed size after
 * a header, with labels to skip and three strides that locate a pixel. */
// SPDX-License-Identifier: MIT
#include "sim/io/images.h"

#include "sim/base/memory.h"
#include "sim/base/signal.h"
#include "sim/io/file.h"
#include "sim/io/images_format.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 20 };

size_t ssldyn_images_numbers(const struct ssldyn_image_size *size)
{
    return size->channels * size->height * size->width;
}

static enum ssldyn_status add_all(struct ssldyn_images *images, size_t path_count,
                                  const char *const paths[], enum ssldyn_image_format format,
                                  struct ssldyn_error *err)
{
    for (size_t i = 0; i < path_count; i++) {
        const enum ssldyn_status status = ssldyn_images_add(images, paths[i], format, err);
        if (status != SSLDYN_OK)
            return status;
    }
    if (images->count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: contains no images",
                           path_count > 0 ? paths[0] : "DATA");
    return SSLDYN_OK;
}

/* Limits a set to its first images, or to those that can be read in minutes. */
static enum ssldyn_status limit(struct ssldyn_images *images, size_t most, struct ssldyn_error *err)
{
    static const double most_bytes = 1e11;
    double bytes = 0.0;

    for (size_t i = 0; i < images->file_count; i++)
        bytes += (double)images->files[i].count * (double)images->files[i].record;
    if (most == 0 && bytes > most_bytes)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: %zu images take %.3g GB, more than %.0f GB: use fewer with --images",
            images->files[0].path, images->count, bytes / 1e9, most_bytes / 1e9);
    if (most > 0 && most < images->count)
        images->count = most;
    return SSLDYN_OK;
}

/* The minimum and maximum of the numbers of a set, and whether all are integers. */
struct range {
    double lowest, highest;
    bool whole;
};

static enum ssldyn_status find_range(struct ssldyn_images *images, struct range *range,
                                     struct ssldyn_error *err)
{
    const size_t numbers = ssldyn_images_numbers(&images->size);
    float *image = ssldyn_memory_array(numbers, sizeof *image);
    enum ssldyn_status status =
        image ? SSLDYN_OK
              : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for one image of %zu numbers",
                            numbers);

    *range = (struct range){HUGE_VAL, -HUGE_VAL, true};
    for (size_t i = 0; status == SSLDYN_OK && i < images->count; i++) {
        status = ssldyn_images_read(images, i, 1, image, err);
        for (size_t k = 0; status == SSLDYN_OK && k < numbers; k++) {
            const double value = (double)image[k];
            range->lowest = fmin(range->lowest, value);
            range->highest = fmax(range->highest, value);
            range->whole = range->whole && value == floor(value);
        }
        if (status == SSLDYN_OK && ssldyn_signal_pending())
            status = ssldyn_fail(err, SSLDYN_EINTERRUPTED, "interrupted while reading the images");
    }
    free(image);
    return status;
}

/* The value of a white pixel, 0 if the numbers have no such range. */
static double find_white(const struct range *range, bool integers)
{
    if (range->lowest < 0.0)
        return 0.0;
    if (!integers && range->highest <= 1.0)
        return 1.0;
    if (range->whole && range->highest <= 255.0)
        return 255.0;
    return range->whole && range->highest <= 65535.0 ? 65535.0 : 0.0;
}

/* Determines what pixel values mean; see images.h. */
static enum ssldyn_status calibrate(struct ssldyn_images *images, struct ssldyn_error *err)
{
    const struct ssldyn_image_file *first = &images->files[0];
    struct range range;

    images->white = images->bytes ? 255.0 : 0.0;
    if (images->bytes || first->vectors)
        return SSLDYN_OK;
    const enum ssldyn_status status = find_range(images, &range, err);
    if (status != SSLDYN_OK)
        return status;
    bool integers = true;
    for (size_t i = 0; i < images->file_count; i++)
        integers = integers &&
                   (images->files[i].entries.kind == 'i' || images->files[i].entries.kind == 'u');
    images->white = find_white(&range, integers);
    for (size_t i = 0; i < images->file_count && images->white > 0.0; i++)
        images->files[i].white = images->white;
    return SSLDYN_OK;
}

/* Completes a set after opening its files, with the status of that; closes it on any failure. */
static enum ssldyn_status finish_open(struct ssldyn_images *images, size_t most,
                                      enum ssldyn_status status, struct ssldyn_error *err)
{
    if (status == SSLDYN_OK)
        status = limit(images, most, err);
    if (status == SSLDYN_OK) {
        size_t largest = 0;
        images->labeled = true;
        for (size_t i = 0; i < images->file_count; i++) {
            images->labeled =
                images->labeled && (images->files[i].skip > 0 || images->files[i].labels != NULL);
            if (images->files[i].record > largest)
                largest = images->files[i].record;
        }
        images->size = images->files[0].size;
        images->bytes = images->files[0].bytes;
        images->format = images->files[0].format;
        images->buffer = malloc(largest > BLOCK_BYTES ? largest : BLOCK_BYTES);
        if (images->buffer == NULL)
            status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for one image of %zu bytes",
                                 largest);
    }
    if (status == SSLDYN_OK)
        status = calibrate(images, err);
    if (status != SSLDYN_OK)
        ssldyn_images_close(images);
    return status;
}

enum ssldyn_status ssldyn_images_open(size_t path_count, const char *const paths[],
                                      enum ssldyn_image_format format, size_t most,
                                      struct ssldyn_images *images, struct ssldyn_error *err)
{
    *images = (struct ssldyn_images){0};
    /* A directory can contain several files. */
    images->files = ssldyn_memory_array(path_count, SSLDYN_IMAGE_SET_FILES * sizeof *images->files);
    if (images->files == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    return finish_open(images, most, add_all(images, path_count, paths, format, err), err);
}

enum ssldyn_status ssldyn_images_open_memory(const struct ssldyn_array_view *view,
                                             const char *option, enum ssldyn_image_format format,
                                             size_t most, struct ssldyn_images *images,
                                             struct ssldyn_error *err)
{
    *images = (struct ssldyn_images){0};
    images->files = ssldyn_memory_array(1, sizeof *images->files);
    if (images->files == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    images->file_count = 1;
    const enum ssldyn_status status =
        ssldyn_images_file_memory(&images->files[0], view, option, format, err);
    images->count = images->files[0].count;
    return finish_open(images, most, status, err);
}

/* One record as stored -> channels x height x width. */
static void unpack_bytes(const struct ssldyn_image_file *file, const unsigned char record[],
                         unsigned char out[])
{
    const unsigned char *pixels = record + file->skip;

    for (size_t c = 0; c < file->size.channels; c++)
        for (size_t y = 0; y < file->size.height; y++)
            for (size_t x = 0; x < file->size.width; x++)
                *out++ = pixels[c * file->stride[0] + y * file->stride[1] + x * file->stride[2]];
}

/* The same, as fractions of 255. */
static void unpack_fractions(const struct ssldyn_image_file *file, const unsigned char record[],
                             float out[])
{
    const unsigned char *pixels = record + file->skip;

    for (size_t c = 0; c < file->size.channels; c++)
        for (size_t y = 0; y < file->size.height; y++)
            for (size_t x = 0; x < file->size.width; x++)
                *out++ =
                    (float)pixels[c * file->stride[0] + y * file->stride[1] + x * file->stride[2]] /
                    255.0F;
}

/* The same for other numbers; false if one is not finite. */
static bool unpack_numbers(const struct ssldyn_image_file *file, const unsigned char record[],
                           float out[])
{
    for (size_t c = 0; c < file->size.channels; c++) {
        for (size_t y = 0; y < file->size.height; y++) {
            for (size_t x = 0; x < file->size.width; x++) {
                size_t entry = c * file->stride[0] + y * file->stride[1] + x * file->stride[2];
                /* in single precision, as for bytes: the same number for any type */
                *out =
                    (float)ssldyn_npy_decode(&file->entries, record + entry * file->entries.size) /
                    (float)file->white;
                if (!isfinite(*out))
                    return false;
                out++;
            }
        }
    }
    return true;
}

/* The destination: one of the three. */
struct target {
    float *numbers;
    unsigned char *bytes;
    int32_t *labels;
};

/* Unpacks image number i of the target from its record; false for a non-finite number. */
static bool unpack(const struct ssldyn_image_file *file, const unsigned char record[],
                   const struct target *target, size_t i)
{
    size_t numbers = ssldyn_images_numbers(&file->size);

    if (target->labels != NULL)
        target->labels[i] = record[file->skip - 1];
    else if (target->bytes != NULL)
        unpack_bytes(file, record, target->bytes + i * numbers);
    else if (file->bytes)
        unpack_fractions(file, record, target->numbers + i * numbers);
    else
        return unpack_numbers(file, record, target->numbers + i * numbers);
    return true;
}

/* Images first ... of one file, to index place ... of the target. */
static enum ssldyn_status read_file(struct ssldyn_images *images, struct ssldyn_image_file *file,
                                    size_t first, size_t count, const struct target *target,
                                    size_t place, struct ssldyn_error *err)
{
    if (target->labels != NULL && file->labels != NULL) {
        memcpy(target->labels + place, file->labels + first, count * sizeof *file->labels);
        return SSLDYN_OK;
    }
    size_t most = file->record < BLOCK_BYTES ? BLOCK_BYTES / file->record : 1;

    errno = 0;
    if (fseeko(file->stream, (off_t)(file->offset + first * file->record), SEEK_SET) != 0)
        return ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s: cannot be read", file->path);
    for (size_t done = 0; done < count;) {
        size_t some = count - done < most ? count - done : most;
        if (fread(images->buffer, file->record, some, file->stream) != some)
            return ssldyn_file_unread(file->path, err);
        for (size_t i = 0; i < some; i++)
            if (!unpack(file, images->buffer + i * file->record, target, place + done + i))
                return ssldyn_fail(err, SSLDYN_EINPUT,
                                   "%s: image %zu (from 0) has a number that is not finite in "
                                   "single precision",
                                   file->path, first + done + i);
        done += some;
    }
    return SSLDYN_OK;
}

static enum ssldyn_status read_all(struct ssldyn_images *images, size_t first, size_t count,
                                   const struct target *target, struct ssldyn_error *err)
{
    size_t done = 0;

    for (size_t i = 0; i < images->file_count && done < count; i++) {
        struct ssldyn_image_file *file = &images->files[i];
        if (first >= file->count) {
            first -= file->count;
            continue;
        }
        size_t some = file->count - first < count - done ? file->count - first : count - done;
        enum ssldyn_status status = read_file(images, file, first, some, target, done, err);
        if (status != SSLDYN_OK)
            return status;
        done += some;
        first = 0;
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_images_read(struct ssldyn_images *images, size_t first, size_t count,
                                      float out[], struct ssldyn_error *err)
{
    return read_all(images, first, count, &(const struct target){.numbers = out}, err);
}

enum ssldyn_status ssldyn_images_read_bytes(struct ssldyn_images *images, size_t first,
                                            size_t count, unsigned char out[],
                                            struct ssldyn_error *err)
{
    if (!images->bytes)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: its numbers are not bytes",
                           images->files[0].path);
    return read_all(images, first, count, &(const struct target){.bytes = out}, err);
}

enum ssldyn_status ssldyn_images_read_labels(struct ssldyn_images *images, size_t first,
                                             size_t count, int32_t out[], struct ssldyn_error *err)
{
    if (!images->labeled)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: its images have no class labels",
                           images->files[0].path);
    return read_all(images, first, count, &(const struct target){.labels = out}, err);
}

void ssldyn_images_close(struct ssldyn_images *images)
{
    for (size_t i = 0; i < images->file_count; i++)
        ssldyn_images_file_close(&images->files[i]);
    free(images->files);
    free(images->buffer);
    *images = (struct ssldyn_images){0};
}
