/* Numbers and lists from text. The expected values are computed from the meaning of each
 * spelling. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text;
    double value;
} numbers[] = {
    {"0", 0.0},       {"-2.385", -2.385}, {"+1e-3", 1e-3}, {".5", 0.5},
    {"5.", 5.0},      {"1E3", 1000.0},    {"0.1", 0.1},    {"1e-320", 1e-320},
    {"1e308", 1e308}, {"000012", 12.0},   {"1e-999", 0.0}, {"-0", -0.0},
};

START_TEST(numbers_are_read)
{
    double value = 77.0;
    ck_assert(ssldyn_parse_double(numbers[_i].text, &value));
    ck_assert(memcmp(&value, &numbers[_i].value, sizeof value) == 0);
}
END_TEST

static const char *const no_numbers[] = {"",    " 1",   "1 ",    "1,5", "0x10", "nan",   "inf",
                                         "NaN", "-inf", "1e999", "1e",  "e5",   "1.2.3", "--1",
                                         "1+1", ".",    "-",     "1\n", "one",  "1d3"};

START_TEST(other_text_is_refused_as_a_number)
{
    double value = 77.0;
    ck_assert(!ssldyn_parse_double(no_numbers[_i], &value));
    ck_assert(value == 77.0);
}
END_TEST

START_TEST(whole_numbers)
{
    int64_t value = 0;
    uint64_t seed = 0;
    ck_assert(ssldyn_parse_int64("-9223372036854775808", &value) && value == INT64_MIN);
    ck_assert(ssldyn_parse_int64("9223372036854775807", &value) && value == INT64_MAX);
    ck_assert(ssldyn_parse_int64("+12", &value) && value == 12);
    ck_assert(ssldyn_parse_uint64("18446744073709551615", &seed) && seed == UINT64_MAX);
    static const char *const wrong[] = {"",   "-",   "1.0", "1e3", "9223372036854775808",
                                        " 1", "0x1", "12x", "--2"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        value = 5;
        ck_assert_msg(!ssldyn_parse_int64(wrong[i], &value) && value == 5, "\"%s\"", wrong[i]);
    }
    ck_assert(!ssldyn_parse_uint64("-1", &seed));
    ck_assert(!ssldyn_parse_uint64("18446744073709551616", &seed));
    ck_assert(!ssldyn_parse_uint64("", &seed));
}
END_TEST

static struct ssldyn_list list_of(const char *text)
{
    struct ssldyn_list list;
    const char *fault = NULL;
    ck_assert_msg(ssldyn_parse_list(text, &list, &fault), "%s: %s", text, fault);
    return list;
}

START_TEST(lists)
{
    struct ssldyn_list list = list_of("0.1, -2.5 ,3e2");
    ck_assert_uint_eq(list.count, 3);
    ck_assert(list.values[0] == 0.1 && list.values[1] == -2.5 && list.values[2] == 300.0);
    free(list.values);
    list = list_of("list:7");
    ck_assert(list.count == 1 && list.values[0] == 7.0);
    free(list.values);
}
END_TEST

START_TEST(even_ranges)
{
    struct ssldyn_list list = list_of("-0.3:0.4:8");
    ck_assert_uint_eq(list.count, 8);
    ck_assert(list.values[0] == -0.3 && list.values[7] == 0.4); /* the ends are exact, to the last
                                                                 * bit */
    for (size_t i = 0; i < 8; i++) {
        /* two roundings of numbers below 1 */
        CHECK_CLOSE(list.values[i], -0.3 + 0.1 * (double)i, 0.0, 2.3e-16);
    }
    free(list.values);
    list = list_of("3:1:3");
    ck_assert(list.values[1] == 2.0 && list.values[2] == 1.0);
    free(list.values);
    list = list_of("5:9:1");
    ck_assert(list.count == 1 && list.values[0] == 5.0);
    free(list.values);
}
END_TEST

START_TEST(logarithmic_ranges)
{
    struct ssldyn_list list = list_of("log:0.01:100:5");
    for (size_t i = 1; i < list.count; i++) {
        CHECK_CLOSE(list.values[i] / list.values[i - 1], 10.0, 1e-15, 0.0); /* a few roundings */
    }
    ck_assert(list.values[0] == 0.01 && list.values[4] == 100.0);
    free(list.values);
    list = list_of("log:1:1e308:309"); /* rounding of the exponent, 308 ln 10, and a few more */
    CHECK_CLOSE(list.values[7], 1e7, 1e-12, 0.0);
    free(list.values);
    list = list_of("log:-1:-4:3");
    CHECK_CLOSE(list.values[1], -2.0, 1e-15, 0.0);
    free(list.values);
}
END_TEST

/* a number with more digits than needed */
#define LONG "0.1000000000000000000000000000000000000000000000000000000000000000000001"

static const char *const no_lists[] = {
    "", ",", "1,", "1,,2", "1;2", "0:1", "0:1:2:3", "0:1:0", "0:1:-3", "0:1:2.5", "a:1:3",
    "log:0:1:3", "log:-1:1:3", "log:1:2", "list:", "list:1:2:3", "0:1:10000001", "nan,1", "1 2",
    "log:1:2:3:", LONG,
    /* values whose difference (or its product with the number of points) or ratio overflows double
     * precision */
    "-1e308:1e308:3", "1e308:0:31", "log:1e-200:1e200:3", "log:1e200:1e-200:3"};

START_TEST(other_text_is_refused_as_a_list)
{
    struct ssldyn_list list = {9, NULL};
    const char *fault = NULL;
    ck_assert(!ssldyn_parse_list(no_lists[_i], &list, &fault));
    ck_assert(list.count == 0 && list.values == NULL && fault && *fault);
    ck_assert(!ssldyn_parse_list(no_lists[_i], &list, NULL));
}
END_TEST

/* A list with one entry applies to every mode. */
START_TEST(a_single_entry_applies_to_all)
{
    double one[] = {0.2385};
    double three[] = {2.385, 3.7, -1.25};
    const struct ssldyn_list single = {1, one};
    const struct ssldyn_list triple = {3, three};
    for (size_t j = 0; j < 3; j++) {
        ck_assert(ssldyn_parse_list_entry(&single, j) == 0.2385);
        ck_assert(ssldyn_parse_list_entry(&triple, j) == three[j]);
    }
}
END_TEST

TEST_SUITE(parse)
{
    tcase_add_test(tests, a_single_entry_applies_to_all);
    tcase_add_loop_test(tests, numbers_are_read, 0, sizeof numbers / sizeof numbers[0]);
    tcase_add_loop_test(tests, other_text_is_refused_as_a_number, 0,
                        sizeof no_numbers / sizeof no_numbers[0]);
    tcase_add_test(tests, whole_numbers);
    tcase_add_test(tests, lists);
    tcase_add_test(tests, even_ranges);
    tcase_add_test(tests, logarithmic_ranges);
    tcase_add_loop_test(tests, other_text_is_refused_as_a_list, 0,
                        sizeof no_lists / sizeof no_lists[0]);
}
