/* How SGD differs from the flow, as slopes: the bias of the map is of first order in lr, the
 * noise of order one half in lr/B; momentum only rescales time as lr goes to 0; single precision
 * changes nothing significant. The flow is a fourth-order Runge-Kutta solution of theory's
 * right-hand side. */
// SPDX-License-Identifier: MIT
#include "sim/loss/matrix_loss.h"
#include "tests/close.h"
#include "tests/suite.h"
#include "tests/unit/sgd_setup.h"

#include <check.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N1 = 6, N2 = 4, SQUARE = N2 * N2, RECTANGLE = N2 * N1, STATE = SQUARE + 2 * RECTANGLE };
static const double t_end = 4.0;

/* Common settings; the target starts as a copy, so that all three matrices matter from the
 * start. */
#define SETTINGS                                                                                   \
    "n1", "6", "n2", "4", "eta", "0.1", "beta", "0.8", "alpha-p", "1.5", "init-wa", "copy",        \
        "init-scale", "0.5"

static void take_view(struct ssldyn_sgd_process *process, double state[STATE])
{
    struct ssldyn_snapshot now;
    ssldyn_sgd_process_view(process, &now);
    memcpy(state, now.Wp, SQUARE * sizeof *state);
    memcpy(state + SQUARE, now.W, RECTANGLE * sizeof *state);
    memcpy(state + SQUARE + RECTANGLE, now.Wa, RECTANGLE * sizeof *state);
}

/* State at t_end of a run with step lr / (1 - momentum) in time, under a loss. */
static void run_loss(const char *loss, double lr, const char *momentum, const char *batch,
                     const char *precision, uint32_t member, double state[STATE])
{
    char text[32];
    snprintf(text, sizeof text, "%.17g", lr);
    const char *const options[] = {SETTINGS, "lr",        text,      "momentum", momentum, "batch",
                                   batch,    "precision", precision, "loss",     loss,     NULL};
    struct sgd_setup setup;
    const double step = lr / (1.0 - atof(momentum));
    const int64_t steps = llround(t_end / step);
    sgd_open(&setup, options, member, steps);
    sgd_steps(&setup, steps);
    /* lr steps/(1 - momentum): lr and 1 - momentum are rounded decimals, and there are two
     * operations: 4/2^53 */
    CHECK_CLOSE(ssldyn_sgd_process_time(setup.process), t_end, 1e-15, 0.0);
    take_view(setup.process, state);
    sgd_close(&setup);
}

static void run(double lr, const char *momentum, const char *batch, const char *precision,
                uint32_t member, double state[STATE])
{
    run_loss("l2", lr, momentum, batch, precision, member, state);
}

static void rhs(const struct sgd_setup *setup, void *prepared, const double y[STATE],
                double dydt[STATE], double workspace[])
{
    const struct ssldyn_weights weights = {.Wp = y, .W = y + SQUARE, .Wa = y + SQUARE + RECTANGLE};
    const struct ssldyn_weights_rate rate = {dydt, dydt + SQUARE, dydt + SQUARE + RECTANGLE};
    const struct ssldyn_parameters *const parameters = &setup->spec.problem.parameters;
    ck_assert_int_eq(ssldyn_matrix_loss_of(parameters)
                         ->rhs(prepared, parameters, &setup->start.moments, N2, &weights, &rate,
                               workspace, NULL),
                     SSLDYN_OK);
}

/* The flow at t_end; steps of 1/500 have an error near 1e-11, steps of 1/50 one near 1e-7. */
static void flow(const char *loss, int steps, double y[STATE])
{
    const char *const options[] = {SETTINGS, "batch", "inf", "loss", loss, NULL};
    struct sgd_setup setup;
    void *prepared = NULL;
    const double h = t_end / steps;
    sgd_open(&setup, options, 0, 1);
    const struct ssldyn_matrix_loss *const matrix_loss =
        ssldyn_matrix_loss_of(&setup.spec.problem.parameters);
    double *workspace = malloc(matrix_loss->rhs_workspace(N1, N2) * sizeof *workspace);
    ck_assert_int_eq(matrix_loss->prepare(&setup.start.moments, N2, 0.0, &prepared, NULL),
                     SSLDYN_OK);
    ck_assert_ptr_nonnull(workspace);
    take_view(setup.process, y);
    for (int k = 0; k < steps; k++) {
        double slope[4][STATE], at[STATE];
        memcpy(at, y, sizeof at);
        for (int stage = 0; stage < 4; stage++) {
            rhs(&setup, prepared, at, slope[stage], workspace);
            for (size_t i = 0; i < STATE; i++) {
                at[i] = y[i] + h * (stage == 2 ? 1.0 : 0.5) * slope[stage][i];
            }
        }
        for (size_t i = 0; i < STATE; i++) {
            y[i] += h / 6.0 * (slope[0][i] + 2.0 * slope[1][i] + 2.0 * slope[2][i] + slope[3][i]);
        }
    }
    matrix_loss->release(prepared);
    free(workspace);
    sgd_close(&setup);
}

