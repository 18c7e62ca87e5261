/* F and Wp of a network in training: the correlation of the predictor's input over fixed views of
 * fixed images, so that rows of a trace differ by the network alone. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_OBSERVE_H
#define EXPERIMENTS_GPU_OBSERVE_H

#include "experiments/gpu/byol.h"
#include "experiments/gpu/feed.h"

struct observe;

/* images: how many of the data's first are looked at, in both views and whole batches (batch or
 * less); 0: none, F is the running correlation of the training itself. All is borrowed. */
SSLDYN_MUST_CHECK enum ssldyn_status
observe_create(const struct ops *ops, struct ops_context *context, struct byol *byol,
               const struct byol_config *config, const struct dataset *data,
               const struct augment_recipe *recipe, size_t images, struct observe **observe,
               struct ssldyn_error *err);
void observe_free(struct observe *observe);

/* The number of images behind F and the mean; 0: F is the running correlation, whose mean nobody
 * keeps. Two views of one image are far from independent, so that they count once. */
size_t observe_count(const struct observe *observe);

/* Wp and F are n2 x n2, mean is n2: that of the predictor's inputs over the same views, not written
 * where observe_count is 0. The network sees the images as in training (statistics of the batch,
 * view by view) and is left as it was, running statistics included. */
SSLDYN_MUST_CHECK enum ssldyn_status observe_matrices(struct observe *observe, double Wp[],
                                                      double F[], double mean[],
                                                      struct ssldyn_error *err);

#endif
