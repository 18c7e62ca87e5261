/* NumPy arrays: accepted arrays are finite, no larger than their file, and can be written and read
 * back. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/io/npy.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static void write_and_read(const struct ssldyn_array *array)
{
    struct ssldyn_array again;
    struct ssldyn_error err;
    FUZZ_CHECK(ssldyn_npy_write("copy.npy", array->dimensions, array->shape, array->data, &err) ==
               SSLDYN_OK);
    FUZZ_CHECK(ssldyn_npy_read("copy.npy", false, &again, &err) == SSLDYN_OK);
    FUZZ_CHECK(again.dimensions == array->dimensions && again.count == array->count);
    FUZZ_CHECK(memcmp(again.shape, array->shape, array->dimensions * sizeof(size_t)) == 0);
    FUZZ_CHECK(memcmp(again.data, array->data, array->count * sizeof(double)) == 0);
    ssldyn_npy_array_clear(&again);
    FUZZ_CHECK(unlink("copy.npy") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ssldyn_array array;
    struct ssldyn_error err;
    const enum ssldyn_status status =
        ssldyn_npy_read(fuzz_file("input.npy", data, size), false, &array, &err);
    fuzz_status(status, &err);
    FUZZ_CHECK((status == SSLDYN_OK) == (array.data != NULL));
    if (status != SSLDYN_OK) {
        return 0;
    }
    size_t count = 1;
    for (size_t i = 0; i < array.dimensions; i++) {
        count *= array.shape[i];
    }
    FUZZ_CHECK(array.dimensions <= SSLDYN_NPY_MAXIMUM_DIMENSIONS);
    FUZZ_CHECK(count == array.count && count <= size);
    for (size_t i = 0; i < array.count; i++) {
        FUZZ_CHECK(isfinite(array.data[i]));
    }
    if (fuzz_seldom(data, size)) {
        write_and_read(&array);
    }
    ssldyn_npy_array_clear(&array);
    return 0;
}
