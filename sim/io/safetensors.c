/* .safetensors files, with jansson (safetensors.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/safetensors.h"

#include "sim/base/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8, MAXIMUM_TABLE = 100 * 1000 * 1000 /* the limit of the format */ };

struct type {
    const char *name;
    char kind;
    size_t size;
};
static const struct type types[] = {
    {"F64", 'f', 8}, {"F32", 'f', 4}, {"F16", 'f', 2}, {"BF16", 'g', 2}, {"I64", 'i', 8},
    {"I32", 'i', 4}, {"I16", 'i', 2}, {"I8", 'i', 1},  {"U64", 'u', 8},  {"U32", 'u', 4},
    {"U16", 'u', 2}, {"U8", 'u', 1},  {"BOOL", 'b', 1}};

static enum ssldyn_status read_table(const char *path, FILE *stream, size_t file_size,
                                     json_t **table, size_t *data, struct ssldyn_error *err)
{
    unsigned char bytes[LENGTH_BYTES];
    if (file_size < LENGTH_BYTES || fread(bytes, 1, LENGTH_BYTES, stream) != LENGTH_BYTES)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a .safetensors file: too short", path);
    uint64_t length = 0;
    for (size_t i = LENGTH_BYTES; i-- > 0;)
        length = length << 8 | bytes[i];
    if (length > MAXIMUM_TABLE || length > file_size - LENGTH_BYTES)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: is not a .safetensors file, or is truncated: its header would have %llu bytes",
            path, (unsigned long long)length);
    char *text = ssldyn_memory_array((size_t)length, 1);
    if (text == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = SSLDYN_OK;
    json_error_t fault;
    *table = NULL;
    if (fread(text, 1, (size_t)length, stream) != length)
        status = ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be read", path);
    else
        *table = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, &fault);
    if (status == SSLDYN_OK && !json_is_object(*table)) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a .safetensors file: %s", path,
                             *table == NULL ? fault.text : "its header is not an object");
        json_decref(*table);
        *table = NULL;
    }
    free(text);
    *data = LENGTH_BYTES + (size_t)length;
    return status;
}

static enum ssldyn_status read_shape(const char *path, const char *name, const json_t *shape,
                                     struct ssldyn_array *array, struct ssldyn_error *err)
{
    array->dimensions = json_array_size(shape);
    if (!json_is_array(shape) || array->dimensions > SSLDYN_NPY_MAXIMUM_DIMENSIONS)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: tensor '%s' needs a shape of at most %d dimensions", path, name,
                           SSLDYN_NPY_MAXIMUM_DIMENSIONS);
    for (size_t i = 0; i < array->dimensions; i++) {
        const json_t *size = json_array_get(shape, i);
        if (!json_is_integer(size) || json_integer_value(size) < 0)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: tensor '%s' has an invalid shape", path,
                               name);
        array->shape[i] = (size_t)json_integer_value(size);
    }
    return SSLDYN_OK;
}

/* The names in a header, and their shapes. */
struct tensors {
    json_t *table;
    const char **names;
};

static bool get_shape(const void *context, size_t i, struct ssldyn_array *array)
{
    const struct tensors *tensors = context;
    const json_t *tensor = json_object_get(tensors->table, tensors->names[i]);
    *array = (struct ssldyn_array){0};
    return read_shape("", "", json_object_get(tensor, "shape"), array, NULL) == SSLDYN_OK;
}

static enum ssldyn_status pick_tensor(const char *path, json_t *table, const char *name,
                                      const struct ssldyn_need *need, const char **picked,
                                      json_t **tensor, struct ssldyn_error *err)
{
    const char **names = ssldyn_memory_array(json_object_size(table), sizeof(char *));
    if (names == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    size_t count = 0;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(table, key, value)
    {
        if (strcmp(key, "__metadata__") != 0)
            names[count++] = key;
    }
    size_t index = 0;
    const struct tensors tensors = {table, names};
    const struct ssldyn_candidates candidates = {path, count, names, get_shape, &tensors};
    const enum ssldyn_status status = ssldyn_array_choice(&candidates, name, need, &index, err);
    if (status == SSLDYN_OK) {
        *picked = names[index];
        *tensor = json_object_get(table, *picked);
    }
    free(names);
    return status;
}

static enum ssldyn_status read_type(const char *path, const char *name, const json_t *dtype,
                                    struct ssldyn_entries *entries, struct ssldyn_error *err)
{
    const char *text = json_string_value(dtype);
    for (size_t i = 0; i < sizeof types / sizeof types[0] && text != NULL; i++) {
        if (strcmp(text, types[i].name) == 0) {
            *entries = (struct ssldyn_entries){.kind = types[i].kind, .size = types[i].size};
            return SSLDYN_OK;
        }
    }
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: tensor '%s' has entries of type %s; F64, F32, F16, BF16, integers and "
                       "BOOL can be read",
                       path, name, text != NULL ? text : "(none)");
}

/* data: the position of the tensors' bytes, from which offsets count. */
static enum ssldyn_status place_stream(const char *path, const char *name, const json_t *offsets,
                                       size_t data, size_t file_size, FILE *stream,
                                       const struct ssldyn_entries *entries,
                                       struct ssldyn_array *array, struct ssldyn_error *err)
{
    const json_t *first = json_array_get(offsets, 0);
    const json_t *last = json_array_get(offsets, 1);
    const json_int_t begin = json_integer_value(first);
    const json_int_t end = json_integer_value(last);
    if (json_array_size(offsets) != 2 || !json_is_integer(first) || !json_is_integer(last) ||
        begin < 0 || end < begin)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: tensor '%s' has invalid offsets", path, name);
    if ((unsigned long long)end > file_size - data)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: is truncated: tensor '%s' would end %lld bytes after its header, but %zu follow",
            path, name, (long long)end, file_size - data);
    const enum ssldyn_status status =
        ssldyn_npy_check(path, entries, (size_t)(end - begin), array, err);
    if (status != SSLDYN_OK)
        return status;
    if (fseeko(stream, (off_t)(data + (size_t)begin), SEEK_SET) != 0)
        return ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be read", path);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_safetensors_find(const char *path, FILE *stream, size_t file_size,
                                           const char *name, const struct ssldyn_need *need,
                                           struct ssldyn_entries *entries,
                                           struct ssldyn_array *array, struct ssldyn_error *err)
{
    json_t *table = NULL;
    json_t *tensor = NULL;
    const char *picked = NULL;
    size_t data = 0;
    *array = (struct ssldyn_array){0};
    enum ssldyn_status status = read_table(path, stream, file_size, &table, &data, err);
    if (status == SSLDYN_OK)
        status = pick_tensor(path, table, name, need, &picked, &tensor, err);
    if (status == SSLDYN_OK)
        status = read_type(path, picked, json_object_get(tensor, "dtype"), entries, err);
    if (status == SSLDYN_OK)
        status = read_shape(path, picked, json_object_get(tensor, "shape"), array, err);
    if (status == SSLDYN_OK)
        status = place_stream(path, picked, json_object_get(tensor, "data_offsets"), data,
                              file_size, stream, entries, array, err);
    json_decref(table);
    return status;
}
