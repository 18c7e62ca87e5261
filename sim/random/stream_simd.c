/* The vector kernels of the random streams, compiled for each instruction set and chosen at run
 * time (J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011; G. E. P. Box and
 * M. E. Muller, Ann. Math. Statist. 29, 1958). */
// SPDX-License-Identifier: MIT
#include "sim/random/stream_simd.h"

#include <Random123/philox.h>
#include <math.h>
#include <string.h>

void ssldyn_stream_plan_init(struct ssldyn_philox_plan *plan, const uint32_t key[2], uint32_t run,
                             uint32_t purpose)
{
    for (uint32_t round = 0; round < SSLDYN_PHILOX_ROUNDS; round++) {
        plan->key[round][0] = (uint32_t)(key[0] + round * PHILOX_W32_0);
        plan->key[round][1] = (uint32_t)(key[1] + round * PHILOX_W32_1);
    }
    plan->run = run;
    plan->purpose = purpose;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 8
#define NAME(stem) stem##_avx512
#define TARGET __attribute__((target("avx512f,avx512dq")))
#define MULTIPLY(a, b) ((NAME(u64))_mm512_mul_epu32((__m512i)(a), (__m512i)(b)))
#define SQRT(x) ((NAME(f64))_mm512_sqrt_pd((__m512d)(x)))
#define SQRT_FLOAT(x) ((NAME(f32))_mm512_sqrt_ps((__m512)(x)))
#include "sim/random/stream_lanes.inc"

#define LANES 4
#define NAME(stem) stem##_avx2
#define TARGET __attribute__((target("avx2")))
#define MULTIPLY(a, b) ((NAME(u64))_mm256_mul_epu32((__m256i)(a), (__m256i)(b)))
#define SQRT(x) ((NAME(f64))_mm256_sqrt_pd((__m256d)(x)))
#define SQRT_FLOAT(x) ((NAME(f32))_mm256_sqrt_ps((__m256)(x)))
#include "sim/random/stream_lanes.inc"

#define LANES 2
#define NAME(stem) stem##_base
#define TARGET
#define MULTIPLY(a, b) ((NAME(u64))_mm_mul_epu32((__m128i)(a), (__m128i)(b)))
#define SQRT(x) ((NAME(f64))_mm_sqrt_pd((__m128d)(x)))
#define SQRT_FLOAT(x) ((NAME(f32))_mm_sqrt_ps((__m128)(x)))
#include "sim/random/stream_lanes.inc"

#else

typedef uint64_t pair_u64 __attribute__((vector_size(16)));
typedef double pair_f64 __attribute__((vector_size(16)));
typedef float quad_f32 __attribute__((vector_size(16)));

static inline pair_u64 multiply_pair(pair_u64 a, pair_u64 b)
{
    return (a & UINT64_C(0xffffffff)) * (b & UINT64_C(0xffffffff));
}

static inline pair_f64 sqrt_pair(pair_f64 x)
{
    return (pair_f64){sqrt(x[0]), sqrt(x[1])};
}

static inline quad_f32 sqrt_quad(quad_f32 x)
{
    return (quad_f32){sqrtf(x[0]), sqrtf(x[1]), sqrtf(x[2]), sqrtf(x[3])};
}

#define LANES 2
#define NAME(stem) stem##_base
#define TARGET
#define MULTIPLY(a, b) multiply_pair(a, b)
#define SQRT(x) sqrt_pair(x)
#define SQRT_FLOAT(x) sqrt_quad(x)
#include "sim/random/stream_lanes.inc"

#endif

static const struct ssldyn_stream_simd simd_base = {"base", 2, normal_base, normal_float_base,
                                                    bits_base};

const struct ssldyn_stream_simd *ssldyn_stream_simd_choice(size_t index)
{
#if defined(__x86_64__)
    static const struct ssldyn_stream_simd avx512 = {"avx512", 8, normal_avx512,
                                                     normal_float_avx512, bits_avx512};
    static const struct ssldyn_stream_simd avx2 = {"avx2", 4, normal_avx2, normal_float_avx2,
                                                   bits_avx2};
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
        if (index == 0) {
            return &avx512;
        }
        index--;
    }
    if (__builtin_cpu_supports("avx2")) {
        if (index == 0) {
            return &avx2;
        }
        index--;
    }
#endif
    return index == 0 ? &simd_base : NULL;
}
