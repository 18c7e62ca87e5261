/* The solver: choice of the stepper, one accepted step at a time, dense output, roots, and the
 * change between an explicit and an implicit method when the problem turns stiff. */
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
    IMPLICIT_LARGEST = 512, /* dense Jacobians beyond this size cost more than they save */
    TRIAL_STEPS = 25,       /* implicit steps after which the change is judged */
    PACE_STEPS = 20000,     /* between two looks at how long the run would still take */
    PATIENCE = 10,          /* looks without hope before an implicit method gives up ... */
    PATIENT_SIZE = 100,     /* ... whose steps cost little */
    RECHECK_STEPS = 2000    /* explicit steps before an unprofitable change is tried again */
};

/* An implicit step of these small systems costs about as much as this many explicit ones. */
static const double implicit_cost = 4.0;

/* More steps than anybody waits for, even where one takes a microsecond. */
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
        return "dop853, changing to radau5 where the problem turns stiff and is small enough";
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

/* The pace is that of one method from one point on. */
static void begin_pace(struct ssldyn_ode *ode)
{
    ode->pace_steps = ode->statistics.steps;
    ode->pace_from = ode->t;
    ode->pace = 0.0;
    ode->slow_looks = 0;
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

/* auto: from dop853 to radau5 once stiffness is confirmed and the Jacobian is small. */
static enum ssldyn_status go_implicit(struct ssldyn_ode *ode, struct ssldyn_error *err)
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

/* ... and back when the implicit steps turn out too short to pay, as at tight tolerances. */
static enum ssldyn_status go_explicit(struct ssldyn_ode *ode, struct ssldyn_error *err)
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
        if (ode->stiff_now && ode->system.n <= IMPLICIT_LARGEST) {
            return go_implicit(ode, err);
        }
        return SSLDYN_OK;
    }
    ode->trial_steps++;
    if (ode->trial_steps % TRIAL_STEPS == 0) {
        const double mean = fabs(ode->t - ode->trial_from) / (double)TRIAL_STEPS;
        ode->trial_from = ode->t;
        if (mean < implicit_cost * fabs(ode->explicit_step)) {
            return go_explicit(ode, err);
        }
    }
    return SSLDYN_OK;
}

/* auto: the other method continues where one could not, once at any one time. */
static bool fall_back(struct ssldyn_ode *ode, struct ssldyn_error *err)
{
    const bool is_explicit = ode->stepper == &ssldyn_stepper_dop853;
    if (!ode->automatic || ode->stuck_at == ode->t ||
        (is_explicit && ode->system.n > IMPLICIT_LARGEST)) {
        return false;
    }
    ode->stuck_at = ode->t;
    return (is_explicit ? go_implicit(ode, err) : go_explicit(ode, err)) == SSLDYN_OK;
}

/* A run that creeps along with tiny steps would never end: after a number of steps their mean tells
 * how many more it would take, unless they are still growing, as they do while a fast part dies
 * out. An implicit step costs as the cube of the size, so it is looked at sooner and fewer are
 * bearable. */
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
        ode->slow_looks = 0;
        return SSLDYN_OK;
    }
    if (++ode->slow_looks < (implicit && n <= (double)PATIENT_SIZE ? PATIENCE : 1)) {
        return SSLDYN_OK;
    }
    return ssldyn_fail(
        err, SSLDYN_EFAILED,
        "at t = %.10g steps of about %.2g would need %.1g more to reach t = %g: the "
        "problem is too stiff for %s; end earlier, or choose milder rates or another "
        "--stepper",
        ode->t, mean, left, ode->t_end, ode->stepper->name);
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

double *ssldyn_ode_lend(struct ssldyn_ode *ode)
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
