/* Allocation with checked sizes; everything is zeroed and aligned for SIMD. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_MEMORY_H
#define SSLDYN_SIM_BASE_MEMORY_H

#include <stddef.h>

/* count * size zeroed bytes aligned to 64. NULL if the product overflows, memory is out, or the
 * request exceeds the machine's memory. count = 0 gives a pointer that may be freed. Free with
 * free(). */
void *ssldyn_memory_array(size_t count, size_t size);

/* Several arrays in one block, each of count zeroed doubles aligned to 64; the caller owns the
 * block and frees only it. NULL, with no array set, where ssldyn_memory_array would fail. */
struct ssldyn_memory_part {
    double **array;
    size_t count;
};
double *ssldyn_memory_parts(size_t count, const struct ssldyn_memory_part parts[]);

/* Bytes of physical memory; 0: unknown. */
double ssldyn_memory_physical(void);

/* A copy of a string; NULL: out of memory, or text is NULL. Free with free(). */
char *ssldyn_memory_copy(const char *text);

#endif
