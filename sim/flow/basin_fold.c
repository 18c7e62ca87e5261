/* Whether a start survives at the fold itself: there the two fixed points have merged into one
 * that attracts from one side, and what counts is the side on which the start arrives. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin.h"

#include "sim/flow/mode_follow.h"

#include <math.h>

/* This close to the merged point only its slow direction matters: deviations across it are
 * quadratic in those along it. */
static const double near = 0.02;
static const double aligned = 0.2;
static const double patience = 1e6;
enum { STEPS = 20000 };

/* 1: on the side that the merged point attracts, -1: on the other side, 0: not close enough yet.
 * The slow direction is the one along which the two fixed points separate below the fold: w and
 * wa grow like wp. */
static int side_of(const double y[], const double merged[])
{
    const double sign = y[1] < 0.0 ? -1.0 : 1.0; /* (w, wa) -> (-w, -wa) is a symmetry */
    double least = (double)INFINITY;
    double most = -(double)INFINITY;
    for (int i = 0; i < 3; i++) {
        const double away = (i == 0 ? 1.0 : sign) * y[i] / merged[i] - 1.0;
        least = fmin(least, away);
        most = fmax(most, away);
    }
    if (least > 0.0 && most < near && most - least < aligned * most) {
        return 1;
    }
    return most < 0.0 && least > -near && most - least < -aligned * least ? -1 : 0;
}

enum ssldyn_status ssldyn_basin_fold_attracts(const struct ssldyn_ensemble_point *start,
                                              bool *attracts, struct ssldyn_error *err)
{
    struct ssldyn_parameters parameters = ssldyn_ensemble_parameters(start);
    const double root =
        sqrt(parameters.rates.eta_p / (parameters.rates.eta_s * parameters.rates.alpha_p));
    const double p = 0.5 * parameters.tau * parameters.lambda_d / parameters.lambda_s;
    const double merged[3] = {p, root * p, parameters.tau * root * p}; /* w = sqrt(s*) */
    const struct ssldyn_ode_options options = {.rtol = 1e-9, .atol = 1e-150, .stepper = "auto"};
    struct ssldyn_ode *ode = NULL;
    int side = 0;
    *attracts = false;
    if (start->fixed_predictor || !isfinite(root) || !(root > 0.0)) {
        return SSLDYN_OK;
    }
    enum ssldyn_status status =
        ssldyn_mode_follow_start(start, &parameters, &options, patience, &ode, err);
    for (int i = 0; status == SSLDYN_OK && side == 0 && i < STEPS && !ssldyn_ode_done(ode); i++) {
        status = ssldyn_ode_step(ode, err);
        side = status == SSLDYN_OK ? side_of(ssldyn_ode_state(ode), merged) : 0;
    }
    ssldyn_ode_free(ode);
    *attracts = side > 0;
    /* a solution that diverges is not attracted */
    return ssldyn_ode_accept_end(status);
}
