/* Augmented views of images, one block per image: the operations that sim/moments/augment.c applies
 * to the pixels, in the same order. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/device.cuh"

#include "sim/random/stream.h"

#define VIEW_FUNCTION static __device__ inline
#include "sim/moments/augment_view.inc"

enum { UNIFORMS = SSLDYN_AUGMENT_UNIFORMS, BLOCKS_OF_DICE = UNIFORMS / 2 };

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
static __device__ inline void draw_uniforms(const struct kernels_augment *a, int64_t epoch,
                                            int64_t number, int view, double uniforms[UNIFORMS])
{
    const int block = (int)threadIdx.x;
    if (block >= BLOCKS_OF_DICE) {
        return;
    }
    const uint64_t at = 8 * (3 * (2 * (uint64_t)number + (uint64_t)view)) + (uint64_t)block;
    uint32_t word[4] = {(uint32_t)at, (uint32_t)(at >> 32), (uint32_t)epoch,
                        SSLDYN_PURPOSE_AUGMENT};
    philox(word, (uint32_t)a->seed, (uint32_t)(a->seed >> 32));
    for (int half = 0; half < 2; half++) {
        const uint64_t bits = (uint64_t)word[2 * half] << 32 | word[2 * half + 1];
        uniforms[16 * (block / 8) + 8 * half + block % 8] = ((double)(bits >> 12) + 0.5) * 0x1p-52;
    }
}

enum { THREADS = 256, MOST_TAPS = 65 };

/* The image being changed, and one plane more for the blur: in shared memory plane by plane, or, where
 * that is too small, in the memory of the output, pixel by pixel. */
template <bool PLANES> struct canvas {
    float *at;
    int step; /* from plane to plane, or from pixel to pixel */
    __device__ inline float *operator()(int c, int i) const
    {
        return PLANES ? at + c * step + i : at + i * step + c;
    }
    __device__ inline int plane() const
    {
        return PLANES ? step : 1;
    }
};

static __device__ inline float pixel(const uint8_t *plane, int width, int row, int column)
{
    return (float)plane[row * width + column] / 255.0F;
}

/* The crop resized to the full image (bilinear), at one pixel. */
static __device__ inline float resized(const struct kernels_augment *a,
                                       const struct ssldyn_view *view, const uint8_t *plane, int y,
                                       int x)
{
    float right;
    float below;
    const int column = view->column + neighbor(x, a->width, view->width, &right);
    const int row = view->row + neighbor(y, a->height, view->height, &below);
    const int next = view->width > 1 ? column + 1 : column;
    const int under = view->height > 1 ? row + 1 : row;
    const float a0 = pixel(plane, a->width, row, column);
    const float a1 = pixel(plane, a->width, row, next);
    const float b0 = pixel(plane, a->width, under, column);
    const float b1 = pixel(plane, a->width, under, next);
    const float top = a0 + right * (a1 - a0);
    const float bottom = b0 + right * (b1 - b0);
    return top + below * (bottom - top);
}

/* Crop, shift and mirror at once: the source of this pixel. */
template <typename C>
static __device__ inline void gather(const struct kernels_augment *a,
                                     const struct ssldyn_view *view, const uint8_t *image, C canvas)
{
    const struct ssldyn_augmentation *settings = &a->settings;
    const int pad = (int)settings->pad;
    const int area = a->height * a->width;
    for (int i = (int)threadIdx.x; i < a->channels * area; i += THREADS) {
        const int c = i / area;
        const int x = i % a->width;
        const int row = i % area / a->width + view->shift_row - pad;
        const int column = (view->flip ? a->width - 1 - x : x) + view->shift_column - pad;
        if (row < 0 || row >= a->height || column < 0 || column >= a->width) {
            *canvas(c, i % area) = settings->standardize ? (float)settings->mean[c] : 0.0F;
        } else {
            *canvas(c, i % area) = resized(a, view, image + c * area, row, column);
        }
    }
    __syncthreads();
}

