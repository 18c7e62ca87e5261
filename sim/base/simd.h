/* SIMD without promises about the machine: loops of constant count that compilers vectorise, and
 * clones of a function for wider units chosen at run time where the toolchain can do it. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_SIMD_H
#define SSLDYN_SIM_BASE_SIMD_H

#include <stddef.h> /* makes the C library known, for the test below */
#include <stdlib.h>

/* Ahead of a function: also compile it for AVX2 and AVX-512 and pick one when the program starts.
 * Needs indirect functions, hence x86-64 Linux with gcc; elsewhere the plain version serves.
 * -ffp-contract=off keeps all clones equal to the last bit. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && defined(__GNUC__) &&        \
    !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SSLDYN_SIMD_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SSLDYN_SIMD_CLONES
#endif

#endif
