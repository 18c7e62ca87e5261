/* One mode of M3, M4 or M5 as a small system for the integrator. Modes of M3 and M4 are integrated
 * in one of two charts of tau (theory/modes.h), so that a ratio growing without bound does no harm;
 * a mode of M3 that starts with a negative p or tau, whose w may change its sign, in the variables
 * of M5. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MODE_SYSTEM_H
#define SSLDYN_SIM_FLOW_MODE_SYSTEM_H

#include "sim/ode/ode.h"
#include "sim/options/spec.h"
#include "theory/modes.h"

#include <stdbool.h>
#include <stddef.h>

/* The mode's state in the symbols of the theory, whatever the variables of integration are. */
struct ssldyn_mode_state {
    double p, s, tau;
    double wp, w, wa; /* where they are the variables; NaN otherwise */
};

enum { SSLDYN_MODE_VARIABLES = 3 }; /* of integration, at most */

struct ssldyn_mode {
    const struct ssldyn_spec *spec;
    struct ssldyn_parameters parameters; /* of M5: lambda_s = c, lambda_d = 1 unless lowdim */
    enum ssldyn_tau_chart chart;
    /* In the variables of M5 w and wa are this times those of integration, whose alpha_p is its
     * square times the spec's [D: alpha_p is a scale of W]. So their ratio tau outlives them: it is
     * defined where s has left double precision, and where s = 0 (scale 0). */
    double scale;
    struct ssldyn_ode *ode;
    bool start_judged; /* start_fate is the verdict on its start (mode_fate.h) */
    int start_fate;
};

/* The rates of a spec as those of M5. */
struct ssldyn_parameters ssldyn_mode_parameters(const struct ssldyn_spec *spec);

/* The equations of a mode that was started, in its variables of integration. The context of the
 * returned system is mode. */
struct ssldyn_ode_system ssldyn_mode_ode(struct ssldyn_mode *mode);

/* Sets up mode but for its ode: the start of mode j (0-based) of the spec in the variables of
 * integration, and the chart. */
void ssldyn_mode_start(struct ssldyn_mode *mode, const struct ssldyn_spec *spec, size_t j,
                       double y[]);

/* Variables of integration to symbols. tau is NaN at the moment at which w is 0. */
struct ssldyn_mode_state ssldyn_mode_view(const struct ssldyn_mode *mode, const double y[]);

/* Steps until the mode has reached t, in the chart that suits: the state there can be interpolated.
 * Stops on Ctrl-C (SSLDYN_EINTERRUPTED). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_advance(struct ssldyn_mode *mode, double t,
                                                         struct ssldyn_error *err);

/* One step of the same. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_step(struct ssldyn_mode *mode,
                                                      struct ssldyn_error *err);

#endif
