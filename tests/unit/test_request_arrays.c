/* Requests with arrays in memory: the same as files with the same numbers, to the bit, for every
 * command that takes arrays; and results that are saved with them. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy.h"
#include "sim/ssldyn.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { N1 = 3, N2 = 2, ROWS = 5, ARGUMENTS = 18, GIVEN = 6 };

/* Constants: writing to them would crash the test. */
static const double X[] = {2.0, 0.5, 0.0, 0.5, 1.0, 0.25, 0.0, 0.25, 0.5};
static const double Xprime[] = {0.5, 0.0, 0.1, 0.0, 0.5, 0.0, 0.1, 0.0, 0.5};
static const double W[] = {0.1, -0.2, 0.3, 0.4, 0.5, -0.6};
static const double Wa[] = {0.2, -0.1, 0.3, 0.4, 0.4, -0.5};
static const double Wp[] = {0.7, 0.1, 0.1, 0.2};
static const double F[] = {0.3, 0.05, 0.05, 0.2};
static const double vectors[] = {1.0, 0.5, 0.0,  -1.0, 0.5, 0.25, 0.0, 0.3,
                                 2.0, 1.0, -0.5, -2.0, 0.7, 0.1,  0.4};

enum { FRAMES = 3, SAMPLES = 8, IMAGES = 12, SIDE = 5, CHANNELS = 3 };
static double stack_wp[FRAMES * N2 * N2], stack_f[FRAMES * N2 * N2], stack_w[FRAMES * N2 * N1];
static double features[FRAMES * SAMPLES * N2], outputs[FRAMES * SAMPLES * N2], times[FRAMES];
static double layer[3 * N2], back[N2 * 3];
/* s, eigenvalues of Wp, cosines */
static const double eigenvalues[] = {1.0, 0.5, 0.9, 0.6, 0.99, 0.8, 1.1,  0.4, 0.9,
                                     0.5, 1.0, 0.7, 1.2, 0.3,  1.0, 0.45, 1.0, 0.6};
static double pixels[IMAGES * SIDE * SIDE * CHANNELS];
static uint8_t bytes[IMAGES * SIDE * SIDE * CHANNELS];

struct array {
    const char *name, *option; /* as the text of an argument */
    const double *data;
    size_t dimensions, shape[4];
    const uint8_t *bytes; /* the same numbers; NULL: doubles are given */
};
static const struct array
    x = {"X", "x", X, 2, {N1, N1}, NULL},
    xprime = {"Xprime", "xprime", Xprime, 2, {N1, N1}, NULL},
    w = {"W", "init_w", W, 2, {N2, N1}, NULL}, wa = {"Wa", "init_wa", Wa, 2, {N2, N1}, NULL},
    wp = {"Wp", "init_wp", Wp, 2, {N2, N2}, NULL}, f = {"F", "init_f", F, 2, {N2, N2}, NULL},
    data = {"data", "data", vectors, 2, {ROWS, N1}, NULL},
    wps = {"Wp", "wp", stack_wp, 3, {FRAMES, N2, N2}, NULL},
    fs = {"F", "f", stack_f, 3, {FRAMES, N2, N2}, NULL},
    ws = {"W", "w", stack_w, 3, {FRAMES, N2, N1}, NULL},
    was = {"Wa", "wa", stack_w, 3, {FRAMES, N2, N1}, NULL},
    ts = {"t", "times", times, 1, {FRAMES}, NULL}, first = {"Wp", "wp", layer, 2, {3, N2}, NULL},
    second = {"Wp", "wp", back, 2, {N2, 3}, NULL},
    spectra = {"spectra", "spectra", eigenvalues, 3, {FRAMES, 3, N2}, NULL},
    f1 = {"F", "f", F, 2, {N2, N2}, NULL},
    inputs = {"features", "features", features, 3, {FRAMES, SAMPLES, N2}, NULL},
    outcomes = {"outputs", "outputs", outputs, 3, {FRAMES, SAMPLES, N2}, NULL},
    last = {"data", "data", pixels, 4, {IMAGES, SIDE, SIDE, CHANNELS}, bytes},
    images = {"data", "data", pixels, 4, {IMAGES, SIDE, SIDE, CHANNELS}, NULL},
    second_last = {"data", "data", pixels, 4, {IMAGES * SIDE, CHANNELS, SIDE, 1}, bytes};

