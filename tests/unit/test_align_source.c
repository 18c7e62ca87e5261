/* Series of files: the files of one snapshot are matched by the number in their names. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"
#include "sim/io/npy.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 3 };

static void write_matrix(const char *name, double size, size_t frames)
{
    char path[SCRATCH_PATH];
    double matrix[2 * N * N] = {0};
    const size_t shape[3] = {frames, N, N};
    for (size_t i = 0; i < frames * N; i++)
        matrix[i / N * N * N + i % N * (N + 1)] = size;
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(path, name), frames > 1 ? 3 : 2,
                                      frames > 1 ? shape : shape + 1, matrix, NULL),
                     SSLDYN_OK);
}

/* Numbers of two series, and the expected result: the last time, or a part of the message. */
static const struct {
    const char *names[3], *others[3];
    size_t frames, other_frames;
    double last;
    const char *word;
} series[] = {
    {{"0", "10", "20"}, {"0", "10", "20"}, 1, 1, 20.0, NULL},
    {{"0", "10", "20"}, {"20", "00", "010"}, 1, 1, 20.0, NULL},
    {{"2", "10", "9"}, {"9", "10", "2"}, 1, 1, 10.0, NULL},
    {{"0", "10", "20"}, {"0", "20", "30"}, 1, 1, 0.0, "number 30 occurs only in --f"},
    {{"0", "10", "20"}, {"0", "10", "20"}, 1, 2, 0.0, "--wp"},
    {{"0", "10", "20"}, {"0", "10", "10a"}, 1, 1, 0.0, "only in --wp"},
};
enum { CASES = sizeof series / sizeof series[0] };

static void write_series(int index, const char *tag)
{
    char name[64];
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "%s-wp_%s.npy", tag, series[index].names[i]);
        write_matrix(name, sqrt(1.0 + atof(series[index].names[i])), series[index].frames);
        (void)snprintf(name, sizeof name, "%s-f_%s.npy", tag, series[index].others[i]);
        write_matrix(name, 1.0 + atof(series[index].others[i]), series[index].other_frames);
    }
}

static void check_series(int index, const char *tag, const char *wildcard)
{
    char wp[SCRATCH_PATH];
    char f[SCRATCH_PATH];
    char name[64];
    write_series(index, tag);
    (void)snprintf(name, sizeof name, "%s-wp_%s.npy", tag, wildcard);
    scratch_path(wp, name);
    (void)snprintf(name, sizeof name, "%s-f_%s.npy", tag, wildcard);
    scratch_path(f, name);
    const struct ssldyn_align_request request = {
        .wp = wp, .f = f, .floor = 1e-4, .leading = 64, .threads = 1, .quiet = true};
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const enum ssldyn_status status = ssldyn_align(&request, &report, &err);
    if (series[index].word != NULL) {
        ck_assert_int_eq(status, SSLDYN_EINPUT);
        ck_assert_msg(strstr(err.message, series[index].word) != NULL, "%s", err.message);
        return;
    }
    ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
    ck_assert_double_eq(report.last.t, series[index].last);
    CHECK_CLOSE(report.alpha_p, 1.0, 1e-12, 0.0); /* p^2 = s for every matched pair */
}

START_TEST(numbers_pair_the_files)
{
    char tag[16];
    (void)snprintf(tag, sizeof tag, "number%d", _i);
    check_series(_i, tag, "%d");
}
END_TEST

/* Names of a glob that share a prefix before the number are matched in the same way. */
START_TEST(globs_pair_by_their_numbers)
{
    char tag[16];
    if (_i == CASES - 1)
        return; /* the glob contains 10 and 10a, so 10 is ambiguous */
    (void)snprintf(tag, sizeof tag, "glob%d", _i);
    check_series(_i, tag, "*");
}
END_TEST

START_TEST(doubtful_names_are_refused)
{
    static const char *const words[] = {"same number", "only one %d"};
    char wp[SCRATCH_PATH];
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    write_matrix("twice_1.npy", 1.0, 1);
    write_matrix("twice_01.npy", 1.0, 1);
    const struct ssldyn_align_request request = {
        .f = scratch_path(wp, _i == 0 ? "twice_%d.npy" : "twice_%d-%d.npy"),
        .floor = 1e-4,
        .leading = 64,
        .threads = 1,
        .quiet = true};
    ck_assert_int_eq(ssldyn_align(&request, &report, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, words[_i]) != NULL, "%s", err.message);
}
END_TEST

/* ---- arrays in memory */

enum { FRAMES = 3, SAMPLES = 12, INPUTS = 4 };

