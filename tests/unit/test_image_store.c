/* Images in memory equal the images on disk: bytes and numbers, to the last bit. */
// SPDX-License-Identifier: MIT
#include "sim/io/image_store.h"
#include "sim/io/npy.h"
#include "tests/draw.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 150, PIXELS = 28 * 28 };

static void compare(const char *path, size_t count)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    struct ssldyn_image_store store;
    static float read[COUNT * PIXELS], buffer[PIXELS];

    ck_assert_msg(ssldyn_images_open(1, &path, SSLDYN_IMAGES_AUTO, 0, &images, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_int_eq(ssldyn_images_read(&images, 0, count, read, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_image_store_load(&images, count, &store, &err), SSLDYN_OK);
    ck_assert_uint_eq(store.count, count);
    for (size_t i = count; i-- > 0;)
        ck_assert_mem_eq(ssldyn_image_store_get(&store, i, buffer), read + i * store.numbers,
                         store.numbers * sizeof(float));
    ssldyn_image_store_clear(&store);
    ssldyn_images_close(&images);
}

START_TEST(bytes)
{
    /* IDX: magic, count, height, width, big-endian; every value of a byte occurs */
    static unsigned char file[16 + COUNT * PIXELS] = {0, 0, 8, 3,  0, 0, 0, COUNT,
                                                      0, 0, 0, 28, 0, 0, 0, 28};
    char path[SCRATCH_PATH];

    for (size_t i = 0; i < COUNT * PIXELS; i++)
        file[16 + i] = (unsigned char)(i * 7 % 256);
    scratch_write(scratch_path(path, "store-idx3-ubyte"), file, sizeof file);
    compare(path, COUNT);
    compare(path, 65);
}
END_TEST

START_TEST(numbers)
{
    const size_t shape[3] = {COUNT, 4, 5};
    static double values[COUNT * 20];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];
    uint64_t state = 77;

    draw_matrix(&state, COUNT * 20, values);
    scratch_path(path, "store.npy");
    ck_assert_int_eq(ssldyn_npy_write(path, 3, shape, values, &err), SSLDYN_OK);
    compare(path, COUNT);
    compare(path, 1);
}
END_TEST

TEST_SUITE(image_store)
{
    tcase_add_test(tests, bytes);
    tcase_add_test(tests, numbers);
}
