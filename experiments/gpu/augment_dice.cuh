/* The dice of augment.cu: which view of an image is drawn. They fall as in sim/moments/augment.h,
 * uniform by uniform. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_AUGMENT_DICE_CUH
#define EXPERIMENTS_GPU_AUGMENT_DICE_CUH

#include "experiments/gpu/device.cuh"

enum { UNIFORMS = 48, BLOCKS_OF_DICE = UNIFORMS / 2 };

/* Places of the uniforms, as in sim/moments/augment.c. */
enum {
    CROP_TRIES = 10,
    DRAW_CROP_ROW = 20,
    DRAW_CROP_COLUMN,
    DRAW_FLIP,
    DRAW_SHIFT_ROW,
    DRAW_SHIFT_COLUMN,
    DRAW_JITTER,
    DRAW_ORDER,
    DRAW_BRIGHTNESS,
    DRAW_CONTRAST,
    DRAW_SATURATION,
    DRAW_HUE,
    DRAW_GREY,
    DRAW_BLUR,
    DRAW_BLUR_WIDTH,
    DRAW_GAIN,
    DRAW_OFFSET
};

struct view {
    int row, column, height, width; /* box that is enlarged to the whole */
    int shift_row, shift_column;
    bool flip, grey;
    int order[4]; /* brightness 0, contrast 1, saturation 2, hue 3; -1: nothing */
    float brightness, contrast, saturation, hue;
    double blur; /* 0: none */
    double gain, offset;
};

/* Philox 4x32-10 of one counter (J. K. Salmon et al., SC 2011). */
static __device__ inline void philox(uint32_t word[4], uint32_t key0, uint32_t key1)
{
    UNROLL
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53U * word[0];
        const uint64_t p1 = (uint64_t)0xCD9E8D57U * word[2];
        word[0] = (uint32_t)(p1 >> 32) ^ word[1] ^ key0;
        word[2] = (uint32_t)(p0 >> 32) ^ word[3] ^ key1;
        word[1] = (uint32_t)p1;
        word[3] = (uint32_t)p0;
        key0 += 0x9E3779B9U;
        key1 += 0xBB67AE85U;
    }
}

/* Uniforms 48 (2 number + view) ... of the stream (seed, run = epoch, purpose): a Philox block
 * holds numbers l and 8 + l of a group of sixteen (sim/random/stream_lanes.inc). */
static __device__ inline void throw_dice(const struct kernels_augment *a, int64_t epoch,
                                         int64_t number, int view, double uniforms[UNIFORMS])
{
    const int block = (int)threadIdx.x;
    if (block >= BLOCKS_OF_DICE) {
        return;
    }
    const uint64_t at = 8 * (3 * (2 * (uint64_t)number + (uint64_t)view)) + (uint64_t)block;
    uint32_t word[4] = {(uint32_t)at, (uint32_t)(at >> 32), (uint32_t)epoch, a->purpose};
    philox(word, a->seed[0], a->seed[1]);
    for (int half = 0; half < 2; half++) {
        const uint64_t bits = (uint64_t)word[2 * half] << 32 | word[2 * half + 1];
        uniforms[16 * (block / 8) + 8 * half + block % 8] = ((double)(bits >> 12) + 0.5) * 0x1p-52;
    }
}

static __device__ inline int pick(double uniform, int count)
{
    const int index = (int)(uniform * (double)count);
    return index < count ? index : count - 1;
}

