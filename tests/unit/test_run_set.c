/* Sets of runs: which directories belong to them, their order, and the settings in which they
 * differ. */
// SPDX-License-Identifier: MIT
#include "sim/compare/run_set.h"

#include "sim/io/file.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void make_run(const char *path, const char *settings)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char text[400];
    ck_assert_msg(ssldyn_file_make_directory(path, &err) == SSLDYN_OK, "%s", err.message);
    char *file = ssldyn_file_path_join(path, "spec.conf");
    snprintf(text, sizeof text, "# ssldyn spec 1\nversion = 0\n%s", settings);
    scratch_write(file, text, strlen(text));
    free(file);
    file = ssldyn_file_path_join(path, "trace.tsv");
    scratch_write(file, "t\n0\n", 4);
    free(file);
}

static void open_set(struct ssldyn_run_set *set, const char *a, const char *b)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const char *operands[] = {a, b};
    ck_assert_msg(ssldyn_run_set_open(operands, b ? 2 : 1, set, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_msg(ssldyn_run_set_vary(set, &err) == SSLDYN_OK, "%s", err.message);
}

START_TEST(a_directory_contains_runs)
{
    static const char *const names[] = {"array/run-10", "array/run-2", "array/a/b/run-1",
                                        "array/.hidden", "array/run-2/point-7"};
    static const char *const want[] = {"a/b/run-1", "run-2", "run-10"};
    char path[SCRATCH_PATH];
    struct ssldyn_run_set set;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        scratch_path(path, names[i]);
        make_run(path, "command = flow\nseed = 3\n");
    }
    scratch_path(path, "array/notes");
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_file_make_directory(path, &err), SSLDYN_OK);
    scratch_path(path, "array");
    open_set(&set, path, NULL);
    ck_assert(set.of_folder);
    ck_assert_uint_eq(set.count, 3); /* excludes hidden directories and directories inside a run */
    for (size_t i = 0; i < set.count; i++) {
        ck_assert_str_eq(set.runs[i].name, want[i]);
        ck_assert_int_eq(set.runs[i].kind, SSLDYN_RUN_TRACE);
    }
    ck_assert_uint_eq(set.varied, 0);
    ck_assert(!ssldyn_run_set_are_distinct(&set));
    ssldyn_run_set_clear(&set);
}
END_TEST

START_TEST(what_differs)
{
    char a[SCRATCH_PATH];
    char b[SCRATCH_PATH];
    struct ssldyn_run_set set;
    scratch_path(a, "a");
    scratch_path(b, "b/");
    make_run(a, "command = flow\nalpha_p = 1\neta_p = 0.04\neta_s = 0.04\nseed = 1\n");
    make_run(b, "command = flow\nalpha_p = 1\neta_p = 0.3\neta_s = 0.3\ntau = 1\nseed = 1\n");
    open_set(&set, a, b);
    ck_assert_uint_eq(set.count, 2);
    ck_assert(!set.of_folder);
    ck_assert_uint_eq(set.varied, 2); /* two equal decays are one setting; the seed is the same */
    ck_assert_str_eq(set.settings[0], "eta");
    ck_assert_str_eq(set.runs[0].values[0], "0.04");
    ck_assert_str_eq(set.runs[1].values[0], "0.3");
    ck_assert_str_eq(set.settings[1], "tau");
    ck_assert_str_eq(set.runs[0].values[1], "");
    ck_assert_str_eq(set.runs[1].values[1], "1");
    ck_assert(ssldyn_run_set_are_distinct(&set));
    ck_assert_str_eq(set.runs[1].name, "b");
    ssldyn_run_set_clear(&set);

    /* two decays that differ in a run are two settings */
    make_run(a, "command = flow\neta_p = 0.3\neta_s = 0.04\n");
    open_set(&set, a, b);
    ck_assert_str_eq(set.settings[0], "eta_s");
    ssldyn_run_set_clear(&set);

    /* of different commands: the settings common to both */
    make_run(a, "command = sgd\nlr = 0.1\neta_p = 0.3\neta_s = 0.3\nseed = 2\n");
    open_set(&set, a, b);
    ck_assert_uint_eq(set.varied, 2);
    ck_assert_str_eq(set.settings[0], "command");
    ck_assert_str_eq(set.settings[1], "seed");
    ssldyn_run_set_clear(&set);
}
END_TEST

START_TEST(runs_are_in_the_order_of_their_settings)
{
    static const char *const values[] = {"0.04", "0.1", "0.0099", "-1e-3"};
    static const char *const want[] = {"-0.001", "0.0099", "0.04", "0.1"};
    char path[SCRATCH_PATH];
    char name[32];
    char settings[64];
    struct ssldyn_run_set set;
    for (size_t i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "sorted/%zu", i);
        snprintf(settings, sizeof settings, "command = flow\np0 = %s\n", values[i]);
        scratch_path(path, name);
        make_run(path, settings);
    }
    scratch_path(path, "sorted");
    open_set(&set, path, NULL);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(set.runs[i].values[0], want[i]);
    ssldyn_run_set_clear(&set);
}
END_TEST

START_TEST(directories_without_runs)
{
    char run[SCRATCH_PATH];
    char empty[SCRATCH_PATH];
    struct ssldyn_run_set set;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    scratch_path(run, "run");
    scratch_path(empty, "empty");
    make_run(run, "command = flow\n");
    ck_assert_int_eq(ssldyn_file_make_directory(empty, &err), SSLDYN_OK);
    const char *both[] = {run, empty};
    ck_assert_int_eq(ssldyn_run_set_open(both, 2, &set, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "no directory below it is one"));
    ck_assert_uint_eq(set.count, 0);
    /* alone it is kept, so that its reader reports the error */
    const char *alone[] = {empty};
    ck_assert_int_eq(ssldyn_run_set_open(alone, 1, &set, &err), SSLDYN_OK);
    ck_assert_uint_eq(set.count, 1);
    ck_assert_int_eq(set.runs[0].kind, SSLDYN_RUN_OTHER);
    ssldyn_run_set_clear(&set);
}
END_TEST

TEST_SUITE(run_set)
{
    tcase_add_test(tests, a_directory_contains_runs);
    tcase_add_test(tests, what_differs);
    tcase_add_test(tests, runs_are_in_the_order_of_their_settings);
    tcase_add_test(tests, directories_without_runs);
}
