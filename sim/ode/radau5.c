/* Radau IIA of order 5, for stiff problems of moderate size (Hairer, Wanner, Solving Ordinary
 * Differential Equations II, section IV.8). The eigenvectors of the inverse of its matrix decouple
 * the three stages into one real and one complex system. To interpolate inside a step, a shorter
 * step is made to the requested time: the collocation polynomial is only of order 3 there, which
 * would not meet the tolerance. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/ode/solver.h"
#include "sim/ode/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NEWTON_LARGEST = 7 };

/* Eigenvalues of the inverse of the Radau IIA matrix: one real, one complex pair. */
static const double mu_real = 3.637834252744496;
static const double mu_re = 2.681082873627752;
static const double mu_im = -3.050430199247411;

/* Columns: its eigenvectors (real; real and imaginary part of the pair), and the inverse. */
static const double T[3][3] = {{0.09443876248897524, -0.14125529502095421, 0.03002919410514742},
                               {0.25021312296533332, 0.20412935229379994, -0.38294211275726192},
                               {1.0, 1.0, 0.0}};
static const double TI[3][3] = {{4.17871859155190428, 0.32768282076106237, 0.52337644549944951},
                                {-4.17871859155190428, -0.32768282076106237, 0.47662355450055044},
                                {0.50287263494578682, -2.57192694985560522, 0.59603920482822492}};

struct radau {
    size_t n;
    double *memory;
    double *f;       /* f(t, y) at the start of the step */
    double *f_kept;  /* f at the start of the last accepted step, for interpolation */
    double *z[3];    /* stage increments */
    double *w[3];    /* the same in the eigenbasis */
    double *rate[3]; /* f at the stages; then right-hand sides of the linear systems */
    double *complex_rhs;
    double *slope[3];    /* derivatives at the stages, for a split system */
    double *slope_start; /* the last one of the step before */
    double *at;          /* the state at which the Jacobian was evaluated */
    double *state;       /* y + z_i */
    double *error;
    double *jacobian;
    double *lu_real;
    double *lu_complex;
    int *pivots_real;
    int *pivots_complex;
    double *z_kept[3]; /* collocation polynomial of the last accepted step */
    double h_kept;     /* its size; 0: none */
    double h_factored; /* step size in the factors; 0: none */
    double error_before, h_before;
    bool jacobian_fresh;
    bool f_fresh;
};

#define ROOT6 2.449489742783178
static const double c[3] = {(4.0 - ROOT6) / 10.0, (4.0 + ROOT6) / 10.0, 1.0}; /* nodes */

static void radau_free(void *work)
{
    struct radau *r = work;
    if (r) {
        free(r->memory);
        free(r->pivots_real);
        free(r->pivots_complex);
        free(r);
    }
}

static enum ssldyn_status radau_create(struct ssldyn_ode *ode, void **work,
                                       struct ssldyn_error *err)
{
    const size_t n = ode->system.n;
    const size_t padded = ode->padded;
    struct radau *r = calloc(1, sizeof *r);
    if (!r) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the integrator");
    }
    const struct ssldyn_memory_part parts[] = {{&r->f, padded},
                                               {&r->f_kept, padded},
                                               {&r->z[0], padded},
                                               {&r->z[1], padded},
                                               {&r->z[2], padded},
                                               {&r->w[0], padded},
                                               {&r->w[1], padded},
                                               {&r->w[2], padded},
                                               {&r->rate[0], padded},
                                               {&r->rate[1], padded},
                                               {&r->rate[2], padded},
                                               {&r->slope[0], padded},
                                               {&r->slope[1], padded},
                                               {&r->slope[2], padded},
                                               {&r->slope_start, padded},
                                               {&r->at, padded},
                                               {&r->state, padded},
                                               {&r->error, padded},
                                               {&r->z_kept[0], padded},
                                               {&r->z_kept[1], padded},
                                               {&r->z_kept[2], padded},
                                               {&r->complex_rhs, 2 * padded},
                                               {&r->jacobian, n * n},
                                               {&r->lu_real, n * n},
                                               {&r->lu_complex, 2 * n * n}};
    r->n = n;
    if (n < ((size_t)1 << 15)) {
        r->memory = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
        r->pivots_real = ssldyn_memory_array(n, sizeof(int));
        r->pivots_complex = ssldyn_memory_array(n, sizeof(int));
    }
    if (!r->memory || !r->pivots_real || !r->pivots_complex) {
        radau_free(r);
        return ssldyn_fail(err, SSLDYN_ENOMEM,
                           "out of memory for the Jacobian of %zu variables: choose an explicit "
                           "--stepper",
                           n);
    }
    *work = r;
    return SSLDYN_OK;
}

