/* A sweep in memory, as the arrays of a result. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ANSWER_SWEEP_ARRAYS_H
#define SSLDYN_SIM_ANSWER_SWEEP_ARRAYS_H

#include "sim/result/result.h"
#include "sim/sweep/sweep.h"

/* Computes the sweep of a checked spec, or reads a finished one from the files in directory
 * (NULL: computes), into arrays of the result, and adds its axes, shares and lines
 * (sim/answer/sweep.h), and the function that saves it. EINTERRUPTED: the results so far. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_arrays_fill(const struct ssldyn_spec *spec,
                                                              const char *directory,
                                                              struct ssldyn_result *result,
                                                              struct ssldyn_sweep_report *report,
                                                              struct ssldyn_error *err);

#endif
