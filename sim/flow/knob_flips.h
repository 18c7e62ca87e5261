/* The factor by which one knob alone must change from its current value to flip the fate of a
 * mode. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_KNOB_FLIPS_H
#define SSLDYN_SIM_FLOW_KNOB_FLIPS_H

#include "sim/base/error.h"
#include "sim/ensemble/ensemble.h"
#include "sim/problem/problem.h"
#include "theory/margin.h"

#include <stddef.h>

/* The effect of a factor f on a knob: it multiplies each number of the mode by a power of f,
 * NOISE being lambda_s - lambda_d, the weight wp by f^weights, and w and wa, which are products of
 * the layers of a deep encoder, by f^product. */
struct ssldyn_knob_turn {
    double power[SSLDYN_KNOBS];
    double weights, product;
};
struct ssldyn_ensemble_point ssldyn_knob_turned(struct ssldyn_ensemble_point point,
                                                const struct ssldyn_knob_turn *turn, double factor);

/* A flip of the fate: factors with certified fates on both sides; at `same` the fate is the
 * present one. Both are NaN if there is no flip. */
struct ssldyn_knob_flip {
    double same, other;
    double factor; /* between them, accurate to about 1e-6; NaN if they are too far apart to give
                    * a number */
};

/* Computes the fate of each point (certified or undecided) and, for each knob, the flip nearest
 * to factor 1 between 1/1024 and 1024. There is none if the fate is undecided or does not flip
 * in that range. If two flips are less than a factor of 2^(1/2) apart, the nearest may be
 * missed. deep: the problem of a deep encoder, which decides what becomes of a point
 * (ssldyn_deep_point_network); NULL: one layer. flips: turn_count per point. ENOMEM; EINTERRUPTED
 * for a deep encoder. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_knob_flips(const struct ssldyn_problem *deep, size_t count,
                  const struct ssldyn_ensemble_point points[], size_t turn_count,
                  const struct ssldyn_knob_turn turns[], enum ssldyn_fate fates[],
                  struct ssldyn_knob_flip flips[], struct ssldyn_error *err);

#endif
