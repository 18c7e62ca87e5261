/* Reads a table of numbers with named columns: comment lines, one header line, rows. */
// SPDX-License-Identifier: MIT
#include "sim/io/trace.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const char *path;
    FILE *stream;
    char *line;      /* the current line without its end */
    size_t capacity; /* of line */
    size_t number;   /* of the current line, from 1 */
    size_t row_capacity;
    bool of_sweep;  /* whose axes may be words */
    bool growing;   /* still being written: a line without its end is ignored */
    bool foreign;   /* may be from any program */
    char separator; /* of a foreign table; '\0': not yet known */
};

/* Copies one cell of a foreign line to *to, without quotes and surrounding blanks; returns the rest
 * of the line, or NULL at its end. */
static const char *copy_cell(const char *from, char separator, char **to)
{
    from += strspn(from, separator == '\t' ? " " : " \t");
    const bool quoted = *from == '"';
    const char stop[] = {(char)(quoted ? '"' : separator),
                         (char)(separator == ' ' && !quoted ? '\t' : '\0'), '\0'};
    from += quoted ? 1 : 0;
    size_t length = strcspn(from, stop);
    const char *after = from + length;
    while (!quoted && length > 0 && from[length - 1] == ' ')
        length--;
    memmove(*to, from, length);
    *to += length;
    after += quoted && *after == '"' ? 1 : 0;
    after += strspn(after, separator == '\t' ? " " : " \t");
    /* All separating blanks have been skipped. */
    if (separator == ' ')
        return *after != '\0' ? after : NULL;
    return *after == separator ? after + 1 : NULL;
}

/* Rewrites a foreign line as plain cells separated by tabs, in place: no cell becomes longer. */
static void tidy_line(struct reader *reader)
{
    if (reader->separator == '\0') {
        const char *found = strpbrk(reader->line, "\t");
        if (found == NULL)
            found = strpbrk(reader->line, ",");
        if (found == NULL)
            found = strpbrk(reader->line, ";");
        reader->separator = (char)(found != NULL ? *found : ' ');
    }
    const char *from = reader->line;
    char *to = reader->line;
    while ((from = copy_cell(from, reader->separator, &to)) != NULL)
        *to++ = '\t';
    *to = '\0';
}

/* An empty cell after the last separator of a line does not count. */
static void drop_last_separator(char *line, size_t columns)
{
    size_t tabs = 0;
    for (const char *c = line; *c != '\0'; c++)
        tabs += *c == '\t' ? 1 : 0;
    const size_t length = strlen(line);
    if (tabs >= columns && length > 0 && line[length - 1] == '\t')
        line[length - 1] = '\0';
}

/* The program's own tables begin with their kind and version; a table without them is from another
 * program. */
static bool is_of_another_version(const char *line)
{
    static const char head[] = "# ssldyn ";
    const char *version = strrchr(line, ' ');
    return strncmp(line, head, sizeof head - 1) == 0 && strcmp(version, " 1") != 0;
}

/* Reads the next line that is neither empty nor a comment; line stays zero-terminated. *more is
 * false at the end of the file. */
static enum ssldyn_status next_line(struct reader *reader, bool *more, struct ssldyn_error *err)
{
    *more = false;
    for (;;) {
        errno = 0;
        ssize_t length = getline(&reader->line, &reader->capacity, reader->stream);
        if (length < 0) {
            if (ferror(reader->stream) != 0 || errno == ENOMEM)
                return ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s: cannot be read",
                                          reader->path);
            return SSLDYN_OK;
        }
        reader->number++;
        if (strlen(reader->line) != (size_t)length)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s:%zu: contains a zero byte: it is not a text table", reader->path,
                               reader->number);
        if (reader->growing && reader->line[length - 1] != '\n')
            return SSLDYN_OK;
        reader->line[strcspn(reader->line, "\r\n")] = '\0';
        if (reader->number == 1 && strncmp(reader->line, "\xef\xbb\xbf", 3) == 0)
            memmove(reader->line, reader->line + 3, strlen(reader->line + 3) + 1);
        if (reader->number == 1 && is_of_another_version(reader->line))
            return ssldyn_fail(
                err, SSLDYN_EINPUT,
                "%s:1: expected \"# ssldyn KIND 1\" on the first line, found \"%.60s\"",
                reader->path, reader->line);
        if (reader->number == 1)
            reader->of_sweep = strcmp(reader->line, "# ssldyn sweep 1") == 0;
        const char *start = reader->line + (reader->foreign ? strspn(reader->line, " \t") : 0);
        if (*start != '\0' && *start != '#')
            break;
    }
    if (reader->foreign)
        tidy_line(reader);
    *more = true;
    return SSLDYN_OK;
}

static enum ssldyn_status read_names(struct reader *reader, struct ssldyn_table *table,
                                     struct ssldyn_error *err)
{
    size_t columns = 1;

    if (reader->foreign)
        drop_last_separator(reader->line, 1);
    for (const char *c = reader->line; *c != '\0'; c++)
        columns += *c == '\t';
    table->names = ssldyn_memory_array(columns, sizeof *table->names);
    if (table->names == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    char *name = reader->line;
    for (size_t i = 0; i < columns; i++) {
        char *end = name + strcspn(name, "\t");
        bool last = *end == '\0';
        *end = '\0';
        if (*name == '\0' && !reader->foreign)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s:%zu: column %zu has no name", reader->path,
                               reader->number, i + 1);
        table->names[i] = ssldyn_memory_copy(name);
        if (table->names[i] == NULL)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        table->columns = i + 1;
        if (!last)
            name = end + 1;
    }
    return SSLDYN_OK;
}

