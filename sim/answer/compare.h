/* ssldyn compare: two runs, a table of several, or one configuration on every rung of the
 * theory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_COMPARE_H
#define SSLDYN_SIM_ANSWER_COMPARE_H

#include "sim/answer/answer.h"

/* For two runs: the gaps, settings and verdict as values, and the curves of trace.tsv as rows,
 * if they are kept. For more, or for a folder: the text "runs.tsv", which is shown, and as rows
 * its numeric columns, nan for a missing value. --ladder: the gaps of every rung as values, the
 * curves as rows, and the text "report", its table for people; the runs of the rungs are written
 * only into the directory of the results. EINPUT, ENOMEM, EIO; EINTERRUPTED in a ladder. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_compare(struct ssldyn_spec *spec,
                                                           const struct ssldyn_answer_mode *mode,
                                                           struct ssldyn_result *result,
                                                           struct ssldyn_error *err);

#endif
