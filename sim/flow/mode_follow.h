/* One trajectory of M5 by the solvers of sim/ode, for the few that the ensemble cannot follow:
 * stiff ones and those with lambda_d = 0. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MODE_FOLLOW_H
#define SSLDYN_SIM_FLOW_MODE_FOLLOW_H

#include "sim/ensemble/ensemble.h"
#include "sim/ode/ode.h"

/* Creates an integrator of M5 in (wp, w, wa), from the point at t = 0 to t_end. parameters must
 * be those of the point; they are borrowed and must not change. The caller frees *ode, also
 * after a failure. ENOMEM, EINPUT. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_mode_follow_start(const struct ssldyn_ensemble_point *point,
                         struct ssldyn_parameters *parameters,
                         const struct ssldyn_ode_options *options, double t_end,
                         struct ssldyn_ode **ode, struct ssldyn_error *err);

/* Follows the point to options->t_end, or if options->stop is set until its fate is certified,
 * and fills end as ssldyn_ensemble_run does; options->track_alignment as there. It is integrated twice, at
 * tolerances that differ by a factor of 1000, and a verdict must hold for all states within the
 * difference of the two. EFAILED is not returned: a trajectory that no solver can continue ends
 * at its last state, undecided. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_mode_follow(const struct ssldyn_ensemble_point *point,
                   const struct ssldyn_ensemble_options *options, struct ssldyn_ensemble_end *end,
                   struct ssldyn_error *err);

#endif
