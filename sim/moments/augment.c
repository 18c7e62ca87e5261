/* One random view of an image: crop, shift, mirror, color, blur and the linear part. Color
 * jitter follows the definition of torchvision's ColorJitter: blends with black, with the mean
 * luminance and with the image's own luminance, and a rotation of the hue. */
// SPDX-License-Identifier: MIT
#include "sim/moments/augment.h"

#include "sim/base/simd.h"

#define VIEW_FUNCTION static inline
#include "sim/moments/augment_view.inc"

size_t ssldyn_augment_workspace(const struct ssldyn_image_size *size)
{
    return ssldyn_images_numbers(size) + 2 * (size->width + size->height) + 256;
}

void ssldyn_augment_view_draw(const struct ssldyn_augmentation *augmentation,
                              const struct ssldyn_image_size *size, const double uniforms[],
                              struct ssldyn_view *view)
{
    draw(augmentation, (int)size->height, (int)size->width, uniforms, view);
}

/* Enlarges the box to the whole image; weights: workspace of two numbers per column. */
static void resize_box(const struct ssldyn_view *view, const struct ssldyn_image_size *size,
                       const float image[], float weights[], float out[])
{
    size_t height = size->height;
    size_t width = size->width;
    float *left = weights; /* column to the left, as a number: exact below 2^24 */
    float *right_share = weights + width;

    for (size_t x = 0; x < width; x++)
        left[x] = (float)neighbor((int)x, (int)width, view->width, &right_share[x]);
    for (size_t c = 0; c < size->channels; c++) {
        const float *plane =
            image + c * height * width + (size_t)view->row * width + (size_t)view->column;
        for (size_t y = 0; y < height; y++) {
            float below;
            int row = neighbor((int)y, (int)height, view->height, &below);
            const float *upper = plane + (size_t)row * width;
            const float *lower = view->height > 1 ? upper + width : upper;
            float *line = out + (c * height + y) * width;
            for (size_t x = 0; x < width; x++) {
                size_t l = (size_t)left[x];
                size_t r = view->width > 1 ? l + 1 : l;
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
    size_t down = (size_t)view->shift_row; /* first visible row of the frame */
    size_t right = (size_t)view->shift_column;
    /* of a row: fill, then part of the image, then fill */
    size_t before = a->pad > right ? a->pad - right : 0;
    size_t from = right > a->pad ? right - a->pad : 0;
    size_t kept = width - before - from;

    for (size_t c = 0; c < size->channels; c++) {
        float fill = a->standardize ? (float)a->mean[c] : 0.0F;
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

static float mean_luminance(const struct ssldyn_image_size *size, const float view[])
{
    size_t pixels = size->height * size->width;
    double sum = 0.0;

    for (size_t i = 0; i < pixels; i++)
        sum += (double)luminance(size->channels == 3, pixels, view + i);
    return (float)(sum / (double)pixels);
}

/* factor * view + (1 - factor) * level */
static void blend_with_level(const struct ssldyn_image_size *size, bool clip, float factor,
                             float level, float view[])
{
    size_t numbers = ssldyn_images_numbers(size);

    for (size_t i = 0; i < numbers; i++)
        view[i] = clipped(clip, level + factor * (view[i] - level));
}

static void saturate(size_t pixels, bool clip, float factor, float view[])
{
    for (size_t i = 0; i < pixels; i++) {
        float gray = luminance(true, pixels, view + i);
        for (size_t c = 0; c < 3; c++) {
            float *entry = view + c * pixels + i;
            *entry = clipped(clip, gray + factor * (*entry - gray));
        }
    }
}

/* Brightness, contrast, saturation and hue in the view's order. Saturation and hue apply only to
 * images with three channels. */
static void recolor(const struct ssldyn_view *view, bool clip, const struct ssldyn_image_size *size,
                    float out[])
{
    size_t pixels = size->height * size->width;
    bool colored = size->channels == 3;

    for (int i = 0; i < 4; i++) {
        if (view->order[i] == 0)
            blend_with_level(size, clip, view->brightness, 0.0F, out);
        if (view->order[i] == 1)
            blend_with_level(size, clip, view->contrast, mean_luminance(size, out), out);
        if (view->order[i] == 2 && colored)
            saturate(pixels, clip, view->saturation, out);
        for (size_t k = 0; view->order[i] == 3 && colored && k < pixels; k++)
            turn_hue(view->hue, out + k, out + pixels + k, out + 2 * pixels + k);
    }
}

/* Every channel becomes the luminance. */
static void remove_color(const struct ssldyn_image_size *size, float out[])
{
    size_t pixels = size->height * size->width;

    for (size_t i = 0; size->channels == 3 && i < pixels; i++) {
        float gray = luminance(true, pixels, out + i);
        for (size_t c = 0; c < 3; c++)
            out[c * pixels + i] = gray;
    }
}

/* Convolution of lines of count numbers, stride apart, with a kernel of 2 half + 1 taps. */
static void convolve(const float kernel[], int half, int count, size_t stride, const float in[],
                     float out[])
{
    for (int i = 0; i < count; i++) {
        float sum = 0.0F;
        for (int k = -half; k <= half; k++)
            sum += kernel[k + half] * in[stride * (size_t)reflect(i + k, count)];
        out[stride * (size_t)i] = sum;
    }
}

/* Gaussian blur, rows then columns; plane: workspace for one channel, kernel: for the taps. */
static void blur(size_t taps, double width, const struct ssldyn_image_size *size, float kernel[],
                 float plane[], float view[])
{
    int half = (int)(taps / 2);

    fill_taps(half, width, kernel);
    for (size_t c = 0; c < size->channels; c++) {
        float *channel = view + c * size->height * size->width;
        for (size_t y = 0; y < size->height; y++)
            convolve(kernel, half, (int)size->width, 1, channel + y * size->width,
                     plane + y * size->width);
        for (size_t x = 0; x < size->width; x++)
            convolve(kernel, half, (int)size->height, size->width, plane + x, channel + x);
    }
}

/* Standardization, gain, offset and noise in one pass. */
SSLDYN_SIMD_CLONES
static void finish(const struct ssldyn_augmentation *a, const struct ssldyn_view *view,
                   const struct ssldyn_image_size *size, const float normals[], float out[])
{
    size_t pixels = size->height * size->width;

    for (size_t c = 0; c < size->channels; c++) {
        double level;
        double slope = slope_of(a, view, (int)c, &level);
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
    recolor(view, a->clip, size, out);
    if (view->gray)
        remove_color(size, out);
    if (view->blur > 0.0)
        blur(a->blur_kernel, view->blur, size, small, workspace, out);
    if (a->standardize || a->gain > 0.0 || a->offset > 0.0 || a->noise > 0.0)
        finish(a, view, size, normals, out);
}
