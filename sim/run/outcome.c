/* The results kept of a run without a directory. */
// SPDX-License-Identifier: MIT
#include "sim/run/outcome.h"

#include <math.h>

void ssldyn_outcome_init(struct ssldyn_outcome *outcome)
{
    const double unknown = (double)NAN;
    *outcome = (struct ssldyn_outcome){.fate = SSLDYN_FATE_UNDECIDED,
                                       .rank = unknown,
                                       .rank_end = unknown,
                                       .p = unknown,
                                       .s = unknown,
                                       .tau = unknown,
                                       .t = 0.0,
                                       .t_decided = unknown,
                                       .t_escape = unknown,
                                       .k_min = unknown,
                                       .margin = unknown,
                                       .loss = unknown,
                                       .commutator = unknown,
                                       .asymmetry = unknown,
                                       .step_time = unknown};
}