static double distance(const double a[STATE], const double b[STATE])
{
    double sum = 0.0;
    for (size_t i = 0; i < STATE; i++) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sqrt(sum);
}

/* log-log slope and its standard error from the scatter about the line */
static void fit(size_t n, const double x[], const double y[], double *slope, double *error)
{
    double intercept, c00, c01, c11, sum;
    gsl_fit_linear(x, 1, y, 1, n, &intercept, slope, &c00, &c01, &c11, &sum);
    *error = sqrt(c11);
}

/* Halving lr halves the distance of the map from the flow: slope 1 + O(lr), within 0.05 here. */
START_TEST(bias_slope)
{
    static const double lr[5] = {0.04, 0.02, 0.01, 0.005, 0.0025};
    static const char *const losses[] = {"l2", "cosine", "iso-l2", "iso-cosine"};
    double reference[STATE], x[5], y[5], slope, error;
    flow(losses[_i], _i == 0 ? 2000 : 200, reference);
    for (size_t i = 0; i < 5; i++) {
        double state[STATE];
        run_loss(losses[_i], lr[i], "0", "inf", "double", 0, state);
        x[i] = log(lr[i]);
        y[i] = log(distance(state, reference));
    }
    fit(5, x, y, &slope, &error);
    CHECK_CLOSE(slope, 1.0, 0.0, 0.05);
    /* first order: Richardson's combination of the two finest is of second order */
    double fine[STATE], coarse[STATE], better[STATE];
    run_loss(losses[_i], 0.0025, "0", "inf", "double", 0, fine);
    run_loss(losses[_i], 0.005, "0", "inf", "double", 0, coarse);
    for (size_t i = 0; i < STATE; i++) {
        better[i] = 2.0 * fine[i] - coarse[i];
    }
    ck_assert_double_lt(distance(better, reference), 0.02 * distance(fine, reference));
}
END_TEST

/* The same in a practitioner's settings: at fixed rates (those of SETTINGS) momentum, loss factor,
 * learning rates and decays of two groups and the average of a step change with lr, and the
 * distance of the map from the flow is still halved with it. */
START_TEST(training_bias_slope)
{
    static const double lr[5] = {0.002, 0.001, 0.0005, 0.00025, 0.000125};
    double reference[STATE], x[5], y[5], slope, error;
    flow("l2", 2000, reference);
    for (size_t i = 0; i < 5; i++) {
        char rate[32], predictor[32], decay_p[32], ema[32], steps[32];
        const double step = 2.0 * lr[i] / (1.0 - 0.9);
        snprintf(rate, sizeof rate, "%.17g", lr[i]);
        snprintf(predictor, sizeof predictor, "%.17g", 1.5 * lr[i]);
        snprintf(decay_p, sizeof decay_p, "%.17g", 2.0 * 0.1 / 1.5);
        snprintf(ema, sizeof ema, "%.17g", 1.0 - 0.8 * step);
        snprintf(steps, sizeof steps, "%.0f", round(t_end / step));
        const char *const options[] = {"n1",
                                       "6",
                                       "n2",
                                       "4",
                                       "init-wa",
                                       "copy",
                                       "init-scale",
                                       "0.5",
                                       "batch",
                                       "inf",
                                       "train-lr",
                                       rate,
                                       "train-momentum",
                                       "0.9",
                                       "train-loss-factor",
                                       "2",
                                       "train-predictor-lr",
                                       predictor,
                                       "train-weight-decay",
                                       "0.2",
                                       "train-predictor-weight-decay",
                                       decay_p,
                                       "train-ema",
                                       ema,
                                       "train-steps",
                                       steps,
                                       NULL};
        struct sgd_setup setup;
        double state[STATE];
        sgd_open(&setup, options, 0, llround(t_end / step));
        /* 1 - gamma, at least .8 * .0025, is as exact as the double of gamma: 2^-54/.002 = 2.8e-14.
         * The others have full precision: eta_p seven roundings of 2^-53, t_end four. */
        CHECK_CLOSE(setup.spec.problem.parameters.rates.beta, 0.8, 3e-14, 0.0);
        CHECK_CLOSE(setup.spec.problem.parameters.rates.eta_p, 0.1, 1e-15, 0.0);
        CHECK_CLOSE(setup.spec.problem.t_end, t_end, 1e-15, 0.0);
        sgd_steps(&setup, llround(t_end / step));
        take_view(setup.process, state);
        sgd_close(&setup);
        x[i] = log(lr[i]);
        y[i] = log(distance(state, reference));
    }
    fit(5, x, y, &slope, &error);
    CHECK_CLOSE(slope, 1.0, 0.0, 0.05);
}
END_TEST

