/* M5 with every switch compared with the equations written out, the loss without stop-gradient, and
 * differences of its right-hand side. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/lowdim.h"

#include <check.h>
#include <stdlib.h>

enum { TRIALS = 100, SWITCHES = 8 };

/* Bit 0: tau held, bit 1: no predictor, bit 2: no stop-gradient (tau held at 1). */
static struct ssldyn_parameters draw_parameters(uint64_t *seed, int switches)
{
    struct ssldyn_parameters parameters = {.rates = {.alpha_p = draw_log(seed, 0.1, 10.0),
                                                     .beta = draw_log(seed, 0.01, 5.0),
                                                     .eta_p = draw_between(seed, 0.0, 0.5),
                                                     .eta_s = draw_between(seed, 0.0, 0.5),
                                                     .c = (double)NAN}, /* not used here */
                                           .lambda_s = draw_between(seed, 0.5, 3.0),
                                           .lambda_d = draw_between(seed, 0.1, 0.5),
                                           .tau = draw_between(seed, 0.2, 1.5),
                                           .tau_held = (switches & 5) != 0,
                                           .predictor = (switches & 2) == 0,
                                           .stop_grad = (switches & 4) == 0};
    if (!parameters.stop_grad)
        parameters.tau = 1.0;
    return parameters;
}

static void draw_state(uint64_t *seed, double y[3])
{
    for (size_t i = 0; i < 3; i++)
        y[i] = draw_between(seed, -2.0, 2.0);
}

/* A few terms of size up to 100: 1e-12 allows thousands of rounding errors, but no error in the
 * equations. */
static const double TINY = 1e-12;

START_TEST(test_equations)
{
    uint64_t seed = 21 + (uint64_t)_i;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_parameters q = draw_parameters(&seed, _i);
        double y[3];
        double rate[3];
        draw_state(&seed, y);
        ssldyn_lowdim_rhs(&q, y, rate);
        const double wp = q.predictor ? y[0] : 1.0;
        const double w = y[1];
        const double wa = q.tau_held ? q.tau * w : y[2];
        const double e = wa * q.lambda_d - wp * w * q.lambda_s;
        CHECK_CLOSE(rate[0], q.predictor ? q.rates.alpha_p * e * w - q.rates.eta_p * wp : 0.0, TINY,
                    TINY);
        if (q.stop_grad) {
            CHECK_CLOSE(rate[1], wp * e - q.rates.eta_s * w, TINY, TINY);
        } else {
            /* Thm 2: H = X' (Wp^2 + 1) + X (Wp - 1)^2 + eta, X' = lambda_s - lambda_d */
            const double H = (q.lambda_s - q.lambda_d) * (wp * wp + 1.0) +
                             q.lambda_d * (wp - 1.0) * (wp - 1.0) + q.rates.eta_s;
            CHECK_CLOSE(rate[1], -H * w, TINY, TINY);
        }
        CHECK_CLOSE(rate[2], q.tau_held ? q.tau * rate[1] : q.rates.beta * (w - wa), TINY, TINY);
    }
}
END_TEST

/* Without stop-gradient w descends E |wp w x1 - w x2|^2/2 = w^2 (wp^2 lambda_s + lambda_s - 2 wp
 * lambda_d)/2. Differences of width 1e-4 of a quadratic in w: only rounding, 1e-16 100/1e-4. */
START_TEST(test_descends_the_loss)
{
    uint64_t seed = 31;
    const double h = 1e-4;

    for (int trial = 0; trial < TRIALS; trial++) {
        struct ssldyn_parameters q = draw_parameters(&seed, 4);
        double y[3];
        double rate[3];
        double loss[2];
        q.rates.eta_s = 0.0;
        draw_state(&seed, y);
        for (int side = 0; side < 2; side++) {
            const double w = y[1] + (side == 0 ? h : -h);
            loss[side] =
                0.5 * w * w * (y[0] * y[0] * q.lambda_s + q.lambda_s - 2.0 * y[0] * q.lambda_d);
        }
        ssldyn_lowdim_rhs(&q, y, rate);
        CHECK_CLOSE(rate[1], -(loss[0] - loss[1]) / (2.0 * h), 1e-9, 1e-9);
    }
}
END_TEST

