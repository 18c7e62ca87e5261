/* Searches the values of a pickle for tensors (torch_tensors.h). Formats: torch/_utils.py, the
 * functions _rebuild_*. */
// SPDX-License-Identifier: MIT
#include "sim/io/torch_tensors.h"

#include "sim/base/memory.h"
#include "sim/io/pickle_numpy.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEEPEST = 100,
    MOST_VALUES = 1 << 22,
    MOST_TENSORS = 1 << 18,
    LONGEST_NAME = 500,
    MOST_WRAPPERS = 4
};

struct walk {
    const char *path;
    struct ssldyn_torch_tensors *tensors;
    size_t visited;
    char name[LONGEST_NAME + 1];
    size_t length;
    struct ssldyn_error *err;
};

static const struct type {
    const char *storage, *dtype;
    char kind;
    size_t size;
} types[] = {
    {"DoubleStorage", "float64", 'f', 8},
    {"FloatStorage", "float32", 'f', 4},
    {"HalfStorage", "float16", 'f', 2},
    {"BFloat16Storage", "bfloat16", 'g', 2},
    {"LongStorage", "int64", 'i', 8},
    {"IntStorage", "int32", 'i', 4},
    {"ShortStorage", "int16", 'i', 2},
    {"CharStorage", "int8", 'i', 1},
    {"ByteStorage", "uint8", 'u', 1},
    {"BoolStorage", "bool", 'b', 1},
    {"", "uint16", 'u', 2},
    {"", "uint32", 'u', 4},
    {"", "uint64", 'u', 8},
};

/* By the part after the last dot of a NAME: torch.FloatStorage and torch.cuda.FloatStorage are the
 * same. */
static bool find_type(const struct ssldyn_pickle_value *name, bool storage,
                      struct ssldyn_entries *entries)
{
    if (name == NULL || name->kind != SSLDYN_PICKLE_NAME)
        return false;
    size_t start = name->is.text.length;
    while (start > 0 && name->is.text.start[start - 1] != '.')
        start--;
    const size_t length = name->is.text.length - start;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const char *known = storage ? types[i].storage : types[i].dtype;
        if (length > 0 && length == strlen(known) &&
            memcmp(name->is.text.start + start, known, length) == 0) {
            *entries = (struct ssldyn_entries){.kind = types[i].kind, .size = types[i].size};
            return true;
        }
    }
    return false;
}

static bool get_size(const struct ssldyn_pickle_value *value, size_t *size)
{
    if (value == NULL || value->kind != SSLDYN_PICKLE_INTEGER || value->is.integer < 0)
        return false;
    *size = (size_t)value->is.integer;
    return true;
}

bool ssldyn_torch_storage_read(const struct ssldyn_pickle_value *persistent,
                               struct ssldyn_torch_storage *storage)
{
    if (persistent == NULL || persistent->kind != SSLDYN_PICKLE_PERSISTENT)
        return false;
    const struct ssldyn_pickle_value *id = persistent->is.id;
    const struct ssldyn_pickle_value *type = ssldyn_pickle_item(id, 1);
    const struct ssldyn_pickle_value *key = ssldyn_pickle_item(id, 2);
    const struct ssldyn_pickle_value *view = ssldyn_pickle_item(id, 5);
    *storage = (struct ssldyn_torch_storage){.entries = {.kind = 'u', .size = 1}};
    if (!ssldyn_pickle_is(ssldyn_pickle_item(id, 0), "storage") || key == NULL ||
        (key->kind != SSLDYN_PICKLE_TEXT && key->kind != SSLDYN_PICKLE_BYTES) ||
        !get_size(ssldyn_pickle_item(id, 4), &storage->count))
        return false;
    storage->key = key->is.text.start;
    storage->key_length = key->is.text.length;
    /* Before 0.4 a storage could be a part of another: (key, first entry, entries). */
    if (view != NULL && view->kind == SSLDYN_PICKLE_TUPLE &&
        !get_size(ssldyn_pickle_item(view, 1), &storage->view))
        return false;
    return find_type(type, true, &storage->entries) ||
           ssldyn_pickle_is(type, "torch.storage.UntypedStorage") ||
           ssldyn_pickle_is(type, "torch.UntypedStorage");
}

