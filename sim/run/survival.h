/* Which weight decay leaves anything alive on data whose X and X' do not commute (THEORY section
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
    double eta_c;   /* max_b lambda_max(b X - b^2 (X + X')) = max_v (v'Xv)^2/(4 v'(X + X')v) */
    double b;       /* where it is reached: the equilibrium's Wp = b u u^T */
    double *v;      /* n1, unit: its W is proportional to u v^T */
    bool certified; /* eta_c was proved to be the global maximum, not found by a scan alone */
    /* (v'Xv)^2/(4 v'(X + X')v) for the unit eigenvectors v of X, of X + X', and for the
     * generalised eigenvectors of (X, X + X'), n1 each, descending: a mode is counted at eta where
     * it exceeds eta. */
    double *along_x;
    double *along_sum;
    double *along_pair;
    double *product; /* eigenvalues of X (X + X')^-1 X/4, n1, descending; see theory/THEORY.md */
    double *X, *sum; /* n1 x n1 */
    double *block;   /* all of these; owned */
};

struct ssldyn_survival_counts {
    size_t pairs;      /* real positive pairs of det(b^2 (X + X') - b X + eta I) = 0 */
    size_t along_x;    /* eigenvectors of X above eta */
    size_t along_sum;  /* eigenvectors of X + X' above eta */
    size_t along_pair; /* generalised eigenvectors above eta: known to predict badly */
    size_t product;    /* eigenvalues of product above eta; 0 beyond eta_c */
};

/* Analyses the moments (any kind; copied). Of a pair X is the symmetric part of Syx or its negative,
 * whichever survives longer (b < 0: the negative): what is not symmetric in Syx can only lower
 * eta_c, which is then a bound. For rates with eta_p != eta_s all thresholds are on
 * eta_s. Up to n1 = 768 eta_c is certified: no level above it crosses lambda_max (the real roots of
 * the quadratic eigenvalue problem are looked at, each candidate interval is climbed until none is
 * left). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_survival_create(const struct ssldyn_moments *moments,
                                                            struct ssldyn_survival **survival,
                                                            struct ssldyn_error *err);
void ssldyn_survival_free(struct ssldyn_survival *survival);

/* The counts at one weight decay eta > 0. Cost: an eigenproblem of size 2 n1. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_survival_count_at(const struct ssldyn_survival *survival, double eta,
                         struct ssldyn_survival_counts *counts, struct ssldyn_error *err);

/* d ln(eta_c)/d ln(scale of X') at fixed X: -b^2 v'X'v/eta_c, as b and v are a maximum (THEORY
 * section 4). NaN where eta_c is 0. */
double ssldyn_survival_elasticity(const struct ssldyn_survival *survival);

#endif
