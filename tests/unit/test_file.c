/* Files appear complete or not at all, also if something already exists under their names. */
// SPDX-License-Identifier: MIT
#include "sim/io/file.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

START_TEST(makes_a_directory_and_its_parents)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct stat info;
    char path[SCRATCH_PATH];

    scratch_path(path, "one/two//three/");
    ck_assert_msg(ssldyn_file_make_directory(path, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert(S_ISDIR(info.st_mode));
    ck_assert_int_eq(ssldyn_file_make_directory(path, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_file_make_directory("/", &err), SSLDYN_OK);
}
END_TEST

START_TEST(refuses_directories_that_cannot_be)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char file[SCRATCH_PATH];
    char below[SCRATCH_PATH];

    scratch_write(scratch_path(file, "file"), "x", 1);
    ck_assert_int_eq(ssldyn_file_make_directory(file, &err), SSLDYN_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, file));
    ck_assert_ptr_nonnull(strstr(err.message, "not a directory"));
    ck_assert_int_eq(ssldyn_file_make_directory(scratch_path(below, "file/below"), &err),
                     SSLDYN_EIO);
    ck_assert_int_eq(ssldyn_file_make_directory("", &err), SSLDYN_EIO);
    ck_assert_int_eq(ssldyn_file_make_directory("/proc/ssldyn/none", &err), SSLDYN_EIO);
}
END_TEST

