/* How the edge of the basin moves with the numbers of a mode (THEORY section 6): a solution that
 * starts on the edge ends in the saddle, so the displacement that a change of any number causes
 * along the unstable direction of the saddle has to be canceled by the number whose threshold it
 * is. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin_slopes.h"
#include "sim/flow/saddle.h"

#include "sim/flow/deep_point.h"
#include "theory/fixedpoint.h"
#include "theory/lowdim.h"
#include "theory/margin.h"

#include <math.h>
#include <string.h>

/* The numbers of a mode of M5 (basin_slopes.h). */
enum { WP = SSLDYN_BASIN_START, W, WA, STATE = 3 };

static void numbers_of(const struct ssldyn_mode_point *mode,
                       double numbers[static SSLDYN_BASIN_NUMBERS])
{
    if (mode->deep) {
        ssldyn_deep_slopes_numbers(mode, numbers);
        return;
    }
    const struct ssldyn_ensemble_point start = ssldyn_mode_point_start(mode);
    const double all[SSLDYN_BASIN_NUMBERS] = {[SSLDYN_KNOB_ETA_S] = start.eta_s,
                                              [SSLDYN_KNOB_LAMBDA_D] = start.lambda_d,
                                              [SSLDYN_KNOB_LAMBDA_S] = start.lambda_s,
                                              [SSLDYN_KNOB_TAU] =
                                                  isnan(start.tau) ? 0.0 : start.tau,
                                              [SSLDYN_KNOB_ETA_P] = start.eta_p,
                                              [SSLDYN_KNOB_BETA] = start.beta,
                                              [SSLDYN_KNOB_ALPHA_P] = start.alpha_p,
                                              [WP] = start.wp,
                                              [W] = start.w,
                                              [WA] = isnan(start.tau) ? start.wa : 0.0};
    memcpy(numbers, all, sizeof all);
}

/* At the fold eta_c = eta_s, for every start: the margin's elasticities. */
static void of_fold(const struct ssldyn_margin *margin, const double numbers[],
                    struct ssldyn_basin_slopes *slopes)
{
    memset(slopes, 0, sizeof *slopes);
    for (int knob = 0; knob < SSLDYN_KNOBS; knob++) {
        if (knob != SSLDYN_KNOB_NOISE && margin->elasticity[knob] != 0.0) {
            slopes->by[knob] = margin->elasticity[knob] / numbers[knob];
        }
    }
}

/* A frozen target has no saddle in three dimensions: the edge is alpha_p lambda_d^2 wa^2 = eta_p
 * eta_s (C5, S5). How it changes with a slow target is unknown. */
static void of_frozen(const double numbers[], struct ssldyn_basin_slopes *slopes)
{
    *slopes = (struct ssldyn_basin_slopes){
        .by = {[SSLDYN_KNOB_ETA_S] = -1.0 / numbers[SSLDYN_KNOB_ETA_S],
               [SSLDYN_KNOB_ETA_P] = -1.0 / numbers[SSLDYN_KNOB_ETA_P],
               [SSLDYN_KNOB_ALPHA_P] = 1.0 / numbers[SSLDYN_KNOB_ALPHA_P],
               [SSLDYN_KNOB_LAMBDA_D] = 2.0 / numbers[SSLDYN_KNOB_LAMBDA_D],
               [SSLDYN_KNOB_BETA] = (double)NAN,
               [WA] = 2.0 / numbers[WA]}};
}

/* The saddle, or its mirror image with w, wa < 0. */
static void image(const struct ssldyn_saddle *saddle, const double y[], double there[])
{
    there[0] = saddle->state[0];
    there[1] = copysign(saddle->state[1], y[1]);
    there[2] = copysign(saddle->state[2], y[1]);
}

static enum ssldyn_status of_edge(const struct ssldyn_parameters *parameters,
                                  const double numbers[], struct ssldyn_basin_slopes *slopes,
                                  const char **why, struct ssldyn_error *err)
{
    /* the relative error of the derivatives is the square of this distance */
    struct ssldyn_saddle saddle = {.parameters = parameters,
                                   .n = STATE,
                                   .rhs = ssldyn_lowdim_rhs,
                                   .jacobian = ssldyn_lowdim_jacobian,
                                   .slopes = ssldyn_lowdim_slopes,
                                   .image = image,
                                   .near_enough = 1e-3};
    double pair[2];
    double squared[2];
    double J[STATE * STATE];
    (void)ssldyn_fixedpoint_lowdim(parameters, parameters->tau, pair, squared);
    const double w = sqrt(squared[0]);
    if (isfinite(pair[0] + w) && pair[0] * w > 0.0) {
        saddle.state[0] = pair[0];
        saddle.state[1] = w;
        saddle.state[2] = parameters->tau * w;
        ssldyn_lowdim_jacobian(parameters, saddle.state, J);
        saddle.rate = ssldyn_saddle_unstable(J, saddle.left);
    }
    const double start[STATE] = {numbers[WP], numbers[W],
                                 parameters->tau_held ? parameters->tau * numbers[W] : numbers[WA]};
    return ssldyn_saddle_slopes(&saddle, start, slopes, why, err);
}

/* How the numbers change with a slot while the number of the threshold keeps its value:
 * differences of fourth order, since options act on the numbers as products of powers. *any:
 * whether any number changes. */
