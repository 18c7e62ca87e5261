/* F and Wp of a network during training: the correlation of the predictor's input over fixed views
 * of fixed images, so that the rows of a trace differ only by the network. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_OBSERVE_H
#define EXPERIMENTS_GPU_OBSERVE_H

#include "experiments/gpu/byol.h"
#include "experiments/gpu/feed.h"

struct observe;

/* images: how many of the first images of data are used, in both views and in whole batches (batch
 * or less); 0: none, F is the running correlation of the training. All arguments are borrowed. */
SSLDYN_MUST_CHECK enum ssldyn_status
observe_create(const struct ops *ops, struct ops_context *context, struct byol *byol,
               const struct byol_config *config, const struct dataset *data,
               const struct augment_recipe *recipe, size_t images, struct observe **observe,
               struct ssldyn_error *err);
void observe_free(struct observe *observe);

/* Number of images that F and the mean are averaged over; 0: F is the running correlation, which
 * has no mean. Two views of an image are far from independent, so that they count once. */
size_t observe_count(const struct observe *observe);

/* Moments of the predictor's inputs f1 and f2, of the two views of an image; filled by the caller
 * with memory. mean and common are not written if observe_count is 0. */
struct observe_moments {
    double *F;      /* n2 x n2: E[f f^T] over both views */
    double *mean;   /* n2: E[f] over both views */
    double *common; /* n2 x n2: E[f1 f2^T], what the views have in common */
};

/* Wp is n2 x n2. The network runs as in training (batch statistics, view by
 * view); it is left unchanged, including its running statistics. */
SSLDYN_MUST_CHECK enum ssldyn_status observe_matrices(struct observe *observe, double Wp[],
                                                      const struct observe_moments *moments,
                                                      struct ssldyn_error *err);

#endif
