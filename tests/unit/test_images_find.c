/* Directories and archives of images in the layouts of their authors and of torchvision. */
// SPDX-License-Identifier: MIT
#include "tests/images_make.h"
#include "tests/suite.h"
#include "tests/tar_make.h"

#include <zlib.h>

/* Creates path/name and the directories above it. */
static void make_file(const char *name, const void *bytes, size_t size)
{
    char path[SCRATCH_PATH];
    scratch_path(path, name);
    for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    scratch_write(path, bytes, size);
}

static void make_packed(const char *name, const void *bytes, size_t size)
{
    char path[SCRATCH_PATH];
    make_file(name, "", 0);
    gzFile stream = gzopen(scratch_path(path, name), "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(gzwrite(stream, bytes, (unsigned)size), (int)size);
    ck_assert_int_eq(gzclose(stream), Z_OK);
}

/* Three files of a set in a directory, found by their official names; ranges of images cross
 * files. */
START_TEST(joins_the_files_of_a_directory)
{
    unsigned char *file = malloc(6 * 3073);
    char name[64];
    char path[SCRATCH_PATH];

    ck_assert_ptr_nonnull(file);
    compose(file, 6, 1, 32, false);
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "set/data_batch_%zu.bin", i + 1);
        make_file(name, file + i * (i + 1) / 2 * 3073, (i + 1) * 3073);
    }
    expect_pixels(scratch_path(path, "set"), SSLDYN_IMAGES_AUTO, "CIFAR-10", 6,
                  (struct ssldyn_image_size){3, 32, 32});
    free(file);
}
END_TEST

/* MNIST as torchvision stores it, compressed or not, given as its directory, its parent, or the
 * directory of all data; the uncompressed file has priority. */
START_TEST(reads_packed_idx_wherever_it_lies)
{
    static const char *const given[] = {"data/MNIST/raw/train-images-idx3-ubyte.gz",
                                        "data/MNIST/raw", "data/MNIST", "data"};
    const struct ssldyn_image_size size = {1, 28, 20};
    unsigned char file[16 + 6 * 28 * 20];
    char path[SCRATCH_PATH];

    const size_t bytes = compose_idx(file, 6, 28, 20);
    make_packed("data/MNIST/raw/train-images-idx3-ubyte.gz", file, bytes);
    make_packed("data/MNIST/raw/t10k-images-idx3-ubyte.gz", "no", 2);
    for (size_t i = 0; i < 4; i++)
        expect_pixels(scratch_path(path, given[i]), SSLDYN_IMAGES_AUTO, "IDX", 6, size);
    make_file("data/MNIST/raw/train-images-idx3-ubyte", file, bytes);
    make_file("data/MNIST/raw/train-images-idx3-ubyte.gz", "damaged", 7);
    expect_pixels(scratch_path(path, "data"), SSLDYN_IMAGES_AUTO, "IDX", 6, size);
    make_file("data/FashionMNIST/raw/train-images-idx3-ubyte", file, bytes);
    refuse(scratch_path(path, "data"), SSLDYN_IMAGES_AUTO, "MNIST/raw and FashionMNIST/raw");
}
END_TEST

/* Decompression of an IDX file that contains more than its header declares stops there. */
START_TEST(a_packed_file_keeps_to_its_header)
{
    unsigned char *file = calloc(1, 1 << 20);
    char path[SCRATCH_PATH];

    ck_assert_ptr_nonnull(file);
    const size_t bytes = compose_idx(file, 6, 28, 20);
    make_packed("more.gz", file, 1 << 20);
    refuse(scratch_path(path, "more.gz"), SSLDYN_IMAGES_AUTO, "more than the 3376 bytes");
    memset(file + 4, 0xff, 12); /* 2^96 bytes */
    make_packed("huge.gz", file, bytes);
    refuse(scratch_path(path, "huge.gz"), SSLDYN_IMAGES_AUTO, "compressed bytes can hold");
    (void)compose_idx(file, 6, 28, 20);
    make_packed("less.gz", file, bytes - 1);
    refuse(scratch_path(path, "less.gz"), SSLDYN_IMAGES_AUTO, "declares 6 images");
    /* an .npy as well: 2 x 5 x 6 bytes after a header of 10 + 61 */
    write_npy(scratch_path(path, "a.npy"), "|u1", "2, 5, 6", file, 60, false);
    const size_t size = scratch_read(path, (char *)file, 1 << 20);
    make_packed("a.npy.gz", file, size);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_images images;
    const char *name = scratch_path(path, "a.npy.gz");
    ck_assert_int_eq(ssldyn_images_open(1, &name, SSLDYN_IMAGES_AUTO, 0, &images, &err), SSLDYN_OK);
    ck_assert_uint_eq(images.count, 2);
    ssldyn_images_close(&images);
    make_packed("a.npy.gz", file, 1 << 20);
    refuse(name, SSLDYN_IMAGES_AUTO, "header states");
    free(file);
}
END_TEST

