/* Shared by the two halves of the ladder: its runs and its gaps. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_COMPARE_LADDER_INTERNAL_H
#define SSLDYN_SIM_COMPARE_LADDER_INTERNAL_H

#include "sim/compare/ladder.h"

/* Fills in the gaps of the rungs whose runs are in output, and writes output/trace.tsv. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_ladder_measure(const char *output, struct ssldyn_ladder *ladder, struct ssldyn_error *err);

#endif
