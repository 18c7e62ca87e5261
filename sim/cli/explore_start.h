/* What the page of ssldyn explore starts with, from its options. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_EXPLORE_START_H
#define SSLDYN_SIM_CLI_EXPLORE_START_H

#include "sim/explore/explore.h"
#include "sim/options/spec.h"

/* start borrows from the rest. */
struct ssldyn_cli_explore_start {
    struct ssldyn_explore_start start;
    struct ssldyn_call_pair *pairs; /* owned */
    char **texts;                   /* those of the pairs, two each; owned */
    char *run, *title;              /* owned */
};

/* spec: parsed and checked. EINPUT: a model or a result that the page does not show. Clear it, also
 * after a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_cli_explore_start_make(const struct ssldyn_spec *spec,
                              struct ssldyn_cli_explore_start *start, struct ssldyn_error *err);
void ssldyn_cli_explore_start_clear(struct ssldyn_cli_explore_start *start);

#endif
