/* Convolution plans for the emulated device: plain loops that replace candidates.c and plans.c.
 * Their alignment requirements are those of cuDNN. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/plans.h"

#include <stdlib.h>
#include <string.h>

void emulate_call(void (*function)(void *), void *argument); /* defined in runtime.cc */

struct call { /* one run of a plan; kept, because a recorded step may run it again */
    struct call *next;
    const struct made *of;
    void *x, *w, *y;
};

struct made { /* one plan */
    struct made *next;
    struct candidate candidate;
    struct candidates_shape shape;
    struct call *calls;
};

struct plans {
    struct made *made;
};

enum ssldyn_status plans_open(const struct plans_options *options, struct plans **plans,
                              struct ssldyn_error *err)
{
    (void)options;
    *plans = calloc(1, sizeof **plans);
    return *plans ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

void plans_free(struct plans *plans)
{
    while (plans && plans->made) {
        struct made *next = plans->made->next;
        while (plans->made->calls) {
            struct call *call = plans->made->calls->next;
            free(plans->made->calls);
            plans->made->calls = call;
        }
        free(plans->made);
        plans->made = next;
    }
    free(plans);
}

enum ssldyn_status plans_find(struct plans *plans, const struct candidates_shape *shape,
                              const struct candidate **plan, struct ssldyn_error *err)
{
    struct made *made = calloc(1, sizeof *made);
    if (!made) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    made->shape = *shape;
    made->candidate.plan = made;
    made->next = plans->made;
    plans->made = made;
    *plan = &made->candidate;
    return SSLDYN_OK;
}

static double get(const struct candidates_shape *s, const void *at, int64_t i)
{
    float value;
    if (s->type == CANDIDATES_FLOAT) {
        return (double)((const float *)at)[i];
    }
    const uint32_t bits = (uint32_t)((const uint16_t *)at)[i] << 16;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* Rounds to the nearest, ties to even; the argument is never nan. */
static void put(const struct candidates_shape *s, void *at, int64_t i, float value)
{
    uint32_t bits;
    if (s->type == CANDIDATES_FLOAT) {
        ((float *)at)[i] = value;
        return;
    }
    memcpy(&bits, &value, sizeof bits);
    bits += 0x7fff + (bits >> 16 & 1);
    ((uint16_t *)at)[i] = (uint16_t)(bits >> 16);
}

/* Adds the products of one output pixel and one kernel position to the sums of the operation. */
static void add_products(const struct candidates_shape *s, const struct call *call, int64_t out,
                         int64_t in, int64_t place, double sums[])
{
    const int64_t taps = s->kernel * s->kernel;
    for (int64_t k = 0; k < s->k; k++) {
        for (int64_t c = 0; c < s->c; c++) {
            const int64_t x = in * s->c + c;
            const int64_t w = (k * taps + place) * s->c + c;
            const int64_t y = out * s->k + k;
            switch (s->op) {
            case CANDIDATES_FORWARD:
                sums[y] += get(s, call->x, x) * get(s, call->w, w);
                break;
            case CANDIDATES_DATA:
                sums[x] += get(s, call->y, y) * get(s, call->w, w);
                break;
            case CANDIDATES_FILTER:
                sums[w] += get(s, call->y, y) * get(s, call->x, x);
                break;
            }
        }
    }
}

static void convolve(void *argument)
{
    const struct call *call = argument;
    const struct candidates_shape *s = &call->of->shape;
    const int64_t rows = candidates_extent(s, s->h);
    const int64_t columns = candidates_extent(s, s->w);
    const int64_t counts[3] = {s->n * rows * columns * s->k, s->n * s->h * s->w * s->c,
                               s->k * s->kernel * s->kernel * s->c};
    void *const outputs[3] = {call->y, call->x, call->w};
    double *sums = calloc((size_t)counts[s->op], sizeof *sums);
    if (!sums) {
        abort();
    }
    for (int64_t out = 0; out < s->n * rows * columns; out++) {
        for (int64_t place = 0; place < s->kernel * s->kernel; place++) {
            const int64_t row = out / columns % rows * s->stride - s->pad + place / s->kernel;
            const int64_t column = out % columns * s->stride - s->pad + place % s->kernel;
            if (row >= 0 && row < s->h && column >= 0 && column < s->w) {
                const int64_t in = (out / (rows * columns) * s->h + row) * s->w + column;
                add_products(s, call, out, in, place, sums);
            }
        }
    }
    for (int64_t i = 0; i < counts[s->op]; i++) {
        put(s, outputs[s->op], i, (float)sums[i]);
    }
    free(sums);
}

int64_t candidates_extent(const struct candidates_shape *shape, int64_t extent)
{
    return (extent + 2 * shape->pad - shape->kernel) / shape->stride + 1;
}

static void *writable(const void *memory)
{
    void *same;
    memcpy(&same, &memory, sizeof same);
    return same;
}

enum ssldyn_status candidate_run(const struct candidate *candidate, cudnnHandle_t handle,
                                 const void *x, const void *w, const void *y, void *workspace,
                                 struct ssldyn_error *err)
{
    struct made *made = candidate->plan;
    struct call *call = calloc(1, sizeof *call);
    (void)handle;
    (void)workspace;
    if (!call) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    if (((uintptr_t)x | (uintptr_t)w | (uintptr_t)y) % 16 != 0) {
        free(call);
        return ssldyn_fail(err, SSLDYN_EFAILED, "convolution: memory not aligned to 16 bytes");
    }
    call->of = made;
    call->x = writable(x); /* one of them is the output */
    call->w = writable(w);
    call->y = writable(y);
    call->next = made->calls;
    made->calls = call;
    emulate_call(convolve, call);
    return SSLDYN_OK;
}
