/* Tar archives for tests. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_TAR_MAKE_H
#define SSLDYN_TESTS_TAR_MAKE_H

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Puts a header and size bytes at `at`, padded to blocks of 512; returns the number of bytes
 * written. kind: '0' a file, '5' a directory, 'x' attributes of the next entry. */
static inline size_t tar_member(unsigned char *at, const char *name, char kind, const void *bytes,
                                size_t size)
{
    const size_t padded = (size + 511) / 512 * 512;
    unsigned sum = 0;

    memset(at, 0, 512 + padded);
    snprintf((char *)at, 100, "%s", name);
    memcpy(at + 100, "0000644", 7);
    snprintf((char *)at + 124, 12, "%011zo", size);
    at[156] = (unsigned char)kind;
    memcpy(at + 257, "ustar\00000", 8);
    memset(at + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += at[i];
    snprintf((char *)at + 148, 8, "%06o", sum);
    if (size > 0)
        memcpy(at + 512, bytes, size);
    return 512 + padded;
}

#endif
