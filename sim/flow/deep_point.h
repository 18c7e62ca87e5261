/* One mode of a deep encoder as numbers that searches may change: its certified fate, and its fold
 * (THEORY section 11). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_DEEP_POINT_H
#define SSLDYN_SIM_FLOW_DEEP_POINT_H

#include "sim/flow/mode_point.h"
#include "theory/margin.h"

/* Follows the point to its verdict at rtol, or to t_end or max_steps, undecided. A trajectory that
 * no solver can continue is undecided. ENOMEM, EINTERRUPTED. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_deep_point_fate(const struct ssldyn_mode_point *point,
                                                            double t_end, double rtol,
                                                            int64_t max_steps, int *fate,
                                                            struct ssldyn_error *err);

/* The value of a knob that puts the mode on its fold, both decays together where one eta sets them;
 * NaN where none does, and where the decays differ. */
double ssldyn_deep_point_on_fold(const struct ssldyn_mode_point *point, enum ssldyn_knob knob,
                                 bool both_decays);

/* Whether the start of a point on its fold comes to the merged fixed point from above. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_deep_point_fold_attracts(const struct ssldyn_mode_point *point, bool *attracts,
                                struct ssldyn_error *err);

#endif
