/* The separatrix at constant tau: the saddle's stable manifold. Backwards in time every
 * neighbouring solution falls onto it, so that errors die out along the way; arc length is the
 * independent variable, because time is infinite at the saddle and finite at infinity. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin.h"

#include "sim/base/memory.h"
#include "sim/ode/ode.h"
#include "theory/fixedpoint.h"
#include "theory/modes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* points of one branch at most */
#define BRANCH ((size_t)20000)

struct plane {
    struct ssldyn_rates rates;
    double tau;
    double p_most, s_most;
};

/* d(p, s)/d(arc length), backwards in time; both coordinates in units of the box. */
static void backwards(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    const struct plane *plane = context;
    const double point[2] = {y[0] * plane->p_most, y[1] * plane->s_most};
    double rate[2];
    ssldyn_modes_rhs_held(&plane->rates, plane->tau, point, rate);
    rate[0] /= plane->p_most;
    rate[1] /= plane->s_most;
    const double speed = hypot(rate[0], rate[1]);
    dydt[0] = speed > 0.0 ? -rate[0] / speed : 0.0;
    dydt[1] = speed > 0.0 ? -rate[1] / speed : 0.0;
}

/* Follows one branch from y; returns the number of points in p, s. */
static enum ssldyn_status follow(struct plane *plane, double y[2], double rtol, size_t *count,
                                 double p[], double s[], struct ssldyn_error *err)
{
    const struct ssldyn_ode_system system = {.n = 2, .rhs = backwards, .context = plane};
    const struct ssldyn_ode_options options = {
        .rtol = rtol, .atol = rtol * 1e-3, .stepper = "dop853", .max_step = 0.005};
    struct ssldyn_ode *ode = NULL;
    *count = 0;
    enum ssldyn_status status = ssldyn_ode_create(&system, &options, &ode, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_ode_start(ode, 0.0, y, 20.0, err);
    }
    while (status == SSLDYN_OK && *count < BRANCH && !ssldyn_ode_done(ode)) {
        status = ssldyn_ode_step(ode, err);
        const double *now = ssldyn_ode_state(ode);
        /* near s = 0 or p = 0 the curve goes on for ever without getting anywhere */
        if (status != SSLDYN_OK || fabs(now[0]) > 1.0 || now[1] > 1.0 || now[1] < 1e-9) {
            break;
        }
        p[*count] = now[0] * plane->p_most;
        s[*count] = now[1] * plane->s_most;
        ++*count;
    }
    ssldyn_ode_free(ode);
    return status;
}

static enum ssldyn_status find_saddle(const struct plane *plane, struct ssldyn_fixedpoints *fixed,
                                      struct ssldyn_separatrix *separatrix,
                                      struct ssldyn_error *err)
{
    ssldyn_fixedpoints(&plane->rates, plane->tau, fixed);
    if (fixed->kind != SSLDYN_FIXED_PAIR) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--eta %g: there is no saddle; a separatrix needs weight decays above 0 "
                           "and --eta-s below the fold, %.10g",
                           plane->rates.eta_s, fixed->eta_fold);
    }
    separatrix->p_saddle = fixed->p_minus;
    separatrix->s_saddle = fixed->s_minus;
    return SSLDYN_OK;
}

/* The unit eigenvector of the saddle's negative eigenvalue, in units of the box. */
static void stable_direction(const struct plane *plane, struct ssldyn_separatrix *separatrix,
                             double v[2])
{
    const double at[2] = {separatrix->p_saddle, separatrix->s_saddle};
    double J[4];
    ssldyn_modes_jacobian_held(&plane->rates, plane->tau, at, J);
    const double half = 0.5 * (J[0] + J[3]);
    const double root = sqrt(fmax(0.25 * (J[0] - J[3]) * (J[0] - J[3]) + J[1] * J[2], 0.0));
    const double lambda = half - root;
    const double one[2] = {J[1], lambda - J[0]};
    const double other[2] = {lambda - J[3], J[2]};
    const bool first = hypot(one[0], one[1]) > hypot(other[0], other[1]);
    v[0] = (first ? one[0] : other[0]) / plane->p_most;
    v[1] = (first ? one[1] : other[1]) / plane->s_most;
    const double size = hypot(v[0], v[1]);
    v[0] /= size;
    v[1] /= size;
    separatrix->stable = lambda;
}

enum ssldyn_status ssldyn_basin_separatrix(const struct ssldyn_mode_point *mode, double rtol,
                                           struct ssldyn_separatrix *separatrix,
                                           struct ssldyn_error *err)
{
    memset(separatrix, 0, sizeof *separatrix);
    if (isnan(mode->tau) || mode->model == SSLDYN_MODEL_LOWDIM) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "the separatrix is a curve at constant tau: give --model modes with "
                           "--tau or --no-ema, or look for a --threshold over axes");
    }
    struct plane plane = {.rates = {.alpha_p = mode->alpha_p,
                                    .eta_p = mode->eta_p,
                                    .eta_s = mode->eta_s,
                                    .c = 1.0 + mode->sigma2},
                          .tau = mode->tau};
    struct ssldyn_fixedpoints fixed;
    enum ssldyn_status status = find_saddle(&plane, &fixed, separatrix, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    plane.p_most = 4.0 * fixed.p_plus;
    plane.s_most = 4.0 * fixed.s_plus;
    double v[2];
    stable_direction(&plane, separatrix, v);
    double *p = ssldyn_array_alloc(2 * BRANCH + 1, 2 * sizeof *p);
    if (!p) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for the separatrix");
    }
    double *s = p + 2 * BRANCH + 1;
    double *branch = ssldyn_array_alloc(2 * BRANCH, sizeof *branch);
    if (!branch) {
        free(p);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for the separatrix");
    }
    /* the manifold leaves its tangent by the square of this */
    const double offset = 1e-7;
    size_t before = 0;
    size_t after = 0;
    for (int side = 0; status == SSLDYN_OK && side < 2; side++) {
        const double sign = side == 0 ? -1.0 : 1.0;
        double y[2] = {separatrix->p_saddle / plane.p_most + sign * offset * v[0],
                       separatrix->s_saddle / plane.s_most + sign * offset * v[1]};
        if (side == 0) {
            status = follow(&plane, y, rtol, &before, branch, branch + BRANCH, err);
            for (size_t i = 0; i < before; i++) {
                p[i] = branch[before - 1 - i];
                s[i] = branch[BRANCH + before - 1 - i];
            }
            p[before] = separatrix->p_saddle;
            s[before] = separatrix->s_saddle;
        } else {
            status = follow(&plane, y, rtol, &after, p + before + 1, s + before + 1, err);
        }
    }
    free(branch);
    separatrix->p = p;
    separatrix->s = s;
    separatrix->count = before + 1 + after;
    if (status != SSLDYN_OK) {
        ssldyn_separatrix_clear(separatrix);
    }
    return status;
}

void ssldyn_separatrix_clear(struct ssldyn_separatrix *separatrix)
{
    free(separatrix->p);
    memset(separatrix, 0, sizeof *separatrix);
}