/* Whether the last entry of a strided tensor is inside its storage, without overflow. */
static bool inside(const struct ssldyn_torch_tensor *tensor, size_t count)
{
    size_t last = tensor->offset;
    for (size_t i = 0; i < tensor->array.dimensions; i++) {
        if (tensor->array.shape[i] == 0)
            return true;
        const size_t steps = tensor->array.shape[i] - 1;
        if (steps != 0 && tensor->strides[i] > (SIZE_MAX / 2 - last) / steps)
            return false;
        last += steps * tensor->strides[i];
        if (last > SIZE_MAX / 2)
            return false;
    }
    return last < count;
}

static const char unreadable[] = "has entries of a type that cannot be read (float64, float32, "
                                 "float16, bfloat16, integers and bool can): save x.float()";

/* Shape, strides and storage from the arguments of _rebuild_tensor and its successors. */
static const char *read_tensor(const struct ssldyn_pickle_value *arguments, bool typed,
                               struct ssldyn_torch_tensor *tensor)
{
    const struct ssldyn_pickle_value *shape = ssldyn_pickle_item(arguments, 2);
    const struct ssldyn_pickle_value *strides = ssldyn_pickle_item(arguments, 3);
    const struct ssldyn_pickle_value *persistent = ssldyn_pickle_item(arguments, 0);
    if (ssldyn_pickle_is_call(persistent, "torch.storage._load_from_bytes"))
        return "was written by pickle.dump; write it with torch.save";
    if (!ssldyn_torch_storage_read(persistent, &tensor->storage))
        return unreadable;
    tensor->entries = tensor->storage.entries;
    if (typed && !find_type(ssldyn_pickle_item(arguments, 6), false, &tensor->entries))
        return unreadable;
    if (!get_size(ssldyn_pickle_item(arguments, 1), &tensor->offset) || shape == NULL ||
        strides == NULL || shape->count != strides->count ||
        shape->count > SSLDYN_NPY_MAXIMUM_DIMENSIONS)
        return "has an invalid shape, or more than 8 dimensions";
    tensor->array.dimensions = shape->count;
    tensor->array.count = 1;
    for (size_t i = 0; i < shape->count; i++) {
        if (!get_size(ssldyn_pickle_item(shape, i), &tensor->array.shape[i]) ||
            !get_size(ssldyn_pickle_item(strides, i), &tensor->strides[i]))
            return "has an invalid shape";
        const size_t size = tensor->array.shape[i];
        if (size != 0 && tensor->array.count > SIZE_MAX / sizeof(double) / size)
            return "has a shape that is too large for memory";
        tensor->array.count *= size;
    }
    const size_t bytes = tensor->storage.count > SIZE_MAX / 8
                             ? SIZE_MAX
                             : tensor->storage.count * tensor->storage.entries.size;
    if (tensor->storage.view > SIZE_MAX / 4 || tensor->offset > SIZE_MAX / 4)
        return "extends past the end of its storage";
    tensor->offset += tensor->storage.view;
    if (!inside(tensor, bytes / tensor->entries.size))
        return "extends past the end of its storage";
    return NULL;
}

static enum ssldyn_status add(struct walk *walk, struct ssldyn_torch_tensor *tensor)
{
    struct ssldyn_torch_tensors *tensors = walk->tensors;
    if (tensors->count == MOST_TENSORS)
        return ssldyn_fail(walk->err, SSLDYN_EINPUT, "%s: contains over %d tensors", walk->path,
                           MOST_TENSORS);
    if (tensors->count == 0 || (tensors->count & (tensors->count - 1)) == 0) {
        const size_t capacity = tensors->count != 0 ? 2 * tensors->count : 1;
        struct ssldyn_torch_tensor *more = realloc(tensors->list, capacity * sizeof *more);
        if (more == NULL)
            return ssldyn_fail(walk->err, SSLDYN_ENOMEM, "out of memory");
        tensors->list = more;
    }
    tensor->name = ssldyn_memory_copy(walk->length > 0 ? walk->name : "tensor");
    if (tensor->name == NULL)
        return ssldyn_fail(walk->err, SSLDYN_ENOMEM, "out of memory");
    tensors->list[tensors->count++] = *tensor;
    return SSLDYN_OK;
}

