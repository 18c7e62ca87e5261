/* Images on the device: all of them, or, where they do not fit, those of the coming steps; in an
 * order drawn anew each epoch. */
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
    void *images, *indices; /* device: what source.images and source.order point to */
    int batch;
    int64_t steps;         /* of an epoch */
    int64_t chunk;         /* steps whose images are on the device together; 0: all images are */
    int32_t *order;        /* host: images in the order of the epoch */
    unsigned char *buffer; /* host: images on their way */
};

/* batch: images a step; drop_last: leave out a last step of fewer. resident: bytes of images that
 * may stay on the device, 0 for no limit; where that or the device's memory is too small they are
 * brought in step by step. recipe is borrowed. */
SSLDYN_MUST_CHECK enum ssldyn_status feed_open(const struct ops *ops, struct ops_context *context,
                                               struct dataset *data,
                                               const struct augment_recipe *recipe, int batch,
                                               bool drop_last, size_t resident, struct feed *feed,
                                               struct ssldyn_error *err);
/* Frees what is the host's. */
void feed_close(struct feed *feed);

/* A permutation of 0 ... count - 1, drawn by (seed, run); uniforms: a workspace of count doubles. */
void feed_permutation(uint64_t seed, uint32_t run, size_t count, double uniforms[],
                      int32_t order[]);

/* The order of an epoch, a permutation drawn by (seed, epoch); shuffle false: as they are. Call
 * feed_step before each of its steps. */
SSLDYN_MUST_CHECK enum ssldyn_status feed_epoch(struct feed *feed, uint64_t seed, int64_t epoch,
                                                bool shuffle, struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status feed_step(struct feed *feed, int64_t step,
                                               struct ssldyn_error *err);
/* Images of a step. */
int feed_size(const struct feed *feed, int64_t step);

/* Both views of a step's images, the first n rows of input view 1: a byol_fill. */
void feed_fill(void *feed, const struct ops_clock *clock, int n, struct ops_tensor input);
/* The images as they are. */
void feed_fill_plain(struct feed *feed, const struct ops_clock *clock, int n,
                     struct ops_tensor input);

#endif
