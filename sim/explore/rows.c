/* Results as bytes. */
// SPDX-License-Identifier: MIT
#include "sim/explore/rows.h"

#include <stdlib.h>
#include <string.h>

const double *ssldyn_rows_array(const struct ssldyn_result *result, const char *name, size_t *count)
{
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS] = {0};
    const double *array = ssldyn_result_array(result, name, &dimensions, shape);
    *count = !array || dimensions > 1 ? 0 : dimensions == 0 ? 1 : shape[0];
    return *count > 0 ? array : NULL;
}

size_t ssldyn_rows_column(const struct ssldyn_result *result, const char *name)
{
    for (size_t i = 0; i < ssldyn_result_column_count(result); i++) {
        if (strcmp(ssldyn_result_column_name(result, i), name) == 0) {
            return i;
        }
    }
    return SSLDYN_ROWS_NOWHERE;
}

const double *ssldyn_rows_last(const struct ssldyn_result *result, const char *column)
{
    const size_t rows = ssldyn_result_row_count(result);
    const size_t i = ssldyn_rows_column(result, column);
    const double *values = ssldyn_result_rows(result);
    return values && rows > 0 && i != SSLDYN_ROWS_NOWHERE
               ? &values[(rows - 1) * ssldyn_result_column_count(result) + i]
               : NULL;
}

void ssldyn_rows_put_table(struct ssldyn_call_answer *answer,
                           const struct ssldyn_explore_bytes *head, size_t columns,
                           const char *const names[], size_t rows, const double values[])
{
    struct ssldyn_explore_bytes json = {0};
    ssldyn_bytes_json_begin(&json, NULL, '{');
    ssldyn_bytes_json_begin(&json, "columns", '[');
    for (size_t i = 0; i < columns; i++) {
        ssldyn_bytes_json_text(&json, NULL, names[i]);
    }
    ssldyn_bytes_json_end(&json, ']');
    if (head->size > 0) {
        ssldyn_bytes_put_string(&json, ",");
        ssldyn_bytes_put(&json, head->data, head->size);
    }
    ssldyn_bytes_json_end(&json, '}');
    while (json.size % 8 != 0 && !json.lost) {
        ssldyn_bytes_put_string(&json, " ");
    }
    struct ssldyn_explore_bytes *body = &answer->body;
    answer->type = "application/octet-stream";
    ssldyn_bytes_put(body, "ssdf", 4);
    ssldyn_bytes_put_u32(body, 1);
    ssldyn_bytes_put_u32(body, rows);
    ssldyn_bytes_put_u32(body, columns);
    ssldyn_bytes_put_u32(body, json.size);
    ssldyn_bytes_put_u32(body, 0);
    ssldyn_bytes_put(body, json.data, json.size);
    if (rows > 0 && columns > 0) {
        ssldyn_bytes_put_doubles(body, rows * columns, values);
    }
    body->lost = body->lost || json.lost || head->lost;
    ssldyn_bytes_clear(&json);
}

void ssldyn_rows_put(struct ssldyn_call_answer *answer, const struct ssldyn_explore_bytes *head,
                     const struct ssldyn_result *result)
{
    const size_t columns = ssldyn_result_column_count(result);
    const char **names = calloc(columns + 1, sizeof *names);
    for (size_t i = 0; names && i < columns; i++) {
        names[i] = ssldyn_result_column_name(result, i);
    }
    if (names) {
        ssldyn_rows_put_table(answer, head, columns, names, ssldyn_result_row_count(result),
                              ssldyn_result_rows(result));
    } else {
        answer->body.lost = true;
    }
    free(names);
}

void ssldyn_rows_put_lines(struct ssldyn_explore_bytes *body, const char *name, const char *text)
{
    ssldyn_bytes_json_begin(body, name, '[');
    while (text && *text != '\0') {
        const size_t length = strcspn(text, "\n");
        char line[1024];
        const size_t kept = length < sizeof line ? length : sizeof line - 1;
        memcpy(line, text, kept);
        line[kept] = '\0';
        if (length > 0) {
            ssldyn_bytes_json_text(body, NULL, line);
        }
        text += length + (text[length] == '\n' ? 1 : 0);
    }
    ssldyn_bytes_json_end(body, ']');
}

void ssldyn_rows_put_values(struct ssldyn_explore_bytes *body, const char *name,
                            const struct ssldyn_result *result)
{
    ssldyn_bytes_json_begin(body, name, '{');
    for (size_t i = 0; i < ssldyn_result_value_count(result); i++) {
        const char *value = ssldyn_result_value_name(result, i);
        const char *word = ssldyn_result_word(result, value);
        if (word) {
            ssldyn_bytes_json_text(body, value, word);
        } else {
            ssldyn_bytes_json_number(body, value, ssldyn_result_value(result, value));
        }
    }
    ssldyn_bytes_json_end(body, '}');
}
