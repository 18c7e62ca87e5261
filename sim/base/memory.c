/* Allocation with checked sizes, zeroed, aligned to a cache line. */
// SPDX-License-Identifier: MIT
#define _DEFAULT_SOURCE /* madvise; NOLINT(bugprone-reserved-identifier): the C library's name */
#include "sim/base/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const size_t CHECKED_FROM = (size_t)1 << 28; /* bytes; checked against physical memory */

enum { ALIGNMENT = 64 }; /* a cache line; also the widest SIMD register in use */

/* Blocks from 4 MiB on may use 2 MiB pages, which saves a few percent of a flow's time. */
enum { HUGE_PAGE = 1 << 21, HUGE_FROM = 2 * HUGE_PAGE };

void *ssldyn_memory_array(size_t count, size_t size)
{
    void *block = NULL;

    /* Beyond PTRDIFF_MAX, even the difference of two pointers into the block is undefined. */
    if (size != 0 && count > (size_t)PTRDIFF_MAX / size)
        return NULL;
    size_t bytes = count * size;
    /* Some systems grant more memory than the machine has, and kill the process when it is used. */
    const double physical = bytes > CHECKED_FROM ? ssldyn_memory_physical() : 0.0;
    if (physical > 0.0 && (double)bytes > physical)
        return NULL;
    const bool huge = bytes >= HUGE_FROM;
    if (posix_memalign(&block, huge ? HUGE_PAGE : ALIGNMENT, bytes > 0 ? bytes : ALIGNMENT) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (huge)
        (void)madvise(block, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE); /* only a hint */
#endif
    memset(block, 0, bytes > 0 ? bytes : ALIGNMENT);
    return block;
}

double *ssldyn_memory_parts(size_t count, const struct ssldyn_memory_part parts[])
{
    const size_t line = ALIGNMENT / sizeof(double);
    const size_t most = (size_t)PTRDIFF_MAX / sizeof(double);
    size_t total = 0;

    for (size_t i = 0; i < count; i++) {
        if (total > most || parts[i].count > most - total)
            return NULL;
        total += (parts[i].count + line - 1) / line * line;
    }
    double *block = ssldyn_memory_array(total, sizeof *block);
    double *next = block;
    for (size_t i = 0; block != NULL && i < count; i++) {
        *parts[i].array = next;
        next += (parts[i].count + line - 1) / line * line;
    }
    return block;
}

double ssldyn_memory_physical(void)
{
#ifdef _SC_PHYS_PAGES
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (double)pages * (double)size : 0.0;
#else
    return 0.0;
#endif
}

char *ssldyn_memory_copy(const char *text)
{
    if (text == NULL)
        return NULL;
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy != NULL)
        memcpy(copy, text, bytes);
    return copy;
}
