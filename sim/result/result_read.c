/* Reading a result. */
// SPDX-License-Identifier: MIT
#include "sim/result/result_internal.h"

#include "sim/base/decimal.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

size_t ssldyn_result_value_count(const struct ssldyn_result *result)
{
    return result->values_used.count;
}

const char *ssldyn_result_value_name(const struct ssldyn_result *result, size_t i)
{
    return i < result->values_used.count ? result->values[i].name : NULL;
}

static const struct ssldyn_result_value *find_value(const struct ssldyn_result *result,
                                                    const char *name)
{
    for (size_t i = 0; i < result->values_used.count; i++) {
        if (strcmp(result->values[i].name, name) == 0) {
            return &result->values[i];
        }
    }
    return NULL;
}

double ssldyn_result_value(const struct ssldyn_result *result, const char *name)
{
    const struct ssldyn_result_value *value = find_value(result, name);
    return value ? value->number : (double)NAN;
}

const char *ssldyn_result_word(const struct ssldyn_result *result, const char *name)
{
    const struct ssldyn_result_value *value = find_value(result, name);
    return value && value->kind == SSLDYN_RESULT_WORD ? value->text : NULL;
}

size_t ssldyn_result_row_count(const struct ssldyn_result *result)
{
    return result->rows_used.count;
}

size_t ssldyn_result_column_count(const struct ssldyn_result *result)
{
    return result->columns;
}

const char *ssldyn_result_column_name(const struct ssldyn_result *result, size_t i)
{
    return i < result->columns ? result->names[i] : NULL;
}

const double *ssldyn_result_rows(const struct ssldyn_result *result)
{
    return result->rows;
}

static size_t find_column(const struct ssldyn_result *result, const char *name)
{
    if (result->layout) {
        return ssldyn_layout_find(result->layout, result->modes, name);
    }
    size_t i = 0;
    while (i < result->columns && strcmp(result->names[i], name) != 0) {
        i++;
    }
    return i < result->columns ? i : SIZE_MAX;
}

/* The error for an unknown column, which lists as many of the existing names as fit. */
static enum ssldyn_status refuse_column(const struct ssldyn_result *result, const char *name,
                                        struct ssldyn_error *err)
{
    char names[300] = "";
    size_t used = 0;
    size_t i = 0;
    for (; i < result->columns && used + strlen(result->names[i]) + 8 < sizeof names; i++) {
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
                                 result->names[i]);
    }
    return ssldyn_fail(err, SSLDYN_EINPUT, "column %.60s: does not exist; %s%s%s", name,
                       result->columns > 0 ? "the columns are " : "the result has no rows", names,
                       i < result->columns ? ", ..." : "");
}

enum ssldyn_status ssldyn_result_column(const struct ssldyn_result *result, const char *name,
                                        double column[], struct ssldyn_error *err)
{
    const size_t at = find_column(result, name);
    if (at == SIZE_MAX) {
        return refuse_column(result, name, err);
    }
    for (size_t i = 0; i < result->rows_used.count; i++) {
        column[i] = result->rows[i * result->columns + at];
    }
    return SSLDYN_OK;
}

size_t ssldyn_result_array_count(const struct ssldyn_result *result)
{
    return result->arrays_used.count;
}

const char *ssldyn_result_array_name(const struct ssldyn_result *result, size_t i)
{
    return i < result->arrays_used.count ? result->arrays[i].name : NULL;
}

const double *ssldyn_result_array(const struct ssldyn_result *result, const char *name,
                                  size_t *dimensions, size_t shape[SSLDYN_DIMENSIONS])
{
    *dimensions = 0;
    for (size_t i = 0; i < result->arrays_used.count; i++) {
        const struct ssldyn_result_array *array = &result->arrays[i];
        if (strcmp(array->name, name) == 0) {
            *dimensions = array->dimensions;
            memcpy(shape, array->shape, array->dimensions * sizeof *shape);
            return array->data;
        }
    }
    return NULL;
}

size_t ssldyn_result_text_count(const struct ssldyn_result *result)
{
    return result->texts_used.count;
}

const char *ssldyn_result_text_name(const struct ssldyn_result *result, size_t i)
{
    return i < result->texts_used.count ? result->texts[i].name : NULL;
}

const char *ssldyn_result_text(const struct ssldyn_result *result, const char *name)
{
    for (size_t i = 0; i < result->texts_used.count; i++) {
        if (strcmp(result->texts[i].name, name) == 0) {
            return result->texts[i].text;
        }
    }
    return NULL;
}

static void print_value(const struct ssldyn_result_value *value, FILE *stream)
{
    fprintf(stream, "%s = ", value->name);
    if (value->text) {
        fprintf(stream, "%s\n", value->text);
    } else if (value->kind == SSLDYN_RESULT_COUNT) {
        fprintf(stream, "%" PRId64 "\n", value->count);
    } else {
        fprintf(stream, "%s\n", SSLDYN_DECIMAL(value->number));
    }
}

/* Prints the texts that are shown after that many values. */
static void print_texts(const struct ssldyn_result *result, size_t after, FILE *stream)
{
    for (size_t i = 0; i < result->texts_used.count; i++) {
        const struct ssldyn_result_text *text = &result->texts[i];
        if (text->shown && text->after == after) {
            fputs(text->text, stream);
        }
    }
}

void ssldyn_result_print(const struct ssldyn_result *result, FILE *stream)
{
    print_texts(result, 0, stream);
    for (size_t i = 0; i < result->values_used.count; i++) {
        print_value(&result->values[i], stream);
        print_texts(result, i + 1, stream);
    }
}

enum ssldyn_status ssldyn_result_can_write(const struct ssldyn_result *result,
                                           struct ssldyn_error *err)
{
    return result->write
               ? SSLDYN_OK
               : ssldyn_fail(err, SSLDYN_EINPUT, "this result has no files that could be saved");
}

enum ssldyn_status ssldyn_result_write(const struct ssldyn_result *result, const char *directory,
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_result_can_write(result, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_arrays_write(&result->given, directory, err);
    }
    return status == SSLDYN_OK ? result->write(result, result->context, directory, err) : status;
}
