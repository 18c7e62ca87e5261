/* How the edge of the basin depends on the numbers that define a mode: those of one layer are in
 * basin_derivatives.c, those of a deep encoder here. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_BASIN_SLOPES_H
#define SSLDYN_SIM_FLOW_BASIN_SLOPES_H

#include "sim/flow/basin.h"
#include "theory/depth_flow.h"

/* The numbers of a mode: its parameters, indexed by enum ssldyn_knob (NOISE stays 0, since
 * lambda_s and lambda_d cover it), then its start, (wp, w, wa) or the state of depth_flow.h. */
enum {
    SSLDYN_BASIN_START = SSLDYN_KNOBS,
    SSLDYN_BASIN_NUMBERS = SSLDYN_KNOBS + SSLDYN_DEPTH_VARIABLES
};

/* Derivatives of the signed distance of the solution's end from the stable manifold with respect
 * to the numbers, up to a common factor. NaN: unknown. */
struct ssldyn_basin_slopes {
    double by[SSLDYN_BASIN_NUMBERS];
};

/* The numbers of a deep mode; unused ones are 0. */
void ssldyn_deep_slopes_numbers(const struct ssldyn_mode_point *point,
                                double numbers[SSLDYN_BASIN_NUMBERS]);

/* The slopes of the start of point, which lies on the edge. *why: as ssldyn_basin_derivatives,
 * left alone if they are known. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_deep_slopes_of_edge(const struct ssldyn_mode_point *point,
                           struct ssldyn_basin_slopes *slopes, const char **why,
                           struct ssldyn_error *err);

#endif
