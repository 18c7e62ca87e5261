/* Colour jitter of one image, and the loss of colour. For augment.c. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_AUGMENT_COLOUR_H
#define SSLDYN_SIM_MOMENTS_AUGMENT_COLOUR_H

#include "sim/moments/augment.h"

/* Brightness, contrast, saturation and hue in random order. uniforms: order, then one each, as
 * ssldyn_augmentation lists them. Saturation and hue leave images that have not three channels
 * alone. */
void ssldyn_colour_jitter(const struct ssldyn_augmentation *augmentation,
                          const struct ssldyn_image_size *size, const double uniforms[],
                          float view[]);

/* Every channel becomes the luminance. */
void ssldyn_colour_remove(const struct ssldyn_image_size *size, float view[]);

#endif
