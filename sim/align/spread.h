/* How the predictor's inputs spread about their mean, as the eigenvalues of their covariance show,
 * and what that rests on. Collapse is judged by this, not by F: F = E[f f^T] = covariance + mean
 * mean^T has the mean as one large mode. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_SPREAD_H
#define SSLDYN_SIM_ALIGN_SPREAD_H

#include <stdbool.h>
#include <stddef.h>

/* What is known of the mean. */
enum ssldyn_mean {
    SSLDYN_MEAN_UNKNOWN, /* F may hold it */
    SSLDYN_MEAN_REMOVED, /* F is a covariance; how large the mean was is unknown */
    SSLDYN_MEAN_KNOWN,
    SSLDYN_MEAN_ZERO /* by construction: the inputs of a simulated network have none */
};

/* By which loss a network is read; the verdict's words on the parabola, folds and plateau rest on
 * it. */
enum ssldyn_reading {
    SSLDYN_READING_BOTH, /* the loss is unknown */
    SSLDYN_READING_L2,
    SSLDYN_READING_COSINE
};

/* What all snapshots of an analysis have in common. */
struct ssldyn_basis {
    size_t modes;   /* n */
    size_t samples; /* N per snapshot; 0: unknown, or population moments */
    size_t inputs;  /* n1, an upper bound of the rank of F = W X W^T; 0: W is unknown */
    enum ssldyn_mean mean;
    bool population; /* moments without sampling error */
    bool counted;    /* of the samples nothing but their number is known */
    double floor;    /* a direction lives above this share of the largest eigenvalue */
    enum ssldyn_reading reading;
    char layers[160]; /* the predictor is a product of these; empty: a single matrix */
};

/* Directions counted in one spectrum. */
struct ssldyn_directions {
    size_t living;     /* eigenvalues above floor times the largest, and above noise; 0: a point */
    size_t unresolved; /* the others, where noise and not the floor hides them */
    bool gap;          /* the last that lives exceeds the next, and noise, a thousandfold */
};

/* One snapshot. NaN: unknown. */
struct ssldyn_spread {
    double total;       /* trace of the covariance; of F where the mean is unknown */
    double largest;     /* its largest eigenvalue */
    double rest;        /* sum of the others */
    double mean_square; /* |mean|^2 */
    double effective_rank, participation;
    bool point;   /* total is at most 2^-16 |mean|^2: differences that bfloat16 loses */
    double error; /* relative standard error of the largest eigenvalue of F, from sampling */
    struct ssldyn_directions all;
    struct ssldyn_directions but_first; /* without the largest, relative to the second */
};

/* c: n eigenvalues, descending. noise: absolute error of an eigenvalue, e.g. from storage in half
 * precision; that of -c[n - 1] is taken where it is larger, since a covariance has none below 0. */
void ssldyn_spread_measure(size_t n, const double c[], double floor, double noise,
                           double mean_square, struct ssldyn_spread *spread);

/* How many directions there can be: at most n, n1 where W is known, and of samples N, or N - 1
 * about their own mean. */
size_t ssldyn_spread_limit(const struct ssldyn_basis *basis);

/* Whether the mean of a snapshot differs from 0 by more than three standard errors: N
 * |mean|^2/total is 1 on average where it does not, with variance 2/participation. */
bool ssldyn_spread_mean_shows(const struct ssldyn_basis *basis, const struct ssldyn_spread *spread);

/* Participation sum(c)^2/sum(c^2) of the population, where the samples only show `participation`:
 * unbiased in the denominator for Gaussian samples (Srivastava 2005), at most n. */
double ssldyn_spread_participation(const struct ssldyn_basis *basis, double participation);

/* Whether the covariance of N Gaussian samples with this participation is consistent with a
 * multiple of the identity: the sphericity test of Ledoit and Wolf (2002) at 1 %, one-sided. False
 * where N is unknown. */
bool ssldyn_spread_isotropic(const struct ssldyn_basis *basis, double participation);

#endif
