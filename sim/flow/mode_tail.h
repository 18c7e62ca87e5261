/* The tail of a collapsed mode in a flow: once its equations are linear it needs no integrator,
 * which would fail where numbers underflow. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MODE_TAIL_H
#define SSLDYN_SIM_FLOW_MODE_TAIL_H

#include "sim/flow/mode_system.h"

/* Checks the state after the last step of a mode that is certain to collapse. parameters: with
 * lambda_s and lambda_d also for M3 and M4. */
void ssldyn_mode_tail_check(struct ssldyn_mode *mode, const struct ssldyn_parameters *parameters);

/* The state at t, which must not be before the start of the tail. */
struct ssldyn_mode_state ssldyn_mode_tail_state(const struct ssldyn_mode *mode,
                                                const struct ssldyn_parameters *parameters,
                                                double t);

#endif