static __device__ inline void choose_box(const struct kernels_augment *a, const double u[],
                                         struct view *view)
{
    const double height = (double)a->height;
    const double width = (double)a->width;
    const double bound = a->ratio > 1.0 ? a->ratio : 1.0;
    for (int i = 0; i < CROP_TRIES; i++) {
        const double share = a->scale_minimum + (1.0 - a->scale_minimum) * u[2 * i];
        const double area = height * width * share;
        const double ratio = exp(log(bound) * (2.0 * u[2 * i + 1] - 1.0));
        const double w = rint(sqrt(area * ratio));
        const double h = rint(sqrt(area / ratio));
        if (w < 1.0 || h < 1.0 || w > width || h > height) {
            continue;
        }
        view->height = (int)h;
        view->width = (int)w;
        view->row = pick(u[DRAW_CROP_ROW], a->height - view->height + 1);
        view->column = pick(u[DRAW_CROP_COLUMN], a->width - view->width + 1);
        return;
    }
    if (width < height / bound) {
        view->height = (int)fmin(rint(width * bound), height);
    } else if (width > height * bound) {
        view->width = (int)fmin(rint(height * bound), width);
    }
    view->row = (a->height - view->height) / 2;
    view->column = (a->width - view->width) / 2;
}

/* Uniform on 1 - strength ... 1 + strength, not below 0. */
static __device__ inline float factor_from(double strength, double uniform)
{
    const double low = strength < 1.0 ? 1.0 - strength : 0.0;
    return (float)(low + (1.0 + strength - low) * uniform);
}

/* The permutation of four things that a uniform names; those without strength are left out. */
static __device__ inline void choose_order(const struct kernels_augment *a, double uniform,
                                           int order[4])
{
    int index = (int)(uniform * 24.0);
    int used = 0; /* a bit a thing */
    int steps = 6;
    for (int i = 0; i < 4; i++) {
        int chosen = index / steps;
        index %= steps;
        steps = i == 0 ? 2 : 1;
        int thing = 0;
        for (;; thing++) { /* the chosen one of those left */
            if (!(used & 1 << thing) && chosen-- == 0) {
                break;
            }
        }
        used |= 1 << thing;
        const double strength = thing == 0   ? a->brightness
                                : thing == 1 ? a->contrast
                                : thing == 2 ? a->saturation
                                             : a->hue;
        order[i] = strength > 0.0 ? thing : -1;
    }
}

static __device__ inline void draw(const struct kernels_augment *a, const double u[],
                                   struct view *view)
{
    view->row = 0;
    view->column = 0;
    view->height = a->height;
    view->width = a->width;
    if (a->scale_minimum > 0.0) {
        choose_box(a, u, view);
    }
    view->shift_row = pick(u[DRAW_SHIFT_ROW], 2 * a->pad + 1);
    view->shift_column = pick(u[DRAW_SHIFT_COLUMN], 2 * a->pad + 1);
    view->flip = u[DRAW_FLIP] < a->flip;
    for (int i = 0; i < 4; i++) {
        view->order[i] = -1;
    }
    if (u[DRAW_JITTER] < a->jitter) {
        choose_order(a, u[DRAW_ORDER], view->order);
    }
    view->brightness = factor_from(a->brightness, u[DRAW_BRIGHTNESS]);
    view->contrast = factor_from(a->contrast, u[DRAW_CONTRAST]);
    view->saturation = factor_from(a->saturation, u[DRAW_SATURATION]);
    view->hue = (float)(a->hue * (2.0 * u[DRAW_HUE] - 1.0));
    view->grey = u[DRAW_GREY] < a->grey;
    view->blur = u[DRAW_BLUR] < a->blur
                     ? a->blur_minimum + (a->blur_maximum - a->blur_minimum) * u[DRAW_BLUR_WIDTH]
                     : 0.0;
    view->gain = 1.0 + a->gain * (2.0 * u[DRAW_GAIN] - 1.0);
    view->offset = a->offset * (2.0 * u[DRAW_OFFSET] - 1.0);
}

/* The image as it is. */
static __device__ inline void leave(const struct kernels_augment *a, struct view *view)
{
    view->row = 0;
    view->column = 0;
    view->height = a->height;
    view->width = a->width;
    view->shift_row = a->pad;
    view->shift_column = a->pad;
    view->flip = false;
    view->grey = false;
    view->blur = 0.0;
    view->gain = 1.0;
    view->offset = 0.0;
    for (int i = 0; i < 4; i++) {
        view->order[i] = -1;
    }
}

#endif
