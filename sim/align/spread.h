/* The spread of the predictor's inputs about their mean, from the eigenvalues of their
 * covariance, and the data behind it. Collapse is judged by this, not by F: F = E[f f^T] =
 * covariance + mean mean^T contains the mean as one large mode. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_SPREAD_H
#define SSLDYN_SIM_ALIGN_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

/* What is known about the mean. */
enum ssldyn_mean {
    SSLDYN_MEAN_UNKNOWN, /* F may contain it */
    SSLDYN_MEAN_REMOVED, /* F is a covariance; the size of the mean is unknown */
    SSLDYN_MEAN_KNOWN,
    SSLDYN_MEAN_ZERO /* zero by construction: the inputs of a simulated network have zero mean */
};

/* The loss in whose terms a network is read; it decides what the verdict says on the parabola,
 * folds and plateau. */
enum ssldyn_reading {
    SSLDYN_READING_BOTH, /* the loss is unknown */
    SSLDYN_READING_L2,
    SSLDYN_READING_COSINE
};

/* Common to all snapshots of an analysis. */
struct ssldyn_basis {
    size_t modes;   /* n */
    size_t samples; /* N per snapshot; 0: unknown, or population moments */
    size_t inputs;  /* n1, an upper bound of the rank of F = W X W^T; 0: W is unknown */
    enum ssldyn_mean mean;
    bool population; /* moments without sampling error */
    bool counted;    /* only the number of samples is known, not the samples */
    double floor;    /* a direction is alive above this share of the largest eigenvalue */
    enum ssldyn_reading reading;
    char layers[160]; /* the layers of which the predictor is the product; empty: a single matrix */
};

/* Number of directions in one spectrum. */
struct ssldyn_directions {
    size_t living;     /* eigenvalues above floor times the largest, and above noise; 0: a point */
    size_t unresolved; /* of the others, those hidden by noise and not by the floor */
    bool gap;          /* the last living one exceeds the next one, and noise, by a factor of
                        * 1000 */
};

/* One snapshot. NaN: unknown. */
struct ssldyn_spread {
    double total;       /* trace of the covariance; of F if the mean is unknown */
    double largest;     /* its largest eigenvalue */
    double rest;        /* sum of the others */
    double mean_square; /* |mean|^2 */
    double effective_rank, participation;
    bool point;   /* total is at most 2^-16 |mean|^2: bfloat16 loses such differences */
    double error; /* relative standard error of the largest eigenvalue of F, from sampling */
    struct ssldyn_directions all;
    struct ssldyn_directions but_first; /* without the largest, relative to the second */
};

/* c: n eigenvalues, descending. noise: absolute error of an eigenvalue, e.g. from storage in
 * half precision; -c[n - 1] is used if it is larger, since a covariance has no negative
 * eigenvalues. */
void ssldyn_spread_measure(size_t n, const double c[], double floor, double noise,
                           double mean_square, struct ssldyn_spread *spread);

/* The largest possible number of directions: at most n, n1 if W is known, and with N samples N,
 * or N - 1 about their own mean. */
size_t ssldyn_spread_limit(const struct ssldyn_basis *basis);

/* Whether the mean of a snapshot differs from 0 by more than three standard errors: if it is 0,
 * N |mean|^2/total has mean 1 and variance 2/participation. */
bool ssldyn_spread_mean_shows(const struct ssldyn_basis *basis, const struct ssldyn_spread *spread);

/* Participation sum(c)^2/sum(c^2) of the population, from `participation` of the samples: the
 * denominator is unbiased for Gaussian samples (Srivastava 2005); at most n. */
double ssldyn_spread_participation(const struct ssldyn_basis *basis, double participation);

/* Whether the covariance of N Gaussian samples with this participation is consistent with a
 * multiple of the identity: the sphericity test of Ledoit and Wolf (2002) at 1 %, one-sided.
 * False if N is unknown. */
bool ssldyn_spread_isotropic(const struct ssldyn_basis *basis, double participation);

#endif
