/* The files behind options: read once, shared by the points of a sweep, and taken away from a run
 * that no longer names them. */
// SPDX-License-Identifier: MIT
#include "sim/inputs/inputs.h"
#include "sim/run/start.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/spec_make.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N1 = 3, N2 = 2 };

static const double X[N1 * N1] = {2.0, 0.5, 0.0, 0.5, 1.0, 0.25, 0.0, 0.25, 0.5};
static const double Xprime[N1 * N1] = {0.5, 0.0, 0.1, 0.0, 0.5, 0.0, 0.1, 0.0, 0.5};
static const double W[N2 * N1] = {0.1, -0.2, 0.3, 0.4, 0.5, -0.6};
static const double Wp[N2 * N2] = {0.7, 0.1, 0.1, 0.2};

static void write_matrix(const char *path, size_t rows, size_t columns, const double entries[])
{
    const size_t shape[2] = {rows, columns};
    ck_assert_int_eq(ssldyn_npy_write(path, 2, shape, entries, NULL), SSLDYN_OK);
}

struct files {
    char x[SCRATCH_PATH], xprime[SCRATCH_PATH], w[SCRATCH_PATH], wp[SCRATCH_PATH];
};

static void write_files(struct files *files)
{
    write_matrix(scratch_path(files->x, "x.npy"), N1, N1, X);
    write_matrix(scratch_path(files->xprime, "xprime.npy"), N1, N1, Xprime);
    write_matrix(scratch_path(files->w, "w.npy"), N2, N1, W);
    write_matrix(scratch_path(files->wp, "wp.npy"), N2, N2, Wp);
}

static void remove_files(const struct files *files)
{
    ck_assert_int_eq(unlink(files->x), 0);
    ck_assert_int_eq(unlink(files->xprime), 0);
    ck_assert_int_eq(unlink(files->w), 0);
    ck_assert_int_eq(unlink(files->wp), 0);
}

/* A copy of a loaded spec starts from what was read, without the files. */
START_TEST(read_once)
{
    struct files files;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_inputs inputs = {0};
    struct ssldyn_inputs own = {0};
    struct ssldyn_spec spec;
    struct ssldyn_spec copy;
    struct ssldyn_start start;
    write_files(&files);
    const char *const options[] = {"x",       files.x,  "xprime",  files.xprime, "init-w", files.w,
                                   "init-wp", files.wp, "init-wa", "copy",       NULL};
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_inputs_load(&spec, &inputs, &err) == SSLDYN_OK, "%s", err.message);
    remove_files(&files);
    ck_assert_int_eq(spec.problem.n1, N1);
    ck_assert_int_eq(spec.problem.n2, N2);
    ck_assert_int_eq(ssldyn_spec_copy(&spec, &copy, &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_spec_prepare(&copy, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_msg(ssldyn_inputs_load(&copy, &own, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_ptr_eq(copy.problem.basis, inputs.basis);
    ck_assert_ptr_null(own.basis);
    ck_assert_int_eq(ssldyn_start_create(&copy.problem, 0, &start, &err), SSLDYN_OK);
    double original[2 * N2 * N1];
    double tied[2 * N2 * N1];
    ssldyn_start_restore(&start, start.W, start.Wa, (double)NAN, original);
    ssldyn_start_restore(&start, start.W, NULL, 0.5, tied);
    for (size_t i = 0; i < N2 * N1; i++) {
        CHECK_CLOSE(original[i], W[i], 1e-14, 1e-15);
        CHECK_CLOSE(original[N2 * N1 + i], W[i], 1e-14, 1e-15);
        CHECK_CLOSE(tied[N2 * N1 + i], 0.5 * original[i], 0.0, 0.0);
    }
    for (size_t i = 0; i < N2 * N2; i++) {
        CHECK_CLOSE(start.Wp[i], Wp[i], 0.0, 0.0);
    }
    ssldyn_start_clear(&start);
    ssldyn_inputs_clear(&own);
    ssldyn_spec_clear(&copy);
    ssldyn_inputs_clear(&inputs);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* What a spec does not name is not its problem's, and what an axis names is left to the points. */
START_TEST(taken_away)
{
    struct files files;
    char axis[SCRATCH_PATH + 8];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_inputs inputs = {0};
    struct ssldyn_spec spec;
    write_files(&files);
    const char *const options[] = {"init-w", files.w, NULL};
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, options);
    ck_assert_int_eq(ssldyn_inputs_load(&spec, &inputs, &err), SSLDYN_OK);
    ck_assert_ptr_nonnull(spec.problem.start.W.entries);
    ck_assert_ptr_null(spec.problem.start.Wp.entries);
    free(spec.init_w);
    spec.init_w = NULL;
    ck_assert_int_eq(ssldyn_inputs_load(&spec, &inputs, &err), SSLDYN_OK);
    ck_assert_ptr_null(spec.problem.start.W.entries);
    ssldyn_inputs_clear(&inputs);
    snprintf(axis, sizeof axis, "list:%s", files.w);
    ck_assert_int_eq(ssldyn_spec_axis(&spec, "init-w", axis, "axis", &err), SSLDYN_OK);
    spec.init_w = strdup(files.w);
    ck_assert_int_eq(ssldyn_inputs_load(&spec, &inputs, &err), SSLDYN_OK);
    ck_assert_ptr_null(spec.problem.start.W.entries);
    ssldyn_inputs_clear(&inputs);
    ssldyn_spec_clear(&spec);
    remove_files(&files);
}
END_TEST

/* A matrix of the wrong shape is named as its owner calls it, or by its letter. */
START_TEST(wrong_shapes)
{
    static const char *const names[] = {"--init-w w.npy", NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_start start;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, (const char *const[]){"n1", "4", "n2", "2", NULL});
    spec.problem.start.W = (struct ssldyn_matrix){N2, N1, W, names[_i]};
    ck_assert_int_eq(ssldyn_start_create(&spec.problem, 0, &start, &err), SSLDYN_EINPUT);
    ck_assert_ptr_eq(strstr(err.message, _i == 0 ? "--init-w w.npy: has the shape 2 x 3; 2 x 4"
                                                 : "W: has the shape 2 x 3; 2 x 4"),
                     err.message);
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(inputs)
{
    tcase_add_test(tests, read_once);
    tcase_add_test(tests, taken_away);
    tcase_add_loop_test(tests, wrong_shapes, 0, 2);
}
