/* Depth: folds and fixed points compared with independent searches to their digits, eigenvalues
 * with differences of the velocity, L = 1 with M4, and times with the flow of all weights. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/suite.h"
#include "theory/closedform.h"
#include "theory/depth.h"
#include "theory/fixedpoint.h"

#include <check.h>
static struct ssldyn_depth jepa(unsigned layers, double eta)
{
    return (struct ssldyn_depth){SSLDYN_DEPTH_JEPA, layers, 1.0, eta, 1.25, 1.0};
}

START_TEST(folds)
{
    static const double unit[] = {.25, .10546875, .066979595336, .049086987972};
    static const double eta_c[] = {.2, .054, .0219478738, .0102942875};
    struct ssldyn_depth mode = jepa((unsigned)_i + 1, 0.0);
    CHECK_CLOSE(ssldyn_depth_fold(&mode), eta_c[_i], 1e-8, 0.0);
    mode.lambda_s = 1.0;
    CHECK_CLOSE(ssldyn_depth_fold(&mode), unit[_i], 1e-11, 0.0);
}
END_TEST

START_TEST(folds_of_mae_and_of_two_decays)
{
    struct ssldyn_depth mode = {SSLDYN_DEPTH_MAE, 2, 1.0, 0.0, 1.1, 0.8};
    CHECK_CLOSE(ssldyn_depth_fold(&mode), .339909800966, 1e-11, 0.0);
    mode.layers = 3;
    CHECK_CLOSE(ssldyn_depth_fold(&mode), .262595180756, 1e-11, 0.0);
    mode.layers = 1; /* transcritical: no basin below it */
    mode.alpha_p = 4.0;
    CHECK_CLOSE(ssldyn_depth_fold(&mode), 1.6, 1e-15, 0.0);
    mode.eta = 0.5;
    double p[2];
    ssldyn_depth_fixedpoints(&mode, p);
    ck_assert(p[0] == 0.0);
    CHECK_CLOSE(ssldyn_depth_velocity(&mode, p[1]), 0.0, 0.0, 1e-15);
    struct ssldyn_margin margin;
    mode = jepa(2, 0.02);
    mode.alpha_p = 1.5;
    ssldyn_depth_margin(&mode, 0.05, &margin);
    CHECK_CLOSE(margin.fold, .042426406871, 1e-11, 0.0);
    mode = jepa(3, 0.01); /* alpha_p is a scale of the start: eta_c goes as alpha_p^(1 - L) */
    mode.alpha_p = 4.0;
    CHECK_CLOSE(ssldyn_depth_fold(&mode), .0219478738 / 16.0, 1e-8, 0.0);
    CHECK_CLOSE(ssldyn_depth_velocity(&mode, 0.5),
                pow(0.5, 6) * (1.0 - 0.5 * 1.25) / 16.0 - 0.01 * 0.5, 1e-14, 0.0);
    mode = jepa(3, 0.0); /* on the fold of equal decays the two coincide */
    mode.eta = ssldyn_depth_fold(&mode);
    ssldyn_depth_margin(&mode, mode.eta, &margin);
    CHECK_CLOSE(margin.fold, mode.eta, 1e-14, 0.0);
}
END_TEST

START_TEST(fixed_points_and_growth_rates)
{
    double p[2];
    struct ssldyn_depth mode = jepa(2, 0.8 * 0.054);
    ssldyn_depth_fixedpoints(&mode, p);
    CHECK_CLOSE(p[0], .472609723033, 1e-11, 0.0);
    CHECK_CLOSE(p[1], .698661984842, 1e-11, 0.0);
    CHECK_CLOSE(ssldyn_depth_slope(&mode, p[0]), .0672379157494, 1e-10, 0.0);
    CHECK_CLOSE(ssldyn_depth_slope(&mode, p[1]), -.168236874920, 1e-10, 0.0);
    mode = jepa(3, 0.0);
    mode.eta = 0.8 * ssldyn_depth_fold(&mode);
    ssldyn_depth_fixedpoints(&mode, p);
    CHECK_CLOSE(p[0], .573412874487, 1e-11, 0.0);
    CHECK_CLOSE(p[1], .734124523809, 1e-11, 0.0);
    mode.eta = 1.001 * ssldyn_depth_fold(&mode);
    ssldyn_depth_fixedpoints(&mode, p);
    ck_assert(isnan(p[0]) && isnan(p[1]));
    const double h = 1e-6; /* central differences: h^2, and rounding divided by h */
    const double difference =
        (ssldyn_depth_velocity(&mode, .6 + h) - ssldyn_depth_velocity(&mode, .6 - h)) / (2.0 * h);
    CHECK_CLOSE(ssldyn_depth_slope(&mode, .6), difference, 0.0, 1e-9);
}
END_TEST

