/* Sets of images: every format byte by byte, and files that are not what they claim. */
// SPDX-License-Identifier: MIT
#include "sim/io/images.h"
#include "sim/io/npy.h"
#include "tests/close.h"
#include "tests/scratch.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A byte for image i, channel c, row y, column x: no two neighbours alike. */
static unsigned char pixel(size_t i, size_t c, size_t y, size_t x)
{
    return (unsigned char)(101 * i + 61 * c + 7 * y + 3 * x + x * y);
}

/* Opens one file, reads all of it in two uneven parts, and holds it against pixel(). */
static void expect_pixels(const char *path, enum ssldyn_image_format format, const char *name,
                          size_t count, struct ssldyn_image_size size)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;

    ck_assert_msg(ssldyn_images_open(1, &path, format, &images, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_str_eq(images.format, name);
    ck_assert_uint_eq(images.count, count);
    ck_assert(images.bytes);
    ck_assert_mem_eq(&images.size, &size, sizeof size);
    size_t numbers = ssldyn_image_numbers(&size);
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

/* The classes of a file, read in two parts: of image i they are base + i. */
static void expect_labels(const char *path, size_t count, int32_t base)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    int32_t labels[8] = {0};

    ck_assert_int_eq(ssldyn_images_open(1, &path, SSLDYN_IMAGES_AUTO, &images, &err), SSLDYN_OK);
    ck_assert(images.labelled);
    ck_assert_int_eq(ssldyn_images_read_labels(&images, 0, 1, labels, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_images_read_labels(&images, 1, count - 1, labels + 1, &err), SSLDYN_OK);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(labels[i], base + (int32_t)i);
    ssldyn_images_close(&images);
}

/* A file without classes, or without bytes, is asked for them. */
static void expect_refusal(const char *path, const char *bytes_message, const char *labels_message)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    unsigned char byte = 0;
    int32_t label = 0;

    ck_assert_int_eq(ssldyn_images_open(1, &path, SSLDYN_IMAGES_AUTO, &images, &err), SSLDYN_OK);
    ck_assert(!images.labelled);
    if (bytes_message != NULL) {
        ck_assert_int_eq(ssldyn_images_read_bytes(&images, 0, 1, &byte, &err), SSLDYN_EINPUT);
        ck_assert_ptr_nonnull(strstr(err.message, bytes_message));
    }
    ck_assert_int_eq(ssldyn_images_read_labels(&images, 0, 1, &label, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, labels_message));
    ssldyn_images_close(&images);
}

/* Records of labels and planar pixels, column by column where columns_first. */
static size_t compose(unsigned char *file, size_t count, size_t labels, size_t side,
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

START_TEST(reads_the_binary_formats)
{
    unsigned char *file = malloc(5 * 3 * 96 * 96);
    char path[SCRATCH_PATH];
    size_t size;

    ck_assert_ptr_nonnull(file);
    size = compose(file, 5, 1, 32, false);
    scratch_write(scratch_path(path, "ten.bin"), file, size);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "CIFAR-10", 5, (struct ssldyn_image_size){3, 32, 32});
    expect_labels(path, 5, 0);
    size = compose(file, 4, 2, 32, false);
    scratch_write(scratch_path(path, "hundred.bin"), file, size);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "CIFAR-100", 4, (struct ssldyn_image_size){3, 32, 32});
    expect_labels(path, 4, 100);
    size = compose(file, 3, 0, 96, true);
    scratch_write(scratch_path(path, "stl.bin"), file, size);
    expect_pixels(path, SSLDYN_IMAGES_STL10, "STL-10", 3, (struct ssldyn_image_size){3, 96, 96});
    expect_refusal(path, NULL, "without their classes");
    free(file);
}
END_TEST

static size_t compose_idx(unsigned char *file, size_t count, size_t height, size_t width)
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

START_TEST(reads_idx)
{
    unsigned char file[16 + 6 * 28 * 20];
    char path[SCRATCH_PATH];

    size_t size = compose_idx(file, 6, 28, 20);
    scratch_write(scratch_path(path, "images-idx3-ubyte"), file, size);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "IDX", 6, (struct ssldyn_image_size){1, 28, 20});
}
END_TEST

/* A .npy of that dictionary over bytes or doubles. */
static void write_npy(const char *path, const char *type, const char *shape, const void *numbers,
                      size_t bytes, bool fortran)
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

