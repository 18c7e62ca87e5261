/* .npz: arrays picked from archives, stored and compressed; and damaged archives. */
// SPDX-License-Identifier: MIT
#include "sim/io/npz.h"
#include "tests/scratch.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

/* An archive of members with these bytes. */
static void write_archive(const char *path, size_t count, const char *const names[],
                          const char *const contents[], bool compress)
{
    int code = 0;
    (void)remove(path);
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    ck_assert_ptr_nonnull(archive);
    for (size_t i = 0; i < count; i++) {
        zip_source_t *source = zip_source_buffer(archive, contents[i], strlen(contents[i]), 0);
        const zip_int64_t index = zip_file_add(archive, names[i], source, 0);
        ck_assert_int_ge(index, 0);
        ck_assert_int_eq(zip_set_file_compression(archive, (zip_uint64_t)index,
                                                  compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0),
                         0);
    }
    ck_assert_int_eq(zip_close(archive), 0);
}

static const char *const names[] = {"F.npy", "notes.txt", "net/Wp.npy"};
static const char *const contents[] = {"first array, which is long enough to be worth packing",
                                       "not an array", "second"};

START_TEST(members_are_unpacked)
{
    char path[SCRATCH_PATH];
    char text[128];
    FILE *stream = NULL;
    size_t size = 0;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    write_archive(scratch_path(path, "two.npz"), 3, names, contents, _i == 1);
    ck_assert_int_eq(ssldyn_npz_open(path, "net/Wp", "F", &stream, &size, &err), SSLDYN_OK);
    ck_assert_uint_eq(size, 6);
    ck_assert_uint_eq(fread(text, 1, sizeof text, stream), 6);
    ck_assert_mem_eq(text, "second", 6);
    fclose(stream);
    ck_assert_int_eq(ssldyn_npz_open(path, NULL, "F", &stream, &size, &err), SSLDYN_OK);
    ck_assert_uint_eq(size, strlen(contents[0]));
    ck_assert_uint_eq(fread(text, 1, sizeof text, stream), size);
    ck_assert_mem_eq(text, contents[0], size);
    fclose(stream);
    ck_assert_int_eq(ssldyn_npz_open(path, NULL, "W", &stream, &size, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "F, net/Wp"));
    ck_assert_ptr_null(stream);
    ck_assert_int_eq(ssldyn_npz_open(path, "notes", NULL, &stream, &size, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "notes"));
}
END_TEST

/* An archive to which a member was appended under a name that is there: numpy.load takes the last.
 */
START_TEST(the_last_member_of_a_name_counts)
{
    static const char *const pair[] = {"a/F.npy", "b/F.npy"};
    static const char *const values[] = {"older", "newer, longer"};
    char path[SCRATCH_PATH];
    char bytes[4096];
    char text[64];
    FILE *stream = NULL;
    size_t size = 0;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    write_archive(scratch_path(path, "appended.npz"), 2, pair, values, false);
    size_t length = scratch_read(path, bytes, sizeof bytes);
    for (size_t i = 0; i + 7 <= length; i++) {
        if (memcmp(bytes + i, pair[1], 7) == 0)
            bytes[i] = 'a';
    }
    scratch_write(path, bytes, length);
    ck_assert_msg(ssldyn_npz_open(path, "a/F", "F", &stream, &size, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_uint_eq(size, strlen(values[1]));
    ck_assert_uint_eq(fread(text, 1, sizeof text, stream), size);
    ck_assert_mem_eq(text, values[1], size);
    fclose(stream);
    ck_assert_int_eq(ssldyn_npz_open(path, NULL, NULL, &stream, &size, &err), SSLDYN_OK);
    fclose(stream);
}
END_TEST

/* Unpacked in $TMPDIR, and somewhere else where that cannot be. */
START_TEST(temporary_files_are_in_tmpdir)
{
    char path[SCRATCH_PATH];
    char directory[SCRATCH_PATH];
    char link[64];
    char target[SCRATCH_PATH] = "";
    FILE *stream = NULL;
    size_t size = 0;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    write_archive(scratch_path(path, "two.npz"), 3, names, contents, false);
    ck_assert_int_eq(mkdir(scratch_path(directory, "temporary"), 0777), 0);
    setenv("TMPDIR", directory, 1);
    ck_assert_int_eq(ssldyn_npz_open(path, "F", "F", &stream, &size, &err), SSLDYN_OK);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fileno(stream));
    if (readlink(link, target, sizeof target - 1) > 0)
        ck_assert_ptr_nonnull(strstr(target, "/temporary/"));
    fclose(stream);
    setenv("TMPDIR", "/nowhere", 1);
    ck_assert_int_eq(ssldyn_npz_open(path, "F", "F", &stream, &size, &err), SSLDYN_OK);
    fclose(stream);
}
END_TEST

START_TEST(a_lone_array_needs_no_name)
{
    char path[SCRATCH_PATH];
    FILE *stream = NULL;
    size_t size = 0;
    write_archive(scratch_path(path, "one.npz"), 2, names, contents, false);
    ck_assert_int_eq(ssldyn_npz_open(path, NULL, "Wp", &stream, &size, NULL), SSLDYN_OK);
    fclose(stream);
    write_archive(path, 1, names + 1, contents + 1, false);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_npz_open(path, NULL, "Wp", &stream, &size, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "no array"));
}
END_TEST

/* Every cut, and every single byte overturned: an error or the true bytes, never others. */
START_TEST(damage_is_noticed)
{
    char path[SCRATCH_PATH];
    char bytes[1024];
    char text[128];
    FILE *stream = NULL;
    size_t size = 0;
    write_archive(scratch_path(path, "damaged.npz"), 1, names, contents, true);
    const size_t length = scratch_read(path, bytes, sizeof bytes);
    for (size_t cut = 0; cut < length; cut++) {
        scratch_write(path, bytes, cut);
        ck_assert_int_eq(ssldyn_npz_open(path, NULL, NULL, &stream, &size, NULL), SSLDYN_EINPUT);
    }
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (char)(bytes[i] ^ 0x11);
        scratch_write(path, bytes, length);
        bytes[i] = (char)(bytes[i] ^ 0x11);
        if (ssldyn_npz_open(path, NULL, NULL, &stream, &size, NULL) != SSLDYN_OK)
            continue;
        ck_assert_uint_eq(size, strlen(contents[0]));
        ck_assert_uint_eq(fread(text, 1, sizeof text, stream), size);
        ck_assert_mem_eq(text, contents[0], size);
        fclose(stream);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("npz");
    TCase *tests = tcase_create("npz");
    tcase_add_loop_test(tests, members_are_unpacked, 0, 2);
    tcase_add_test(tests, a_lone_array_needs_no_name);
    tcase_add_test(tests, the_last_member_of_a_name_counts);
    tcase_add_test(tests, temporary_files_are_in_tmpdir);
    tcase_add_test(tests, damage_is_noticed);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
