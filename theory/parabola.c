/* M4, the flow on the invariant parabola. */
// SPDX-License-Identifier: MIT
#include "theory/parabola.h"

double ssldyn_parabola_velocity(const struct ssldyn_rates *rates, double p, double tau)
{
    return p * (p * (tau - rates->c * p) - rates->eta_s); /* Eq. 15 */
}

void ssldyn_parabola_rhs(const struct ssldyn_rates *rates, const double y[static 2],
                         double dydt[static 2])
{
    const double p = y[0];
    const double tau = y[1];
    const double growth = p * (tau - rates->c * p) - rates->eta_s; /* (dp/dt)/p */

    dydt[0] = p * growth;                               /* Eq. 15 */
    dydt[1] = rates->beta * (1.0 - tau) - tau * growth; /* Eq. 16 differentiated */
}

void ssldyn_parabola_rhs_ratio(const struct ssldyn_rates *rates, const double y[static 2],
                               double dydt[static 2])
{
    const double p = y[0];
    const double r = y[1];
    /* p^2 tau is 0 if p is, however large tau */
    const double pull = p == 0.0 ? 0.0 : p * (p / r);

    dydt[0] = pull - rates->c * p * p * p - rates->eta_s * p; /* Eq. 15 */
    /* dr/dt = -r^2 dtau/dt [D] */
    dydt[1] = rates->beta * r * (1.0 - r) + p - rates->c * p * p * r - rates->eta_s * r;
}

void ssldyn_parabola_jacobian(const struct ssldyn_rates *rates, const double y[static 2],
                              double jacobian[static 4])
{
    const double p = y[0];
    const double tau = y[1];
    const double c = rates->c;

    jacobian[0] = p * (2.0 * tau - 3.0 * c * p) - rates->eta_s;
    jacobian[1] = p * p;
    jacobian[2] = -tau * (tau - 2.0 * c * p);
    jacobian[3] = -rates->beta - p * (2.0 * tau - c * p) + rates->eta_s;
}

void ssldyn_parabola_jacobian_ratio(const struct ssldyn_rates *rates, const double y[static 2],
                                    double jacobian[static 4])
{
    const double p = y[0];
    const double r = y[1];
    const double c = rates->c;
    const double p_tau = p == 0.0 ? 0.0 : p / r;

    jacobian[0] = 2.0 * p_tau - 3.0 * c * p * p - rates->eta_s;
    jacobian[1] = -p_tau * p_tau;
    jacobian[2] = 1.0 - 2.0 * c * p * r;
    jacobian[3] = rates->beta * (1.0 - 2.0 * r) - c * p * p - rates->eta_s;
}

double ssldyn_parabola_from_infinity(const struct ssldyn_rates *rates, double p)
{
    /* With u = 1/p and a = tau p: da/du = beta (1 - u a)/(c + (eta - a) u^2), a(0) = 0, whose
     * series begins with a1 u - a1 (a1 + eta/c) u^3/3 + a1^2 u^4/(4 c), a1 = beta/c. */
    const double u = 1.0 / p;
    const double a1 = rates->beta / rates->c;
    const double cubic = (a1 + rates->eta_s / rates->c) / 3.0;

    return a1 * u * u * (1.0 - u * u * (cubic - u * a1 / (4.0 * rates->c)));
}
