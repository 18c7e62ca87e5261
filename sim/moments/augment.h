/* Augmentations: one random view of an image, in two halves. Drawing turns the settings and a fixed
 * number of uniforms, each with a place of its own, into what is done to this image (switching one
 * augmentation off leaves all other draws as they were); showing does it. Follows the
 * transformations of torchvision that the paper's program uses, in the same order: crop, flip,
 * colour jitter, grey, blur. */
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
    /* random resized crop: a part of the image, of area scale_minimum ... 1 of it and with a ratio
     * of its sides 1/ratio ... ratio, enlarged (bilinear) to the whole; off at scale_minimum 0 */
    double scale_minimum;
    double ratio; /* >= 1; 0 counts as 1 */
    size_t pad;   /* random shift by up to pad pixels each way, the edge filled with the mean */
    double flip;  /* probability of a horizontal mirror */

    /* colour jitter, with probability jitter: factors from 1 - x ... 1 + x (not below 0), in random
     * order; hue is turned by at most hue full turns, <= 1/2 */
    double jitter;
    double brightness, contrast, saturation, hue;
    double grey; /* probability of losing colour */

    /* Gaussian blur with probability blur, standard deviation uniform, in pixels */
    double blur;
    double blur_minimum, blur_maximum;
    size_t blur_kernel; /* taps, odd */

    /* (pixel - mean)/deviation, channel by channel, after all of the above */
    bool standardise;
    double mean[SSLDYN_AUGMENT_CHANNELS]; /* also what pad fills with; 0 unless standardise */
    double deviation[SSLDYN_AUGMENT_CHANNELS];

    /* jitter of what is then there, linear and never clipped: multiplied by 1 - gain ... 1 + gain,
     * shifted by -offset ... offset */
    double gain, offset;
    double noise; /* standard deviation of Gaussian noise added to every number at last */

    bool clip; /* color jitter keeps pixels within [0, 1]: numbers that have this range */
};

/* What is done to one image: an augmentation with its dice thrown. Plain numbers of fixed width, so
 * that a program may hand an array of them to another processor. */
struct ssldyn_view {
    int32_t row, column, height, width; /* box that is enlarged to the whole */
    int32_t shift_row, shift_column;    /* of the frame that pad lays around; pad: not shifted */
    int32_t flip, grey;                 /* 0 or 1 */
    int32_t order[4]; /* brightness 0, contrast 1, saturation 2, hue 3 as they come; -1: nothing */
    float brightness, contrast, saturation; /* factors */
    float hue;                              /* turns */
    double blur;                            /* standard deviation in pixels; 0: none */
    double gain, offset;
};

/* Uniforms a view takes, and floats of workspace. */
enum { SSLDYN_AUGMENT_UNIFORMS = 48 };
size_t ssldyn_augment_workspace(const struct ssldyn_image_size *size);

/* The settings known by name: none, weak (shift by 4, mirror, gain and offset of 0.4 on
 * standardised pixels), cifar and stl (those of the paper's program for the two data sets). NULL
 * when there is no such name. */
const struct ssldyn_augmentation *ssldyn_augment_named(const char *name);

/* EDOMAIN, naming the option, when the settings make no sense for images of that shape. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_augment_check(const struct ssldyn_augmentation *augmentation,
                     const struct ssldyn_image_size *size, struct ssldyn_error *err);

/* Throws the dice: uniforms holds SSLDYN_AUGMENT_UNIFORMS numbers in (0, 1). */
void ssldyn_augment_view_draw(const struct ssldyn_augmentation *augmentation,
                              const struct ssldyn_image_size *size, const double uniforms[],
                              struct ssldyn_view *view);

/* Does to an image what a view says.
 *   image     channels x height x width, read only
 *   normals   as many standard normals as the image has numbers; not read where noise is 0
 *   workspace ssldyn_augment_workspace floats
 *   out       written, the image's shape; must not alias image */
void ssldyn_augment_view_show(const struct ssldyn_augmentation *augmentation,
                              const struct ssldyn_view *view, const struct ssldyn_image_size *size,
                              const float image[], const float normals[], float workspace[],
                              float out[]);

#endif
