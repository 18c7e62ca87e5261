/* Certified fates of a mode of a deep encoder with equal decays (THEORY section 11 [D]): from
 * one box of states alone, whether V = v_1 ... v_L tends to 0. Criteria D1-D4 are proved there. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_DEPTH_FATE_H
#define SSLDYN_THEORY_DEPTH_FATE_H

#include "theory/depth_flow.h"
#include "theory/fate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fate of every solution through the box |z_i - y_i| <= radius_i of states z, with y as in
 * depth_flow.h; radius >= 0. UNDECIDED if they may differ or no criterion applies. */
enum ssldyn_fate ssldyn_depth_fate(const struct ssldyn_parameters *parameters, const double y[],
                                   const double radius[]);

/* Why no criterion applies to these settings, a clause; NULL: one may apply. */
const char *ssldyn_depth_fate_why(const struct ssldyn_parameters *parameters);

#ifdef __cplusplus
}
#endif

#endif