static const struct {
    const char *command;
    const struct array *given[GIVEN];
    const char *arguments[ARGUMENTS]; /* name, value, ..., NULL */
} cases[] = {
    {"flow", {&x, &xprime, &w, &wa, &wp}, {"t_end", "2", "samples", "10"}},
    {"flow", {&w, &wp}, {"t_end", "2", "samples", "10", "loss", "cosine"}},
    {"flow", {&f, &wp}, {"model", "reduced", "t_end", "2", "samples", "10", "eta", "0.04"}},
    {"sgd", {&w, &wp, &x, &xprime}, {"steps", "20", "batch", "4", "samples", "5"}},
    {"sgd", {&data, &xprime, &wp}, {"steps", "20", "batch", "4", "samples", "5", "n2", "2"}},
    {"sgd",
     {&last},
     {"augmentation", "none", "noise", "0.1", "pairs", "40", "pool", "1", "steps", "6", "batch",
      "4", "n2", "2"}},
    {"align", {&wps, &fs, &ts}, {"eta", "0.01", "sigma2", "0.25", "margins", "true"}},
    {"align", {&wps, &ws, &was, &x, &xprime}, {"eta", "0.01", "predict", "1"}},
    {"align", {&first, &second, &f1}, {NULL}},
    {"align", {&inputs, &outcomes}, {"loss", "l2"}},
    {"align", {&spectra, &ts}, {"eta", "0.01"}},
    {"sweep",
     {&w, &wp, &x, &xprime},
     {"axis.eta", "0.01:0.2:3", "model", "population", "t_end", "2", "columns", "fate,norm_w_end"}},
    {"moments", {&last}, {"augmentation", "weak", "pairs", "60", "splits", "3", "scale", "none"}},
    {"moments", {&images}, {"pairs", "60", "pca", "5", "noise", "0.1"}},
    {"moments",
     {&second_last},
     {"image_format", "nchw", "pairs", "60", "augmentation", "none", "noise", "0.1"}},
    {"theory", {&x, &xprime}, {"eta", "0.1"}}, /* from here on without files */
    {"theory", {&w, &wp}, {"loss", "cosine", "eta", "0.1", "sigma2", "0"}},
};
enum { CASES = sizeof cases / sizeof cases[0], SAVED = CASES - 2 };

static double noise(size_t i)
{
    const double number = sin(12.9898 * (double)i + 4.1414) * 43758.5453;
    return number - floor(number);
}

/* Fills the arrays that are not constant, with the same numbers each time. */
static void make_numbers(void)
{
    for (size_t k = 0; k < FRAMES; k++) {
        times[k] = (double)k / 2.0;
        for (size_t i = 0; i < N2 * N2; i++) {
            stack_wp[k * N2 * N2 + i] = Wp[i] + 0.1 * (double)k;
            stack_f[k * N2 * N2 + i] = F[i] * (1.0 + 0.2 * (double)k);
        }
        for (size_t i = 0; i < N2 * N1; i++)
            stack_w[k * N2 * N1 + i] = W[i] * (1.0 + 0.1 * (double)k);
    }
    for (size_t i = 0; i < FRAMES * SAMPLES * N2; i++) {
        features[i] = noise(i);
        outputs[i] = 0.5 * features[i] + 0.1 * noise(i + 1000);
    }
    for (size_t i = 0; i < 3 * N2; i++)
        layer[i] = back[i] = noise(i + 2000);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(256.0 * noise(i + 3000));
        pixels[i] = (double)bytes[i];
    }
}

