/* M3 compared with the paper's form of the equations, with M5, and with differences of its
 * right-hand sides. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/lowdim.h"
#include "theory/modes.h"
#include "theory/reduced.h"

#include <check.h>
#include <stdlib.h>

enum { TRIALS = 200 };

static struct ssldyn_rates draw_rates(uint64_t *seed)
{
    return (struct ssldyn_rates){.alpha_p = draw_log(seed, 0.1, 10.0),
                                 .beta = draw_log(seed, 0.01, 5.0),
                                 .eta_p = draw_between(seed, 0.0, 0.5),
                                 .eta_s = draw_between(seed, 0.0, 0.5),
                                 .c = draw_between(seed, 1.0, 2.5)};
}

static void draw_state(uint64_t *seed, double y[3])
{
    y[0] = draw_between(seed, -2.0, 2.0);
    y[1] = draw_between(seed, 0.3, 3.0);
    y[2] = draw_between(seed, 0.5, 2.0);
}

/* Sums of a few terms of size up to about 50 each: 1e-13 allows a thousand rounding errors. */
static const double TINY = 1e-13;

START_TEST(test_paper_form)
{
    uint64_t seed = 1;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_rates r = draw_rates(&seed);
        double y[3];
        double rate[3];
        double held[2];
        draw_state(&seed, y);
        ssldyn_modes_rhs(&r, y, rate);
        const double p = y[0], s = y[1], tau = y[2];
        const double s_rate = 2.0 * p * s * (tau - r.c * p) - 2.0 * r.eta_s * s;
        CHECK_CLOSE(rate[0], r.alpha_p * s * (tau - r.c * p) - r.eta_p * p, TINY, TINY);
        CHECK_CLOSE(rate[1], s_rate, TINY, TINY);
        /* Eq. 13 as printed, including the division */
        CHECK_CLOSE(rate[2], r.beta * (1.0 - tau) - tau * s_rate / (2.0 * s), TINY, TINY);
        ssldyn_modes_rhs_held(&r, tau, y, held);
        CHECK_CLOSE(held[0], rate[0], TINY, TINY);
        CHECK_CLOSE(held[1], rate[1], TINY, TINY);
    }
}
END_TEST

/* s = w^2, tau = wa/w, lambda_s = c, lambda_d = 1. */
START_TEST(test_agrees_with_lowdim)
{
    uint64_t seed = 2;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_rates r = draw_rates(&seed);
        const struct ssldyn_parameters parameters = {
            .rates = r, .lambda_s = r.c, .lambda_d = 1.0, .stop_grad = true, .predictor = true};
        double y[3];
        double rate[3];
        double low_rate[3];
        draw_state(&seed, y);
        const double w = -sqrt(y[1]);
        const double low[3] = {y[0], w, y[2] * w};
        ssldyn_modes_rhs(&r, y, rate);
        ssldyn_lowdim_rhs(&parameters, low, low_rate);
        CHECK_CLOSE(rate[0], low_rate[0], TINY, TINY);
        CHECK_CLOSE(rate[1], 2.0 * w * low_rate[1], TINY, TINY);
        CHECK_CLOSE(rate[2], (low_rate[2] - y[2] * low_rate[1]) / w, 10.0 * TINY, 10.0 * TINY);
    }
}
END_TEST

START_TEST(test_ratio_chart)
{
    uint64_t seed = 3;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_rates r = draw_rates(&seed);
        double y[3];
        double rate[3];
        double other[3];
        draw_state(&seed, y);
        const double z[3] = {y[0], y[1], 1.0 / y[2]};
        ssldyn_modes_rhs(&r, y, rate);
        ssldyn_modes_rhs_ratio(&r, z, other);
        CHECK_CLOSE(other[0], rate[0], TINY, TINY);
        CHECK_CLOSE(other[1], rate[1], TINY, TINY);
        CHECK_CLOSE(other[2], -rate[2] / (y[2] * y[2]), 10.0 * TINY, 10.0 * TINY);
    }
}
END_TEST