START_TEST(reads_npy_in_either_layout)
{
    unsigned char last[2 * 5 * 6 * 3];
    unsigned char first[2 * 3 * 5 * 6];
    unsigned char gray[2 * 5 * 6];
    char path[SCRATCH_PATH];
    size_t n = 0;

    for (size_t i = 0; i < 2; i++) {
        for (size_t y = 0; y < 5; y++) {
            for (size_t x = 0; x < 6; x++) {
                gray[(i * 5 + y) * 6 + x] = pixel(i, 0, y, x);
                for (size_t c = 0; c < 3; c++) {
                    last[n++] = pixel(i, c, y, x);
                    first[((i * 3 + c) * 5 + y) * 6 + x] = pixel(i, c, y, x);
                }
            }
        }
    }
    scratch_path(path, "images.npy");
    write_npy(path, "|u1", "2, 5, 6, 3", last, sizeof last, false);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "npy", 2, (struct ssldyn_image_size){3, 5, 6});
    write_npy(path, "|u1", "2, 3, 5, 6", first, sizeof first, false);
    expect_pixels(path, SSLDYN_IMAGES_NPY, "npy", 2, (struct ssldyn_image_size){3, 5, 6});
    write_npy(path, "|u1", "2, 5, 6", gray, sizeof gray, false);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "npy", 2, (struct ssldyn_image_size){1, 5, 6});
    /* images of width 4 with their three colors first */
    n = 0;
    for (size_t i = 0; i < 2; i++)
        for (size_t c = 0; c < 3; c++)
            for (size_t k = 0; k < 20; k++)
                first[n++] = pixel(i, c, k / 4, k % 4);
    write_npy(path, "|u1", "2, 3, 5, 4", first, n, false);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "npy", 2, (struct ssldyn_image_size){3, 5, 4});
}
END_TEST

START_TEST(takes_other_numbers_as_they_are)
{
    static const double vectors[6] = {-3.5, 1e3, 0.1, 7.0, 2.385, -0.0};
    const double bad[2] = {1.0, 1e300};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "vectors.npy");
    float out[6];

    write_npy(path, "<f8", "2, 3", vectors, sizeof vectors, false);
    ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, &images, &err), SSLDYN_OK);
    ck_assert(!images.bytes);
    ck_assert_uint_eq(images.size.channels, 3);
    ck_assert_uint_eq(images.size.height * images.size.width, 1);
    ck_assert_int_eq(ssldyn_images_read(&images, 0, 2, out, &err), SSLDYN_OK);
    for (size_t i = 0; i < 6; i++)
        ck_assert(out[i] == (float)vectors[i]);
    ssldyn_images_close(&images);
    write_npy(path, "<f8", "2, 1", bad, sizeof bad, false);
    ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, &images, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_images_read(&images, 0, 2, out, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "image 1"));
    ssldyn_images_close(&images);
}
END_TEST

/* The same images as bytes, as wider integers and as floats, whole or as fractions, are the same
 * numbers to the last bit. Other numbers have no range: they stay. */
START_TEST(pixels_mean_the_same_however_stored)
{
    enum { COUNT = 2 * 5 * 6 };
    unsigned char bytes[COUNT];
    int16_t shorts[COUNT];
    uint16_t words[COUNT];
    float whole[COUNT], fractions[COUNT], signs[COUNT], large[COUNT];
    double doubles[COUNT];
    float want[COUNT], out[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        bytes[i] = (unsigned char)(i * 255 / (COUNT - 1));
        shorts[i] = (int16_t)bytes[i];
        words[i] = (uint16_t)(257 * bytes[i]);
        whole[i] = bytes[i];
        doubles[i] = bytes[i];
        want[i] = fractions[i] = (float)bytes[i] / 255.0F;
        signs[i] = fractions[i] - 0.5F;
        large[i] = 2.5F * fractions[i];
    }
    const struct {
        const char *type;
        const void *numbers;
        size_t size;
        double white;
        const float *want;
    } cases[] = {{"|u1", bytes, sizeof bytes, 255.0, want},
                 {"<i2", shorts, sizeof shorts, 255.0, want},
                 {"<u2", words, sizeof words, 65535.0, want},
                 {"<f4", whole, sizeof whole, 255.0, want},
                 {"<f8", doubles, sizeof doubles, 255.0, want},
                 {"<f4", fractions, sizeof fractions, 1.0, want},
                 {"<f4", signs, sizeof signs, 0.0, signs},
                 {"<f4", large, sizeof large, 0.0, large}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct ssldyn_error err = {SSLDYN_OK, ""};
        struct ssldyn_images images;
        char path[SCRATCH_PATH];
        const char *name = scratch_path(path, "pixels.npy");
        write_npy(path, cases[k].type, "2, 5, 6", cases[k].numbers, cases[k].size, false);
        ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, &images, &err),
                         SSLDYN_OK);
        CHECK_CLOSE(images.white, cases[k].white, 0.0, 0.0);
        ck_assert_int_eq(ssldyn_images_read(&images, 0, 2, out, &err), SSLDYN_OK);
        for (size_t i = 0; i < COUNT; i++)
            ck_assert_msg(out[i] == cases[k].want[i], "%s: number %zu is %g, want %g",
                          cases[k].type, i, (double)out[i], (double)cases[k].want[i]);
        ssldyn_images_close(&images);
    }
}
END_TEST

