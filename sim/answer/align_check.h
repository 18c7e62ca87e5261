/* What ssldyn align may be given together. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ALIGN_CHECK_H
#define SSLDYN_SIM_ANSWER_ALIGN_CHECK_H

#include "sim/options/spec.h"

/* Refuses what belongs to another source of snapshots than the one that is given, and rates where a
 * run has its own. EINPUT. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_align_check(const struct ssldyn_spec *spec,
                                                               struct ssldyn_error *err);

/* Whether a weight decay is given, at which the margins of modes are found. */
bool ssldyn_answer_align_decay_given(const struct ssldyn_spec *spec);

#endif
