/* The meaning of each dimension of an array of images: from the shape, from a named layout, or
 * refused. */
// SPDX-License-Identifier: MIT
#include "tests/images_make.h"
#include "tests/suite.h"

/* The same two images of 5 x 6 pixels in three colors, one byte per value, in both layouts. */
static void compose_layouts(unsigned char last[2 * 5 * 6 * 3], unsigned char first[2 * 3 * 5 * 6])
{
    size_t n = 0;
    for (size_t i = 0; i < 2; i++) {
        for (size_t y = 0; y < 5; y++) {
            for (size_t x = 0; x < 6; x++) {
                for (size_t c = 0; c < 3; c++) {
                    last[n++] = pixel(i, c, y, x);
                    first[((i * 3 + c) * 5 + y) * 6 + x] = pixel(i, c, y, x);
                }
            }
        }
    }
}

START_TEST(reads_either_layout)
{
    unsigned char last[2 * 5 * 6 * 3];
    unsigned char first[2 * 3 * 5 * 6];
    unsigned char gray[2 * 5 * 6];
    char path[SCRATCH_PATH];
    const struct ssldyn_image_size size = {3, 5, 6};

    compose_layouts(last, first);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 30; k++)
            gray[i * 30 + k] = pixel(i, 0, k / 6, k % 6);
    scratch_path(path, "images.npy");
    write_npy(path, "|u1", "2, 5, 6, 3", last, sizeof last, false);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "npy", 2, size);
    expect_pixels(path, SSLDYN_IMAGES_NPY, "npy", 2, size);
    expect_pixels(path, SSLDYN_IMAGES_NHWC, "npy", 2, size);
    refuse(path, SSLDYN_IMAGES_NCHW, "--image-format nchw");
    refuse(path, SSLDYN_IMAGES_NHW, "--image-format nhw");
    refuse(path, SSLDYN_IMAGES_VECTORS, "--image-format vectors");
    write_npy(path, "|u1", "2, 3, 5, 6", first, sizeof first, false);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "npy", 2, size);
    expect_pixels(path, SSLDYN_IMAGES_NCHW, "npy", 2, size);
    refuse(path, SSLDYN_IMAGES_NHWC, "--image-format nhwc");
    write_npy(path, "|u1", "2, 5, 6", gray, sizeof gray, false);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "npy", 2, (struct ssldyn_image_size){1, 5, 6});
    expect_pixels(path, SSLDYN_IMAGES_NHW, "npy", 2, (struct ssldyn_image_size){1, 5, 6});
}
END_TEST

/* Three colors of width 4, or four channels of height 3: the file alone does not determine
 * which. */
START_TEST(an_ambiguous_layout_is_refused)
{
    unsigned char numbers[2 * 3 * 5 * 4];
    char path[SCRATCH_PATH];
    size_t n = 0;

    for (size_t i = 0; i < 2; i++)
        for (size_t c = 0; c < 3; c++)
            for (size_t k = 0; k < 20; k++)
                numbers[n++] = pixel(i, c, k / 4, k % 4);
    write_npy(scratch_path(path, "open.npy"), "|u1", "2, 3, 5, 4", numbers, n, false);
    refuse(path, SSLDYN_IMAGES_AUTO, "2 x 3 x 5 x 4 could have its channels in the second");
    refuse(path, SSLDYN_IMAGES_NPY, "--image-format nchw or nhwc");
    expect_pixels(path, SSLDYN_IMAGES_NCHW, "npy", 2, (struct ssldyn_image_size){3, 5, 4});
    n = 0;
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 15; k++)
            for (size_t c = 0; c < 4; c++)
                numbers[n++] = pixel(i, c, k / 5, k % 5);
    write_npy(path, "|u1", "2, 3, 5, 4", numbers, n, false);
    expect_pixels(path, SSLDYN_IMAGES_NHWC, "npy", 2, (struct ssldyn_image_size){4, 3, 5});
}
END_TEST

/* Arrays that are probably not what their shape suggests. */
START_TEST(refuses_doubtful_shapes)
{
    static const unsigned char zeros[1000];
    static const struct {
        const char *shape;
        size_t bytes;
        const char *fault;
    } cases[] = {
        {"8, 8, 3", 192, "one image of height x width x channels"},
        {"8, 8, 1", 64, "one image of height x width x channels"},
        {"3, 8, 8", 192, "one image of channels x height x width"},
        {"8, 3, 8, 3", 576, "in the second or in the last dimension"},
        {"8, 1, 9, 4", 288, "in the second or in the last dimension"},
        {"3, 7, 5, 9", 945, "save a.transpose(3, 0, 1, 2)"},
        {"7, 5, 3, 9", 945, "save a.transpose(3, 0, 1, 2)"},
        {"2, 5, 5, 2", 100, "1, 3 or 4 channels"},
        {"2, 2, 5, 5, 3", 300, "is not a set: images are"},
        {"12,", 12, "an array of 12 numbers is not a set"},
        {"5, 6", 30, "save the transpose of a d x N array"},
        {"6, 6", 36, "one grayscale image as 1 x height x width"},
    };
    char path[SCRATCH_PATH];

    scratch_path(path, "doubtful.npy");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_npy(path, "|u1", cases[i].shape, zeros, cases[i].bytes, false);
        refuse(path, SSLDYN_IMAGES_AUTO, cases[i].fault);
    }
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    const char *name = path;
    write_npy(path, "|u1", "5, 6", zeros, 30, false);
    ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_VECTORS, 0, &images, &err),
                     SSLDYN_OK);
    ck_assert_uint_eq(images.count, 5);
    ck_assert_uint_eq(images.size.channels, 6);
    ssldyn_images_close(&images);
}
END_TEST

/* An array in a file with several, with the name images or the requested name. */
START_TEST(reads_one_array_of_several)
{
    static const char head[] =
        "{\"images\":{\"dtype\":\"U8\",\"shape\":[2,5,6,3],\"data_offsets\":[0,180]},"
        "\"test/x:1\":{\"dtype\":\"U8\",\"shape\":[2,3,5,6],\"data_offsets\":[180,360]},"
        "\"labels\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[360,376]}}";
    unsigned char file[8 + sizeof head + 376] = {(unsigned char)(sizeof head - 1)};
    unsigned char *numbers = file + 8 + sizeof head - 1;
    const struct ssldyn_image_size size = {3, 5, 6};
    char path[SCRATCH_PATH];
    char named[SCRATCH_PATH + 20];

    ck_assert_uint_lt(sizeof head, 256);
    memcpy(file + 8, head, sizeof head - 1);
    compose_layouts(numbers, numbers + 180);
    scratch_write(scratch_path(path, "many.safetensors"), file, sizeof file - 1);
    expect_pixels(path, SSLDYN_IMAGES_AUTO, "array", 2, size);
    snprintf(named, sizeof named, "%s:test/x:1", path);
    expect_pixels(named, SSLDYN_IMAGES_AUTO, "array", 2, size);
    expect_pixels(named, SSLDYN_IMAGES_NCHW, "array", 2, size);
    refuse(named, SSLDYN_IMAGES_NHWC, "--image-format nhwc");
    snprintf(named, sizeof named, "%s:labels", path);
    refuse(named, SSLDYN_IMAGES_AUTO, "is not a set");
}
END_TEST

TEST_SUITE(images_array)
{
    tcase_add_test(tests, reads_either_layout);
    tcase_add_test(tests, an_ambiguous_layout_is_refused);
    tcase_add_test(tests, refuses_doubtful_shapes);
    tcase_add_test(tests, reads_one_array_of_several);
}
