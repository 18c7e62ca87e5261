/* Opcodes that push numbers and strings (pickle_machine.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/pickle_machine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 64 };

/* ---------------------------------------------------------------- plain values */
enum ssldyn_status ssldyn_pickle_run_none(struct ssldyn_pickle_machine *m, int operand)
{
    (void)operand;
    return ssldyn_pickle_push(m, ssldyn_pickle_fresh(m, SSLDYN_PICKLE_NONE));
}

static enum ssldyn_status push_integer(struct ssldyn_pickle_machine *m,
                                       enum ssldyn_pickle_kind kind, int64_t number)
{
    struct ssldyn_pickle_value *value = ssldyn_pickle_fresh(m, kind);
    if (value != NULL)
        value->is.integer = number;
    return ssldyn_pickle_push(m, value);
}

enum ssldyn_status ssldyn_pickle_run_bool(struct ssldyn_pickle_machine *m, int operand)
{
    return push_integer(m, SSLDYN_PICKLE_BOOL, operand);
}

static enum ssldyn_status push_real(struct ssldyn_pickle_machine *m, double number)
{
    struct ssldyn_pickle_value *value = ssldyn_pickle_fresh(m, SSLDYN_PICKLE_REAL);
    if (value != NULL)
        value->is.real = number;
    return ssldyn_pickle_push(m, value);
}

/* INT and LONG: decimal digits on a line; 00 and 01 are booleans. */
enum ssldyn_status ssldyn_pickle_run_number_line(struct ssldyn_pickle_machine *m, int real)
{
    const char *line = NULL;
    size_t length = 0;
    const enum ssldyn_status status = ssldyn_pickle_take_line(m, &line, &length);
    if (status != SSLDYN_OK)
        return status;
    char text[LONGEST_NUMBER + 1] = "";
    if (length == 0 || length > LONGEST_NUMBER)
        return ssldyn_pickle_bad(m, "an invalid number");
    memcpy(text, line, length);
    if (!real && text[length - 1] == 'L')
        text[--length] = '\0';
    if (!real && length == 2 && text[0] == '0')
        return push_integer(m, SSLDYN_PICKLE_BOOL, text[1] == '1');
    char *end = NULL;
    const double number = strtod(text, &end);
    if (end != text + length || length == 0)
        return ssldyn_pickle_bad(m, "an invalid number");
    if (real || fabs(number) > 9e18)
        return push_real(m, number);
    const long long whole = strtoll(text, &end, 10);
    if (end != text + length)
        return ssldyn_pickle_bad(m, "an invalid integer");
    return push_integer(m, SSLDYN_PICKLE_INTEGER, whole);
}

/* BININT1, BININT2: unsigned; BININT: signed. */
enum ssldyn_status ssldyn_pickle_run_integer(struct ssldyn_pickle_machine *m, int width)
{
    uint64_t number = 0;
    const enum ssldyn_status status = ssldyn_pickle_take_number(m, (size_t)width, &number);
    if (status != SSLDYN_OK)
        return status;
    const int64_t sign = width == 4 && number >= 0x80000000U ? (int64_t)1 << 32 : 0;
    return push_integer(m, SSLDYN_PICKLE_INTEGER, (int64_t)number - sign);
}

/* LONG1, LONG4: two's complement of any length; values beyond 64 bits become doubles. */
enum ssldyn_status ssldyn_pickle_run_long(struct ssldyn_pickle_machine *m, int width)
{
    const char *bytes = NULL;
    size_t length = 0;
    const enum ssldyn_status status = ssldyn_pickle_take_string(m, (size_t)width, &bytes, &length);
    if (status != SSLDYN_OK)
        return status;
    const bool negative = length > 0 && ((unsigned char)bytes[length - 1] & 0x80) != 0;
    double real = 0.0;
    uint64_t bits = 0;
    for (size_t i = length; i-- > 0;) {
        const unsigned digit = (unsigned char)bytes[i] ^ (negative ? 0xffU : 0U);
        real = 256.0 * real + digit;
        bits = bits << 8 | digit;
    }
    if (length > 8)
        return push_real(m, negative ? -1.0 - real : real);
    const int64_t whole = (int64_t)bits; /* below 2^63, as the sign was removed */
    return push_integer(m, SSLDYN_PICKLE_INTEGER, negative ? -1 - whole : whole);
}

enum ssldyn_status ssldyn_pickle_run_real(struct ssldyn_pickle_machine *m, int operand)
{
    const unsigned char *bytes = NULL;
    const enum ssldyn_status status = ssldyn_pickle_take(m, 8, &bytes);
    if (status != SSLDYN_OK)
        return status;
    (void)operand;
    uint64_t bits = 0;
    double number = 0.0;
    for (size_t i = 0; i < 8; i++)
        bits = bits << 8 | bytes[i]; /* big-endian, unlike everything else */
    memcpy(&number, &bits, sizeof number);
    return push_real(m, number);
}

static enum ssldyn_status push_string(struct ssldyn_pickle_machine *m, enum ssldyn_pickle_kind kind,
                                      size_t width)
{
    const char *start = NULL;
    size_t length = 0;
    const enum ssldyn_status status = ssldyn_pickle_take_string(m, width, &start, &length);
    return status == SSLDYN_OK
               ? ssldyn_pickle_push(m, ssldyn_pickle_fresh_text(m, kind, start, length))
               : status;
}

enum ssldyn_status ssldyn_pickle_run_text(struct ssldyn_pickle_machine *m, int width)
{
    return push_string(m, SSLDYN_PICKLE_TEXT, (size_t)width);
}

enum ssldyn_status ssldyn_pickle_run_bytes(struct ssldyn_pickle_machine *m, int width)
{
    return push_string(m, SSLDYN_PICKLE_BYTES, (size_t)width);
}

/* STRING 'quoted bytes' and UNICODE raw text, each on a line. */
enum ssldyn_status ssldyn_pickle_run_text_line(struct ssldyn_pickle_machine *m, int quoted)
{
    const char *line = NULL;
    size_t length = 0;
    const enum ssldyn_status status = ssldyn_pickle_take_line(m, &line, &length);
    if (status != SSLDYN_OK)
        return status;
    if (quoted) {
        if (length < 2 || (line[0] != '\'' && line[0] != '"') || line[length - 1] != line[0])
            return ssldyn_pickle_bad(m, "a string without quotes");
        line++;
        length -= 2;
    }
    char *text = ssldyn_pickle_string(m->pickle, 2 * length);
    if (text == NULL)
        return ssldyn_pickle_no_memory(m);
    length = quoted ? ssldyn_pickle_decode_quoted(line, length, text)
                    : ssldyn_pickle_decode_raw(line, length, text);
    return ssldyn_pickle_push(
        m, ssldyn_pickle_fresh_text(m, quoted ? SSLDYN_PICKLE_BYTES : SSLDYN_PICKLE_TEXT, text,
                                    length));
}
