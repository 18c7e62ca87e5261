/* The output directory of a command: replaced as a whole, locked, repaired; the user's files in it
 * are kept. */
// SPDX-License-Identifier: MIT
#include "sim/io/output.h"

#include "sim/io/file.h"
#include "sim/io/output_dir.h"
#include "sim/io/work.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CAPACITY = 512 };

/* Writes directory/name. */
static void write_in(const char *directory, const char *name, const char *text)
{
    char *path = ssldyn_file_path_join(directory, name);
    scratch_write(path, text, strlen(text));
    free(path);
}

static void expect_in(const char *directory, const char *name, const char *text)
{
    char found[CAPACITY] = "";
    char *path = ssldyn_file_path_join(directory, name);
    if (text) {
        scratch_read(path, found, sizeof found);
        ck_assert_str_eq(found, text);
    } else {
        ck_assert_msg(!scratch_exists(path), "%s is there", path);
    }
    free(path);
}

/* Entries next to the directory whose names begin with a dot and its name. */
static int count_hidden(const char *directory)
{
    const char *name = strrchr(directory, '/') + 1;
    char parent[SCRATCH_PATH];
    int count = 0;
    snprintf(parent, sizeof parent, "%.*s", (int)(name - directory), directory);
    DIR *stream = opendir(parent);
    for (const struct dirent *entry = NULL; (entry = readdir(stream)) != NULL;)
        count += entry->d_name[0] == '.' && strncmp(entry->d_name + 1, name, strlen(name)) == 0;
    closedir(stream);
    return count;
}

static const char spec[] = "# ssldyn spec 1\nversion = 0\ncommand = flow\n";

static void open_output(const char *path, struct ssldyn_output *output)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_output_open(path, "flow", NULL, output, &err) == SSLDYN_OK, "%s",
                  err.message);
}

/* A run whose trace is text, and a user's file next to it; in a directory that may contain an older
 * run. */
static void run_into(const char *path, const char *text, const char *file)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_output output;
    open_output(path, &output);
    write_in(output.work, "spec.conf", spec);
    write_in(output.work, "trace.tsv", text);
    write_in(output.work, file, text);
    ck_assert_msg(ssldyn_output_publish(&output, &err) == SSLDYN_OK, "%s", err.message);
    ssldyn_output_close(&output);
    ck_assert_int_eq(count_hidden(path), 0);
}

/* The user's files stay, with their mode and times; those of the older run are removed. */
START_TEST(results_are_replaced_and_nothing_else)
{
    char path[SCRATCH_PATH];
    char inner[SCRATCH_PATH + 16];
    struct stat before;
    struct stat after;
    run_into(scratch_path(path, "run"), "older", "W.npy");
    chmod(path, 0750);
    write_in(path, "notes.txt", "mine");
    snprintf(inner, sizeof inner, "%s/inner", path);
    ck_assert_int_eq(mkdir(inner, 0700), 0);
    write_in(inner, "trace.tsv", "inner");
    ck_assert_int_eq(symlink("nowhere", strcat(strcpy(inner, path), "/link")), 0);
    snprintf(inner, sizeof inner, "%s/inner", path);
    ck_assert_int_eq(stat(inner, &before), 0);
    run_into(path, "newer", "t.npy");
    expect_in(path, "trace.tsv", "newer");
    expect_in(path, "t.npy", "newer");
    expect_in(path, "W.npy", NULL);
    expect_in(path, "notes.txt", "mine");
    expect_in(inner, "trace.tsv", "inner");
    ck_assert_int_eq(stat(inner, &after), 0);
    ck_assert(before.st_mode == after.st_mode && before.st_mtim.tv_sec == after.st_mtim.tv_sec);
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_int_eq(after.st_mode & 0777, 0750);
    ck_assert_int_eq(lstat(strcat(strcpy(inner, path), "/link"), &after), 0);
    ck_assert(S_ISLNK(after.st_mode));
}
END_TEST

/* The current directory cannot be exchanged: a shell in it would remain in the older one. */
START_TEST(the_current_directory_stays_the_same)
{
    char path[SCRATCH_PATH];
    struct stat before;
    struct stat after;
    run_into(scratch_path(path, "here"), "older", "W.npy");
    write_in(path, "notes.txt", "mine");
    ck_assert_int_eq(stat(path, &before), 0);
    ck_assert_int_eq(chdir(path), 0);
    run_into(path, "newer", "t.npy");
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert(before.st_ino == after.st_ino);
    expect_in(path, "trace.tsv", "newer");
    expect_in(path, "W.npy", NULL);
    expect_in(path, "notes.txt", "mine");
    expect_in(path, SSLDYN_OUTPUT_DIR_MOVE, NULL);
}
END_TEST

/* One writer at a time; a lock ends with its holder; unpublished results leave no files. */
START_TEST(a_second_writer_is_refused)
{
    char path[SCRATCH_PATH];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_output first;
    struct ssldyn_output second;
    open_output(scratch_path(path, "new/run"), &first);
    ck_assert_int_eq(ssldyn_output_open(path, "flow", NULL, &second, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "another process"));
    ck_assert_int_eq(ssldyn_output_dir_check_readable(path, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "no results yet"));
    ck_assert(scratch_exists(first.work));
    ssldyn_output_close(&first);
    ssldyn_output_close(&second);
    ck_assert(!scratch_exists(scratch_path(path, "new")));
}
END_TEST

/* Killed while files were moved one by one: readers refuse the directory, the next writer completes
 * it. */
