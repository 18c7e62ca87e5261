/* How the edge of the basin of a mode of a deep encoder depends on its numbers (THEORY sections 6
 * and 11). Layers that are alike at the saddle have one unstable direction, the same in each. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin_slopes.h"

#include "sim/base/memory.h"
#include "sim/flow/deep_point.h"
#include "sim/flow/saddle.h"
#include "sim/ode/ode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* If the solution stays farther than this from the saddle (relative distance d), the result is not
 * used. Neglected is d times the share that the start's error has gained of the unstable growth,
 * which is the relative error of the threshold divided by d, so this may be larger than the
 * accuracy of the derivatives. */
static const double near_enough = 0.03;
static const double patience = 1e7;
enum { STEPS = 100000 };

/* The saddle with all weights positive. */
struct saddle {
    const struct ssldyn_parameters *parameters;
    size_t n, layers, targets;
    double p, v, product;
    double rate;
    double left[SSLDYN_DEPTH_VARIABLES]; /* the left eigenvector of rate */
};

/* The state y, then its derivatives with respect to each number. */
struct variation {
    const struct ssldyn_parameters *parameters;
    size_t n, numbers;
    double *jacobian, *slopes; /* workspace */
};

void ssldyn_deep_slopes_numbers(const struct ssldyn_mode_point *point,
                                double numbers[static SSLDYN_BASIN_NUMBERS])
{
    struct ssldyn_parameters parameters;
    const struct ssldyn_rates *rates = &parameters.rates;
    memset(numbers, 0, SSLDYN_BASIN_NUMBERS * sizeof *numbers);
    (void)ssldyn_deep_point_start(point, &parameters, numbers + SSLDYN_BASIN_START);
    numbers[SSLDYN_KNOB_ETA_S] = rates->eta_s;
    numbers[SSLDYN_KNOB_LAMBDA_D] = parameters.lambda_d;
    numbers[SSLDYN_KNOB_LAMBDA_S] = parameters.lambda_s;
    numbers[SSLDYN_KNOB_TAU] = parameters.tau_held ? parameters.tau : 0.0;
    numbers[SSLDYN_KNOB_ETA_P] = rates->eta_p;
    numbers[SSLDYN_KNOB_BETA] = rates->beta;
    numbers[SSLDYN_KNOB_ALPHA_P] = rates->alpha_p;
}

void ssldyn_deep_slopes_of_fold(const struct ssldyn_mode_point *point,
                                struct ssldyn_basin_slopes *slopes)
{
    double numbers[SSLDYN_BASIN_NUMBERS];
    struct ssldyn_margin margin;
    ssldyn_deep_slopes_numbers(point, numbers);
    ssldyn_deep_point_margin(point, &margin);
    memset(slopes, 0, sizeof *slopes);
    for (int knob = 0; knob < SSLDYN_KNOBS; knob++) {
        if (knob != SSLDYN_KNOB_NOISE && margin.elasticity[knob] != 0.0) {
            slopes->by[knob] = margin.elasticity[knob] / numbers[knob];
        }
    }
}

static void variational(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    const struct variation *variation = context;
    const size_t n = variation->n;
    ssldyn_depth_rhs(variation->parameters, y, dydt);
    ssldyn_depth_jacobian(variation->parameters, y, variation->jacobian);
    ssldyn_depth_slopes(variation->parameters, y, variation->slopes);
    for (size_t k = 0; k < variation->numbers; k++) {
        const double *column = y + n + n * k;
        for (size_t i = 0; i < n; i++) {
            double sum = k < SSLDYN_KNOBS ? variation->slopes[i * SSLDYN_KNOBS + k] : 0.0;
            for (size_t j = 0; j < n; j++) {
                sum += variation->jacobian[i * n + j] * column[j];
            }
            dydt[n + n * k + i] = sum;
        }
    }
}

