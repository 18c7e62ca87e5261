/* Whole groups of random numbers with the widest instruction set of the processor; private to
 * sim/random and its tests. All instruction sets give the same bytes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RANDOM_STREAM_SIMD_H
#define SSLDYN_SIM_RANDOM_STREAM_SIMD_H

#include <stddef.h>
#include <stdint.h>

enum { SSLDYN_PHILOX_ROUNDS = 10 };

/* What all blocks of a stream share: the round keys and the upper words of the counter. */
struct ssldyn_philox_plan {
    uint64_t key[SSLDYN_PHILOX_ROUNDS][2];
    uint64_t run;
    uint64_t purpose;
};

void ssldyn_stream_plan_init(struct ssldyn_philox_plan *plan, const uint32_t key[2], uint32_t run,
                             uint32_t purpose);

/* One instruction set: functions that fill `groups` groups of eight blocks, beginning with number
 * `group`. */
struct ssldyn_stream_simd {
    const char *name;
    size_t lanes;
    /* 16, 32 and 16 numbers per group */
    void (*normal)(const struct ssldyn_philox_plan *plan, uint64_t group, size_t groups,
                   double out[]);
    void (*normal_float)(const struct ssldyn_philox_plan *plan, uint64_t group, size_t groups,
                         float out[]);
    void (*bits)(const struct ssldyn_philox_plan *plan, uint64_t group, size_t groups,
                 uint64_t out[]);
};

/* Number `index` of the instruction sets that this processor has, widest first; NULL past the
 * last. */
const struct ssldyn_stream_simd *ssldyn_stream_simd_choice(size_t index);

#endif
