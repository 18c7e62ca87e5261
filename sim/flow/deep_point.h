/* One mode of a deep encoder, whose numbers searches may change: its certified fate and its fold
 * (THEORY section 11). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_DEEP_POINT_H
#define SSLDYN_SIM_FLOW_DEEP_POINT_H

#include "sim/flow/mode_point.h"
#include "theory/margin.h"

/* Follows the point at rtol until its fate is certified, or to t_end or max_steps, which leave
 * it undecided. A trajectory that no solver can continue is undecided. ENOMEM, EINTERRUPTED. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_deep_point_fate(const struct ssldyn_mode_point *point,
                                                            double t_end, double rtol,
                                                            int64_t max_steps, int *fate,
                                                            struct ssldyn_error *err);

/* A point of M5 as a mode of the deep encoder of a problem: w and wa are the products of its layers
 * and of the target's, which have the proportions of the problem's start. problem must outlive
 * it. */
struct ssldyn_mode_point ssldyn_deep_point_network(const struct ssldyn_problem *problem,
                                                   const struct ssldyn_ensemble_point *point);

/* The parameters of the mode, and its start in the variables of theory/depth_flow.h; returns their
 * number. y: SSLDYN_DEPTH_VARIABLES. */
size_t ssldyn_deep_point_start(const struct ssldyn_mode_point *point,
                               struct ssldyn_parameters *parameters, double y[]);

/* The distance to the fold of eta_s (theory/depth.h), with LAMBDA_D and NOISE those of the data,
 * and TAU if the target is held. */
void ssldyn_deep_point_margin(const struct ssldyn_mode_point *point, struct ssldyn_margin *margin);

/* The value of a knob that puts the mode on its fold, changing both decays together if one eta
 * sets both. NaN if there is none, or if the decays differ. */
double ssldyn_deep_point_on_fold(const struct ssldyn_mode_point *point, enum ssldyn_knob knob,
                                 bool both_decays);

/* Whether the start of a point on its fold approaches the merged fixed point from above. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_deep_point_fold_attracts(const struct ssldyn_mode_point *point, bool *attracts,
                                struct ssldyn_error *err);

#endif