static void check(enum ssldyn_status status, const struct ssldyn_error *err)
{
    ck_assert_msg(status == SSLDYN_OK, "%s", err->message);
}

/* The request of a case, with its arrays in memory or in files. */
static struct ssldyn_request *request_of(int index, bool memory)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_request *request = NULL;
    make_numbers();
    check(ssldyn_request_create(cases[index].command, &request, &err), &err);
    if (strcmp(cases[index].command, "theory") != 0)
        check(ssldyn_request_text(request, "threads", "1", &err), &err);
    for (size_t i = 0; i < ARGUMENTS && cases[index].arguments[i]; i += 2)
        check(ssldyn_request_text(request, cases[index].arguments[i], cases[index].arguments[i + 1],
                                  &err),
              &err);
    for (size_t i = 0; i < GIVEN && cases[index].given[i]; i++) {
        const struct array *array = cases[index].given[i];
        char name[64];
        char path[SCRATCH_PATH];
        if (memory) {
            check(array->bytes ? ssldyn_request_array_bytes(request, array->name, array->dimensions,
                                                            array->shape, array->bytes, &err)
                               : ssldyn_request_array(request, array->name, array->dimensions,
                                                      array->shape, array->data, &err),
                  &err);
            continue;
        }
        (void)snprintf(name, sizeof name, "%d-%zu-%s.npy", index, i, array->option);
        check(ssldyn_npy_write(scratch_path(path, name), array->dimensions, array->shape,
                               array->data, &err),
              &err);
        check(ssldyn_request_text(request, array->option, path, &err), &err);
    }
    return request;
}

static struct ssldyn_result *run(struct ssldyn_request *request)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    check(ssldyn_request_run(request, &result, &err), &err);
    ssldyn_request_free(request);
    return result;
}

/* Equal values, rows and arrays, to the bit. */
static void agree(const struct ssldyn_result *one, const struct ssldyn_result *other)
{
    const size_t rows = ssldyn_result_row_count(one);
    const size_t columns = ssldyn_result_column_count(one);
    ck_assert_uint_eq(ssldyn_result_row_count(other), rows);
    ck_assert_uint_eq(ssldyn_result_column_count(other), columns);
    if (rows > 0)
        ck_assert_mem_eq(ssldyn_result_rows(one), ssldyn_result_rows(other),
                         rows * columns * sizeof(double));
    ck_assert_uint_eq(ssldyn_result_value_count(one), ssldyn_result_value_count(other));
    for (size_t i = 0; i < ssldyn_result_value_count(one); i++) {
        const char *name = ssldyn_result_value_name(one, i);
        const double a = ssldyn_result_value(one, name);
        const double b = ssldyn_result_value(other, name);
        ck_assert_str_eq(ssldyn_result_value_name(other, i), name);
        ck_assert(a == b || (isnan(a) && isnan(b)));
        ck_assert_pstr_eq(ssldyn_result_word(one, name), ssldyn_result_word(other, name));
    }
    ck_assert_uint_eq(ssldyn_result_array_count(one), ssldyn_result_array_count(other));
    for (size_t i = 0; i < ssldyn_result_array_count(one); i++) {
        size_t shapes[2][SSLDYN_DIMENSIONS];
        size_t dimensions[2];
        size_t count = 1;
        const char *name = ssldyn_result_array_name(one, i);
        const double *a = ssldyn_result_array(one, name, &dimensions[0], shapes[0]);
        const double *b = ssldyn_result_array(other, name, &dimensions[1], shapes[1]);
        ck_assert_msg(b != NULL, "%s", name);
        ck_assert_uint_eq(dimensions[0], dimensions[1]);
        for (size_t k = 0; k < dimensions[0]; k++) {
            ck_assert_uint_eq(shapes[0][k], shapes[1][k]);
            count *= shapes[0][k];
        }
        ck_assert_mem_eq(a, b, count * sizeof(double));
    }
}

