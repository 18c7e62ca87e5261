/* Colour jitter of one image, and the loss of colour. For augment.c. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_AUGMENT_COLOUR_H
#define SSLDYN_SIM_MOMENTS_AUGMENT_COLOUR_H

#include "sim/moments/augment.h"

/* Draws factors and order; uniforms: order, then brightness, contrast, saturation, hue. */
void ssldyn_augment_colour_draw(const struct ssldyn_augmentation *augmentation,
                                const double uniforms[], struct ssldyn_view *view);

/* Brightness, contrast, saturation and hue in the view's order; clip keeps pixels within [0, 1].
 * Saturation and hue leave images that have not three channels alone. */
void ssldyn_augment_colour_jitter(const struct ssldyn_view *view, bool clip,
                                  const struct ssldyn_image_size *size, float pixels[]);

/* Every channel becomes the luminance. */
void ssldyn_augment_colour_remove(const struct ssldyn_image_size *size, float view[]);

#endif
