/* The run of one point of a sweep. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_POINT_RUN_H
#define SSLDYN_SIM_SWEEP_POINT_RUN_H

#include "sim/options/spec.h"

#include <stdint.h>
#include <stdio.h>

/* Runs spec, a flow or SGD, into PATH/point-NUMBER. Several processes can do so at once; no sweep
 * replaces the results in path meanwhile. The report goes to stream (NULL: none). EINPUT where the
 * directory cannot take the run or a sweep is at work in path; what the run ends with. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_point_run(const struct ssldyn_spec *spec,
                                                      const char *path, int64_t number,
                                                      FILE *stream, struct ssldyn_error *err);

#endif
