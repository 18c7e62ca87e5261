/* The workspace of the effective predictor, shared by the files effective*. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_EFFECTIVE_INTERNAL_H
#define SSLDYN_SIM_ALIGN_EFFECTIVE_INTERNAL_H

#include "sim/align/effective.h"
#include "sim/linalg/linalg.h"

enum { SSLDYN_EFFECTIVE_BLOCK = 512 }; /* samples processed at a time */

/* Sums over samples for one mode: of influences on p_j (pp) and on |A u_j|^2/2 (mm), of those on
 * p_j due to A alone (own), and of |r_i|^2 w_ij^2 (noise). */
struct mode_sums {
    double pp, pm, mm, own, noise;
};

/* Sums over samples of squared sizes: residual a, output b. */
struct share_sums {
    double residual, output; /* about the means */
    double aa, ab, bb;       /* a with the residual divided by 1 - leverage */
};

struct ssldyn_effective {
    size_t n, count;
    bool centered;
    double weight; /* N or N - 1: F times it is the sum of f f^T */
    size_t living; /* directions of f */
    struct ssldyn_eigen *eigen;
    double *s, *U;                                  /* n, n x n: of F */
    double *cross, *B, *tilt, *stretch, *rest;      /* n x n */
    double *y, *r, *turned, *product, *more;        /* SSLDYN_EFFECTIVE_BLOCK x n */
    double *output_mean, *residual_mean;            /* n */
    double *cosine, *p_noise, *p_error, *cos_error; /* n */
    double *block;                                  /* holds all of these */
    struct mode_sums *modes;                        /* n */
    struct share_sums shares;
    double noise, crossed; /* expected |A - E A|^2 and <A - E A, (A - E A)^T> */
};

/* C (rows x n) = A (rows x n) B (n x n). */
void ssldyn_effective_turn(size_t rows, size_t n, const double A[], const double B[], double C[]);

#endif