/* One layer is M4 at tau = 1, whose fixed points and times have closed forms. */
START_TEST(one_layer_is_the_parabola)
{
    const struct ssldyn_depth mode = jepa(1, 0.1);
    const struct ssldyn_rates rates = {1.0, 0.4, 0.1, 0.1, 1.25};
    struct ssldyn_fixedpoints points;
    double p[2];
    ssldyn_fixedpoint_modes(&rates, 1.0, &points);
    ssldyn_depth_fixedpoints(&mode, p);
    CHECK_CLOSE(p[0], points.p_minus, 1e-14, 0.0);
    CHECK_CLOSE(p[1], points.p_plus, 1e-14, 0.0);
    CHECK_CLOSE(ssldyn_depth_slope(&mode, p[1]), points.along_plus, 1e-13, 0.0);
    CHECK_CLOSE(ssldyn_depth_time(&mode, 0.2, 0.5),
                ssldyn_closedform_time(1.0, 1.25, 0.1, 0.2, 0.5), 1e-11, 0.0);
    CHECK_CLOSE(ssldyn_depth_time(&mode, 0.1, 0.01),
                ssldyn_closedform_time(1.0, 1.25, 0.1, 0.1, 0.01), 1e-11, 0.0);
}
END_TEST

/* The velocities of the predictor and of every layer, weights y = (p, v_1, ..., v_L). */
static void rates_of_weights(const struct ssldyn_depth *mode, double eta_p, const double y[],
                             double rate[])
{
    double product = 1.0;
    for (unsigned l = 1; l <= mode->layers; l++)
        product *= y[l];
    const bool jepa = mode->target == SSLDYN_DEPTH_JEPA;
    const double error = (jepa ? product : 1.0) * mode->lambda_d - y[0] * product * mode->lambda_s;
    rate[0] = mode->alpha_p * product * error - eta_p * y[0];
    for (unsigned l = 1; l <= mode->layers; l++)
        rate[l] = y[0] * (product / y[l]) * error - mode->eta * y[l];
}

/* At the fixed points of two different decays every weight is stationary, and a perturbation of (p,
 * v), and one between two layers, grows at the reported rates. */