/* d/dt (w^2 - wp^2/alpha_p) = -2 eta (w^2 - wp^2/alpha_p), Thm 1, any target. */
START_TEST(test_balance)
{
    uint64_t seed = 41;

    for (int trial = 0; trial < TRIALS; trial++) {
        struct ssldyn_parameters q = draw_parameters(&seed, 0);
        double y[3];
        double rate[3];
        q.rates.eta_p = q.rates.eta_s;
        draw_state(&seed, y);
        ssldyn_lowdim_rhs(&q, y, rate);
        CHECK_CLOSE(2.0 * y[1] * rate[1] - 2.0 * y[0] * rate[0] / q.rates.alpha_p,
                    -2.0 * q.rates.eta_s * (y[1] * y[1] - y[0] * y[0] / q.rates.alpha_p), TINY,
                    10.0 * TINY);
    }
}
END_TEST

static void rhs(const void *context, const double y[], double f[])
{
    ssldyn_lowdim_rhs(context, y, f);
}

/* Cubic polynomials: Richardson differences leave only rounding, eps 500/1e-3 ~ 1e-10. */
START_TEST(test_jacobian)
{
    uint64_t seed = 51 + (uint64_t)_i;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_parameters q = draw_parameters(&seed, _i);
        double y[3];
        double J[9];
        double want[9];
        draw_state(&seed, y);
        ssldyn_lowdim_jacobian(&q, y, J);
        draw_jacobian(rhs, &q, 3, 3, y, 1e-3, want);
        for (size_t i = 0; i < 9; i++)
            CHECK_CLOSE(J[i], want[i], 1e-9, 1e-9);
    }
}
END_TEST

/* Derivatives by the parameters compared with differences of a right-hand side that is linear in
 * each of them, except that lambda_s tau is quadratic: exact to rounding. */
START_TEST(test_slopes)
{
    uint64_t seed = 51 + (uint64_t)_i;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_parameters q = draw_parameters(&seed, _i);
        double y[3];
        double slopes[3 * SSLDYN_KNOBS];
        draw_state(&seed, y);
        ssldyn_lowdim_slopes(&q, y, slopes);
        for (int knob = 0; knob < SSLDYN_KNOBS; knob++) {
            double rates[2][3];
            for (int side = 0; side < 2; side++) {
                const double step = side == 0 ? -0.25 : 0.25;
                struct ssldyn_parameters moved = q;
                double *const at[SSLDYN_KNOBS] = {[SSLDYN_KNOB_ETA_S] = &moved.rates.eta_s,
                                                  [SSLDYN_KNOB_NOISE] = &moved.lambda_s,
                                                  [SSLDYN_KNOB_LAMBDA_D] = &moved.lambda_d,
                                                  [SSLDYN_KNOB_LAMBDA_S] = &moved.lambda_s,
                                                  [SSLDYN_KNOB_TAU] = &moved.tau,
                                                  [SSLDYN_KNOB_ETA_P] = &moved.rates.eta_p,
                                                  [SSLDYN_KNOB_BETA] = &moved.rates.beta,
                                                  [SSLDYN_KNOB_ALPHA_P] = &moved.rates.alpha_p};
                *at[knob] += step;
                ssldyn_lowdim_rhs(&moved, y, rates[side]);
            }
            for (int i = 0; i < 3; i++)
                CHECK_CLOSE(slopes[i * SSLDYN_KNOBS + knob], (rates[1][i] - rates[0][i]) / 0.5,
                            TINY, TINY * 100.0);
        }
    }
}
END_TEST

TEST_SUITE(lowdim)
{
    tcase_add_loop_test(tests, test_equations, 0, SWITCHES);
    tcase_add_test(tests, test_descends_the_loss);
    tcase_add_test(tests, test_balance);
    tcase_add_loop_test(tests, test_jacobian, 0, SWITCHES);
    tcase_add_loop_test(tests, test_slopes, 0, 2); /* tau moves; tau held */
}
