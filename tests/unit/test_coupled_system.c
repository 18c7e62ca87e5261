/* Coupled modes as one system: the work of a flow whose rates grow without bound. */
// SPDX-License-Identifier: MIT
#include "sim/flow/coupled_system.h"

#include "tests/close.h"
#include "tests/spec_make.h"
#include "tests/suite.h"
#include "theory/waterfill.h"

#include <math.h>

enum { MODES = 8 };

/* Eight modes with a moving target; eta t = 10 at the end, where rates have grown by exp(20). */
static struct ssldyn_ode_statistics end_of(const char *stepper, const char *rtol, double p[],
                                           double s[])
{
    static const char lambda_d[] = "1,0.73,0.57,0.47,0.4,0.35,0.31,0.28";
    static const char lambda_s[] = "1.25,0.98,0.82,0.72,0.65,0.6,0.56,0.53";
    const char *const options[] = {"model",    "lowdim",
                                   "loss",     "cosine",
                                   "lambda-d", lambda_d,
                                   "lambda-s", lambda_s,
                                   "wp0",      "0.7,0.65,0.45,0.36,0.5,0.44,0.67,0.38",
                                   "w0",       "0.58,0.67,0.93,0.6,0.43,0.81,0.49,0.7",
                                   "wa0",      "0.9,0.99,0.85,0.92,0.45,0.78,0.93,0.4",
                                   "eta",      "0.05",
                                   "t-end",    "200",
                                   "stepper",  stepper,
                                   "rtol",     rtol,
                                   NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_ode_statistics statistics;
    struct ssldyn_coupled coupled;
    struct ssldyn_spec spec;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_coupled_create(&coupled, &spec.problem, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_msg(ssldyn_coupled_advance(&coupled, 200.0, &err) == SSLDYN_OK, "%s", err.message);
    for (size_t j = 0; j < MODES; j++) {
        const double growth = exp(0.05 * 200.0);
        const struct ssldyn_mode_state state = ssldyn_coupled_view(&coupled, j);
        p[j] = state.p * growth;
        s[j] = state.s * growth * growth;
    }
    ssldyn_ode_read_statistics(coupled.ode, &statistics);
    ssldyn_coupled_free(&coupled);
    ssldyn_spec_clear(&spec);
    return statistics;
}

/* auto must not wait some 2000 explicit steps before it tries implicit ones again: by then the rates
 * have grown. And it ends where the implicit method by itself does, to the tolerance. */
START_TEST(a_moving_target_takes_few_steps)
{
    static const double rtol = 1e-9;
    double p[2][MODES];
    double s[2][MODES];
    const struct ssldyn_ode_statistics automatic = end_of("auto", "1e-9", p[0], s[0]);
    (void)end_of("radau5", "1e-9", p[1], s[1]);
    ck_assert_int_lt(automatic.steps, 500);
    for (size_t j = 0; j < MODES;
         j++) { /* errors of both, which the flow keeps along its manifold */
        CHECK_CLOSE(p[0][j], p[1][j], 100.0 * rtol, 0.0);
        CHECK_CLOSE(s[0][j], s[1][j], 100.0 * rtol, 0.0);
    }
}
END_TEST

/* Sixteen modes whose rates have grown by up to exp(1000) at the end: decays equal and not, a target
 * slower and faster than them, layers. Rounding errors must not be amplified along what is
 * conserved: few steps, and two tolerances agree. */
struct stiff {
    const char *const options[3][2];
};

static const struct stiff stiff[] = {
    {{{"eta", "0.4"}, {"beta", "0.4"}, {"depth", "1"}}},
    {{{"eta", "5"}, {"beta", "0.3"}, {"depth", "1"}}},
    {{{"eta-p", "0.2"}, {"eta-s", "0.4"}, {"beta", "0.5"}}},
    {{{"eta-p", "0.5"}, {"eta-s", "0.1"}, {"beta", "0.3"}}},
    {{{"eta", "0.3"}, {"beta", "0.4"}, {"depth", "3"}}},
};

enum { LATE_MODES = 16, MOST_STEPS = 2000 };

/* The shares of the modes in |W|^2 and |Wp|^2 at t = 100. */
static void shares_of(const struct stiff *of, const char *rtol, double shares[])
{
    const char *options[24] = {"model",    "lowdim", "loss",     "cosine", "lambda-s",
                               "1.2:2:16", "wp0",    "0.1:1:16", "w0",     "0.2:0.9:16",
                               "t-end",    "100",    "rtol",     rtol};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_ode_statistics statistics;
    struct ssldyn_coupled coupled;
    struct ssldyn_spec spec;
    double norm2_w = 0.0;
    double norm2_wp = 0.0;
    for (size_t i = 0; i < 3; i++) {
        options[14 + 2 * i] = of->options[i][0];
        options[15 + 2 * i] = of->options[i][1];
    }
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_coupled_create(&coupled, &spec.problem, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_msg(ssldyn_coupled_advance(&coupled, 100.0, &err) == SSLDYN_OK, "%s", err.message);
    for (size_t j = 0; j < LATE_MODES; j++) {
        norm2_w += coupled.W[j] * coupled.W[j];
        norm2_wp += coupled.P[j] * coupled.P[j];
    }
    for (size_t j = 0; j < LATE_MODES; j++) {
        shares[j] = coupled.W[j] * coupled.W[j] / norm2_w;
        shares[LATE_MODES + j] = coupled.P[j] * coupled.P[j] / norm2_wp;
    }
    ssldyn_ode_read_statistics(coupled.ode, &statistics);
    ck_assert_int_lt(statistics.steps, MOST_STEPS);
    ssldyn_coupled_free(&coupled);
    ssldyn_spec_clear(&spec);
}

START_TEST(late_times_take_few_steps)
{
    double rough[2 * LATE_MODES];
    double fine[2 * LATE_MODES];
    shares_of(&stiff[_i], "1e-7", rough);
    shares_of(&stiff[_i], "1e-10", fine);
    for (size_t j = 0; j < sizeof rough / sizeof rough[0]; j++)
        CHECK_CLOSE(rough[j], fine[j], 0.0, 1e-5); /* 100 rtol */
}
END_TEST

/* The flow without noise ends at the water level of its start, a closed form. */
START_TEST(ends_at_the_water_level)
{
    static const double P[] = {.9, .2, .6, .5, .3, .8};
    static const double W[] = {.4, .9, .5, .7, .2, .6};
    static const char *const options[] = {"model",    "lowdim",
                                          "loss",     "cosine",
                                          "lambda-d", "1,0.9,0.8,1.1,0.7,1.3",
                                          "lambda-s", "1,0.9,0.8,1.1,0.7,1.3",
                                          "wp0",      "0.9,0.2,0.6,0.5,0.3,0.8",
                                          "w0",       "0.4,0.9,0.5,0.7,0.2,0.6",
                                          "alpha-p",  "1.5",
                                          "eta",      "0.4",
                                          "beta",     "2",
                                          "t-end",    "60",
                                          "rtol",     "1e-10",
                                          NULL};
    enum { COUNT = 6 };
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_coupled coupled;
    struct ssldyn_spec spec;
    double p_end[COUNT];
    double s_end[COUNT];
    double level = 0.0;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_coupled_create(&coupled, &spec.problem, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_msg(ssldyn_coupled_advance(&coupled, 60.0, &err) == SSLDYN_OK, "%s", err.message);
    const size_t rank = ssldyn_waterfill(COUNT, 1.5, P, W, p_end, s_end, &level);
    ck_assert_uint_gt(rank, 1);
    ck_assert_uint_lt(rank, COUNT);
    for (size_t j = 0; j < COUNT; j++)
        CHECK_CLOSE(coupled.P[j], p_end[j], 1e-8, 1e-8); /* 100 rtol */
    ssldyn_coupled_free(&coupled);
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(coupled_system)
{
    tcase_add_test(tests, a_moving_target_takes_few_steps);
    tcase_add_loop_test(tests, late_times_take_few_steps, 0, sizeof stiff / sizeof stiff[0]);
    tcase_add_test(tests, ends_at_the_water_level);
}
