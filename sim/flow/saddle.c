/* The unstable direction of a saddle, and solutions that end in it. */
// SPDX-License-Identifier: MIT
#include "sim/flow/saddle.h"

#include "sim/base/memory.h"
#include "sim/ode/ode.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double patience = 1e7;
enum { STEPS = 100000 };

/* The eigenvalue: the only positive root of the characteristic polynomial, which decreases at 0. */
static double unstable_rate(const double J[static 9])
{
    const double trace = J[0] + J[4] + J[8];
    const double minors =
        J[0] * J[4] - J[1] * J[3] + J[0] * J[8] - J[2] * J[6] + J[4] * J[8] - J[5] * J[7];
    const double det = J[0] * (J[4] * J[8] - J[5] * J[7]) - J[1] * (J[3] * J[8] - J[5] * J[6]) +
                       J[2] * (J[3] * J[7] - J[4] * J[6]);
    double lo = 0.0;
    double hi = 1.0;
    for (int i = 0; i < 9; i++) {
        hi += fabs(J[i]);
    }
    while (hi - lo > 2.0 * DBL_EPSILON * hi) {
        const double middle = 0.5 * (lo + hi);
        const bool above = ((middle - trace) * middle + minors) * middle - det > 0.0;
        *(above ? &hi : &lo) = middle;
    }
    return 0.5 * (lo + hi);
}

/* Its left eigenvector: orthogonal to all columns of J - rate, hence along the largest cross
 * product of two of them. */
static void left_eigenvector(const double J[static 9], double rate, double left[static 3])
{
    double largest = -1.0;
    for (int skipped = 0; skipped < 3; skipped++) {
        const int a = (skipped + 1) % 3;
        const int b = (skipped + 2) % 3;
        double u[3];
        double v[3];
        for (int i = 0; i < 3; i++) {
            u[i] = J[3 * i + a] - (i == a ? rate : 0.0);
            v[i] = J[3 * i + b] - (i == b ? rate : 0.0);
        }
        const double across[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2],
                                  u[0] * v[1] - u[1] * v[0]};
        const double size = hypot(hypot(across[0], across[1]), across[2]);
        if (size > largest) {
            largest = size;
            memcpy(left, across, sizeof across);
        }
    }
}

double ssldyn_saddle_unstable(const double J[static 9], double left[static 3])
{
    const double rate = unstable_rate(J);
    left_eigenvector(J, rate, left);
    return rate;
}

/* The state y followed by its derivatives with respect to each number; the equations of both. */
struct variation {
    const struct ssldyn_saddle *saddle;
    size_t numbers;
    double *y, *jacobian, *slopes;
    struct ssldyn_ode_block *blocks;
};

static void variational(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    const struct variation *variation = context;
    const struct ssldyn_saddle *saddle = variation->saddle;
    const size_t n = saddle->n;
    saddle->rhs(saddle->parameters, y, dydt);
    saddle->jacobian(saddle->parameters, y, variation->jacobian);
    saddle->slopes(saddle->parameters, y, variation->slopes);
    for (size_t k = 0; k < variation->numbers; k++) {
        const double *column = y + n + n * k;
        for (size_t i = 0; i < n; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < n; j++) {
                sum += variation->jacobian[i * n + j] * column[j];
            }
            dydt[n + n * k + i] =
                sum + (k < SSLDYN_KNOBS ? variation->slopes[i * SSLDYN_KNOBS + k] : 0.0);
        }
    }
}

/* Derivatives of the unstable coordinate of a state with respect to the numbers: l^T (dy/dnumber
 * - dsaddle/dnumber), where l^T J = rate l^T turns the last term into -l^T F_number/rate. At a mirror
 * image l has its signs. */
static void project(const struct variation *variation, const double there[], const double y[],
                    struct ssldyn_basin_slopes *slopes)
{
    const struct ssldyn_saddle *saddle = variation->saddle;
    const size_t n = saddle->n;
    saddle->slopes(saddle->parameters, there, variation->slopes);
    for (size_t k = 0; k < variation->numbers; k++) {
        slopes->by[k] = 0.0;
        for (size_t i = 0; i < n; i++) {
            const double left = there[i] < 0.0 ? -saddle->left[i] : saddle->left[i];
            const double moved =
                k < SSLDYN_KNOBS ? variation->slopes[i * SSLDYN_KNOBS + k] / saddle->rate : 0.0;
            slopes->by[k] += left * (y[n + n * k + i] + moved);
        }
    }
}

