/* Whole groups of random numbers by the widest instruction set of the processor; private to
 * sim/random and its tests. All instruction sets give the same bytes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RANDOM_STREAM_SIMD_H
#define SSLDYN_SIM_RANDOM_STREAM_SIMD_H

#include <stddef.h>
#include <stdint.h>

enum { SSLDYN_PHILOX_ROUNDS = 10 };

/* What all blocks of a stream share: the keys of the rounds, and the counter's upper words. */
struct ssldyn_philox_plan {
    uint64_t key[SSLDYN_PHILOX_ROUNDS][2];
    uint64_t run;
    uint64_t purpose;
};

void ssldyn_stream_plan_init(struct ssldyn_philox_plan *plan, const uint32_t key[2], uint32_t run,
                             uint32_t purpose);

/* One instruction set: functions that fill groups of eight blocks from number group on. */
struct ssldyn_stream_simd {
    const char *name;
    size_t lanes;
    /* 16, 32 and 16 numbers a group */
    void (*normal)(const struct ssldyn_philox_plan *plan, uint64_t group, size_t groups,
                   double out[]);
    void (*normal_float)(const struct ssldyn_philox_plan *plan, uint64_t group, size_t groups,
                         float out[]);
    void (*bits)(const struct ssldyn_philox_plan *plan, uint64_t group, size_t groups,
                 uint64_t out[]);
};

/* Instruction set number index of those this processor has, widest first; NULL past the last. */
const struct ssldyn_stream_simd *ssldyn_stream_simd_choice(size_t index);

#endif