/* Vectors are no pixels: bytes are numbers like others. */
START_TEST(vectors_stay)
{
    static const unsigned char numbers[6] = {0, 1, 7, 16, 200, 255};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "vectors.npy");
    float out[6];
    write_npy(path, "|u1", "2, 3", numbers, sizeof numbers, false);
    ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, &images, &err), SSLDYN_OK);
    CHECK_CLOSE(images.white, 0.0, 0.0, 0.0);
    ck_assert_int_eq(ssldyn_images_read(&images, 0, 2, out, &err), SSLDYN_OK);
    for (size_t i = 0; i < 6; i++)
        ck_assert(out[i] == (float)numbers[i]);
    ssldyn_images_close(&images);
}
END_TEST

START_TEST(joins_files_and_directories)
{
    /* Three files of a set in a directory, found by their official names; images run across. */
    unsigned char *file = malloc(6 * 3073);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    char directory[SCRATCH_PATH];
    char path[SCRATCH_PATH];
    char name[64];
    float *out = malloc(6 * 3072 * sizeof *out);

    ck_assert(file != NULL && out != NULL);
    compose(file, 6, 1, 32, false);
    mkdir(scratch_path(directory, "set"), 0777);
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "set/data_batch_%zu.bin", i + 1);
        scratch_write(scratch_path(path, name), file + i * (i + 1) / 2 * 3073, (i + 1) * 3073);
    }
    const char *paths[1] = {directory};
    ck_assert_msg(ssldyn_images_open(1, paths, SSLDYN_IMAGES_AUTO, &images, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(images.count, 6);
    ck_assert_int_eq(ssldyn_images_read(&images, 0, 6, out, &err), SSLDYN_OK);
    for (size_t i = 0; i < 6; i++)
        for (size_t k = 0; k < 3072; k++)
            ck_assert(out[i * 3072 + k] ==
                      (float)pixel(i, k / 1024, k % 1024 / 32, k % 32) / 255.0F);
    ssldyn_images_close(&images);
    free(file);
    free(out);
}
END_TEST

static void refuse(const char *path, enum ssldyn_image_format format, const char *fault)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;

    ck_assert_int_eq(ssldyn_images_open(1, &path, format, &images, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, fault) != NULL, "%s", err.message);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    ck_assert_uint_eq(images.count, 0);
    ck_assert_ptr_null(images.files);
}

START_TEST(refuses_what_does_not_fit)
{
    static const double doubles[12] = {0.0};
    unsigned char bytes[4000] = {0};
    char path[SCRATCH_PATH];

    refuse(scratch_path(path, "absent"), SSLDYN_IMAGES_AUTO, "No such file");
    refuse("/dev/zero", SSLDYN_IMAGES_AUTO, "plain file");
    mkdir(scratch_path(path, "bare"), 0777);
    refuse(path, SSLDYN_IMAGES_AUTO, "no training images");
    scratch_path(path, "wrong.bin");
    scratch_write(path, bytes, 3072);
    refuse(path, SSLDYN_IMAGES_AUTO, "--image-format");
    refuse(path, SSLDYN_IMAGES_CIFAR10, "3073");
    refuse(path, SSLDYN_IMAGES_IDX, "IDX");
    refuse(path, SSLDYN_IMAGES_NPY, ".npy");
    scratch_write(path, bytes, 0);
    refuse(path, SSLDYN_IMAGES_AUTO, "--image-format");
    refuse(path, SSLDYN_IMAGES_CIFAR10, "no images");
    scratch_write(path, "\x1f\x8b\x08\x00", 4);
    refuse(path, SSLDYN_IMAGES_AUTO, "gunzip");
    size_t size = compose_idx(bytes, 3, 10, 10);
    scratch_write(path, bytes, size - 1);
    refuse(path, SSLDYN_IMAGES_AUTO, "promises");
    scratch_write(path, bytes, size + 1);
    refuse(path, SSLDYN_IMAGES_AUTO, "promises");
    /* Sizes whose product wraps around to what follows must not pass. */
    memset(bytes + 4, 0xff, 12);
    scratch_write(path, bytes, size);
    refuse(path, SSLDYN_IMAGES_IDX, "promises");
    scratch_path(path, "wrong.npy");
    write_npy(path, "<f8", "12,", doubles, sizeof doubles, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "dimensions");
    write_npy(path, "<f8", "1, 2, 3, 2", doubles, sizeof doubles, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "channels");
    write_npy(path, "<f8", "3, 4", doubles, sizeof doubles, true);
    refuse(path, SSLDYN_IMAGES_AUTO, "Fortran");
    write_npy(path, "<f8", "3, 5", doubles, sizeof doubles, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "cut short");
    unsigned char many[8 * 3 * 8 * 4] = {0};
    write_npy(path, "|u1", "8, 8, 3", many, 192, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "one image of height x width x channels");
    write_npy(path, "|u1", "3, 8, 8", many, 192, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "one image of channels x height x width");
    write_npy(path, "|u1", "8, 3, 8, 3", many, 576, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "in the second or in the last dimension");
    scratch_path(path, "set.tar.gz");
    scratch_write(path, "\x1f\x8b\x08\x00", 4);
    refuse(path, SSLDYN_IMAGES_AUTO, "tar -xzf");
    scratch_path(path, "wrong.npy");
    write_npy(path, "<f8", "0, 5", doubles, 0, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "no images");
    write_npy(path, "<f8", "5, 0", doubles, 0, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "no images");
}
END_TEST

