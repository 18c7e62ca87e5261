/* The augmented view of an image in a step. Views are drawn by counter: a view depends only on the
 * seed, the epoch, the image and the number of the view. libssldyn draws the parameters and applies
 * them. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_AUGMENT_H
#define EXPERIMENTS_GPU_AUGMENT_H

#include "sim/internal.h"

#include <stddef.h>
#include <stdint.h>

struct augment_recipe {
    struct ssldyn_augmentation augmentation; /* without noise; clip, mean and deviation are set */
    uint64_t seed;
};

/* The recipe of a run: the settings, with the means and deviations of the channels if it
 * standardizes (NULL: it does not). Pixels are bytes divided by 255 and stay in [0, 1] until
 * then. */
void augment_init(struct augment_recipe *recipe, const struct ssldyn_augmentation *augmentation,
                  const double mean[], const double deviation[], uint64_t seed);

/* Draws the parameters of view 0 or 1 of image `number` in an epoch: variates 48 (2 number + view)
 * ... of the uniform stream (seed, run = epoch, SSLDYN_PURPOSE_AUGMENT). */
void augment_draw(const struct augment_recipe *recipe, const struct ssldyn_image_size *size,
                  int64_t epoch, int64_t number, int view, struct ssldyn_view *drawn);

/* Computes the view; view < 0 only scales and standardizes the image.
 *   image      channels x height x width bytes
 *   workspace  augment_workspace floats
 *   out        channels x height x width */
void augment_show(const struct augment_recipe *recipe, const struct ssldyn_image_size *size,
                  const uint8_t image[], int64_t epoch, int64_t number, int view, float workspace[],
                  float out[]);
size_t augment_workspace(const struct ssldyn_image_size *size);

#endif
