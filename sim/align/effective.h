/* The effective linear predictor of any predictor, from samples of its inputs f and outputs q:
 *     A = E[q f^T] E[f f^T]^-1,
 * the matrix that comes nearest to q in the mean square. Of a linear predictor it is that matrix;
 * of another one it is what the theory's Wp stands for, and the share of the output's variance that
 * it explains says how much of the predictor that is.
 *
 * Errors are those of misspecified least squares (White's sandwich with residuals over 1 -
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
    const double *f, *q; /* N x n: row i of q came out where row i of f went in */
    const double *F;     /* n x n: sum of f f^T over N, or over N - 1 where centered */
    const double *mean;  /* n: of f; NULL: 0, as where centered */
    double noise;        /* rounding variance of one coordinate of f */
};

/* A, n x n, on the directions in which f varies beyond its rounding; 0 on the others. EINPUT where
 * the samples are no more than those directions, so that any outputs are fitted exactly. Cost: an
 * eigenproblem and a product N x n x n. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_effective_fit(struct ssldyn_effective *effective,
                     const struct ssldyn_effective_samples *samples, double A[],
                     struct ssldyn_error *err);

/* What the samples say about A. Arrays (n) are the workspace's own. NaN: undetermined. */
struct ssldyn_effective_measures {
    size_t directions; /* in which f varies: where A is known */
    /* Share of the output's variance about its mean that A f explains, corrected for the directions
     * that were fitted (0 on average for outputs that do not depend on f), and its error. */
    double share, share_error;
    double asymmetry; /* |A - A^T|/|A| without what sampling adds; NaN: A is all sampling error */
    double noise;     /* |A - E A|^2/|A|^2, expected */
    const double *cosine;              /* u^T A u/|A u|, |A u|^2 without what sampling adds */
    const double *p_error, *cos_error; /* of u^T A u and cosine, with the error of u */
    const double *p_noise;             /* of u^T A u, by the error of A alone */
};

/* Of the A that fit gave. U: n x n, columns u_j, eigenvectors of F for s (n, descending). A cosine
 * is NaN where A u_j does not stand out from its sampling error. Cost: seven products N x n x n; no
 * memory that grows with N. */
void ssldyn_effective_measure(struct ssldyn_effective *effective,
                              const struct ssldyn_effective_samples *samples, const double A[],
                              const double U[], const double s[],
                              struct ssldyn_effective_measures *measures);

#endif
