/* A small table whose cells may be words: the header line and the rows, without comments. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_WORDS_H
#define SSLDYN_SIM_CLI_WORDS_H

#include "sim/base/error.h"

#include <stddef.h>
#include <stdio.h>

struct ssldyn_words {
    size_t columns;
    size_t rows;  /* without the header */
    char **cells; /* (1 + rows) x columns, the names first; the cells share text's memory */
    char *text;
};

/* Reads path; free with ssldyn_words_clear, also after a failure. EINPUT: the file cannot be
 * read, is larger than 64 MiB, has no header, or a row has a different number of cells than the
 * header. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_words_read(const char *path, struct ssldyn_words *words,
                                                       struct ssldyn_error *err);
void ssldyn_words_clear(struct ssldyn_words *words);

/* The column of that name, or SIZE_MAX; the cell in row 0, 1, ... and its number (NaN: none). */
size_t ssldyn_words_column(const struct ssldyn_words *words, const char *name);
const char *ssldyn_words_cell(const struct ssldyn_words *words, size_t row, size_t column);
double ssldyn_words_number(const struct ssldyn_words *words, size_t row, size_t column);

/* The last value of a name (length bytes) in a stream of "name = value" lines; "nan": none. Closes
 * the stream, which may be NULL. Returns value. */
enum { SSLDYN_WORDS_VALUE = 512 };
const char *ssldyn_words_printed(FILE *stream, const char *name, size_t length,
                                 char value[SSLDYN_WORDS_VALUE]);

#endif
