/* M3, the decoupled modes: one triple (p, s, tau) per eigenvector shared by F and Wp (Eqs.
 * 11-13). tau = wa/w grows without bound on a collapsing mode if beta <= eta_s; a second chart
 * in r = 1/tau continues the solution there. Both charts end where w changes its sign, which is
 * possible only if p or tau is negative: p, tau >= 0 is forward invariant, and there (dw/dt)/w
 * >= -c p^2 - eta_s. M5, whose variables are smooth, continues through w = 0 (theory/lowdim.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_MODES_H
#define SSLDYN_THEORY_MODES_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ssldyn_tau_chart {
    SSLDYN_CHART_TAU,     /* third variable is tau */
    SSLDYN_CHART_RATIO,   /* third variable is r = 1/tau */
    SSLDYN_CHART_NETWORKS /* the variables of M5, (p, w, wa): s = w^2, tau = wa/w */
};

/* Right-hand side of M3 (Eqs. 11-13, dtau/dt in its polynomial form [D]).
 *   y     (p, s, tau), s >= 0; read only
 *   dydt  its time derivative; written, must not alias y
 * Defined for every finite y; allocates nothing and cannot fail. */
void ssldyn_modes_rhs(const struct ssldyn_rates *rates, const double y[3], double dydt[3]);

/* The same flow in the chart (p, s, r = 1/tau) [D]. Defined for every finite y, with the limit s
 * tau = 0 at s = 0. */
void ssldyn_modes_rhs_ratio(const struct ssldyn_rates *rates, const double y[3], double dydt[3]);

/* M3 at constant tau (SimSiam: tau = 1): y = (p, s). */
void ssldyn_modes_rhs_held(const struct ssldyn_rates *rates, double tau, const double y[2],
                           double dydt[2]);

/* Jacobians d(dydt)/dy of the three forms above, row-major. */
void ssldyn_modes_jacobian(const struct ssldyn_rates *rates, const double y[3], double jacobian[9]);
void ssldyn_modes_jacobian_ratio(const struct ssldyn_rates *rates, const double y[3],
                                 double jacobian[9]);
void ssldyn_modes_jacobian_held(const struct ssldyn_rates *rates, double tau, const double y[2],
                                double jacobian[4]);

/* Modes with a closed-form predictor (THEORY section 7): p = rule(s; s_max) replaces Eq. 11.
 *   ds/dt = 2 p s (tau - c p) - 2 eta_s s,   dtau/dt as in M3. */
void ssldyn_modes_rhs_set(const struct ssldyn_rates *rates, double p, const double y[2],
                          double dydt[2]);

/* c_j = s - p^2/alpha_p, the balance of one mode (Thm 1): it decays as exp(-2 eta t). */
double ssldyn_modes_balance(const struct ssldyn_rates *rates, double p, double s);

/* K_j of Thm 3 in the aligned basis: c (alpha_p s/2 + p^2) - tau p + eta_p/2 + eta_s [D] (3
 * eta/2 if the two decays are equal). */
double ssldyn_modes_alignment_rate(const struct ssldyn_rates *rates, double p, double s,
                                   double tau);

#ifdef __cplusplus
}
#endif

#endif