START_TEST(memory_equals_files)
{
    struct ssldyn_result *memory = run(request_of(_i, true));
    struct ssldyn_result *files = run(request_of(_i, false));
    ck_assert(ssldyn_result_row_count(memory) > 0 || ssldyn_result_value_count(memory) > 0);
    agree(memory, files);
    ssldyn_result_free(memory);
    ssldyn_result_free(files);
}
END_TEST

/* A saved result names the arrays that it contains: read from the directory, it is the same run,
 * even after the directory was moved. */
START_TEST(saved_results_are_complete)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_request *again = NULL;
    char directory[SCRATCH_PATH];
    char moved[SCRATCH_PATH];
    char name[64];
    struct ssldyn_result *memory = run(request_of(_i, true));
    (void)snprintf(name, sizeof name, "saved-%d", _i);
    scratch_path(directory, name);
    check(ssldyn_result_save(memory, directory, &err), &err);
    (void)snprintf(name, sizeof name, "moved-%d", _i);
    ck_assert_int_eq(rename(directory, scratch_path(moved, name)), 0);
    check(ssldyn_request_create(cases[_i].command, &again, &err), &err);
    check(ssldyn_request_read(again, moved, &err), &err);
    struct ssldyn_result *repeated = run(again);
    agree(memory, repeated);
    ck_assert_str_eq(ssldyn_result_text(memory, "spec"), ssldyn_result_text(repeated, "spec"));
    ssldyn_result_free(memory);
    ssldyn_result_free(repeated);
}
END_TEST

/* A saved result with arrays has, file by file, the bytes written when files are given. */
START_TEST(saved_as_written)
{
    static const char *const names[] = {
        "trace.tsv",   "report.txt",     "t.npy",         "W.npy",      "Wp.npy",
        "Wa.npy",      "F.npy",          "verdict.txt",   "cosine.tsv", "knobs.tsv",
        "x.npy",       "prediction.tsv", "xprime.npy",    "mean.npy",   "scale.npy",
        "spectra.tsv", "basis.npy",      "margins.tsv",   "data_x.npy", "data_xprime.npy",
        "table.tsv",   "fate.npy",       "norm_w_end.npy"};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char saved[SCRATCH_PATH];
    char written[SCRATCH_PATH];
    char name[64];
    struct ssldyn_result *memory = run(request_of(_i, true));
    (void)snprintf(name, sizeof name, "memory-%d", _i);
    check(ssldyn_result_save(memory, scratch_path(saved, name), &err), &err);
    (void)snprintf(name, sizeof name, "files-%d", _i);
    struct ssldyn_request *request = request_of(_i, false);
    check(ssldyn_request_text(request, "output", scratch_path(written, name), &err), &err);
    struct ssldyn_result *files = run(request);
    size_t count = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char paths[2][SCRATCH_PATH + 32];
        static char texts[2][1 << 17];
        (void)snprintf(paths[0], sizeof paths[0], "%s/%s", saved, names[i]);
        (void)snprintf(paths[1], sizeof paths[1], "%s/%s", written, names[i]);
        ck_assert_msg(scratch_exists(paths[0]) == scratch_exists(paths[1]), "%s", names[i]);
        if (!scratch_exists(paths[0]))
            continue;
        const size_t size = scratch_read(paths[0], texts[0], sizeof texts[0]);
        ck_assert_uint_eq(scratch_read(paths[1], texts[1], sizeof texts[1]), size);
        if (strcmp(names[i], "report.txt") != 0) /* this file contains the elapsed time */
            ck_assert_msg(memcmp(texts[0], texts[1], size) == 0, "%s", names[i]);
        count++;
    }
    ck_assert_uint_ge(count, 2);
    ssldyn_result_free(memory);
    ssldyn_result_free(files);
}
END_TEST

/* The content of err before a failure is the caller's, and need not be text: sanitizers detect
 * reads of it. */
