/* Classification by nearest neighbors, as papers on self-supervised learning report it. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_KNN_H
#define EXPERIMENTS_GPU_KNN_H

#include "sim/internal.h"

#include <stddef.h>
#include <stdint.h>

/* Rows of length 1 with their classes, 0 ... classes - 1. */
struct knn_set {
    const float *rows; /* count x width */
    const int32_t *labels;
    size_t count;
};

/* Percent of the tests whose class wins the vote of their k nearest rows in train by cosine, each
 * with the weight exp(cosine/0.07) (Z. Wu et al., CVPR 2018). k is at most train's count. Of equal
 * cosines the earlier row counts as nearer, of equal votes the smaller class wins. ENOMEM;
 * EINTERRUPTED on a signal. */
SSLDYN_MUST_CHECK enum ssldyn_status knn_accuracy(const struct knn_set *train,
                                                  const struct knn_set *test, size_t width,
                                                  size_t classes, size_t k, double *percent,
                                                  struct ssldyn_error *err);

#endif