/* The Jacobian at (t, y): the system's own, or forward differences. */
static void evaluate_jacobian(struct ssldyn_ode *ode, struct radau *r)
{
    const size_t n = r->n;
    ode->statistics.jacobians++;
    r->jacobian_fresh = true;
    r->h_factored = 0.0;
    memcpy(r->at, ode->y, n * sizeof *r->at);
    if (ode->system.split) { /* from which the system takes E for its Jacobian */
        ode->statistics.evaluations++;
        ode->system.split(ode->t, ode->y, r->slope_start, ode->y, r->error, ode->system.context);
    }
    if (ode->system.jacobian) {
        ode->system.jacobian(ode->t, ode->y, r->jacobian, ode->system.context);
        return;
    }
    const double size = sqrt(ssldyn_vector_square(n, ode->y) / (double)n);
    memcpy(r->state, ode->y, n * sizeof *r->state);
    for (size_t j = 0; j < n; j++) {
        const double step = sqrt(2.2e-16) * fmax(fabs(ode->y[j]), fmax(size, 1e-8));
        const double moved = ode->y[j] + step;
        r->state[j] = moved;
        ssldyn_ode_evaluate(ode, ode->t, r->state, r->error);
        for (size_t i = 0; i < n; i++) {
            r->jacobian[i * n + j] = (r->error[i] - r->f[i]) / (moved - ode->y[j]);
        }
        r->state[j] = ode->y[j];
    }
}

static enum ssldyn_status factor(struct ssldyn_ode *ode, struct radau *r, double h,
                                 struct ssldyn_error *err)
{
    const size_t n = r->n;
    ode->statistics.factorizations++;
    for (size_t i = 0; i < n * n; i++) {
        r->lu_real[i] = -r->jacobian[i];
        r->lu_complex[2 * i] = -r->jacobian[i];
        r->lu_complex[2 * i + 1] = 0.0;
    }
    for (size_t i = 0; i < n; i++) {
        r->lu_real[i * n + i] += mu_real / h;
        r->lu_complex[2 * (i * n + i)] += mu_re / h;
        r->lu_complex[2 * (i * n + i) + 1] += mu_im / h;
    }
    enum ssldyn_status status = ssldyn_lu_factor(n, r->lu_real, r->pivots_real, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_lu_factor_complex(n, r->lu_complex, r->pivots_complex, err);
    }
    r->h_factored = status == SSLDYN_OK ? h : 0.0;
    return status;
}

static enum ssldyn_status radau_begin(struct ssldyn_ode *ode, void *work, struct ssldyn_error *err)
{
    (void)err;
    struct radau *r = work;
    ssldyn_ode_evaluate(ode, ode->t, ode->y, r->f);
    if (ode->h == 0.0) {
        ode->h = ssldyn_ode_first_step(ode, 3, r->f, r->rate[0], r->rate[1]);
    }
    r->h_factored = 0.0;
    r->h_kept = 0.0;
    r->error_before = 0.0;
    r->f_fresh = true;
    memcpy(r->slope_start, r->f, r->n * sizeof *r->f);
    evaluate_jacobian(ode, r);
    return SSLDYN_OK;
}

/* Stage k of a step from the collocation polynomial of the last one, at x in units of that step;
 * `off` of its end is subtracted. */