START_TEST(an_error_without_text)
{
    char directory[SCRATCH_PATH];
    struct ssldyn_error err;
    struct ssldyn_result *memory = run(request_of(1, true));
    memset(&err, 'x', sizeof err);
    ck_assert_int_eq(ssldyn_result_save(memory, scratch_path(directory, "untold"), &err),
                     SSLDYN_OK);
    ssldyn_result_free(memory);
}
END_TEST

/* One clear line that names arguments. */
START_TEST(refusals_name_the_argument)
{
    static const double bad[] = {0.1, -0.2, (double)NAN, 0.4, 0.5, -0.6};
    static const struct {
        const char *name;
        size_t dimensions, shape[3];
        const double *data;
        const char *message;
        bool at_once; /* reported when the array is given */
    } arrays[] = {
        {"W", 2, {N2, N1}, bad, "init_w: entry 2 (row-major, from 0) is nan", false},
        {"W", 3, {1, N2, N1}, W, "init_w (array): has the shape 1 x 2 x 3; a matrix", false},
        {"Wp", 2, {1, 4}, Wp, "init_wp (array): has the shape 1 x 4; a square matrix", false},
        {"Wp", 2, {3, 3}, X, "init_w (array): is 2 x 3 (n2 x n1), but init_wp is 3 x 3", false},
        {"X", 2, {2, 2}, Wp, "x: needs xprime as well", false},
        {"eta", 1, {1}, W, "eta: takes no array; these do: x (X), xprime (Xprime)", true},
        {"features", 1, {1}, W, "features: is not an argument of", true},
        {"W", 2, {0, 3}, W, "W: the array is empty", true},
        {"W", 0, {0}, W, "W: the array has 0 dimensions", true},
    };
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    struct ssldyn_request *request = request_of(1, true);
    enum ssldyn_status status = ssldyn_request_array(
        request, arrays[_i].name, arrays[_i].dimensions, arrays[_i].shape, arrays[_i].data, &err);
    ck_assert_int_eq(status, arrays[_i].at_once ? SSLDYN_EINPUT : SSLDYN_OK);
    if (status == SSLDYN_OK)
        status = ssldyn_request_run(request, &result, &err);
    ck_assert_int_eq(status, SSLDYN_EINPUT);
    ck_assert_ptr_null(result);
    ck_assert_msg(strncmp(err.message, arrays[_i].message, strlen(arrays[_i].message)) == 0, "%s",
                  err.message);
    ck_assert_ptr_null(strchr(err.message, '\n'));
    ssldyn_request_free(request);
}
END_TEST

/* Arrays and texts given after an experiment file, which is read later, override it in the order in
 * which they are given. */
START_TEST(arrays_outlast_an_experiment_file)
{
    static const char file[] = "eta = 0.1\ninit_w = nowhere.npy\n";
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];
    scratch_write(scratch_path(path, "a.conf"), file, sizeof file - 1);
    struct ssldyn_request *request = request_of(0, true);
    check(ssldyn_request_read(request, path, &err), &err);
    check(ssldyn_request_text(request, "eta", "0", &err), &err);
    struct ssldyn_result *over = run(request);
    request = request_of(0, true);
    check(ssldyn_request_text(request, "eta", "0", &err), &err);
    struct ssldyn_result *plain = run(request);
    agree(over, plain);
    ssldyn_result_free(over);
    ssldyn_result_free(plain);
}
END_TEST

TEST_SUITE(request_arrays)
{
    tcase_add_loop_test(tests, memory_equals_files, 0, CASES);
    tcase_add_loop_test(tests, saved_results_are_complete, 0, SAVED);
    tcase_add_loop_test(tests, saved_as_written, 0, SAVED);
    tcase_add_test(tests, an_error_without_text);
    tcase_add_loop_test(tests, refusals_name_the_argument, 0, 9);
    tcase_add_test(tests, arrays_outlast_an_experiment_file);
}
