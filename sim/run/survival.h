/* The weight decay below which modes survive on data whose X and X' do not commute (THEORY section
 * 4): the exact threshold eta_c, and cheap counts for the rank below it. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_SURVIVAL_H
#define SSLDYN_SIM_RUN_SURVIVAL_H

#include "sim/base/error.h"
#include "theory/population.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_survival {
    size_t n1;
    double eta_c; /* max_b lambda_max(b X - b^2 (X + X')) = max_v (v^T X v)^2/(4 v^T (X + X') v) */
    double b;     /* the maximizer: the equilibrium's Wp = b u u^T */
    double *v;    /* n1, unit: its W is proportional to u v^T */
    bool certified; /* whether eta_c is proved to be the global maximum, not only found by a scan */
    /* (v^T X v)^2/(4 v^T (X + X') v) for the unit eigenvectors v of X, of X + X', and for the
     * generalized eigenvectors of (X, X + X'), n1 each, descending: a mode counts at eta if it
     * exceeds eta. */
    double *along_x;
    double *along_sum;
    double *along_pair;
    double *product; /* eigenvalues of X (X + X')^-1 X/4, n1, descending; see theory/THEORY.md */
    double *X, *sum; /* n1 x n1 */
    double *block;   /* holds all of the above; owned */
};

struct ssldyn_survival_counts {
    size_t pairs;      /* number of real positive pairs of det(b^2 (X + X') - b X + eta I) = 0 */
    size_t along_x;    /* number of eigenvectors of X above eta */
    size_t along_sum;  /* number of eigenvectors of X + X' above eta */
    size_t along_pair; /* number of generalized eigenvectors above eta: known to predict badly */
    size_t product;    /* number of eigenvalues of product above eta; 0 beyond eta_c */
};

/* Analyzes the moments (any kind; copied). For a pair X is the symmetric part of Syx or its
 * negative, the one with the larger threshold (b < 0: the negative): the antisymmetric part of Syx
 * can only lower eta_c, which is then a bound. For rates with eta_p != eta_s all thresholds are for
 * eta_s. Up to n1 = 768 eta_c is certified: no level above it crosses lambda_max (from the real
 * roots of the quadratic eigenvalue problem, each candidate interval is searched until none is
 * left). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_survival_create(const struct ssldyn_moments *moments,
                                                            struct ssldyn_survival **survival,
                                                            struct ssldyn_error *err);
void ssldyn_survival_free(struct ssldyn_survival *survival);

/* The counts at one weight decay eta > 0. Cost: an eigenproblem of size 2 n1. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_survival_count_at(const struct ssldyn_survival *survival, double eta,
                         struct ssldyn_survival_counts *counts, struct ssldyn_error *err);

/* d ln(eta_c)/d ln(scale of X') at fixed X: -b^2 v^T X' v/eta_c, as b and v are a maximum (THEORY
 * section 4). NaN if eta_c is 0. */
double ssldyn_survival_elasticity(const struct ssldyn_survival *survival);

#endif
