/* The tail of a collapsed mode in a flow: from where its equations are linear on it needs no
 * integrator any more, which would be lost where numbers end. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MODE_TAIL_H
#define SSLDYN_SIM_FLOW_MODE_TAIL_H

#include "sim/flow/mode_system.h"

/* Looks at the state after the last step of a mode that is bound to collapse. parameters: with
 * lambda_s and lambda_d also for M3 and M4. */
void ssldyn_mode_tail_look(struct ssldyn_mode *mode, const struct ssldyn_parameters *parameters);

/* The state at t, which is not before that of a tail that was reached. */
struct ssldyn_mode_state ssldyn_mode_tail_state(const struct ssldyn_mode *mode,
                                                const struct ssldyn_parameters *parameters,
                                                double t);

#endif
