/* When one mode escapes collapse: M5 in (wp, w, wa), which stay finite even where tau does not. */
// SPDX-License-Identifier: MIT
#include "sim/flow/escape.h"

#include "sim/flow/mode_follow.h"
#include "theory/fixedpoint.h"

#include <math.h>

/* This close to the attractor the solution cannot leave it again. */
static const double arrived = 1e-3;

struct escape {
    struct ssldyn_parameters parameters;
    double level;
    double attractor[3]; /* NaN where there is none */
};

static double above(double t, const double y[], void *context)
{
    (void)t;
    const struct escape *escape = context;
    return y[0] - escape->level;
}

static void escape_init(struct escape *escape, const struct ssldyn_mode_point *mode)
{
    double wp[2];
    double squares[2];
    *escape = (struct escape){.parameters = ssldyn_mode_point_parameters(mode)};
    (void)ssldyn_fixedpoint_lowdim(&escape->parameters, escape->parameters.tau, wp, squares);
    const int upper = wp[0] > wp[1] ? 0 : 1;
    escape->level = ssldyn_fixedpoint_escape(&escape->parameters);
    escape->attractor[0] = wp[upper];
    escape->attractor[1] = sqrt(squares[upper]);
    escape->attractor[2] = escape->parameters.tau * escape->attractor[1];
}

double ssldyn_escape_level(const struct ssldyn_mode_point *mode)
{
    struct escape escape;
    escape_init(&escape, mode);
    return escape.level;
}

static bool has_arrived(const struct escape *escape, const double y[])
{
    const double sign = y[1] < 0.0 ? -1.0 : 1.0; /* (w, wa) -> (-w, -wa) is a symmetry */
    return fabs(y[0] / escape->attractor[0] - 1.0) < arrived &&
           fabs(sign * y[1] / escape->attractor[1] - 1.0) < arrived &&
           fabs(sign * y[2] / escape->attractor[2] - 1.0) < arrived;
}

enum ssldyn_status ssldyn_escape_time(const struct ssldyn_mode_point *mode, double t_end,
                                      double rtol, double *time, struct ssldyn_error *err)
{
    struct escape escape;
    struct ssldyn_ode *ode = NULL;
    const struct ssldyn_ensemble_point start = ssldyn_mode_point_start(mode);
    escape_init(&escape, mode);
    *time = (double)NAN;
    if (isnan(escape.level)) {
        return SSLDYN_OK;
    }
    const struct ssldyn_ode_options options = {.rtol = rtol, .atol = 1e-150, .stepper = "auto"};
    double last = start.wp >= escape.level ? 0.0 : (double)NAN;
    enum ssldyn_status status =
        ssldyn_mode_follow_start(&start, &escape.parameters, &options, t_end, &ode, err);
    while (status == SSLDYN_OK && !ssldyn_ode_done(ode) &&
           !has_arrived(&escape, ssldyn_ode_state(ode))) {
        status = ssldyn_ode_step(ode, err);
        const bool is_above = ssldyn_ode_state(ode)[0] >= escape.level;
        double at[3];
        if (status == SSLDYN_OK && is_above && isnan(last) &&
            !ssldyn_ode_locate(ode, above, &escape, at, &last)) {
            last = ssldyn_ode_time(ode);
        } else if (!is_above) {
            last = (double)NAN;
        }
    }
    ssldyn_ode_free(ode);
    *time = last;
    return status;
}
