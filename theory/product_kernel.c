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

/* The block B, 8 x 8, transposed to P: pairs of numbers first, then pairs of pairs, then halves. */
#define EVEN(a, b) _mm512_shuffle_f64x2(a, b, 0x88)
#define ODD(a, b) _mm512_shuffle_f64x2(a, b, 0xdd)
__attribute__((target("avx512f"))) ALWAYS_INLINE void
transpose_avx512(const double B[], size_t B_step, double P[], size_t P_step)
{
    __m512d r[8];
    UNROLL
    for (size_t i = 0; i < 8; i++) {
        r[i] = _mm512_loadu_pd(B + i * B_step);
    }
    UNROLL
    for (size_t odd = 0; odd < 2; odd++) { /* columns 0 2 4 6, then 1 3 5 7 */
        __m512d pair[4];
        UNROLL
        for (size_t i = 0; i < 4; i++) {
            pair[i] = odd == 0 ? _mm512_unpacklo_pd(r[2 * i], r[2 * i + 1])
                               : _mm512_unpackhi_pd(r[2 * i], r[2 * i + 1]);
        }
        const __m512d even_top = EVEN(pair[0], pair[1]);
        const __m512d even_bottom = EVEN(pair[2], pair[3]);
        const __m512d odd_top = ODD(pair[0], pair[1]);
        const __m512d odd_bottom = ODD(pair[2], pair[3]);
        _mm512_storeu_pd(P + odd * P_step, EVEN(even_top, even_bottom));
        _mm512_storeu_pd(P + (odd + 2) * P_step, EVEN(odd_top, odd_bottom));
        _mm512_storeu_pd(P + (odd + 4) * P_step, ODD(even_top, even_bottom));
        _mm512_storeu_pd(P + (odd + 6) * P_step, ODD(odd_top, odd_bottom));
    }
}

/* The same for 4 x 4. */
__attribute__((target("avx2"))) ALWAYS_INLINE void transpose_avx2(const double B[], size_t B_step,
                                                                  double P[], size_t P_step)
{
    const __m256d r0 = _mm256_loadu_pd(B);
    const __m256d r1 = _mm256_loadu_pd(B + B_step);
    const __m256d r2 = _mm256_loadu_pd(B + 2 * B_step);
    const __m256d r3 = _mm256_loadu_pd(B + 3 * B_step);
    const __m256d even_top = _mm256_unpacklo_pd(r0, r1);
    const __m256d even_bottom = _mm256_unpacklo_pd(r2, r3);
    const __m256d odd_top = _mm256_unpackhi_pd(r0, r1);
    const __m256d odd_bottom = _mm256_unpackhi_pd(r2, r3);
    _mm256_storeu_pd(P, _mm256_permute2f128_pd(even_top, even_bottom, 0x20));
    _mm256_storeu_pd(P + P_step, _mm256_permute2f128_pd(odd_top, odd_bottom, 0x20));
    _mm256_storeu_pd(P + 2 * P_step, _mm256_permute2f128_pd(even_top, even_bottom, 0x31));
    _mm256_storeu_pd(P + 3 * P_step, _mm256_permute2f128_pd(odd_top, odd_bottom, 0x31));
}

#define LANES 8
#define ROWS 12
#define NAME(stem) stem##_avx512
#define NAME_TEXT "avx512"
#define TARGET __attribute__((target("avx512f,fma")))
#define ALL(x) ((F64)_mm512_set1_pd(x))
#define FMA(a, b, c) ((F64)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#include "theory/product_kernel.inc"

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