START_TEST(a_stopped_replacement_is_completed)
{
    char path[SCRATCH_PATH];
    char move[SCRATCH_PATH + 32];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_output output;
    run_into(scratch_path(path, "stopped"), "older", "W.npy");
    snprintf(move, sizeof move, "%s/%s", path,
             _i ? SSLDYN_OUTPUT_DIR_MOVE : SSLDYN_OUTPUT_DIR_REPLACE);
    ck_assert_int_eq(mkdir(move, 0777), 0);
    write_in(move, "trace.tsv", "newer");
    if (_i) { /* at this point it has removed the files that the newer run lacks, and moved its
               * spec.conf */
        unlink(strcat(strcpy(move, path), "/W.npy"));
    } else {
        write_in(move, "spec.conf", spec);
    }
    ck_assert_int_eq(ssldyn_output_dir_check_readable(path, &err), SSLDYN_EINPUT);
    open_output(path, &output);
    ssldyn_output_close(&output);
    ck_assert_int_eq(ssldyn_output_dir_check_readable(path, &err), SSLDYN_OK);
    expect_in(path, "trace.tsv", "newer");
    expect_in(path, "spec.conf", spec);
    expect_in(path, "W.npy", NULL);
}
END_TEST

/* Links in a results directory are not followed for writing. */
START_TEST(links_are_not_followed)
{
    char path[SCRATCH_PATH];
    char link[SCRATCH_PATH + 16];
    char outside[SCRATCH_PATH];
    run_into(scratch_path(path, "links"), "older", "W.npy");
    scratch_write(scratch_path(outside, "outside"), "outside", 7);
    unlink(strcat(strcpy(link, path), "/trace.tsv"));
    ck_assert_int_eq(symlink(outside, link), 0);
    ck_assert_int_eq(symlink(outside, strcat(strcpy(link, path), "/trace.tsv.tmp")), 0);
    ck_assert_int_eq(symlink(path, strcat(strcpy(link, path), "/std")), 0);
    run_into(path, "newer", "t.npy");
    expect_in(path, "trace.tsv", "newer");
    expect_in(path, "trace.tsv.tmp", NULL);
    scratch_read(outside, link, sizeof link);
    ck_assert_str_eq(link, "outside");
}
END_TEST

/* A run that could not be written to disk: kept in the directory, or next to the older one. */
START_TEST(salvage_keeps_both)
{
    char path[SCRATCH_PATH];
    char partial[SCRATCH_PATH];
    struct ssldyn_output output;
    run_into(scratch_path(path, "full"), "older", "W.npy");
    for (int i = 0; i < 2; i++) {
        struct ssldyn_error err = {SSLDYN_EIO, "no space"};
        open_output(path, &output);
        write_in(output.work, "spec.conf", spec);
        write_in(output.work, "trace.tsv", "newer");
        ck_assert_int_eq(ssldyn_output_finish(&output, true, SSLDYN_EIO, &err), SSLDYN_EIO);
        ssldyn_output_close(&output);
        scratch_path(partial, i == 0 ? "full.partial" : "full.partial-2");
        ck_assert_ptr_nonnull(strstr(err.message, partial));
        expect_in(path, "trace.tsv", "older");
        expect_in(partial, "trace.tsv", "newer");
    }
}
END_TEST

/* it would remain among later results */
START_TEST(a_result_that_is_not_registered_is_refused)
{
    char path[SCRATCH_PATH];
    struct ssldyn_output output;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    run_into(scratch_path(path, "registered"), "older", "W.npy");
    open_output(path, &output);
    write_in(output.work, "spec.conf", spec);
    write_in(output.work, "novel.tsv", "newer");
    ck_assert_int_eq(ssldyn_output_publish(&output, &err), SSLDYN_EFAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "novel.tsv"));
    ssldyn_output_close(&output);
    expect_in(path, "trace.tsv", "older");
    expect_in(path, "novel.tsv", NULL);
    ck_assert_int_eq(count_hidden(path), 0);
}
END_TEST

START_TEST(the_work_of_a_process_is_found)
{
    struct ssldyn_output output;
    char path[SCRATCH_PATH];
    char slash[SCRATCH_PATH + 2];
    scratch_path(path, "found");
    struct ssldyn_error err;
    char *work = NULL;
    ck_assert_int_eq(ssldyn_work_find(path, &work, &err), SSLDYN_OK);
    ck_assert_ptr_null(work);
    open_output(path, &output);
    snprintf(slash, sizeof slash, "%s/", path);
    ck_assert_int_eq(ssldyn_work_find(slash, &work, &err), SSLDYN_OK);
    ck_assert_ptr_nonnull(work);
    ck_assert_str_eq(work, output.work);
    ck_assert(ssldyn_output_dir_is_locked(path));
    free(work);
    ssldyn_output_close(&output);
    ck_assert(!ssldyn_output_dir_is_locked(path));
    ck_assert_int_eq(ssldyn_work_find(path, &work, &err), SSLDYN_OK);
    ck_assert_ptr_null(work);
}
END_TEST

TEST_SUITE(output)
{
    tcase_add_test(tests, results_are_replaced_and_nothing_else);
    tcase_add_test(tests, the_current_directory_stays_the_same);
    tcase_add_test(tests, a_second_writer_is_refused);
    tcase_add_loop_test(tests, a_stopped_replacement_is_completed, 0, 2);
    tcase_add_test(tests, the_work_of_a_process_is_found);
    tcase_add_test(tests, links_are_not_followed);
    tcase_add_test(tests, salvage_keeps_both);
    tcase_add_test(tests, a_result_that_is_not_registered_is_refused);
}
