/* Sets of images: every format byte by byte, and files that do not match their format. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/images_make.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Requests labels from a file without labels, and bytes from a file without bytes. */
static void expect_refusal(const char *path, const char *bytes_message, const char *labels_message)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    unsigned char byte = 0;
    int32_t label = 0;

    ck_assert_int_eq(ssldyn_images_open(1, &path, SSLDYN_IMAGES_AUTO, 0, &images, &err), SSLDYN_OK);
    ck_assert(!images.labeled);
    if (bytes_message != NULL) {
        ck_assert_int_eq(ssldyn_images_read_bytes(&images, 0, 1, &byte, &err), SSLDYN_EINPUT);
        ck_assert_ptr_nonnull(strstr(err.message, bytes_message));
    }
    ck_assert_int_eq(ssldyn_images_read_labels(&images, 0, 1, &label, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, labels_message));
    ssldyn_images_close(&images);
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
    expect_refusal(path, NULL, "no class labels");
    free(file);
}
END_TEST

START_TEST(reads_idx)
{
    unsigned char file[16 + 6 * 28 * 20];
    char path[SCRATCH_PATH];

    size_t size = compose_idx(file, 6, 28, 20);
    scratch_write(scratch_path(path, "images-idx3-ubyte"), file, size);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "IDX", 6, (struct ssldyn_image_size){1, 28, 20});
}
END_TEST

START_TEST(keeps_other_numbers)
{
    static const double vectors[6] = {-3.5, 1e3, 0.1, 7.0, 2.385, -0.0};
    const double bad[2] = {1.0, 1e300};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "vectors.npy");
    float out[6];

    write_npy(path, "<f8", "3, 2", vectors, sizeof vectors, false);
    ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, 0, &images, &err), SSLDYN_OK);
    ck_assert(!images.bytes);
    ck_assert_uint_eq(images.size.channels, 2);
    ck_assert_uint_eq(images.size.height * images.size.width, 1);
    ck_assert_int_eq(ssldyn_images_read(&images, 0, 3, out, &err), SSLDYN_OK);
    for (size_t i = 0; i < 6; i++)
        ck_assert(out[i] == (float)vectors[i]);
    ssldyn_images_close(&images);
    write_npy(path, "<f8", "2, 1", bad, sizeof bad, false);
    ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, 0, &images, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_images_read(&images, 0, 2, out, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "image 1"));
    ssldyn_images_close(&images);
}
END_TEST

/* The same images as bytes, as wider integers and as floats, whole or as fractions, give the same
 * numbers to the last bit. Other numbers have no known range and are not scaled. */
START_TEST(pixels_do_not_depend_on_their_storage)
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
        ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, 0, &images, &err),
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

/* More data than can be read in minutes are refused before reading, or the first images are read:
 * the file of 192 GB occupies no blocks on the disk. */
START_TEST(a_huge_set_is_refused_at_once)
{
    static const float first[3] = {0.25F, 0.5F, 1.0F};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "huge.npy");
    struct stat file;
    write_npy(path, "<f4", "1600000000, 5, 6", first, sizeof first, false);
    ck_assert_int_eq(stat(path, &file), 0);
    if (truncate(path, file.st_size - (off_t)sizeof first + (off_t)192000000000) != 0)
        return; /* no sparse files on this file system */
    ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, 0, &images, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "1600000000 images take 192 GB"));
    ck_assert_ptr_nonnull(strstr(err.message, "--images"));
    ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, 7, &images, &err), SSLDYN_OK);
    ck_assert_uint_eq(images.count, 7);
    CHECK_CLOSE(images.white, 1.0, 0.0, 0.0);
    ck_assert_int_eq(ssldyn_images_read(&images, 6, 1, (float[30]){0}, &err), SSLDYN_OK);
    ssldyn_images_close(&images);
}
END_TEST

/* Vectors are not pixels: their bytes are plain numbers. */
START_TEST(vectors_are_not_scaled)
{
    static const unsigned char numbers[6] = {0, 1, 7, 16, 200, 255};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "vectors.npy");
    float out[6];
    write_npy(path, "|u1", "3, 2", numbers, sizeof numbers, false);
    ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, 0, &images, &err), SSLDYN_OK);
    CHECK_CLOSE(images.white, 0.0, 0.0, 0.0);
    ck_assert_int_eq(ssldyn_images_read(&images, 0, 3, out, &err), SSLDYN_OK);
    for (size_t i = 0; i < 6; i++)
        ck_assert(out[i] == (float)numbers[i]);
    ssldyn_images_close(&images);
}
END_TEST

