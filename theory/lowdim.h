/* M5, the low-dimensional flow for one common eigenvector of X + X' (lambda_s) and X (lambda_d)
 * (SM D.4, Eqs. 104-106, with weight decay). M3 is M5 with lambda_s = c, lambda_d = 1, s = w^2,
 * tau = wa/w. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_LOWDIM_H
#define SSLDYN_THEORY_LOWDIM_H

#include "theory/margin.h"
#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* y = (wp, w, wa). The switches of parameters apply: tau_held ties wa = tau w (its derivative is
 * then tau dw/dt), !predictor fixes wp = 1 (dwp/dt = 0), !stop_grad (needs tau_held, tau = 1)
 * adds the gradient through the target (Thm 2 in one dimension). dydt must not alias y. */
void ssldyn_lowdim_rhs(const struct ssldyn_parameters *parameters, const double y[3],
                       double dydt[3]);

/* Its Jacobian, row-major 3 x 3. */
void ssldyn_lowdim_jacobian(const struct ssldyn_parameters *parameters, const double y[3],
                            double jacobian[9]);

/* Its derivatives with respect to the parameters at constant y, row-major 3 x SSLDYN_KNOBS in
 * the order of enum ssldyn_knob: the other half of the variational equations. NOISE is lambda_s
 * at constant lambda_d, so its column is that of LAMBDA_S; a target that moves has no tau. Needs
 * stop-gradient and a trained predictor. */
void ssldyn_lowdim_slopes(const struct ssldyn_parameters *parameters, const double y[3],
                          double slopes[3 * SSLDYN_KNOBS]);

#ifdef __cplusplus
}
#endif

#endif
