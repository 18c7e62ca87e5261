/* The solver: choice of the stepper, one accepted step at a time, dense output, roots, and
 * switching between an explicit and an implicit method when the problem becomes stiff. */
// SPDX-License-Identifier: MIT
#include "sim/ode/ode.h"

#include "sim/base/memory.h"
#include "sim/ode/solver.h"
#include "sim/ode/vector.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KNOWN_LARGEST = 1536, /* variables for which a known Jacobian saves more than it costs */
    TRIAL_STEPS = 25,     /* implicit steps before the switch is evaluated */
    PACE_STEPS = 20000,   /* steps between two estimates of the remaining time */
    HOPELESS_MOST = 10,   /* hopeless estimates in a row before an implicit method fails ... */
    CHEAP_SIZE = 100,     /* ... if its steps are cheap */
    RECHECK_STEPS = 2000  /* explicit steps before an unprofitable switch is tried again */
};

/* The cost of an implicit step of such a small system, in explicit steps. */
static const double implicit_cost = 4.0;

/* More steps than anyone would wait for, even at a microsecond each. */
static const double steps_endless = 1e9;

#define ENTRY(symbol) &ssldyn_stepper_##symbol,
static const struct ssldyn_stepper *const steppers[] = {SSLDYN_STEPPERS(ENTRY)};
enum { STEPPER_COUNT = sizeof steppers / sizeof steppers[0] };

const char *ssldyn_ode_stepper_name(size_t i)
{
    if (i == 0) {
        return "auto";
    }
    return i <= STEPPER_COUNT ? steppers[i - 1]->name : NULL;
}

const char *ssldyn_ode_stepper_choices(char text[], size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i <= STEPPER_COUNT; i++) {
        const size_t used = strlen(text);
        (void)snprintf(text + used, size - used, "%s%s", i ? "|" : "", ssldyn_ode_stepper_name(i));
    }
    return text;
}

static const struct ssldyn_stepper *stepper_find(const char *name)
{
    for (size_t i = 0; i < STEPPER_COUNT; i++) {
        if (strcmp(steppers[i]->name, name) == 0) {
            return steppers[i];
        }
    }
    return NULL;
}

const char *ssldyn_ode_stepper_help(const char *name)
{
    if (strcmp(name, "auto") == 0) {
        return "dop853, then radau5 if the problem becomes stiff and is small enough";
    }
    const struct ssldyn_stepper *stepper = stepper_find(name);
    return stepper ? stepper->help : NULL;
}

static enum ssldyn_status check_options(const struct ssldyn_ode_system *system,
                                        const struct ssldyn_ode_options *options,
                                        struct ssldyn_error *err)
{
    if (system->n == 0 || !system->rhs) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "an integrator needs at least one equation");
    }
    if (!(options->rtol >= 1e-14 && options->rtol <= 0.1)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--rtol %g: must be from 1e-14 to 0.1",
                           options->rtol);
    }
    if (!(options->atol >= 0.0) || isinf(options->atol)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--atol %g: must be at least 0 and finite",
                           options->atol);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_ode_create(const struct ssldyn_ode_system *system,
                                     const struct ssldyn_ode_options *options,
                                     struct ssldyn_ode **out, struct ssldyn_error *err)
{
    *out = NULL;
    enum ssldyn_status status = check_options(system, options, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    struct ssldyn_ode *ode = calloc(1, sizeof *ode);
    if (!ode) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the integrator");
    }
    ode->system = *system;
    ode->options = *options;
    ode->automatic = strcmp(options->stepper, "auto") == 0;
    ode->stepper = ode->automatic ? &ssldyn_stepper_dop853 : stepper_find(options->stepper);
    ode->padded = ssldyn_vector_padded(system->n);
    ode->y = ssldyn_memory_array(ode->padded, sizeof(double));
    ode->y_before = ssldyn_memory_array(ode->padded, sizeof(double));
    ode->scratch = ssldyn_memory_array(ode->padded, sizeof(double));
    if (system->blocks) {
        ode->blocks = ssldyn_memory_array(system->block_count, sizeof *ode->blocks);
    }
    if (!ode->stepper) {
        char names[160];
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--stepper '%.60s': no such integrator; must be one of %s",
                             options->stepper, ssldyn_ode_stepper_choices(names, sizeof names));
    } else if (!ode->y || !ode->y_before || !ode->scratch || (system->blocks && !ode->blocks)) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a state of %zu variables",
                             system->n);
    } else {
        if (ode->blocks) {
            memcpy(ode->blocks, system->blocks, system->block_count * sizeof *ode->blocks);
            ode->system.blocks = ode->blocks;
        }
        status = ode->stepper->create(ode, &ode->work, err);
        ode->explicit_work = ode->work;
    }
    if (status != SSLDYN_OK) {
        ssldyn_ode_free(ode);
        return status;
    }
    *out = ode;
    return SSLDYN_OK;
}

