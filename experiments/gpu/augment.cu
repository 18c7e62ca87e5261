/* Views of images: the twin of sim/moments/augment.h and augment.h, a block an image. What is done
 * to the pixels has the same order as there. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/augment_dice.cuh"

enum { THREADS = 256, MOST_TAPS = 65 };

/* Left neighbour of output place x of count, in a box of so many, and the right one's share. */
static __device__ inline int neighbour(int x, int count, int box, float *share)
{
    double at = ((double)x + 0.5) * ((double)box / (double)count) - 0.5;
    at = fmin(fmax(at, 0.0), (double)box - 1.0);
    const double whole = fmin(floor(at), fmax((double)box - 2.0, 0.0));
    *share = (float)(at - whole);
    return (int)whole;
}

static __device__ inline float pixel(const uint8_t *plane, int width, int row, int column)
{
    return (float)plane[row * width + column] / 255.0F;
}

/* The box enlarged to the whole (bilinear), at one place. */
static __device__ inline float resized(const struct kernels_augment *a, const struct view *view,
                                       const uint8_t *plane, int y, int x)
{
    float right;
    float below;
    const int column = view->column + neighbour(x, a->width, view->width, &right);
    const int row = view->row + neighbour(y, a->height, view->height, &below);
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

/* Crop, shift and mirror in one: where does this pixel come from? */
static __device__ inline void gather(const struct kernels_augment *a, const struct view *view,
                                     const uint8_t *image, float *pixels)
{
    const int area = a->height * a->width;
    for (int i = (int)threadIdx.x; i < a->channels * area; i += THREADS) {
        const int c = i / area;
        const int x = i % a->width;
        const int row = i % area / a->width + view->shift_row - a->pad;
        const int column = (view->flip ? a->width - 1 - x : x) + view->shift_column - a->pad;
        if (row < 0 || row >= a->height || column < 0 || column >= a->width) {
            pixels[i] = a->standardise ? (float)a->mean[c] : 0.0F;
        } else {
            pixels[i] = resized(a, view, image + c * area, row, column);
        }
    }
    __syncthreads();
}

static __device__ inline float clipped(const struct kernels_augment *a, float value)
{
    if (!a->clip) {
        return value;
    }
    return value < 0.0F ? 0.0F : value > 1.0F ? 1.0F : value;
}

/* Luminance of Rec. 601; the first channel where there is no colour. */
static __device__ inline float luminance(const struct kernels_augment *a, const float *pixels,
                                         int area, int i)
{
    if (a->channels != 3) {
        return pixels[i];
    }
    return 0.299F * pixels[i] + 0.587F * pixels[area + i] + 0.114F * pixels[2 * area + i];
}

static __device__ inline float mean_luminance(const struct kernels_augment *a, const float *pixels,
                                              int area, double *scratch)
{
    double sum = 0.0;
    for (int i = (int)threadIdx.x; i < area; i += THREADS) {
        sum += (double)luminance(a, pixels, area, i);
    }
    sum = block_sum(sum, scratch);
    __syncthreads(); /* scratch may be used again */
    return (float)(sum / (double)area);
}

/* Turns the hue of one pixel: see sim/moments/augment_colour.c. */
static __device__ inline void turn_hue(float turn, float *red, float *green, float *blue)
{
    const float value = fmaxf(*red, fmaxf(*green, *blue));
    const float chroma = value - fminf(*red, fminf(*green, *blue));
    float hue;
    if (chroma <= 0.0F) {
        return;
    }
    if (value == *red) {
        hue = (*green - *blue) / chroma;
    } else if (value == *green) {
        hue = 2.0F + (*blue - *red) / chroma;
    } else {
        hue = 4.0F + (*red - *green) / chroma;
    }
    hue += 6.0F * turn;
    float *const channels[3] = {red, green, blue};
    UNROLL
    for (int c = 0; c < 3; c++) {
        float place = (float)(5 - 2 * c) + hue;
        place -= 6.0F * floorf(place / 6.0F);
        float share = fminf(place, 4.0F - place);
        share = share < 0.0F ? 0.0F : share > 1.0F ? 1.0F : share;
        *channels[c] = value - chroma * share;
    }
}

/* One of the four colour changes on pixel i. level: what contrast blends with. */
static __device__ inline void recolour(const struct kernels_augment *a, const struct view *view,
                                       int change, float level, float *pixels, int area, int i)
{
    if (change == 3) {
        if (a->channels == 3) {
            turn_hue(view->hue, pixels + i, pixels + area + i, pixels + 2 * area + i);
        }
        return;
    }
    if (change == 2 && a->channels != 3) {
        return;
    }
    const float from = change == 0 ? 0.0F : change == 1 ? level : luminance(a, pixels, area, i);
    const float factor = change == 0   ? view->brightness
                         : change == 1 ? view->contrast
                                       : view->saturation;
    for (int c = 0; c < a->channels; c++) {
        float *entry = pixels + c * area + i;
        *entry = clipped(a, from + factor * (*entry - from));
    }
}

/* Index reflected at both edges (the edge itself not repeated). */
static __device__ inline int reflect(int index, int count)
{
    index = index < 0 ? -index : index;
    return index > count - 1 ? 2 * (count - 1) - index : index;
}

/* One pass of the blur over a plane, along rows (step 1) or columns. */
static __device__ inline void convolve(const struct kernels_augment *a, const float *taps,
                                       bool along_rows, const float *in, float *out)
{
    const int half = a->blur_kernel / 2;
    for (int i = (int)threadIdx.x; i < a->height * a->width; i += THREADS) {
        const int x = i % a->width;
        const int y = i / a->width;
        float sum = 0.0F;
        for (int k = -half; k <= half; k++) {
            const int from = along_rows ? y * a->width + reflect(x + k, a->width)
                                        : reflect(y + k, a->height) * a->width + x;
            sum += taps[k + half] * in[from];
        }
        out[i] = sum;
    }
    __syncthreads();
}

static __device__ inline void blur(const struct kernels_augment *a, double width, float *pixels,
                                   float *plane, float *taps)
{
    const int half = a->blur_kernel / 2;
    if (threadIdx.x == 0) {
        double sum = 0.0;
        for (int k = -half; k <= half; k++) {
            sum += exp(-0.5 * (double)(k * k) / (width * width));
        }
        for (int k = -half; k <= half; k++) {
            taps[k + half] = (float)(exp(-0.5 * (double)(k * k) / (width * width)) / sum);
        }
    }
    __syncthreads();
    for (int c = 0; c < a->channels; c++) {
        float *channel = pixels + c * a->height * a->width;
        convolve(a, taps, true, channel, plane);
        convolve(a, taps, false, plane, channel);
    }
}

template <typename T>
static __device__ inline void finish(const struct kernels_augment *a, const struct view *view,
                                     const float *pixels, T *out)
{
    const int area = a->height * a->width;
    for (int i = (int)threadIdx.x; i < area; i += THREADS) {
        for (int c = 0; c < a->out_channels; c++) {
            float value[1] = {0.0F};
            if (c < a->channels) {
                const double slope = a->standardise ? view->gain / a->deviation[c] : view->gain;
                const double level =
                    a->standardise ? view->offset - slope * a->mean[c] : view->offset;
                value[0] = (float)(slope * (double)pixels[c * area + i] + level);
            }
            store<1>(out + (size_t)i * a->out_channels + c, value);
        }
    }
}

template <typename T>
static __global__ void __launch_bounds__(THREADS)
    augment(struct kernels_augment a, const uint8_t *images, const int32_t *order,
            const int32_t *slots, const int64_t *cursor, int batch, int view_number, T *out)
{
    DYNAMIC_SHARED(float, pixels); /* the image, then one plane for the blur */
    __shared__ double uniforms[UNIFORMS];
    __shared__ double scratch[THREADS / WARP];
    __shared__ float taps[MOST_TAPS];
    __shared__ struct view view;
    const int area = a.height * a.width;
    const int64_t at = cursor[0] * batch + blockIdx.x;
    const int64_t number = order[at];
    const int64_t slot = slots ? slots[at] : number;
    if (view_number >= 0) {
        throw_dice(&a, cursor[1], number, view_number, uniforms);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        if (view_number >= 0) {
            draw(&a, uniforms, &view);
        } else {
            leave(&a, &view);
        }
    }
    __syncthreads();
    gather(&a, &view, images + (size_t)slot * a.channels * area, pixels);
    for (int k = 0; k < 4; k++) {
        const int change = view.order[k];
        if (change < 0) {
            continue;
        }
        const float level = change == 1 ? mean_luminance(&a, pixels, area, scratch) : 0.0F;
        for (int i = (int)threadIdx.x; i < area; i += THREADS) {
            recolour(&a, &view, change, level, pixels, area, i);
        }
        __syncthreads();
    }
    if (view.grey && a.channels == 3) {
        for (int i = (int)threadIdx.x; i < area; i += THREADS) {
            const float grey = luminance(&a, pixels, area, i);
            for (int c = 0; c < 3; c++) {
                pixels[c * area + i] = grey;
            }
        }
        __syncthreads();
    }
    if (view.blur > 0.0) {
        blur(&a, view.blur, pixels, pixels + a.channels * area, taps);
    }
    finish(&a, &view, pixels, out + (size_t)blockIdx.x * area * a.out_channels);
}

bool kernels_augment(cudaStream_t stream, const struct kernels_augment *a, enum kernels_type type,
                     const uint8_t *images, const int32_t *order, const int32_t *slots,
                     const int64_t *cursor, int batch, int view, int n, void *out)
{
    const size_t planes = (size_t)a->channels + (a->blur > 0.0 ? 1 : 0);
    const size_t bytes = planes * (size_t)a->height * (size_t)a->width * sizeof(float);
    if (bytes > INT32_MAX || a->blur_kernel > MOST_TAPS) {
        return false;
    }
    if (type == KERNELS_BF16) {
        if (!ALLOW_SHARED(augment<bf16>, bytes)) {
            return false;
        }
        LAUNCH(augment<bf16>, (unsigned)n, THREADS, bytes, stream, *a, images, order, slots, cursor,
               batch, view, (bf16 *)out);
    } else {
        if (!ALLOW_SHARED(augment<float>, bytes)) {
            return false;
        }
        LAUNCH(augment<float>, (unsigned)n, THREADS, bytes, stream, *a, images, order, slots,
               cursor, batch, view, (float *)out);
    }
    return true;
}
