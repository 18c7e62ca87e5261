/* M4, the flow on the invariant parabola alpha_p s = p^2 with eta_p = eta_s = eta (Eqs. 15-16). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_PARABOLA_H
#define SSLDYN_THEORY_PARABOLA_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* dp/dt of Eq. 15 at the given tau; uses c and eta_s of rates. */
double ssldyn_parabola_velocity(const struct ssldyn_rates *rates, double p, double tau);

/* y = (p, tau): Eq. 15 with the time derivative of Eq. 16, dtau/dt = beta (1 - tau) - tau
 * (dp/dt)/p, written without the division. dydt must not alias y. */
void ssldyn_parabola_rhs(const struct ssldyn_rates *rates, const double y[2], double dydt[2]);

/* The chart (p, r = 1/tau) of the same flow, for tau that grows without bound [D]. */
void ssldyn_parabola_rhs_ratio(const struct ssldyn_rates *rates, const double y[2], double dydt[2]);

/* Jacobians, row-major 2 x 2. */
void ssldyn_parabola_jacobian(const struct ssldyn_rates *rates, const double y[2],
                              double jacobian[4]);
void ssldyn_parabola_jacobian_ratio(const struct ssldyn_rates *rates, const double y[2],
                                    double jacobian[4]);

/* tau at large p on the orbit that comes from p = infinity with tau p = 0 there: Wa(0) = 0 and
 * arbitrarily large starts [D]. The relative error is (beta + eta_s)^2/(c p^2)^2; the orbit
 * takes a time of 1/(2 c p^2) to reach p. */
double ssldyn_parabola_from_infinity(const struct ssldyn_rates *rates, double p);

#ifdef __cplusplus
}
#endif

#endif
