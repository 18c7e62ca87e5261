/* When one mode escapes collapse. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_ESCAPE_H
#define SSLDYN_SIM_FLOW_ESCAPE_H

#include "sim/base/error.h"
#include "sim/flow/mode_point.h"

/* The value of p at which a mode counts as escaped: half of the p*+ at which it survives. NaN
 * beyond the fold and without a predictor. */
double ssldyn_escape_level(const struct ssldyn_mode_point *mode);

/* The time from which p (lowdim: wp) stays at or above that level until t_end, located within a
 * step of the integrator. 0 if it is above all the time, NaN if it is below at t_end or there is
 * no level. EDIVERGED and EFAILED from the integrator. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_escape_time(const struct ssldyn_mode_point *mode,
                                                        double t_end, double rtol, double *time,
                                                        struct ssldyn_error *err);

#endif
