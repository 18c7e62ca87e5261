/* Closed forms of M4 at constant tau (THEORY section 5 [D]): the time from p0 to p in the three
 * regimes D > 0, D = 0, D < 0 and at eta = 0, and its inverse p(t). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_CLOSEDFORM_H
#define SSLDYN_THEORY_CLOSEDFORM_H

#ifdef __cplusplus
extern "C" {
#endif

/* Time that dp/dt = p^2 (tau - c p) - eta p takes from p0 to p (negative: p lies in the past).
 * tau >= 0, c > 0, eta >= 0, p0 > 0; p >= 0, infinity included. If p is a fixed point (including
 * 0) the time is infinite, positive if the orbit goes there and negative if it comes from there.
 * NaN if no orbit joins the two (a fixed point lies between, or p0 is one) or an argument is
 * outside the domain. Relative accuracy about 1e-12 away from the fixed points, also near the
 * fold. */
double ssldyn_closedform_time(double tau, double c, double eta, double p0, double p);

/* p(t), t of either sign, by a safeguarded Newton iteration on the above; NaN outside the domain
 * (p0 < 0, or a negative time before which the solution came from infinity). t = +-infinity gives
 * the fixed point at that end of the orbit. */
double ssldyn_closedform_solution(double tau, double c, double eta, double p0, double t);

#ifdef __cplusplus
}
#endif

#endif
