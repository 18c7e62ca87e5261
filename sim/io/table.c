/* Reads a table of numbers with named columns: comment lines, one header line, rows. */
// SPDX-License-Identifier: MIT
#include "sim/io/trace.h"

#include "sim/base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct reader {
    const char *path;
    FILE *stream;
    char *line;      /* the present line without its end */
    size_t capacity; /* of line */
    size_t number;   /* of the present line, from 1 */
    size_t row_capacity;
    bool of_sweep; /* whose axes may vary words */
};

/* A table of ours names its kind and version first; one without is another program's. */
static bool is_of_another_version(const char *line)
{
    static const char head[] = "# ssldyn ";
    const char *version = strrchr(line, ' ');
    return strncmp(line, head, sizeof head - 1) == 0 && strcmp(version, " 1") != 0;
}

/* The next line that is neither empty nor a comment; line stays NULL-terminated. *more is false at
 * the end of the file. */
static enum ssldyn_status next_line(struct reader *reader, bool *more, struct ssldyn_error *err)
{
    *more = false;
    for (;;) {
        errno = 0;
        ssize_t length = getline(&reader->line, &reader->capacity, reader->stream);
        if (length < 0) {
            if (ferror(reader->stream) != 0 || errno == ENOMEM)
                return ssldyn_fail(err, errno == ENOMEM ? SSLDYN_ENOMEM : SSLDYN_EIO,
                                   "%s: cannot be read: %s", reader->path, strerror(errno));
            return SSLDYN_OK;
        }
        reader->number++;
        if (strlen(reader->line) != (size_t)length)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s:%zu: holds a zero byte: not a table of text",
                               reader->path, reader->number);
        reader->line[strcspn(reader->line, "\r\n")] = '\0';
        if (reader->number == 1 && is_of_another_version(reader->line))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s:1: begins with \"%.60s\" where \"# ssldyn KIND 1\" is due",
                               reader->path, reader->line);
        if (reader->number == 1)
            reader->of_sweep = strcmp(reader->line, "# ssldyn sweep 1") == 0;
        if (reader->line[0] != '\0' && reader->line[0] != '#')
            break;
    }
    *more = true;
    return SSLDYN_OK;
}

static enum ssldyn_status read_names(struct reader *reader, struct ssldyn_table *table,
                                     struct ssldyn_error *err)
{
    size_t columns = 1;

    for (const char *c = reader->line; *c != '\0'; c++)
        columns += *c == '\t';
    table->names = ssldyn_array_alloc(columns, sizeof *table->names);
    if (table->names == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    char *name = reader->line;
    for (size_t i = 0; i < columns; i++) {
        char *end = name + strcspn(name, "\t");
        bool last = *end == '\0';
        *end = '\0';
        if (*name == '\0')
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s:%zu: column %zu has no name", reader->path,
                               reader->number, i + 1);
        table->names[i] = ssldyn_string_copy(name);
        if (table->names[i] == NULL)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        table->columns = i + 1;
        if (!last)
            name = end + 1;
    }
    return SSLDYN_OK;
}

/* Makes room for one more row, doubling; row-major values are moved as a whole. */
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
    for (size_t i = 0; i < table->columns; i++) {
        size_t length = strcspn(cell, "\t");
        bool last = cell[length] == '\0';
        char *end = NULL;
        cell[length] = '\0';
        row[i] = strtod(cell, &end);
        const bool number = length > 0 && end == cell + length;
        if (reader->of_sweep && length > 0 && !number)
            row[i] = (double)NAN;
        else if (!number)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s:%zu: column %s: \"%.40s\" is not a number",
                               reader->path, reader->number, table->names[i], cell);
        if (last != (i + 1 == table->columns))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s:%zu: the row has %s cells than the %zu of "
                               "the header",
                               reader->path, reader->number, last ? "fewer" : "more",
                               table->columns);
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
    if (!more)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: holds no header line of column names",
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

enum ssldyn_status ssldyn_table_read(const char *path, struct ssldyn_table *table,
                                     struct ssldyn_error *err)
{
    struct reader reader = {.path = path};
    struct stat info;

    *table = (struct ssldyn_table){0};
    /* Asked before opening: a device may have no end, a pipe no writer. */
    if (stat(path, &info) != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a plain file", path);
    reader.stream = fopen(path, "rb");
    if (reader.stream == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    enum ssldyn_status status = read_all(&reader, table, err);
    if (status != SSLDYN_OK)
        ssldyn_table_clear(table);
    free(reader.line);
    fclose(reader.stream);
    return status;
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
