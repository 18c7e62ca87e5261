/* The classical Runge-Kutta method of order 4; two half steps estimate the error. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/ode/solver.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STAGES = 4, VECTORS = STAGES + 3 };

struct work {
    double *memory; /* VECTORS of n: the stages, a state, one full step, the first half step */
};

static void release(void *pointer)
{
    struct work *work = pointer;
    if (work) {
        free(work->memory);
        free(work);
    }
}

static enum ssldyn_status create(struct ssldyn_ode *ode, void **out, struct ssldyn_error *err)
{
    struct work *work = calloc(1, sizeof *work);
    if (!work || !(work->memory = ssldyn_memory_array(ode->system.n, VECTORS * sizeof(double)))) {
        release(work);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the integrator");
    }
    *out = work;
    return SSLDYN_OK;
}

static enum ssldyn_status begin(struct ssldyn_ode *ode, void *pointer, struct ssldyn_error *err)
{
    (void)pointer;
    (void)err;
    if (ode->h == 0.0) {
        ode->h = ode->direction * fmin(1e-3, fabs(ode->t_end - ode->t));
    }
    return SSLDYN_OK;
}

/* next = y after a step of h */
static void advance(struct ssldyn_ode *ode, const struct work *work, double t, const double y[],
                    double h, double next[])
{
    static const double nodes[STAGES] = {0.0, 0.5, 0.5, 1.0};
    static const double weights[STAGES] = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
    const size_t n = ode->system.n;
    double *state = work->memory + STAGES * n;
    for (size_t i = 0; i < STAGES; i++) {
        const double *before = i ? work->memory + (i - 1) * n : NULL;
        for (size_t k = 0; k < n; k++) {
            state[k] = y[k] + (before ? nodes[i] * h * before[k] : 0.0);
        }
        ssldyn_ode_evaluate(ode, t + nodes[i] * h, state, work->memory + i * n);
    }
    for (size_t k = 0; k < n; k++) {
        double slope = 0.0;
        for (size_t i = 0; i < STAGES; i++) {
            slope += weights[i] * work->memory[i * n + k];
        }
        next[k] = y[k] + h * slope;
    }
}

static enum ssldyn_status step(struct ssldyn_ode *ode, void *pointer, struct ssldyn_error *err)
{
    const struct work *work = pointer;
    const size_t n = ode->system.n;
    double *whole = work->memory + (STAGES + 1) * n;
    double *half = whole + n;
    for (;;) {
        bool last = false;
        const double h = ssldyn_ode_limit(ode, ode->h, &last);
        if (!(fabs(h) > 4e-16 * fabs(ode->t)) || h == 0.0) {
            return ssldyn_ode_give_up(ode, h, err);
        }
        advance(ode, work, ode->t, ode->y, h, whole);
        advance(ode, work, ode->t, ode->y, 0.5 * h, half);
        advance(ode, work, ode->t + 0.5 * h, half, 0.5 * h, ode->y_before);
        for (size_t k = 0; k < n; k++) {
            whole[k] = (ode->y_before[k] - whole[k]) / 15.0;
            ode->y_before[k] += whole[k]; /* as accurate as a method of order 5 */
        }
        const double error = ssldyn_ode_norm(ode, whole, ode->y, ode->y_before);
        const double factor = fmin(4.0, fmax(0.2, 0.9 * pow(error, -0.2)));
        ode->h = h * (isfinite(error) ? factor : 0.1);
        if (error <= 1.0) {
            ode->statistics.steps++;
            ssldyn_ode_accept(ode, last ? ode->t_end : ode->t + h);
            return SSLDYN_OK;
        }
        ode->statistics.rejected++;
    }
}

/* Steps end at output rows; between them, for roots, the cubic through both ends. */
static void interpolate(struct ssldyn_ode *ode, void *pointer, double t, double y[])
{
    const struct work *work = pointer;
    const size_t n = ode->system.n;
    const double h = ode->t - ode->t_before;
    const double x = (t - ode->t_before) / h;
    double *slope = work->memory;
    ssldyn_ode_evaluate(ode, ode->t_before, ode->y_before, slope);
    ssldyn_ode_evaluate(ode, ode->t, ode->y, slope + n);
    for (size_t k = 0; k < n; k++) {
        y[k] = (1 - x) * (1 - x) * ((1 + 2 * x) * ode->y_before[k] + h * x * slope[k]) +
               x * x * ((3 - 2 * x) * ode->y[k] - h * (1 - x) * slope[n + k]);
    }
}

const struct ssldyn_stepper ssldyn_stepper_rk4 = {
    .name = "rk4",
    .help = "explicit Runge-Kutta, order 4, two halves of a step tell its error",
    .dense = false,
    .create = create,
    .free = release,
    .begin = begin,
    .step = step,
    .interpolate = interpolate,
};
