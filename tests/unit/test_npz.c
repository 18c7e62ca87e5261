/* .npz: arrays selected from archives, stored and compressed; and damaged archives. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy_format.h"
#include "sim/io/npz.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

/* text as the .npy file of its bytes, in a buffer that the caller frees. */
static char *as_npy(const char *text, size_t *size)
{
    char header[128];
    char *bytes = malloc(1024);
    ck_assert_ptr_nonnull(bytes);
    const int length =
        snprintf(header, sizeof header,
                 "{'descr': '|u1', 'fortran_order': False, 'shape': (%zu,), }\n", strlen(text));
    *size = 10 + (size_t)length + strlen(text);
    memcpy(bytes, "\x93NUMPY\1\0", 8);
    bytes[8] = (char)length;
    bytes[9] = 0;
    memcpy(bytes + 10, header, (size_t)length);
    memcpy(bytes + 10 + length, text, strlen(text));
    return bytes;
}

/* Like ssldyn_npz_open, with the stream after the header and the size of the rest. */
static enum ssldyn_status open_member(const char *path, const char *name, const char *role,
                                      FILE **stream, size_t *size, struct ssldyn_error *err)
{
    const struct ssldyn_need need = {.option = "--x", .role = role, .least = 1, .most = 1};
    struct ssldyn_zip *zip = NULL;
    struct ssldyn_entries entries;
    struct ssldyn_array array;
    size_t offset = 0;
    *stream = NULL;
    enum ssldyn_status status = ssldyn_zip_open(path, &zip, err);
    if (status == SSLDYN_OK)
        status = ssldyn_npz_open(path, zip, name, &need, stream, size, err);
    ssldyn_zip_close(zip);
    if (status != SSLDYN_OK)
        return status;
    ck_assert_int_eq(ssldyn_npy_header(path, *stream, &entries, &array, &offset, NULL), SSLDYN_OK);
    *size -= offset;
    return SSLDYN_OK;
}

/* An archive of members with these bytes, written as .npy files if their names say so. */
static void write_archive(const char *path, size_t count, const char *const names[],
                          const char *const contents[], bool compress)
{
    int code = 0;
    (void)remove(path);
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    ck_assert_ptr_nonnull(archive);
    for (size_t i = 0; i < count; i++) {
        size_t size = 0;
        char *bytes = as_npy(contents[i], &size);
        zip_source_t *source = zip_source_buffer(archive, bytes, size, 1);
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

/* numpy.savez(FILE, **checkpoint) of a nested checkpoint stores objects, which cannot be selected
 * by name. */
START_TEST(objects_are_named)
{
    char path[SCRATCH_PATH];
    static const char header[] = "\x93NUMPY\1\0\x41\0{'descr': '|O', 'fortran_order': False, "
                                 "'shape': (), }          \n\x80\4N.";
    int code = 0;
    FILE *stream = NULL;
    size_t size = 0;
    struct ssldyn_error err;
    (void)scratch_path(path, "objects.npz");
    (void)remove(path);
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    ck_assert_ptr_nonnull(archive);
    for (int i = 0; i < 2; i++)
        ck_assert_int_ge(zip_file_add(archive, i == 0 ? "args.npy" : "state_dict.npy",
                                      zip_source_buffer(archive, header, sizeof header - 1, 0), 0),
                         0);
    ck_assert_int_eq(zip_close(archive), 0);
    ck_assert_int_eq(open_member(path, "Wp", NULL, &stream, &size, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "Python objects (state_dict)"));
    ck_assert_ptr_nonnull(strstr(err.message, "give the checkpoint itself"));
}
END_TEST

START_TEST(members_are_unpacked)
{
    char path[SCRATCH_PATH];
    char text[128];
    FILE *stream = NULL;
    size_t size = 0;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    write_archive(scratch_path(path, "two.npz"), 3, names, contents, _i == 1);
    ck_assert_int_eq(open_member(path, "net/Wp", "F", &stream, &size, &err), SSLDYN_OK);
    ck_assert_uint_eq(size, 6);
    ck_assert_uint_eq(fread(text, 1, sizeof text, stream), 6);
    ck_assert_mem_eq(text, "second", 6);
    fclose(stream);
    ck_assert_int_eq(open_member(path, NULL, "F", &stream, &size, &err), SSLDYN_OK);
    ck_assert_uint_eq(size, strlen(contents[0]));
    ck_assert_uint_eq(fread(text, 1, sizeof text, stream), size);
    ck_assert_mem_eq(text, contents[0], size);
    fclose(stream);
    ck_assert_int_eq(open_member(path, NULL, "W", &stream, &size, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "F (53), net/Wp (6)"));
    ck_assert_ptr_null(stream);
    ck_assert_int_eq(open_member(path, "notes", NULL, &stream, &size, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "notes"));
}
END_TEST

/* An archive to which a member was appended under an existing name: numpy.load uses the last
 * one. */
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
    ck_assert_msg(open_member(path, "a/F", "F", &stream, &size, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_uint_eq(size, strlen(values[1]));
    ck_assert_uint_eq(fread(text, 1, sizeof text, stream), size);
    ck_assert_mem_eq(text, values[1], size);
    fclose(stream);
    ck_assert_int_eq(open_member(path, NULL, NULL, &stream, &size, &err), SSLDYN_OK);
    fclose(stream);
}
END_TEST

/* Unpacked in $TMPDIR, or elsewhere if that is impossible. */
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
    ck_assert_int_eq(open_member(path, "F", "F", &stream, &size, &err), SSLDYN_OK);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fileno(stream));
    if (readlink(link, target, sizeof target - 1) > 0)
        ck_assert_ptr_nonnull(strstr(target, "/temporary/"));
    fclose(stream);
    setenv("TMPDIR", "/nowhere", 1);
    ck_assert_int_eq(open_member(path, "F", "F", &stream, &size, &err), SSLDYN_OK);
    fclose(stream);
}
END_TEST

START_TEST(a_lone_array_needs_no_name)
{
    char path[SCRATCH_PATH];
    FILE *stream = NULL;
    size_t size = 0;
    write_archive(scratch_path(path, "one.npz"), 2, names, contents, false);
    ck_assert_int_eq(open_member(path, NULL, "Wp", &stream, &size, NULL), SSLDYN_OK);
    fclose(stream);
    write_archive(path, 1, names + 1, contents + 1, false);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(open_member(path, NULL, "Wp", &stream, &size, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "no array"));
}
END_TEST

/* Every truncation, and every single inverted byte: an error or the correct bytes, never others. */
START_TEST(damage_is_detected)
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
        ck_assert_int_eq(open_member(path, NULL, NULL, &stream, &size, NULL), SSLDYN_EINPUT);
    }
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (char)(bytes[i] ^ 0x11);
        scratch_write(path, bytes, length);
        bytes[i] = (char)(bytes[i] ^ 0x11);
        if (open_member(path, NULL, NULL, &stream, &size, NULL) != SSLDYN_OK)
            continue;
        ck_assert_uint_eq(size, strlen(contents[0]));
        ck_assert_uint_eq(fread(text, 1, sizeof text, stream), size);
        ck_assert_mem_eq(text, contents[0], size);
        fclose(stream);
    }
}
END_TEST