/* Root mean square distance of SGD from the map over members, its relative standard error. */
static double noise(double lr, const char *batch, size_t members, double *error)
{
    double map[STATE], squares[64];
    ck_assert_uint_le(members, 64);
    run(lr, "0", "inf", "double", 0, map);
    for (size_t m = 0; m < members; m++) {
        double state[STATE];
        run(lr, "0", batch, "double", (uint32_t)m, state);
        squares[m] = distance(state, map) * distance(state, map);
    }
    const double mean = gsl_stats_mean(squares, 1, members);
    *error = 0.5 * gsl_stats_sd(squares, 1, members) / sqrt((double)members) / mean;
    return sqrt(mean);
}

/* noise ~ (lr/B)^(1/2): the interval of 4 standard errors of the slope contains 1/2. The scatter is
 * that of the members, so its size is known before the fit; half of the grid varies lr, half the
 * batch. */
START_TEST(noise_slope)
{
    static const struct {
        double lr;
        const char *batch;
        double size;
    } grid[] = {{0.02, "64", 64},   {0.01, "64", 64},     {0.005, "64", 64},   {0.01, "16", 16},
                {0.01, "256", 256}, {0.01, "1024", 1024}, {0.01, "4096", 4096}};
    enum { POINTS = sizeof grid / sizeof grid[0], MEMBERS = 64 };
    double x[POINTS], y[POINTS], weight[POINTS];
    for (size_t i = 0; i < POINTS; i++) {
        double error;
        y[i] = log(noise(grid[i].lr, grid[i].batch, MEMBERS, &error));
        x[i] = log(grid[i].lr / grid[i].size);
        weight[i] = 1.0 / (error * error);
    }
    double intercept, slope, c00, c01, c11, chi2;
    gsl_fit_wlinear(x, 1, weight, 1, y, 1, POINTS, &intercept, &slope, &c00, &c01, &c11, &chi2);
    CHECK_CLOSE(slope, 0.5, 0.0, 4.0 * sqrt(c11) + 0.01);
    ck_assert_double_lt(4.0 * sqrt(c11), 0.05); /* the interval is narrow enough to be useful */
    /* the points lie on the line: chi-square with five degrees of freedom below 30 */
    ck_assert_double_lt(chi2, 30.0);
}
END_TEST

/* Momentum: with t = lr step/(1 - mu) the map converges to the same flow, again at first order. */
START_TEST(momentum_rescales_time)
{
    double reference[STATE], coarse[STATE], fine[STATE];
    flow("l2", 2000, reference);
    run(0.0002, "0.9", "inf", "double", 0, coarse);
    run(0.0001, "0.9", "inf", "double", 0, fine);
    ck_assert_double_lt(distance(fine, reference), 0.05);
    CHECK_CLOSE(distance(coarse, reference) / distance(fine, reference), 2.0, 0.05, 0.0);
    /* and the remainder of second order is small compared with the first */
    for (size_t i = 0; i < STATE; i++) {
        coarse[i] = 2.0 * fine[i] - coarse[i];
    }
    ck_assert_double_lt(distance(coarse, reference), 0.05 * distance(fine, reference));
}
END_TEST

/* Single precision draws other numbers from the same distribution: mean and spread of |W| agree
 * within five standard errors. */
START_TEST(float_against_double)
{
    enum { MEMBERS = 64 };
    double size[2][MEMBERS];
    for (int precision = 0; precision < 2; precision++) {
        for (uint32_t m = 0; m < MEMBERS; m++) {
            double state[STATE];
            run(0.02, "0", "16", precision ? "float" : "double", m, state);
            size[precision][m] = 0.0;
            for (size_t i = SQUARE; i < SQUARE + RECTANGLE; i++) {
                size[precision][m] += state[i] * state[i];
            }
        }
    }
    const double sd = gsl_stats_sd(size[0], 1, MEMBERS);
    CHECK_CLOSE(gsl_stats_mean(size[1], 1, MEMBERS), gsl_stats_mean(size[0], 1, MEMBERS), 0.0,
                5.0 * sd * sqrt(2.0 / (double)MEMBERS));
    CHECK_CLOSE(gsl_stats_sd(size[1], 1, MEMBERS) / sd, 1.0, 0.0, 5.0 / sqrt(MEMBERS));
}
END_TEST

TEST_SUITE(sgd_slopes)
{
    tcase_add_loop_test(tests, bias_slope, 0, 4);
    tcase_add_test(tests, training_bias_slope);
    tcase_add_test(tests, noise_slope);
    tcase_add_test(tests, momentum_rescales_time);
    tcase_add_test(tests, float_against_double);
}
