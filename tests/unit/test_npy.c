/* .npy files: every type and order compared with known numbers, hostile headers, thousands of
 * damaged files, stacks that grow; with SSLDYN_NUMPY_DIR also files written by NumPy. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 4096 };

/* Writes a .npy file of version 1 with this dictionary and these bytes; returns its size. */
static size_t compose(char file[CAPACITY], const char *dictionary, const void *numbers,
                      size_t bytes)
{
    size_t length = strlen(dictionary);

    ck_assert_uint_lt(10 + length + bytes, CAPACITY);
    memcpy(file, "\x93NUMPY\x01\x00", 8);
    file[8] = (char)(length & 255);
    file[9] = (char)(length >> 8);
    memcpy(file + 10, dictionary, length);
    if (bytes > 0)
        memcpy(file + 10 + length, numbers, bytes);
    return 10 + length + bytes;
}

static enum ssldyn_status read_composed(const char *dictionary, const void *numbers, size_t bytes,
                                        bool allow_nonfinite, struct ssldyn_array *array,
                                        struct ssldyn_error *err)
{
    char file[CAPACITY];
    char path[SCRATCH_PATH];

    size_t size = compose(file, dictionary, numbers, bytes);
    scratch_write(scratch_path(path, "composed.npy"), file, size);
    return ssldyn_npy_read(path, allow_nonfinite, array, err);
}

/* Three numbers of each type, byte by byte as the format specifies. */
static const struct {
    const char *type;
    const char *bytes;
    size_t size;
    double want[3];
} types[] = {
    {"|b1", "\x01\x00\x01", 1, {1.0, 0.0, 1.0}},
    {"?", NULL, 0, {0.0}},
    {"|u1", "\x00\x80\xff", 1, {0.0, 128.0, 255.0}},
    {"|i1", "\x7f\x80\xff", 1, {127.0, -128.0, -1.0}},
    {"<u2", "\x01\x02\xff\xff\x00\x80", 2, {513.0, 65535.0, 32768.0}},
    {">i2", "\x01\x02\xff\xfe\x80\x00", 2, {258.0, -2.0, -32768.0}},
    {"<i4",
     "\x00\x00\x00\x80\xff\xff\xff\xff\x15\xcd\x5b\x07",
     4,
     {-2147483648.0, -1.0, 123456789.0}},
    {">u4",
     "\xff\xff\xff\xff\x00\x00\x00\x01\x07\x5b\xcd\x15",
     4,
     {4294967295.0, 1.0, 123456789.0}},
    {"<i8",
     "\x00\x00\x00\x00\x00\x00\x00\x80\xfe\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x01\x00\x00"
     "\x00",
     8,
     {-9223372036854775808.0, -2.0, 4294967296.0}},
    {">u8",
     "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x01\x00\x00\x00"
     "\x00",
     8,
     {18446744073709551616.0, 7.0, 4294967296.0}},
    /* IEEE 754 halves: 1, the largest, and the smallest subnormal 2^-24 */
    {"<f2", "\x00\x3c\xff\x7b\x01\x80", 2, {1.0, 65504.0, -5.9604644775390625e-8}},
    {">f2", "\x35\x55\x00\x00\xc0\x00", 2, {0.333251953125, 0.0, -2.0}},
    {"<f4", "\x00\x00\xc0\x3f\x00\x00\x20\xc0\xff\xff\x7f\x7f", 4, {1.5, -2.5, (double)FLT_MAX}},
    {">f4", "\x3f\xc0\x00\x00\xc0\x20\x00\x00\x00\x80\x00\x00", 4, {1.5, -2.5, (double)FLT_MIN}},
    {"<f8",
     "\x00\x00\x00\x00\x00\x00\xf8\x3f\x00\x00\x00\x00\x00\x00\x04\xc0\x01\x00\x00\x00\x00\x00\x00"
     "\x00",
     8,
     {1.5, -2.5, 4.9406564584124654e-324}},
    {">f8",
     "\x3f\xf8\x00\x00\x00\x00\x00\x00\xc0\x04\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00\x00\x00"
     "\x00",
     8,
     {1.5, -2.5, DBL_MIN}},
    {"<c16", NULL, 0, {0.0}},
    {"<f16", NULL, 0, {0.0}},
    {"|O", NULL, 0, {0.0}},
    {"<U3", NULL, 0, {0.0}},
    {"<M8[ns]", NULL, 0, {0.0}},
    {"", NULL, 0, {0.0}},
};

