/* Allocation with checked sizes, zeroed, aligned to a cache line. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* a cache line, and the widest SIMD register in use */

void *ssldyn_array_alloc(size_t count, size_t size)
{
    void *block = NULL;

    /* Beyond PTRDIFF_MAX even the difference of two pointers into the block is undefined. */
    if (size != 0 && count > (size_t)PTRDIFF_MAX / size)
        return NULL;
    size_t bytes = count * size;
    if (posix_memalign(&block, ALIGNMENT, bytes > 0 ? bytes : ALIGNMENT) != 0)
        return NULL;
    memset(block, 0, bytes > 0 ? bytes : ALIGNMENT);
    return block;
}

char *ssldyn_string_copy(const char *text)
{
    if (text == NULL)
        return NULL;
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy != NULL)
        memcpy(copy, text, bytes);
    return copy;
}
