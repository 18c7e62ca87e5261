/* Adds a table that is written as text as arrays of a result. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_TABLE_ARRAYS_H
#define SSLDYN_SIM_ANSWER_TABLE_ARRAYS_H

#include "sim/result/result.h"

/* Adds the columns of "knobs.tsv", whose contents are text, as arrays knobs_NAME with one entry
 * per row; columns numbered by modes, s_1, s_2, ..., become one array knobs_s of rows x modes.
 * EINPUT: text is not a table. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_table_arrays(struct ssldyn_result *result,
                                                                const char *name, const char *text,
                                                                struct ssldyn_error *err);

#endif
