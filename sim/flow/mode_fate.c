/* The time from which the fate of a mode of a flow is certain. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_fate.h"

#include "sim/base/memory.h"
#include "sim/flow/flow_internal.h"
#include "sim/flow/mode_follow.h"
#include "theory/depth_fate.h"

#include <float.h>
#include <math.h>

/* The difference of two tolerances estimates the error of the coarser one; the box is this many
 * times larger. */
static const double caution = 10.0;

/* (wp, w, wa) of a state. */
static void networks(const struct ssldyn_mode_state *state, double y[static 3])
{
    y[0] = state->p;
    y[1] = isfinite(state->w) ? state->w : sqrt(fmax(state->s, 0.0));
    y[2] = isfinite(state->wa) ? state->wa : y[1] > 0.0 ? state->tau * y[1] : 0.0;
}

enum ssldyn_fate ssldyn_mode_fate_judge(const struct ssldyn_certificate *certificate,
                                        const struct ssldyn_mode_state *state,
                                        const struct ssldyn_mode_state *companion, double rtol)
{
    double y[3];
    double radius[3];
    double other[3];
    networks(state, y);
    networks(companion ? companion : state, other);
    for (size_t i = 0; i < 3; i++) {
        const double least = companion ? rtol : 4.0 * DBL_EPSILON;
        radius[i] = caution * fabs(y[i] - other[i]) + least * fabs(y[i]);
        if (!isfinite(radius[i])) {
            return SSLDYN_FATE_UNDECIDED;
        }
    }
    return ssldyn_fate_judge_box(certificate, y, radius);
}

double ssldyn_mode_fate_rtol(double rtol)
{
    /* Tighter by three orders, so that it is not itself on the wrong side of an edge; at the
     * limit of double precision coarser, whose error is then the larger one. */
    return rtol > 1e-13 ? fmax(fmin(1e-3 * rtol, 1e-12), 1e-14) : 10.0 * rtol;
}

/* The verdict of mode_follow on the start of the mode. Its errors are bounded all the way,
 * whereas the difference to the companion becomes small again if both have left an edge toward
 * the same side. */
static enum ssldyn_status judge_start(struct ssldyn_mode *mode, size_t j, struct ssldyn_error *err)
{
    const struct ssldyn_ensemble_options options = {.t_end = mode->problem->t_end,
                                                    .rtol = 1e-9,
                                                    .open_rtol = 1e-9,
                                                    .stop = true,
                                                    .max_steps = 5000,
                                                    .bounded = true,
                                                    .refine_by = 1e-5};
    struct ssldyn_mode first;
    struct ssldyn_ensemble_end end;
    double y[SSLDYN_MODE_VARIABLES];
    double start[3];
    ssldyn_mode_start(&first, mode->problem, j, y);
    const struct ssldyn_mode_state state = ssldyn_mode_view(&first, y);
    networks(&state, start);
    struct ssldyn_parameters parameters = first.variables.parameters; /* mode may be rescaled */
    parameters.rates.alpha_p = first.variables.alpha_p;
    const struct ssldyn_ensemble_point point =
        ssldyn_ensemble_network(&parameters, start[0], start[1], start[2]);
    enum ssldyn_status status = ssldyn_ensemble_run(&options, 1, &point, &end, err);
    if (status == SSLDYN_OK && end.reason != SSLDYN_ENSEMBLE_DECIDED) {
        status = ssldyn_mode_follow(&point, &options, &end, err);
    }
    mode->start_judged = true;
    mode->start_fate = status == SSLDYN_OK ? end.fate : SSLDYN_FATE_UNDECIDED;
    return status;
}