START_TEST(reads_each_plain_type)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array array;
    char dictionary[200];

    snprintf(dictionary, sizeof dictionary,
             "{'descr': '%s', 'fortran_order': False, 'shape': (3,), }\n", types[_i].type);
    enum ssldyn_status status =
        read_composed(dictionary, types[_i].bytes, 3 * types[_i].size, false, &array, &err);
    if (types[_i].bytes == NULL) {
        ck_assert_int_eq(status, SSLDYN_EINPUT);
        ck_assert_ptr_nonnull(strstr(err.message, types[_i].type));
        return;
    }
    ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(array.count, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_double_eq(array.data[i], types[_i].want[i]);
    ssldyn_npy_array_clear(&array);
}
END_TEST

START_TEST(every_half_is_exact)
{
    /* Compared with the definition: (-1)^s 2^(e-15) (1 + f/1024), or 2^-14 (f/1024) where e = 0. */
    static uint16_t halves[1024];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array array;

    for (unsigned block = 0; block < 64; block++) {
        for (unsigned i = 0; i < 1024; i++)
            halves[i] = (uint16_t)(1024 * block + i);
        ck_assert_int_eq(read_composed("{'descr': '<f2', 'fortran_order': False, 'shape': (1024,)}",
                                       halves, sizeof halves, true, &array, &err),
                         SSLDYN_OK);
        double sign = block < 32 ? 1.0 : -1.0;
        int exponent = (int)(block & 31);
        for (unsigned i = 0; i < 1024; i++) {
            double fraction = (double)i / 1024.0;
            double want = exponent == 0 ? sign * fraction * pow(2.0, -14.0)
                                        : sign * (1.0 + fraction) * pow(2.0, exponent - 15.0);
            if (exponent < 31)
                ck_assert_double_eq(array.data[i], want);
            else if (i == 0)
                ck_assert(isinf(array.data[i]) && array.data[i] * sign > 0.0);
            else
                ck_assert(isnan(array.data[i]));
        }
        ssldyn_npy_array_clear(&array);
    }
}
END_TEST

START_TEST(turns_fortran_order)
{
    /* Entry (i, j, k) of a 2 x 3 x 2 array is 100 i + 10 j + k; the first index varies fastest. */
    unsigned char bytes[12];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array array;
    size_t at = 0;

    for (unsigned k = 0; k < 2; k++)
        for (unsigned j = 0; j < 3; j++)
            for (unsigned i = 0; i < 2; i++)
                bytes[at++] = (unsigned char)(100 * i + 10 * j + k);
    ck_assert_int_eq(read_composed("{'shape': (2, 3, 2), 'fortran_order': True, 'descr': '|u1'}",
                                   bytes, 12, false, &array, &err),
                     SSLDYN_OK);
    at = 0;
    for (unsigned i = 0; i < 2; i++)
        for (unsigned j = 0; j < 3; j++)
            for (unsigned k = 0; k < 2; k++)
                ck_assert_double_eq(array.data[at++], 100.0 * i + 10.0 * j + k);
    ssldyn_npy_array_clear(&array);
}
END_TEST

/* Headers that are valid but unusual, or invalid: a word of the error, NULL if valid. */
static const struct {
    const char *dictionary;
    size_t bytes; /* followed by zeros */
    const char *fault;
} headers[] = {
    {"{'descr': '|u1', 'fortran_order': False, 'shape': ()}", 1, NULL},
    {"{\"descr\":\"|u1\",\"fortran_order\":False,\"shape\":(2,2)}", 4, NULL},
    {"  { 'shape' : ( 3L , 2L ) , 'descr' : '|u1' , 'fortran_order' : True , }  \n", 6, NULL},
    {"{'descr': 'u1', 'fortran_order': False, 'shape': (0, 5)}", 0, NULL},
    {"{'descr': '|u1', 'fortran_order': True, 'shape': (5, 0, 7)}", 0, NULL},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1)}", 1, NULL},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", 1, "dimensions"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}", 2, "truncated"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}", 4, "too long"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}", 23, "truncated"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,)}", 0, "memory"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976,)}", 8, "truncated"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (100000000000,)}", 8, "truncated"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 0, "memory"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (4294967297, 4294967297)}", 1, "memory"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296)}", 0, "memory"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (18446744073709551617,)}", 1,
     "whole number"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}", 1, "whole number"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (1.0,)}", 1, "shape"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (1", 1, "shape"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': 1}", 1, "tuple"},
    {"{'descr': '|u1', 'fortran_order': 0, 'shape': (1,)}", 1, "fortran_order"},
    {"{'descr': '|u1', 'fortran_order': False}", 1, "lacks"},
    {"{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", 1, "repeated"},
    {"{'descr': '|u1', 'order': False, 'shape': (1,)}", 1, "unknown"},
    {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", 8, "structured"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} x", 1, "text after"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (1,)", 1, "incomplete"},
    {"{'descr': '|u1\\', 'fortran_order': False, 'shape': (1,)}", 1, "string"},
    {"{'descr': '|u1", 0, "string"},
    {"{'a very long key, longer than any buffer for keys': 1}", 0, "dictionary"},
    {"{}", 0, "lacks"},
    {"", 0, "dictionary"},
};

