/* .npz archives: members, their names, sizes and compression; the arrays in them. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/matrices.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_matrices("input.npz", "input.npz:v", data, size);
    return 0;
}