static enum ssldyn_status make_companion(struct ssldyn_mode *mode, size_t j,
                                         struct ssldyn_error *err)
{
    mode->companion = ssldyn_memory_array(1, sizeof *mode->companion);
    return mode->companion ? ssldyn_mode_create(mode->companion, mode->problem, j,
                                                ssldyn_mode_fate_rtol(mode->problem->rtol), err)
                           : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

/* For the root finder: positive while undecided. */
struct verdict {
    const struct ssldyn_certificate *certificate;
    const struct ssldyn_mode *mode;
    const struct ssldyn_mode_state *now, *companion; /* at the end of the step */
};

static double still_open(double t, const double y[], void *context)
{
    (void)t;
    const struct verdict *verdict = context;
    const struct ssldyn_mode_state state = ssldyn_mode_view(verdict->mode, y);
    /* the state at the end of the step; the error box is around it */
    double at[3];
    double end[3];
    double other[3];
    networks(&state, at);
    networks(verdict->now, end);
    networks(verdict->companion, other);
    const struct ssldyn_mode_state shifted = {.p = at[0] + other[0] - end[0],
                                              .w = at[1] + other[1] - end[1],
                                              .wa = at[2] + other[2] - end[2]};
    return ssldyn_mode_fate_judge(verdict->certificate, &state, &shifted,
                                  verdict->mode->problem->rtol) == SSLDYN_FATE_UNDECIDED
               ? 1.0
               : -1.0;
}

enum ssldyn_status ssldyn_mode_fate_check(const struct ssldyn_certificate *certificate,
                                          struct ssldyn_mode *mode, size_t j,
                                          enum ssldyn_fate *fate, double *since,
                                          struct ssldyn_error *err)
{
    const struct ssldyn_mode_state state = ssldyn_mode_view(mode, ssldyn_ode_state(mode->ode));
    const enum ssldyn_fate likely = ssldyn_mode_fate_judge(certificate, &state, NULL, 0.0);
    enum ssldyn_status status = SSLDYN_OK;
    if (likely == SSLDYN_FATE_UNDECIDED) {
        return SSLDYN_OK;
    }
    if (mode->variables.parameters.stop_grad && !mode->start_judged) {
        status = judge_start(mode, j, err);
    }
    if (status != SSLDYN_OK || (mode->start_judged && mode->start_fate != (int)likely)) {
        return status;
    }
    const double t = ssldyn_ode_time(mode->ode);
    status = mode->companion ? SSLDYN_OK : make_companion(mode, j, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_mode_advance(mode->companion, t, err);
    }
    if (status != SSLDYN_OK) {
        return ssldyn_ode_accept_end(status);
    }
    double y[SSLDYN_MODE_VARIABLES];
    ssldyn_ode_interpolate(mode->companion->ode, t, y);
    const struct ssldyn_mode_state other = ssldyn_mode_view(mode->companion, y);
    *fate = ssldyn_mode_fate_judge(certificate, &state, &other, mode->problem->rtol);
    struct verdict verdict = {certificate, mode, &state, &other};
    if (*fate == SSLDYN_FATE_UNDECIDED) {
        return SSLDYN_OK;
    }
    if (!ssldyn_ode_locate(mode->ode, still_open, &verdict, y, since)) {
        *since = ssldyn_ode_time_before(mode->ode);
    }
    ssldyn_mode_drop_companion(mode);
    return SSLDYN_OK;
}

/* If two solutions are this far apart, relative to the largest weight, they say nothing about a
 * third. */
static const double apart = 0.1;

enum ssldyn_fate ssldyn_mode_fate_start_deep(const struct ssldyn_mode *mode)
{
    const double exact[SSLDYN_MODE_VARIABLES] = {0.0};
    return ssldyn_depth_fate(&mode->variables.parameters, ssldyn_ode_state(mode->ode), exact);
}

/* The box of the error of y, given the state of the companion, and the distance of the two. */
static double error_box(size_t n, const double y[], const double other[], double rtol,
                        double radius[])
{
    double size = 0.0;
    double difference = 0.0;
    for (size_t i = 0; i < n; i++) {
        radius[i] = caution * fabs(y[i] - other[i]) + rtol * fabs(y[i]);
        size = fmax(size, fabs(y[i]));
        difference = fmax(difference, fabs(y[i] - other[i]));
    }
    return size > 0.0 ? difference / size : 0.0;
}

enum ssldyn_status ssldyn_mode_fate_check_deep(struct ssldyn_mode *mode, size_t j,
                                               enum ssldyn_fate *fate, double *since,
                                               struct ssldyn_error *err)
{
    const double t = ssldyn_ode_time(mode->ode);
    const double *y = ssldyn_ode_state(mode->ode);
    double other[SSLDYN_MODE_VARIABLES];
    double radius[SSLDYN_MODE_VARIABLES];
    enum ssldyn_status status = mode->companion ? SSLDYN_OK : make_companion(mode, j, err);
    if (status == SSLDYN_OK && mode->spread < apart) {
        status = ssldyn_mode_advance(mode->companion, t, err);
    }
    if (status == SSLDYN_EFAILED || status == SSLDYN_EDIVERGED) {
        mode->spread = (double)INFINITY;
        return SSLDYN_OK;
    }
    if (status != SSLDYN_OK || !(mode->spread < apart)) {
        return status;
    }
    ssldyn_ode_interpolate(mode->companion->ode, t, other);
    const double spread = error_box(mode->variables.n, y, other, mode->problem->rtol, radius);
    mode->spread = fmax(mode->spread, spread);
    *fate = mode->spread < apart ? ssldyn_depth_fate(&mode->variables.parameters, y, radius)
                                 : SSLDYN_FATE_UNDECIDED;
    if (*fate != SSLDYN_FATE_UNDECIDED) {
        *since = t;
        ssldyn_mode_drop_companion(mode);
    }
    return SSLDYN_OK;
}
