/* The files that options name: read once, shared by the points of a sweep, and removed from a run
 * that no longer names them. */
// SPDX-License-Identifier: MIT
#include "sim/inputs/inputs.h"
#include "sim/run/start.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/spec_make.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
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

/* A spec with all these files, given as arrays in memory. */
static void memory_spec(struct ssldyn_spec *spec)
{
    static const struct {
        const char *name;
        size_t shape[2];
        const double *data;
    } arrays[] = {{"X", {N1, N1}, X},
                  {"Xprime", {N1, N1}, Xprime},
                  {"W", {N2, N1}, W},
                  {"Wp", {N2, N2}, Wp},
                  {"Wa", {N2, N1}, W}};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_spec_init(spec, SSLDYN_COMMAND_FLOW, &err), SSLDYN_OK);
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        ck_assert_msg(ssldyn_spec_array(spec, arrays[i].name, 2, arrays[i].shape, arrays[i].data,
                                        &err) == SSLDYN_OK,
                      "%s", err.message);
    ck_assert_msg(ssldyn_spec_prepare(spec, &err) == SSLDYN_OK, "%s", err.message);
}

/* A copy of a loaded spec starts from the data already read, without the files. */
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

/* A problem has only the inputs that the spec names; inputs named by an axis are left to the
 * points. */
START_TEST(inputs_are_removed)
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

/* A matrix of the wrong shape is reported by its option, or by its letter. */
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

/* Arrays in memory give the same problem as files with the same numbers, to the bit; a start points
 * to them and is not a copy. (They are constants: writing to them would crash the test.) */
START_TEST(memory_equals_files)
{
    struct files files;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_inputs inputs[2] = {0};
    struct ssldyn_spec specs[2];
    struct ssldyn_start starts[2];
    write_files(&files);
    const char *const options[] = {"x",       files.x,  "xprime",  files.xprime, "init-w", files.w,
                                   "init-wp", files.wp, "init-wa", files.w,      NULL};
    spec_make(&specs[0], SSLDYN_COMMAND_FLOW, options);
    memory_spec(&specs[1]);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_msg(ssldyn_inputs_load(&specs[i], &inputs[i], &err) == SSLDYN_OK, "%s",
                      err.message);
        ck_assert_int_eq(ssldyn_start_create(&specs[i].problem, 0, &starts[i], &err), SSLDYN_OK);
    }
    ck_assert_ptr_eq(specs[1].problem.start.W.entries, W);
    ck_assert_ptr_eq(specs[1].problem.start.Wp.entries, Wp);
    ck_assert_int_eq(specs[1].problem.n1, N1);
    ck_assert_int_eq(specs[1].problem.n2, N2);
    ck_assert_mem_eq(inputs[0].basis->Q, inputs[1].basis->Q, sizeof X);
    ck_assert_mem_eq(starts[0].W, starts[1].W, sizeof W);
    ck_assert_mem_eq(starts[0].Wa, starts[1].Wa, sizeof W);
    ck_assert_mem_eq(starts[0].Wp, starts[1].Wp, sizeof Wp);
    for (size_t i = 0; i < 2; i++) {
        ssldyn_start_clear(&starts[i]);
        ssldyn_inputs_clear(&inputs[i]);
        ssldyn_spec_clear(&specs[i]);
    }
    remove_files(&files);
}
END_TEST

/* The vectors that SGD draws from, and their X and X'. */
START_TEST(vectors_in_memory)
{
    enum { ROWS = 4 };
    static const double vectors[ROWS * N1] = {1.0, 0.5, 0.0, -1.0, 0.5,  0.25,
                                              0.0, 0.3, 2.0, 1.0,  -0.5, -2.0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_inputs inputs[2] = {0};
    struct ssldyn_spec specs[2];
    char path[SCRATCH_PATH];
    write_matrix(scratch_path(path, "vectors.npy"), ROWS, N1, vectors);
    spec_make(&specs[0], SSLDYN_COMMAND_SGD, (const char *const[]){"data", path, "n2", "2", NULL});
    ck_assert_int_eq(ssldyn_spec_init(&specs[1], SSLDYN_COMMAND_SGD, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_set(&specs[1], "n2", "2", "--n2", &err), SSLDYN_OK);
    ck_assert_int_eq(
        ssldyn_spec_array(&specs[1], "data", 2, (const size_t[]){ROWS, N1}, vectors, &err),
        SSLDYN_OK);
    ck_assert_msg(ssldyn_spec_prepare(&specs[1], &err) == SSLDYN_OK, "%s", err.message);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(ssldyn_inputs_describe(&specs[i], &err), SSLDYN_OK);
        ck_assert_int_eq(specs[i].problem.n1, N1);
        ck_assert_msg(ssldyn_inputs_load(&specs[i], &inputs[i], &err) == SSLDYN_OK, "%s",
                      err.message);
        ck_assert_uint_eq(inputs[i].dataset.count, ROWS);
    }
    ck_assert_mem_eq(inputs[0].vectors, inputs[1].vectors, sizeof vectors);
    ck_assert_mem_eq(inputs[0].basis->Q, inputs[1].basis->Q, sizeof X);
    for (size_t i = 0; i < 2; i++) {
        ssldyn_inputs_clear(&inputs[i]);
        ssldyn_spec_clear(&specs[i]);
    }
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* Refusals of arrays in memory name the option. */
START_TEST(bad_entries_in_memory)
{
    static const double bad[N2 * N1] = {0.1, -0.2, (double)NAN, 0.4, 0.5, -0.6};
    static const double lopsided[N1 * N1] = {2.0, 0.5, 0.0, -0.5, 1.0, 0.25, 0.0, 0.25, 0.5};
    static const char *const words[] = {"--init-w: entry 2 (row-major, from 0) is nan",
                                        "--x (array): a symmetric matrix is needed"};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_inputs inputs = {0};
    struct ssldyn_spec spec;
    memory_spec(&spec);
    ck_assert_int_eq(
        _i == 0 ? ssldyn_spec_array(&spec, "W", 2, (const size_t[]){N2, N1}, bad, &err)
                : ssldyn_spec_array(&spec, "X", 2, (const size_t[]){N1, N1}, lopsided, &err),
        SSLDYN_OK);
    ck_assert_int_ne(ssldyn_inputs_load(&spec, &inputs, &err), SSLDYN_OK);
    ck_assert_msg(strncmp(err.message, words[_i], strlen(words[_i])) == 0, "%s", err.message);
    ssldyn_inputs_clear(&inputs);
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(inputs)
{
    tcase_add_test(tests, memory_equals_files);
    tcase_add_test(tests, vectors_in_memory);
    tcase_add_loop_test(tests, bad_entries_in_memory, 0, 2);
    tcase_add_test(tests, read_once);
    tcase_add_test(tests, inputs_are_removed);
    tcase_add_loop_test(tests, wrong_shapes, 0, 2);
}
