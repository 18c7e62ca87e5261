/* Checks which inputs of ssldyn align may be combined. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ALIGN_CHECK_H
#define SSLDYN_SIM_ANSWER_ALIGN_CHECK_H

#include "sim/options/spec.h"

/* Refuses options of another source of snapshots than the given one, and rates if a run has its
 * own. EINPUT. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_align_check(const struct ssldyn_spec *spec,
                                                               struct ssldyn_error *err);

/* Whether a weight decay is given, for which the margins of modes are computed. */
bool ssldyn_answer_align_decay_given(const struct ssldyn_spec *spec);

#endif