/* The downloaded archive, with its files in any order, alone or in its directory. */
START_TEST(reads_archives)
{
    unsigned char *file = malloc(6 * 3073);
    unsigned char *archive = malloc(8 * 4096);
    char path[SCRATCH_PATH];
    const struct ssldyn_image_size size = {3, 32, 32};

    ck_assert(file != NULL && archive != NULL);
    compose(file, 6, 1, 32, false);
    size_t bytes = tar_member(archive, "cifar-10-batches-bin/", '5', NULL, 0);
    bytes += tar_member(archive + bytes, "cifar-10-batches-bin/data_batch_2.bin", '0', file + 3073,
                        5 * 3073);
    bytes += tar_member(archive + bytes, "cifar-10-batches-bin/readme.html", '0', "<p>", 3);
    bytes += tar_member(archive + bytes, "cifar-10-batches-bin/data_batch_1.bin", '0', file, 3073);
    memset(archive + bytes, 0, 1024);
    make_packed("downloads/cifar-10-binary.tar.gz", archive, bytes + 1024);
    make_file("plain.tar", archive, bytes + 1024);
    expect_pixels(scratch_path(path, "downloads"), SSLDYN_IMAGES_AUTO, "CIFAR-10", 6, size);
    expect_pixels(scratch_path(path, "downloads/cifar-10-binary.tar.gz"), SSLDYN_IMAGES_AUTO,
                  "CIFAR-10", 6, size);
    expect_pixels(scratch_path(path, "plain.tar"), SSLDYN_IMAGES_AUTO, "CIFAR-10", 6, size);
    bytes = tar_member(archive, "notes.txt", '0', "x", 1);
    memset(archive + bytes, 0, 1024);
    make_file("notes.tar", archive, bytes + 1024);
    refuse(scratch_path(path, "notes.tar"), SSLDYN_IMAGES_AUTO,
           "no file in the archive has the name");
    make_packed("cut.tar.gz", archive, bytes);
    refuse(scratch_path(path, "cut.tar.gz"), SSLDYN_IMAGES_AUTO, "truncated");
    free(file);
    free(archive);
}
END_TEST

START_TEST(other_directories_get_a_remedy)
{
    char path[SCRATCH_PATH];

    make_file("pictures/train/cat/0.JPG", "x", 1);
    refuse(scratch_path(path, "pictures"), SSLDYN_IMAGES_AUTO, "holds pictures: save all images");
    make_file("svhn/train_32x32.mat", "x", 1);
    refuse(scratch_path(path, "svhn"), SSLDYN_IMAGES_AUTO, "holds MATLAB files: save all images");
    make_file("other/notes.txt", "x", 1);
    refuse(scratch_path(path, "other"), SSLDYN_IMAGES_AUTO,
           "no file has the name of a known training set");
}
END_TEST

TEST_SUITE(images_find)
{
    tcase_add_test(tests, joins_the_files_of_a_directory);
    tcase_add_test(tests, reads_packed_idx_wherever_it_lies);
    tcase_add_test(tests, a_packed_file_keeps_to_its_header);
    tcase_add_test(tests, reads_archives);
    tcase_add_test(tests, other_directories_get_a_remedy);
}
