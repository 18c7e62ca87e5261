/* Series of matrices: stacks, many files, their order, their numbers; and shapes that do not
 * fit. */
// SPDX-License-Identifier: MIT
#include "sim/io/matrices.h"
#include "sim/io/npy.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void write_matrix(const char *path, size_t frames, size_t rows, size_t columns, double first)
{
    double data[64];
    const size_t shape[3] = {frames, rows, columns};
    ck_assert(frames * rows * columns <= 64 || frames == 0);
    const size_t count = (frames > 0 ? frames : 1) * rows * columns;
    for (size_t i = 0; i < count; i++)
        data[i] = first + (double)i;
    /* frames = 0: one matrix of two dimensions */
    ck_assert_int_eq(
        ssldyn_npy_write(path, frames > 0 ? 3 : 2, frames > 0 ? shape : shape + 1, data, NULL),
        SSLDYN_OK);
}

START_TEST(stacks_come_frame_by_frame)
{
    char path[SCRATCH_PATH];
    double frame[6];
    struct ssldyn_matrices *matrices = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    write_matrix(scratch_path(path, "stack.npy"), 3, 2, 3, 0.5);
    ck_assert_msg(ssldyn_matrices_open(path, "--w", "W", &matrices, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_uint_eq(ssldyn_matrices_count(matrices), 3);
    ck_assert_uint_eq(ssldyn_matrices_rows(matrices), 2);
    ck_assert_uint_eq(ssldyn_matrices_columns(matrices), 3);
    ck_assert_double_nan(ssldyn_matrices_label(matrices, 1));
    for (size_t t = 0; t < 3; t++) {
        ck_assert_int_eq(ssldyn_matrices_next(matrices, frame, NULL, &err), SSLDYN_OK);
        for (size_t i = 0; i < 6; i++)
            ck_assert_double_eq(frame[i], 0.5 + (double)(6 * t + i));
    }
    ck_assert_int_eq(ssldyn_matrices_next(matrices, frame, NULL, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "only 3"));
    ssldyn_matrices_close(matrices);
    ssldyn_matrices_close(NULL);
}
END_TEST

/* Numbers in file names sort numerically, for any width; other files are excluded. */
START_TEST(numbered_files_make_a_series)
{
    char directory[SCRATCH_PATH];
    char path[2 * SCRATCH_PATH];
    static const int numbers[] = {10, 9, 100, 2};
    (void)mkdir(scratch_path(directory, "series"), 0777);
    for (size_t k = 0; k < 4; k++) {
        (void)snprintf(path, sizeof path, "%s/ep_%d.npy", directory, numbers[k]);
        write_matrix(path, 0, 2, 2, (double)numbers[k]);
    }
    (void)snprintf(path, sizeof path, "%s/ep_x.npy", directory);
    if (_i < 2)
        write_matrix(path, 0, 2, 2, -1.0);
    else
        (void)remove(path);
    static const char *const patterns[] = {"ep_%d.npy", "ep_%03d.npy", "ep_*.npy"};
    (void)snprintf(path, sizeof path, "%s/%s", directory, patterns[_i]);
    struct ssldyn_matrices *matrices = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_matrices_open(path, "--f", "F", &matrices, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_uint_eq(ssldyn_matrices_count(matrices), 4);
    static const double order[] = {2.0, 9.0, 10.0, 100.0};
    for (size_t t = 0; t < 4; t++) {
        double frame[4];
        ck_assert_int_eq(ssldyn_matrices_next(matrices, frame, NULL, NULL), SSLDYN_OK);
        ck_assert_double_eq(frame[0], order[t]);
        if (_i < 2)
            ck_assert_double_eq(ssldyn_matrices_label(matrices, t), order[t]);
    }
    ssldyn_matrices_close(matrices);
}
END_TEST

START_TEST(mismatched_input_is_refused)
{
    static const char *const words[] = {"no file matches", "cannot be read", "text file",
                                        "dimension",       "empty",          "began with",
                                        "regular file",    "one array"};
    char path[3 * SCRATCH_PATH];
    char directory[SCRATCH_PATH];
    const size_t vector[1] = {3};
    const size_t empty[2] = {0, 3};
    const double data[3] = {1.0, 2.0, 3.0};
    (void)mkdir(scratch_path(directory, "unfit"), 0777);
    (void)snprintf(path, sizeof path, "%s/a.npy", directory);
    (void)remove(path);
    switch (_i) {
    case 0:
        (void)snprintf(path, sizeof path, "%s/none_%%d.npy", directory);
        break;
    case 1:
        break;
    case 2:
        scratch_write(path, "plain text\n", 11);
        break;
    case 3:
        ck_assert_int_eq(ssldyn_npy_write(path, 1, vector, data, NULL), SSLDYN_OK);
        break;
    case 4:
        ck_assert_int_eq(ssldyn_npy_write(path, 2, empty, data, NULL), SSLDYN_OK);
        break;
    case 5:
        (void)snprintf(path, sizeof path, "%s/m_1.npy", directory);
        write_matrix(path, 0, 2, 2, 1.0);
        (void)snprintf(path, sizeof path, "%s/m_2.npy", directory);
        write_matrix(path, 0, 2, 3, 1.0);
        (void)snprintf(path, sizeof path, "%s/m_?.npy", directory);
        break;
    case 6:
        (void)snprintf(path, sizeof path, "%s", directory);
        break;
    default:
        write_matrix(path, 0, 2, 2, 1.0);
        (void)snprintf(path, sizeof path, "%s/a.npy:Wp", directory);
        break;
    }
    struct ssldyn_matrices *matrices = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_matrices_open(path, "--wp", "Wp", &matrices, &err), SSLDYN_EINPUT);
    ck_assert_ptr_null(matrices);
    ck_assert_msg(strstr(err.message, words[_i]) != NULL, "%s", err.message);
}
END_TEST

START_TEST(entries_that_are_not_finite_are_named)
{
    char path[SCRATCH_PATH];
    double data[8] = {1, 2, 3, 4, 5, 6, (double)NAN, 8};
    const size_t shape[3] = {2, 2, 2};
    double frame[4];
    struct ssldyn_matrices *matrices = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(path, "nan.npy"), 3, shape, data, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(ssldyn_matrices_open(path, "--wp", "Wp", &matrices, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_matrices_next(matrices, frame, NULL, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_matrices_next(matrices, frame, NULL, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "matrix 2, entry (2, 1) is nan"));
    ssldyn_matrices_close(matrices);
}
END_TEST

/* The type in which numbers are stored is known for every kind of file. */
START_TEST(checkpoints_have_their_roundoff)
{
    static const struct {
        const char *argument;
        double roundoff;
    } cases[] = {{"tests/torch/double.pt:Wp", 0x1p-53},
                 {"tests/torch/state.pt:predictor.weight", 0x1p-24},
                 {"tests/torch/half.pt", 0x1p-11},
                 {"tests/torch/bfloat16.pt", 0x1p-8},
                 {"tests/torch/integers.pt:int16", 0.0}};
    struct ssldyn_matrices *matrices = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_matrices_open(cases[_i].argument, "--wp", "Wp", &matrices, &err) ==
                      SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(ssldyn_matrices_rows(matrices), 3);
    ck_assert_uint_eq(ssldyn_matrices_columns(matrices), 3);
    ck_assert_double_eq(ssldyn_matrices_roundoff(matrices), cases[_i].roundoff);
    ssldyn_matrices_close(matrices);
}
END_TEST

TEST_SUITE(matrices)
{
    tcase_add_test(tests, stacks_come_frame_by_frame);
    tcase_add_loop_test(tests, numbered_files_make_a_series, 0, 3);
    tcase_add_loop_test(tests, mismatched_input_is_refused, 0, 8);
    tcase_add_test(tests, entries_that_are_not_finite_are_named);
    tcase_add_loop_test(tests, checkpoints_have_their_roundoff, 0, 5);
}
