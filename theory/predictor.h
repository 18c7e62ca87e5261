/* Predictors that are set from the correlation of their input instead of trained (THEORY section
 * 7): DirectPred (Eqs. 18-19), DirectSet(a), the optimal linear predictor (Tbl. 1). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_PREDICTOR_H
#define SSLDYN_THEORY_PREDICTOR_H

#include "theory/parameters.h"

/* The rule on eigenvalues: p_j from s_j and the largest eigenvalue s_max of the correlation.
 *   DIRECTPRED  sqrt(max(s - shift, 0)) + epsilon s_max  (s, s_max divided by s_max first where
 *               normalization says so; shift = 0 and no normalization is the paper's Eq. 18)
 *   DIRECTSET   s^a + epsilon s_max, a = set_power, normalized likewise: the same at a = 1/2 and no
 *               shift; F + epsilon |F| I (DirectCopy) at a = 1
 * s is clamped at 0 from below (rounding of a PSD matrix). Not for GRADIENT or OPTIMAL. */
double ssldyn_predictor_eigenvalue(const struct ssldyn_parameters *parameters, double s,
                                   double s_max);

/* lambda in s = lambda w^2, what a rule sees of a mode of the data with eigenvalues lambda_d of X
 * and lambda_s of X + X': by parameters->correlation one or the other. */
double ssldyn_predictor_variance(const struct ssldyn_parameters *parameters, double lambda_s,
                                 double lambda_d);

/* Wp = U diag(p) U^T from the spectrum of F.
 *   s  n eigenvalues of F, any order; U  n x n row-major, column j the eigenvector of s_j
 *   Wp n x n, written; workspace n * n + n doubles */
void ssldyn_predictor_set(const struct ssldyn_parameters *parameters, size_t n, const double s[],
                          const double U[], double Wp[], double workspace[]);

/* Wp = U diag(p) U^T, symmetric to the last bit, from n eigenvalues p >= 0 and the columns of U; Wp
 * and workspace as above. */
void ssldyn_predictor_compose(size_t n, const double p[], const double U[], double Wp[],
                              double workspace[]);

/* OPTIMAL (Tbl. 1) in one mode: p solves p (c s + epsilon) = tau s [D]; tau/c in the limit s = 0 of
 * epsilon = 0. */
double ssldyn_predictor_optimal_mode(const struct ssldyn_parameters *parameters, double s,
                                     double tau);

#endif
