/* The separatrix at constant tau: the stable manifold of the saddle. Backward in time all
 * neighboring solutions converge to it, so errors decay along the way. Arc length is the
 * independent variable, because time is infinite at the saddle and finite at infinity. The state
 * is (p, ln s): backward in time s falls like exp(-k/eta_p) on the branch of large p before it
 * rises again, and in these variables the flow contracts areas everywhere (d(dp/dt)/dp = -alpha_p c
 * s - eta_p), so no branch can spiral inside the box. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin.h"

#include "sim/base/memory.h"
#include "sim/model/model.h"
#include "sim/ode/ode.h"
#include "theory/fixedpoint.h"
#include "theory/modes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* maximum number of points of one branch */
#define BRANCH ((size_t)20000)

struct plane {
    struct ssldyn_rates rates;
    double tau;
    double p_most, s_most;
};

/* d(p, ln s)/d(arc length of (p/p_most, s/s_most)), backward in time. */
static void backwards(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    const struct plane *plane = context;
    const double s = exp(y[1]);
    /* the rate of ln s depends on p alone; evaluate it at s = 1, where nothing underflows */
    double rate[2];
    double unit[2];
    ssldyn_modes_rhs_held(&plane->rates, plane->tau, (const double[2]){y[0], s}, rate);
    ssldyn_modes_rhs_held(&plane->rates, plane->tau, (const double[2]){y[0], 1.0}, unit);
    const double speed = hypot(rate[0] / plane->p_most, s * unit[1] / plane->s_most);
    dydt[0] = speed > 0.0 ? -rate[0] / speed : 0.0;
    dydt[1] = speed > 0.0 ? -unit[1] / speed : 0.0;
}

/* Follows one branch from y to the boundary of the box and stores points at distance step in p
 * and ln_s. */
static enum ssldyn_status follow(struct plane *plane, const double y[2], double rtol,
                                 ptrdiff_t step, size_t *count, double p[], double ln_s[],
                                 struct ssldyn_error *err)
{
    const struct ssldyn_ode_system system = {.n = 2, .rhs = backwards, .context = plane};
    const struct ssldyn_ode_options options = {
        .rtol = rtol, .atol = rtol * 1e-3, .stepper = "dop853", .max_step = 0.005};
    struct ssldyn_ode *ode = NULL;
    bool inside = true;
    *count = 0;
    enum ssldyn_status status = ssldyn_ode_create(&system, &options, &ode, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_ode_start(ode, 0.0, y, 20.0, err);
    }
    while (status == SSLDYN_OK && inside && *count < BRANCH && !ssldyn_ode_done(ode)) {
        status = ssldyn_ode_step(ode, err);
        const double *now = ssldyn_ode_state(ode);
        inside = fabs(now[0]) <= plane->p_most && now[1] <= log(plane->s_most);
        if (status == SSLDYN_OK && inside) {
            p[step * (ptrdiff_t)*count] = now[0];
            ln_s[step * (ptrdiff_t)*count] = now[1];
            ++*count;
        }
    }
    ssldyn_ode_free(ode);
    return status == SSLDYN_OK && inside
               ? ssldyn_fail(err, SSLDYN_EFAILED,
                             "the separatrix was lost at p = %g, ln s = %g: raise --rtol",
                             *count > 0 ? p[step * (ptrdiff_t)(*count - 1)] : y[0],
                             *count > 0 ? ln_s[step * (ptrdiff_t)(*count - 1)] : y[1])
               : status;
}

static enum ssldyn_status find_saddle(const struct plane *plane, struct ssldyn_fixedpoints *fixed,
                                      struct ssldyn_separatrix *separatrix,
                                      struct ssldyn_error *err)
{
    ssldyn_fixedpoint_modes(&plane->rates, plane->tau, fixed);
    if (fixed->kind != SSLDYN_FIXED_PAIR) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--eta-p %g, --eta-s %g: there is no saddle; a separatrix needs both weight "
            "decays above 0 and --eta-s below the fold, %.10g",
            plane->rates.eta_p, plane->rates.eta_s, fixed->eta_fold);
    }
    separatrix->p_saddle = fixed->p_minus;
    separatrix->s_saddle = fixed->s_minus;
    return SSLDYN_OK;
}

/* The eigenvector of the saddle's negative eigenvalue in (p, ln s), normalized in units of p*-
 * and 1. */
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
    v[0] = (first ? one[0] : other[0]) / separatrix->p_saddle;
    v[1] = (first ? one[1] : other[1]) / separatrix->s_saddle;
    const double size = hypot(v[0], v[1]);
    const double rightward = v[0] < 0.0 ? -size : size; /* the branch of large p comes last */
    v[0] *= separatrix->p_saddle / rightward;
    v[1] /= rightward;
    separatrix->stable = lambda;
}

enum ssldyn_status ssldyn_basin_separatrix(const struct ssldyn_mode_point *mode, double rtol,
                                           struct ssldyn_separatrix *separatrix,
                                           struct ssldyn_error *err)
{
    memset(separatrix, 0, sizeof *separatrix);
    if (isnan(mode->tau) || ssldyn_model_has(mode->model, SSLDYN_HAS_NETWORKS)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "the separatrix is a curve at constant tau: give --model modes with "
                           "--tau or --no-ema, or look for a --threshold over axes");
    }
    struct plane plane = {.rates = ssldyn_mode_point_parameters(mode).rates, .tau = mode->tau};
    struct ssldyn_fixedpoints fixed;
    enum ssldyn_status status = find_saddle(&plane, &fixed, separatrix, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    plane.p_most = 4.0 * fixed.p_plus;
    plane.s_most = 4.0 * fixed.s_plus;
    double v[2];
    stable_direction(&plane, separatrix, v);
    const size_t most = 2 * BRANCH + 1;
    double *p = ssldyn_memory_array(most, 3 * sizeof *p);
    if (!p) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the separatrix");
    }
    double *s = p + most;
    double *ln_s = s + most;
    /* the manifold deviates from its tangent by the square of this */
    const double offset = 1e-7;
    size_t count[2] = {0, 0}; /* number of points before the saddle (which is at BRANCH) and
                               * after it */
    p[BRANCH] = separatrix->p_saddle;
    ln_s[BRANCH] = log(separatrix->s_saddle);
    for (int side = 0; status == SSLDYN_OK && side < 2; side++) {
        const ptrdiff_t way = side == 0 ? -1 : 1;
        const double y[2] = {p[BRANCH] + (double)way * offset * v[0],
                             ln_s[BRANCH] + (double)way * offset * v[1]};
        status =
            follow(&plane, y, rtol, way, &count[side], p + BRANCH + way, ln_s + BRANCH + way, err);
    }
    separatrix->block = p;
    separatrix->count = count[0] + 1 + count[1];
    separatrix->p = p + BRANCH - count[0];
    separatrix->s = s + BRANCH - count[0];
    separatrix->ln_s = ln_s + BRANCH - count[0];
    for (size_t i = 0; i < separatrix->count; i++) {
        separatrix->s[i] = exp(separatrix->ln_s[i]);
    }
    if (status != SSLDYN_OK) {
        ssldyn_basin_separatrix_clear(separatrix);
    }
    return status;
}

void ssldyn_basin_separatrix_clear(struct ssldyn_separatrix *separatrix)
{
    free(separatrix->block);
    memset(separatrix, 0, sizeof *separatrix);
}
