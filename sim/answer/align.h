/* ssldyn align: a run, a network's matrices or spectra alone in terms of the theory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ALIGN_H
#define SSLDYN_SIM_ANSWER_ALIGN_H

#include "sim/answer/answer.h"

/* Values: those that the program prints for the last snapshot; collapse, aligned, symmetric and
 * parabola are words. Rows, if kept: those of trace.tsv. Texts: verdict; if kept spec, and each
 * further table under its file name, cosine.tsv, knobs.tsv, margins.tsv, prediction.tsv;
 * directory. Arrays, if kept: the columns of those tables, cosine_NAME, knobs_NAME,
 * margins_NAME, prediction_NAME, one entry per row; columns numbered by modes, s_1 s_2 ..., are
 * one array of rows x modes. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_answer_align(struct ssldyn_spec *spec,
                                                         const struct ssldyn_answer_mode *mode,
                                                         struct ssldyn_result *result,
                                                         struct ssldyn_error *err);

#endif