/* Inputs of an analysis: each as an array, and as a file with the same numbers. */
static struct {
    const char *option;
    size_t dimensions, shape[3];
    double data[FRAMES * SAMPLES * N];
    char path[SCRATCH_PATH];
} given[] = {{.option = "wp", .dimensions = 3, .shape = {FRAMES, N, N}},
             {.option = "f", .dimensions = 3, .shape = {FRAMES, N, N}},
             {.option = "w", .dimensions = 3, .shape = {FRAMES, N, INPUTS}},
             {.option = "wa", .dimensions = 3, .shape = {FRAMES, N, INPUTS}},
             {.option = "x", .dimensions = 2, .shape = {INPUTS, INPUTS}},
             {.option = "xprime", .dimensions = 2, .shape = {INPUTS, INPUTS}},
             {.option = "features", .dimensions = 3, .shape = {FRAMES, SAMPLES, N}},
             {.option = "outputs", .dimensions = 3, .shape = {FRAMES, SAMPLES, N}},
             {.option = "mean", .dimensions = 2, .shape = {FRAMES, N}},
             {.option = "times", .dimensions = 1, .shape = {FRAMES}}};
enum { WP, F, W, WA, X, XPRIME, FEATURES, OUTPUTS, MEAN, TIMES, GIVEN };

/* Makes the matrices symmetric and positive where that is required. */
static void make_given(void)
{
    for (size_t k = 0; k < GIVEN; k++) {
        const size_t size = given[k].shape[given[k].dimensions - 1];
        size_t count = 1;
        for (size_t i = 0; i < given[k].dimensions; i++)
            count *= given[k].shape[i];
        for (size_t i = 0; i < count; i++) {
            const size_t a = i / size % size;
            const size_t b = i % size;
            const bool symmetric = k == F || k == X || k == XPRIME;
            given[k].data[i] = symmetric
                                   ? (a == b ? 1.0 + 0.5 * (double)a : 0.1 * draw_noise(a * b))
                               : k == TIMES ? 0.5 * (double)(i * i)
                                            : (k == MEAN ? 0.1 : 1.0) * draw_noise(i + 100 * k);
        }
        char name[64];
        (void)snprintf(name, sizeof name, "given-%s.npy", given[k].option);
        ck_assert_int_eq(ssldyn_npy_write(scratch_path(given[k].path, name), given[k].dimensions,
                                          given[k].shape, given[k].data, NULL),
                         SSLDYN_OK);
    }
}

/* The request with the inputs of a set, in files or in memory. */
static struct ssldyn_align_request request_of(unsigned set, struct ssldyn_arrays *memory)
{
    struct ssldyn_align_request request = {
        .floor = 1e-4, .leading = 64, .threads = 1, .quiet = true, .memory = memory};
    const char **const strings[GIVEN] = {
        &request.wp,     &request.f,        &request.w,       &request.wa,   &request.x,
        &request.xprime, &request.features, &request.outputs, &request.mean, &request.times};
    for (size_t k = 0; k < GIVEN; k++) {
        struct ssldyn_array_view view;
        if ((set >> k & 1) == 0)
            continue;
        *strings[k] = memory != NULL ? SSLDYN_ARRAY_LABEL : given[k].path;
        if (memory == NULL)
            continue;
        ck_assert_int_eq(ssldyn_array_view_make(given[k].option, SSLDYN_ARRAY_DOUBLE,
                                                given[k].dimensions, given[k].shape, given[k].data,
                                                &view, NULL),
                         SSLDYN_OK);
        ck_assert_int_eq(ssldyn_arrays_add(memory, given[k].option, 0, &view, NULL, NULL),
                         SSLDYN_OK);
    }
    return request;
}

/* The rows of an analysis, in order. */
struct taken {
    size_t rows, width;
    double cells[FRAMES][400];
};

static enum ssldyn_status take(void *context, const struct ssldyn_layout *layout, size_t modes,
                               const double row[], struct ssldyn_error *err)
{
    struct taken *taken = context;
    (void)err;
    taken->width = ssldyn_layout_width(layout, modes);
    ck_assert_uint_lt(taken->rows, FRAMES);
    ck_assert_uint_lt(taken->width, 400);
    memcpy(taken->cells[taken->rows++], row, taken->width * sizeof(double));
    return SSLDYN_OK;
}

/* With arrays in memory every row and the verdict are equal to those from files, bit for bit, and
 * the arrays are unchanged. */
