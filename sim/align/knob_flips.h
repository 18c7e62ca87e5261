/* By what factor one knob alone must change for the fate of a mode to flip, from where it is now.
 */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_KNOB_FLIPS_H
#define SSLDYN_SIM_ALIGN_KNOB_FLIPS_H

#include "sim/base/error.h"
#include "sim/ensemble/ensemble.h"

#include <stddef.h>

/* What is changed: both weight decays; alpha_p; beta; the mode's weights (wp, w, wa). */
enum ssldyn_flip {
    SSLDYN_FLIP_DECAY,
    SSLDYN_FLIP_ALPHA_P,
    SSLDYN_FLIP_BETA,
    SSLDYN_FLIP_WEIGHTS,
    SSLDYN_FLIPS
};

/* The fate of each point, certified or undecided, and for each knob the factor nearest to 1, within
 * 1/1024 to 1024, at which it flips, to about 1e-6. NaN: the fate is undecided, does not flip in
 * that range, or is not certified near enough to where it flips. Of flips less than a factor of
 * 2^(1/2) apart the nearest may be missed. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_knob_flips(size_t count,
                                                       const struct ssldyn_ensemble_point points[],
                                                       enum ssldyn_fate fates[],
                                                       double factors[][SSLDYN_FLIPS],
                                                       struct ssldyn_error *err);

#endif
