/* Counter-based random streams (Philox 4x32-10 of Random123): a stream is named by (seed, run,
 * purpose), so member i of an ensemble draws the same numbers alone, in threads or on a cluster. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RANDOM_STREAM_H
#define SSLDYN_SIM_RANDOM_STREAM_H

#include <stddef.h>
#include <stdint.h>

/* What the numbers of a stream are for; streams of different purposes never overlap. */
enum ssldyn_purpose {
    SSLDYN_PURPOSE_INIT_W = 1,
    SSLDYN_PURPOSE_INIT_WP = 2,
    SSLDYN_PURPOSE_INIT_WA = 3,
    SSLDYN_PURPOSE_BATCH = 4,
    SSLDYN_PURPOSE_SWEEP = 5,
    SSLDYN_PURPOSE_AUGMENT = 6,
    SSLDYN_PURPOSE_INIT_F = 7
};

struct ssldyn_stream {
    uint32_t key[2];
    uint32_t counter[4];
};

/* Sets a stream to its beginning. Cannot fail; nothing to free. */
void ssldyn_stream_init(struct ssldyn_stream *stream, uint64_t seed, uint32_t run,
                        enum ssldyn_purpose purpose);

/* count standard normal variates. The numbers depend on the stream and on how many were drawn
 * before, not on the machine's SIMD width. */
void ssldyn_stream_normal(struct ssldyn_stream *stream, size_t count, double out[]);

/* count uniforms in the open interval (0, 1). */
void ssldyn_stream_uniform(struct ssldyn_stream *stream, size_t count, double out[]);

#endif