START_TEST(memory_equals_files)
{
    static const unsigned sets[] = {1U << WP | 1U << F,
                                    1U << WP | 1U << F | 1U << MEAN | 1U << TIMES,
                                    1U << WP | 1U << W | 1U << WA | 1U << X | 1U << XPRIME,
                                    1U << WP | 1U << W | 1U << X | 1U << TIMES,
                                    1U << WP | 1U << FEATURES,
                                    1U << FEATURES | 1U << OUTPUTS | 1U << TIMES};
    struct taken taken[2] = {{0}};
    struct ssldyn_align_report reports[2];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double before[GIVEN][FRAMES * SAMPLES * N];
    make_given();
    for (size_t k = 0; k < GIVEN; k++)
        memcpy(before[k], given[k].data, sizeof before[k]);
    for (size_t i = 0; i < 2; i++) {
        struct ssldyn_arrays memory = {0};
        const struct ssldyn_align_taker taker = {.context = &taken[i], .row = take};
        struct ssldyn_align_request request = request_of(sets[_i], i == 1 ? &memory : NULL);
        request.taker = &taker;
        ck_assert_msg(ssldyn_align(&request, &reports[i], &err) == SSLDYN_OK, "%s", err.message);
        ssldyn_arrays_clear(&memory);
    }
    ck_assert_uint_eq(taken[0].rows, FRAMES);
    ck_assert_uint_eq(taken[1].rows, FRAMES);
    ck_assert_mem_eq(taken[0].cells, taken[1].cells, sizeof taken[0].cells);
    ck_assert_str_eq(reports[0].verdict.text, reports[1].verdict.text);
    if ((sets[_i] >> TIMES & 1) != 0)
        for (size_t row = 0; row < FRAMES; row++)
            ck_assert_double_eq(taken[1].cells[row][0], given[TIMES].data[row]);
    for (size_t k = 0; k < GIVEN; k++)
        ck_assert_mem_eq(before[k], given[k].data, sizeof before[k]);
}
END_TEST

START_TEST(bad_arrays_are_named)
{
    static const struct {
        unsigned set;
        size_t which, dimensions, shape[3];
        double bad; /* 0: none */
        const char *message;
    } cases[] = {
        {1U << WP | 1U << F, F, 2, {N, N + 1}, 0.0, "--f: is 3 x 4, but 3 x 3 is needed"},
        {1U << WP | 1U << F, F, 1, {N}, 0.0, "--f (array): the array has 1 dimension; a matrix"},
        {1U << WP | 1U << F, WP, 3, {2, N, N}, 0.0, "--wp and --f: 2 and 3 snapshots"},
        {1U << WP | 1U << F,
         WP,
         3,
         {FRAMES, N, N},
         (double)NAN,
         "--wp: matrix 2, entry (2, 1) is nan"},
        {1U << WP | 1U << W | 1U << X, X, 2, {INPUTS, INPUTS}, (double)NAN, "--x: entry 12"},
        {1U << WP | 1U << W | 1U << X, X, 2, {N, N}, 0.0, "--x (array): has the shape 3 x 3"},
        {1U << WP | 1U << F | 1U << MEAN, MEAN, 2, {FRAMES, 2}, 0.0, "--mean: is 1 x 2"},
        {1U << WP | 1U << F | 1U << TIMES, TIMES, 1, {2}, 0.0, "--times (array): 2 times for 3"},
    };
    struct ssldyn_arrays memory = {0};
    struct ssldyn_array_view view;
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double data[FRAMES * SAMPLES * N];
    make_given();
    const struct ssldyn_align_request request = request_of(cases[_i].set, &memory);
    memcpy(data, given[cases[_i].which].data, sizeof data);
    if (isnan(cases[_i].bad))
        data[12] = cases[_i].bad;
    const char *option = given[cases[_i].which].option;
    ck_assert_int_eq(ssldyn_array_view_make(option, SSLDYN_ARRAY_DOUBLE, cases[_i].dimensions,
                                            cases[_i].shape, data, &view, NULL),
                     SSLDYN_OK);
    ssldyn_arrays_drop(&memory, option);
    ck_assert_int_eq(ssldyn_arrays_add(&memory, option, 0, &view, NULL, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_align(&request, &report, &err), SSLDYN_EINPUT);
    ck_assert_msg(strncmp(err.message, cases[_i].message, strlen(cases[_i].message)) == 0, "%s",
                  err.message);
    ssldyn_arrays_clear(&memory);
}
END_TEST

/* A stack with a bad snapshot: that snapshot is skipped, and the verdict gives its time. */
START_TEST(bad_snapshots_are_skipped)
{
    struct ssldyn_arrays memory = {0};
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    make_given();
    given[WP].data[N * N] = (double)NAN;
    struct ssldyn_align_request request = request_of(1U << WP | 1U << F | 1U << TIMES, &memory);
    request.skip_bad = true;
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(report.snapshots, FRAMES - 1);
    ck_assert_uint_eq(report.skipped, 1);
    ck_assert_double_eq(report.last.t, given[TIMES].data[FRAMES - 1]);
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "non-finite entries, at t = 0.5."));
    ssldyn_arrays_clear(&memory);
}
END_TEST

TEST_SUITE(align_source)
{
    tcase_add_loop_test(tests, memory_equals_files, 0, 6);
    tcase_add_loop_test(tests, bad_arrays_are_named, 0, 8);
    tcase_add_test(tests, bad_snapshots_are_skipped);
    tcase_add_loop_test(tests, numbers_pair_the_files, 0, CASES);
    tcase_add_loop_test(tests, globs_pair_by_their_numbers, 0, CASES);
    tcase_add_loop_test(tests, doubtful_names_are_refused, 0, 2);
}
