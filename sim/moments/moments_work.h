/* The matrices behind an estimate of moments: those of the whole set and of each group of
 * images. For moments_estimate.c. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_MOMENTS_WORK_H
#define SSLDYN_SIM_MOMENTS_MOMENTS_WORK_H

#include "sim/linalg/linalg.h"
#include "sim/moments/moments_sums.h"

/* n is the number of features before a projection, n1 after it. */
struct ssldyn_moments_work {
    const struct ssldyn_moments_request *request;
    struct ssldyn_moments_group *groups; /* borrowed; sums at first, then moments */
    size_t group_count;
    size_t n;
    double pairs;
    struct ssldyn_moments_group whole; /* owned array by array: the estimate takes them over */
    struct ssldyn_eigen *eigen;
    double *vectors, *values, *scratch, *product; /* n x n, n, n x n, n x n */
    double *block;                                /* holds all of these */
};

/* Allocates the memory for n features; clear it in every case. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_moments_work_init(struct ssldyn_moments_work *work,
                                                              struct ssldyn_error *err);
void ssldyn_moments_work_clear(struct ssldyn_moments_work *work);

/* Turns sums into moments, for each group and for the whole set. */
void ssldyn_moments_work_form(struct ssldyn_moments_work *work);

/* Projects everything on the leading eigenvectors of X + X' if the request asks for it; stores
 * the basis in the estimate. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_work_reduce(struct ssldyn_moments_work *work,
                           struct ssldyn_moments_estimate *estimate, struct ssldyn_error *err);

/* Divides everything by the requested scale; values and vectors are then those of X. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_work_rescale(struct ssldyn_moments_work *work,
                            struct ssldyn_moments_estimate *estimate, struct ssldyn_error *err);

/* to += from */
void ssldyn_moments_add(size_t count, const double from[], double to[]);

#endif
