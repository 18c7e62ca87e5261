/* Reads a small table whose cells are words. */
// SPDX-License-Identifier: MIT
#include "sim/cli/words.h"

#include "sim/base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const size_t most_bytes = (size_t)64 << 20;

static enum ssldyn_status read_text(const char *path, char **text, struct ssldyn_error *err)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%.300s", path);
    if (!S_ISREG(info.st_mode) || (size_t)info.st_size > most_bytes)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: is not a regular file of at most 64 MiB",
                           path);
    *text = ssldyn_memory_array((size_t)info.st_size + 1, 1);
    FILE *stream = *text ? fopen(path, "rb") : NULL;
    if (!stream)
        return ssldyn_fail_system(err, SSLDYN_EINPUT, *text ? errno : ENOMEM, "%.300s", path);
    const size_t got = fread(*text, 1, (size_t)info.st_size, stream);
    fclose(stream);
    if (strlen(*text) != got || got != (size_t)info.st_size)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: cannot be read as text", path);
    return SSLDYN_OK;
}

/* Splits one line into cells, from index `place` on; returns their number. */
static size_t cut(char *line, char **to, size_t most)
{
    size_t count = 0;

    line[strcspn(line, "\r")] = '\0';
    for (char *cell = line; cell; count++) {
        char *tab = strchr(cell, '\t');
        if (tab)
            *tab = '\0';
        if (count < most)
            to[count] = cell;
        cell = tab ? tab + 1 : NULL;
    }
    return count;
}

enum ssldyn_status ssldyn_words_read(const char *path, struct ssldyn_words *words,
                                     struct ssldyn_error *err)
{
    size_t lines = 1;
    size_t most = 1;
    char *rest = NULL;

    *words = (struct ssldyn_words){0};
    enum ssldyn_status status = read_text(path, &words->text, err);
    if (status != SSLDYN_OK)
        return status;
    for (const char *c = words->text; *c != '\0'; c++) {
        lines += *c == '\n';
        most += *c == '\t' || *c == '\n';
    }
    words->cells = ssldyn_memory_array(most + lines, sizeof *words->cells);
    if (!words->cells)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "%.300s: out of memory", path);
    size_t used = 0;
    for (char *line = strtok_r(words->text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] == '#' || line[0] == '\r')
            continue;
        const size_t count = cut(line, words->cells + used, most + lines - used);
        if (used > 0 && count != words->columns)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: row %zu has %zu cells instead of %zu",
                               path, words->rows + 1, count, words->columns);
        words->rows += used > 0;
        words->columns = count;
        used += count;
    }
    if (used == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: holds no header line of column names",
                           path);
    return SSLDYN_OK;
}

void ssldyn_words_clear(struct ssldyn_words *words)
{
    free(words->cells);
    free(words->text);
    *words = (struct ssldyn_words){0};
}

size_t ssldyn_words_column(const struct ssldyn_words *words, const char *name)
{
    for (size_t i = 0; i < words->columns; i++)
        if (strcmp(words->cells[i], name) == 0)
            return i;
    return SIZE_MAX;
}

const char *ssldyn_words_cell(const struct ssldyn_words *words, size_t row, size_t column)
{
    return words->cells[(row + 1) * words->columns + column];
}

double ssldyn_words_number(const struct ssldyn_words *words, size_t row, size_t column)
{
    const char *text = ssldyn_words_cell(words, row, column);
    char *end = NULL;
    const double value = strtod(text, &end);

    return end != text && *end == '\0' ? value : (double)NAN;
}

const char *ssldyn_words_printed(FILE *stream, const char *name, size_t length,
                                 char value[SSLDYN_WORDS_VALUE])
{
    char line[SSLDYN_WORDS_VALUE];

    strcpy(value, "nan");
    while (stream && fgets(line, sizeof line, stream))
        if (strncmp(line, name, length) == 0 && strncmp(line + length, " = ", 3) == 0)
            snprintf(value, SSLDYN_WORDS_VALUE, "%.*s", (int)strcspn(line + length + 3, "\n"),
                     line + length + 3);
    if (stream)
        fclose(stream);
    return value;
}
