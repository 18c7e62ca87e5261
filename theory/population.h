/* M1, the population flow of the matrices (Wp, W, Wa) for any X and X' (Lemma 1, Eqs. 2-4), with
 * the switches of the theory: no EMA, no stop-gradient (Thm 2), no predictor, symmetric
 * predictor (Assumption 3), predictor given from outside (THEORY section 7). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_POPULATION_H
#define SSLDYN_THEORY_POPULATION_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The structure of the second moments of the data; each level saves one product. */
enum ssldyn_moments_kind {
    SSLDYN_MOMENTS_ISOTROPIC, /* X = I, X + X' = c I */
    SSLDYN_MOMENTS_DIAGONAL,  /* both diagonal (X and X' commute; basis of their eigenvectors) */
    SSLDYN_MOMENTS_HALF,      /* X + X' diagonal, X full (basis of the eigenvectors of X + X') */
    SSLDYN_MOMENTS_FULL       /* both full */
};

/* Second moments of the data, borrowed from the caller. */
struct ssldyn_moments {
    enum ssldyn_moments_kind kind;
    size_t n1;         /* size of the data */
    double c;          /* ISOTROPIC: X + X' = c I */
    const double *X;   /* DIAGONAL: n1 entries; HALF, FULL: n1 x n1, row-major; else NULL */
    const double *sum; /* X + X'. DIAGONAL, HALF: n1 entries; FULL: n1 x n1; else NULL */
    /* HALF, of a pair (x, y) with different distributions (THEORY section 11): sum is Sxx = E[x x^T], X
     * is Syx = E[y x^T], which need not be symmetric, and */
    bool pair;
    const double *second; /* Syy = E[y y^T], n1 x n1; NULL: not known */
    const double *rest;   /* Syy - Syx Sxx^-1 Syx^T, n1 x n1, where Syy is known */
    /* If the data y themselves are predicted (MAE): Syx, rows x n1, with y in the user's coordinates;
     * NULL: their representation is. unexplained is tr(Syy - Syx Sxx^-1 Syx^T), NaN if unknown;
     * second is Syy, NULL if unknown; rest is that matrix of a pair, rows x rows, and NULL for views. */
    const double *predicts;
    size_t predicted; /* rows */
    double unexplained;
};

/* Rows of Wp, whose columns are n2. */
static inline size_t ssldyn_moments_rows(const struct ssldyn_moments *moments, size_t n2)
{
    return moments->predicts ? moments->predicted : n2;
}

/* The matrices of one instant, row-major: Wp n2 x n2, W and Wa n2 x n1. */
struct ssldyn_weights {
    const double *Wp;
    const double *W;
    const double *Wa; /* NULL if tau_held: Wa = tau W */
    /* if W is the product of several layers: the least |W_l|^2 of them; 0: one layer */
    double least_layer;
};
struct ssldyn_weights_rate {
    double *Wp; /* NULL: Wp has no equation (no predictor, or given from outside) */
    double *W;
    double *Wa; /* NULL if tau_held */
};

/* Doubles of workspace that ssldyn_population_rhs needs. */
size_t ssldyn_population_workspace(size_t n1, size_t n2);

/* Right-hand side of M1:
 *   dWp/dt = alpha_p E W^T - eta_p Wp,  dW/dt = Wp^T E - eta_s W,  dWa/dt = beta (W - Wa),
 *   E = Wa X - Wp W (X + X')                       (Eqs. 2-4; Thm 2 without stop-gradient),
 * and dW/dt = E - eta_s W if the loss is iso. For a pair E = Wa Syx - Wp W Sxx, and without
 * stop-gradient (Syy must then be known) dW/dt has Wp W Syx^T - Wa Syy added. For MAE (predicts;
 * moments not FULL) E = Syx - Wp W Sxx, Wp is rows x n2, there is no Wa, and the workspace is that
 * of max(rows, n2) in the place of n2.
 *   parameters  rates and switches; !stop_grad needs tau_held with tau = 1
 *   weights     read only; Wp may be NULL if !predictor
 *   rate        written; no block may alias an input
 *   workspace   ssldyn_population_workspace(n1, n2) doubles, 64-byte aligned for speed
 * Three products of n2 x n2 by n2 x n1 for ISOTROPIC and DIAGONAL, four for HALF, five for FULL
 * (one more without stop-gradient unless diagonal; of a pair three more). Allocates nothing and cannot fail. */
void ssldyn_population_rhs(const struct ssldyn_parameters *parameters,
                           const struct ssldyn_moments *moments, size_t n2,
                           const struct ssldyn_weights *weights,
                           const struct ssldyn_weights_rate *rate, double workspace[]);

/* The same from the residual R (rows x n1; rows n2, or those of the data if they are predicted) of
 * any loss, which replaces E, and without
 * stop-gradient R_target, which the gradient through the target adds to dW/dt (else NULL).
 * workspace as above, not including R and R_target. */
void ssldyn_population_rates(const struct ssldyn_parameters *parameters, size_t n1, size_t n2,
                             size_t rows, const struct ssldyn_weights *weights, const double R[],
                             const double R_target[], const struct ssldyn_weights_rate *rate,
                             double workspace[]);

#ifdef __cplusplus
}
#endif

#endif