/* The saddle, or its mirror image, whose layers have the signs of those of y. */
static void place(const struct saddle *saddle, const double y[], double there[])
{
    const size_t L = saddle->layers;
    double sign = 1.0;
    for (size_t l = 0; l < L; l++) {
        there[1 + l] = copysign(saddle->v, y[1 + l]);
        sign *= y[1 + l] < 0.0 ? -1.0 : 1.0;
    }
    there[0] = saddle->parameters->target == SSLDYN_DEPTH_MAE ? sign * saddle->p : saddle->p;
    for (size_t l = 0; l < saddle->targets; l++) {
        there[1 + L + l] = saddle->targets == 1 ? sign * saddle->product : there[1 + l];
    }
}

/* The unstable direction is symmetric in the layers, so that the sums over layers and over
 * targets suffice: J has the block of these three, and the left eigenvector of the whole is that
 * of the block divided by the number of members. work: n x n. */
static void find_direction(struct saddle *saddle, double work[])
{
    const size_t n = saddle->n;
    const size_t count[3] = {1, saddle->layers, saddle->targets};
    const size_t first[3] = {0, 1, 1 + saddle->layers};
    double block[9] = {0.0};
    double left[3];
    double y[SSLDYN_DEPTH_VARIABLES] = {0.0};
    double positive[SSLDYN_DEPTH_VARIABLES] = {0.0};
    place(saddle, positive, y);
    ssldyn_depth_jacobian(saddle->parameters, y, work);
    block[8] = -1.0; /* without targets: any stable direction */
    for (size_t a = 0; a < 3 && count[a] > 0; a++) {
        for (size_t b = 0; b < 3; b++) {
            double sum = 0.0;
            for (size_t i = 0; i < count[b]; i++) {
                sum += work[first[a] * n + first[b] + i];
            }
            block[3 * a + b] = sum;
        }
    }
    saddle->rate = ssldyn_saddle_unstable(block, left);
    for (size_t a = 0; a < 3; a++) {
        for (size_t i = 0; i < count[a]; i++) {
            saddle->left[first[a] + i] = left[a] / (double)count[a];
        }
    }
}

/* False: none; with one layer MAE has no edge. */
static bool find_saddle(const struct ssldyn_parameters *parameters, struct saddle *saddle,
                        double work[])
{
    const struct ssldyn_depth mode = ssldyn_depth_mode(parameters);
    const struct ssldyn_depth balanced = ssldyn_depth_balanced(&mode, parameters->rates.eta_p);
    double fixed[2];
    *saddle = (struct saddle){.parameters = parameters,
                              .layers = ssldyn_depth_layers(parameters),
                              .targets = ssldyn_depth_targets(parameters)};
    saddle->n = 1 + saddle->layers + saddle->targets;
    ssldyn_depth_fixedpoints(&balanced, fixed);
    if (!(fixed[0] > 0.0)) {
        return false;
    }
    saddle->p = fixed[0];
    saddle->v = fixed[0] / sqrt(balanced.alpha_p);
    saddle->product = pow(saddle->v, (double)saddle->layers);
    find_direction(saddle, work);
    return true;
}

