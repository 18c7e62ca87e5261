/* M2, the reduced flow of (Wp, F) under Assumptions 1-2 (Wa = tau W, X = I, X' = sigma2 I):
 * symmetrized (Eqs. 6-7, SM 67) or not (SM 62), tau held or following the trace [D]. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_REDUCED_H
#define SSLDYN_THEORY_REDUCED_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Doubles of workspace that the functions below need. */
size_t ssldyn_reduced_workspace(size_t n);

/* Right-hand side of M2.
 *   Wp, F    n x n, row-major, read only; F symmetric (Wp as well if parameters->symmetric)
 *   tau      the current ratio Wa = tau W
 *   Wp_rate, F_rate  n x n, written, must not alias inputs
 *   tau_rate if not NULL: dtau/dt = beta (1 - tau) - tau tr(dF/dt)/(2 tr F); with tr F = 0 the
 *   limit
 *            of a vanishing W, beta (1 - tau) + eta_s tau
 * parameters->symmetric selects Eqs. 6-7, otherwise SM 62. */
void ssldyn_reduced_rhs(const struct ssldyn_parameters *parameters, size_t n, const double Wp[],
                        const double F[], double tau, double Wp_rate[], double F_rate[],
                        double *tau_rate, double workspace[]);

/* The closure F = Wp^T Wp / alpha_p of Fig. 8: writes F (n x n) from Wp. */
void ssldyn_reduced_closure(double alpha_p, size_t n, const double Wp[], double F[]);

/* K of Thm 3, n x n: c (alpha_p F/2 + Wp^2 - (tau/c) Wp) + (eta_p/2 + eta_s) I.
 * Meaningful for symmetric Wp; the caller passes the symmetric part otherwise. */
void ssldyn_reduced_alignment_matrix(const struct ssldyn_rates *rates, size_t n, const double Wp[],
                                     const double F[], double tau, double K[]);

#ifdef __cplusplus
}
#endif

#endif
