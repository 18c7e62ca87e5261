/* Portable SIMD: loops of constant count that compilers vectorize, and clones of a function for
 * wider units, chosen at run time where the toolchain supports it. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_SIMD_H
#define SSLDYN_SIM_BASE_SIMD_H

#include <stddef.h> /* defines the macros of the C library tested below */
#include <stdlib.h>

/* Placed before a function: also compiles it for AVX2 and AVX-512 and selects one when the program
 * starts. Needs indirect functions, so x86-64 Linux with gcc; elsewhere only the plain version
 * exists. -ffp-contract=off keeps the results of all clones bit-identical. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && defined(__GNUC__) &&        \
    !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SSLDYN_SIMD_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SSLDYN_SIMD_CLONES
#endif

#endif
