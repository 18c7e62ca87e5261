/* Counter-based random streams: which numbers a call returns, and partial groups at its ends. */
// SPDX-License-Identifier: MIT
#include "sim/random/stream.h"

#include "sim/random/stream_simd.h"

#include <string.h>

enum { GROUP = 16, FLOAT_GROUP = 32 };

void ssldyn_stream_init(struct ssldyn_stream *stream, uint64_t seed, uint32_t run,
                        enum ssldyn_purpose purpose)
{
    stream->key[0] = (uint32_t)seed;
    stream->key[1] = (uint32_t)(seed >> 32);
    stream->run = run;
    stream->purpose = (uint32_t)purpose;
    stream->position = 0;
}

void ssldyn_stream_seek(struct ssldyn_stream *stream, uint64_t position)
{
    stream->position = position;
}

static void plan_of(const struct ssldyn_stream *stream, struct ssldyn_philox_plan *plan)
{
    ssldyn_stream_plan_init(plan, stream->key, stream->run, stream->purpose);
}

void ssldyn_stream_normal(struct ssldyn_stream *stream, size_t count, double out[])
{
    const struct ssldyn_stream_simd *simd = ssldyn_stream_simd_choice(0);
    struct ssldyn_philox_plan plan;
    plan_of(stream, &plan);
    double group[GROUP];
    while (count > 0) {
        const size_t skip = (size_t)(stream->position % GROUP);
        size_t taken;
        if (skip == 0 && count >= GROUP) {
            taken = count - count % GROUP;
            simd->normal(&plan, stream->position / GROUP, taken / GROUP, out);
        } else {
            taken = GROUP - skip < count ? GROUP - skip : count;
            simd->normal(&plan, stream->position / GROUP, 1, group);
            memcpy(out, group + skip, taken * sizeof out[0]);
        }
        stream->position += taken;
        out += taken;
        count -= taken;
    }
}

void ssldyn_stream_normal_float(struct ssldyn_stream *stream, size_t count, float out[])
{
    const struct ssldyn_stream_simd *simd = ssldyn_stream_simd_choice(0);
    struct ssldyn_philox_plan plan;
    plan_of(stream, &plan);
    uint64_t group = stream->position / GROUP + (stream->position % GROUP != 0);
    const size_t whole = count / FLOAT_GROUP;
    const size_t rest = count % FLOAT_GROUP;
    simd->normal_float(&plan, group, whole, out);
    group += whole;
    if (rest > 0) {
        float last[FLOAT_GROUP];
        simd->normal_float(&plan, group, 1, last);
        memcpy(out + whole * FLOAT_GROUP, last, rest * sizeof out[0]);
        group++;
    }
    stream->position = group * GROUP;
}

/* The 64-bit numbers behind the variates, in slices of at most one group; returns how many. */
static size_t next_bits(struct ssldyn_stream *stream, const struct ssldyn_philox_plan *plan,
                        size_t count, uint64_t slice[GROUP])
{
    uint64_t group[GROUP];
    const size_t skip = (size_t)(stream->position % GROUP);
    const size_t taken = GROUP - skip < count ? GROUP - skip : count;
    ssldyn_stream_simd_choice(0)->bits(plan, stream->position / GROUP, 1, group);
    memcpy(slice, group + skip, taken * sizeof slice[0]);
    stream->position += taken;
    return taken;
}

void ssldyn_stream_uniform(struct ssldyn_stream *stream, size_t count, double out[])
{
    struct ssldyn_philox_plan plan;
    plan_of(stream, &plan);
    uint64_t slice[GROUP];
    for (size_t done = 0; done < count;) {
        const size_t taken = next_bits(stream, &plan, count - done, slice);
        for (size_t i = 0; i < taken; i++) {
            out[done + i] = ((double)(slice[i] >> 12) + 0.5) * 0x1p-52;
        }
        done += taken;
    }
}

void ssldyn_stream_index(struct ssldyn_stream *stream, uint64_t bound, size_t count, uint64_t out[])
{
    struct ssldyn_philox_plan plan;
    plan_of(stream, &plan);
    uint64_t slice[GROUP];
    for (size_t done = 0; done < count;) {
        const size_t taken = next_bits(stream, &plan, count - done, slice);
        /* the upper 64 bits of slice * bound, from 32-bit halves */
        for (size_t i = 0; i < taken; i++) {
            const uint64_t low = (slice[i] & UINT32_MAX) * (bound & UINT32_MAX);
            const uint64_t cross = (slice[i] >> 32) * (bound & UINT32_MAX) + (low >> 32);
            const uint64_t other = (slice[i] & UINT32_MAX) * (bound >> 32) + (cross & UINT32_MAX);
            out[done + i] = (slice[i] >> 32) * (bound >> 32) + (cross >> 32) + (other >> 32);
        }
        done += taken;
    }
}
