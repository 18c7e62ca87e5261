/* The shortest decimal of a double, in exact integer arithmetic and without tables, after the
 * interval method of Giulietti ("The Schubfach way to render doubles", 2020). */
// SPDX-License-Identifier: MIT
#include "sim/base/decimal.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

/* digits * 10^exponent */
struct decimal {
    uint64_t digits;
    int exponent;
};

/* 5^324, which the smallest double needs, has 753 bits; a factor of 55 bits comes on top. */
enum { WORDS = 14 };

/* number *= factor; number has *count words, the lowest first. */
static void multiply(uint64_t number[static WORDS], size_t *count, uint64_t factor)
{
    uint64_t carry = 0;

    for (size_t i = 0; i < *count; i++) {
        const wide product = (wide)number[i] * factor + carry;
        number[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    if (carry != 0)
        number[(*count)++] = carry;
}

/* power = 5^n; returns its count of words. */
static size_t power_of_five(int n, uint64_t power[static WORDS])
{
    static const uint64_t five_27 = 7450580596923828125u; /* the largest below 2^64 */
    size_t count = 1;
    uint64_t rest = 1;

    power[0] = 1;
    for (; n >= 27; n -= 27)
        multiply(power, &count, five_27);
    for (; n > 0; n--)
        rest *= 5;
    multiply(power, &count, rest);
    return count;
}

/* factor * power * 2^shift, rounded to an odd integer unless it is an integer already: the result
 * is above, at or below an even integer exactly when the unrounded number is. */
static uint64_t scaled(uint64_t factor, const uint64_t power[static WORDS], size_t count, int shift)
{
    uint64_t product[WORDS];
    bool cut = false;

    memcpy(product, power, count * sizeof *product);
    multiply(product, &count, factor);
    if (shift >= 0)
        return product[0] << shift;

    const size_t words = (size_t)-shift / 64;
    const unsigned bits = (unsigned)-shift % 64;
    for (size_t i = 0; i < words && i < count; i++)
        cut = cut || product[i] != 0;
    const uint64_t low = words < count ? product[words] : 0;
    const uint64_t high = words + 1 < count ? product[words + 1] : 0;
    cut = cut || (low & (((uint64_t)1 << bits) - 1)) != 0;
    return (low >> bits) | (bits > 0 ? high << (64 - bits) : 0) | cut;
}

/* Of mantissa * 2^exponent, with spacing below 10. Everything is counted in quarters of 10^k, the
 * highest power of ten that fits into the interval of numbers that read back as this one: the
 * interval holds one multiple of 10^k or several, and at most one of 10^(k+1). */
static struct decimal shortest(uint64_t mantissa, int exponent)
{
    /* the gap below a power of two is half the gap above it */
    const bool regular = mantissa != (uint64_t)1 << 52 || exponent == DBL_MIN_EXP - DBL_MANT_DIG;
    const int k = (int)floor(exponent * log10(2.0) + (regular ? 0.0 : log10(0.75)));
    uint64_t power[WORDS];
    const size_t count = power_of_five(-k, power);
    const int shift = exponent - k;
    const uint64_t quarters = scaled(4 * mantissa, power, count, shift);
    /* for an even mantissa the ends of the interval round to it (ties to even) */
    const uint64_t low =
        scaled(4 * mantissa - (regular ? 2 : 1), power, count, shift) + (mantissa & 1);
    const uint64_t high = scaled(4 * mantissa + 2, power, count, shift) - (mantissa & 1);

    const uint64_t tens = quarters / 40;
    const bool tens_below = low <= 40 * tens;
    const bool tens_above = 40 * tens + 40 <= high;
    if (tens > 0 && tens_below != tens_above)
        return (struct decimal){tens + tens_above, k + 1};

    const uint64_t ones = quarters / 4;
    const bool below = low <= 4 * ones;
    const bool above = 4 * ones + 4 <= high;
    if (below != above)
        return (struct decimal){ones + above, k};
    const uint64_t half = 4 * ones + 2;
    return (struct decimal){ones + (quarters > half || (quarters == half && (ones & 1))), k};
}

/* For numbers from 2^56 on, which are rare: the lowest precision that reads back. */
static struct decimal shortest_of_large(double value)
{
    char text[SSLDYN_DECIMAL_SIZE];
    int precision = 0;

    do
        snprintf(text, sizeof text, "%.*e", precision, value);
    while (strtod(text, NULL) != value && ++precision < DBL_DECIMAL_DIG);

    struct decimal decimal = {0, (int)strtol(strchr(text, 'e') + 1, NULL, 10) - precision};
    for (const char *c = text; *c != 'e'; c++)
        if (*c >= '0' && *c <= '9')
            decimal.digits = 10 * decimal.digits + (uint64_t)(*c - '0');
    return decimal;
}

static struct decimal of_positive(double value)
{
    int exponent = 0;
    double fraction = frexp(value, &exponent);

    exponent -= DBL_MANT_DIG;
    /* subnormal numbers have fewer bits */
    const int lowest = DBL_MIN_EXP - DBL_MANT_DIG;
    const int missing = exponent < lowest ? lowest - exponent : 0;
    if (exponent > 3)
        return shortest_of_large(value);
    fraction = ldexp(fraction, DBL_MANT_DIG - missing);
    return shortest((uint64_t)fraction, exponent + missing);
}

/* Writes the decimal digits of number, at least width of them, and returns where they end. */
static char *write_digits(uint64_t number, int width, char *text)
{
    char reversed[20];
    int count = 0;

    for (; number > 0 || count < width; number /= 10)
        reversed[count++] = (char)('0' + number % 10);
    while (count > 0)
        *text++ = reversed[--count];
    return text;
}

/* Same layout as %.17g: with an exponent below 1e-4 and from 1e17 on. */
static char *lay_out(struct decimal decimal, char *text)
{
    char digits[20];
    const int count = (int)(write_digits(decimal.digits, 1, digits) - digits);
    const int leading = count - 1 + decimal.exponent; /* power of ten of the first digit */
    const bool scientific = leading < -4 || leading >= DBL_DECIMAL_DIG;
    const int point = scientific ? 1 : leading + 1; /* digits before the point */

    if (point <= 0) {
        *text++ = '0';
        *text++ = '.';
        for (int i = point; i < 0; i++)
            *text++ = '0';
        memcpy(text, digits, (size_t)count);
        return text + count;
    }
    for (int i = 0; i < point; i++) {
        *text = '0';
        if (i < count)
            *text = digits[i];
        text++;
    }
    if (point < count) {
        *text++ = '.';
        memcpy(text, digits + point, (size_t)(count - point));
        text += count - point;
    }
    if (scientific) {
        *text++ = 'e';
        *text++ = leading < 0 ? '-' : '+';
        text = write_digits((uint64_t)abs(leading), 2, text);
    }
    return text;
}

char *ssldyn_decimal(double value, char text[static SSLDYN_DECIMAL_SIZE])
{
    if (isnan(value))
        return strcpy(text, "nan");
    if (isinf(value))
        return strcpy(text, value > 0.0 ? "inf" : "-inf");
    char *end = text;
    if (signbit(value))
        *end++ = '-';
    if (value == 0.0) {
        *end++ = '0';
    } else {
        struct decimal decimal = of_positive(fabs(value));
        for (; decimal.digits % 10 == 0; decimal.exponent++)
            decimal.digits /= 10;
        end = lay_out(decimal, end);
    }
    *end = '\0';
    return text;
}

void ssldyn_decimal_write(double value, FILE *stream)
{
    fputs(SSLDYN_DECIMAL(value), stream);
}

void ssldyn_decimal_write_row(size_t count, const double values[], FILE *stream)
{
    for (size_t i = 0; i < count; i++) {
        ssldyn_decimal_write(values[i], stream);
        fputc(i + 1 < count ? '\t' : '\n', stream);
    }
}