void ssldyn_ode_free(struct ssldyn_ode *ode)
{
    if (!ode) {
        return;
    }
    if (ode->stepper && ode->explicit_work) {
        const struct ssldyn_stepper *first = ode->automatic ? &ssldyn_stepper_dop853 : ode->stepper;
        first->free(ode->explicit_work);
    }
    if (ode->implicit_work) {
        ssldyn_stepper_radau5.free(ode->implicit_work);
    }
    free(ode->blocks);
    free(ode->y);
    free(ode->y_before);
    free(ode->scratch);
    free(ode);
}

/* Restarts the measurement of the pace, which is specific to a method. */
static void begin_pace(struct ssldyn_ode *ode)
{
    ode->pace_steps = ode->statistics.steps;
    ode->pace_from = ode->t;
    ode->pace = 0.0;
    ode->hopeless = 0;
}

enum ssldyn_status ssldyn_ode_start(struct ssldyn_ode *ode, double t0, const double y0[],
                                    double t_end, struct ssldyn_error *err)
{
    for (size_t i = 0; i < ode->system.n; i++) {
        if (!isfinite(y0[i])) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "entry %zu of the start is not finite", i + 1);
        }
        ode->y[i] = y0[i];
    }
    ode->t = t0;
    ode->t_before = t0;
    ode->t_end = t_end;
    ode->t_output = t_end;
    ode->direction = t_end >= t0 ? 1.0 : -1.0;
    ode->h = 0.0;
    ode->stiff_check_after = 0;
    ode->stiff_now = false;
    memset(&ode->statistics, 0, sizeof ode->statistics);
    begin_pace(ode);
    ode->stuck_at = (double)NAN;
    if (ode->automatic) {
        ode->stepper = &ssldyn_stepper_dop853;
        ode->work = ode->explicit_work;
    }
    if (t_end == t0) {
        return SSLDYN_OK;
    }
    return ode->stepper->begin(ode, ode->work, err);
}

enum ssldyn_status ssldyn_ode_restart(struct ssldyn_ode *ode, const double y[],
                                      struct ssldyn_error *err)
{
    memcpy(ode->y, y, ode->system.n * sizeof *y);
    ode->t_before = ode->t;
    if (ssldyn_ode_done(ode)) {
        return SSLDYN_OK;
    }
    return ode->stepper->begin(ode, ode->work, err);
}

/* Whether a dense Jacobian saves more than it costs. */
static bool is_small(const struct ssldyn_ode *ode)
{
    return ode->system.n <= (ode->system.jacobian ? KNOWN_LARGEST : SSLDYN_ODE_IMPLICIT_LARGEST);
}

/* auto: switches from dop853 to radau5 once stiffness is confirmed, if the Jacobian is small. */
static enum ssldyn_status switch_to_implicit(struct ssldyn_ode *ode, struct ssldyn_error *err)
{
    if (!ode->implicit_work) {
        const enum ssldyn_status status =
            ssldyn_stepper_radau5.create(ode, &ode->implicit_work, err);
        if (status != SSLDYN_OK) {
            return status;
        }
    }
    ode->stiff_now = false;
    ode->explicit_step = ode->h;
    ode->trial_from = ode->t;
    ode->trial_steps = 0;
    ode->stepper = &ssldyn_stepper_radau5;
    ode->work = ode->implicit_work;
    begin_pace(ode);
    return ode->stepper->begin(ode, ode->work, err);
}

/* auto: switches back if the implicit steps are too short to pay, as at tight tolerances. */
static enum ssldyn_status switch_to_explicit(struct ssldyn_ode *ode, struct ssldyn_error *err)
{
    ode->stepper = &ssldyn_stepper_dop853;
    ode->work = ode->explicit_work;
    ode->h = ode->explicit_step;
    begin_pace(ode);
    ode->stiff_check_after = ode->statistics.steps + RECHECK_STEPS;
    return ode->stepper->begin(ode, ode->work, err);
}

static enum ssldyn_status reconsider(struct ssldyn_ode *ode, struct ssldyn_error *err)
{
    if (ode->stepper == &ssldyn_stepper_dop853) {
        if (ode->stiff_now && is_small(ode)) {
            return switch_to_implicit(ode, err);
        }
        if (ode->statistics.steps < ode->stiff_check_after &&
            fabs(ode->h) < 0.5 * fabs(ode->explicit_step)) {
            ode->stiff_check_after = ode->statistics.steps; /* it has become stiffer since */
        }
        return SSLDYN_OK;
    }
    ode->trial_steps++;
    if (ode->trial_steps % TRIAL_STEPS == 0) {
        const double mean = fabs(ode->t - ode->trial_from) / (double)TRIAL_STEPS;
        ode->trial_from = ode->t;
        if (mean < implicit_cost * fabs(ode->explicit_step)) {
            return switch_to_explicit(ode, err);
        }
    }
    return SSLDYN_OK;
}

/* auto: continues with the other method if one fails, at most once at any time t. */
static bool fall_back(struct ssldyn_ode *ode, struct ssldyn_error *err)
{
    const bool is_explicit = ode->stepper == &ssldyn_stepper_dop853;
    if (!ode->automatic || ode->stuck_at == ode->t || (is_explicit && !is_small(ode))) {
        return false;
    }
    ode->stuck_at = ode->t;
    return (is_explicit ? switch_to_implicit(ode, err) : switch_to_explicit(ode, err)) == SSLDYN_OK;
}

