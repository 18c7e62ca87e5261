/* Tar archives: files by name, among any other entries; damaged archives are refused. */
// SPDX-License-Identifier: MIT
#include "sim/io/tar.h"
#include "tests/scratch.h"
#include "tests/suite.h"
#include "tests/tar_make.h"

#include <check.h>
#include <stdlib.h>

static unsigned char archive[10000];

/* A directory, pax attributes, two files of which one is empty, a link; the end. */
static size_t compose(void)
{
    static const unsigned char bytes[700] = {1, 2, 3, [699] = 9};
    size_t size = tar_member(archive, "set/", '5', NULL, 0);
    size += tar_member(archive + size, "PaxHeaders/a", 'x', "20 mtime=1.5\n", 13);
    size += tar_member(archive + size, "set/a", '0', bytes, sizeof bytes);
    size += tar_member(archive + size, "set/link", '2', NULL, 0);
    size += tar_member(archive + size, "set/empty", '0', NULL, 0);
    size += tar_member(archive + size, "set/b", '0', "bcd", 3);
    memset(archive + size, 0, 1024);
    return size + 1024;
}

START_TEST(finds_the_files)
{
    static const char *const names[] = {"set/a", "set/empty", "set/b"};
    static const size_t sizes[] = {700, 0, 3};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_tar *tar = NULL;
    char path[SCRATCH_PATH];
    const char *name = NULL;
    size_t size = 0;
    FILE *stream = NULL;
    unsigned char back[701] = {0};

    scratch_write(scratch_path(path, "set.tar"), archive, compose());
    ck_assert(ssldyn_tar_recognized(path));
    ck_assert_int_eq(ssldyn_tar_open(path, &tar, &err), SSLDYN_OK);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(ssldyn_tar_next(tar, &name, &size, &err), SSLDYN_OK);
        ck_assert_str_eq(name, names[i]);
        ck_assert_uint_eq(size, sizes[i]);
        if (i == 1) /* files may be skipped */
            continue;
        ck_assert_int_eq(ssldyn_tar_unpack(tar, &stream, &err), SSLDYN_OK);
        ck_assert_uint_eq(fread(back, 1, sizeof back, stream), size);
        ck_assert_uint_eq(back[size - 1], i == 0 ? 9 : 'd');
        fclose(stream);
    }
    ck_assert_int_eq(ssldyn_tar_next(tar, &name, &size, &err), SSLDYN_OK);
    ck_assert_ptr_null(name);
    ssldyn_tar_close(tar);
}
END_TEST

/* Reads an archive that must be refused at some point, extracting every file. */
static void refuse(const char *path)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_tar *tar = NULL;
    const char *name = "";
    size_t size = 0;

    ck_assert_int_eq(ssldyn_tar_open(path, &tar, &err), SSLDYN_OK);
    enum ssldyn_status status = SSLDYN_OK;
    while (status == SSLDYN_OK && name != NULL) {
        FILE *stream = NULL;
        status = ssldyn_tar_next(tar, &name, &size, &err);
        if (status == SSLDYN_OK && name != NULL)
            status = ssldyn_tar_unpack(tar, &stream, &err);
        if (stream != NULL)
            fclose(stream);
    }
    ck_assert_int_eq(status, SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, "the archive is damaged") != NULL, "%s", err.message);
    ssldyn_tar_close(tar);
}

START_TEST(refuses_damaged_archives)
{
    char path[SCRATCH_PATH];
    const size_t size = compose();

    scratch_path(path, "damaged.tar");
    /* truncated within a header, within a file, and before the end */
    for (size_t cut = 600; cut < size - 1024; cut += 511) {
        scratch_write(path, archive, cut);
        refuse(path);
    }
    archive[1024 + 512 + 3]++; /* the name of set/a */
    scratch_write(path, archive, size);
    refuse(path);
    /* A size of 8 GB less one byte, followed by 700 bytes: neither memory nor disk is allocated for
     * it. */
    (void)compose();
    tar_member(archive, "set/a", '0', NULL, 0);
    memcpy(archive + 124, "77777777777", 11);
    memset(archive + 148, ' ', 8);
    unsigned sum = 0;
    for (size_t i = 0; i < 512; i++)
        sum += archive[i];
    snprintf((char *)archive + 148, 8, "%06o", sum);
    scratch_write(path, archive, size);
    refuse(path);
}
END_TEST

START_TEST(recognizes_only_archives)
{
    char path[SCRATCH_PATH];

    ck_assert(!ssldyn_tar_recognized(scratch_path(path, "absent")));
    memset(archive, 0, sizeof archive);
    scratch_write(scratch_path(path, "zeros"), archive, sizeof archive);
    ck_assert(!ssldyn_tar_recognized(path));
    scratch_write(path, archive, 10);
    ck_assert(!ssldyn_tar_recognized(path));
}
END_TEST

TEST_SUITE(tar)
{
    tcase_add_test(tests, finds_the_files);
    tcase_add_test(tests, refuses_damaged_archives);
    tcase_add_test(tests, recognizes_only_archives);
}
