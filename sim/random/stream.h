/* Counter-based random streams (Philox 4x32-10 of Random123). A stream is identified by (seed, run,
 * purpose), so member i of an ensemble draws the same numbers alone, in threads or on a cluster. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RANDOM_STREAM_H
#define SSLDYN_SIM_RANDOM_STREAM_H

#include <stddef.h>
#include <stdint.h>

/* Purposes of streams; streams of different purposes never overlap. */
enum ssldyn_purpose {
    SSLDYN_PURPOSE_INIT_W = 1,
    SSLDYN_PURPOSE_INIT_WP = 2,
    SSLDYN_PURPOSE_INIT_WA = 3,
    SSLDYN_PURPOSE_BATCH = 4,
    SSLDYN_PURPOSE_SWEEP = 5,
    SSLDYN_PURPOSE_AUGMENT = 6,
    SSLDYN_PURPOSE_INIT_F = 7
};

/* Variate number i of a stream is a function of (key, run, purpose, i) alone: half i mod 16 of the
 * group i / 16 of eight Philox blocks (counter = block number, run, purpose). */
struct ssldyn_stream {
    uint32_t key[2];   /* the seed, low word first */
    uint32_t run;      /* third word of the counter */
    uint32_t purpose;  /* fourth word */
    uint64_t position; /* variates drawn so far */
};

/* Sets a stream to its beginning. Cannot fail; needs no cleanup. */
void ssldyn_stream_init(struct ssldyn_stream *stream, uint64_t seed, uint32_t run,
                        enum ssldyn_purpose purpose);

/* Moves a stream to before variate number `position`, in constant time. */
void ssldyn_stream_seek(struct ssldyn_stream *stream, uint64_t position);

/* count standard normal variates (Box-Muller transform of 64-bit fractions; the tails are correct
 * to 9.4 standard deviations). The numbers depend on the stream and on how many were drawn before,
 * not on the SIMD width of the machine, nor on how the draws are split into calls. */
void ssldyn_stream_normal(struct ssldyn_stream *stream, size_t count, double out[]);

/* The same in single precision, about twice as fast: 40 bits for the radius (tails to 7.5 standard
 * deviations), 22 for the angle. A call starts at a multiple of 16 variates and consumes ceil(count
 * / 32) * 16 of them, so only calls of a multiple of 32 may be split without changing the
 * numbers. */
void ssldyn_stream_normal_float(struct ssldyn_stream *stream, size_t count, float out[]);

/* count uniforms in the open interval (0, 1), odd multiples of 2^-53 (so never 0 or 1). */
void ssldyn_stream_uniform(struct ssldyn_stream *stream, size_t count, double out[]);

/* count integers, uniform on 0 ... bound - 1 up to a bias below bound / 2^64; bound >= 1. */
void ssldyn_stream_index(struct ssldyn_stream *stream, uint64_t bound, size_t count,
                         uint64_t out[]);

#endif
