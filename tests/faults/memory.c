/* Simulation of out-of-memory: a library to be preloaded (LD_PRELOAD). The allocation number
 * $SSLDYN_FAIL_ALLOC of the program and of the libraries that report a failure (the C library's
 * streams, GSL, LAPACKE, libzip, jansson) fails, with $SSLDYN_FAIL_ALL set every later one too.
 * $SSLDYN_COUNT_ALLOC names a file that takes their number. The BLAS is left out: it would end the
 * process. */
// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* dl_iterate_phdr */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The GNU C library's own functions under their second names. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

enum { RANGES = 64 };
static struct {
    uintptr_t from[RANGES], to[RANGES];
    int ranges;
    long which; /* 0: none fails */
    bool all;
    atomic_long count;
} state;

static int note_range(struct dl_phdr_info *info, size_t size, void *context)
{
    static const char *const counted[] = {"/libc.so", "libgsl.", "liblapacke", "libzip", "jansson"};
    (void)size;
    int *number = context;
    bool mine = (*number)++ == 0; /* the program comes first */
    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
        mine = mine || strstr(info->dlpi_name, counted[i]);
    }
    for (int i = 0; mine && i < info->dlpi_phnum && state.ranges < RANGES; i++) {
        if (info->dlpi_phdr[i].p_type == PT_LOAD) {
            state.from[state.ranges] = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            state.to[state.ranges] = state.from[state.ranges] + info->dlpi_phdr[i].p_memsz;
            state.ranges++;
        }
    }
    return 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *which = getenv("SSLDYN_FAIL_ALLOC");
    int number = 0;
    dl_iterate_phdr(note_range, &number);
    state.all = getenv("SSLDYN_FAIL_ALL") != NULL;
    state.which = which ? strtol(which, NULL, 10) : 0;
    atomic_store(&state.count, 0);
}

__attribute__((destructor)) static void end(void)
{
    char text[32];
    const char *path = getenv("SSLDYN_COUNT_ALLOC");
    const int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (file >= 0) {
        const int size = snprintf(text, sizeof text, "%ld\n", atomic_load(&state.count));
        (void)!write(file, text, (size_t)size);
        close(file);
    }
}

static bool fails(const void *caller)
{
    const uintptr_t at = (uintptr_t)caller;
    for (int i = 0; i < state.ranges; i++) {
        if (at >= state.from[i] && at < state.to[i]) {
            const long number = atomic_fetch_add(&state.count, 1) + 1;
            return state.which > 0 &&
                   (number == state.which || (state.all && number > state.which));
        }
    }
    return false;
}

#define FAILS fails(__builtin_return_address(0)) && (errno = ENOMEM)

void *malloc(size_t size)
{
    return FAILS ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return FAILS ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return FAILS ? NULL : __libc_realloc(block, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    const int reason = errno;
    void *made = fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
    errno = reason;
    *block = made ? made : *block;
    return made ? 0 : ENOMEM;
}
