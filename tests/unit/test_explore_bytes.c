/* Bytes of answers: JSON that any reader takes, numbers to the bit. */
// SPDX-License-Identifier: MIT
#include "sim/explore/bytes.h"

#include "tests/suite.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* The JSON in the bytes; the test fails where a strict reader refuses it. */
static json_t *read_back(const struct ssldyn_explore_bytes *bytes)
{
    json_error_t error;
    json_t *json = json_loadb(bytes->data, bytes->size, 0, &error);
    ck_assert_msg(json != NULL, "%s: %.*s", error.text, (int)bytes->size, bytes->data);
    return json;
}

START_TEST(texts)
{
    static const char said[] =
        "a \"quote\", a \\, a tab\t, a bell \x07, \xc3\xa9, \xe2\x88\x9e, \x7f";
    struct ssldyn_explore_bytes bytes = {0};
    ssldyn_bytes_json_begin(&bytes, NULL, '{');
    ssldyn_bytes_json_text(&bytes, "said", said);
    ssldyn_bytes_json_text(&bytes, "none", NULL);
    ssldyn_bytes_json_text(&bytes, "a \"name\"", "");
    ssldyn_bytes_json_end(&bytes, '}');
    json_t *json = read_back(&bytes);
    ck_assert_str_eq(json_string_value(json_object_get(json, "said")), said);
    ck_assert(json_is_null(json_object_get(json, "none")));
    ck_assert_str_eq(json_string_value(json_object_get(json, "a \"name\"")), "");
    json_decref(json);
    ssldyn_bytes_clear(&bytes);
}
END_TEST

/* Bytes that are not UTF-8: cut sequences, too long ones, surrogates, what is beyond Unicode. */
START_TEST(not_utf8)
{
    static const char *const bad[] = {
        "\xff",         "\xc3",         "\xe2\x88",         "\xc0\xaf",
        "\xed\xa0\x80", "\xe0\x80\xaf", "\xf4\x90\x80\x80", "a\x80z"};
    struct ssldyn_explore_bytes bytes = {0};
    ssldyn_bytes_json_begin(&bytes, NULL, '[');
    ssldyn_bytes_json_text(&bytes, NULL, bad[_i]);
    ssldyn_bytes_json_end(&bytes, ']');
    json_t *json = read_back(&bytes);
    ck_assert_ptr_nonnull(strstr(json_string_value(json_array_get(json, 0)), "\xef\xbf\xbd"));
    json_decref(json);
    ssldyn_bytes_clear(&bytes);
}
END_TEST

START_TEST(numbers)
{
    const double values[] = {0.1,       -1e-300, 12345678901234567.0, (double)NAN, HUGE_VAL,
                             -HUGE_VAL, 0.0};
    struct ssldyn_explore_bytes bytes = {0};
    ssldyn_bytes_json_begin(&bytes, NULL, '{');
    ssldyn_bytes_json_numbers(&bytes, "v", 7, values);
    ssldyn_bytes_json_bool(&bytes, "b", true);
    ssldyn_bytes_json_numbers(&bytes, "empty", 0, values);
    ssldyn_bytes_json_end(&bytes, '}');
    json_t *json = read_back(&bytes);
    for (size_t i = 0; i < 7; i++) {
        const json_t *value = json_array_get(json_object_get(json, "v"), i);
        if (isfinite(values[i])) {
            ck_assert(json_number_value(value) == values[i]);
        } else {
            ck_assert(json_is_null(value));
        }
    }
    ck_assert(json_is_true(json_object_get(json, "b")));
    ck_assert_uint_eq(json_array_size(json_object_get(json, "empty")), 0);
    json_decref(json);
    ssldyn_bytes_clear(&bytes);
}
END_TEST

/* Little-endian on every machine. */
START_TEST(binary)
{
    static const unsigned char expected[] = {0x04, 0x03, 0x02, 0x01, 0xff, 0xff, 0xff, 0xff, 0,
                                             0,    0,    0,    0,    0,    0xf0, 0x3f, 0,    0};
    const double one = 1.0;
    struct ssldyn_explore_bytes bytes = {0};
    ssldyn_bytes_put_u32(&bytes, 0x01020304);
    ssldyn_bytes_put_u32(&bytes, SIZE_MAX);
    ssldyn_bytes_put_doubles(&bytes, 1, &one);
    ck_assert_ptr_nonnull(ssldyn_bytes_put_space(&bytes, 2));
    ck_assert_uint_eq(bytes.size, sizeof expected);
    ck_assert_mem_eq(bytes.data, expected, sizeof expected);
    ssldyn_bytes_clear(&bytes);
}
END_TEST

/* What cannot be had is remembered, and nothing is written. */
START_TEST(no_memory)
{
    struct ssldyn_explore_bytes bytes = {0};
    ssldyn_bytes_put_string(&bytes, "kept");
    ck_assert_ptr_null(ssldyn_bytes_put_space(&bytes, SIZE_MAX / 2));
    ck_assert(bytes.lost);
    ssldyn_bytes_put_string(&bytes, "not");
    ck_assert_uint_eq(bytes.size, 4);
    ssldyn_bytes_clear(&bytes);
    ck_assert(!bytes.lost);
}
END_TEST

TEST_SUITE(explore_bytes)
{
    tcase_add_test(tests, texts);
    tcase_add_loop_test(tests, not_utf8, 0, 8);
    tcase_add_test(tests, numbers);
    tcase_add_test(tests, binary);
    tcase_add_test(tests, no_memory);
}
