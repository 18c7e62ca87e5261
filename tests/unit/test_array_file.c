/* Arrays from files: FILE:NAME, shapes, and files of other formats. */
// SPDX-License-Identifier: MIT
#include "sim/io/array_file.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const double numbers[6] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};

/* Names that contain wildcards and colons, the special characters of patterns and of FILE:NAME. */
START_TEST(existing_files_are_taken_whole)
{
    static const struct {
        const char *file, *argument, *name;
    } cases[] = {
        {"a.npz", "a.npz:net/w:0", "net/w:0"},
        {"a.npz", "a.npz:w", "w"},
        {"a:b.npz", "a:b.npz", NULL},
        {"a:b.npz", "a:b.npz:c:d", "c:d"},
        {"e[1]%d*.npz", "e[1]%d*.npz:x/y", "x/y"},
        {"missing.npz", "missing.npz:w", "w"},
        {"f_7.npz", "f_*.npz:x/y:0", "x/y:0"},
        {"f_7.npz", "f_%d.npz:x/y:0", "x/y:0"},
    };
    char path[SCRATCH_PATH];
    char argument[SCRATCH_PATH];
    char *file = NULL;
    char *name = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    if (strncmp(cases[_i].file, "missing", 7) != 0)
        scratch_write(scratch_path(path, cases[_i].file), "", 0);
    scratch_path(argument, cases[_i].argument);
    ck_assert_msg(ssldyn_array_file_split(argument, &file, &name, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_uint_eq(strlen(file),
                      strlen(argument) - (cases[_i].name != NULL ? strlen(cases[_i].name) + 1 : 0));
    ck_assert_pstr_eq(name, cases[_i].name);
    free(file);
    free(name);
}
END_TEST

/* Other formats are recognized, with a remedy. */
START_TEST(files_of_other_kinds_are_named)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *words;
    } kinds[] = {
        {"MATLAB 5.0 MAT-file, Platform: x", 32, "scipy.io.loadmat"},
        {"\x89HDF\r\n\x1a\n\0\0\0", 11, "h5py.File"},
        {"\x1f\x8b\b\0\0\0\0\0\0\3", 10, "gunzip"},
        {"BZh91AY&SY", 10, "bunzip2"},
        {"1.0,2.0\n3.0,4.0\n", 16, "numpy.loadtxt"},
        {"version https://git-lfs.github.com/spec/v1\noid sha256:1", 56, "git lfs pull"},
        {"<!DOCTYPE html><html>", 21, "web page"},
        {"\1\2\3\4\5\6\7\10\11\12\13", 11, "not one of the supported files"},
        {"\x80\4\x95\1\0\0\0\0\0\0\0\x8c\x12joblib.numpy_pickle\x94", 33, "joblib.load"},
        {"", 0, "is empty"},
        {"PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, "(empty)"},
    };
    char path[SCRATCH_PATH];
    struct ssldyn_array array;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    scratch_write(scratch_path(path, "foreign"), kinds[_i].bytes, kinds[_i].size);
    ck_assert_int_eq(ssldyn_array_file_read_matrix(path, "--x", "X", 0, 0, NULL, &array, &err),
                     SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, kinds[_i].words) != NULL, "%s", err.message);
}
END_TEST

START_TEST(demands_a_matrix_of_its_shape)
{
    static const size_t shape[3] = {2, 3, 1};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array array;
    char path[SCRATCH_PATH];

    scratch_path(path, "matrix.npy");
    ck_assert_int_eq(ssldyn_npy_write(path, 2, shape, numbers, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_array_file_read_matrix(path, "--x", "X", 2, 3, NULL, &array, &err),
                     SSLDYN_OK);
    ck_assert_double_eq(array.data[5], 6.0);
    ssldyn_npy_array_clear(&array);
    ck_assert_int_eq(ssldyn_array_file_read_matrix(path, "--x", "X", 3, 2, NULL, &array, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "--x"));
    ck_assert_ptr_nonnull(strstr(err.message, "2 x 3"));
    ck_assert_ptr_nonnull(strstr(err.message, "3 x 2 is needed (it is transposed"));
    ck_assert_ptr_null(array.data);
    ck_assert_int_eq(ssldyn_npy_write(path, 3, shape, numbers, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_array_file_read_matrix(path, "--x", "X", 2, 3, NULL, &array, &err),
                     SSLDYN_EINPUT);
    ck_assert_int_eq(ssldyn_npy_write(path, 0, NULL, numbers, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_array_file_read_matrix(path, "--x", "X", 1, 1, NULL, &array, &err),
                     SSLDYN_EINPUT);
}
END_TEST

TEST_SUITE(array_file)
{
    tcase_add_loop_test(tests, existing_files_are_taken_whole, 0, 8);
    tcase_add_loop_test(tests, files_of_other_kinds_are_named, 0, 11);
    tcase_add_test(tests, demands_a_matrix_of_its_shape);
}
