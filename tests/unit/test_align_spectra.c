/* Tables of spectra in the forms that people and programs write: read correctly, or refused with
 * the name of the column. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static enum ssldyn_status analyze(const char *text, struct ssldyn_align_report *report,
                                  struct ssldyn_error *err)
{
    static char path[SCRATCH_PATH];
    scratch_write(scratch_path(path, "spectra.tsv"), text, strlen(text));
    const struct ssldyn_align_request request = {
        .spectra = path, .floor = 1e-4, .leading = 64, .threads = 1, .quiet = true};
    return ssldyn_align(&request, report, err);
}

/* All of them contain s = 1, .5, .25 and wpe = 1, .7, .5. */
static const char *const same[] = {
    "s_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\n1\t0.5\t0.25\t1\t0.7\t0.5\n",
    "s_0\ts_1\ts_2\twpe_0\twpe_1\twpe_2\n1\t0.5\t0.25\t1\t0.7\t0.5\n",
    "s_01\ts_02\ts_03\twpe_1\twpe_2\twpe_3\n1\t0.5\t0.25\t1\t0.7\t0.5\n",
    "wpe_3\ts_2\ts_3\twpe_1\twpe_2\ts_1\n0.5\t0.5\t0.25\t1\t0.7\t1\n",
    "\xef\xbb\xbfs_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\n1\t0.5\t0.25\t1\t0.7\t0.5\n",
    "\"s_1\"\t\"s_2\"\t\"s_3\"\t\"wpe_1\"\t\"wpe_2\"\t\"wpe_3\"\n1\t0.5\t0.25\t1\t0.7\t0.5\n",
    "s_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\r\n1\t0.5\t0.25\t1\t0.7\t0.5\r\n",
    "\n# a comment\ns_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\n \t\n1\t0.5\t0.25\t1\t0.7\t0.5\n\n",
    "s_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\n1\t0.5\t0.25\t1\t0.7\t0.5\t\n",
    "s_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\t\n1\t0.5\t0.25\t1\t0.7\t0.5\t\n",
    "s_1,s_2,s_3,wpe_1,wpe_2,wpe_3\n1, 0.5, 0.25, 1, 0.7, 0.5\n",
    "s_1;s_2;s_3;wpe_1;wpe_2;wpe_3\n1;0.5;0.25;1;0.7;0.5\n",
    " s_1  s_2 s_3 wpe_1 wpe_2   wpe_3 \n  1 0.5 0.25  1 0.7 0.5\n",
    "\ts_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\nepoch 0\t1\t0.5\t0.25\t1\t0.7\t0.5\n",
    ",\"s_1\",\"s_2\",\"s_3\",\"wpe_1\",\"wpe_2\",\"wpe_3\"\n\"0\",1,0.5,0.25,1,0.7,0.5\n",
};
enum { SAME = sizeof same / sizeof same[0] };

