/* By what factor one knob alone must change for the fate of a mode to flip, from where it is now.
 */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_KNOB_FLIPS_H
#define SSLDYN_SIM_FLOW_KNOB_FLIPS_H

#include "sim/base/error.h"
#include "sim/ensemble/ensemble.h"
#include "theory/margin.h"

#include <stddef.h>

/* What a factor f on a knob does: each number of the mode times f to its power, NOISE being
 * lambda_s - lambda_d, and the weights (wp, w, wa) times f^weights. */
struct ssldyn_knob_turn {
    double power[SSLDYN_KNOBS];
    double weights;
};
struct ssldyn_ensemble_point ssldyn_knob_turned(struct ssldyn_ensemble_point point,
                                                const struct ssldyn_knob_turn *turn, double factor);

/* Where a fate flips: factors with certified fates on both sides, same being that of the fate now;
 * both NaN where there is none. */
struct ssldyn_knob_flip {
    double same, other;
    double factor; /* between them, to about 1e-6; NaN where they are too far apart for a number */
};

/* The fate of each point, certified or undecided, and for each knob the flip nearest to factor 1,
 * within 1/1024 to 1024. None: the fate is undecided, or does not flip in that range. Of flips less
 * than a factor of 2^(1/2) apart the nearest may be missed. flips: turn_count of each point.
 * ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_knob_flips(size_t count, const struct ssldyn_ensemble_point points[], size_t turn_count,
                  const struct ssldyn_knob_turn turns[], enum ssldyn_fate fates[],
                  struct ssldyn_knob_flip flips[], struct ssldyn_error *err);

#endif
