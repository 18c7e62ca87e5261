/* The results of an analysis as values. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ALIGN_VALUES_H
#define SSLDYN_SIM_ANSWER_ALIGN_VALUES_H

#include "sim/align/align.h"
#include "sim/options/spec.h"
#include "sim/result/result.h"

/* Adds the values of the last snapshot, as the program prints them; unknown ones are left out. */
void ssldyn_answer_align_put(const struct ssldyn_spec *spec,
                             const struct ssldyn_align_report *report,
                             struct ssldyn_result *result);

#endif
