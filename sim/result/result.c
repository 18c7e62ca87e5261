/* Filling a result. */
// SPDX-License-Identifier: MIT
#include "sim/result/result_internal.h"

#include "sim/base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum ssldyn_status ssldyn_result_create(struct ssldyn_result **result, struct ssldyn_error *err)
{
    *result = calloc(1, sizeof **result);
    return *result ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a result");
}

void ssldyn_result_free(struct ssldyn_result *result)
{
    if (!result) {
        return;
    }
    ssldyn_result_end_text(result);
    if (result->release) {
        result->release(result->context);
    }
    for (size_t i = 0; i < result->values_used.count; i++) {
        free(result->values[i].name);
        free(result->values[i].text);
    }
    for (size_t i = 0; i < result->texts_used.count; i++) {
        free(result->texts[i].name);
        free(result->texts[i].text);
    }
    for (size_t i = 0; i < result->arrays_used.count; i++) {
        free(result->arrays[i].name);
        free(result->arrays[i].data);
    }
    ssldyn_arrays_clear(&result->given);
    free(result->values);
    free(result->texts);
    free(result->arrays);
    free(result->names);
    free(result->rows);
    free(result);
}

enum ssldyn_status ssldyn_result_check(const struct ssldyn_result *result, struct ssldyn_error *err)
{
    return result->no_memory ? ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the results")
                             : SSLDYN_OK;
}

void ssldyn_result_want_memory(struct ssldyn_result *result, bool wanted)
{
    result->no_memory = result->no_memory || wanted;
}

bool ssldyn_result_grow(struct ssldyn_result *result, struct ssldyn_result_list *list,
                        void **entries, size_t size)
{
    enum { FIRST = 16 };
    if (!result->no_memory && list->count == list->capacity) {
        const size_t capacity = list->capacity > 0 ? 2 * list->capacity : FIRST;
        void *more = capacity <= SIZE_MAX / 2 / size ? realloc(*entries, capacity * size) : NULL;
        result->no_memory = !more;
        if (more) {
            *entries = more;
            list->capacity = capacity;
        }
    }
    return !result->no_memory;
}

/* A copy; NULL, and noted, if out of memory. */
static char *copy(struct ssldyn_result *result, const char *text)
{
    char *made = ssldyn_memory_copy(text);
    result->no_memory = result->no_memory || !made;
    return made;
}

/* text: the word; NULL for a number. */
static void put(struct ssldyn_result *result, const char *name, const char *text,
                struct ssldyn_result_value value)
{
    void *entries = result->values;
    const bool grown =
        ssldyn_result_grow(result, &result->values_used, &entries, sizeof *result->values);
    result->values = entries;
    if (!grown) {
        return;
    }
    value.text = text ? copy(result, text) : NULL;
    value.name = copy(result, name);
    if (result->no_memory) {
        free(value.text);
        free(value.name);
        return;
    }
    result->values[result->values_used.count++] = value;
}

void ssldyn_result_put(struct ssldyn_result *result, const char *name, double value)
{
    put(result, name, NULL,
        (struct ssldyn_result_value){.kind = SSLDYN_RESULT_NUMBER, .number = value});
}

void ssldyn_result_put_known(struct ssldyn_result *result, const char *name, double value)
{
    if (!isnan(value)) {
        ssldyn_result_put(result, name, value);
    }
}

void ssldyn_result_put_count(struct ssldyn_result *result, const char *name, int64_t value)
{
    put(result, name, NULL,
        (struct ssldyn_result_value){
            .kind = SSLDYN_RESULT_COUNT, .number = (double)value, .count = value});
}

void ssldyn_result_put_word(struct ssldyn_result *result, const char *name, const char *word)
{
    put(result, name, word,
        (struct ssldyn_result_value){.kind = SSLDYN_RESULT_WORD, .number = (double)NAN});
}

static struct ssldyn_result_text *find_text(struct ssldyn_result *result, const char *name)
{
    for (size_t i = 0; i < result->texts_used.count; i++) {
        if (strcmp(result->texts[i].name, name) == 0) {
            return &result->texts[i];
        }
    }
    return NULL;
}

/* Stores a text, of which the result takes ownership, under a name that is copied. */
static void keep_text(struct ssldyn_result *result, const char *name, char *text)
{
    struct ssldyn_result_text *before = find_text(result, name);
    if (before && text) {
        free(before->text);
        before->text = text;
        return;
    }
    void *entries = result->texts;
    char *own = copy(result, name);
    const bool grown =
        text && ssldyn_result_grow(result, &result->texts_used, &entries, sizeof *result->texts);
    result->texts = entries;
    if (!grown) {
        free(own);
        free(text);
        return;
    }
    result->texts[result->texts_used.count++] =
        (struct ssldyn_result_text){.name = own, .text = text};
}

void ssldyn_result_put_text(struct ssldyn_result *result, const char *name, const char *text)
{
    keep_text(result, name, copy(result, text));
}