START_TEST(joins_paths)
{
    static const char *const cases[][3] = {{"out", "t.npy", "out/t.npy"},
                                           {"out/", "t.npy", "out/t.npy"},
                                           {"/", "t.npy", "/t.npy"},
                                           {"", "t.npy", "t.npy"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *path = ssldyn_file_path_join(cases[i][0], cases[i][1]);
        ck_assert_str_eq(path, cases[i][2]);
        free(path);
    }
}
END_TEST

START_TEST(ends_paths_before_slashes)
{
    static const struct {
        const char *path;
        size_t length;
    } cases[] = {{"out", 3}, {"out/", 3}, {"out///", 3}, {"a/b/", 3}, {"/", 1}, {"//", 1}, {"", 0}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_uint_eq(ssldyn_file_path_length(cases[i].path), cases[i].length);
}
END_TEST

START_TEST(reads_plain_files_only)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];
    FILE *stream = NULL;
    size_t size = 0;

    scratch_write(scratch_path(path, "plain"), "four", 4);
    ck_assert_msg(ssldyn_file_read(path, &stream, &size, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(size, 4);
    ck_assert_int_eq(fgetc(stream), 'f');
    fclose(stream);
    ck_assert_int_eq(ssldyn_file_read(scratch_path(path, "none"), &stream, &size, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_null(stream);
    ck_assert_ptr_nonnull(strstr(err.message, "cannot be read"));
    /* opening a pipe without a writer would block */
    ck_assert_int_eq(mkfifo(scratch_path(path, "pipe"), 0600), 0);
    ck_assert_int_eq(ssldyn_file_read(path, &stream, NULL, &err), SSLDYN_EINPUT);
    ck_assert_ptr_null(stream);
    ck_assert_ptr_nonnull(strstr(err.message, "is not a regular file"));
}
END_TEST

/* A path with an older file of that name. */
static void write_older(char path[SCRATCH_PATH])
{
    scratch_write(scratch_path(path, "result"), "older", 5);
}

/* A missing file is not an error; a directory, pipe or loop under its name is one, at once. */
START_TEST(a_file_may_be_absent_but_not_unreadable)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    FILE *stream = stdin;
    char directory[SCRATCH_PATH];
    char path[SCRATCH_PATH];
    char text[8] = "";

    scratch_path(directory, "optional");
    ck_assert_int_eq(ssldyn_file_optional(directory, "none", &stream, &err), SSLDYN_OK);
    ck_assert_ptr_null(stream);
    ck_assert_int_eq(mkdir(directory, 0700), 0);
    ck_assert_int_eq(ssldyn_file_optional(directory, "none", &stream, &err), SSLDYN_OK);
    ck_assert_ptr_null(stream);
    scratch_write(scratch_path(path, "optional/there"), "x", 1);
    ck_assert_int_eq(ssldyn_file_optional(directory, "there", &stream, &err), SSLDYN_OK);
    ck_assert_ptr_nonnull(stream);
    ck_assert_ptr_nonnull(fgets(text, sizeof text, stream));
    ck_assert_str_eq(text, "x");
    fclose(stream);
    ck_assert_int_eq(ssldyn_file_optional(directory, "there/below", &stream, &err), SSLDYN_OK);
    ck_assert_ptr_null(stream);
    ck_assert_int_eq(mkfifo(scratch_path(path, "optional/pipe"), 0600), 0);
    ck_assert_int_eq(symlink("loop", scratch_path(path, "optional/loop")), 0);
    ck_assert_int_eq(mkdir(scratch_path(path, "optional/folder"), 0700), 0);
    static const char *const unreadable[] = {"pipe", "loop", "folder"};
    for (size_t i = 0; i < sizeof unreadable / sizeof unreadable[0]; i++) {
        ck_assert_int_eq(ssldyn_file_optional(directory, unreadable[i], &stream, &err),
                         SSLDYN_EINPUT);
        ck_assert_ptr_null(stream);
        ck_assert_ptr_nonnull(strstr(err.message, unreadable[i]));
    }
}
END_TEST

START_TEST(replaces_only_at_commit)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_file file;
    char path[SCRATCH_PATH];
    char temporary[SCRATCH_PATH];
    char text[64];

    write_older(path);
    ck_assert_int_eq(ssldyn_file_open(&file, path, &err), SSLDYN_OK);
    snprintf(temporary, sizeof temporary, "%s", file.temporary);
    fputs("newer", file.stream);
    scratch_read(path, text, sizeof text);
    ck_assert_str_eq(text, "older");
    ck_assert_msg(ssldyn_file_commit(&file, &err) == SSLDYN_OK, "%s", err.message);
    scratch_read(path, text, sizeof text);
    ck_assert_str_eq(text, "newer");
    ck_assert(!scratch_exists(temporary));
    ssldyn_file_abandon(&file);
    scratch_read(path, text, sizeof text);
    ck_assert_str_eq(text, "newer");
}
END_TEST

START_TEST(abandons_without_a_trace)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_file file;
    struct ssldyn_file zeroed = {0};
    char path[SCRATCH_PATH];
    char temporary[SCRATCH_PATH];
    char text[64];

    write_older(path);
    ck_assert_int_eq(ssldyn_file_open(&file, path, &err), SSLDYN_OK);
    snprintf(temporary, sizeof temporary, "%s", file.temporary);
    fputs("newer", file.stream);
    ck_assert(scratch_exists(temporary));
    ssldyn_file_abandon(&file);
    ssldyn_file_abandon(&file);
    ssldyn_file_abandon(&zeroed);
    ck_assert(!scratch_exists(temporary));
    scratch_read(path, text, sizeof text);
    ck_assert_str_eq(text, "older");
}
END_TEST

START_TEST(refuses_what_cannot_be_opened)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_file file;
    char path[SCRATCH_PATH];

    ck_assert_int_eq(ssldyn_file_open(&file, scratch_path(path, "no/such/place"), &err),
                     SSLDYN_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    ck_assert_ptr_nonnull(strstr(err.message, strerror(ENOENT)));
    /* Renaming must not replace a device or a directory. */
    ck_assert_int_eq(ssldyn_file_open(&file, "/dev/null", &err), SSLDYN_EIO);
    ck_assert_int_eq(ssldyn_file_open(&file, "/tmp", &err), SSLDYN_EIO);
    ssldyn_file_abandon(&file);
}
END_TEST

START_TEST(keeps_the_older_file_when_the_disk_is_full)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_file file;
    char path[SCRATCH_PATH];
    char temporary[SCRATCH_PATH];
    char text[64];

    write_older(path);
    ck_assert_int_eq(ssldyn_file_open(&file, path, &err), SSLDYN_OK);
    snprintf(temporary, sizeof temporary, "%s", file.temporary);
    scratch_disk_limit(10);
    for (int i = 0; i < 100000; i++)
        fputs("0123456789", file.stream);
    enum ssldyn_status status = ssldyn_file_commit(&file, &err);
    scratch_disk_free();
    ck_assert_int_eq(status, SSLDYN_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    ck_assert_ptr_nonnull(strstr(err.message, strerror(EFBIG)));
    ck_assert(!scratch_exists(temporary));
    scratch_read(path, text, sizeof text);
    ck_assert_str_eq(text, "older");
}
END_TEST

START_TEST(salvages_under_a_free_name)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_file file;
    char path[SCRATCH_PATH];
    char temporary[SCRATCH_PATH];
    char text[64];

    write_older(path);
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(ssldyn_file_open(&file, path, &err), SSLDYN_OK);
        snprintf(temporary, sizeof temporary, "%s", file.temporary);
        scratch_disk_limit(10);
        fputs("0123456789abcdef", file.stream);
        ck_assert(!ssldyn_file_sound(&file));
        scratch_disk_free();
        ck_assert_uint_eq(ssldyn_file_arrived(&file), 10);
        ck_assert_int_eq(ssldyn_file_salvage(&file, 7, "seven", &err), SSLDYN_EIO);
        ck_assert_ptr_nonnull(strstr(err.message, "seven"));
        scratch_read(round == 0 ? temporary : path, text, sizeof text);
        ck_assert_str_eq(text, "0123456");
        if (round == 0) {
            scratch_read(path, text, sizeof text);
            ck_assert_str_eq(text, "older");
            unlink(path);
        }
    }
    ck_assert(!scratch_exists(temporary));
}
END_TEST

TEST_SUITE(file)
{
    tcase_add_test(tests, makes_a_directory_and_its_parents);
    tcase_add_test(tests, refuses_directories_that_cannot_be);
    tcase_add_test(tests, joins_paths);
    tcase_add_test(tests, ends_paths_before_slashes);
    tcase_add_test(tests, reads_plain_files_only);
    tcase_add_test(tests, a_file_may_be_absent_but_not_unreadable);
    tcase_add_test(tests, replaces_only_at_commit);
    tcase_add_test(tests, abandons_without_a_trace);
    tcase_add_test(tests, refuses_what_cannot_be_opened);
    tcase_add_test(tests, keeps_the_older_file_when_the_disk_is_full);
    tcase_add_test(tests, salvages_under_a_free_name);
}
