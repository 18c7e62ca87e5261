/* The matrices an estimate of moments is made from, those of the whole and of each group of images.
 * For moments_estimate.c. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_MOMENTS_WORK_H
#define SSLDYN_SIM_MOMENTS_MOMENTS_WORK_H

#include "sim/linalg/linalg.h"
#include "sim/moments/moments_sums.h"

/* n falls from the number of features to n1 at a projection. */
struct ssldyn_moments_work {
    const struct ssldyn_moments_request *request;
    struct ssldyn_moments_group *groups; /* borrowed; sums at first, then moments */
    size_t group_count;
    size_t n;
    double pairs;
    struct ssldyn_moments_group whole; /* owned, array by array: the estimate takes them over */
    struct ssldyn_eigen *eigen;
    double *vectors, *values, *scratch, *product; /* n x n, n, n x n, n x n */
    double *block;                                /* all of these */
};

/* Takes the memory for n features; clear it whatever happens. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_moments_work_init(struct ssldyn_moments_work *work,
                                                              struct ssldyn_error *err);
void ssldyn_moments_work_clear(struct ssldyn_moments_work *work);

/* Sums -> moments, group by group and of the whole. */
void ssldyn_moments_work_form(struct ssldyn_moments_work *work);

/* Projects all on the leading eigenvectors of X + X' where the request says so; keeps the basis in
 * the estimate. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_work_reduce(struct ssldyn_moments_work *work,
                           struct ssldyn_moments_estimate *estimate, struct ssldyn_error *err);

/* Divides all by the scale asked for; values and vectors are then those of X. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_work_rescale(struct ssldyn_moments_work *work,
                            struct ssldyn_moments_estimate *estimate, struct ssldyn_error *err);

/* to += from */
void ssldyn_moments_add(size_t count, const double from[], double to[]);

#endif
