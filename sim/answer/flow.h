/* ssldyn flow: one of the theory's flows, its closing report and its margins. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_FLOW_H
#define SSLDYN_SIM_ANSWER_FLOW_H

#include "sim/answer/answer.h"

/* Rows: those of trace.tsv. Values: rank, rank_at_end of matrices and coupled modes;
 * closure_error. Arrays, if kept: t, Wp, W, Wa, F of matrices; fate and since of the modes; with
 * --margins x_NAME, there_NAME and kind_NAME (0 none, 1 fold, 2 edge) of each knob. Texts:
 * report, took, spec, events, margins, directory. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_flow(struct ssldyn_spec *spec,
                                                        const struct ssldyn_answer_mode *mode,
                                                        struct ssldyn_result *result,
                                                        struct ssldyn_error *err);

#endif
