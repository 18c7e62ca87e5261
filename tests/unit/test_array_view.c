/* Arrays in memory behave as files do: every type, writing and reading back, and refusals. */
// SPDX-License-Identifier: MIT
#include "sim/io/array_view.h"

#include "sim/io/array_file.h"
#include "sim/io/matrices.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static const double doubles[6] = {0.1, -2.0, 3.5, 4.0, 1e-300, -0.0};
static const float floats[6] = {0.1F, -2.0F, 3.5F, 4.0F, 1e-30F, -0.0F};
static const unsigned char bytes[6] = {0, 1, 2, 127, 128, 255};
static const struct {
    enum ssldyn_array_type type;
    const void *data;
} kinds[] = {
    {SSLDYN_ARRAY_DOUBLE, doubles}, {SSLDYN_ARRAY_FLOAT, floats}, {SSLDYN_ARRAY_BYTE, bytes}};

static double entry(int kind, size_t i)
{
    return kind == 0 ? doubles[i] : kind == 1 ? (double)floats[i] : (double)bytes[i];
}

static struct ssldyn_array_view view_of(int kind, size_t dimensions, const size_t shape[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array_view view;
    ck_assert_msg(ssldyn_array_view_make("--x", kinds[kind].type, dimensions, shape,
                                         kinds[kind].data, &view, &err) == SSLDYN_OK,
                  "%s", err.message);
    return view;
}

/* Reading from memory and reading a file written from it give the same bits. */
START_TEST(memory_and_file_agree)
{
    static const size_t shape[2] = {2, 3};
    const struct ssldyn_array_view view = view_of(_i, 2, shape);
    struct ssldyn_need need = {.option = "--x", .least = 2, .most = 2, .memory = &view};
    struct ssldyn_array memory = {0};
    struct ssldyn_array file = {0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];
    ck_assert_int_eq(ssldyn_array_file_read(SSLDYN_ARRAY_LABEL, &need, &memory, &err), SSLDYN_OK);
    scratch_path(path, "view.npy");
    char *slash = strrchr(path, '/');
    *slash = '\0';
    ck_assert_int_eq(ssldyn_array_view_write(&view, path, slash + 1, &err), SSLDYN_OK);
    *slash = '/';
    need.memory = NULL;
    ck_assert_msg(ssldyn_array_file_read(path, &need, &file, &err) == SSLDYN_OK, "%s", err.message);
    for (size_t i = 0; i < 6; i++) {
        const double want = entry(_i, i);
        ck_assert_mem_eq(&memory.data[i], &want, sizeof want);
    }
    ck_assert_uint_eq(file.count, memory.count);
    ck_assert_mem_eq(file.shape, memory.shape, 2 * sizeof(size_t));
    ck_assert_mem_eq(file.data, memory.data, 6 * sizeof(double));
    ssldyn_npy_array_clear(&file);
    ssldyn_npy_array_clear(&memory);
}
END_TEST

/* A header of whole 64 bytes, as NumPy aligns it. */
START_TEST(written_as_numpy_writes)
{
    static const size_t shape[2] = {6, 1};
    const struct ssldyn_array_view view = view_of(_i, _i == 0 ? 1 : 2, shape);
    static const char *const heads[] = {
        "{'descr': '<f8', 'fortran_order': False, 'shape': (6,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6, 1), }",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (6, 1), }"};
    char path[SCRATCH_PATH];
    char text[512];
    scratch_path(path, "head.npy");
    char *slash = strrchr(path, '/');
    *slash = '\0';
    ck_assert_int_eq(ssldyn_array_view_write(&view, path, slash + 1, NULL), SSLDYN_OK);
    *slash = '/';
    const size_t size = scratch_read(path, text, sizeof text);
    ck_assert_uint_eq((size - ssldyn_array_view_bytes(&view)) % 64, 0);
    ck_assert_int_eq(strncmp(text + 10, heads[_i], strlen(heads[_i])), 0);
    ck_assert_int_eq(text[size - ssldyn_array_view_bytes(&view) - 1], '\n');
}
END_TEST

/* Doubles are returned without a copy; other types are converted into a copy. */
START_TEST(doubles_are_borrowed)
{
    static const size_t shape[2] = {2, 3};
    const struct ssldyn_array_view view = view_of(_i, 2, shape);
    const struct ssldyn_need need = {
        .option = "--x", .least = 2, .most = 2, .memory = &view, .borrow = true};
    struct ssldyn_array array = {0};
    ck_assert_int_eq(ssldyn_array_file_read(SSLDYN_ARRAY_LABEL, &need, &array, NULL), SSLDYN_OK);
    ck_assert_int_eq((const void *)array.data == view.data, _i == 0);
    ck_assert_int_eq(array.borrowed, _i == 0);
    ck_assert_double_eq(array.data[3], entry(_i, 3));
    ssldyn_npy_array_clear(&array);
    ck_assert_ptr_null(array.data);
}
END_TEST

/* Wrong shapes and entries are refused with one line that begins with the option. */
START_TEST(what_does_not_fit_is_refused)
{
    static const struct {
        size_t dimensions, shape[3], rows, columns;
        double bad;
        const char *message;
    } cases[] = {
        {1, {6}, 2, 3, 0.0, "--x (array): has the shape 6; 2 x 3 is needed"},
        {2,
         {3, 2},
         2,
         3,
         0.0,
         "--x (array): has the shape 3 x 2; 2 x 3 is needed (it is transposed"},
        {3, {1, 2, 3}, 2, 3, 0.0, "--x (array): has the shape 1 x 2 x 3; 2 x 3 is needed"},
        {2, {2, 3}, 2, 3, (double)NAN, "--x: entry 4 (row-major, from 0) is nan"},
        {2, {2, 3}, 2, 3, (double)INFINITY, "--x: entry 4 (row-major, from 0) is infinite"},
    };
    double data[6] = {1.0, 2.0, 3.0, 4.0, cases[_i % 5].bad, 6.0};
    struct ssldyn_array_view view;
    struct ssldyn_array array = {0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_array_view_make("--x", SSLDYN_ARRAY_DOUBLE, cases[_i % 5].dimensions,
                                            cases[_i % 5].shape, data, &view, &err),
                     SSLDYN_OK);
    const struct ssldyn_need need = {.option = "--x",
                                     .least = 2,
                                     .most = 2,
                                     .rows = cases[_i % 5].rows,
                                     .columns = cases[_i % 5].columns,
                                     .memory = &view,
                                     .borrow = _i >= 5};
    ck_assert_int_eq(ssldyn_array_file_read(SSLDYN_ARRAY_LABEL, &need, &array, &err),
                     SSLDYN_EINPUT);
    ck_assert_msg(strncmp(err.message, cases[_i % 5].message, strlen(cases[_i % 5].message)) == 0,
                  "%s", err.message);
    ck_assert_ptr_null(array.data);
}
END_TEST

START_TEST(a_missing_array_is_refused)
{
    static const size_t fine[2] = {2, 3};
    static const size_t empty[2] = {2, 0};
    static const size_t huge[2] = {SIZE_MAX / 2, 3};
    static const size_t many[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const struct {
        size_t dimensions;
        const size_t *shape;
        const void *data;
        const char *word;
    } cases[] = {{0, fine, doubles, "1 to 8"},
                 {9, many, doubles, "1 to 8"},
                 {2, empty, doubles, "empty"},
                 {2, huge, doubles, "too many"},
                 {2, fine, NULL, "empty"}};
    struct ssldyn_array_view view;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_array_view_make("--w", SSLDYN_ARRAY_DOUBLE, cases[_i].dimensions,
                                            cases[_i].shape, cases[_i].data, &view, &err),
                     SSLDYN_EINPUT);
    ck_assert_int_eq(strncmp(err.message, "--w: ", 5), 0);
    ck_assert_msg(strstr(err.message, cases[_i].word) != NULL, "%s", err.message);
}
END_TEST

/* A stack is a series of its matrices; its type determines the precision of its numbers. */
START_TEST(stacks_are_series)
{
    static const size_t shape[3] = {3, 2, 1};
    static const double roundoffs[] = {0x1p-53, 0x1p-24, 0.0};
    const struct ssldyn_array_view view = view_of(_i, 3, shape);
    struct ssldyn_matrices *matrices = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double matrix[2];
    ck_assert_msg(ssldyn_matrices_open_memory(&view, "--f", false, &matrices, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(ssldyn_matrices_count(matrices), 3);
    ck_assert_uint_eq(ssldyn_matrices_rows(matrices), 2);
    ck_assert_uint_eq(ssldyn_matrices_columns(matrices), 1);
    ck_assert_double_eq(ssldyn_matrices_roundoff(matrices), roundoffs[_i]);
    ck_assert_double_nan(ssldyn_matrices_number(matrices, 1));
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(ssldyn_matrices_next(matrices, matrix, NULL, &err), SSLDYN_OK);
        ck_assert_double_eq(matrix[0], entry(_i, 2 * i));
        ck_assert_double_eq(matrix[1], entry(_i, 2 * i + 1));
    }
    ck_assert_int_eq(ssldyn_matrices_next(matrices, matrix, NULL, &err), SSLDYN_EINPUT);
    ck_assert_str_eq(err.message, "--f: there are only 3 matrices");
    ssldyn_matrices_close(matrices);
}
END_TEST

/* An entry that is not finite is reported with option and position, or counted. */
START_TEST(series_name_what_is_not_finite)
{
    static const double data[8] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, (double)NAN, 8.0};
    static const size_t shape[3] = {2, 2, 2};
    struct ssldyn_array_view view;
    struct ssldyn_matrices *matrices = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double matrix[4];
    bool finite = true;
    ck_assert_int_eq(
        ssldyn_array_view_make("--f", SSLDYN_ARRAY_DOUBLE, 3, shape, data, &view, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_matrices_open_memory(&view, "--f", false, &matrices, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_matrices_next(matrices, matrix, NULL, &err), SSLDYN_OK);
    if (_i == 0) {
        ck_assert_int_eq(ssldyn_matrices_next(matrices, matrix, NULL, &err), SSLDYN_EINPUT);
        ck_assert_int_eq(strncmp(err.message, "--f: matrix 2, entry (2, 1) is nan", 34), 0);
    } else {
        ck_assert_int_eq(ssldyn_matrices_next(matrices, matrix, &finite, &err), SSLDYN_OK);
        ck_assert(!finite);
    }
    ssldyn_matrices_close(matrices);
}
END_TEST

TEST_SUITE(array_view)
{
    tcase_add_loop_test(tests, memory_and_file_agree, 0, 3);
    tcase_add_loop_test(tests, written_as_numpy_writes, 0, 3);
    tcase_add_loop_test(tests, doubles_are_borrowed, 0, 3);
    tcase_add_loop_test(tests, what_does_not_fit_is_refused, 0, 10);
    tcase_add_loop_test(tests, a_missing_array_is_refused, 0, 5);
    tcase_add_loop_test(tests, stacks_are_series, 0, 3);
    tcase_add_loop_test(tests, series_name_what_is_not_finite, 0, 2);
}
