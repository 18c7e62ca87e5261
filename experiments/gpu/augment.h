/* Which view of an image a step sees: drawn by counters, so that it depends on the seed, the epoch,
 * the image and the view's number alone. What is drawn and how it is shown is libssldyn's. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_AUGMENT_H
#define EXPERIMENTS_GPU_AUGMENT_H

#include "sim/internal.h"

#include <stddef.h>
#include <stdint.h>

struct augment_recipe {
    struct ssldyn_augmentation augmentation; /* without noise; clip, mean and deviation set */
    uint64_t seed;
};

/* The recipe of a run: the settings, with the channels' means and deviations where it standardises
 * (NULL: it does not). Pixels are bytes over 255, and stay in [0, 1] until then. */
void augment_init(struct augment_recipe *recipe, const struct ssldyn_augmentation *augmentation,
                  const double mean[], const double deviation[], uint64_t seed);

/* Throws the dice for view 0 or 1 of image `number` in an epoch: variates 48 (2 number + view) ...
 * of the uniform stream (seed, run = epoch, SSLDYN_PURPOSE_AUGMENT). */
void augment_draw(const struct augment_recipe *recipe, const struct ssldyn_image_size *size,
                  int64_t epoch, int64_t number, int view, struct ssldyn_view *drawn);

/* The view itself; below 0 the image as it is, only scaled and standardised.
 *   image      channels x height x width bytes
 *   workspace  augment_workspace floats
 *   out        channels x height x width */
void augment_show(const struct augment_recipe *recipe, const struct ssldyn_image_size *size,
                  const uint8_t image[], int64_t epoch, int64_t number, int view, float workspace[],
                  float out[]);
size_t augment_workspace(const struct ssldyn_image_size *size);

#endif
