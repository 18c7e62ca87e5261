/* CIFAR's batches as torchvision stores them. The files in tests/fixtures are written by
 * tests/make_cifar_pickle.py from pixel(), in the format that Python 2 gave the originals. */
// SPDX-License-Identifier: MIT
#include "sim/io/images_format.h"
#include "tests/images_make.h"
#include "tests/suite.h"

static const struct ssldyn_image_size cifar = {3, 32, 32};

START_TEST(reads_the_batches)
{
    static const char *const ten[] = {"tests/fixtures/cifar-10-batches-py/data_batch_1",
                                      "tests/fixtures/cifar-10-batches-py"};
    for (size_t i = 0; i < 2; i++)
        expect_pixels(ten[i], SSLDYN_IMAGES_AUTO, "CIFAR-10", 2, cifar);
    expect_pixels(ten[0], SSLDYN_IMAGES_CIFAR10, "CIFAR-10", 2, cifar);
    expect_labels(ten[0], 2, 0);
    expect_pixels("tests/fixtures/cifar-100-python", SSLDYN_IMAGES_AUTO, "CIFAR-100", 2, cifar);
    expect_labels("tests/fixtures/cifar-100-python", 2, 100);
    /* two sets in one directory */
    refuse("tests/fixtures", SSLDYN_IMAGES_AUTO, "cifar-10-batches-py and cifar-100-python");
}
END_TEST

/* An array stored as text, as Python 3 does with protocol 2: bytes above 127 take two
 * characters. */
START_TEST(reads_pixels_stored_as_text)
{
    static const char head[] = "\x80\x02}(U\004datacnumpy.core.multiarray\n_reconstruct\ncnumpy\n"
                               "ndarray\nK\0\x85"
                               "c_codecs\nencode\nX\1\0\0\0bX\6\0\0\0latin1\x86R"
                               "\x87R(K\1K\1M\0\x0c\x86"
                               "cnumpy\ndtype\nU\002u1K\0K\1\x87R(K\3U\1|NNNJ\xff\xff\xff\xffJ\xff"
                               "\xff\xff\xffK\0tb\x89"
                               "c_codecs\nencode\nX";
    static const char tail[] = "X\6\0\0\0latin1\x86Rtbu.";
    unsigned char file[8000];
    char path[SCRATCH_PATH];
    size_t size = sizeof head - 1;

    memcpy(file, head, size);
    size += 4;
    const size_t start = size;
    for (size_t k = 0; k < 3072; k++) {
        const unsigned char value = pixel(0, k / 1024, k % 1024 / 32, k % 32);
        if (value >= 128)
            file[size++] = (unsigned char)(0xc0 | value >> 6);
        file[size++] = value >= 128 ? (unsigned char)(0x80 | (value & 63)) : value;
    }
    for (size_t i = 0; i < 4; i++)
        file[start - 4 + i] = (unsigned char)((size - start) >> 8 * i & 255);
    memcpy(file + size, tail, sizeof tail - 1);
    scratch_write(scratch_path(path, "text.pkl"), file, size + sizeof tail - 1);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    unsigned char out[3072];
    const char *name = path;
    ck_assert_msg(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, 0, &images, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert(!images.labeled);
    ck_assert_int_eq(ssldyn_images_read_bytes(&images, 0, 1, out, &err), SSLDYN_OK);
    for (size_t k = 0; k < 3072; k++)
        ck_assert_uint_eq(out[k], pixel(0, k / 1024, k % 1024 / 32, k % 32));
    ssldyn_images_close(&images);
}
END_TEST

START_TEST(refuses_other_pickles)
{
    char path[SCRATCH_PATH];
    char file[7000];

    scratch_path(path, "other.pkl");
    scratch_write(path, "\x80\x02}.", 4);
    refuse(path, SSLDYN_IMAGES_AUTO, "contains no array");
    static const char call[] = "\x80\2cos\nsystem\nU\4true\x85R.";
    scratch_write(path, call, sizeof call - 1);
    refuse(path, SSLDYN_IMAGES_AUTO, "system");
    /* truncated at any length, and with another shape */
    const size_t size =
        scratch_read("tests/fixtures/cifar-10-batches-py/data_batch_1", file, sizeof file);
    for (size_t cut = 4; cut < size; cut += 97) {
        struct ssldyn_error err = {SSLDYN_OK, ""};
        struct ssldyn_images images;
        const char *name = path;
        scratch_write(path, file, cut);
        ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, 0, &images, &err),
                         SSLDYN_EINPUT);
    }
    for (size_t i = 0; i + 5 < size; i++)
        if (memcmp(file + i, "J\2\0\0\0J", 6) == 0)
            file[i + 1] = 3;
    scratch_write(path, file, size);
    refuse(path, SSLDYN_IMAGES_AUTO, "is truncated");
}
END_TEST

TEST_SUITE(images_pickle)
{
    tcase_add_test(tests, reads_the_batches);
    tcase_add_test(tests, reads_pixels_stored_as_text);
    tcase_add_test(tests, refuses_other_pickles);
}
