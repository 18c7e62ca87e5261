/* ssldyn theory: closed-form results as values, or as the rows of a table. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_THEORY_H
#define SSLDYN_SIM_ANSWER_THEORY_H

#include "sim/answer/answer.h"

/* Values: everything known in closed form; for several modes NAME_1, NAME_2, ..., and the array
 * NAME of them. With --table rows instead (sim/closed/closed.h lists their columns) and, unless
 * they are to be kept, the text "table", which is shown. EINPUT, EDOMAIN: not known in closed
 * form, or not for these numbers; ENOMEM; EIO from files that the spec names. Nothing is added
 * before everything is certain. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_theory(struct ssldyn_spec *spec,
                                                          const struct ssldyn_answer_mode *mode,
                                                          struct ssldyn_result *result,
                                                          struct ssldyn_error *err);

#endif
