/* The time from which the fate of a mode of a flow is certain. The certificate applies to a
 * point, and the integrator's point differs from the true solution by its accumulated error,
 * which near the edge of a basin may be any multiple of rtol. A companion, the same mode at
 * another tolerance, measures that error, and a verdict must hold for the whole box of possible
 * states. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MODE_FATE_H
#define SSLDYN_SIM_FLOW_MODE_FATE_H

#include "sim/flow/mode_system.h"
#include "theory/fate.h"

/* The fate of every solution through the states in the error box of `state`, given the state of
 * a companion at the same time: the box extends by ten times their difference plus rtol.
 * companion NULL: the state is exact, as at the start. UNDECIDED if the fate may differ within
 * the box. */
enum ssldyn_fate ssldyn_mode_fate_judge(const struct ssldyn_certificate *certificate,
                                        const struct ssldyn_mode_state *state,
                                        const struct ssldyn_mode_state *companion, double rtol);

/* The tolerance of the companion of a run at rtol. */
double ssldyn_mode_fate_rtol(double rtol);

/* Checks the last step of mode j (0-based) of a flow: *fate, which is UNDECIDED, becomes certain
 * or stays, and *since is the time within the step. The companion of the mode is created when
 * the certificate first applies, advanced with the mode, and freed after the verdict. The
 * verdict must also agree with that of ensemble and mode_follow on the start of the mode, which
 * bound the errors all the way. If the integrator of a companion fails, the fate stays
 * undecided. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_mode_fate_check(const struct ssldyn_certificate *certificate, struct ssldyn_mode *mode,
                       size_t j, enum ssldyn_fate *fate, double *since, struct ssldyn_error *err);

/* The same for a mode of a deep encoder (theory/depth_fate.h). Its companion runs along from the
 * start. If the two were ever far apart, the fate stays undecided: the start is then closer to
 * an edge than the tolerance. since is the end of the step. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_fate_check_deep(struct ssldyn_mode *mode, size_t j,
                                                                 enum ssldyn_fate *fate,
                                                                 double *since,
                                                                 struct ssldyn_error *err);

/* Its fate by the start alone, which is exact. */
enum ssldyn_fate ssldyn_mode_fate_start_deep(const struct ssldyn_mode *mode);

#endif