START_TEST(dialects_are_equivalent)
{
    struct ssldyn_align_report report;
    struct ssldyn_align_report first;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(analyze(same[0], &first, &err), SSLDYN_OK);
    ck_assert_msg(analyze(same[_i], &report, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(report.snapshots, 1);
    ck_assert_uint_eq(report.modes, 3);
    ck_assert_double_eq(report.last.largest, 1.0);
    ck_assert_double_eq(report.last.spread.rest, 0.75);
    ck_assert_double_eq(report.alpha_p, first.alpha_p);
}
END_TEST

static const struct {
    const char *text, *word;
} wrong[] = {
    {"s_1\ts_2\twpe_1\twpe_2\n0.5\t1\t1\t1\n", "descending"},
    {"s_1\ts_2\twpe_1\twpe_2\n1\t0,5\t1\t1\n", "decimal point"},
    {"s_1\ts_1\twpe_1\twpe_2\n1\t1\t1\t1\n", "duplicate column s_1"},
    {"s_1\ts_01\twpe_1\twpe_2\n1\t1\t1\t1\n", "no column s_2"},
    {"s_1\ts_2\ts_4\twpe_1\twpe_2\twpe_4\n1\t1\t1\t1\t1\t1\n", "no column s_3"},
    {"s_2\ts_3\twpe_2\twpe_3\n1\t1\t1\t1\n", "not s_0 or s_1"},
    {"s_0\ts_1\twpe_1\twpe_2\n1\t1\t1\t1\n", "no column wpe_0"},
    {"s_1\ts_2\twpe_1\twpe_2\twpe_3\n1\t1\t1\t1\t1\n", "3 columns wpe_j"},
    {"s_1\ts_2\twpe_1\twpe_2\n1\t\t1\t1\n", "s_2"},
    {"s_1\ts_2\twpe_1\twpe_2\n1\tnan\t1\t1\n", "not finite"},
    {"s_1\ts_2\twpe_1\twpe_2\n1\t-0.5\t1\t1\n", "no negative eigenvalues"},
    {"s_1\ts_2\twpe_1\twpe_2\n1\t0.5\n", "fewer cells"},
    {"s_1\ts_2\twpe_1\twpe_2\n1\t0.5\t1\t1\t1\n", "more cells"},
    {"1\t0.5\t0.25\n", "header"},
    {"s_1\ts_2\n1\t0.5\n", "wpe_1"},
};
enum { WRONG = sizeof wrong / sizeof wrong[0] };

START_TEST(errors_are_named)
{
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(analyze(wrong[_i].text, &report, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, wrong[_i].word) != NULL, "%s", err.message);
}
END_TEST

/* An eigenvalue 0 that rounding made negative counts as dead. */
START_TEST(rounding_below_zero_is_zero)
{
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(
        analyze("s_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\n1\t0.5\t-1e-9\t1\t0.7\t0.5\n", &report, &err),
        SSLDYN_OK);
    ck_assert_uint_eq(report.last.spread.all.living, 2);
}
END_TEST

/* An array gives the same result as a table with the same numbers; errors name it. */
START_TEST(arrays_are_as_tables)
{
    enum { T = 2, MODES = 3 };
    static const char text[] = "t\ts_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\n"
                               "0.5\t1\t0.5\t0.25\t0.9\t0.6\t0.5\n"
                               "2\t1.1\t0.4\t0.2\t0.95\t0.5\t0.4\n";
    static const double numbers[] = {1.0, 0.5, 0.25, 0.9, 0.6, 0.5, 1.1, 0.4, 0.2, 0.95, 0.5, 0.4};
    static const double t[] = {0.5, 2.0};
    static const struct {
        size_t dimensions, shape[3], times;
        const char *word; /* NULL: valid */
    } cases[] = {{3, {T, 2, MODES}, T, NULL},
                 {3, {T, 2, MODES}, 1, "--times (array): 1 times for 2 snapshots"},
                 {2, {1, MODES}, 1, "--spectra (array): has the shape 1 x 3; must be 2 x n "},
                 {2, {4, MODES}, 1, "--spectra (array): has the shape 4 x 3; must be 2 x n "}};
    char path[SCRATCH_PATH];
    struct ssldyn_arrays memory = {0};
    struct ssldyn_array_view view;
    struct ssldyn_align_report table;
    struct ssldyn_align_report array;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    scratch_write(scratch_path(path, "as-array.tsv"), text, sizeof text - 1);
    struct ssldyn_align_request request = {
        .spectra = path, .floor = 1e-4, .leading = 64, .threads = 1, .quiet = true};
    ck_assert_msg(ssldyn_align(&request, &table, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(ssldyn_array_view_make("--spectra", SSLDYN_ARRAY_DOUBLE, cases[_i].dimensions,
                                            cases[_i].shape, numbers, &view, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(ssldyn_arrays_add(&memory, "spectra", 0, &view, NULL, NULL), SSLDYN_OK);
    ck_assert_int_eq(
        ssldyn_array_view_make("--times", SSLDYN_ARRAY_DOUBLE, 1, &cases[_i].times, t, &view, NULL),
        SSLDYN_OK);
    ck_assert_int_eq(ssldyn_arrays_add(&memory, "times", 0, &view, NULL, NULL), SSLDYN_OK);
    request.spectra = request.times = SSLDYN_ARRAY_LABEL;
    request.memory = &memory;
    const enum ssldyn_status status = ssldyn_align(&request, &array, &err);
    if (cases[_i].word) {
        ck_assert_int_eq(status, SSLDYN_EINPUT);
        ck_assert_msg(strncmp(err.message, cases[_i].word, strlen(cases[_i].word)) == 0, "%s",
                      err.message);
    } else {
        ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
        ck_assert_str_eq(array.verdict.text, table.verdict.text);
        ck_assert_double_eq(array.last.t, 2.0);
        ck_assert_double_eq(array.last.effective_rank, table.last.effective_rank);
    }
    ssldyn_arrays_clear(&memory);
}
END_TEST

TEST_SUITE(align_spectra)
{
    tcase_add_loop_test(tests, arrays_are_as_tables, 0, 4);
    tcase_add_loop_test(tests, dialects_are_equivalent, 0, SAME);
    tcase_add_loop_test(tests, errors_are_named, 0, WRONG);
    tcase_add_test(tests, rounding_below_zero_is_zero);
}
