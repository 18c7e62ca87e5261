/* Python pickles, directly into the interpreter. The result lies inside the pickle, and names only
 * functions on the list of those that data need. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/io/pickle_internal.h"
#include "sim/io/pickle_numpy.h"

enum { VISITS = 2000, DEPTH = 50 };

struct walk {
    const uint8_t *data;
    size_t size;
    int visits;
};

static void check_array(const struct walk *walk, const struct ssldyn_pickle_value *value)
{
    struct ssldyn_entries entries = {.size = 1};
    struct ssldyn_array array = {0};
    struct ssldyn_error err;
    const unsigned char *bytes = NULL;
    const enum ssldyn_status status =
        ssldyn_pickle_numpy("input", "array", value, &entries, &array, &bytes, &err);
    fuzz_status(status, &err);
    if (status == SSLDYN_OK) {
        /* not always in the input: strings of Python 2 are decoded; read it all, for ASan */
        unsigned sum = 0;
        for (size_t i = 0; i < array.count * entries.size; i++) {
            sum += bytes[i];
        }
        FUZZ_CHECK(array.count <= walk->size && sum < UINT32_MAX);
    }
    ssldyn_npy_array_clear(&array);
}

/* Containers may contain themselves: a bounded part is examined. */
static void check_value(struct walk *walk, const struct ssldyn_pickle_value *value, int depth)
{
    if (!value || depth > DEPTH || walk->visits++ > VISITS) {
        return;
    }
    FUZZ_CHECK(value->kind <= SSLDYN_PICKLE_PERSISTENT);
    if (value->kind == SSLDYN_PICKLE_TEXT || value->kind == SSLDYN_PICKLE_BYTES ||
        value->kind == SSLDYN_PICKLE_NAME) {
        FUZZ_CHECK(value->is.text.length <= 2 * walk->size); /* Latin-1 as UTF-8 */
    }
    if (value->kind == SSLDYN_PICKLE_NAME) {
        FUZZ_CHECK(ssldyn_pickle_name_use(value->is.text.start, value->is.text.length) !=
                   SSLDYN_PICKLE_REFUSED);
    }
    if (value->kind == SSLDYN_PICKLE_PERSISTENT) {
        check_value(walk, value->is.id, depth + 1);
    }
    if (value->kind == SSLDYN_PICKLE_OBJECT) {
        FUZZ_CHECK(value->is.object.callable != NULL);
        check_value(walk, value->is.object.callable, depth + 1);
        check_value(walk, value->is.object.arguments, depth + 1);
        check_value(walk, value->is.object.state, depth + 1);
    }
    if (ssldyn_pickle_is_numpy(value)) {
        check_array(walk, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        FUZZ_CHECK(value->items[i] != NULL);
        check_value(walk, value->items[i], depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct walk walk = {.data = data, .size = size};
    struct ssldyn_pickle *pickle = NULL;
    struct ssldyn_error err;
    size_t used = 0;
    const enum ssldyn_status status = ssldyn_pickle_read("input", data, size, &used, &pickle, &err);
    fuzz_status(status, &err);
    FUZZ_CHECK((status == SSLDYN_OK) == (pickle != NULL));
    if (status == SSLDYN_OK) {
        FUZZ_CHECK(used > 0 && used <= size);
        check_value(&walk, ssldyn_pickle_root(pickle), 0);
    }
    ssldyn_pickle_free(pickle);
    return 0;
}