/* Data sets as other programs leave them are recognized, and the message says what to do. */
START_TEST(knows_other_packages)
{
    static const char *const cases[][3] = {
        {"pickles", "data_batch_1", "cifar-10-binary.tar.gz"},
        {"above", "cifar-10-batches-py", "cifar-10-binary.tar.gz"},
        {"packed", "train-images-idx3-ubyte.gz", "gunzip train-images-idx3-ubyte.gz"}};
    for (size_t i = 0; i < 3; i++) {
        char directory[SCRATCH_PATH];
        char file[SCRATCH_PATH];
        char name[128];
        mkdir(scratch_path(directory, cases[i][0]), 0777);
        snprintf(name, sizeof name, "%s/%s", cases[i][0], cases[i][1]);
        scratch_write(scratch_path(file, name), "x", 1);
        refuse(directory, SSLDYN_IMAGES_AUTO, cases[i][2]);
        unlink(file);
    }
}
END_TEST

START_TEST(refuses_files_that_differ)
{
    static const double doubles[12] = {0.0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    char first[SCRATCH_PATH];
    char second[SCRATCH_PATH];
    const char *paths[2] = {scratch_path(first, "a.npy"), scratch_path(second, "b.npy")};

    write_npy(first, "<f8", "3, 4", doubles, sizeof doubles, false);
    write_npy(second, "<f8", "4, 3", doubles, sizeof doubles, false);
    ck_assert_int_eq(ssldyn_images_open(2, paths, SSLDYN_IMAGES_AUTO, &images, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "must hold the same"));
    write_npy(first, "<f8", "1, 3, 4", doubles, sizeof doubles, false);
    write_npy(second, "|u1", "1, 3, 4", doubles, 12, false);
    ck_assert_int_eq(ssldyn_images_open(2, paths, SSLDYN_IMAGES_AUTO, &images, &err),
                     SSLDYN_EINPUT);
    write_npy(first, "<f8", "3, 4", doubles, sizeof doubles, false);
    write_npy(second, "<f8", "3, 4", doubles, sizeof doubles, false);
    expect_refusal(first, "not bytes", "without their classes");
    ck_assert_int_eq(ssldyn_images_open(2, paths, SSLDYN_IMAGES_AUTO, &images, &err), SSLDYN_OK);
    ck_assert_uint_eq(images.count, 6);
    ssldyn_images_close(&images);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("images");
    TCase *tests = tcase_create("images");

    tcase_add_test(tests, reads_the_binary_formats);
    tcase_add_test(tests, reads_idx);
    tcase_add_test(tests, reads_npy_in_either_layout);
    tcase_add_test(tests, takes_other_numbers_as_they_are);
    tcase_add_test(tests, pixels_mean_the_same_however_stored);
    tcase_add_test(tests, vectors_stay);
    tcase_add_test(tests, knows_other_packages);
    tcase_add_test(tests, joins_files_and_directories);
    tcase_add_test(tests, refuses_what_does_not_fit);
    tcase_add_test(tests, refuses_files_that_differ);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