START_TEST(checks_headers)
{
    static const unsigned char zeros[64];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array array;

    enum ssldyn_status status =
        read_composed(headers[_i].dictionary, zeros, headers[_i].bytes, false, &array, &err);
    if (headers[_i].fault == NULL) {
        ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
        ck_assert_uint_eq(array.count, headers[_i].bytes);
        ssldyn_npy_array_clear(&array);
        return;
    }
    ck_assert_int_eq(status, SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, headers[_i].fault) != NULL, "%s", err.message);
    ck_assert_ptr_nonnull(strstr(err.message, "composed.npy"));
    ck_assert_ptr_null(array.data);
    ck_assert_uint_eq(array.count, 0);
}
END_TEST

START_TEST(reads_versions_two_and_three)
{
    static const char dictionary[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}";
    size_t length = strlen(dictionary);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array array;
    char path[SCRATCH_PATH];
    char file[CAPACITY] = "\x93NUMPY";

    scratch_path(path, "version.npy");
    for (int version = 0; version <= 4; version++) {
        memset(file + 6, 0, 6);
        file[6] = (char)version;
        file[8] = (char)length;
        memcpy(file + 12, dictionary, length);
        file[12 + length] = 42;
        scratch_write(path, file, 13 + length);
        enum ssldyn_status status = ssldyn_npy_read(path, false, &array, &err);
        if (version == 2 || version == 3) {
            ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
            ck_assert_double_eq(array.data[0], 42.0);
            ssldyn_npy_array_clear(&array);
        } else {
            ck_assert_int_eq(status, SSLDYN_EINPUT);
        }
    }
    /* A header that claims 4 GB and is missing does not take memory. */
    file[6] = 2;
    memset(file + 8, 0xff, 4);
    scratch_write(path, file, 13 + length);
    ck_assert_int_eq(ssldyn_npy_read(path, false, &array, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "4294967295"));
}
END_TEST

START_TEST(refuses_what_is_not_finite)
{
    double numbers[6] = {1.0, 2.0, 3.0, (double)NAN, 5.0, 6.0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array array;
    const char *plain = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}";

    ck_assert_int_eq(read_composed(plain, numbers, sizeof numbers, false, &array, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "entry 3 "));
    ck_assert_ptr_nonnull(strstr(err.message, "nan"));
    /* The same position in the file is entry (1, 1) = 4 in Fortran order. */
    numbers[3] = -(double)INFINITY;
    ck_assert_int_eq(read_composed("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3)}",
                                   numbers, sizeof numbers, false, &array, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "entry 4 "));
    ck_assert_ptr_nonnull(strstr(err.message, "infinite"));
    ck_assert_int_eq(read_composed(plain, numbers, sizeof numbers, true, &array, &err), SSLDYN_OK);
    ck_assert(isinf(array.data[3]));
    ssldyn_npy_array_clear(&array);
}
END_TEST

START_TEST(refuses_other_files)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array array;
    char path[SCRATCH_PATH];

    ck_assert_int_eq(ssldyn_npy_read(scratch_path(path, "absent.npy"), false, &array, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, strerror(ENOENT)));
    ck_assert_int_eq(ssldyn_npy_read("/tmp", false, &array, &err), SSLDYN_EINPUT);
    ck_assert_int_eq(ssldyn_npy_read("/dev/zero", false, &array, &err), SSLDYN_EINPUT);
    for (size_t size = 0; size < 12; size++) {
        scratch_write(scratch_path(path, "short.npy"), "\x93NUMPY\x02\x00\x01\x00\x00\x00", size);
        ck_assert_int_eq(ssldyn_npy_read(path, false, &array, &err), SSLDYN_EINPUT);
    }
}
END_TEST

