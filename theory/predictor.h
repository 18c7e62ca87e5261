/* Predictors that are computed in closed form from the correlation of their input instead of
 * trained (THEORY section 7): DirectPred (Eqs. 18-19), DirectSet(a), the optimal linear
 * predictor (Tbl. 1). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_PREDICTOR_H
#define SSLDYN_THEORY_PREDICTOR_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A spectral rule at an eigenvalue s of its correlation, whose largest eigenvalue is s_max: both
 * are divided by s_max first if normalization says so. Negative s (rounding of a PSD matrix) is
 * replaced by 0. */
double ssldyn_predictor_eigenvalue(const struct ssldyn_parameters *parameters, double s,
                                   double s_max);

/* p of a mode of isotropic data with s = w^2, tau = wa/w, s_max the largest s of all modes,
 * under any closed-form rule. */
double ssldyn_predictor_mode(const struct ssldyn_parameters *parameters, double s, double s_max,
                             double tau);

/* The limit of that p as s of the mode tends to 0: alone, or together with others that do not. */
double ssldyn_predictor_at_zero(const struct ssldyn_parameters *parameters, bool alone);

/* lambda in s = lambda w^2 for the correlation of a rule, for a mode of the data with
 * eigenvalues lambda_d of X and lambda_s of X + X': one or the other, depending on
 * parameters->correlation. */
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

#ifdef __cplusplus
}
#endif

#endif