/* A megabyte of zeros whose header declares five numbers; and the same with 2 GB declared both
 * there and in the archive's directory, more than a hundred times the compressed size. Neither is
 * unpacked. */
START_TEST(bombs_are_refused)
{
    static const char *const words[] = {"declares", "would expand"};
    enum { ZEROS = 1 << 20, HEADER = 70, CLAIM = 0x7fffffff };
    char path[SCRATCH_PATH];
    char bytes[4096];
    char *member = calloc(ZEROS, 1);
    int code = 0;
    FILE *stream = NULL;
    size_t size = 0;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_ptr_nonnull(member);
    memset(member + 10, ' ', HEADER);
    memcpy(member, "\x93NUMPY\1\0\x46", 9);
    member[10 + snprintf(member + 10, HEADER,
                         "{'descr': '|u1', 'fortran_order': False, 'shape': (%d,), }",
                         _i == 0 ? 5 : CLAIM - 10 - HEADER)] = ' ';
    (void)remove(scratch_path(path, "bomb.npz"));
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    zip_source_t *source = zip_source_buffer(archive, member, ZEROS, 1);
    ck_assert_int_ge(zip_file_add(archive, "F.npy", source, 0), 0);
    ck_assert_int_eq(zip_close(archive), 0);
    const size_t length = scratch_read(path, bytes, sizeof bytes);
    for (size_t i = 0; i + 28 < length && _i == 1; i++) {
        if (memcmp(bytes + i, "PK\1\2", 4) == 0)
            memcpy(bytes + i + 24, "\xff\xff\xff\x7f", 4);
    }
    scratch_write(path, bytes, length);
    ck_assert_int_eq(open_member(path, NULL, "F", &stream, &size, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, words[_i]) != NULL, "%s", err.message);
    ck_assert_ptr_null(stream);
}
END_TEST

TEST_SUITE(npz)
{
    tcase_add_loop_test(tests, members_are_unpacked, 0, 2);
    tcase_add_test(tests, a_lone_array_needs_no_name);
    tcase_add_test(tests, objects_are_named);
    tcase_add_test(tests, the_last_member_of_a_name_counts);
    tcase_add_test(tests, temporary_files_are_in_tmpdir);
    tcase_add_test(tests, damage_is_detected);
    tcase_add_loop_test(tests, bombs_are_refused, 0, 2);
}
