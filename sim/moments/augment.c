/* One random view of an image: crops, mirror, grey, blur and the linear part; colour jitter is in
 * augment_colour.c. */
// SPDX-License-Identifier: MIT
#include "sim/moments/augment.h"

#include "sim/base/simd.h"
#include "sim/moments/augment_colour.h"

#include <math.h>
#include <string.h>

/* Which uniform decides what. The order is part of the results: append, never insert. */
enum {
    DRAW_CROP = 0, /* ten tries of area and ratio, then row and column */
    CROP_TRIES = 10,
    DRAW_CROP_ROW = 20,
    DRAW_CROP_COLUMN = 21,
    DRAW_FLIP = 22,
    DRAW_SHIFT_ROW = 23,
    DRAW_SHIFT_COLUMN = 24,
    DRAW_JITTER = 25, /* whether, order, brightness, contrast, saturation, hue */
    DRAW_GREY = 31,
    DRAW_BLUR = 32,
    DRAW_BLUR_WIDTH = 33,
    DRAW_GAIN = 34,
    DRAW_OFFSET = 35
};

size_t ssldyn_augment_workspace(const struct ssldyn_image_size *size)
{
    return ssldyn_images_numbers(size) + 2 * (size->width + size->height) + 256;
}

static size_t pick(double uniform, size_t count)
{
    size_t index = (size_t)(uniform * (double)count);

    return index < count ? index : count - 1;
}

static void set_box(struct ssldyn_view *view, size_t row, size_t column, double height,
                    double width)
{
    view->row = (int32_t)row;
    view->column = (int32_t)column;
    view->height = (int32_t)height;
    view->width = (int32_t)width;
}

/* Where torchvision's RandomResizedCrop.get_params would cut: the first of ten boxes that fits,
 * else the largest central one whose ratio is allowed. */
static void choose_box(const struct ssldyn_augmentation *a, const struct ssldyn_image_size *size,
                       const double u[], struct ssldyn_view *view)
{
    double height = (double)size->height;
    double width = (double)size->width;
    double bound = fmax(a->ratio, 1.0);
    double log_ratio = log(bound);

    for (size_t i = 0; i < CROP_TRIES; i++) {
        double share = a->scale_minimum + (1.0 - a->scale_minimum) * u[DRAW_CROP + 2 * i];
        double area = height * width * share;
        double ratio = exp(log_ratio * (2.0 * u[DRAW_CROP + 2 * i + 1] - 1.0));
        double w = rint(sqrt(area * ratio));
        double h = rint(sqrt(area / ratio));
        if (w < 1.0 || h < 1.0 || w > width || h > height)
            continue;
        set_box(view, pick(u[DRAW_CROP_ROW], size->height - (size_t)h + 1),
                pick(u[DRAW_CROP_COLUMN], size->width - (size_t)w + 1), h, w);
        return;
    }
    double h = height;
    double w = width;
    if (width < height / bound)
        h = fmin(rint(width * bound), height);
    else if (width > height * bound)
        w = fmin(rint(height * bound), width);
    set_box(view, (size->height - (size_t)h) / 2, (size->width - (size_t)w) / 2, h, w);
}

void ssldyn_augment_view_draw(const struct ssldyn_augmentation *augmentation,
                              const struct ssldyn_image_size *size, const double uniforms[],
                              struct ssldyn_view *view)
{
    const struct ssldyn_augmentation *a = augmentation;
    const double *u = uniforms;

    *view = (struct ssldyn_view){.order = {-1, -1, -1, -1}, .gain = 1.0};
    set_box(view, 0, 0, (double)size->height, (double)size->width);
    if (a->scale_minimum > 0.0)
        choose_box(a, size, u, view);
    view->shift_row = (int32_t)pick(u[DRAW_SHIFT_ROW], 2 * a->pad + 1);
    view->shift_column = (int32_t)pick(u[DRAW_SHIFT_COLUMN], 2 * a->pad + 1);
    view->flip = u[DRAW_FLIP] < a->flip;
    if (u[DRAW_JITTER] < a->jitter)
        ssldyn_augment_colour_draw(a, u + DRAW_JITTER + 1, view);
    view->grey = u[DRAW_GREY] < a->grey;
    if (u[DRAW_BLUR] < a->blur)
        view->blur = a->blur_minimum + (a->blur_maximum - a->blur_minimum) * u[DRAW_BLUR_WIDTH];
    view->gain = 1.0 + a->gain * (2.0 * u[DRAW_GAIN] - 1.0);
    view->offset = a->offset * (2.0 * u[DRAW_OFFSET] - 1.0);
}