START_TEST(two_decays)
{
    struct ssldyn_depth mode = {
        (enum ssldyn_depth_target)(_i % 2), 2 + (unsigned)_i / 2, 1.5, 0.0, 1.25, 1.1};
    const double eta_p = 0.05;
    struct ssldyn_margin margin;
    mode.eta = 0.01;
    ssldyn_depth_margin(&mode, eta_p, &margin);
    mode.eta = 0.7 * margin.fold;
    const struct ssldyn_depth balanced = ssldyn_depth_balanced(&mode, eta_p);
    double p[2];
    ssldyn_depth_fixedpoints(&balanced, p);
    for (int i = 0; i < 2; i++) {
        double y[5];
        double rate[5];
        double up[5] = {0.0};
        double down[5] = {0.0};
        const double v = p[i] * sqrt(eta_p / (mode.alpha_p * mode.eta));
        y[0] = p[i];
        for (unsigned l = 1; l <= mode.layers; l++)
            y[l] = v;
        rates_of_weights(&mode, eta_p, y, rate);
        for (unsigned l = 0; l <= mode.layers; l++)
            CHECK_CLOSE(rate[l], 0.0, 0.0, 1e-13);
        double along = 0.0;
        double across = 0.0;
        ssldyn_depth_rates(&mode, eta_p, p[i], &along, &across);
        const double h = 1e-6; /* central differences: h^2, and rounding divided by h */
        double J[2][2];
        for (int k = 0; k < 2; k++) {
            for (int sign = -1; sign <= 1; sign += 2) {
                y[0] = p[i] + (k == 0 ? sign * h : 0.0);
                for (unsigned l = 1; l <= mode.layers; l++)
                    y[l] = v + (k == 1 ? sign * h : 0.0);
                rates_of_weights(&mode, eta_p, y, sign > 0 ? up : down);
            }
            J[0][k] = (up[0] - down[0]) / (2.0 * h);
            J[1][k] = (up[1] - down[1]) / (2.0 * h);
        }
        const double determinant = J[0][0] * J[1][1] - J[0][1] * J[1][0];
        CHECK_CLOSE(along + across, J[0][0] + J[1][1], 0.0, 2e-9);
        if (along != across)
            CHECK_CLOSE(along * across, determinant, 0.0, 2e-9);
        else /* a pair of complex ones */
            ck_assert(4.0 * determinant > (along + across) * (along + across));
        ck_assert((i == 0) == (along > 0.0));
        for (unsigned l = 1; l <= mode.layers; l++)
            y[l] = v * (l == 1 ? 1.0 + h : l == 2 ? 1.0 / (1.0 + h) : 1.0);
        y[0] = p[i];
        rates_of_weights(&mode, eta_p, y, rate);
        CHECK_CLOSE((rate[1] - rate[2]) / (y[1] - y[2]), -2.0 * mode.eta, 0.0, 2e-8);
    }
    mode.eta = 1.0001 * margin.fold;
    const struct ssldyn_depth beyond = ssldyn_depth_balanced(&mode, eta_p);
    ssldyn_depth_fixedpoints(&beyond, p);
    ck_assert(isnan(p[0]) && isnan(p[1]));
}
END_TEST

/* Elasticities compared with central differences of the logarithm of the fold; and factors: the
 * mode with only that knob changed is on its fold. */
START_TEST(margins)
{
    static const enum ssldyn_knob knobs[] = {SSLDYN_KNOB_LAMBDA_D, SSLDYN_KNOB_LAMBDA_S,
                                             SSLDYN_KNOB_ALPHA_P, SSLDYN_KNOB_ETA_P};
    const struct ssldyn_depth mode = {
        (enum ssldyn_depth_target)(_i % 2), 1 + (unsigned)_i / 2, 1.5, 0.02, 1.25, 1.1};
    const double eta_p = _i < 4 ? 0.05 : 0.02;
    struct ssldyn_margin margin;
    ssldyn_depth_margin(&mode, eta_p, &margin);
    for (size_t k = 0; k < sizeof knobs / sizeof knobs[0]; k++) {
        const double h = 1e-5;
        struct ssldyn_margin moved[3];
        for (int i = 0; i < 3; i++) {
            const double factor = i == 2 ? margin.factor[knobs[k]] : exp(i == 0 ? -h : h);
            struct ssldyn_depth other = mode;
            other.lambda_d *= knobs[k] == SSLDYN_KNOB_LAMBDA_D ? factor : 1.0;
            other.lambda_s *= knobs[k] == SSLDYN_KNOB_LAMBDA_S ? factor : 1.0;
            other.alpha_p *= knobs[k] == SSLDYN_KNOB_ALPHA_P ? factor : 1.0;
            ssldyn_depth_margin(&other, eta_p * (knobs[k] == SSLDYN_KNOB_ETA_P ? factor : 1.0),
                                &moved[i]);
        }
        CHECK_CLOSE(margin.elasticity[knobs[k]], log(moved[1].fold / moved[0].fold) / (2.0 * h),
                    0.0, 1e-9);
        if (margin.elasticity[knobs[k]] != 0.0)
            CHECK_CLOSE(moved[2].fold, mode.eta, 1e-12, 0.0);
        else
            ck_assert(isnan(margin.factor[knobs[k]]));
    }
    struct ssldyn_depth noisy = mode; /* more noise at the same signal */
    noisy.lambda_s = mode.lambda_d + margin.at_fold[SSLDYN_KNOB_NOISE];
    if (!isnan(margin.factor[SSLDYN_KNOB_NOISE])) {
        struct ssldyn_margin on;
        ssldyn_depth_margin(&noisy, eta_p, &on);
        CHECK_CLOSE(on.fold, mode.eta, 1e-12, 0.0);
    }
}
END_TEST

