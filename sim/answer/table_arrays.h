/* A table that is written as text, as arrays of a result. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_TABLE_ARRAYS_H
#define SSLDYN_SIM_ANSWER_TABLE_ARRAYS_H

#include "sim/result/result.h"

/* Puts the columns of "knobs.tsv", which text is, as arrays knobs_NAME with an entry for each row;
 * those that are numbered by modes, s_1, s_2, ..., as one array knobs_s of rows x modes. EINPUT: text
 * is no table. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_table_arrays(struct ssldyn_result *result,
                                                                const char *name, const char *text,
                                                                struct ssldyn_error *err);

#endif
