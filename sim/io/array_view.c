/* Arrays in memory that replace files (array_view.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/array_view.h"

#include "sim/io/file.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* For each enum ssldyn_array_type, the type as in a .npy header. */
static const struct {
    char kind;
    size_t size;
} types[] = {[SSLDYN_ARRAY_DOUBLE] = {'f', sizeof(double)},
             [SSLDYN_ARRAY_FLOAT] = {'f', sizeof(float)},
             [SSLDYN_ARRAY_BYTE] = {'u', 1}};

static bool host_is_big_endian(void)
{
    const uint16_t one = 1;
    unsigned char first = 0;
    memcpy(&first, &one, 1);
    return first == 0;
}

enum ssldyn_status ssldyn_array_view_make(const char *name, enum ssldyn_array_type type,
                                          size_t dimensions, const size_t shape[], const void *data,
                                          struct ssldyn_array_view *view, struct ssldyn_error *err)
{
    *view = (struct ssldyn_array_view){.type = type, .dimensions = dimensions, .data = data};
    if ((size_t)type >= sizeof types / sizeof types[0])
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: the array has an unknown type", name);
    if (dimensions == 0 || dimensions > SSLDYN_NPY_MAXIMUM_DIMENSIONS)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: the array has %zu dimensions; 1 to %d are supported", name,
                           dimensions, SSLDYN_NPY_MAXIMUM_DIMENSIONS);
    size_t count = 1;
    for (size_t i = 0; i < dimensions; i++) {
        if (shape[i] != 0 && count > SIZE_MAX / sizeof(double) / shape[i])
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: the array has too many entries", name);
        view->shape[i] = shape[i];
        count *= shape[i];
    }
    if (count == 0 || data == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: the array is empty", name);
    view->count = count;
    return SSLDYN_OK;
}

size_t ssldyn_array_view_bytes(const struct ssldyn_array_view *view)
{
    return view->count * types[view->type].size;
}

void ssldyn_array_view_describe(const struct ssldyn_array_view *view,
                                struct ssldyn_entries *entries, struct ssldyn_array *array)
{
    *entries = (struct ssldyn_entries){.kind = types[view->type].kind,
                                       .size = types[view->type].size,
                                       .big_endian = host_is_big_endian()};
    *array = (struct ssldyn_array){.dimensions = view->dimensions, .count = view->count};
    memcpy(array->shape, view->shape, sizeof array->shape);
}

enum ssldyn_status ssldyn_array_view_open(const struct ssldyn_array_view *view, FILE **stream,
                                          struct ssldyn_entries *entries,
                                          struct ssldyn_array *array, struct ssldyn_error *err)
{
    ssldyn_array_view_describe(view, entries, array);
    /* "r": the array is only read */
    *stream = fmemopen((void *)view->data, ssldyn_array_view_bytes(view), "r");
    return *stream != NULL
               ? SSLDYN_OK
               : ssldyn_fail_system(err, SSLDYN_ENOMEM, errno,
                                    "an array of %zu entries cannot be read", view->count);
}

enum ssldyn_status ssldyn_array_view_write(const struct ssldyn_array_view *view,
                                           const char *directory, const char *name,
                                           struct ssldyn_error *err)
{
    char type[8];
    const size_t size = types[view->type].size;
    const char *order = size == 1 ? "|" : host_is_big_endian() ? ">" : "<";
    struct ssldyn_file file = {0};
    const enum ssldyn_status status = ssldyn_file_open_in(&file, directory, name, err);
    if (status != SSLDYN_OK)
        return status;
    (void)snprintf(type, sizeof type, "%s%c%d", order, types[view->type].kind, (int)size);
    ssldyn_npy_write_header(file.stream, type, view->dimensions, view->shape, 0);
    fwrite(view->data, size, view->count, file.stream);
    return ssldyn_file_commit(&file, err);
}
