/* M1 under a loss whose rate grows without bound, split for the implicit method (ode.h): the
 * residual R of the loss moves only W and Wp, dW = Wp^T R, dWp = alpha_p R W^T. Private to
 * matrix_system. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_SPLIT_H
#define SSLDYN_SIM_FLOW_MATRIX_SPLIT_H

#include "sim/flow/matrix_equations.h"

/* Creates system->split if the equations of the system have this form and their Jacobian is of
 * moderate size, else leaves it NULL. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_split_create(struct ssldyn_matrix_system *system,
                                                                struct ssldyn_error *err);
void ssldyn_matrix_split_free(struct ssldyn_matrix_split *split);

/* For the integrator, with the system as context: the right-hand side by way of R, the split
 * evaluation, and the Jacobian at the state of the last split evaluation, whose E stands for R where
 * R itself is mostly amplified error. Derivatives of R are differences, all else is exact. */
void ssldyn_matrix_split_rhs(double t, const double y[], double dydt[], void *context);
void ssldyn_matrix_split_evaluate(double t, const double y[], const double k[], const double at[],
                                  double f[], void *context);
void ssldyn_matrix_split_jacobian(double t, const double y[], double entries[], void *context);

#endif
