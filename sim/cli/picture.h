/* Pictures of runs: which script draws which kind of run, where the scripts are, and gnuplot. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_H
#define SSLDYN_SIM_CLI_PICTURE_H

#include "sim/base/error.h"

#include <stddef.h>

/* The script for what the directory holds, e.g. "matrix"; EINPUT where it holds nothing to draw. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_script(const char *run, const char **script,
                                                           struct ssldyn_error *err);

/* Draws the run into the file output (ending in .png, .svg or .pdf), or in a window where output is
 * "window". The file appears whole or not at all. EINPUT for a run or an output that cannot be;
 * EFAILED where gnuplot or the scripts are missing or fail. Scripts are looked for in
 * $SSLDYN_PLOTS, then where they were installed, then in ./plots. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_draw(const char *run, const char *output,
                                                         struct ssldyn_error *err);

#endif
