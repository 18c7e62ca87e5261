/* The linear probe, as the authors' program has it: the encoder with running statistics, features
 * scaled to mean 0 and deviation 1 over the training images, logistic regression by Adam, and as
 * accuracy the best one on the test images over all its epochs. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_PROBE_H
#define EXPERIMENTS_GPU_PROBE_H

#include "experiments/gpu/byol.h"
#include "experiments/gpu/data.h"
#include "experiments/gpu/feed.h"

struct probe_settings {
    int epochs, batch;
    double lr, decay;
    uint64_t seed;
    size_t resident; /* bytes of images on the device, as for feed_open */
};

/* In percent. */
struct probe_result {
    double best;    /* of the epochs, on the test images: choosing it there flatters a little */
    int best_epoch; /* 1 is the first */
    double last;    /* after the last epoch, on the test images */
    double train;   /* during the last epoch, on the training images */
};

struct probe;

/* Both sets are labelled, have one image size and are borrowed; capacity: images the online network
 * takes in one pass. */
SSLDYN_MUST_CHECK enum ssldyn_status
probe_create(const struct ops *ops, struct ops_context *context, struct net *net, int capacity,
             struct dataset *train, struct dataset *test, const struct augment_recipe *recipe,
             const struct probe_settings *settings, struct probe **probe, struct ssldyn_error *err);
void probe_free(struct probe *probe);

/* Trains and tests one from scratch; leaves the network as it was. A stop by signal gives
 * EINTERRUPTED. */
SSLDYN_MUST_CHECK enum ssldyn_status probe_run(struct probe *probe, struct probe_result *result,
                                               struct ssldyn_error *err);

#endif