static bool starts(const struct ssldyn_pickle_value *name, const char *with)
{
    return name != NULL && name->kind == SSLDYN_PICKLE_NAME &&
           name->is.text.length >= strlen(with) &&
           memcmp(name->is.text.start, with, strlen(with)) == 0;
}

/* Adds a tensor if calling `callable` would give one, and sets *found. */
static enum ssldyn_status visit_call(struct walk *walk, const struct ssldyn_pickle_value *callable,
                                     const struct ssldyn_pickle_value *arguments, bool *found)
{
    /* A parameter is a wrapped tensor; a subclass may wrap it again. */
    for (size_t i = 0; i < MOST_WRAPPERS; i++) {
        const bool subclass = ssldyn_pickle_is(callable, "torch._tensor._rebuild_from_type_v2");
        const struct ssldyn_pickle_value *data = ssldyn_pickle_item(arguments, subclass ? 2 : 0);
        if (subclass) {
            callable = ssldyn_pickle_item(arguments, 0);
            arguments = data;
        } else if ((ssldyn_pickle_is(callable, "torch._utils._rebuild_parameter") ||
                    ssldyn_pickle_is(callable, "torch._utils._rebuild_parameter_with_state")) &&
                   data != NULL && data->kind == SSLDYN_PICKLE_OBJECT) {
            callable = data->is.object.callable;
            arguments = data->is.object.arguments;
        }
    }
    *found = starts(callable, "torch._utils._rebuild_");
    if (!*found)
        return SSLDYN_OK;
    struct ssldyn_torch_tensor tensor = {0};
    const bool typed = ssldyn_pickle_is(callable, "torch._utils._rebuild_tensor_v3");
    if (typed || ssldyn_pickle_is(callable, "torch._utils._rebuild_tensor_v2") ||
        ssldyn_pickle_is(callable, "torch._utils._rebuild_tensor"))
        tensor.refusal = read_tensor(arguments, typed, &tensor);
    else
        tensor.refusal = "is of a kind without plain entries (sparse, quantized, nested, or on the "
                         "meta device); save x.to_dense() or x.dequantize()";
    return add(walk, &tensor);
}

static enum ssldyn_status visit_numpy(struct walk *walk, const struct ssldyn_pickle_value *value)
{
    struct ssldyn_torch_tensor tensor = {0};
    if (ssldyn_pickle_numpy("", "", value, &tensor.entries, &tensor.array, &tensor.bytes, NULL) !=
        SSLDYN_OK)
        tensor.refusal = "has entries of a type that cannot be read, or is damaged";
    return add(walk, &tensor);
}

/* The walk calls itself, at most DEEPEST deep. NOLINTBEGIN(misc-no-recursion) */
static enum ssldyn_status visit(struct walk *walk, const struct ssldyn_pickle_value *value,
                                size_t depth);

/* Visits value under its key; attributes that hold the parts of a module are omitted from names. */
static enum ssldyn_status enter(struct walk *walk, const struct ssldyn_pickle_value *key,
                                size_t number, const struct ssldyn_pickle_value *value,
                                size_t depth)
{
    static const char *const silent[] = {"_parameters", "_buffers", "_modules"};
    const size_t before = walk->length;
    walk->visited++; /* entries that are skipped take time, too */
    const bool text =
        key != NULL && (key->kind == SSLDYN_PICKLE_TEXT || key->kind == SSLDYN_PICKLE_BYTES);
    bool named = true;
    for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++)
        named = named && !ssldyn_pickle_is(key, silent[i]);
    if (key != NULL && !text && key->kind != SSLDYN_PICKLE_INTEGER)
        return SSLDYN_OK; /* it could not be requested by name */
    if (named) {
        char digits[32];
        if (!text)
            snprintf(digits, sizeof digits, "%lld",
                     key != NULL ? (long long)key->is.integer : (long long)number);
        const char *start = text ? key->is.text.start : digits;
        const size_t length = text ? key->is.text.length : strlen(digits);
        if (length + 1 > LONGEST_NAME - walk->length || memchr(start, '\0', length) != NULL)
            return SSLDYN_OK;
        if (walk->length > 0)
            walk->name[walk->length++] = '.';
        memcpy(walk->name + walk->length, start, length);
        walk->length += length;
        walk->name[walk->length] = '\0';
    }
    const enum ssldyn_status status = visit(walk, value, depth + 1);
    walk->length = before;
    walk->name[before] = '\0';
    return status;
}