/* Stops a run whose steps are so small that it would never end. The mean step of the last steps
 * shows how many more are needed; if they are still growing, as while a fast transient decays, it
 * continues. The cost of an implicit step grows as the cube of the size, so it is checked earlier
 * and fewer steps are acceptable. */
static enum ssldyn_status check_pace(struct ssldyn_ode *ode, struct ssldyn_error *err)
{
    const bool implicit = ode->stepper == &ssldyn_stepper_radau5;
    const int64_t since = ode->statistics.steps - ode->pace_steps;
    if (since < (implicit ? PACE_STEPS / 100 : PACE_STEPS)) {
        return SSLDYN_OK;
    }
    const double n = (double)ode->system.n;
    const double mean = fabs(ode->t - ode->pace_from) / (double)since;
    const double left = fabs(ode->t_end - ode->t) / mean;
    const bool growing = mean > 1.1 * ode->pace;
    ode->pace_steps = ode->statistics.steps;
    ode->pace_from = ode->t;
    ode->pace = mean;
    if (growing || left < steps_endless * (implicit ? 10.0 / (n * n) : 1.0)) {
        ode->hopeless = 0;
        return SSLDYN_OK;
    }
    if (++ode->hopeless < (implicit && n <= (double)CHEAP_SIZE ? HOPELESS_MOST : 1)) {
        return SSLDYN_OK;
    }
    return ssldyn_fail(
        err, SSLDYN_EFAILED,
        "at t = %.10g, %.1g more steps of about %.2g are needed to reach t = %g: the problem is "
        "too stiff for %s; end earlier, or choose milder rates or another --stepper",
        ode->t, left, mean, ode->t_end, ode->stepper->name);
}

enum ssldyn_status ssldyn_ode_step(struct ssldyn_ode *ode, struct ssldyn_error *err)
{
    if (ssldyn_ode_done(ode)) {
        return SSLDYN_OK;
    }
    if (ode->options.max_steps > 0 && ode->statistics.steps >= ode->options.max_steps) {
        return ssldyn_fail(err, SSLDYN_EFAILED, "at t = %.10g the limit of %lld steps is reached",
                           ode->t, (long long)ode->options.max_steps);
    }
    enum ssldyn_status status = ode->automatic ? reconsider(ode, err) : SSLDYN_OK;
    if (status != SSLDYN_OK) {
        return status;
    }
    do {
        status = check_pace(ode, err);
        if (status == SSLDYN_OK) {
            status = ode->stepper->step(ode, ode->work, err);
        }
    } while (status == SSLDYN_EFAILED && fall_back(ode, err));
    return status;
}

enum ssldyn_status ssldyn_ode_accept_end(enum ssldyn_status status)
{
    return status == SSLDYN_EDIVERGED || status == SSLDYN_EFAILED ? SSLDYN_OK : status;
}

double ssldyn_ode_time(const struct ssldyn_ode *ode)
{
    return ode->t;
}

double ssldyn_ode_time_before(const struct ssldyn_ode *ode)
{
    return ode->t_before;
}

const double *ssldyn_ode_state(const struct ssldyn_ode *ode)
{
    return ode->y;
}

bool ssldyn_ode_done(const struct ssldyn_ode *ode)
{
    return ode->t == ode->t_end;
}

void ssldyn_ode_interpolate(struct ssldyn_ode *ode, double t, double y[])
{
    const double *end = t == ode->t ? ode->y : t == ode->t_before ? ode->y_before : NULL;
    if (end) {
        memcpy(y, end, ode->system.n * sizeof *y);
        return;
    }
    ode->stepper->interpolate(ode, ode->work, t, y);
}

double *ssldyn_ode_workspace(struct ssldyn_ode *ode)
{
    return ode->scratch;
}

void ssldyn_ode_next_output(struct ssldyn_ode *ode, double t)
{
    ode->t_output = t;
}

bool ssldyn_ode_locate(struct ssldyn_ode *ode,
                       double (*g)(double t, const double y[], void *context), void *context,
                       double *y, double *root)
{
    double low = ode->t_before;
    double high = ode->t;
    if (low == high) {
        return false;
    }
    const double g_low = g(low, ode->y_before, context);
    const double g_high = g(high, ode->y, context);
    if (!(g_low * g_high < 0.0) && !(g_high == 0.0 && g_low != 0.0)) {
        return false;
    }
    while (g_high != 0.0) {
        const double middle = low + 0.5 * (high - low);
        if (middle == low || middle == high) {
            break;
        }
        ssldyn_ode_interpolate(ode, middle, y);
        const double value = g(middle, y, context);
        if (value == 0.0) {
            high = middle;
            break;
        }
        if ((value < 0.0) == (g_low < 0.0)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *root = high;
    return true;
}

void ssldyn_ode_read_statistics(const struct ssldyn_ode *ode,
                                struct ssldyn_ode_statistics *statistics)
{
    *statistics = ode->statistics;
}
