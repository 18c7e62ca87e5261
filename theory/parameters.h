/* The parameters of the dynamics, in the symbols of the paper: rates, switches, the rule that makes
 * the predictor, and the data of the isotropic and low-dimensional models. Pure data.
 * Ranges, defaults and meanings stand in one table (parameters.c) that drives option parsing, help,
 * experiment files and sweeps. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_PARAMETERS_H
#define SSLDYN_THEORY_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How Wp comes about: by gradient (Eq. 2), or set from the input correlation (THEORY section 7). */
enum ssldyn_predictor_rule {
    SSLDYN_PREDICTOR_GRADIENT,   /* Wp follows its own gradient flow */
    SSLDYN_PREDICTOR_DIRECTPRED, /* Wp = U diag(sqrt(s_j) + epsilon max s) U^T, Eqs. 18-19 */
    SSLDYN_PREDICTOR_DIRECTSET,  /* Wp = F^a + epsilon |F| I, a = set_power (DirectCopy: a = 1) */
    SSLDYN_PREDICTOR_OPTIMAL     /* Wp solves the least-squares problem at every instant (Tbl. 1) */
};

/* How the eigenvalues of F are scaled before a set rule: not at all (the paper's text), or by the
 * largest one (the authors' program). */
enum ssldyn_normalization { SSLDYN_NORMALIZE_NONE, SSLDYN_NORMALIZE_LARGEST };

/* Rates in units of the online network's learning rate; flow time t = lr * step. */
struct ssldyn_rates {
    double alpha_p; /* predictor's learning rate / online network's, > 0 */
    double beta;    /* EMA rate, >= 0; 0 freezes the target */
    double eta_p;   /* weight decay of the predictor, >= 0 */
    double eta_s;   /* weight decay of the online network, >= 0 */
    double c;       /* 1 + sigma2: augmentation strength of the isotropic case, >= 1 */
};

struct ssldyn_parameters {
    struct ssldyn_rates rates;
    double lambda_s; /* lowdim (M5): eigenvalue of X + X', > 0 */
    double lambda_d; /* lowdim (M5): eigenvalue of X, >= 0 */
    double tau;      /* the held ratio Wa = tau W; only where tau_held */
    bool tau_held;   /* --tau T (SimSiam: T = 1): Wa is tied to tau W and has no equation */
    bool stop_grad;  /* false: Thm 2, the gradient flows through the target as well */
    bool predictor;  /* false: Wp is the identity */
    bool symmetric;  /* Wp(0) and Wp' are replaced by their symmetric parts (Assumption 3) */
    enum ssldyn_predictor_rule rule;
    double set_power; /* a of DirectSet, > 0 */
    double epsilon;   /* regularisation of the set rules, >= 0 */
    double set_shift; /* c_j of Eq. 19's variant: p = sqrt(max(s - shift, 0)), >= 0 */
    enum ssldyn_normalization normalization;
};

#endif