static void tangent(const struct ssldyn_mode_point *mode, int slot, int threshold,
                    double by[static SSLDYN_BASIN_NUMBERS], bool *any)
{
    const double value = ssldyn_mode_point_value(mode, slot);
    const double kept = ssldyn_mode_point_value(mode, threshold);
    const double h = 5e-4 * (value != 0.0 ? fabs(value) : 1.0);
    double at[4][SSLDYN_BASIN_NUMBERS];
    for (int i = 0; i < 4; i++) {
        static const double steps[4] = {-2.0, -1.0, 1.0, 2.0};
        struct ssldyn_mode_point moved = *mode;
        ssldyn_mode_point_set(&moved, slot, value + steps[i] * h);
        if (slot != threshold) {
            ssldyn_mode_point_set(&moved, threshold, kept);
        }
        numbers_of(&moved, at[i]);
    }
    *any = false;
    for (int k = 0; k < SSLDYN_BASIN_NUMBERS; k++) {
        by[k] = (8.0 * (at[2][k] - at[1][k]) - (at[3][k] - at[0][k])) / (12.0 * h);
        *any = *any || by[k] != 0.0;
    }
}

static double along(const struct ssldyn_basin_slopes *slopes, const double tangent[])
{
    double sum = 0.0;
    for (int k = 0; k < SSLDYN_BASIN_NUMBERS; k++) {
        sum += tangent[k] != 0.0 ? slopes->by[k] * tangent[k] : 0.0;
    }
    return sum;
}

/* The averages of several layers start at equal roots of the target, whose derivative is infinite
 * at 0. */
static bool begins_at_a_root(const struct ssldyn_mode_point *mode, int slot)
{
    const struct ssldyn_parameters *deep = mode->deep ? &mode->deep->parameters : NULL;
    return deep && ssldyn_depth_targets(deep) > 1 && ssldyn_mode_point_value(mode, slot) == 0.0 &&
           (slot == ssldyn_mode_point_slot("tau0") || slot == ssldyn_mode_point_slot("wa0"));
}

/* The same for any slot; false: changing it alone has no effect or no meaning. */
static bool moves(const struct ssldyn_mode_point *mode, int slot, int threshold,
                  double by[static SSLDYN_BASIN_NUMBERS])
{
    bool any = slot == ssldyn_mode_point_slot("lambda-d");
    if (slot == threshold || begins_at_a_root(mode, slot) ||
        isnan(ssldyn_mode_point_value(mode, slot)) ||
        (slot == ssldyn_mode_point_slot("eta") && mode->rates.eta_p != mode->rates.eta_s)) {
        return false;
    }
    if (any) { /* isotropic models have no such option */
        memset(by, 0, SSLDYN_BASIN_NUMBERS * sizeof *by);
        by[SSLDYN_KNOB_LAMBDA_D] = 1.0;
    } else {
        tangent(mode, slot, threshold, by, &any);
    }
    return any;
}

bool ssldyn_basin_derives(const struct ssldyn_mode_point *base, int slot, int other)
{
    double by[SSLDYN_BASIN_NUMBERS];
    return moves(base, other, slot, by);
}

enum ssldyn_status ssldyn_basin_derivatives(const struct ssldyn_mode_point *base, int slot,
                                            const struct ssldyn_threshold *threshold,
                                            double derivatives[SSLDYN_MODE_POINT_SLOTS],
                                            const char **why, struct ssldyn_error *err)
{
    struct ssldyn_mode_point mode = *base;
    struct ssldyn_basin_slopes slopes = {{0.0}};
    double numbers[SSLDYN_BASIN_NUMBERS];
    double by[SSLDYN_BASIN_NUMBERS];
    bool any = false;
    enum ssldyn_status status = SSLDYN_OK;
    ssldyn_mode_point_set(&mode, slot, threshold->value);
    const struct ssldyn_parameters parameters = ssldyn_mode_point_parameters(&mode);
    numbers_of(&mode, numbers);
    *why = NULL;
    for (int k = 0; k < SSLDYN_MODE_POINT_SLOTS; k++) {
        derivatives[k] = (double)NAN;
    }
    if (threshold->mechanism == SSLDYN_BASIN_UNDECIDED) {
        *why = "the threshold is undecided";
    } else if (threshold->mechanism == SSLDYN_BASIN_FOLD) {
        struct ssldyn_margin margin;
        if (mode.deep) {
            ssldyn_deep_point_margin(&mode, &margin);
        } else {
            ssldyn_margin(&parameters, &margin);
        }
        of_fold(&margin, numbers, &slopes);
    } else if (mode.deep) {
        status = ssldyn_deep_slopes_of_edge(&mode, &slopes, why, err);
    } else if (!parameters.predictor) {
        *why = "without a predictor there is no saddle";
    } else if (!parameters.tau_held && parameters.rates.beta == 0.0) {
        of_frozen(numbers, &slopes);
    } else {
        status = of_edge(&parameters, numbers, &slopes, why, err);
    }
    if (status != SSLDYN_OK || *why) {
        return status;
    }
    tangent(&mode, slot, slot, by, &any);
    const double own = along(&slopes, by);
    for (int k = 0; k < SSLDYN_MODE_POINT_SLOTS; k++) {
        if (moves(&mode, k, slot, by)) {
            derivatives[k] = -along(&slopes, by) / own;
        }
    }
    return SSLDYN_OK;
}