START_TEST(refuses_what_does_not_fit)
{
    static const double doubles[12] = {0.0};
    unsigned char bytes[4000] = {0};
    char path[SCRATCH_PATH];

    refuse(scratch_path(path, "absent"), SSLDYN_IMAGES_AUTO, "No such file");
    refuse("/dev/zero", SSLDYN_IMAGES_AUTO, "regular file");
    mkdir(scratch_path(path, "bare"), 0777);
    refuse(path, SSLDYN_IMAGES_AUTO, "no file has the name of a known training set");
    scratch_path(path, "wrong.bin");
    scratch_write(path, bytes, 3072);
    refuse(path, SSLDYN_IMAGES_AUTO, "--image-format");
    refuse(path, SSLDYN_IMAGES_CIFAR10, "3073");
    refuse(path, SSLDYN_IMAGES_IDX, "IDX");
    refuse(path, SSLDYN_IMAGES_NPY, ".npy");
    scratch_write(path, bytes, 0);
    refuse(path, SSLDYN_IMAGES_AUTO, "is empty");
    refuse(path, SSLDYN_IMAGES_CIFAR10, "no images");
    scratch_write(path, "\x1f\x8b\x08\x00", 4);
    refuse(path, SSLDYN_IMAGES_AUTO, "truncated");
    size_t size = compose_idx(bytes, 3, 10, 10);
    scratch_write(path, bytes, size - 1);
    refuse(path, SSLDYN_IMAGES_AUTO, "declares");
    scratch_write(path, bytes, size + 1);
    refuse(path, SSLDYN_IMAGES_AUTO, "declares");
    /* Sizes whose product overflows to the actual length must be refused. */
    memset(bytes + 4, 0xff, 12);
    scratch_write(path, bytes, size);
    refuse(path, SSLDYN_IMAGES_IDX, "declares");
    scratch_path(path, "wrong.npy");
    write_npy(path, "<f8", "12,", doubles, sizeof doubles, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "is not a set");
    write_npy(path, "<f8", "1, 2, 3, 2", doubles, sizeof doubles, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "channels");
    write_npy(path, "<f8", "4, 3", doubles, sizeof doubles, true);
    refuse(path, SSLDYN_IMAGES_AUTO, "Fortran");
    write_npy(path, "<f8", "3, 5", doubles, sizeof doubles, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "truncated");
    scratch_path(path, "wrong.npy");
    write_npy(path, "<f8", "0, 5", doubles, 0, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "no images");
    write_npy(path, "<f8", "5, 0", doubles, 0, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "no images");
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

    write_npy(first, "<f8", "6, 2", doubles, sizeof doubles, false);
    write_npy(second, "<f8", "4, 3", doubles, sizeof doubles, false);
    ck_assert_int_eq(ssldyn_images_open(2, paths, SSLDYN_IMAGES_AUTO, 0, &images, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "must have the same"));
    write_npy(first, "<f8", "1, 3, 4", doubles, sizeof doubles, false);
    write_npy(second, "|u1", "1, 3, 4", doubles, 12, false);
    ck_assert_int_eq(ssldyn_images_open(2, paths, SSLDYN_IMAGES_AUTO, 0, &images, &err),
                     SSLDYN_EINPUT);
    write_npy(first, "<f8", "6, 2", doubles, sizeof doubles, false);
    write_npy(second, "<f8", "6, 2", doubles, sizeof doubles, false);
    expect_refusal(first, "not bytes", "no class labels");
    ck_assert_int_eq(ssldyn_images_open(2, paths, SSLDYN_IMAGES_AUTO, 0, &images, &err), SSLDYN_OK);
    ck_assert_uint_eq(images.count, 12);
    ssldyn_images_close(&images);
}
END_TEST

TEST_SUITE(images)
{
    tcase_add_test(tests, reads_the_binary_formats);
    tcase_add_test(tests, reads_idx);
    tcase_add_test(tests, keeps_other_numbers);
    tcase_add_test(tests, pixels_do_not_depend_on_their_storage);
    tcase_add_test(tests, a_huge_set_is_refused_at_once);
    tcase_add_test(tests, vectors_are_not_scaled);
    tcase_add_test(tests, refuses_what_does_not_fit);
    tcase_add_test(tests, refuses_files_that_differ);
}