void ssldyn_result_drop_text(struct ssldyn_result *result, const char *name)
{
    struct ssldyn_result_text *text = find_text(result, name);
    if (text) {
        free(text->name);
        free(text->text);
        const struct ssldyn_result_text *end = result->texts + result->texts_used.count--;
        memmove(text, text + 1, (size_t)(end - (text + 1)) * sizeof *text);
    }
}

FILE *ssldyn_result_begin_text(struct ssldyn_result *result, const char *name)
{
    ssldyn_result_end_text(result);
    result->stream_name = copy(result, name);
    result->stream =
        result->no_memory ? NULL : open_memstream(&result->stream_text, &result->stream_size);
    result->no_memory = result->no_memory || !result->stream;
    if (!result->stream) {
        free(result->stream_name);
        result->stream_name = NULL;
    }
    errno = 0;
    return result->stream;
}

void ssldyn_result_end_text(struct ssldyn_result *result)
{
    if (!result->stream) {
        return;
    }
    /* These show whether memory ran out while writing; if it runs out on closing, stream_text is
     * NULL. */
    const bool whole = !ferror(result->stream) && errno != ENOMEM;
    if (fclose(result->stream) != 0 || !whole || !result->stream_text) {
        free(result->stream_text);
        result->stream_text = NULL;
        result->no_memory = true;
    }
    keep_text(result, result->stream_name, result->stream_text);
    free(result->stream_name);
    result->stream = NULL;
    result->stream_name = result->stream_text = NULL;
}

void ssldyn_result_show_text(struct ssldyn_result *result, const char *name)
{
    struct ssldyn_result_text *text = find_text(result, name);
    if (text) {
        text->shown = true;
        text->after = result->values_used.count;
    }
}

void ssldyn_result_take_array(struct ssldyn_result *result, const char *name, size_t dimensions,
                              const size_t shape[], double *data)
{
    void *entries = result->arrays;
    const bool grown =
        ssldyn_result_grow(result, &result->arrays_used, &entries, sizeof *result->arrays);
    result->arrays = entries;
    struct ssldyn_result_array array = {.dimensions = dimensions, .data = data};
    for (size_t i = 0; i < dimensions && i < SSLDYN_DIMENSIONS; i++) {
        array.shape[i] = shape[i];
    }
    array.name = copy(result, name);
    result->no_memory = result->no_memory || !data || dimensions > SSLDYN_DIMENSIONS;
    if (!grown || result->no_memory) {
        free(array.name);
        free(data);
        return;
    }
    result->arrays[result->arrays_used.count++] = array;
}

double *ssldyn_result_put_array(struct ssldyn_result *result, const char *name, size_t dimensions,
                                const size_t shape[])
{
    size_t count = 1;
    bool fits = true;
    for (size_t i = 0; i < dimensions; i++) {
        fits = fits && (shape[i] == 0 || count <= SIZE_MAX / shape[i]);
        count *= shape[i];
    }
    double *data = fits ? ssldyn_memory_array(count, sizeof *data) : NULL;
    ssldyn_result_take_array(result, name, dimensions, shape, data);
    return result->no_memory ? NULL : data;
}

void ssldyn_result_keep_given(struct ssldyn_result *result, const struct ssldyn_arrays *arrays)
{
    ssldyn_arrays_clear(&result->given);
    if (!ssldyn_arrays_copy(arrays, &result->given) ||
        ssldyn_arrays_own(&result->given, NULL) != SSLDYN_OK) {
        result->no_memory = true;
    }
}

/* The array of that name and length; created, filled with NaN, if there is none. NULL: out of
 * memory. */
static double *array_of(struct ssldyn_result *result, const char *name, size_t count)
{
    for (size_t i = 0; i < result->arrays_used.count; i++) {
        const struct ssldyn_result_array *array = &result->arrays[i];
        if (strcmp(array->name, name) == 0 && array->dimensions == 1 && array->shape[0] == count) {
            return array->data;
        }
    }
    double *data = ssldyn_result_put_array(result, name, 1, &count);
    for (size_t i = 0; data && i < count; i++) {
        data[i] = (double)NAN;
    }
    return data;
}

void ssldyn_result_put_of(struct ssldyn_result *result, const char *name, size_t j, size_t count,
                          double value)
{
    char numbered[80];
    if (count <= 1) {
        ssldyn_result_put(result, name, value);
        return;
    }
    (void)snprintf(numbered, sizeof numbered, "%s_%zu", name, j + 1);
    ssldyn_result_put(result, numbered, value);
    double *data = array_of(result, name, count);
    if (data && j < count) {
        data[j] = value;
    }
}

void ssldyn_result_set_writer(struct ssldyn_result *result, ssldyn_result_writer *write,
                              void *context, void (*release)(void *context))
{
    result->write = write;
    result->context = context;
    result->release = release;
}
