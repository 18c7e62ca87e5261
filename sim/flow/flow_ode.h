/* Advances the solver to a given time, for every kind of flow and for forecasts. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_FLOW_ODE_H
#define SSLDYN_SIM_FLOW_FLOW_ODE_H

#include "sim/base/error.h"
#include "sim/ode/ode.h"

/* One step; returns SSLDYN_EINTERRUPTED if Ctrl-C was pressed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_flow_step(struct ssldyn_ode *ode,
                                                      struct ssldyn_error *err);

/* Takes steps until the solver has reached t, so that the state at t can be interpolated.
 * `after_step` (may be NULL) is called after every step and may stop the integration by a status
 * other than SSLDYN_OK; so does Ctrl-C (SSLDYN_EINTERRUPTED). */
typedef enum ssldyn_status ssldyn_flow_step_callback(void *context, struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_flow_advance(struct ssldyn_ode *ode, double t,
                                                         ssldyn_flow_step_callback *after_step,
                                                         void *context, struct ssldyn_error *err);

#endif
