/* Colour jitter as torchvision's ColorJitter defines it: blends with black, with the mean luminance
 * and with the image's own luminance, and a turn of the hue circle. */
// SPDX-License-Identifier: MIT
#include "sim/moments/augment_colour.h"

#include <math.h>

/* Luminance of Rec. 601, the weights of PIL and torchvision. */
static const float luminance_weight[3] = {0.299F, 0.587F, 0.114F};

static float clipped(bool clip, float value)
{
    if (!clip)
        return value;
    return value < 0.0F ? 0.0F : value > 1.0F ? 1.0F : value;
}

/* Luminance of pixel i; the first channel where there is no colour. */
static float luminance(const struct ssldyn_image_size *size, const float view[], size_t i)
{
    size_t pixels = size->height * size->width;

    if (size->channels != 3)
        return view[i];
    return luminance_weight[0] * view[i] + luminance_weight[1] * view[pixels + i] +
           luminance_weight[2] * view[2 * pixels + i];
}

/* Uniform on 1 - strength ... 1 + strength, not below 0. */
static float factor_from(double strength, double uniform)
{
    double low = fmax(1.0 - strength, 0.0);

    return (float)(low + (1.0 + strength - low) * uniform);
}

/* factor * view + (1 - factor) * level */
static void blend_with_level(const struct ssldyn_image_size *size, bool clip, float factor,
                             float level, float view[])
{
    size_t numbers = ssldyn_images_numbers(size);

    for (size_t i = 0; i < numbers; i++)
        view[i] = clipped(clip, level + factor * (view[i] - level));
}

static float mean_luminance(const struct ssldyn_image_size *size, const float view[])
{
    size_t pixels = size->height * size->width;
    double sum = 0.0;

    for (size_t i = 0; i < pixels; i++)
        sum += (double)luminance(size, view, i);
    return (float)(sum / (double)pixels);
}

static void saturate(const struct ssldyn_image_size *size, bool clip, float factor, float view[])
{
    size_t pixels = size->height * size->width;

    for (size_t i = 0; i < pixels; i++) {
        float grey = luminance(size, view, i);
        for (size_t c = 0; c < 3; c++) {
            float *entry = view + c * pixels + i;
            *entry = clipped(clip, grey + factor * (*entry - grey));
        }
    }
}

/* Turns the hue of one pixel; value and saturation stay. Through the hexagonal hue of HSV, written
 * without cases: channel k is value - chroma * clamp(|hexagon place - middle| - 1). */
static void turn_hue(float turn, float *red, float *green, float *blue)
{
    float value = fmaxf(*red, fmaxf(*green, *blue));
    float chroma = value - fminf(*red, fminf(*green, *blue));
    float hue = 0.0F; /* in sixths of a turn */

    if (chroma <= 0.0F)
        return;
    if (value == *red)
        hue = (*green - *blue) / chroma;
    else if (value == *green)
        hue = 2.0F + (*blue - *red) / chroma;
    else
        hue = 4.0F + (*red - *green) / chroma;
    hue += 6.0F * turn;
    float *const channels[3] = {red, green, blue};
    const float places[3] = {5.0F, 3.0F, 1.0F};
    for (size_t c = 0; c < 3; c++) {
        float place = places[c] + hue;
        place -= 6.0F * floorf(place / 6.0F);
        float share = fminf(place, 4.0F - place);
        share = share < 0.0F ? 0.0F : share > 1.0F ? 1.0F : share;
        *channels[c] = value - chroma * share;
    }
}

static void shift_hue(const struct ssldyn_image_size *size, float turn, float view[])
{
    size_t pixels = size->height * size->width;

    for (size_t i = 0; i < pixels; i++)
        turn_hue(turn, view + i, view + pixels + i, view + 2 * pixels + i);
}

/* The permutation of four things that a uniform names. */
static void permute(double uniform, int order[4])
{
    static const int steps[4] = {6, 2, 1, 1};
    int index = (int)(uniform * 24.0);
    int left[4] = {0, 1, 2, 3};

    for (int i = 0; i < 4; i++) {
        int chosen = index / steps[i] % (4 - i);
        index %= steps[i];
        order[i] = left[chosen];
        for (int k = chosen; k + 1 < 4 - i; k++)
            left[k] = left[k + 1];
    }
}

void ssldyn_augment_colour_draw(const struct ssldyn_augmentation *augmentation,
                                const double uniforms[], struct ssldyn_view *view)
{
    const struct ssldyn_augmentation *a = augmentation;
    const double strengths[4] = {a->brightness, a->contrast, a->saturation, a->hue};
    int order[4];

    permute(uniforms[0], order);
    for (int i = 0; i < 4; i++)
        view->order[i] = strengths[order[i]] > 0.0 ? order[i] : -1;
    view->brightness = factor_from(a->brightness, uniforms[1]);
    view->contrast = factor_from(a->contrast, uniforms[2]);
    view->saturation = factor_from(a->saturation, uniforms[3]);
    view->hue = (float)(a->hue * (2.0 * uniforms[4] - 1.0));
}

void ssldyn_augment_colour_jitter(const struct ssldyn_view *view, bool clip,
                                  const struct ssldyn_image_size *size, float pixels[])
{
    bool coloured = size->channels == 3;

    for (int i = 0; i < 4; i++) {
        if (view->order[i] == 0)
            blend_with_level(size, clip, view->brightness, 0.0F, pixels);
        if (view->order[i] == 1)
            blend_with_level(size, clip, view->contrast, mean_luminance(size, pixels), pixels);
        if (view->order[i] == 2 && coloured)
            saturate(size, clip, view->saturation, pixels);
        if (view->order[i] == 3 && coloured)
            shift_hue(size, view->hue, pixels);
    }
}

void ssldyn_augment_colour_remove(const struct ssldyn_image_size *size, float view[])
{
    size_t pixels = size->height * size->width;

    if (size->channels != 3)
        return;
    for (size_t i = 0; i < pixels; i++) {
        float grey = luminance(size, view, i);
        for (size_t c = 0; c < 3; c++)
            view[c * pixels + i] = grey;
    }
}
