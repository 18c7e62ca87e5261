/* Escape times of one mode compared with the closed form on the parabola, and special cases. */
// SPDX-License-Identifier: MIT
#include "sim/flow/escape.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/closedform.h"

#include <check.h>

static double escape(const struct ssldyn_mode_point *mode, double t_end)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double time = 0.0;
    ck_assert_msg(ssldyn_escape_time(mode, t_end, 1e-11, &time, &err) == SSLDYN_OK, "%s",
                  err.message);
    return time;
}

static struct ssldyn_mode_point parabola(double eta, double sigma2, double tau, double p0)
{
    return (struct ssldyn_mode_point){.model = SSLDYN_MODEL_PARABOLA,
                                      .rates.alpha_p = 1.7,
                                      .rates.beta = 0.4,
                                      .rates.eta_p = eta,
                                      .rates.eta_s = eta,
                                      .sigma2 = sigma2,
                                      .tau = tau,
                                      .p0 = p0,
                                      .predictor = true};
}

/* p goes from p0, above the saddle, to half of p*+ in the time of the closed form. */
START_TEST(closed_form)
{
    uint64_t seed = 285;
    for (int trial = 0; trial < 60; trial++) {
        const double tau = draw_between(&seed, 0.5, 1.5);
        const double c = draw_between(&seed, 1.0, 2.0);
        const double eta = draw_between(&seed, 0.02, 0.8) * tau * tau / (4.0 * c);
        const double root = sqrt(tau * tau - 4.0 * eta * c);
        const double minus = (tau - root) / (2.0 * c);
        const double half = (tau + root) / (4.0 * c);
        if (minus > 0.9 * half)
            continue;
        const double p0 = draw_between(&seed, 1.05 * minus, half);
        const struct ssldyn_mode_point mode = parabola(eta, c - 1.0, tau, p0);
        CHECK_CLOSE(ssldyn_escape_level(&mode), half, 1e-13, 0.0);
        CHECK_CLOSE(escape(&mode, 1e5), ssldyn_closedform_time(tau, c, eta, p0, half), 1e-8, 0.0);
    }
}
END_TEST

START_TEST(special_cases)
{
    struct ssldyn_mode_point mode = parabola(0.1, 0.25, 1.0, 0.5); /* p*+ = .6828 */
    CHECK_CLOSE(escape(&mode, 1e4), 0.0, 0.0, 0.0);
    mode.p0 = 0.1; /* below p*- = .1172 */
    CHECK_CLOSE(escape(&mode, 1e4), (double)NAN, 0.0, 0.0);
    mode.p0 = 0.13;
    const double needs = ssldyn_closedform_time(1.0, 1.25, 0.1, 0.13, ssldyn_escape_level(&mode));
    CHECK_CLOSE(escape(&mode, 0.9 * needs), (double)NAN, 0.0, 0.0); /* not before the end */
    mode = parabola(0.3, 0.25, 1.0, 0.5);                           /* beyond the fold */
    CHECK_CLOSE(ssldyn_escape_level(&mode), (double)NAN, 0.0, 0.0);
    CHECK_CLOSE(escape(&mode, 1e4), (double)NAN, 0.0, 0.0);
}
END_TEST

/* A predictor that starts high falls first, while the network is small: only the last rise counts,
 * and the time is the one found by a coarse scan of the trajectory. */
START_TEST(falls_and_rises)
{
    struct ssldyn_mode_point mode = {.model = SSLDYN_MODEL_LOWDIM,
                                     .rates.alpha_p = 1.0,
                                     .rates.beta = 0.4,
                                     .rates.eta_p = 0.05,
                                     .rates.eta_s = 0.01,
                                     .lambda_s = 1.3,
                                     .lambda_d = 1.1,
                                     .tau = (double)NAN,
                                     .wp0 = 0.7,
                                     .w0 = -0.05,
                                     .wa0 = 0.0,
                                     .predictor = true};
    const double time = escape(&mode, 500.0);
    ck_assert(time > 1.0 && time < 400.0);
    /* stopped just before and just after: NaN, and the same time */
    CHECK_CLOSE(escape(&mode, time * (1.0 - 1e-6)), (double)NAN, 0.0, 0.0);
    CHECK_CLOSE(escape(&mode, time * (1.0 + 1e-6)), time, 1e-8, 0.0);
    /* (w, wa) -> (-w, -wa) is a symmetry */
    mode.w0 = 0.05;
    CHECK_CLOSE(escape(&mode, 500.0), time, 1e-12, 0.0);
}
END_TEST

TEST_SUITE(escape)
{
    tcase_add_test(tests, closed_form);
    tcase_add_test(tests, special_cases);
    tcase_add_test(tests, falls_and_rises);
}