/* Follows the solution to its closest approach to the saddle; *nearest is that distance. */
static enum ssldyn_status follow(const struct variation *variation, struct ssldyn_ode *ode,
                                 double *nearest, struct ssldyn_basin_slopes *slopes,
                                 struct ssldyn_error *err)
{
    const struct ssldyn_saddle *saddle = variation->saddle;
    enum ssldyn_status status = SSLDYN_OK;
    bool leaves = false;
    *nearest = (double)INFINITY;
    for (int i = 0; status == SSLDYN_OK && !leaves && i < STEPS && !ssldyn_ode_done(ode); i++) {
        double there[SSLDYN_DEPTH_VARIABLES] = {0.0};
        double away = 0.0;
        status = ssldyn_ode_step(ode, err);
        const double *y = ssldyn_ode_state(ode);
        saddle->image(saddle, y, there);
        for (size_t k = 0; k < saddle->n; k++) {
            away = fmax(away, fabs(y[k] / there[k] - 1.0));
        }
        if (status == SSLDYN_OK && away < *nearest) {
            *nearest = away;
            if (away < saddle->near_enough) {
                project(variation, there, y, slopes);
            }
        }
        leaves = *nearest < saddle->near_enough && away > 10.0 * *nearest;
    }
    /* rounding errors of the edge finally send the solution to either side */
    return ssldyn_ode_accept_end(status);
}

static enum ssldyn_status integrate(struct variation *variation, double *nearest,
                                    struct ssldyn_basin_slopes *slopes, struct ssldyn_error *err)
{
    const size_t n = variation->saddle->n;
    const struct ssldyn_ode_system system = {.n = n + n * variation->numbers,
                                             .rhs = variational,
                                             .context = variation,
                                             .blocks = variation->blocks,
                                             .block_count = n + variation->numbers};
    const struct ssldyn_ode_options options = {.rtol = 1e-13, .atol = 1e-30, .stepper = "auto"};
    struct ssldyn_ode *ode = NULL;
    enum ssldyn_status status = ssldyn_ode_create(&system, &options, &ode, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_ode_start(ode, 0.0, variation->y, patience, err);
    }
    if (status == SSLDYN_OK) {
        status = follow(variation, ode, nearest, slopes, err);
    }
    ssldyn_ode_free(ode);
    return status;
}

enum ssldyn_status ssldyn_saddle_slopes(const struct ssldyn_saddle *saddle, const double start[],
                                        struct ssldyn_basin_slopes *slopes, const char **why,
                                        struct ssldyn_error *err)
{
    const size_t n = saddle->n;
    const size_t numbers = SSLDYN_BASIN_START + n;
    if (!(saddle->state[0] > 0.0)) {
        *why = "the edge is not the stable manifold of a saddle";
        return SSLDYN_OK;
    }
    struct variation variation = {
        saddle,
        numbers,
        .y = calloc(n + n * numbers, sizeof(double)),
        .jacobian = ssldyn_memory_array(n * n, sizeof(double)),
        .slopes = ssldyn_memory_array(n * SSLDYN_KNOBS, sizeof(double)),
        .blocks = ssldyn_memory_array(n + numbers, sizeof(struct ssldyn_ode_block))};
    double nearest = (double)INFINITY;
    enum ssldyn_status status =
        variation.y && variation.jacobian && variation.slopes && variation.blocks
            ? SSLDYN_OK
            : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK) {
        memcpy(variation.y, start, n * sizeof *start);
        for (size_t i = 0; i < n; i++) {
            variation.y[n + n * (SSLDYN_BASIN_START + i) + i] = 1.0;
        }
        for (size_t i = 0; i < n + numbers; i++) {
            variation.blocks[i].size = i < n ? 1 : n;
        }
        status = integrate(&variation, &nearest, slopes, err);
    }
    if (status == SSLDYN_OK && !(nearest < saddle->near_enough)) {
        *why = "the solution from the edge does not come near enough to the saddle";
    }
    free(variation.y);
    free(variation.jacobian);
    free(variation.slopes);
    free(variation.blocks);
    return status;
}
