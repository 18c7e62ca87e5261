/* Sets of images for tests: every pixel is known, in the usual formats of data sets. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_IMAGES_MAKE_H
#define SSLDYN_TESTS_IMAGES_MAKE_H

#include "sim/io/images.h"
#include "tests/scratch.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A byte for image i, channel c, row y, column x: no two neighbors are equal. */
static inline unsigned char pixel(size_t i, size_t c, size_t y, size_t x)
{
    return (unsigned char)(101 * i + 61 * c + 7 * y + 3 * x + x * y);
}

/* Opens one file, reads all of it in two unequal parts, and compares it with pixel(). */
static inline void expect_pixels(const char *path, enum ssldyn_image_format format,
                                 const char *name, size_t count, struct ssldyn_image_size size)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;

    ck_assert_msg(ssldyn_images_open(1, &path, format, 0, &images, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_str_eq(images.format, name);
    ck_assert_uint_eq(images.count, count);
    ck_assert(images.bytes);
    ck_assert_mem_eq(&images.size, &size, sizeof size);
    size_t numbers = ssldyn_images_numbers(&size);
    float *out = malloc(count * numbers * sizeof *out);
    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(ssldyn_images_read(&images, 0, 1, out, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_images_read(&images, 1, count - 1, out + numbers, &err), SSLDYN_OK);
    const float *at = out;
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < size.channels; c++)
            for (size_t y = 0; y < size.height; y++)
                for (size_t x = 0; x < size.width; x++)
                    ck_assert(*at++ == (float)pixel(i, c, y, x) / 255.0F);
    unsigned char *bytes = malloc(numbers);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_int_eq(ssldyn_images_read_bytes(&images, count - 1, 1, bytes, &err), SSLDYN_OK);
    for (size_t i = 0; i < numbers; i++)
        ck_assert((float)bytes[i] / 255.0F == out[(count - 1) * numbers + i]);
    free(bytes);
    free(out);
    ssldyn_images_close(&images);
}

/* Checks the labels of a file, read in two parts: the label of image i is base + i. */
static inline void expect_labels(const char *path, size_t count, int32_t base)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    int32_t labels[8] = {0};

    ck_assert_int_eq(ssldyn_images_open(1, &path, SSLDYN_IMAGES_AUTO, 0, &images, &err), SSLDYN_OK);
    ck_assert(images.labeled);
    ck_assert_int_eq(ssldyn_images_read_labels(&images, 0, 1, labels, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_images_read_labels(&images, 1, count - 1, labels + 1, &err), SSLDYN_OK);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(labels[i], base + (int32_t)i);
    ssldyn_images_close(&images);
}

/* Records of labels and planar pixels, column by column where columns_first. */
static inline size_t compose(unsigned char *file, size_t count, size_t labels, size_t side,
                             bool columns_first)
{
    unsigned char *at = file;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < labels; k++)
            *at++ = (unsigned char)(100 * k + i);
        for (size_t c = 0; c < 3; c++)
            for (size_t a = 0; a < side; a++)
                for (size_t b = 0; b < side; b++)
                    *at++ = columns_first ? pixel(i, c, b, a) : pixel(i, c, a, b);
    }
    return (size_t)(at - file);
}

/* An IDX file of gray images. */
static inline size_t compose_idx(unsigned char *file, size_t count, size_t height, size_t width)
{
    static const unsigned char magic[4] = {0, 0, 8, 3};
    const size_t sizes[3] = {count, height, width};
    unsigned char *at = file + 16;

    memset(file, 0, 16);
    memcpy(file, magic, 4);
    for (size_t i = 0; i < 3; i++) {
        file[6 + 4 * i] = (unsigned char)(sizes[i] >> 8);
        file[7 + 4 * i] = (unsigned char)(sizes[i] & 255);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t y = 0; y < height; y++)
            for (size_t x = 0; x < width; x++)
                *at++ = pixel(i, 0, y, x);
    return (size_t)(at - file);
}

/* A .npy with this header, of bytes or doubles. */
static inline void write_npy(const char *path, const char *type, const char *shape,
                             const void *numbers, size_t bytes, bool fortran)
{
    char head[200];
    FILE *stream = fopen(path, "wb");

    ck_assert_ptr_nonnull(stream);
    int length =
        snprintf(head, sizeof head, "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }", type,
                 fortran ? "True" : "False", shape);
    fwrite("\x93NUMPY\x01\x00", 1, 8, stream);
    fputc(length, stream);
    fputc(0, stream);
    fwrite(head, 1, (size_t)length, stream);
    fwrite(numbers, 1, bytes, stream);
    ck_assert_int_eq(fclose(stream), 0);
}

/* Opening path must fail with a message that contains the text. */
static inline void refuse(const char *path, enum ssldyn_image_format format, const char *fault)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;

    ck_assert_int_eq(ssldyn_images_open(1, &path, format, 0, &images, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, fault) != NULL, "%s", err.message);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    ck_assert_uint_eq(images.count, 0);
    ck_assert_ptr_null(images.files);
}

#endif
