/* The Taylor kernel for each instruction set, and the choice among them at run time.
 *
 * Why a Taylor series: the equations are polynomial, so the coefficients to order N take three
 * Cauchy products, 1.5 N^2 fused multiply-adds without constants to load, and run at almost 80
 * percent of a core's peak; the step size is known before the step, so no step is rejected and
 * every lane has its own; and the order can be high. Measured on 100,000 points to t = 100
 * (tests/bench/modes.c), with all points integrated to the end and a largest error of 3e-4: order
 * 12 takes 30 steps of about 390 operations, while an eight-lane Cash-Karp 5(4) pair takes 477
 * evaluations of about 20. Of the orders 8, 10, 12, 16 and 20, those from 8 to 12 are equally fast
 * at 1e-5, 12 is fastest from 1e-7 on and 20 from 1e-11.
 * The steps of the long approach to a fixed point would be bounded by stability rather than
 * accuracy: there the closed form of tail.c is used instead. The largest errors come from the few
 * trajectories that pass near the saddle, which amplifies errors: steps are more accurate while a
 * fate is open, which is one step or none for most trajectories. */
// SPDX-License-Identifier: MIT
#include "sim/ensemble/lanes.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 8
#define NAME(stem) stem##_avx512
#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#define FMA(a, b, c) ((F64)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define FNMA(a, b, c) ((F64)_mm512_fnmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define MAX(a, b) ((F64)_mm512_max_pd((__m512d)(a), (__m512d)(b)))
#define MIN(a, b) ((F64)_mm512_min_pd((__m512d)(a), (__m512d)(b)))
#define SQRT(a) ((F64)_mm512_sqrt_pd((__m512d)(a)))
#define BITS(mask) ((unsigned)_mm512_movepi64_mask((__m512i)(mask)))
#include "sim/ensemble/kernel.inc"

#define LANES 4
#define NAME(stem) stem##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define FMA(a, b, c) ((F64)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define FNMA(a, b, c) ((F64)_mm256_fnmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define MAX(a, b) ((F64)_mm256_max_pd((__m256d)(a), (__m256d)(b)))
#define MIN(a, b) ((F64)_mm256_min_pd((__m256d)(a), (__m256d)(b)))
#define SQRT(a) ((F64)_mm256_sqrt_pd((__m256d)(a)))
#define BITS(mask) ((unsigned)_mm256_movemask_pd((__m256d)(mask)))
#include "sim/ensemble/kernel.inc"
#endif

/* Two lanes for every other processor; NEON has fused operations, the generic version does not. */
#define LANES 2
#define NAME(stem) stem##_base
#define TARGET
#if defined(__aarch64__)
#include <arm_neon.h>
#define FMA(a, b, c) ((F64)vfmaq_f64((float64x2_t)(c), (float64x2_t)(a), (float64x2_t)(b)))
#define FNMA(a, b, c) ((F64)vfmsq_f64((float64x2_t)(c), (float64x2_t)(a), (float64x2_t)(b)))
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#define FNMA(a, b, c) ((c) - (a) * (b))
#endif
typedef double two_doubles __attribute__((vector_size(16)));
typedef int64_t two_integers __attribute__((vector_size(16)));
static inline two_doubles larger(two_doubles a, two_doubles b)
{
    const two_integers first = a > b;
    return (two_doubles)(((two_integers)a & first) | ((two_integers)b & ~first));
}
static inline two_doubles smaller(two_doubles a, two_doubles b)
{
    const two_integers first = a < b;
    return (two_doubles)(((two_integers)a & first) | ((two_integers)b & ~first));
}
static inline unsigned two_bits(two_integers mask)
{
    return (unsigned)(mask[0] & 1) | (unsigned)(mask[1] & 2);
}
static inline two_doubles two_roots(two_doubles a)
{
    return (two_doubles){sqrt(a[0]), sqrt(a[1])};
}
#define SQRT(a) two_roots(a)
#define MAX(a, b) larger(a, b)
#define MIN(a, b) smaller(a, b)
#define BITS(mask) two_bits(mask)
#include "sim/ensemble/kernel.inc"

static const struct ssldyn_lanes_kernel kernel_base = {
#if defined(__aarch64__)
    "neon",
#else
    "base",
#endif
    run_base, run_tight_base};

const struct ssldyn_lanes_kernel *ssldyn_kernel_choice(size_t index)
{
#if defined(__x86_64__)
    static const struct ssldyn_lanes_kernel avx512 = {"avx512", run_avx512, run_tight_avx512};
    static const struct ssldyn_lanes_kernel avx2 = {"avx2", run_avx2, run_tight_avx2};
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")) {
        if (index == 0)
            return &avx512;
        index--;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        if (index == 0)
            return &avx2;
        index--;
    }
#endif
    return index == 0 ? &kernel_base : NULL;
}