static void collocate(struct radau *r, size_t k, double x, double off)
{
    /* Lagrange basis on the nodes 0, c0, c1, 1 (zero at 0) */
    const double l0 = x * (x - c[1]) * (x - 1.0) / (c[0] * (c[0] - c[1]) * (c[0] - 1.0));
    const double l1 = x * (x - c[0]) * (x - 1.0) / (c[1] * (c[1] - c[0]) * (c[1] - 1.0));
    const double l2 = x * (x - c[0]) * (x - c[1]) / ((1.0 - c[0]) * (1.0 - c[1]));
    for (size_t i = 0; i < r->n; i++) {
        r->z[k][i] = l0 * r->z_kept[0][i] + l1 * r->z_kept[1][i] + (l2 - off) * r->z_kept[2][i];
    }
}

/* First guess of the stages: the last collocation polynomial extrapolated, or zero. */
static void guess(struct radau *r, double h)
{
    for (size_t k = 0; k < 3; k++) {
        if (r->h_kept == 0.0) {
            memset(r->z[k], 0, r->n * sizeof(double));
        } else {
            collocate(r, k, 1.0 + c[k] * h / r->h_kept, 1.0);
        }
    }
}

static void to_eigenbasis(const struct radau *r, double *const from[], double *const to[])
{
    for (size_t i = 0; i < r->n; i++) {
        const double a = from[0][i];
        const double b = from[1][i];
        const double d = from[2][i];
        for (size_t k = 0; k < 3; k++) {
            to[k][i] = TI[k][0] * a + TI[k][1] * b + TI[k][2] * d;
        }
    }
}

/* f for Newton's iteration at (t, y), where the derivative is k. */
static void evaluate_split(struct ssldyn_ode *ode, const struct radau *r, double t,
                           const double y[], const double k[], double f[])
{
    if (!ode->system.split) {
        ssldyn_ode_evaluate(ode, t, y, f);
        return;
    }
    ode->statistics.evaluations++;
    ode->system.split(t, y, k, r->at, f, ode->system.context);
}

/* The derivatives at the stages, from their increments in the eigenbasis. */
static void find_slopes(const struct radau *r, double h)
{
    for (size_t i = 0; i < r->n; i++) {
        const double w1 = r->w[1][i];
        const double w2 = r->w[2][i];
        const double a = mu_real / h * r->w[0][i];
        const double b = (mu_re * w1 - mu_im * w2) / h;
        const double d = (mu_re * w2 + mu_im * w1) / h;
        for (size_t k = 0; k < 3; k++) {
            r->slope[k][i] = T[k][0] * a + T[k][1] * b + T[k][2] * d;
        }
    }
}

/* Simplified Newton iteration for the stages of a step of size h. Returns true if it converged; sets
 * *slow if it was converging, but would have taken too many iterations. */
static bool solve_stages(struct ssldyn_ode *ode, struct radau *r, double h, int *iterations,
                         bool *slow)
{
    const size_t n = r->n;
    const double rtol = ode->options.rtol;
    const double tolerance = fmax(10.0 * 2.2e-16 / rtol, fmin(0.03, sqrt(rtol)));
    to_eigenbasis(r, r->z, r->w);
    double before = 0.0;
    *slow = false;
    for (int k = 0; k < NEWTON_LARGEST; k++) {
        *iterations = k + 1;
        if (ode->system.split) {
            find_slopes(r, h);
        }
        for (size_t stage = 0; stage < 3; stage++) {
            for (size_t i = 0; i < n; i++) {
                r->state[i] = ode->y[i] + r->z[stage][i];
            }
            evaluate_split(ode, r, ode->t + c[stage] * h, r->state, r->slope[stage],
                           r->rate[stage]);
        }
        to_eigenbasis(r, r->rate, r->rate);
        for (size_t i = 0; i < n; i++) {
            const double w1 = r->w[1][i];
            const double w2 = r->w[2][i];
            r->rate[0][i] -= mu_real / h * r->w[0][i];
            r->complex_rhs[2 * i] = r->rate[1][i] - (mu_re * w1 - mu_im * w2) / h;
            r->complex_rhs[2 * i + 1] = r->rate[2][i] - (mu_re * w2 + mu_im * w1) / h;
        }
        ssldyn_lu_solve(n, r->lu_real, r->pivots_real, r->rate[0]);
        ssldyn_lu_solve_complex(n, r->lu_complex, r->pivots_complex, r->complex_rhs);
        for (size_t i = 0; i < n; i++) {
            r->rate[1][i] = r->complex_rhs[2 * i];
            r->rate[2][i] = r->complex_rhs[2 * i + 1];
        }
        double square = 0.0;
        for (size_t stage = 0; stage < 3; stage++) {
            const double part = ssldyn_ode_norm(ode, r->rate[stage], ode->y, NULL);
            square += part * part;
        }
        const double size = sqrt(square / 3.0);
        if (!isfinite(size)) {
            return false;
        }
        double contraction = 0.0;
        if (k > 0) {
            contraction = before > 0.0 ? size / before : 0.0;
            const double left = (double)(NEWTON_LARGEST - 1 - k);
            if (contraction >= 1.0 ||
                pow(contraction, left) / (1.0 - contraction) * size > tolerance) {
                *slow = contraction < 1.0;
                return size == 0.0;
            }
        }
        for (size_t i = 0; i < n; i++) {
            for (size_t stage = 0; stage < 3; stage++) {
                r->w[stage][i] += r->rate[stage][i];
            }
            const double a = r->w[0][i];
            const double b = r->w[1][i];
            const double d = r->w[2][i];
            for (size_t stage = 0; stage < 3; stage++) {
                r->z[stage][i] = T[stage][0] * a + T[stage][1] * b + T[stage][2] * d;
            }
        }
        if (size == 0.0 || (k > 0 && contraction / (1.0 - contraction) * size < tolerance)) {
            return true;
        }
        before = size;
    }
    return false;
}