/* key, value, key, value: of equal keys the last counts, as in Python. */
static enum ssldyn_status visit_pairs(struct walk *walk, const struct ssldyn_pickle_value *value,
                                      size_t depth)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; i + 1 < value->count && status == SSLDYN_OK; i += 2)
        status = enter(walk, value->items[i], 0, value->items[i + 1], depth);
    return status;
}

static enum ssldyn_status visit_object(struct walk *walk, const struct ssldyn_pickle_value *value,
                                       size_t depth)
{
    const struct ssldyn_pickle_value *callable = value->is.object.callable;
    const struct ssldyn_pickle_value *arguments = value->is.object.arguments;
    bool found = false;
    if (ssldyn_pickle_is_numpy(value))
        return visit_numpy(walk, value);
    enum ssldyn_status status = visit_call(walk, callable, arguments, &found);
    if (status == SSLDYN_OK && !found)
        status = visit_pairs(walk, value, depth);
    const struct ssldyn_pickle_value *state = found ? NULL : value->is.object.state;
    /* With __slots__ the state is a pair: attributes, and slots. */
    for (size_t i = 0; status == SSLDYN_OK && state != NULL && i < 2; i++) {
        const struct ssldyn_pickle_value *part = state->kind == SSLDYN_PICKLE_TUPLE
                                                     ? ssldyn_pickle_item(state, i)
                                                 : i == 0 ? state
                                                          : NULL;
        if (part != NULL && part->kind == SSLDYN_PICKLE_DICT)
            status = visit(walk, part, depth + 1);
    }
    return status;
}

static enum ssldyn_status visit(struct walk *walk, const struct ssldyn_pickle_value *value,
                                size_t depth)
{
    enum ssldyn_status status = SSLDYN_OK;
    if (depth > DEEPEST || ++walk->visited > MOST_VALUES)
        return ssldyn_fail(walk->err, SSLDYN_EINPUT,
                           "%s: its values are nested too deeply or shared too often; save only "
                           "the weights: torch.save(model.state_dict(), FILE)",
                           walk->path);
    if (value->kind == SSLDYN_PICKLE_DICT)
        return visit_pairs(walk, value, depth);
    if (value->kind == SSLDYN_PICKLE_OBJECT)
        return visit_object(walk, value, depth);
    if (value->kind == SSLDYN_PICKLE_LIST || value->kind == SSLDYN_PICKLE_TUPLE) {
        for (size_t i = 0; i < value->count && status == SSLDYN_OK; i++)
            status = enter(walk, NULL, i, value->items[i], depth);
    }
    return status;
}

// NOLINTEND(misc-no-recursion)

enum ssldyn_status ssldyn_torch_tensors_find(const char *path,
                                             const struct ssldyn_pickle_value *root,
                                             struct ssldyn_torch_tensors *tensors,
                                             struct ssldyn_error *err)
{
    struct walk walk = {.path = path, .tensors = tensors, .err = err};
    *tensors = (struct ssldyn_torch_tensors){0};
    const enum ssldyn_status status = visit(&walk, root, 0);
    if (status != SSLDYN_OK)
        ssldyn_torch_tensors_clear(tensors);
    return status;
}

void ssldyn_torch_tensors_clear(struct ssldyn_torch_tensors *tensors)
{
    for (size_t i = 0; i < tensors->count; i++)
        free(tensors->list[i].name);
    free(tensors->list);
    *tensors = (struct ssldyn_torch_tensors){0};
}
