/* Numbers as text: the shortest decimal that reads back to the same double. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_DECIMAL_H
#define SSLDYN_SIM_BASE_DECIMAL_H

#include <stddef.h>
#include <stdio.h>

/* Bytes that hold any number: sign, 17 digits, point, exponent, terminator. */
enum { SSLDYN_DECIMAL_SIZE = 32 };

/* Writes value into text (SSLDYN_DECIMAL_SIZE bytes) and returns text. Of the decimals with the
 * fewest digits that read back as value it is the one closest to value. The layout is that of
 * printf's %.17g (0.2, 1e-07, 100000), with nan, inf and -inf; the text does not depend on the C
 * library. */
char *ssldyn_decimal(double value, char text[SSLDYN_DECIMAL_SIZE]);

/* The same as a string for one call of printf; it lives until the end of the enclosing block. */
#define SSLDYN_DECIMAL(value) ssldyn_decimal((value), (char[SSLDYN_DECIMAL_SIZE]){""})

/* Writes the number to stream; failures show in ferror(stream). */
void ssldyn_decimal_write(double value, FILE *stream);

/* Numbers as one line of a table: separated by tabs, ended by a newline. */
void ssldyn_decimal_write_row(size_t count, const double values[], FILE *stream);

#endif