template <typename C>
static __device__ inline float mean_luminance(const struct kernels_augment *a, C canvas, int area,
                                              double *scratch)
{
    double sum = 0.0;
    for (int i = (int)threadIdx.x; i < area; i += THREADS) {
        sum += (double)luminance(a->channels == 3, canvas.plane(), canvas(0, i));
    }
    sum = block_sum(sum, scratch);
    __syncthreads(); /* scratch may be reused */
    return (float)(sum / (double)area);
}

/* One of the four color changes on pixel i. level: the value that contrast blends with. */
template <typename C>
static __device__ inline void recolor(const struct kernels_augment *a,
                                      const struct ssldyn_view *view, int change, float level,
                                      C canvas, int i)
{
    if (change == 3) {
        if (a->channels == 3) {
            turn_hue(view->hue, canvas(0, i), canvas(1, i), canvas(2, i));
        }
        return;
    }
    if (change == 2 && a->channels != 3) {
        return;
    }
    const float from = change == 0   ? 0.0F
                       : change == 1 ? level
                                     : luminance(a->channels == 3, canvas.plane(), canvas(0, i));
    const float factor = change == 0   ? view->brightness
                         : change == 1 ? view->contrast
                                       : view->saturation;
    for (int c = 0; c < a->channels; c++) {
        float *entry = canvas(c, i);
        *entry = clipped(a->settings.clip, from + factor * (*entry - from));
    }
}

/* One pass of the blur from one plane to another, along its rows or its columns. */
template <typename C>
static __device__ inline void convolve(const struct kernels_augment *a, const float *taps,
                                       bool along_rows, C canvas, int in, int out)
{
    const int half = (int)a->settings.blur_kernel / 2;
    for (int i = (int)threadIdx.x; i < a->height * a->width; i += THREADS) {
        const int x = i % a->width;
        const int y = i / a->width;
        float sum = 0.0F;
        for (int k = -half; k <= half; k++) {
            const int from = along_rows ? y * a->width + reflect(x + k, a->width)
                                        : reflect(y + k, a->height) * a->width + x;
            sum += taps[k + half] * *canvas(in, from);
        }
        *canvas(out, i) = sum;
    }
    __syncthreads();
}

template <typename C>
static __device__ inline void blur(const struct kernels_augment *a, double width, C canvas,
                                   float *taps)
{
    if (threadIdx.x == 0) {
        fill_taps((int)a->settings.blur_kernel / 2, width, taps);
    }
    __syncthreads();
    for (int c = 0; c < a->channels; c++) {
        convolve(a, taps, true, canvas, c, a->channels);
        convolve(a, taps, false, canvas, a->channels, c);
    }
}

/* A pixel is read before its part of the output, which may be the same memory, is written. */
template <typename C, typename T>
static __device__ inline void finish(const struct kernels_augment *a,
                                     const struct ssldyn_view *view, C canvas, T *out)
{
    const int area = a->height * a->width;
    for (int i = (int)threadIdx.x; i < area; i += THREADS) {
        float values[SSLDYN_AUGMENT_CHANNELS][1] = {{0.0F}};
        UNROLL
        for (int c = 0; c < SSLDYN_AUGMENT_CHANNELS; c++) {
            if (c < a->channels) {
                double level;
                const double slope = slope_of(&a->settings, view, c, &level);
                values[c][0] = (float)(slope * (double)*canvas(c, i) + level);
            }
        }
        asm volatile("" ::: "memory"); /* the types differ: the compiler might reorder them */
        UNROLL
        for (int c = 0; c < SSLDYN_AUGMENT_CHANNELS; c++) {
            if (c < a->out_channels) {
                store<1>(out + (size_t)i * a->out_channels + c, values[c]);
            }
        }
        for (int c = SSLDYN_AUGMENT_CHANNELS; c < a->out_channels; c++) {
            const float zero[1] = {0.0F};
            store<1>(out + (size_t)i * a->out_channels + c, zero);
        }
    }
}

