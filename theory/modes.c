/* M3, the decoupled modes, in the charts tau and r = 1/tau and at constant tau. */
// SPDX-License-Identifier: MIT
#include "theory/modes.h"

void ssldyn_modes_rhs(const struct ssldyn_rates *rates, const double y[static 3],
                      double dydt[static 3])
{
    const double p = y[0];
    const double s = y[1];
    const double tau = y[2];
    const double drive = tau - rates->c * p;

    dydt[0] = rates->alpha_p * s * drive - rates->eta_p * p; /* Eq. 11 */
    dydt[1] = 2.0 * p * s * drive - 2.0 * rates->eta_s * s;  /* Eq. 12 */
    /* Eq. 13 divides ds/dt by s; written out, the s cancels and s = 0 is not a special case. */
    dydt[2] = rates->beta * (1.0 - tau) - tau * p * drive + rates->eta_s * tau;
}

/* s/r = s tau; if s = 0 the product is 0 however large tau is. */
static double target_product(double s, double r)
{
    return s == 0.0 ? 0.0 : s / r;
}

void ssldyn_modes_rhs_ratio(const struct ssldyn_rates *rates, const double y[static 3],
                            double dydt[static 3])
{
    const double p = y[0];
    const double s = y[1];
    const double r = y[2];
    const double s_drive = target_product(s, r) - rates->c * p * s;

    dydt[0] = rates->alpha_p * s_drive - rates->eta_p * p; /* Eq. 11 */
    dydt[1] = 2.0 * p * s_drive - 2.0 * rates->eta_s * s;  /* Eq. 12 */
    /* dr/dt = -r^2 dtau/dt with Eq. 13: all powers of tau cancel [D] */
    dydt[2] = rates->beta * r * (1.0 - r) + p - rates->c * p * p * r - rates->eta_s * r;
}

void ssldyn_modes_rhs_held(const struct ssldyn_rates *rates, double tau, const double y[static 2],
                           double dydt[static 2])
{
    const double p = y[0];
    const double s = y[1];
    const double drive = tau - rates->c * p;

    dydt[0] = rates->alpha_p * s * drive - rates->eta_p * p; /* Eq. 11 */
    dydt[1] = 2.0 * p * s * drive - 2.0 * rates->eta_s * s;  /* Eq. 12 */
}

void ssldyn_modes_jacobian(const struct ssldyn_rates *rates, const double y[static 3],
                           double jacobian[static 9])
{
    const double p = y[0];
    const double s = y[1];
    const double tau = y[2];
    const double c = rates->c;
    const double drive = tau - c * p;

    jacobian[0] = -rates->alpha_p * c * s - rates->eta_p;
    jacobian[1] = rates->alpha_p * drive;
    jacobian[2] = rates->alpha_p * s;
    jacobian[3] = 2.0 * s * (drive - c * p);
    jacobian[4] = 2.0 * p * drive - 2.0 * rates->eta_s;
    jacobian[5] = 2.0 * p * s;
    jacobian[6] = -tau * (drive - c * p);
    jacobian[7] = 0.0;
    jacobian[8] = -rates->beta - p * (drive + tau) + rates->eta_s;
}

void ssldyn_modes_jacobian_ratio(const struct ssldyn_rates *rates, const double y[static 3],
                                 double jacobian[static 9])
{
    const double p = y[0];
    const double s = y[1];
    const double r = y[2];
    const double c = rates->c;
    /* r = 0 occurs only at s = 0, where tau enters no rate; its derivatives count as 0 there. */
    const double tau = r == 0.0 ? 0.0 : 1.0 / r;
    const double drive = tau - c * p;

    jacobian[0] = -rates->alpha_p * c * s - rates->eta_p;
    jacobian[1] = rates->alpha_p * drive;
    jacobian[2] = -rates->alpha_p * s * tau * tau;
    jacobian[3] = 2.0 * s * (drive - c * p);
    jacobian[4] = 2.0 * p * drive - 2.0 * rates->eta_s;
    jacobian[5] = -2.0 * p * s * tau * tau;
    jacobian[6] = 1.0 - 2.0 * c * p * r;
    jacobian[7] = 0.0;
    jacobian[8] = rates->beta * (1.0 - 2.0 * r) - c * p * p - rates->eta_s;
}

void ssldyn_modes_jacobian_held(const struct ssldyn_rates *rates, double tau,
                                const double y[static 2], double jacobian[static 4])
{
    const double p = y[0];
    const double s = y[1];
    const double c = rates->c;
    const double drive = tau - c * p;

    jacobian[0] = -rates->alpha_p * c * s - rates->eta_p;
    jacobian[1] = rates->alpha_p * drive;
    jacobian[2] = 2.0 * s * (drive - c * p);
    jacobian[3] = 2.0 * p * drive - 2.0 * rates->eta_s;
}

void ssldyn_modes_rhs_set(const struct ssldyn_rates *rates, double p, const double y[static 2],
                          double dydt[static 2])
{
    const double s = y[0];
    const double tau = y[1];
    const double drive = tau - rates->c * p;

    dydt[0] = 2.0 * p * s * drive - 2.0 * rates->eta_s * s;                     /* Eq. 12 */
    dydt[1] = rates->beta * (1.0 - tau) - tau * p * drive + rates->eta_s * tau; /* Eq. 13 */
}

double ssldyn_modes_balance(const struct ssldyn_rates *rates, double p, double s)
{
    return s - p * p / rates->alpha_p;
}

double ssldyn_modes_alignment_rate(const struct ssldyn_rates *rates, double p, double s, double tau)
{
    return rates->c * (0.5 * rates->alpha_p * s + p * p) - tau * p + 0.5 * rates->eta_p +
           rates->eta_s;
}
