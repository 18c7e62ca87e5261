/* The effective linear predictor of any predictor, from samples of its inputs f and outputs q:
 *     A = E[q f^T] E[f f^T]^-1,
 * the matrix for which A f is closest to q in the mean square. For a linear predictor it is that
 * matrix; for any other it is the counterpart of the theory's Wp, and the share of the output's
 * variance that it explains says how much of the predictor is linear.
 *
 * Errors are those of misspecified least squares (White's sandwich with residuals divided by 1 -
 * leverage, which is nearly the jackknife): the residual q - A f of a nonlinear predictor depends
 * on f. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_EFFECTIVE_H
#define SSLDYN_SIM_ALIGN_EFFECTIVE_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_effective;

/* n: size; count: samples N; centered: their means were removed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_effective_create(size_t n, size_t count, bool centered,
                                                             struct ssldyn_effective **effective,
                                                             struct ssldyn_error *err);
void ssldyn_effective_free(struct ssldyn_effective *effective);

struct ssldyn_effective_samples {
    const double *f, *q; /* N x n: row i of q is the output for row i of f */
    const double *F;     /* n x n: sum of f f^T divided by N, or by N - 1 if centered */
    const double *mean;  /* n: of f; NULL: 0, e.g. if centered */
    double noise;        /* rounding variance of one coordinate of f */
};

/* A, n x n, on the directions in which f varies by more than its rounding; 0 on the others.
 * EINPUT if there are no more samples than such directions, so that any outputs are fitted
 * exactly. Cost: an eigenproblem and a product N x n x n. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_effective_fit(struct ssldyn_effective *effective,
                     const struct ssldyn_effective_samples *samples, double A[],
                     struct ssldyn_error *err);

/* Estimates of A and its errors. Arrays (n) belong to the workspace. NaN: undetermined. */
struct ssldyn_effective_measures {
    size_t directions; /* number of directions in which f varies, i.e. where A is known */
    /* Share of the output's variance about its mean that A f explains, corrected for the number
     * of fitted directions (0 on average for outputs that do not depend on f), and its error. */
    double share, share_error;
    double asymmetry;     /* |A - A^T|/|A| after subtracting the sampling error; NaN: A is all
                       * sampling error */
    double noise;         /* |A - E A|^2/|A|^2, expected */
    const double *cosine; /* u^T A u/|A u|, with the sampling error subtracted from
                                        * |A u|^2 */
    const double *p_error, *cos_error; /* standard errors of u^T A u and cosine, including the
                                        * error of u */
    const double *p_noise;             /* of u^T A u, due to the error of A alone */
};

/* Measures of the A from fit. U: n x n, columns u_j, eigenvectors of F for s (n, descending). A
 * cosine is NaN if A u_j is not significantly above its sampling error. Cost: seven products N x
 * n x n; memory does not grow with N. */
void ssldyn_effective_measure(struct ssldyn_effective *effective,
                              const struct ssldyn_effective_samples *samples, const double A[],
                              const double U[], const double s[],
                              struct ssldyn_effective_measures *measures);

#endif
