/* .safetensors: every type, selected by name, by role or as the only array; and inconsistent
 * files. */
// SPDX-License-Identifier: MIT
#include "sim/io/safetensors.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes length, table and data; returns the size of the file. */
static size_t write_file(const char *path, const char *table, const void *data, size_t size)
{
    unsigned char bytes[2048];
    const size_t length = strlen(table);
    ck_assert(8 + length + size <= sizeof bytes);
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)length >> (8 * i));
    memcpy(bytes + 8, table, length);
    memcpy(bytes + 8 + length, data, size);
    scratch_write(path, bytes, 8 + length + size);
    return 8 + length + size;
}

static enum ssldyn_status find(const char *path, size_t size, const char *name, const char *role,
                               struct ssldyn_array *array, struct ssldyn_error *err)
{
    struct ssldyn_entries entries = {.size = 1};
    FILE *stream = fopen(path, "rb");
    ck_assert_ptr_nonnull(stream);
    const struct ssldyn_need need = {.option = "--x", .role = role, .least = 1, .most = 3};
    enum ssldyn_status status =
        ssldyn_safetensors_find(path, stream, size, name, &need, &entries, array, err);
    if (status == SSLDYN_OK)
        status = ssldyn_npy_entries(path, stream, &entries, true, array, err);
    fclose(stream);
    return status;
}

START_TEST(every_type_is_read)
{
    /* 1.5 and -2.5 (2 and -3 as integers), little-endian */
    static const struct {
        const char *name;
        unsigned char bytes[16];
        size_t size;
        double first, second;
    } types[] = {
        {"F64", {0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0x04, 0xc0}, 16, 1.5, -2.5},
        {"F32", {0, 0, 0xc0, 0x3f, 0, 0, 0x20, 0xc0}, 8, 1.5, -2.5},
        {"F16", {0, 0x3e, 0, 0xc1}, 4, 1.5, -2.5},
        {"BF16", {0xc0, 0x3f, 0x20, 0xc0}, 4, 1.5, -2.5},
        {"I64",
         {2, 0, 0, 0, 0, 0, 0, 0, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
         16,
         2,
         -3},
        {"I32", {2, 0, 0, 0, 0xfd, 0xff, 0xff, 0xff}, 8, 2.0, -3.0},
        {"I16", {2, 0, 0xfd, 0xff}, 4, 2.0, -3.0},
        {"I8", {2, 0xfd}, 2, 2.0, -3.0},
        {"U8", {2, 0xfd}, 2, 2.0, 253.0},
        {"BOOL", {1, 0}, 2, 1.0, 0.0},
    };
    char path[SCRATCH_PATH];
    char table[256];
    (void)snprintf(table, sizeof table,
                   "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"%s\",\"shape\":[2,1],"
                   "\"data_offsets\":[0,%zu]}}",
                   types[_i].name, types[_i].size);
    const size_t size =
        write_file(scratch_path(path, "type.safetensors"), table, types[_i].bytes, types[_i].size);
    struct ssldyn_array array = {0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(find(path, size, NULL, NULL, &array, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(array.dimensions, 2);
    ck_assert_uint_eq(array.shape[0], 2);
    ck_assert_double_eq(array.data[0], types[_i].first);
    ck_assert_double_eq(array.data[1], types[_i].second);
    ssldyn_npy_array_clear(&array);
}
END_TEST

START_TEST(tensors_are_selected)
{
    const char table[] = "{\"net.F\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                         "\"Wp\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}  ";
    const unsigned char data[2] = {7, 9};
    char path[SCRATCH_PATH];
    const size_t size = write_file(scratch_path(path, "two.safetensors"), table, data, 2);
    struct ssldyn_array array = {0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(find(path, size, "net.F", "Wp", &array, &err), SSLDYN_OK);
    ck_assert_double_eq(array.data[0], 7.0);
    ssldyn_npy_array_clear(&array);
    ck_assert_int_eq(find(path, size, NULL, "Wp", &array, &err), SSLDYN_OK);
    ck_assert_double_eq(array.data[0], 9.0);
    ssldyn_npy_array_clear(&array);
    ck_assert_int_eq(find(path, size, NULL, "W", &array, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "net.F (1), Wp (1)"));
    ck_assert_int_eq(find(path, size, "G", "Wp", &array, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "'G'"));
}
END_TEST

START_TEST(inconsistent_files_are_refused)
{
    static const struct {
        const char *table;
        const char *word;
    } lies[] = {
        {"[1]", "not an object"},
        {"{\"a\":", "safetensors"},
        {"{}", "no array"},
        {"{\"a\":3}", "type"},
        {"{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[0,4]}}", "F8_E4M3"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":4,\"data_offsets\":[0,4]}}", "shape"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}",
         "dimensions"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,400]}}", "truncated"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "offsets"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", "offsets"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "declares"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,8],\"data_offsets\":[0,4]}}",
         "memory"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":1}", "a"},
    };
    const unsigned char data[4] = {0};
    char path[SCRATCH_PATH];
    const size_t size = write_file(scratch_path(path, "lie.safetensors"), lies[_i].table, data, 4);
    struct ssldyn_array array = {0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(find(path, size, NULL, NULL, &array, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, lies[_i].word) != NULL, "%s", err.message);
    ck_assert_ptr_null(array.data);
}
END_TEST

START_TEST(truncated_files_are_refused)
{
    const char table[] = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    const unsigned char data[4] = {0};
    unsigned char bytes[128];
    char path[SCRATCH_PATH];
    const size_t size = write_file(scratch_path(path, "cut.safetensors"), table, data, 4);
    FILE *stream = fopen(path, "rb");
    ck_assert_uint_eq(fread(bytes, 1, sizeof bytes, stream), size);
    fclose(stream);
    for (size_t cut = 0; cut < size; cut++) {
        scratch_write(path, bytes, cut);
        struct ssldyn_array array = {0};
        ck_assert_int_eq(find(path, cut, NULL, NULL, &array, NULL), SSLDYN_EINPUT);
    }
    /* A table longer than any file: it is refused before memory is allocated. */
    memset(bytes, 0xff, 8);
    scratch_write(path, bytes, size);
    struct ssldyn_array array = {0};
    ck_assert_int_eq(find(path, size, NULL, NULL, &array, NULL), SSLDYN_EINPUT);
}
END_TEST

TEST_SUITE(safetensors)
{
    tcase_add_loop_test(tests, every_type_is_read, 0, 10);
    tcase_add_test(tests, tensors_are_selected);
    tcase_add_loop_test(tests, inconsistent_files_are_refused, 0, 14);
    tcase_add_test(tests, truncated_files_are_refused);
}