/* Scaled error of the step: the embedded third-order formula, filtered through the real factors. */
static double step_error(struct ssldyn_ode *ode, struct radau *r, double h, bool again)
{
    const size_t n = r->n;
    const double e[3] = {(-13.0 - 7.0 * ROOT6) / 3.0, (-13.0 + 7.0 * ROOT6) / 3.0, -1.0 / 3.0};
    const double *f = r->f;
    if (ode->system.split) {
        evaluate_split(ode, r, ode->t, ode->y, r->slope_start, r->rate[2]);
        f = r->rate[2];
    }
    for (size_t i = 0; i < n; i++) {
        r->rate[0][i] = (e[0] * r->z[0][i] + e[1] * r->z[1][i] + e[2] * r->z[2][i]) / h;
        r->error[i] = f[i] + r->rate[0][i];
        r->state[i] = ode->y[i] + r->z[2][i];
    }
    ssldyn_lu_solve(n, r->lu_real, r->pivots_real, r->error);
    double norm = ssldyn_ode_norm(ode, r->error, ode->y, r->state);
    if (again && norm > 1.0) {
        for (size_t i = 0; i < n; i++) {
            r->rate[1][i] = ode->y[i] + r->error[i];
        }
        evaluate_split(ode, r, ode->t, r->rate[1], r->slope_start, r->error);
        for (size_t i = 0; i < n; i++) {
            r->error[i] += r->rate[0][i];
        }
        ssldyn_lu_solve(n, r->lu_real, r->pivots_real, r->error);
        norm = ssldyn_ode_norm(ode, r->error, ode->y, r->state);
    }
    return norm;
}

static void accept(struct ssldyn_ode *ode, struct radau *r, double h, double t_next)
{
    if (ode->system.split) {
        find_slopes(r, h);
        memcpy(r->slope_start, r->slope[2], r->n * sizeof *r->slope_start);
    }
    for (size_t i = 0; i < r->n; i++) {
        ode->y_before[i] = ode->y[i] + r->z[2][i];
    }
    for (size_t k = 0; k < 3; k++) {
        double *swap = r->z_kept[k];
        r->z_kept[k] = r->z[k];
        r->z[k] = swap;
    }
    double *swap = r->f_kept;
    r->f_kept = r->f;
    r->f = swap;
    r->h_kept = h;
    ssldyn_ode_accept(ode, t_next);
    ssldyn_ode_evaluate(ode, ode->t, ode->y, r->f);
    r->f_fresh = true;
    r->jacobian_fresh = false;
}

