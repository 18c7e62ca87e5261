/* Numbers as text: every double can be read back from its text, no shorter text would do, and the
 * format does not depend on the C library. */
// SPDX-License-Identifier: MIT
#include "sim/base/decimal.h"
#include "tests/suite.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static double from_bits(uint64_t bits)
{
    double value = 0.0;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* A fixed sequence of 64-bit words (xorshift). */
static uint64_t next_word(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* The digits of a text without trailing zeros before the point; returns their number. */
static int significant(const char *text, char digits[static SSLDYN_DECIMAL_SIZE])
{
    int count = 0;

    for (; *text && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0'))
            digits[count++] = *text;
    while (count > 0 && digits[count - 1] == '0')
        count--;
    digits[count] = '\0';
    return count;
}

/* The text reads back, the nearest decimal with one digit less does not, and the text is the
 * nearest among those with the same number of digits (unless the nearest reads back as another
 * number). */
static void check_number(double value)
{
    char text[SSLDYN_DECIMAL_SIZE];
    char other[SSLDYN_DECIMAL_SIZE];
    char digits[SSLDYN_DECIMAL_SIZE];
    char nearest[SSLDYN_DECIMAL_SIZE];
    char *end = NULL;

    ck_assert_ptr_eq(ssldyn_decimal(value, text), text);
    ck_assert_msg(strtod(text, &end) == value && *end == '\0', "%a is written as %s", value, text);
    const int count = significant(text, digits);
    ck_assert_int_le(count, DBL_DECIMAL_DIG);
    if (count > 1) {
        snprintf(other, sizeof other, "%.*e", count - 2, value);
        ck_assert_msg(strtod(other, NULL) != value, "%s is written as %s", other, text);
    }
    snprintf(other, sizeof other, "%.*e", count - 1, value);
    significant(other, nearest);
    ck_assert_msg(strtod(other, NULL) != value || strcmp(digits, nearest) == 0,
                  "%s is nearer than %s", other, text);
}

START_TEST(formats_numbers)
{
    static const struct {
        double value;
        const char *text;
    } known[] = {
        {0.2, "0.2"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3.0, "0.3333333333333333"},
        {-0.04, "-0.04"},
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {100000.0, "100000"},
        {12345.678, "12345.678"},
        {1e15, "1000000000000000"},
        {9007199254740993.0, "9007199254740992"},
        {1e16, "10000000000000000"},
        {1e17, "1e+17"},
        {1.5e300, "1.5e+300"},
        {0.0001, "0.0001"},
        {0.00012345, "0.00012345"},
        {0.00001, "1e-05"},
        {1.25e-7, "1.25e-07"},
        {0x1p-24, "5.960464477539063e-08"}, /* the lower neighbor is half as far away */
        {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {0x1p-1074, "5e-324"},
        {0x0.fffffffffffffp-1022, "2.225073858507201e-308"},
        {2e23, "2e+23"},
        {(double)NAN, "nan"},
        {(double)INFINITY, "inf"},
        {-(double)INFINITY, "-inf"},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        ck_assert_str_eq(SSLDYN_DECIMAL(known[i].value), known[i].text);
    ck_assert_str_eq(SSLDYN_DECIMAL(copysign((double)NAN, -1.0)), "nan");
}
END_TEST

START_TEST(is_short_and_reads_back)
{
    uint64_t state = 88172645463325252u;

    for (int i = 0; i < 20000; i++) {
        const uint64_t bits = next_word(&state);
        const double any = from_bits(bits);
        if (isfinite(any) && any != 0.0)
            check_number(any);
        check_number(0x1p-53 * (double)((bits >> 11) + 1)); /* in (0, 1], the usual range of
                                                             * results */
        check_number((double)(bits % 100000 + 1) / 1000.0);
    }
}
END_TEST

START_TEST(is_right_at_powers)
{
    for (int e = -1074; e < 1024; e++) {
        const double power = ldexp(1.0, e);
        check_number(power);
        check_number(nextafter(power, 0.0) > 0.0 ? nextafter(power, 0.0) : power);
        check_number(nextafter(power, (double)INFINITY));
    }
    for (int e = -323; e < 309; e++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", e);
        check_number(strtod(text, NULL));
        check_number(nextafter(strtod(text, NULL), 1.0));
    }
}
END_TEST

START_TEST(writes_to_a_stream)
{
    char text[64] = "";
    FILE *stream = tmpfile();

    ck_assert_ptr_nonnull(stream);
    ssldyn_decimal_write(0.25, stream);
    fputc('\t', stream);
    ssldyn_decimal_write(-3e-9, stream);
    rewind(stream);
    ck_assert_ptr_nonnull(fgets(text, sizeof text, stream));
    fclose(stream);
    ck_assert_str_eq(text, "0.25\t-3e-09");
}
END_TEST

TEST_SUITE(decimal)
{
    tcase_add_test(tests, formats_numbers);
    tcase_add_test(tests, is_short_and_reads_back);
    tcase_add_test(tests, is_right_at_powers);
    tcase_add_test(tests, writes_to_a_stream);
}