/* One layer has the margins of the modes, with tau as a factor of lambda_d. */
START_TEST(margins_of_one_layer)
{
    const struct ssldyn_depth mode = jepa(1, 0.03);
    struct ssldyn_parameters parameters = {
        .rates = {.alpha_p = 1.0, .beta = 0.4, .eta_p = 0.3, .eta_s = 0.03},
        .lambda_s = 1.25,
        .lambda_d = 1.0,
        .stop_grad = true,
        .predictor = true};
    struct ssldyn_margin deep;
    struct ssldyn_margin flat;
    ssldyn_depth_margin(&mode, 0.3, &deep);
    ssldyn_margin(&parameters, &flat);
    CHECK_CLOSE(deep.margin, flat.margin, 1e-14, 0.0);
    for (int knob = 0; knob < SSLDYN_KNOB_TAU; knob++) {
        CHECK_CLOSE(deep.elasticity[knob], flat.elasticity[knob], 1e-14, 0.0);
        CHECK_CLOSE(deep.factor[knob], flat.factor[knob], 1e-13, 0.0);
        CHECK_CLOSE(deep.at_fold[knob], flat.at_fold[knob], 1e-13, 0.0);
    }
}
END_TEST

/* Edges found by bisection of flows with Wa(0) = 0; the error of the asymptote falls as
 * 1/beta^2. */
START_TEST(edges_of_averages)
{
    static const struct {
        double beta, layers, product; /* L = 2, lambda_s = 1.25, eta = .02 */
    } edges[] = {{1.0, .338851875, .333045541}, {4.0, .326423775, .325049973}};
    const struct ssldyn_depth mode = jepa(2, 0.02);
    double p[2];
    ssldyn_depth_fixedpoints(&mode, p);
    CHECK_CLOSE(p[0], .3223586757, 1e-9, 0.0);
    CHECK_CLOSE(ssldyn_depth_edge(&mode, 16.0, true) - p[0], .00101235, 0.0, 5e-9);
    CHECK_CLOSE(ssldyn_depth_edge(&mode, 16.0, false) - p[0], .00067490, 0.0, 6e-9);
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        const double square = edges[i].beta * edges[i].beta;
        CHECK_CLOSE(ssldyn_depth_edge(&mode, edges[i].beta, true), edges[i].layers, 0.0,
                    4e-4 / square);
        CHECK_CLOSE(ssldyn_depth_edge(&mode, edges[i].beta, false), edges[i].product, 0.0,
                    2e-4 / square);
    }
    const struct ssldyn_depth flat = {SSLDYN_DEPTH_JEPA, 1, 1.0, 0.04, 1.0009, 1.0};
    CHECK_CLOSE(ssldyn_depth_edge(&flat, 4.0, true), .0422, 0.0, 5e-5);
    ck_assert(ssldyn_depth_edge(&flat, 4.0, true) == ssldyn_depth_edge(&flat, 4.0, false));
}
END_TEST

/* From 1.1 p- to .95 p+, compared with the flow of all L + 1 weights. */
START_TEST(times)
{
    static const double eta[] = {.02, .01};
    static const double t[] = {40.43312355672, 40.07576397309};
    const struct ssldyn_depth mode = jepa((unsigned)_i + 2, eta[_i]);
    double p[2];
    ssldyn_depth_fixedpoints(&mode, p);
    CHECK_CLOSE(ssldyn_depth_time(&mode, 1.1 * p[0], 0.95 * p[1]), t[_i], 1e-10, 0.0);
    ck_assert(isinf(ssldyn_depth_time(&mode, 1.1 * p[0], p[1])));
    ck_assert(isinf(ssldyn_depth_time(&mode, 1.1 * p[0], 1.1 * p[1])));
    ck_assert(isnan(ssldyn_depth_time(&mode, 0.9 * p[0], p[1])));
    ck_assert(ssldyn_depth_time(&mode, 0.3, 0.3) == 0.0);
}
END_TEST

