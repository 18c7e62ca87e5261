/* From when on the fate of a mode of a flow is certain. The certificate speaks of a point, and an
 * integrator's point is off the true solution by what its errors have grown to: near a basin's edge
 * by any factor, whatever rtol is. A companion, the same mode at another tolerance, measures that,
 * and a verdict must hold for the whole box of the error. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MODE_FATE_H
#define SSLDYN_SIM_FLOW_MODE_FATE_H

#include "sim/flow/mode_system.h"
#include "theory/fate.h"

/* The fate of every solution through the states around `state` that are as likely as it, given a
 * companion's state at the same time: within ten times their difference and rtol of it. companion
 * NULL: the state is exact, as a start is. UNDECIDED where they may differ. */
enum ssldyn_fate ssldyn_mode_fate_judge(const struct ssldyn_certificate *certificate,
                                        const struct ssldyn_mode_state *state,
                                        const struct ssldyn_mode_state *companion, double rtol);

/* The tolerance of a companion of a run at rtol. */
double ssldyn_mode_fate_rtol(double rtol);

/* Looks at the last step of mode j (0-based) of a flow: *fate, which is UNDECIDED, becomes certain
 * or stays, and *since is the time inside the step. The mode's companion is made when the
 * certificate first speaks, brought along, and dropped with the verdict. The verdict must also be
 * that on the mode's start by ensemble and mode_follow, which bound the errors all the way. A
 * companion whose integrator fails leaves the fate undecided. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_mode_fate_look(const struct ssldyn_certificate *certificate, struct ssldyn_mode *mode,
                      size_t j, enum ssldyn_fate *fate, double *since, struct ssldyn_error *err);

/* The same for a mode of a deep encoder (theory/depth_fate.h). Its companion goes along from the
 * start, and where the two were ever far apart the fate stays open: the start is then nearer to an
 * edge than the tolerance. since is the end of the step. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_fate_look_deep(struct ssldyn_mode *mode, size_t j,
                                                                enum ssldyn_fate *fate,
                                                                double *since,
                                                                struct ssldyn_error *err);

/* Its fate by the start alone, which is exact. */
enum ssldyn_fate ssldyn_mode_fate_start_deep(const struct ssldyn_mode *mode);

#endif
