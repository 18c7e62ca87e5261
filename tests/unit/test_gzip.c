/* Decompression: compressed data are recovered; damaged files, and those that contain more than
 * they declare, are refused. */
// SPDX-License-Identifier: MIT
#include "sim/io/gzip.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

enum { BYTES = 300000 };

static void pack(const char *path, const unsigned char bytes[], size_t size)
{
    gzFile stream = gzopen(path, "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(gzwrite(stream, bytes, (unsigned)size), (int)size);
    ck_assert_int_eq(gzclose(stream), Z_OK);
}

static unsigned char *make_bytes(void)
{
    unsigned char *bytes = malloc(BYTES);
    ck_assert_ptr_nonnull(bytes);
    uint32_t state = 1;
    for (size_t i = 0; i < BYTES; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(state >> 24);
    }
    return bytes;
}

static enum ssldyn_status tells_nothing(const char *path, FILE *head, size_t *bytes,
                                        struct ssldyn_error *err)
{
    (void)path, (void)head, (void)bytes, (void)err;
    return SSLDYN_OK;
}

static enum ssldyn_status tells_thousand(const char *path, FILE *head, size_t *bytes,
                                         struct ssldyn_error *err)
{
    (void)path, (void)err;
    ck_assert_int_eq(ftell(head), 0);
    *bytes = 1000;
    return SSLDYN_OK;
}

START_TEST(decompresses)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];
    unsigned char *bytes = make_bytes();
    unsigned char *back = malloc(BYTES + 1);
    FILE *stream = NULL;
    size_t size = 0;

    ck_assert_ptr_nonnull(back);
    pack(scratch_path(path, "whole.gz"), bytes, BYTES);
    ck_assert_int_eq(ssldyn_gzip_unpack(path, tells_nothing, &stream, &size, &err), SSLDYN_OK);
    ck_assert_uint_eq(size, BYTES);
    ck_assert_uint_eq(fread(back, 1, BYTES + 1, stream), BYTES);
    ck_assert_mem_eq(back, bytes, BYTES);
    fclose(stream);
    pack(path, bytes, 1000);
    ck_assert_int_eq(ssldyn_gzip_unpack(path, tells_thousand, &stream, &size, &err), SSLDYN_OK);
    ck_assert_uint_eq(size, 1000);
    fclose(stream);
    pack(path, bytes, 0);
    ck_assert_int_eq(ssldyn_gzip_unpack(path, tells_thousand, &stream, &size, &err), SSLDYN_OK);
    ck_assert_uint_eq(size, 0);
    fclose(stream);
    free(bytes);
    free(back);
}
END_TEST

static void refuse(const char *path, ssldyn_gzip_length *length, const char *fault)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    FILE *stream = NULL;
    size_t size = 0;

    ck_assert_int_eq(ssldyn_gzip_unpack(path, length, &stream, &size, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, fault) != NULL, "%s", err.message);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    ck_assert_ptr_null(stream);
}

START_TEST(refuses_damaged_files)
{
    char path[SCRATCH_PATH];
    char file[BYTES + 5000];
    unsigned char *bytes = make_bytes();

    pack(scratch_path(path, "damaged.gz"), bytes, BYTES);
    refuse(path, tells_thousand, "more than the 1000 bytes");
    const size_t size = scratch_read(path, file, sizeof file);
    scratch_write(path, file, size - 5);
    refuse(path, tells_nothing, "damaged");
    file[size / 2] ^= 1;
    scratch_write(path, file, size);
    refuse(path, tells_nothing, "damaged");
    file[size / 2] ^= 1;
    file[size - 8] ^= 1; /* the checksum */
    scratch_write(path, file, size);
    refuse(path, tells_nothing, "damaged");
    free(bytes);
}
END_TEST

/* 64 MB of zeros in 64 KB, whose last bytes declare a length of 5: decompression stops there. */
START_TEST(a_bomb_is_stopped)
{
    enum { MEGABYTE = 1 << 20 };
    char path[SCRATCH_PATH];
    unsigned char *zeros = calloc(1, MEGABYTE);
    char *file = malloc(MEGABYTE);

    ck_assert(zeros != NULL && file != NULL);
    gzFile stream = gzopen(scratch_path(path, "bomb.gz"), "wb9");
    ck_assert_ptr_nonnull(stream);
    for (size_t i = 0; i < 64; i++)
        ck_assert_int_eq(gzwrite(stream, zeros, MEGABYTE), MEGABYTE);
    ck_assert_int_eq(gzclose(stream), Z_OK);
    const size_t size = scratch_read(path, file, MEGABYTE);
    ck_assert_uint_lt(size, 100000);
    memcpy(file + size - 4, "\5\0\0\0", 4);
    scratch_write(path, file, size);
    /* The whole file would exceed the limit, which stops decompression. */
    scratch_disk_limit(MEGABYTE);
    refuse(path, tells_nothing, "more than the 5 bytes");
    scratch_disk_free();
    free(zeros);
    free(file);
}
END_TEST

START_TEST(a_full_disk_is_reported)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];
    unsigned char *bytes = make_bytes();
    FILE *stream = NULL;
    size_t size = 0;

    pack(scratch_path(path, "large.gz"), bytes, BYTES);
    scratch_disk_limit(BYTES / 2);
    ck_assert_int_eq(ssldyn_gzip_unpack(path, tells_nothing, &stream, &size, &err), SSLDYN_EIO);
    scratch_disk_free();
    ck_assert_ptr_null(stream);
    free(bytes);
}
END_TEST

TEST_SUITE(gzip)
{
    tcase_add_test(tests, decompresses);
    tcase_add_test(tests, refuses_damaged_files);
    tcase_add_test(tests, a_bomb_is_stopped);
    tcase_add_test(tests, a_full_disk_is_reported);
}
