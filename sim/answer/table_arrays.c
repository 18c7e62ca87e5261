/* Columns of a table as arrays (table_arrays.h). */
// SPDX-License-Identifier: MIT
#include "sim/answer/table_arrays.h"

#include "sim/io/trace.h"

#include <stdint.h>
#include <string.h>

enum { NAME_SIZE = 128 };

/* Length of the stem of "s_12"; 0: the name does not end with a number. */
static size_t stem_of(const char *name)
{
    size_t length = strlen(name);
    const size_t whole = length;
    while (length > 0 && name[length - 1] >= '0' && name[length - 1] <= '9') {
        length--;
    }
    return length < whole && length > 1 && name[length - 1] == '_' ? length - 1 : 0;
}

/* The number of columns STEM_1, STEM_2, ... */
static size_t count_modes(const struct ssldyn_table *table, const char *name, size_t stem)
{
    char column[NAME_SIZE];
    size_t count = 0;
    do {
        (void)snprintf(column, sizeof column, "%.*s_%zu", (int)stem, name, count + 1);
    } while (ssldyn_table_column(table, column) != SIZE_MAX && ++count);
    return count;
}

/* Adds one array from the column at first, or from those of all its modes. */
static void put(struct ssldyn_result *result, const struct ssldyn_table *table, const char *prefix,
                size_t length, size_t first)
{
    const char *name = table->names[first];
    const size_t stem = stem_of(name);
    const size_t modes = stem > 0 ? count_modes(table, name, stem) : 0;
    const size_t shape[] = {table->rows, modes};
    char called[NAME_SIZE];
    char column[NAME_SIZE];
    (void)snprintf(called, sizeof called, "%.*s_%.*s", (int)length, prefix,
                   (int)(modes > 0 ? stem : strlen(name)), name);
    double *array = ssldyn_result_put_array(result, called, modes > 0 ? 2 : 1, shape);
    for (size_t j = 0; array && j < (modes > 0 ? modes : 1); j++) {
        size_t at = first;
        if (modes > 0) {
            (void)snprintf(column, sizeof column, "%.*s_%zu", (int)stem, name, j + 1);
            at = ssldyn_table_column(table, column);
        }
        for (size_t i = 0; i < table->rows; i++) {
            array[i * (modes > 0 ? modes : 1) + j] = ssldyn_table_value(table, i, at);
        }
    }
}

enum ssldyn_status ssldyn_answer_table_arrays(struct ssldyn_result *result, const char *name,
                                              const char *text, struct ssldyn_error *err)
{
    struct ssldyn_table table;
    const enum ssldyn_status status = ssldyn_table_read_text(name, text, &table, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    for (size_t i = 0; i < table.columns; i++) {
        const size_t stem = stem_of(table.names[i]);
        if (stem == 0 || strcmp(table.names[i] + stem, "_1") == 0) {
            put(result, &table, name, strcspn(name, "."), i);
        }
    }
    ssldyn_table_clear(&table);
    return ssldyn_result_check(result, err);
}
