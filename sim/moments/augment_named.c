/* The named augmentations, and the checks of any augmentation. */
// SPDX-License-Identifier: MIT
#include "sim/moments/augment.h"

#include <math.h>
#include <string.h>

/* Those of the paper's code for STL-10; unused while blur has probability 0. */
#define BLUR_SETTINGS .blur_minimum = 0.1, .blur_maximum = 2.0, .blur_kernel = 9

static const struct {
    const char *name;
    struct ssldyn_augmentation settings;
} named[] = {
    {"none", {.jitter = 1.0, .ratio = 4.0 / 3.0, BLUR_SETTINGS}},
    {"weak",
     {.pad = 4,
      .flip = 0.5,
      .standardize = true,
      .gain = 0.4,
      .offset = 0.4,
      .jitter = 1.0,
      .ratio = 4.0 / 3.0,
      BLUR_SETTINGS}},
    {"cifar",
     {.scale_minimum = 0.08,
      .ratio = 4.0 / 3.0,
      .flip = 0.5,
      .jitter = 0.8,
      .brightness = 0.4,
      .contrast = 0.4,
      .saturation = 0.4,
      .hue = 0.1,
      .gray = 0.2,
      .standardize = true,
      BLUR_SETTINGS}},
    {"stl",
     {.scale_minimum = 0.08,
      .ratio = 4.0 / 3.0,
      .flip = 0.5,
      .jitter = 0.8,
      .brightness = 0.8,
      .contrast = 0.8,
      .saturation = 0.8,
      .hue = 0.2,
      .gray = 0.2,
      .blur = 1.0,
      BLUR_SETTINGS}},
};

const struct ssldyn_augmentation *ssldyn_augment_named(const char *name)
{
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (strcmp(named[i].name, name) == 0)
            return &named[i].settings;
    return NULL;
}

static enum ssldyn_status check_range(const char *option, double value, double low, double high,
                                      struct ssldyn_error *err)
{
    if (value >= low && value <= high)
        return SSLDYN_OK;
    return ssldyn_fail(err, SSLDYN_EDOMAIN, "--%s %g: must be from %g to %g", option, value, low,
                       high);
}

static enum ssldyn_status check_blur(const struct ssldyn_augmentation *a,
                                     const struct ssldyn_image_size *size, struct ssldyn_error *err)
{
    size_t smaller = size->height < size->width ? size->height : size->width;

    if (a->blur <= 0.0)
        return SSLDYN_OK;
    if (!(a->blur_minimum > 0.0) || !(a->blur_maximum >= a->blur_minimum) ||
        !isfinite(a->blur_maximum))
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--blur-min %g --blur-max %g: must be positive and in this order",
                           a->blur_minimum, a->blur_maximum);
    if (a->blur_kernel % 2 == 0)
        return ssldyn_fail(err, SSLDYN_EDOMAIN, "--blur-kernel %zu: must be odd", a->blur_kernel);
    /* an index reflected once at an edge must lie inside */
    if (a->blur_kernel / 2 >= smaller)
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--blur-kernel %zu: must be below twice the image's %zu pixels",
                           a->blur_kernel, smaller);
    return SSLDYN_OK;
}

/* Whether it requires pixels that have neighbors or colors. */
static bool needs_pixels(const struct ssldyn_augmentation *a)
{
    const bool recolors = a->jitter > 0.0 && (a->brightness > 0.0 || a->contrast > 0.0 ||
                                              a->saturation > 0.0 || a->hue > 0.0);
    return a->scale_minimum > 0.0 || a->pad > 0 || a->flip > 0.0 || recolors || a->gray > 0.0 ||
           a->blur > 0.0;
}

enum ssldyn_status ssldyn_augment_check(const struct ssldyn_augmentation *augmentation,
                                        const struct ssldyn_image_size *size,
                                        struct ssldyn_error *err)
{
    const struct ssldyn_augmentation *a = augmentation;
    const struct {
        const char *option;
        double value, low, high;
    } ranges[] = {
        {"crop-scale", a->scale_minimum, 0.0, 1.0},
        {"crop-ratio", fmax(a->ratio, 1.0), 1.0, 100.0},
        {"flip", a->flip, 0.0, 1.0},
        {"jitter", a->jitter, 0.0, 1.0},
        {"brightness", a->brightness, 0.0, 1e6},
        {"contrast", a->contrast, 0.0, 1e6},
        {"saturation", a->saturation, 0.0, 1e6},
        {"hue", a->hue, 0.0, 0.5},
        {"gray", a->gray, 0.0, 1.0},
        {"blur", a->blur, 0.0, 1.0},
        {"gain", a->gain, 0.0, 1e6},
        {"offset", a->offset, 0.0, 1e6},
        {"noise", a->noise, 0.0, 1e6},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        enum ssldyn_status status =
            check_range(ranges[i].option, ranges[i].value, ranges[i].low, ranges[i].high, err);
        if (status != SSLDYN_OK)
            return status;
    }
    if (size->height * size->width == 1 && needs_pixels(a))
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "vectors of %zu numbers cannot be cropped, flipped, recolored or "
                           "blurred as --augmentation cifar, weak and stl do; give --augmentation "
                           "none with --noise, --gain or --offset",
                           size->channels);
    if (a->pad > size->height || a->pad > size->width)
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--crop-pad %zu: is more than the image's %zu x %zu "
                           "pixels",
                           a->pad, size->height, size->width);
    if (a->standardize && size->channels > SSLDYN_AUGMENT_CHANNELS)
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--standardize: takes at most %d channels, but the data have %zu",
                           SSLDYN_AUGMENT_CHANNELS, size->channels);
    return check_blur(a, size, err);
}