/* A vanished mode: the equations do not divide by s, and an infinite tau (r = 0) has its limits. */
START_TEST(test_vanished_mode)
{
    const struct ssldyn_rates r = {
        .alpha_p = 2.385, .beta = 0.37, .eta_p = 0.06, .eta_s = 0.21, .c = 1.31};
    double rate[3];

    ssldyn_modes_rhs(&r, (const double[3]){0.73, 0.0, 1.9}, rate);
    CHECK_CLOSE(rate[0], -0.06 * 0.73, 1e-15, 0.0);
    CHECK_CLOSE(rate[1], 0.0, 0.0, 0.0);
    CHECK_CLOSE(rate[2], 0.37 * (1.0 - 1.9) - 1.9 * 0.73 * (1.9 - 1.31 * 0.73) + 0.21 * 1.9, 1e-14,
                0.0);
    /* the ratio of a collapsed mode: dtau/dt = beta - (beta - eta_s) tau [D] */
    const double limit = 0.37 / (0.37 - 0.21);
    ssldyn_modes_rhs(&r, (const double[3]){0.0, 0.0, limit}, rate);
    CHECK_CLOSE(rate[2], 0.0, 0.0, 1e-15);
    ssldyn_modes_rhs_ratio(&r, (const double[3]){0.0, 0.0, 1.0 / limit}, rate);
    CHECK_CLOSE(rate[2], 0.0, 0.0, 1e-15);
    ssldyn_modes_rhs_ratio(&r, (const double[3]){0.73, 0.0, 0.0}, rate);
    CHECK_CLOSE(rate[0], -0.06 * 0.73, 1e-15, 0.0);
    CHECK_CLOSE(rate[1], 0.0, 0.0, 0.0);
    CHECK_CLOSE(rate[2], 0.73, 1e-15, 0.0);
}
END_TEST

static void rhs(const void *context, const double y[], double f[])
{
    ssldyn_modes_rhs(context, y, f);
}

static void rhs_ratio(const void *context, const double y[], double f[])
{
    ssldyn_modes_rhs_ratio(context, y, f);
}

static void rhs_held(const void *context, const double y[], double f[])
{
    ssldyn_modes_rhs_held(context, 0.83, y, f);
}

/* h = 1e-3: cubic polynomials leave only rounding, eps 100/h ~ 1e-11; the ratio chart adds h^4
 * f'''''/120 with |f'''''| = 120 alpha_p s/r^6 <= 120 * 30 * 64, that is 2e-9. */
START_TEST(test_jacobians)
{
    uint64_t seed = 4;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_rates r = draw_rates(&seed);
        double y[3];
        double J[9];
        double want[9];
        draw_state(&seed, y);
        ssldyn_modes_jacobian(&r, y, J);
        draw_jacobian(rhs, &r, 3, 3, y, 1e-3, want);
        for (size_t i = 0; i < 9; i++)
            CHECK_CLOSE(J[i], want[i], 1e-10, 1e-10);
        ssldyn_modes_jacobian_ratio(&r, y, J);
        draw_jacobian(rhs_ratio, &r, 3, 3, y, 1e-3, want);
        for (size_t i = 0; i < 9; i++)
            CHECK_CLOSE(J[i], want[i], 1e-8, 1e-8);
        ssldyn_modes_jacobian_held(&r, 0.83, y, J);
        draw_jacobian(rhs_held, &r, 2, 2, y, 1e-3, want);
        for (size_t i = 0; i < 4; i++)
            CHECK_CLOSE(J[i], want[i], 1e-10, 1e-10);
    }
}
END_TEST

/* Thm 1 for one mode: dc_j/dt = -2 eta c_j, and K_j is Thm 3's matrix of size one. */
START_TEST(test_balance_and_alignment)
{
    uint64_t seed = 5;

    for (int trial = 0; trial < TRIALS; trial++) {
        struct ssldyn_rates r = draw_rates(&seed);
        double y[3];
        double rate[3];
        double K;
        draw_state(&seed, y);
        ssldyn_reduced_alignment_matrix(&r, 1, &y[0], &y[1], y[2], &K);
        CHECK_CLOSE(ssldyn_modes_alignment_rate(&r, y[0], y[1], y[2]), K, TINY, TINY);
        r.eta_p = r.eta_s;
        ssldyn_modes_rhs(&r, y, rate);
        CHECK_CLOSE(rate[1] - 2.0 * y[0] * rate[0] / r.alpha_p,
                    -2.0 * r.eta_s * ssldyn_modes_balance(&r, y[0], y[1]), 0.0, 100.0 * TINY);
    }
}
END_TEST

START_TEST(test_set_predictor)
{
    uint64_t seed = 6;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_rates r = draw_rates(&seed);
        double y[3];
        double rate[3];
        double set[2];
        draw_state(&seed, y);
        ssldyn_modes_rhs(&r, y, rate);
        ssldyn_modes_rhs_set(&r, y[0], y + 1, set);
        CHECK_CLOSE(set[0], rate[1], TINY, TINY);
        CHECK_CLOSE(set[1], rate[2], TINY, TINY);
    }
}
END_TEST

TEST_SUITE(modes)
{
    tcase_add_test(tests, test_paper_form);
    tcase_add_test(tests, test_agrees_with_lowdim);
    tcase_add_test(tests, test_ratio_chart);
    tcase_add_test(tests, test_vanished_mode);
    tcase_add_test(tests, test_jacobians);
    tcase_add_test(tests, test_balance_and_alignment);
    tcase_add_test(tests, test_set_predictor);
}
