/* The linear probe, as in the authors' program: the encoder with running statistics, features
 * scaled to mean 0 and deviation 1 over the training images, logistic regression by Adam; the
 * accuracy is that of the best epoch on the test images. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_PROBE_H
#define EXPERIMENTS_GPU_PROBE_H

#include "experiments/gpu/byol.h"
#include "experiments/gpu/data.h"
#include "experiments/gpu/feed.h"

struct probe_settings {
    int epochs, batch;
    double lr, decay;
    size_t neighbors; /* nearest neighbors that vote on an image; 0: no vote */
    uint64_t seed;
    size_t resident; /* bytes of images on the device, as for feed_open */
};

/* Accuracies in percent. */
struct probe_result {
    double best;    /* best epoch on the test images; selecting by test accuracy is slightly
                     * optimistic */
    int best_epoch; /* number of that epoch, from 1 */
    double last;    /* after the last epoch, on the test images */
    double train;   /* during the last epoch, on the training images */
    double knn;     /* by nearest neighbors (knn.h), on the test images; NaN: not requested */
};

struct probe;

/* Both sets are labeled, have the same image size and are borrowed. capacity: images per pass of
 * the online network. */
SSLDYN_MUST_CHECK enum ssldyn_status
probe_create(const struct ops *ops, struct ops_context *context, struct net *net, int capacity,
             struct dataset *train, struct dataset *test, const struct augment_recipe *recipe,
             const struct probe_settings *settings, struct probe **probe, struct ssldyn_error *err);
void probe_free(struct probe *probe);

/* Trains and tests a probe from scratch; leaves the network unchanged. EINTERRUPTED if a signal
 * stops it. */
SSLDYN_MUST_CHECK enum ssldyn_status probe_run(struct probe *probe, struct probe_result *result,
                                               struct ssldyn_error *err);

/* Writes the encoder's features of the test images, count x width, as .npy. */
SSLDYN_MUST_CHECK enum ssldyn_status probe_features(struct probe *probe, const char *path,
                                                    struct ssldyn_error *err);

#endif
