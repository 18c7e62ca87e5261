/* The tail of a collapsed mode: once the products of p and tau are below rounding, M3 (and M5)
 * are linear and solved in closed form [D], down to the limit of double precision. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_TAIL_H
#define SSLDYN_THEORY_TAIL_H

#include "theory/parameters.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether all terms that the linear solution neglects stay below 1e-18, relatively, from the
 * point (p, s, tau) of a collapsing mode on. False for settings in which tau p does not decay
 * (eta_s >= eta_p + beta, or a decay of zero). lambda_s, lambda_d: those of M5; c and 1 for M3. */
bool ssldyn_tail_reached(const struct ssldyn_parameters *parameters, double p, double s,
                         double tau);

/* The state (p, s, tau) a time dt >= 0 after `start`:
 *   s = s0 exp(-2 eta_s dt),
 *   dtau/dt = beta - (beta - eta_s) tau,
 *   dp/dt = alpha_p lambda_d s tau - eta_p p.
 * tau becomes infinite when it overflows (beta < eta_s); a held tau is constant. */
void ssldyn_tail_solution(const struct ssldyn_parameters *parameters, const double start[3],
                          double dt, double end[3]);

/* The same for the networks of M5, which underflow later than their squares: from w0 and wa0,
 *   w = w0 exp(-eta_s dt),   dwa/dt = beta (w - wa); wa = tau w if tau is held. */
void ssldyn_tail_networks(const struct ssldyn_parameters *parameters, double w0, double wa0,
                          double dt, double *w, double *wa);

#ifdef __cplusplus
}
#endif

#endif
