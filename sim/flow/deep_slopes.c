/* How the edge of the basin of a mode of a deep encoder depends on its numbers (THEORY sections 6
 * and 11). Layers that are alike at the saddle have one unstable direction, the same in each. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin_slopes.h"

#include "sim/base/memory.h"
#include "sim/flow/deep_point.h"
#include "sim/flow/saddle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The largest distance d from the saddle. Neglected is d times the share that the start's error has
 * gained of the unstable growth, which is the relative error of the threshold divided by d, so this
 * may be larger than the accuracy of the derivatives. */
static const double near_enough = 0.03;

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

/* The saddle, or its mirror image, whose layers have the signs of those of y. */
static void image(const struct ssldyn_saddle *saddle, const double y[], double there[])
{
    const size_t L = ssldyn_depth_layers(saddle->parameters);
    const size_t targets = saddle->n - 1 - L;
    double sign = 1.0;
    for (size_t l = 0; l < L; l++) {
        there[1 + l] = copysign(saddle->state[1 + l], y[1 + l]);
        sign *= y[1 + l] < 0.0 ? -1.0 : 1.0;
    }
    there[0] =
        saddle->parameters->target == SSLDYN_DEPTH_MAE ? sign * saddle->state[0] : saddle->state[0];
    for (size_t l = 0; l < targets; l++) {
        there[1 + L + l] = targets == 1 ? sign * saddle->state[1 + L] : there[1 + l];
    }
}

/* The unstable direction is symmetric in the layers, so that the sums over layers and over
 * targets suffice: J has the block of these three, and the left eigenvector of the whole is that
 * of the block divided by the number of members. work: n x n. */
static void find_direction(struct ssldyn_saddle *saddle, double work[])
{
    const size_t n = saddle->n;
    const size_t L = ssldyn_depth_layers(saddle->parameters);
    const size_t count[3] = {1, L, n - 1 - L};
    const size_t first[3] = {0, 1, 1 + L};
    double block[9] = {0.0};
    double left[3];
    ssldyn_depth_jacobian(saddle->parameters, saddle->state, work);
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

/* With one layer MAE has none. work: n x n. */
static void find_saddle(const struct ssldyn_parameters *parameters, size_t n,
                        struct ssldyn_saddle *saddle, double work[])
{
    const struct ssldyn_depth mode = ssldyn_depth_mode(parameters);
    const struct ssldyn_depth balanced = ssldyn_depth_balanced(&mode, parameters->rates.eta_p);
    const size_t L = ssldyn_depth_layers(parameters);
    double fixed[2];
    *saddle = (struct ssldyn_saddle){.parameters = parameters,
                                     .n = n,
                                     .rhs = ssldyn_depth_rhs,
                                     .jacobian = ssldyn_depth_jacobian,
                                     .slopes = ssldyn_depth_slopes,
                                     .image = image,
                                     .near_enough = near_enough};
    ssldyn_depth_fixedpoints(&balanced, fixed);
    if (!(fixed[0] > 0.0)) {
        return;
    }
    const double v = ssldyn_depth_layer(&balanced, fixed[0]);
    saddle->state[0] = fixed[0];
    for (size_t i = 1; i < n; i++) {
        saddle->state[i] = v;
    }
    if (n == L + 2) { /* an average of the product */
        saddle->state[1 + L] = pow(v, (double)L);
    }
    find_direction(saddle, work);
}

enum ssldyn_status ssldyn_deep_slopes_of_edge(const struct ssldyn_mode_point *point,
                                              struct ssldyn_basin_slopes *slopes, const char **why,
                                              struct ssldyn_error *err)
{
    double start[SSLDYN_DEPTH_VARIABLES];
    struct ssldyn_parameters parameters;
    struct ssldyn_saddle saddle;
    const size_t n = ssldyn_deep_point_start(point, &parameters, start);
    double *const work = ssldyn_memory_array(n * n, sizeof *work);
    if (!work) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    find_saddle(&parameters, n, &saddle, work);
    free(work);
    return ssldyn_saddle_slopes(&saddle, start, slopes, why, err);
}
