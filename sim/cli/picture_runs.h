/* Pictures of several runs. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_RUNS_H
#define SSLDYN_SIM_CLI_PICTURE_RUNS_H

#include "sim/base/error.h"
#include "sim/cli/picture.h"
#include "sim/compare/run_set.h"

#include <stdio.h>

/* Writes the data of runs with a trace: a panel for each column ("a,b"; NULL: default columns),
 * with the curves of all runs, named by the settings in which they differ. EINPUT: a run cannot
 * be read, or none has a column of that name; then the nearest name is offered. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_picture_runs(FILE *program, struct ssldyn_run_set *set,
                    const struct ssldyn_picture_request *request, struct ssldyn_error *err);

/* Writes the data of sweeps: one, or a panel for each of several over the same axes. column: the
 * one to show, NULL: fates, or ranks. EINPUT as above. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_picture_sweeps(FILE *program, struct ssldyn_run_set *set,
                      const struct ssldyn_picture_request *request, struct ssldyn_error *err);

/* The names of the runs: runs, by_value (a scale, value_label, value_low, value_high,
 * value_log), POSITION[] (0 to 1, on the scale or in their order), legend, NAME[], LEGEND[]
 * (their runs), legend_width, and note, which ends with the remark. */
void ssldyn_picture_legend(FILE *program, const struct ssldyn_run_set *set, const char *remark);

/* The settings that distinguish a run from the others, in gnuplot's markup: "η = 0.02, β = 0.4";
 * preceded by its name if requested, or if no setting differs. */
void ssldyn_picture_run_label(char *label, size_t size, const struct ssldyn_run_set *set,
                              size_t run, bool with_name);

#endif
