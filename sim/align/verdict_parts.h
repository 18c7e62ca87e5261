/* The parts of a verdict; private to this directory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_VERDICT_PARTS_H
#define SSLDYN_SIM_ALIGN_VERDICT_PARTS_H

#include "sim/align/verdict.h"

/* Appends a sentence to verdict->text, truncated at its end. */
void ssldyn_verdict_append(struct ssldyn_verdict *verdict, const char *format, ...)
    SSLDYN_PRINTF(2, 3);

/* Sets verdict->collapse and starts the text. history holds at least one summary. */
void ssldyn_verdict_judge_collapse(const struct ssldyn_history *history,
                                   const struct ssldyn_basis *basis,
                                   struct ssldyn_verdict *verdict);

/* Sets verdict->parabola and appends the sentences on the last snapshot. */
void ssldyn_verdict_judge_parabola(const struct ssldyn_summary *last,
                                   struct ssldyn_verdict *verdict);
/* Whether a snapshot is on the parabola: 1 yes, 0 no, -1 unknown. */
int ssldyn_verdict_parabola_holds(const struct ssldyn_summary *summary);

#endif
