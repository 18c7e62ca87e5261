/* Reading a .npy in parts gives the file. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy_stream.h"

#include "sim/io/npy.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(parts_add_up_to_the_file)
{
    enum { COUNT = 10007 };
    static double values[COUNT];
    static double found[COUNT];
    char path[SCRATCH_PATH];
    const size_t shape[] = {COUNT};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_npy_stream *stream = NULL;
    size_t count = 0;
    for (size_t i = 0; i < COUNT; i++)
        values[i] = 2.385 * (double)i - 7.1;
    scratch_path(path, "a.npy");
    ck_assert_int_eq(ssldyn_npy_write(path, 1, shape, values, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_stream_open(path, &stream, &count, &err), SSLDYN_OK);
    ck_assert_uint_eq(count, COUNT);
    ck_assert_int_eq(ssldyn_npy_stream_read(stream, 4100, found, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_stream_read(stream, COUNT - 4100, found + 4100, &err), SSLDYN_OK);
    ck_assert_mem_eq(found, values, sizeof values);
    ck_assert_int_eq(ssldyn_npy_stream_read(stream, 1, found, &err), SSLDYN_EIO);
    ssldyn_npy_stream_close(stream);
}
END_TEST

START_TEST(what_is_refused)
{
    char path[SCRATCH_PATH];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_npy_stream *stream = NULL;
    size_t count = 0;
    scratch_path(path, "none.npy");
    ck_assert_int_eq(ssldyn_npy_stream_open(path, &stream, &count, &err), SSLDYN_EINPUT);
    ck_assert_ptr_null(stream);
    scratch_path(path, "text.npy");
    scratch_write(path, "hello", 5);
    ck_assert_int_eq(ssldyn_npy_stream_open(path, &stream, &count, &err), SSLDYN_EINPUT);
    ck_assert_ptr_null(stream);
    /* in Fortran's order */
    static const char head[] = "{'descr': '|i1', 'fortran_order': True, 'shape': (2, 2), }";
    char file[128 + 4];
    memset(file, ' ', sizeof file);
    memcpy(file, "\x93NUMPY\x01\x00\x76\x00", 10);
    memcpy(file + 10, head, sizeof head - 1);
    file[127] = '\n';
    scratch_path(path, "fortran.npy");
    scratch_write(path, file, sizeof file);
    ck_assert_int_eq(ssldyn_npy_stream_open(path, &stream, &count, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, "Fortran") != NULL, "%s", err.message);
}
END_TEST

TEST_SUITE(npy_stream)
{
    tcase_add_test(tests, parts_add_up_to_the_file);
    tcase_add_test(tests, what_is_refused);
}