/* Grows the table for one more row, by doubling; row-major values move as one block. */
static enum ssldyn_status grow(struct reader *reader, struct ssldyn_table *table,
                               struct ssldyn_error *err)
{
    if (table->rows < reader->row_capacity)
        return SSLDYN_OK;
    size_t rows = reader->row_capacity == 0 ? 64 : 2 * reader->row_capacity;
    double *values = NULL;
    if (rows <= SIZE_MAX / sizeof(double) / table->columns)
        values = realloc(table->values, rows * table->columns * sizeof(double));
    if (values == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "%s: out of memory at line %zu", reader->path,
                           reader->number);
    table->values = values;
    reader->row_capacity = rows;
    return SSLDYN_OK;
}

static enum ssldyn_status read_row(struct reader *reader, struct ssldyn_table *table,
                                   struct ssldyn_error *err)
{
    char *cell = reader->line;

    enum ssldyn_status status = grow(reader, table, err);
    if (status != SSLDYN_OK)
        return status;
    double *row = table->values + table->rows * table->columns;
    if (reader->foreign)
        drop_last_separator(cell, table->columns);
    for (size_t i = 0; i < table->columns; i++) {
        size_t length = strcspn(cell, "\t");
        bool last = cell[length] == '\0';
        char *end = NULL;
        cell[length] = '\0';
        row[i] = strtod(cell, &end);
        const bool number = length > 0 && end == cell + length;
        const bool word_allowed = reader->of_sweep || table->names[i][0] == '\0';
        if (word_allowed && length > 0 && !number)
            row[i] = (double)NAN;
        else if (!number)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s:%zu: column %s: \"%.40s\" is not a number%s",
                               reader->path, reader->number, table->names[i], cell,
                               strchr(cell, ',') != NULL ? "; use a decimal point" : "");
        if (last != (i + 1 == table->columns))
            return ssldyn_fail(
                err, SSLDYN_EINPUT, "%s:%zu: the row has %s cells than the header, which has %zu",
                reader->path, reader->number, last ? "fewer" : "more", table->columns);
        cell += length + (last ? 0 : 1);
    }
    table->rows++;
    return SSLDYN_OK;
}

static enum ssldyn_status read_all(struct reader *reader, struct ssldyn_table *table,
                                   struct ssldyn_error *err)
{
    bool more = false;

    enum ssldyn_status status = next_line(reader, &more, err);
    if (status != SSLDYN_OK)
        return status;
    if (!more && reader->growing)
        return SSLDYN_OK;
    if (!more)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: has no header line with column names",
                           reader->path);
    status = read_names(reader, table, err);
    while (status == SSLDYN_OK) {
        status = next_line(reader, &more, err);
        if (status != SSLDYN_OK || !more)
            break;
        status = read_row(reader, table, err);
    }
    return status;
}

static enum ssldyn_status read_table(struct reader reader, struct ssldyn_table *table,
                                     struct ssldyn_error *err)
{
    *table = (struct ssldyn_table){0};
    enum ssldyn_status status =
        reader.stream ? SSLDYN_OK : ssldyn_file_read(reader.path, &reader.stream, NULL, err);
    if (status != SSLDYN_OK)
        return status;
    status = read_all(&reader, table, err);
    if (status != SSLDYN_OK)
        ssldyn_table_clear(table);
    free(reader.line);
    fclose(reader.stream);
    return status;
}

enum ssldyn_status ssldyn_table_read(const char *path, struct ssldyn_table *table,
                                     struct ssldyn_error *err)
{
    return read_table((struct reader){.path = path}, table, err);
}

enum ssldyn_status ssldyn_table_read_growing(const char *path, struct ssldyn_table *table,
                                             struct ssldyn_error *err)
{
    return read_table((struct reader){.path = path, .growing = true}, table, err);
}

enum ssldyn_status ssldyn_table_read_foreign(const char *path, struct ssldyn_table *table,
                                             struct ssldyn_error *err)
{
    return read_table((struct reader){.path = path, .foreign = true}, table, err);
}

enum ssldyn_status ssldyn_table_read_text(const char *name, const char *text,
                                          struct ssldyn_table *table, struct ssldyn_error *err)
{
    FILE *stream = fmemopen((void *)text, strlen(text), "r");
    *table = (struct ssldyn_table){0};
    return stream ? read_table((struct reader){.path = name, .stream = stream}, table, err)
                  : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %s", name);
}

void ssldyn_table_clear(struct ssldyn_table *table)
{
    for (size_t i = 0; i < table->columns; i++)
        free(table->names[i]);
    free(table->names);
    free(table->values);
    *table = (struct ssldyn_table){0};
}

size_t ssldyn_table_column(const struct ssldyn_table *table, const char *name)
{
    for (size_t i = 0; i < table->columns; i++)
        if (strcmp(table->names[i], name) == 0)
            return i;
    return SIZE_MAX;
}