static enum ssldyn_status radau_step(struct ssldyn_ode *ode, void *work, struct ssldyn_error *err)
{
    struct radau *r = work;
    bool first = ode->statistics.steps == 0;
    bool rejected = false;
    for (;;) {
        bool last = false;
        const double h = ssldyn_ode_limit(ode, ode->h, &last);
        if (!(fabs(h) > 4e-16 * fabs(ode->t)) || h == 0.0) {
            return ssldyn_ode_give_up(ode, h, err);
        }
        if (r->h_factored != h && factor(ode, r, h, NULL) != SSLDYN_OK) {
            ode->h = 0.5 * h;
            ode->statistics.rejected++;
            continue;
        }
        guess(r, h);
        int iterations = 0;
        bool slow = false;
        if (!solve_stages(ode, r, h, &iterations, &slow)) {
            ode->statistics.rejected++;
            rejected = true;
            r->h_kept = slow ? r->h_kept : 0.0; /* if it diverged, the guess was bad */
            if (!r->jacobian_fresh) {
                evaluate_jacobian(ode, r);
                continue;
            }
            ode->h = 0.5 * h;
            continue;
        }
        const double error = step_error(ode, r, h, first || rejected);
        const double safety = 0.9 * (2.0 * (double)NEWTON_LARGEST + 1.0) /
                              (2.0 * (double)NEWTON_LARGEST + (double)iterations);
        double grow = error > 0.0 ? pow(error, -0.25) : 10.0;
        if (!(error <= 1.0)) {
            ode->statistics.rejected++;
            rejected = true;
            grow = isfinite(error) ? fmax(0.2, safety * grow) : 0.1;
            ode->h = h * fmin(grow, 0.9);
            if (!r->jacobian_fresh) {
                evaluate_jacobian(ode, r);
            }
            continue;
        }
        if (r->error_before > 0.0 && error > 0.0) { /* Gustafsson's predictive control */
            grow = fmin(grow, fabs(h / r->h_before) * pow(r->error_before / (error * error), 0.25));
        }
        grow = fmax(0.2, fmin(8.0, safety * grow));
        if (rejected) {
            grow = fmin(1.0, grow);
        }
        r->error_before = fmax(error, 1e-2);
        r->h_before = h;
        accept(ode, r, h, last ? ode->t_end : ode->t + h);
        const double proposal = h * grow;
        ode->h = last && fabs(proposal) < fabs(ode->h) ? ode->h : proposal;
        if (iterations > 2 || rejected || grow > 1.2) {
            evaluate_jacobian(ode, r);
        } else {
            ode->h = last ? ode->h : h; /* small changes do not justify a new factorization */
        }
        return SSLDYN_OK;
    }
}

/* y at a time inside the last step, by a separate step from its beginning. It uses the existing
 * Jacobian, which can only cost more iterations. */
static void radau_interpolate(struct ssldyn_ode *ode, void *work, double t, double y[])
{
    struct radau *r = work;
    const size_t n = r->n;
    const double t_end = ode->t;
    double *swap = ode->y;
    ode->y = ode->y_before;
    ode->y_before = swap;
    ode->t = ode->t_before;
    const double h = t - ode->t;
    const double h_kept = r->h_kept;
    int iterations = 0;
    bool solved = factor(ode, r, h, NULL) == SSLDYN_OK;
    if (solved) {
        /* the kept polynomial covers this step, so its values are an excellent first guess */
        for (size_t k = 0; k < 3; k++) {
            collocate(r, k, c[k] * h / h_kept, 0.0);
        }
        memcpy(r->error, r->z[2], n * sizeof(double));
        bool slow = false;
        solved = solve_stages(ode, r, h, &iterations, &slow);
        if (!solved) {
            memcpy(r->z[2], r->error, n * sizeof(double));
        }
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = ode->y[i] + r->z[2][i];
    }
    ode->y_before = ode->y;
    ode->y = swap;
    ode->t = t_end;
    r->h_factored = 0.0;
}

const struct ssldyn_stepper ssldyn_stepper_radau5 = {
    .name = "radau5",
    .help = "implicit Radau IIA, order 5, for stiff problems",
    .dense = true,
    .create = radau_create,
    .free = radau_free,
    .begin = radau_begin,
    .step = radau_step,
    .interpolate = radau_interpolate,
};
