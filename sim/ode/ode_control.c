/* Shared by the steppers (solver.h): scaled norms, the first step, and where a step may end. */
// SPDX-License-Identifier: MIT
#include "sim/ode/solver.h"
#include "sim/ode/vector.h"

#include <math.h>
#include <string.h>

void ssldyn_ode_evaluate(struct ssldyn_ode *ode, double t, const double y[], double dydt[])
{
    ode->statistics.evaluations++;
    ode->system.rhs(t, y, dydt, ode->system.context);
}

double ssldyn_ode_norm(const struct ssldyn_ode *ode, const double e[], const double y[],
                       const double z[])
{
    const size_t count = ode->blocks ? ode->system.block_count : ode->system.n;
    double sum = 0.0;
    size_t begin = 0;
    for (size_t b = 0; b < count; b++) {
        const size_t size = ode->blocks ? ode->blocks[b].size : 1;
        double square = ssldyn_vector_square(size, y + begin);
        if (z) {
            square = fmax(square, ssldyn_vector_square(size, z + begin));
        }
        const double scale =
            ode->options.atol * sqrt((double)size) + ode->options.rtol * sqrt(square);
        const double part = ssldyn_vector_square(size, e + begin);
        if (part != 0.0) {
            sum += part / (scale * scale);
        }
        begin += size;
    }
    return sqrt(sum / (double)count);
}

/* The scaled norm of e at the start; blocks that are zero use the scale of the whole state. */
static double guess_norm(const struct ssldyn_ode *ode, const double e[], double whole)
{
    const size_t count = ode->blocks ? ode->system.block_count : ode->system.n;
    double sum = 0.0;
    size_t begin = 0;
    for (size_t b = 0; b < count; b++) {
        const size_t size = ode->blocks ? ode->blocks[b].size : 1;
        const double square = ssldyn_vector_square(size, ode->y + begin) / (double)size;
        const double own = square > 0.0 ? sqrt(square) : whole > 0.0 ? whole : 1.0;
        const double scale = ode->options.atol + ode->options.rtol * own;
        sum += ssldyn_vector_square(size, e + begin) / (double)size / (scale * scale);
        begin += size;
    }
    return sqrt(sum / (double)count);
}

double ssldyn_ode_first_step(struct ssldyn_ode *ode, int order, const double f0[], double f1[],
                             double y1[])
{
    const double span = fabs(ode->t_end - ode->t);
    const double largest = ode->options.max_step > 0.0 ? fmin(span, ode->options.max_step) : span;
    if (ode->options.first_step > 0.0) {
        return ode->direction * fmin(ode->options.first_step, largest);
    }
    /* A block that starts at zero has no scale yet: the guess uses that of the whole state. */
    const double size = sqrt(ssldyn_vector_square(ode->system.n, ode->y) / (double)ode->system.n);
    const double d0 = guess_norm(ode, ode->y, size);
    const double d1 = guess_norm(ode, f0, size);
    double h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
    h0 = fmin(h0, largest);
    if (!(h0 > 0.0)) {
        h0 = fmin(1e-6, largest);
    }
    const double one = 1.0;
    ssldyn_vector_combine(ode->padded, ode->y, ode->direction * h0, 1, &f0, &one, y1);
    ssldyn_ode_evaluate(ode, ode->t + ode->direction * h0, y1, f1);
    const double *both[2] = {f1, f0};
    const double minus[2] = {1.0, -1.0};
    memset(y1, 0, ode->padded * sizeof *y1);
    ssldyn_vector_combine(ode->padded, y1, 1.0, 2, both, minus, y1);
    const double d2 = guess_norm(ode, y1, size) / h0;
    const double steepest = fmax(d1, d2);
    double h1 =
        steepest <= 1e-15 ? fmax(1e-6, 1e-3 * h0) : pow(0.01 / steepest, 1.0 / (double)order);
    if (!isfinite(h1)) {
        h1 = h0;
    }
    return ode->direction * fmin(fmin(100.0 * h0, h1), largest);
}

double ssldyn_ode_limit(const struct ssldyn_ode *ode, double h, bool *last)
{
    const double goal = ode->stepper->dense                                   ? ode->t_end
                        : ode->direction * (ode->t_output - ode->t_end) < 0.0 ? ode->t_output
                                                                              : ode->t_end;
    if (ode->options.max_step > 0.0 && fabs(h) > ode->options.max_step) {
        h = ode->direction * ode->options.max_step;
    }
    const double rest = goal - ode->t;
    *last = false;
    if (ode->direction * (h * 1.01 - rest) >= 0.0) {
        *last = goal == ode->t_end;
        return rest;
    }
    if (ode->direction * (2.0 * h - rest) > 0.0 && fabs(h) > 0.5 * fabs(rest)) {
        return 0.5 * rest; /* two equal steps instead of a long and a tiny one */
    }
    return h;
}

void ssldyn_ode_accept(struct ssldyn_ode *ode, double t_next)
{
    double *swap = ode->y;
    ode->y = ode->y_before;
    ode->y_before = swap;
    ode->t_before = ode->t;
    ode->t = t_next;
    ode->statistics.steps++;
}

enum ssldyn_status ssldyn_ode_give_up(const struct ssldyn_ode *ode, double h,
                                      struct ssldyn_error *err)
{
    const double size = sqrt(ssldyn_vector_square(ode->system.n, ode->y));
    if (!(size < 1e100)) {
        return ssldyn_fail(err, SSLDYN_EDIVERGED,
                           "the solution diverges: it left the range of double precision near "
                           "t = %.10g",
                           ode->t);
    }
    return ssldyn_fail(err, SSLDYN_EFAILED,
                       "at t = %.10g no step size (last tried: %.3g) meets rtol = %g: the solution "
                       "may be singular there; raise --rtol or end earlier",
                       ode->t, h, ode->options.rtol);
}
