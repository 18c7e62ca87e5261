/* Output of the trainer's tests: TAP on stdout, one line per check, with the measured value. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_TESTS_TAP_H
#define EXPERIMENTS_GPU_TESTS_TAP_H

#include "sim/internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { TAP_SKIP = 77 }; /* exit status of a program whose tests cannot run on this machine */

struct tap {
    int count, failed;
};

/* One check and its name. */
SSLDYN_PRINTF(3, 4)
static inline void tap_ok(struct tap *tap, bool ok, const char *format, ...)
{
    va_list arguments;
    printf("%sok %d - ", ok ? "" : "not ", ++tap->count);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    tap->failed += !ok;
}

/* Passes if error <= bound, and prints both; nan fails. */
static inline void tap_below(struct tap *tap, double error, double bound, const char *name)
{
    tap_ok(tap, error <= bound, "%s: %.2g, allowed %.2g", name, error, bound);
}

/* At the end of main: prints the plan; returns the exit status. */
static inline int tap_done(const struct tap *tap)
{
    printf("1..%d\n", tap->count);
    return tap->failed > 0 || tap->count == 0 || fflush(stdout) != 0;
}

/* For calls that are not under test but must succeed. */
static inline void tap_need(enum ssldyn_status status, const struct ssldyn_error *err)
{
    if (status != SSLDYN_OK) {
        printf("Bail out! %s\n", err->message);
        exit(1);
    }
}

/* A number in (-1, 1) that depends only on (tag, i) and is exact in any language: integers modulo
 * 2^32. */
static inline double tap_number(uint64_t tag, uint64_t i)
{
    uint64_t x = (i * 2654435761U + tag * 40503U + 12345U) & 0xffffffffU;
    x = (x ^ (x >> 15)) * 2246822519U & 0xffffffffU;
    x = (x ^ (x >> 13)) * 3266489917U & 0xffffffffU;
    x ^= x >> 16;
    return ((double)x + 0.5) / 2147483648.0 - 1.0;
}

static inline void tap_fill(uint64_t tag, size_t count, double values[])
{
    for (size_t i = 0; i < count; i++)
        values[i] = tap_number(tag, i);
}

#endif
