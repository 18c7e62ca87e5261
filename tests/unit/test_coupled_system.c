/* Coupled modes as one system: the work of a flow whose rates grow without bound. */
// SPDX-License-Identifier: MIT
#include "sim/flow/coupled_system.h"

#include "tests/close.h"
#include "tests/spec_make.h"
#include "tests/suite.h"

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

TEST_SUITE(coupled_system)
{
    tcase_add_test(tests, a_moving_target_takes_few_steps);
}
