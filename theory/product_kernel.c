/* The product kernel for each instruction set, and the choice among them at run time. */
// SPDX-License-Identifier: MIT
#include "theory/product_kernel.h"

#include <stdbool.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* r[8] transposed: pairs of numbers first, then pairs of pairs, then the halves. */
#define LOW(a, b) _mm512_unpacklo_pd((__m512d)(a), (__m512d)(b))
#define HIGH(a, b) _mm512_unpackhi_pd((__m512d)(a), (__m512d)(b))
#define EVEN(a, b) _mm512_shuffle_f64x2(a, b, 0x88)
#define ODD(a, b) _mm512_shuffle_f64x2(a, b, 0xdd)
#define TRANSPOSE(r)                                                                               \
    do {                                                                                           \
        const __m512d l0 = LOW(r[0], r[1]), l1 = LOW(r[2], r[3]), l2 = LOW(r[4], r[5]),            \
                      l3 = LOW(r[6], r[7]), h0 = HIGH(r[0], r[1]), h1 = HIGH(r[2], r[3]),          \
                      h2 = HIGH(r[4], r[5]), h3 = HIGH(r[6], r[7]);                                \
        r[0] = (F64)EVEN(EVEN(l0, l1), EVEN(l2, l3));                                              \
        r[4] = (F64)ODD(EVEN(l0, l1), EVEN(l2, l3));                                               \
        r[2] = (F64)EVEN(ODD(l0, l1), ODD(l2, l3));                                                \
        r[6] = (F64)ODD(ODD(l0, l1), ODD(l2, l3));                                                 \
        r[1] = (F64)EVEN(EVEN(h0, h1), EVEN(h2, h3));                                              \
        r[5] = (F64)ODD(EVEN(h0, h1), EVEN(h2, h3));                                               \
        r[3] = (F64)EVEN(ODD(h0, h1), ODD(h2, h3));                                                \
        r[7] = (F64)ODD(ODD(h0, h1), ODD(h2, h3));                                                 \
    } while (0)
#define LANES 8
#define ROWS 12
#define NAME(stem) stem##_avx512
#define NAME_TEXT "avx512"
#define TARGET __attribute__((target("avx512f,fma")))
#define ALL(x) ((F64)_mm512_set1_pd(x))
#define FMA(a, b, c) ((F64)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#include "theory/product_kernel.inc"
#undef LOW
#undef HIGH
#undef EVEN
#undef ODD

#define LOW(a, b) _mm256_unpacklo_pd((__m256d)(a), (__m256d)(b))
#define HIGH(a, b) _mm256_unpackhi_pd((__m256d)(a), (__m256d)(b))
#define TRANSPOSE(r)                                                                               \
    do {                                                                                           \
        const __m256d l0 = LOW(r[0], r[1]), l1 = LOW(r[2], r[3]), h0 = HIGH(r[0], r[1]),           \
                      h1 = HIGH(r[2], r[3]);                                                       \
        r[0] = (F64)_mm256_permute2f128_pd(l0, l1, 0x20);                                          \
        r[1] = (F64)_mm256_permute2f128_pd(h0, h1, 0x20);                                          \
        r[2] = (F64)_mm256_permute2f128_pd(l0, l1, 0x31);                                          \
        r[3] = (F64)_mm256_permute2f128_pd(h0, h1, 0x31);                                          \
    } while (0)
#define LANES 4
#define ROWS 6
#define NAME(stem) stem##_avx2
#define NAME_TEXT "avx2"
#define TARGET __attribute__((target("avx2,fma")))
#define ALL(x) ((F64)_mm256_set1_pd(x))
#define FMA(a, b, c) ((F64)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#include "theory/product_kernel.inc"
#endif

const struct ssldyn_product_kernel *ssldyn_product_kernel_choice(size_t index)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        if (index == 0) {
            return &kernel_avx512;
        }
        index--;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return index == 0 ? &kernel_avx2 : NULL;
    }
#endif
    (void)index;
    return NULL;
}
