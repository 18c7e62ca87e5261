/* Files in unsupported formats are recognized, and the message says what to do. */
// SPDX-License-Identifier: MIT
#include "sim/io/images_unsupported.h"
#include "tests/images_make.h"
#include "tests/suite.h"

START_TEST(recognizes_other_formats)
{
    static const struct {
        const char *head;
        size_t size;
        const char *advice;
    } cases[] = {{"\x89PNG\r\n\x1a\n", 8, "is one picture"},
                 {"\xff\xd8\xff\xe0xxxx", 8, "is one picture"},
                 {"RIFF....WEBP", 12, "is one picture"},
                 {"BMxxxxxxxx", 10, "is one picture"},
                 {"MATLAB 5.0 MAT-file", 19, "scipy.io.loadmat"},
                 {"7,0,12\n5,0,255\n", 15, "numpy.loadtxt"},
                 {"\x89HDF\r\n\x1a\n", 8, "h5py"},
                 {"BZh91AY", 7, "bunzip2"},
                 {"\xfd"
                  "7zXZ\0xx",
                  8, "unxz"}};
    char path[SCRATCH_PATH];

    scratch_path(path, "stranger");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scratch_write(path, cases[i].head, cases[i].size);
        refuse(path, SSLDYN_IMAGES_AUTO, cases[i].advice);
    }
}
END_TEST

/* A picture with the size of one CIFAR-10 record is not read as one; two bytes that may be pixels
 * by chance do not make it a picture. */
START_TEST(a_fitting_size_is_not_enough)
{
    unsigned char record[3073] = "\x89PNG\r\n\x1a\n";
    char path[SCRATCH_PATH];

    scratch_write(scratch_path(path, "record"), record, sizeof record);
    refuse(path, SSLDYN_IMAGES_AUTO, "is one picture");
    ck_assert_ptr_null(ssldyn_images_advice(2, (const unsigned char *)"BM", true));
    ck_assert_ptr_nonnull(ssldyn_images_advice(2, (const unsigned char *)"BM", false));
    ck_assert_ptr_null(ssldyn_images_advice(1, (const unsigned char *)"B", false));
}
END_TEST

TEST_SUITE(images_unsupported)
{
    tcase_add_test(tests, recognizes_other_formats);
    tcase_add_test(tests, a_fitting_size_is_not_enough);
}
