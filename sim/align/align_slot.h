/* The arrays of one snapshot of an alignment analysis. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_SLOT_H
#define SSLDYN_SIM_ALIGN_ALIGN_SLOT_H

#include "sim/align/effective.h"
#include "sim/base/error.h"
#include "sim/observe/observer.h"

#include <stdbool.h>
#include <stddef.h>

/* One snapshot with its memory. */
struct ssldyn_align_slot {
    double *Wp, *W, *Wa, *F;         /* NULL: not part of the input */
    double *features;                /* N x n2, centered if requested; NULL: none */
    double *outputs;                 /* N x n2, of the predictor; centered likewise; NULL: none */
    double *mean;                    /* n2; NULL: unknown */
    double *covariance;              /* n2 x n2, of features; NULL: F is the covariance, or it is
                                      * unknown */
    double rounding;                 /* variance of one coordinate of features due to the number
                                      * type */
    double noise;                    /* absolute error of an eigenvalue due to the number type */
    struct ssldyn_snapshot snapshot; /* points to the above */
};

void ssldyn_align_slot_clear(struct ssldyn_align_slot *slot);

/* Computes the mean of N x n2 features, which is subtracted from them; their covariance; and F,
 * which is that covariance (centered) or E[f f^T] = (N - 1)/N covariance + mean mean^T.
 * roundoff: of the stored numbers; sets rounding and noise. Outputs are centered, too, if
 * centered. */
void ssldyn_align_slot_form(struct ssldyn_align_slot *slot, size_t count, size_t n, bool centered,
                            double roundoff);

/* The features and outputs of the slot after that. Borrowed. */
struct ssldyn_effective_samples ssldyn_align_slot_samples(const struct ssldyn_align_slot *slot);

#endif
