/* GSL's own steppers behind this solver's interface, for comparison. They have no dense output, so
 * their steps end at every output time; the error control is GSL's, component by component. */
// SPDX-License-Identifier: MIT
#include "sim/ode/solver.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct gsl_work {
    struct ssldyn_ode *ode;
    gsl_odeiv2_system system;
    gsl_odeiv2_driver *driver; /* owns step, control and evolution; the multistep methods need it */
};

static int gsl_rhs(double t, const double y[], double dydt[], void *params)
{
    struct gsl_work *work = params;
    ssldyn_ode_evaluate(work->ode, t, y, dydt);
    for (size_t i = 0; i < work->ode->system.n; i++) {
        if (!isfinite(dydt[i])) {
            return GSL_EBADFUNC;
        }
    }
    return GSL_SUCCESS;
}

static int gsl_jacobian(double t, const double y[], double *dfdy, double dfdt[], void *params)
{
    struct gsl_work *work = params;
    work->ode->statistics.jacobians++;
    work->ode->system.jacobian(t, y, dfdy, work->ode->system.context);
    memset(dfdt, 0, work->ode->system.n * sizeof *dfdt); /* every flow is autonomous */
    return GSL_SUCCESS;
}

static void gsl_work_free(void *pointer)
{
    struct gsl_work *work = pointer;
    if (!work) {
        return;
    }
    if (work->driver) {
        gsl_odeiv2_driver_free(work->driver);
    }
    free(work);
}

static enum ssldyn_status gsl_create(struct ssldyn_ode *ode, const gsl_odeiv2_step_type *type,
                                     void **out, struct ssldyn_error *err)
{
    if (type == gsl_odeiv2_step_msbdf && !ode->system.jacobian) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--stepper gsl-msbdf needs a Jacobian, which this model does not "
                           "provide; choose another integrator");
    }
    struct gsl_work *work = calloc(1, sizeof *work);
    if (!work) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the integrator");
    }
    work->ode = ode;
    work->system.function = gsl_rhs;
    work->system.jacobian = ode->system.jacobian ? gsl_jacobian : NULL;
    work->system.dimension = ode->system.n;
    work->system.params = work;
    work->driver = gsl_odeiv2_driver_alloc_y_new(&work->system, type, 1e-6, ode->options.atol,
                                                 ode->options.rtol);
    if (!work->driver) {
        gsl_work_free(work);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for GSL's integrator");
    }
    *out = work;
    return SSLDYN_OK;
}

static enum ssldyn_status gsl_begin(struct ssldyn_ode *ode, void *pointer, struct ssldyn_error *err)
{
    (void)err;
    struct gsl_work *work = pointer;
    gsl_odeiv2_driver_reset(work->driver);
    if (ode->h == 0.0) {
        const double span = fabs(ode->t_end - ode->t);
        const double first = ode->options.first_step > 0.0 ? ode->options.first_step : 1e-6;
        ode->h = ode->direction * fmin(first, span);
    }
    return SSLDYN_OK;
}

static enum ssldyn_status gsl_step(struct ssldyn_ode *ode, void *pointer, struct ssldyn_error *err)
{
    struct gsl_work *work = pointer;
    const bool to_output = ode->direction * (ode->t_output - ode->t_end) < 0.0;
    const double goal = to_output ? ode->t_output : ode->t_end;
    double t = ode->t;
    double h = ode->h;
    if (ode->options.max_step > 0.0 && fabs(h) > ode->options.max_step) {
        h = ode->direction * ode->options.max_step;
    }
    memcpy(ode->y_before, ode->y, ode->system.n * sizeof(double));
    const int code = gsl_odeiv2_evolve_apply(work->driver->e, work->driver->c, work->driver->s,
                                             &work->system, &t, goal, &h, ode->y_before);
    bool finite = code == GSL_SUCCESS;
    for (size_t i = 0; finite && i < ode->system.n; i++) {
        finite = isfinite(ode->y_before[i]);
    }
    if (!finite || t == ode->t) {
        return ssldyn_ode_give_up(ode, h, err);
    }
    ode->statistics.rejected = (int64_t)work->driver->e->failed_steps;
    ode->h = h;
    ssldyn_ode_accept(ode, t);
    return SSLDYN_OK;
}

/* Only used for times inside a step, to locate roots: cubic Hermite interpolation from the values
 * and slopes at both ends. */
static void gsl_interpolate(struct ssldyn_ode *ode, void *pointer, double t, double y[])
{
    const struct gsl_work *work = pointer;
    const size_t n = ode->system.n;
    const double h = ode->t - ode->t_before;
    const double x = (t - ode->t_before) / h;
    ode->system.rhs(ode->t_before, ode->y_before, y, ode->system.context);
    for (size_t i = 0; i < n; i++) {
        y[i] = ode->y_before[i] * (1.0 - x) * (1.0 - x) * (1.0 + 2.0 * x) +
               ode->y[i] * x * x * (3.0 - 2.0 * x) + h * x * (1.0 - x) * (1.0 - x) * y[i];
    }
    double *slope = work->driver->e->yerr; /* free between steps */
    ode->system.rhs(ode->t, ode->y, slope, ode->system.context);
    for (size_t i = 0; i < n; i++) {
        y[i] -= h * x * x * (1.0 - x) * slope[i];
    }
}

#define GSL_STEPPER(symbol, text)                                                                  \
    static enum ssldyn_status create_##symbol(struct ssldyn_ode *ode, void **work,                 \
                                              struct ssldyn_error *err)                            \
    {                                                                                              \
        return gsl_create(ode, gsl_odeiv2_step_##symbol, work, err);                               \
    }                                                                                              \
    const struct ssldyn_stepper ssldyn_stepper_gsl_##symbol = {                                    \
        .name = "gsl-" #symbol,                                                                    \
        .help = (text),                                                                            \
        .dense = false,                                                                            \
        .create = create_##symbol,                                                                 \
        .free = gsl_work_free,                                                                     \
        .begin = gsl_begin,                                                                        \
        .step = gsl_step,                                                                          \
        .interpolate = gsl_interpolate,                                                            \
    }

GSL_STEPPER(rkf45, "GSL's Runge-Kutta-Fehlberg 4(5)");
GSL_STEPPER(rkck, "GSL's Runge-Kutta Cash-Karp 4(5)");
GSL_STEPPER(rk8pd, "GSL's Runge-Kutta Prince-Dormand 8(9)");
GSL_STEPPER(msadams, "GSL's variable-order Adams multistep method");
GSL_STEPPER(msbdf, "GSL's variable-order BDF multistep method");