/* A stack of frames of shape 3 x 2, read back. */
static void write_stack(const char *path, size_t frames)
{
    static const size_t shape[2] = {3, 2};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_npy_writer *writer = NULL;
    struct ssldyn_array array;

    ck_assert_int_eq(ssldyn_npy_writer_open(path, 2, shape, &writer, &err), SSLDYN_OK);
    for (size_t t = 0; t < frames; t++) {
        double frame[6];
        for (size_t i = 0; i < 6; i++)
            frame[i] = (double)t + (double)i / 7.0;
        ck_assert_int_eq(ssldyn_npy_writer_append(writer, frame, &err), SSLDYN_OK);
    }
    ck_assert_msg(ssldyn_npy_writer_close(writer, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_msg(ssldyn_npy_read(path, false, &array, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(array.dimensions, 3);
    ck_assert_uint_eq(array.shape[0], frames);
    ck_assert_uint_eq(array.shape[1], 3);
    ck_assert_uint_eq(array.shape[2], 2);
    for (size_t i = 0; i < 6 * frames; i++)
        ck_assert(array.data[i] == (double)(i / 6) + (double)(i % 6) / 7.0);
    ssldyn_npy_array_clear(&array);
}

START_TEST(writes_stacks_of_any_length)
{
    static const size_t frames[] = {0, 1, 9, 10, 2385};
    char path[SCRATCH_PATH];

    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++)
        write_stack(scratch_path(path, "stack.npy"), frames[i]);
}
END_TEST

START_TEST(writes_vectors_and_empty_frames)
{
    static const size_t nothing[1] = {0};
    static const double number = 2.5;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_npy_writer *writer = NULL;
    struct ssldyn_array array;
    char path[SCRATCH_PATH];

    scratch_path(path, "vector.npy");
    for (size_t count = 0; count < 2; count++) {
        ck_assert_int_eq(ssldyn_npy_writer_open(path, 0, NULL, &writer, &err), SSLDYN_OK);
        for (size_t i = 0; i < count; i++)
            ck_assert_int_eq(ssldyn_npy_writer_append(writer, &number, &err), SSLDYN_OK);
        ck_assert_int_eq(ssldyn_npy_writer_close(writer, &err), SSLDYN_OK);
        ck_assert_int_eq(ssldyn_npy_read(path, false, &array, &err), SSLDYN_OK);
        ck_assert_uint_eq(array.dimensions, 1);
        ck_assert_uint_eq(array.count, count);
        ssldyn_npy_array_clear(&array);
    }
    ck_assert_int_eq(ssldyn_npy_writer_open(path, 1, nothing, &writer, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_writer_append(writer, NULL, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_writer_close(writer, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_read(path, false, &array, &err), SSLDYN_OK);
    ck_assert_uint_eq(array.shape[0], 1);
    ck_assert_uint_eq(array.shape[1], 0);
    ssldyn_npy_array_clear(&array);
}
END_TEST

START_TEST(header_is_aligned_for_mapping)
{
    static const size_t shape[2] = {1, 3};
    static const double numbers[3] = {1.0, 2.0, 3.0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];
    char file[CAPACITY];

    ck_assert_int_eq(ssldyn_npy_write(scratch_path(path, "a.npy"), 2, shape, numbers, &err),
                     SSLDYN_OK);
    size_t size = scratch_read(path, file, sizeof file);
    size_t length = (unsigned char)file[8] + 256U * (unsigned char)file[9];
    /* The format requires the numbers to start at a multiple of 64 bytes, after a newline. */
    ck_assert_uint_eq((10 + length) % 64, 0);
    ck_assert_int_eq(file[10 + length - 1], '\n');
    ck_assert_uint_eq(size, 10 + length + sizeof numbers);
}
END_TEST

START_TEST(abandoned_leaves_nothing)
{
    static const size_t shape[1] = {2};
    static const size_t huge[2] = {SIZE_MAX / 4, SIZE_MAX / 4};
    static const double frame[2] = {1.0, 2.0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_npy_writer *writer = NULL;
    char path[SCRATCH_PATH];

    scratch_path(path, "abandoned.npy");
    ck_assert_int_eq(ssldyn_npy_writer_open(path, 1, shape, &writer, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_writer_append(writer, frame, &err), SSLDYN_OK);
    ck_assert_int_eq(scratch_unfinished(path), 1);
    ssldyn_npy_writer_abandon(writer);
    ssldyn_npy_writer_abandon(NULL);
    ck_assert(!scratch_exists(path) && scratch_unfinished(path) == 0);
    ck_assert_int_eq(ssldyn_npy_writer_open(path, 2, huge, &writer, &err), SSLDYN_EINPUT);
    ck_assert_int_eq(
        ssldyn_npy_writer_open(path, SSLDYN_NPY_MAXIMUM_DIMENSIONS, huge, &writer, &err),
        SSLDYN_EINPUT);
    ck_assert_int_eq(ssldyn_npy_writer_open("/nowhere/at/all.npy", 1, shape, &writer, &err),
                     SSLDYN_EIO);
    ck_assert_ptr_null(writer);
}
END_TEST

START_TEST(keeps_whole_frames_when_the_disk_is_full)
{
    static const size_t shape[1] = {100};
    double frame[100];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_npy_writer *writer = NULL;
    struct ssldyn_array array;
    char path[SCRATCH_PATH];
    enum ssldyn_status status = SSLDYN_OK;

    unlink(scratch_path(path, "full.npy"));
    ck_assert_int_eq(ssldyn_npy_writer_open(path, 1, shape, &writer, &err), SSLDYN_OK);
    scratch_disk_limit(50000);
    for (int t = 0; t < 1000 && status == SSLDYN_OK; t++) {
        for (int i = 0; i < 100; i++)
            frame[i] = 100.0 * t + i;
        status = ssldyn_npy_writer_append(writer, frame, &err);
    }
    ck_assert_int_eq(status, SSLDYN_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    status = ssldyn_npy_writer_close(writer, &err);
    scratch_disk_free();
    ck_assert_int_eq(status, SSLDYN_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, "frames are kept"));
    ck_assert_msg(ssldyn_npy_read(path, false, &array, &err) == SSLDYN_OK, "%s", err.message);
    /* 800 bytes per frame; the C library decides how much of the last buffer was written. */
    ck_assert_uint_ge(array.shape[0], (50000 - 256 - 8192) / 800);
    ck_assert_uint_le(array.shape[0], 50000 / 800);
    for (size_t i = 0; i < array.count; i++)
        ck_assert(array.data[i] == (double)i);
    ssldyn_npy_array_clear(&array);
}
END_TEST

/* A small random generator, so that the damaged files are the same everywhere. */
static uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

START_TEST(survives_damaged_files)
{
    static const char *const dictionaries[] = {
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }      \n",
        "{'descr': '>i2', 'fortran_order': True, 'shape': (3, 2, 4), }\n",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (48,), }\n",
        "{'descr': '<f2', 'fortran_order': True, 'shape': (24, 1), }\n",
    };
    static const char alphabet[] = "0123456789()[]{}',:\\ LTF<>|=fiubO\n";
    unsigned char numbers[48];
    uint64_t state = 2385;
    int accepted = 0;
    char path[SCRATCH_PATH];

    scratch_path(path, "damaged.npy");
    for (size_t i = 0; i < sizeof numbers; i++)
        numbers[i] = (unsigned char)(i % 60);
    for (int round = 0; round < 6000; round++) {
        struct ssldyn_error err = {SSLDYN_OK, ""};
        struct ssldyn_array array;
        char file[CAPACITY];
        size_t size = compose(file, dictionaries[draw(&state) % 4], numbers, sizeof numbers);
        for (uint32_t change = draw(&state) % 6; change > 0; change--) {
            size_t at = draw(&state) % size;
            uint32_t kind = draw(&state) % 4;
            if (kind == 0)
                file[at] = (char)draw(&state);
            else
                file[at] = alphabet[draw(&state) % (sizeof alphabet - 1)];
        }
        if (draw(&state) % 4 == 0)
            size = draw(&state) % (size + 1);
        scratch_write(path, file, size);
        enum ssldyn_status status = ssldyn_npy_read(path, false, &array, &err);
        ck_assert_msg(status == SSLDYN_OK || status == SSLDYN_EINPUT, "round %d: %s", round,
                      err.message);
        if (status == SSLDYN_EINPUT) {
            ck_assert_ptr_nonnull(strstr(err.message, path));
            ck_assert_ptr_null(array.data);
            continue;
        }
        size_t count = 1;
        for (size_t i = 0; i < array.dimensions; i++)
            count *= array.shape[i];
        ck_assert_uint_eq(array.count, count);
        for (size_t i = 0; i < count; i++)
            ck_assert(isfinite(array.data[i]));
        accepted++;
        ssldyn_npy_array_clear(&array);
    }
    /* Undamaged files and those with damaged numbers only must be read, most others must be
     * refused. */
    ck_assert_int_gt(accepted, 6000 / 10);
    ck_assert_int_lt(accepted, 6000 * 6 / 10);
}
END_TEST

/* NAME.npy written by NumPy compared with NAME.want.npy, its float64 copy. */
static void compare_with_copy(const char *directory, const char *name)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array got;
    struct ssldyn_array want;
    char path[2 * SCRATCH_PATH];

    snprintf(path, sizeof path, "%s/%s.npy", directory, name);
    ck_assert_msg(ssldyn_npy_read(path, true, &got, &err) == SSLDYN_OK, "%s", err.message);
    snprintf(path, sizeof path, "%s/%s.want.npy", directory, name);
    ck_assert_msg(ssldyn_npy_read(path, true, &want, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(got.dimensions, want.dimensions);
    ck_assert_uint_eq(got.count, want.count);
    for (size_t i = 0; i < got.dimensions; i++)
        ck_assert_uint_eq(got.shape[i], want.shape[i]);
    for (size_t i = 0; i < got.count; i++)
        ck_assert_msg(got.data[i] == want.data[i] || (isnan(got.data[i]) && isnan(want.data[i])),
                      "%s: entry %zu: got %.17g, NumPy says %.17g", name, i, got.data[i],
                      want.data[i]);
    ssldyn_npy_array_clear(&got);
    ssldyn_npy_array_clear(&want);
}

START_TEST(agrees_with_numpy)
{
    static const size_t shape[3] = {2, 3, 4};
    const char *directory = getenv("SSLDYN_NUMPY_DIR");
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[2 * SCRATCH_PATH];
    double numbers[24];
    int compared = 0;

    DIR *listing = opendir(directory);
    ck_assert_ptr_nonnull(listing);
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
        char name[SCRATCH_PATH];
        snprintf(name, sizeof name, "%s", entry->d_name);
        char *suffix = strstr(name, ".want.npy");
        if (suffix == NULL)
            continue;
        *suffix = '\0';
        compare_with_copy(directory, name);
        compared++;
    }
    closedir(listing);
    ck_assert_int_gt(compared, 20);
    /* The reverse: the script that set the directory loads this file. */
    for (int i = 0; i < 24; i++)
        numbers[i] = i / 7.0;
    snprintf(path, sizeof path, "%s/written.npy", directory);
    ck_assert_int_eq(ssldyn_npy_write(path, 3, shape, numbers, &err), SSLDYN_OK);
    snprintf(path, sizeof path, "%s/empty.npy", directory);
    struct ssldyn_npy_writer *writer = NULL;
    ck_assert_int_eq(ssldyn_npy_writer_open(path, 2, shape, &writer, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_writer_close(writer, &err), SSLDYN_OK);
}
END_TEST

TEST_SUITE(npy)
{
    tcase_add_loop_test(tests, reads_each_plain_type, 0, sizeof types / sizeof types[0]);
    tcase_add_test(tests, every_half_is_exact);
    tcase_add_test(tests, turns_fortran_order);
    tcase_add_loop_test(tests, checks_headers, 0, sizeof headers / sizeof headers[0]);
    tcase_add_test(tests, reads_versions_two_and_three);
    tcase_add_test(tests, refuses_what_is_not_finite);
    tcase_add_test(tests, refuses_other_files);
    tcase_add_test(tests, writes_stacks_of_any_length);
    tcase_add_test(tests, writes_vectors_and_empty_frames);
    tcase_add_test(tests, header_is_aligned_for_mapping);
    tcase_add_test(tests, abandoned_leaves_nothing);
    tcase_add_test(tests, keeps_whole_frames_when_the_disk_is_full);
    tcase_add_test(tests, survives_damaged_files);
    if (getenv("SSLDYN_NUMPY_DIR") != NULL)
        tcase_add_test(tests, agrees_with_numpy);
}