/* Bilinear enlargement of a box to the whole image: pixel centres at half-integers, the edge
 * repeated. places and weights: room for two numbers a column. */
static void resize_box(const struct ssldyn_view *view, const struct ssldyn_image_size *size,
                       const float image[], float weights[], float out[])
{
    size_t height = size->height;
    size_t width = size->width;
    size_t box_height = (size_t)view->height;
    size_t box_width = (size_t)view->width;
    double step_x = (double)box_width / (double)width;
    double step_y = (double)box_height / (double)height;
    float *left = weights; /* column to the left, as a number: exact below 2^24 */
    float *right_share = weights + width;

    for (size_t x = 0; x < width; x++) {
        double at = fmin(fmax(((double)x + 0.5) * step_x - 0.5, 0.0), (double)box_width - 1.0);
        double whole = fmin(floor(at), fmax((double)box_width - 2.0, 0.0));
        left[x] = (float)whole;
        right_share[x] = (float)(at - whole);
    }
    for (size_t c = 0; c < size->channels; c++) {
        const float *plane =
            image + c * height * width + (size_t)view->row * width + (size_t)view->column;
        for (size_t y = 0; y < height; y++) {
            double at = fmin(fmax(((double)y + 0.5) * step_y - 0.5, 0.0), (double)box_height - 1.0);
            double whole = fmin(floor(at), fmax((double)box_height - 2.0, 0.0));
            float below = (float)(at - whole);
            const float *upper = plane + (size_t)whole * width;
            const float *lower = box_height > 1 ? upper + width : upper;
            float *line = out + (c * height + y) * width;
            for (size_t x = 0; x < width; x++) {
                size_t l = (size_t)left[x];
                size_t r = box_width > 1 ? l + 1 : l;
                float top = upper[l] + right_share[x] * (upper[r] - upper[l]);
                float bottom = lower[l] + right_share[x] * (lower[r] - lower[l]);
                line[x] = top + below * (bottom - top);
            }
        }
    }
}

/* The image moved within a frame of pad pixels around it, which is filled channel by channel. */
static void shift(const struct ssldyn_augmentation *a, const struct ssldyn_view *view,
                  const struct ssldyn_image_size *size, const float image[], float out[])
{
    size_t height = size->height;
    size_t width = size->width;
    size_t down = (size_t)view->shift_row; /* row of the frame that comes first */
    size_t right = (size_t)view->shift_column;
    /* of a row: fill, then the image from some column on, then fill */
    size_t before = a->pad > right ? a->pad - right : 0;
    size_t from = right > a->pad ? right - a->pad : 0;
    size_t kept = width - before - from;

    for (size_t c = 0; c < size->channels; c++) {
        float fill = a->standardise ? (float)a->mean[c] : 0.0F;
        for (size_t y = 0; y < height; y++) {
            float *line = out + (c * height + y) * width;
            size_t row = y + down; /* in the frame; the image begins at row pad */
            bool inside = row >= a->pad && row < height + a->pad;
            size_t begin = inside ? before : width;
            size_t end = inside ? before + kept : width;
            for (size_t x = 0; x < begin; x++)
                line[x] = fill;
            if (inside)
                memcpy(line + begin, image + (c * height + row - a->pad) * width + from,
                       kept * sizeof *line);
            for (size_t x = end; x < width; x++)
                line[x] = fill;
        }
    }
}

static void mirror(const struct ssldyn_image_size *size, float view[])
{
    for (size_t line = 0; line < size->channels * size->height; line++) {
        float *row = view + line * size->width;
        for (size_t l = 0, r = size->width; l + 1 < r--; l++) {
            float kept = row[l];
            row[l] = row[r];
            row[r] = kept;
        }
    }
}

