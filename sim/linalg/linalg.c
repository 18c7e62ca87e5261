/* The BLAS library: pinning it to one thread, and its name. Both use OpenBLAS functions that are
 * looked up at run time, so that the program also links and runs with any other BLAS. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"

#if defined(__APPLE__)

#include <dlfcn.h>
#include <string.h>

typedef void (*set_threads_function)(int);
typedef char *(*text_function)(void);

/* POSIX returns functions as void *, which ISO C does not convert: the bytes are copied. */
static void find_symbol(const char *name, void *function, size_t size)
{
    void *symbol = dlsym(dlopen(NULL, RTLD_LAZY), name);
    memcpy(function, &symbol, size);
}

static set_threads_function find_set_threads(void)
{
    set_threads_function function = NULL;
    find_symbol("openblas_set_num_threads", &function, sizeof function);
    return function;
}

static text_function find_config(void)
{
    text_function function = NULL;
    find_symbol("openblas_get_config", &function, sizeof function);
    return function;
}

#else

typedef void (*set_threads_function)(int);
typedef char *(*text_function)(void);

/* Weak: NULL at run time unless the BLAS is OpenBLAS. */
void openblas_set_num_threads(int threads) __attribute__((weak));
char *openblas_get_config(void) __attribute__((weak));

static set_threads_function find_set_threads(void)
{
    return openblas_set_num_threads;
}

static text_function find_config(void)
{
    return openblas_get_config;
}

#endif

void ssldyn_linalg_single_thread(void)
{
    const set_threads_function set_threads = find_set_threads();
    if (set_threads != NULL)
        set_threads(1);
}

const char *ssldyn_linalg_name(void)
{
    const text_function config = find_config();
    const char *text = config != NULL ? config() : NULL;
    return text != NULL && text[0] != '\0' ? text : "unknown BLAS";
}
