/* The analysis of one snapshot, with all the memory that it needs, so that lanes can be observed
 * in parallel. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_LANE_H
#define SSLDYN_SIM_ALIGN_ALIGN_LANE_H

#include "sim/align/align_slot.h"
#include "sim/align/align_source.h"
#include "sim/align/mode_weights.h"
#include "sim/align/predictor_basis.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/observer.h"

/* Eigenvalues of a measured F may be negative up to this share of the largest: those in bfloat16
 * have errors of half a percent. */
#define SSLDYN_ALIGN_NOT_POSITIVE 0.01

struct ssldyn_align_lane {
    struct ssldyn_align_slot slot;
    struct ssldyn_observer *observer;
    double *row;                               /* of the observer */
    double *errors;                            /* n2, with features */
    double *turned;                            /* features in the eigenbasis, N x n2 */
    double *block;                             /* holds all of these */
    struct ssldyn_predictor_basis *basis;      /* NULL: F is exact, or there is no predictor */
    struct ssldyn_predictor_modes modes;       /* the snapshot in that basis; count 0: not
                                                * computed */
    struct ssldyn_effective *effective;        /* NULL: the predictor was given, or there is none */
    struct ssldyn_effective_measures measures; /* its measures */
    double *variances, *covariance;      /* n2 and n2 x n2; NULL: F is the covariance, or unknown */
    struct ssldyn_eigen *eigen;          /* for the eigenproblem of the covariance */
    struct ssldyn_mode_weights *weights; /* NULL: s_j is w_j^2, or W is unknown */
    enum ssldyn_status status;
    struct ssldyn_error err;
};

/* Whether F has no sampling error: it was computed from the weights, or by a simulation. */
bool ssldyn_align_lane_exact(const struct ssldyn_align_sizes *sizes);
/* Whether F = W W^T, so that s_j = w_j^2. */
bool ssldyn_align_lane_whitened(const struct ssldyn_align_sizes *sizes);

/* alpha_p of the run if theory predicts p^2 = alpha_p w^2 for it: equal decays, a predictor
 * trained by gradient, like the encoder, and known w. Else NaN. */
double ssldyn_align_lane_alpha_p(const struct ssldyn_align_request *request,
                                 const struct ssldyn_align_sizes *sizes);
/* A run is read by its loss; for IsoLoss only the questions of the squared distance apply. */
enum ssldyn_reading ssldyn_align_lane_reading(const struct ssldyn_align_request *request,
                                              const struct ssldyn_align_sizes *sizes);

/* lane must be zeroed; clear also frees a partly created one. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_lane_init(const struct ssldyn_align_source *source,
                       const struct ssldyn_align_request *request, struct ssldyn_align_lane *lane,
                       struct ssldyn_error *err);
void ssldyn_align_lane_clear(struct ssldyn_align_lane *lane);

/* Analyzes the snapshot in the slot, in any thread: uses only the lane's own memory. The outcome
 * is in lane->status and lane->err. */
void ssldyn_align_lane_observe(const struct ssldyn_align_request *request,
                               const struct ssldyn_align_sizes *sizes,
                               struct ssldyn_align_lane *lane);

#endif
