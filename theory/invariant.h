/* Invariants and identities of an exact run (THEORY section 3). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_INVARIANT_H
#define SSLDYN_THEORY_INVARIANT_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of enum ssldyn_law: the laws that hold under the settings while no rate changes. */
unsigned ssldyn_invariant_laws(const struct ssldyn_parameters *parameters);

/* Balance of Thm 1: R = W W^T - Wp^T Wp/alpha_p, n2 x n2. Constant up to exp(-2 eta t) for eta_p
 * = eta_s = eta, asymmetric M1, any Wa. */
void ssldyn_invariant_balance(double alpha_p, size_t n1, size_t n2, const double W[],
                              const double Wp[], double R[]);

/* The same from F = W W^T if W itself is not available (M2, X = I). */
void ssldyn_invariant_balance_from_correlation(double alpha_p, size_t n, const double F[],
                                               const double Wp[], double R[]);

/* Commutator L = [F, Wp] = F Wp - Wp F, n x n. */
void ssldyn_invariant_commutator(size_t n, const double F[], const double Wp[], double L[]);

/* Thm 3: dL/dt = -(K L + L K), exact for the symmetrized M2. workspace: none. */
void ssldyn_invariant_commutator_rate(size_t n, const double K[], const double L[],
                                      double L_rate[]);

/* Thm 3's sharp bound: |L(0)| exp(-2 integral), integral = int_0^t lambda_min(K). */
double ssldyn_invariant_commutator_bound(double commutator_start, double integral_lambda_min);

/* d/dt (s - p^2/alpha_p) = -2 eta_s s + 2 eta_p p^2/alpha_p [D], any two decays. */
double ssldyn_invariant_modes_balance_rate(const struct ssldyn_rates *rates, double p, double s);

#ifdef __cplusplus
}
#endif

#endif