/* (p, v) of an encoder of L equal layers under IsoLoss. */
static void iso_rhs(const struct ssldyn_depth *mode, double eta_p, const double y[2],
                    double dydt[2])
{
    const double L = (double)mode->layers;
    const double e = mode->lambda_d - y[0] * mode->lambda_s;
    dydt[0] = mode->alpha_p * pow(y[1], 2.0 * L) * e - eta_p * y[0];
    dydt[1] = pow(y[1], 2.0 * L - 1.0) * e - mode->eta * y[1];
}

/* IsoLoss: both fixed points rest, their rates are those of the Jacobian by differences, the fold is
 * (eta_p/alpha_p)^(1-1/L) (L-1)^(1-1/L)/L lambda_d/lambda_s^(1-1/L), and there the points merge.
 * Every other case has two decays. */
START_TEST(iso)
{
    const unsigned layers = 2 + (unsigned)_i / 2;
    struct ssldyn_depth mode = {SSLDYN_DEPTH_ISO, layers, 1.3, 0.01, 1.25, 0.9};
    const double eta_p = _i % 2 ? 0.02 : 0.01;
    const struct ssldyn_depth balanced = ssldyn_depth_balanced(&mode, eta_p);
    const double L = (double)layers;
    const double share = 1.0 - 1.0 / L;
    const double h = 1e-6;
    struct ssldyn_margin margin;
    double p[2];
    ssldyn_depth_fixedpoints(&balanced, p);
    ck_assert(p[0] > 0.0 && p[0] < p[1]);
    for (int i = 0; i < 2; i++) {
        double y[2] = {p[i], ssldyn_depth_layer(&balanced, p[i])};
        double dydt[2];
        double up[2];
        double down[2];
        double J[2][2];
        double along = 0.0;
        double across = 0.0;
        iso_rhs(&mode, eta_p, y, dydt);
        CHECK_CLOSE(dydt[0], 0.0, 0.0, 1e-15);
        CHECK_CLOSE(dydt[1], 0.0, 0.0, 1e-15);
        for (int k = 0; k < 2; k++) { /* central differences: h^2, and rounding divided by h */
            const double at = y[k];
            y[k] = at + h;
            iso_rhs(&mode, eta_p, y, up);
            y[k] = at - h;
            iso_rhs(&mode, eta_p, y, down);
            y[k] = at;
            J[0][k] = (up[0] - down[0]) / (2.0 * h);
            J[1][k] = (up[1] - down[1]) / (2.0 * h);
        }
        ssldyn_depth_rates(&mode, eta_p, p[i], &along, &across);
        CHECK_CLOSE(along + across, J[0][0] + J[1][1], 0.0, 1e-8);
        const double half = 0.5 * (J[0][0] + J[1][1]);
        const double spread = half * half - J[0][0] * J[1][1] + J[0][1] * J[1][0];
        CHECK_CLOSE(along, half + sqrt(fmax(spread, 0.0)), 0.0, 1e-7);
        ck_assert_int_eq(i == 0, along > 0.0 && across < 0.0);
    }
    ssldyn_depth_margin(&mode, eta_p, &margin);
    CHECK_CLOSE(margin.fold, pow(eta_p / 1.3 * (L - 1.0) / 1.25, share) / L * 0.9, 1e-12, 0.0);
    mode.eta = margin.fold * (1.0 - 1e-10);
    const struct ssldyn_depth merged = ssldyn_depth_balanced(&mode, eta_p);
    ssldyn_depth_fixedpoints(&merged, p);
    CHECK_CLOSE(p[0], (L - 1.0) / L * 0.9 / 1.25, 0.0, 1e-4); /* the root of 1e-10 */
    CHECK_CLOSE(p[1], p[0], 0.0, 1e-4);
}
END_TEST

TEST_SUITE(depth)
{
    tcase_add_loop_test(tests, iso, 0, 6);
    tcase_add_test(tests, folds_of_mae_and_of_two_decays);
    tcase_add_test(tests, fixed_points_and_growth_rates);
    tcase_add_test(tests, one_layer_is_the_parabola);
    tcase_add_loop_test(tests, folds, 0, 4);
    tcase_add_loop_test(tests, times, 0, 2);
    tcase_add_loop_test(tests, two_decays, 0, 6);
    tcase_add_loop_test(tests, margins, 0, 6);
    tcase_add_test(tests, margins_of_one_layer);
    tcase_add_test(tests, edges_of_averages);
}
