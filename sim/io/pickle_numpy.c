/* NumPy arrays in pickles (pickle_numpy.h). Up to protocol 4 an array is _reconstruct(ndarray, ...)
 * with the state (version, shape, dtype, is_fortran, data), with protocol 5 _frombuffer(data,
 * dtype, shape, order); a dtype is dtype("f8", ...) with the state (3, "<", ...). */
// SPDX-License-Identifier: MIT
#include "sim/io/pickle_numpy.h"

static bool is_either(const struct ssldyn_pickle_value *value, const char *older, const char *newer)
{
    return ssldyn_pickle_is_call(value, older) || ssldyn_pickle_is_call(value, newer);
}

static bool is_from_buffer(const struct ssldyn_pickle_value *value)
{
    return is_either(value, "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer");
}

bool ssldyn_pickle_is_numpy(const struct ssldyn_pickle_value *value)
{
    return is_from_buffer(value) || is_either(value, "numpy.core.multiarray._reconstruct",
                                              "numpy._core.multiarray._reconstruct");
}

static enum ssldyn_status read_type(const char *path, const char *name,
                                    const struct ssldyn_pickle_value *dtype,
                                    struct ssldyn_entries *entries, struct ssldyn_error *err)
{
    static const char *const known[] = {"b1", "i1", "i2", "i4", "i8", "u1",
                                        "u2", "u4", "u8", "f2", "f4", "f8"};
    const bool is_type = ssldyn_pickle_is_call(dtype, "numpy.dtype");
    const struct ssldyn_pickle_value *code =
        is_type ? ssldyn_pickle_item(dtype->is.object.arguments, 0) : NULL;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!ssldyn_pickle_is(code, known[i]))
            continue;
        *entries = (struct ssldyn_entries){
            .kind = known[i][0],
            .size = (size_t)(known[i][1] - '0'),
            .big_endian = ssldyn_pickle_is(ssldyn_pickle_item(dtype->is.object.state, 1), ">")};
        return SSLDYN_OK;
    }
    const bool text =
        code != NULL && (code->kind == SSLDYN_PICKLE_TEXT || code->kind == SSLDYN_PICKLE_BYTES);
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: array '%s' has entries of type '%.*s'; booleans, integers and float16, "
                       "float32, float64 can be read",
                       path, name,
                       text && code->is.text.length < 20 ? (int)code->is.text.length : 0,
                       text ? code->is.text.start : "");
}

static enum ssldyn_status read_shape(const char *path, const char *name,
                                     const struct ssldyn_pickle_value *shape,
                                     struct ssldyn_array *array, struct ssldyn_error *err)
{
    if (shape == NULL || shape->kind != SSLDYN_PICKLE_TUPLE ||
        shape->count > SSLDYN_NPY_MAXIMUM_DIMENSIONS)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: array '%s' needs a shape of at most %d dimensions", path, name,
                           SSLDYN_NPY_MAXIMUM_DIMENSIONS);
    array->dimensions = shape->count;
    for (size_t i = 0; i < shape->count; i++) {
        const struct ssldyn_pickle_value *size = shape->items[i];
        if (size->kind != SSLDYN_PICKLE_INTEGER || size->is.integer < 0)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: array '%s': an invalid size", path, name);
        array->shape[i] = (size_t)size->is.integer;
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_pickle_numpy(const char *path, const char *name,
                                       const struct ssldyn_pickle_value *value,
                                       struct ssldyn_entries *entries, struct ssldyn_array *array,
                                       const unsigned char **bytes, struct ssldyn_error *err)
{
    const bool buffer = is_from_buffer(value);
    const struct ssldyn_pickle_value *parts =
        buffer ? value->is.object.arguments : value->is.object.state;
    const struct ssldyn_pickle_value *shape = ssldyn_pickle_item(parts, buffer ? 2 : 1);
    const struct ssldyn_pickle_value *dtype = ssldyn_pickle_item(parts, buffer ? 1 : 2);
    const struct ssldyn_pickle_value *order = ssldyn_pickle_item(parts, 3);
    const struct ssldyn_pickle_value *data = ssldyn_pickle_item(parts, buffer ? 0 : 4);
    *array = (struct ssldyn_array){0};
    enum ssldyn_status status = read_type(path, name, dtype, entries, err);
    if (status == SSLDYN_OK)
        status = read_shape(path, name, shape, array, err);
    if (status != SSLDYN_OK)
        return status;
    if (data == NULL || data->kind != SSLDYN_PICKLE_BYTES)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: array '%s' has no bytes", path, name);
    entries->fortran_order =
        buffer ? ssldyn_pickle_is(order, "F")
               : order != NULL && order->kind == SSLDYN_PICKLE_BOOL && order->is.integer != 0;
    *bytes = (const unsigned char *)data->is.text.start;
    return ssldyn_npy_check(path, entries, data->is.text.length, array, err);
}