/* Index reflected at both edges of 0 ... count - 1 (the edge itself not repeated). */
static size_t reflect(ptrdiff_t index, size_t count)
{
    ptrdiff_t last = (ptrdiff_t)count - 1;

    if (index < 0)
        index = -index;
    if (index > last)
        index = 2 * last - index;
    return (size_t)index;
}

/* Convolution of lines of count numbers, stride apart, with a kernel of 2 half + 1 taps. */
static void convolve(const float kernel[], ptrdiff_t half, size_t count, size_t stride,
                     const float in[], float out[])
{
    for (size_t i = 0; i < count; i++) {
        float sum = 0.0F;
        for (ptrdiff_t k = -half; k <= half; k++)
            sum += kernel[k + half] * in[stride * reflect((ptrdiff_t)i + k, count)];
        out[stride * i] = sum;
    }
}

/* Gaussian blur, rows then columns; plane: room for one channel, kernel: for the taps. */
static void blur(size_t taps, double width, const struct ssldyn_image_size *size, float kernel[],
                 float plane[], float view[])
{
    ptrdiff_t half = (ptrdiff_t)(taps / 2);
    double sum = 0.0;

    for (ptrdiff_t k = -half; k <= half; k++)
        sum += exp(-0.5 * (double)(k * k) / (width * width));
    for (ptrdiff_t k = -half; k <= half; k++)
        kernel[k + half] = (float)(exp(-0.5 * (double)(k * k) / (width * width)) / sum);
    for (size_t c = 0; c < size->channels; c++) {
        float *channel = view + c * size->height * size->width;
        for (size_t y = 0; y < size->height; y++)
            convolve(kernel, half, size->width, 1, channel + y * size->width,
                     plane + y * size->width);
        for (size_t x = 0; x < size->width; x++)
            convolve(kernel, half, size->height, size->width, plane + x, channel + x);
    }
}

/* Standardisation, gain, offset and noise in one pass. */
SSLDYN_SIMD_CLONES
static void finish(const struct ssldyn_augmentation *a, const struct ssldyn_view *view,
                   const struct ssldyn_image_size *size, const float normals[], float out[])
{
    size_t pixels = size->height * size->width;

    for (size_t c = 0; c < size->channels; c++) {
        double slope = a->standardise ? view->gain / a->deviation[c] : view->gain;
        double level = a->standardise ? view->offset - slope * a->mean[c] : view->offset;
        float *channel = out + c * pixels;
        for (size_t i = 0; i < pixels; i++)
            channel[i] = (float)(slope * (double)channel[i] + level);
    }
    if (a->noise > 0.0)
        for (size_t i = 0; i < size->channels * pixels; i++)
            out[i] += (float)a->noise * normals[i];
}

void ssldyn_augment_view_show(const struct ssldyn_augmentation *augmentation,
                              const struct ssldyn_view *view, const struct ssldyn_image_size *size,
                              const float image[], const float normals[], float workspace[],
                              float out[])
{
    const struct ssldyn_augmentation *a = augmentation;
    size_t numbers = ssldyn_images_numbers(size);
    float *small = workspace + numbers; /* weights of a crop, taps of a blur */

    if (a->scale_minimum > 0.0) {
        float *cut = a->pad > 0 ? workspace : out;
        resize_box(view, size, image, small, cut);
        image = cut;
    }
    if (a->pad > 0)
        shift(a, view, size, image, out);
    else if (image != out)
        memcpy(out, image, numbers * sizeof *out);
    if (view->flip)
        mirror(size, out);
    ssldyn_augment_colour_jitter(view, a->clip, size, out);
    if (view->grey)
        ssldyn_augment_colour_remove(size, out);
    if (view->blur > 0.0)
        blur(a->blur_kernel, view->blur, size, small, workspace, out);
    if (a->standardise || a->gain > 0.0 || a->offset > 0.0 || a->noise > 0.0)
        finish(a, view, size, normals, out);
}
