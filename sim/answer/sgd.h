/* ssldyn sgd: the stochastic process behind the flow, one run or an ensemble. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_SGD_H
#define SSLDYN_SIM_ANSWER_SGD_H

#include "sim/answer/answer.h"

/* Rows: those of trace.tsv; for an ensemble the mean, with std, q05, ... q95 as arrays of the
 * same rows and columns. Further arrays, if kept: t, Wp, W, Wa, F; fate and since of the flow
 * from the last row on; data_x, data_xprime and data_scale of a run on drawn data. Texts:
 * report, cost, spec, events, directory. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_sgd(struct ssldyn_spec *spec,
                                                       const struct ssldyn_answer_mode *mode,
                                                       struct ssldyn_result *result,
                                                       struct ssldyn_error *err);

#endif
