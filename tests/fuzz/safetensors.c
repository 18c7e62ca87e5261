/* .safetensors files: the table in JSON, types, shapes and offsets. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/matrices.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_matrices("input.safetensors", "input.safetensors:v", data, size);
    return 0;
}