template <typename T, bool PLANES>
static __global__ void __launch_bounds__(THREADS, 4)
    augment(struct kernels_augment a, const uint8_t *images, const int32_t *order,
            const int32_t *slots, const int64_t *cursor, int batch, int view_number, T *out)
{
    DYNAMIC_SHARED(float, memory); /* of the canvas, if it has planes */
    __shared__ double uniforms[UNIFORMS];
    __shared__ double scratch[THREADS / WARP];
    __shared__ float taps[MOST_TAPS];
    __shared__ struct ssldyn_view view;
    const int area = a.height * a.width;
    T *const mine = out + (size_t)blockIdx.x * area * a.out_channels;
    const struct canvas<PLANES> canvas = {
        PLANES ? memory : reinterpret_cast<float *>(mine), PLANES ? area
                                                                  : (int)(a.out_channels *
                                                                          sizeof(T) / sizeof(float))
    };
    const int64_t at = cursor[0] * batch + blockIdx.x;
    const int64_t number = order[at];
    const int64_t slot = slots ? slots[at] : number;
    if (view_number >= 0) {
        draw_uniforms(&a, cursor[1], number, view_number, uniforms);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        if (view_number >= 0) {
            draw(&a.settings, a.height, a.width, uniforms, &view);
        } else {
            leave(&a.settings, a.height, a.width, &view);
        }
    }
    __syncthreads();
    gather(&a, &view, images + (size_t)slot * a.channels * area, canvas);
    for (int k = 0; k < 4; k++) {
        const int change = view.order[k];
        if (change < 0) {
            continue;
        }
        const float level = change == 1 ? mean_luminance(&a, canvas, area, scratch) : 0.0F;
        for (int i = (int)threadIdx.x; i < area; i += THREADS) {
            recolor(&a, &view, change, level, canvas, i);
        }
        __syncthreads();
    }
    if (view.gray && a.channels == 3) {
        for (int i = (int)threadIdx.x; i < area; i += THREADS) {
            const float gray = luminance(true, canvas.plane(), canvas(0, i));
            for (int c = 0; c < 3; c++) {
                *canvas(c, i) = gray;
            }
        }
        __syncthreads();
    }
    if (view.blur > 0.0) {
        blur(&a, view.blur, canvas, taps);
    }
    finish(&a, &view, canvas, mine);
}

/* False if the canvas fits neither in shared memory nor in the output. */
template <typename T>
static bool launch(cudaStream_t stream, const struct kernels_augment *a, const uint8_t *images,
                   const int32_t *order, const int32_t *slots, const int64_t *cursor, int batch,
                   int view, int n, T *out)
{
    const size_t planes = (size_t)a->channels + (a->settings.blur > 0.0 ? 1 : 0);
    const size_t bytes = planes * (size_t)a->height * (size_t)a->width * sizeof(float);
    const size_t pixel = (size_t)a->out_channels * sizeof(T);
    if (bytes <= INT32_MAX && ALLOW_SHARED((augment<T, true>), bytes)) {
        LAUNCH((augment<T, true>), (unsigned)n, THREADS, bytes, stream, *a, images, order, slots,
               cursor, batch, view, out);
        return true;
    }
    if (pixel < planes * sizeof(float) || pixel % sizeof(float) != 0) {
        return false;
    }
    LAUNCH((augment<T, false>), (unsigned)n, THREADS, 0, stream, *a, images, order, slots, cursor,
           batch, view, out);
    return true;
}

bool kernels_augment(cudaStream_t stream, const struct kernels_augment *a, enum kernels_type type,
                     const uint8_t *images, const int32_t *order, const int32_t *slots,
                     const int64_t *cursor, int batch, int view, int n, void *out)
{
    if (a->settings.blur_kernel > MOST_TAPS ||
        (size_t)a->height * (size_t)a->width > INT32_MAX / 64) { /* indices are ints */
        return false;
    }
    return type == KERNELS_BF16 ? launch(stream, a, images, order, slots, cursor, batch, view, n,
                                         static_cast<bf16 *>(out))
                                : launch(stream, a, images, order, slots, cursor, batch, view, n,
                                         static_cast<float *>(out));
}
