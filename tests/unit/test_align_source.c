/* Series of files: what belongs to one snapshot is found by the number in the names. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"
#include "sim/io/npy.h"
#include "tests/close.h"
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

/* Numbers of two series, and what comes of them: the last time, or a word of the message. */
static const struct {
    const char *names[3], *others[3];
    size_t frames, other_frames;
    double last;
    const char *word;
} series[] = {
    {{"0", "10", "20"}, {"0", "10", "20"}, 1, 1, 20.0, NULL},
    {{"0", "10", "20"}, {"20", "00", "010"}, 1, 1, 20.0, NULL},
    {{"2", "10", "9"}, {"9", "10", "2"}, 1, 1, 10.0, NULL},
    {{"0", "10", "20"}, {"0", "20", "30"}, 1, 1, 0.0, "number 30 is in --f alone"},
    {{"0", "10", "20"}, {"0", "10", "20"}, 1, 2, 0.0, "--wp"},
    {{"0", "10", "20"}, {"0", "10", "10a"}, 1, 1, 0.0, "--wp alone"},
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
    CHECK_CLOSE(report.alpha_p, 1.0, 1e-12, 0.0); /* p^2 = s in every pair */
}

START_TEST(numbers_pair_the_files)
{
    char tag[16];
    (void)snprintf(tag, sizeof tag, "number%d", _i);
    check_series(_i, tag, "%d");
}
END_TEST

/* Names of a glob that differ from one number on are paired in the same way. */
START_TEST(globs_pair_by_their_numbers)
{
    char tag[16];
    if (_i == CASES - 1)
        return; /* 10a is a name of a glob, and counts as 10 twice */
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

TEST_SUITE(align_source)
{
    tcase_add_loop_test(tests, numbers_pair_the_files, 0, CASES);
    tcase_add_loop_test(tests, globs_pair_by_their_numbers, 0, CASES);
    tcase_add_loop_test(tests, doubtful_names_are_refused, 0, 2);
}
