/* Images on the device: all of them, or, if they do not fit, those of the coming steps; in an order
 * that is drawn for each epoch. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_FEED_H
#define EXPERIMENTS_GPU_FEED_H

#include "experiments/gpu/augment.h"
#include "experiments/gpu/data.h"
#include "experiments/gpu/ops.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed {
    const struct ops *ops;
    struct ops_context *context;
    struct dataset *data; /* borrowed */
    const struct augment_recipe *recipe;
    struct ops_source source;
    void *images, *indices; /* device: memory of source.images and source.order */
    int batch;
    int64_t steps;         /* steps of an epoch */
    int64_t chunk;         /* steps whose images are on the device at the same time; 0: all images
                          * are */
    int32_t *order;        /* host: the images in the order of the epoch */
    unsigned char *buffer; /* host: images to be uploaded */
};

/* batch: images per step; drop_last: drop the last step if it has fewer. resident: bytes of images
 * that may stay on the device, 0 for no limit; if that or the memory of the device is too small
 * they are streamed. recipe is borrowed. */
SSLDYN_MUST_CHECK enum ssldyn_status feed_open(const struct ops *ops, struct ops_context *context,
                                               struct dataset *data,
                                               const struct augment_recipe *recipe, int batch,
                                               bool drop_last, size_t resident, struct feed *feed,
                                               struct ssldyn_error *err);
/* Frees the host memory. */
void feed_close(struct feed *feed);

/* A permutation of 0 ... count - 1, drawn by (seed, run); uniforms: a workspace of count doubles. */
void feed_permutation(uint64_t seed, uint32_t run, size_t count, double uniforms[],
                      int32_t order[]);

/* The order of an epoch, a permutation drawn by (seed, epoch); shuffle false: the order of the
 * file. Call feed_step before each step. */
SSLDYN_MUST_CHECK enum ssldyn_status feed_epoch(struct feed *feed, uint64_t seed, int64_t epoch,
                                                bool shuffle, struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status feed_step(struct feed *feed, int64_t step,
                                               struct ssldyn_error *err);
/* Makes the images of a step available. */
int feed_size(const struct feed *feed, int64_t step);

/* Both views of the images of a step; the first n rows of input are view 1: a byol_fill. */
void feed_fill(void *feed, const struct ops_clock *clock, int n, struct ops_tensor input);
/* The images without augmentation. */
void feed_fill_plain(struct feed *feed, const struct ops_clock *clock, int n,
                     struct ops_tensor input);

#endif
