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

/* n2 x n2 each. The network sees the images as in training (statistics of the batch, view by view)
 * and is left as it was, running statistics included. */
SSLDYN_MUST_CHECK enum ssldyn_status observe_matrices(struct observe *observe, double Wp[],
                                                      double F[], struct ssldyn_error *err);

#endif
