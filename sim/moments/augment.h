/* Augmentations: one random view of an image, in two steps. ssldyn_augment_view_draw turns the
 * settings and a fixed number of uniforms, each with a fixed purpose, into the parameters of one
 * view, so that switching one augmentation off leaves all other draws unchanged;
 * ssldyn_augment_view_show applies them. Follows the torchvision transformations that the
 * paper's code uses, in the same order: crop, flip, color jitter, grayscale, blur. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_AUGMENT_H
#define SSLDYN_SIM_MOMENTS_AUGMENT_H

#include "sim/base/error.h"
#include "sim/io/images.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SSLDYN_AUGMENT_CHANNELS = 4 };

/* All zero: the view is the image itself. */
struct ssldyn_augmentation {
    /* random resized crop: a part of the image whose area is a fraction scale_minimum ... 1 and
     * whose aspect ratio is 1/ratio ... ratio, enlarged (bilinear) to the full size; off at
     * scale_minimum 0 */
    double scale_minimum;
    double ratio; /* >= 1; 0 counts as 1 */
    size_t pad;   /* random shift by up to pad pixels in each direction, the border filled with
                   * the mean */
    double flip;  /* probability of a horizontal flip */

    /* color jitter, with probability jitter: factors in 1 - x ... 1 + x (not below 0), in random
     * order; hue is rotated by at most hue full turns, <= 1/2 */
    double jitter;
    double brightness, contrast, saturation, hue;
    double gray; /* probability of conversion to grayscale */

    /* Gaussian blur with probability blur, standard deviation uniform, in pixels */
    double blur;
    double blur_minimum, blur_maximum;
    size_t blur_kernel; /* taps, odd */

    /* (pixel - mean)/deviation, channel by channel, after all of the above */
    bool standardize;
    double mean[SSLDYN_AUGMENT_CHANNELS]; /* also fills the border of pad; 0 unless standardize */
    double deviation[SSLDYN_AUGMENT_CHANNELS];

    /* linear jitter of the result, not clipped: multiplied by 1 - gain ... 1 + gain, shifted by
     * -offset ... offset */
    double gain, offset;
    double noise; /* standard deviation of Gaussian noise, added last, independently per value */

    bool clip; /* color jitter clips pixels to [0, 1]: for images in that range */
};

/* The parameters of one view, after the random draws. Plain numbers of fixed width, so that a
 * program may pass an array of them to another processor. */
struct ssldyn_view {
    int32_t row, column, height, width; /* box that is enlarged to the full size */
    int32_t shift_row, shift_column;    /* offset in the frame that pad adds; pad: not shifted */
    int32_t flip, gray;                 /* 0 or 1 */
    int32_t order[4]; /* brightness 0, contrast 1, saturation 2, hue 3 in the order of
                       * application; -1: none */
    float brightness, contrast, saturation; /* factors */
    float hue;                              /* turns */
    double blur;                            /* standard deviation in pixels; 0: none */
    double gain, offset;
};

/* Uniforms a view takes, and floats of workspace. */
enum { SSLDYN_AUGMENT_UNIFORMS = 48 };
size_t ssldyn_augment_workspace(const struct ssldyn_image_size *size);

/* The named settings: none, weak (shift by 4, horizontal flip, gain and offset of 0.4 on
 * standardized pixels), cifar and stl (those of the paper's code for the two data sets). NULL if
 * the name is unknown. */
const struct ssldyn_augmentation *ssldyn_augment_named(const char *name);

/* EDOMAIN, naming the option, if the settings are invalid for images of that shape. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_augment_check(const struct ssldyn_augmentation *augmentation,
                     const struct ssldyn_image_size *size, struct ssldyn_error *err);

/* Draws a view: uniforms holds SSLDYN_AUGMENT_UNIFORMS numbers in (0, 1). */
void ssldyn_augment_view_draw(const struct ssldyn_augmentation *augmentation,
                              const struct ssldyn_image_size *size, const double uniforms[],
                              struct ssldyn_view *view);

/* Applies a view to an image.
 *   image     channels x height x width, read only
 *   normals   as many standard normals as the image has numbers; not read if noise is 0
 *   workspace ssldyn_augment_workspace floats
 *   out       written, the image's shape; must not alias image */
void ssldyn_augment_view_show(const struct ssldyn_augmentation *augmentation,
                              const struct ssldyn_view *view, const struct ssldyn_image_size *size,
                              const float image[], const float normals[], float workspace[],
                              float out[]);

#endif
