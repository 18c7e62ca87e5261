/* One mode of M3, M4 or M5 as a small system for the integrator. Modes of M3 and M4 are integrated
 * in one of two charts of tau (theory/modes.h), so that a ratio growing without bound does no harm.
 */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MODE_SYSTEM_H
#define SSLDYN_SIM_FLOW_MODE_SYSTEM_H

#include "sim/io/spec.h"
#include "sim/ode/ode.h"
#include "theory/modes.h"

#include <stdbool.h>
#include <stddef.h>

/* The mode's state in the symbols of the theory, whatever the variables of integration are. */
struct ssldyn_mode_state {
    double p, s, tau;
    double wp, w, wa; /* lowdim; NaN otherwise */
};

struct ssldyn_mode {
    const struct ssldyn_spec *spec;
    enum ssldyn_tau_chart chart;
    struct ssldyn_ode *ode;
};

/* Variables of one mode, and its equations. The context of the returned system is mode. */
size_t ssldyn_mode_size(const struct ssldyn_spec *spec);
struct ssldyn_ode_system ssldyn_mode_ode(struct ssldyn_mode *mode);

/* The start of mode j (0-based) of the spec in the variables of integration; sets the chart. */
void ssldyn_mode_start(struct ssldyn_mode *mode, size_t j, double y[]);

/* Variables of integration to symbols. */
struct ssldyn_mode_state ssldyn_mode_view(const struct ssldyn_mode *mode, const double y[]);

/* Changes the chart where the present one has become the worse: true, with the new variables in y.
 */
bool ssldyn_mode_change_chart(struct ssldyn_mode *mode, double y[]);

#endif