/* As project of basin_derivatives.c; at a mirror image the direction has the signs of the state. */
static void project(const struct saddle *saddle, const double there[],
                    const struct variation *variation, const double y[],
                    struct ssldyn_basin_slopes *slopes)
{
    const size_t n = saddle->n;
    ssldyn_depth_slopes(saddle->parameters, there, variation->slopes);
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

/* Follows the solution on the edge to its closest approach to the saddle; *nearest is that
 * distance. */
static enum ssldyn_status follow(const struct saddle *saddle, const struct variation *variation,
                                 struct ssldyn_ode *ode, double *nearest,
                                 struct ssldyn_basin_slopes *slopes, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    bool leaves = false;
    *nearest = (double)INFINITY;
    for (int i = 0; status == SSLDYN_OK && !leaves && i < STEPS && !ssldyn_ode_done(ode); i++) {
        double there[SSLDYN_DEPTH_VARIABLES] = {0.0};
        double away = 0.0;
        status = ssldyn_ode_step(ode, err);
        const double *y = ssldyn_ode_state(ode);
        place(saddle, y, there);
        for (size_t k = 0; k < saddle->n; k++) {
            away = fmax(away, fabs(y[k] / there[k] - 1.0));
        }
        if (status == SSLDYN_OK && away < *nearest) {
            *nearest = away;
            if (away < near_enough) {
                project(saddle, there, variation, y, slopes);
            }
        }
        leaves = *nearest < near_enough && away > 10.0 * *nearest;
    }
    /* rounding errors of the edge finally send the solution to either side */
    return ssldyn_ode_accept_end(status);
}

/* Arrays of one edge: the state with its derivatives, the blocks, and the workspace. */
struct arrays {
    double *y, *work;
    struct ssldyn_ode_block *blocks;
};

static enum ssldyn_status integrate(const struct variation *variation, const struct saddle *saddle,
                                    const struct arrays *arrays, struct ssldyn_basin_slopes *slopes,
                                    double *nearest, struct ssldyn_error *err)
{
    const size_t n = variation->n;
    const struct ssldyn_ode_system system = {.n = n + n * variation->numbers,
                                             .rhs = variational,
                                             .context = (void *)variation,
                                             .blocks = arrays->blocks,
                                             .block_count = n + variation->numbers};
    const struct ssldyn_ode_options options = {.rtol = 1e-13, .atol = 1e-30, .stepper = "auto"};
    struct ssldyn_ode *ode = NULL;
    for (size_t i = 0; i < system.block_count; i++) {
        arrays->blocks[i].size = i < n ? 1 : n;
    }
    enum ssldyn_status status = ssldyn_ode_create(&system, &options, &ode, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_ode_start(ode, 0.0, arrays->y, patience, err);
    }
    if (status == SSLDYN_OK) {
        status = follow(saddle, variation, ode, nearest, slopes, err);
    }
    ssldyn_ode_free(ode);
    return status;
}

enum ssldyn_status ssldyn_deep_slopes_of_edge(const struct ssldyn_mode_point *point,
                                              struct ssldyn_basin_slopes *slopes, const char **why,
                                              struct ssldyn_error *err)
{
    double start[SSLDYN_DEPTH_VARIABLES];
    struct ssldyn_parameters parameters;
    struct saddle saddle;
    double nearest = (double)INFINITY;
    const size_t n = ssldyn_deep_point_start(point, &parameters, start);
    struct variation variation = {&parameters, n, SSLDYN_KNOBS + n, NULL, NULL};
    const size_t all = n + n * variation.numbers;
    const struct arrays arrays = {
        .y = calloc(all, sizeof(double)),
        .work = ssldyn_memory_array(n * (n + SSLDYN_KNOBS), sizeof(double)),
        .blocks = ssldyn_memory_array(n + variation.numbers, sizeof(struct ssldyn_ode_block))};
    enum ssldyn_status status = arrays.y && arrays.work && arrays.blocks
                                    ? SSLDYN_OK
                                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK && !find_saddle(&parameters, &saddle, arrays.work)) {
        *why = "the edge is not the stable manifold of a saddle";
    } else if (status == SSLDYN_OK) {
        variation.jacobian = arrays.work;
        variation.slopes = arrays.work + n * n;
        memcpy(arrays.y, start, n * sizeof *start);
        for (size_t i = 0; i < n; i++) {
            arrays.y[n + n * (SSLDYN_BASIN_START + i) + i] = 1.0;
        }
        status = integrate(&variation, &saddle, &arrays, slopes, &nearest, err);
        if (status == SSLDYN_OK && !(nearest < near_enough)) {
            *why = "the solution from the edge does not come near enough to the saddle";
        }
    }
    free(arrays.y);
    free(arrays.work);
    free(arrays.blocks);
    return status;
}
