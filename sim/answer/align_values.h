/* What an analysis came to, as values of a result. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_ALIGN_VALUES_H
#define SSLDYN_SIM_ANSWER_ALIGN_VALUES_H

#include "sim/align/align.h"
#include "sim/options/spec.h"
#include "sim/result/result.h"

/* The last snapshot's values, as the program prints them; those that are not known are left out. */
void ssldyn_answer_align_put(const struct ssldyn_spec *spec,
                             const struct ssldyn_align_report *report,
                             struct ssldyn_result *result);

#endif
