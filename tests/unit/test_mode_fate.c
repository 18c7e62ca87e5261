/* The fate of a mode of a flow: of the state in any variables, as certain as its error allows, and
 * as a double so close to the edge of a basin allows. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_fate.h"

#include "sim/flow/flow_outcome.h"
#include "tests/flow_run.h"
#include "tests/suite.h"
#include "theory/fate.h"

#include <check.h>
#include <math.h>
#include <stdio.h>

static struct ssldyn_certificate certificate_of(double eta)
{
    const struct ssldyn_parameters parameters = {
        .predictor = true,
        .stop_grad = true,
        .lambda_s = 1.25,
        .lambda_d = 1.0,
        .rates = {.alpha_p = 1.0, .beta = 0.4, .eta_p = eta, .eta_s = eta, .c = 1.25}};
    struct ssldyn_certificate certificate;
    ssldyn_certificate_init(&certificate, &parameters);
    return certificate;
}

/* (p, s, tau) is the network (p, sqrt(s), tau sqrt(s)). */
START_TEST(modes_and_networks_agree)
{
    const struct ssldyn_certificate certificate = certificate_of(0.04);
    int decided[SSLDYN_FATES] = {0};
    for (int i = 1; i <= 20; i++) {
        for (int k = 0; k <= 8; k++) {
            const double p = 0.02 * i;
            const double s = p * p;
            const double tau = 0.25 * k;
            const struct ssldyn_mode_state symbols = {
                .p = p, .s = s, .tau = tau, .w = (double)NAN, .wa = (double)NAN};
            const struct ssldyn_mode_state network = {.p = p, .w = p, .wa = tau * p};
            const enum ssldyn_fate fate = ssldyn_mode_fate_judge(&certificate, &symbols, NULL, 0.0);
            ck_assert_int_eq(fate, ssldyn_mode_fate_judge(&certificate, &network, NULL, 0.0));
            decided[fate]++;
        }
    }
    ck_assert_int_gt(decided[SSLDYN_FATE_COLLAPSED], 10);
    ck_assert_int_gt(decided[SSLDYN_FATE_SURVIVES], 10);
}
END_TEST

/* A fate that is certain for a state is not certain if its companion is on the other side of the
 * edge. */
START_TEST(a_companion_widens_the_state)
{
    const struct ssldyn_certificate certificate = certificate_of(0.04);
    const double edge = (1.0 - sqrt(1.0 - 4.0 * 1.25 * 0.04)) / 2.5;
    const double above = 1.001 * edge;
    const double further = 1.0012 * edge;
    const struct ssldyn_mode_state state = {.p = above, .w = above, .wa = above};
    const struct ssldyn_mode_state near = {.p = above, .w = above, .wa = above * (1.0 + 1e-7)};
    const struct ssldyn_mode_state apart = {.p = further, .w = further, .wa = further};
    ck_assert_int_eq(ssldyn_mode_fate_judge(&certificate, &state, NULL, 0.0), SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(ssldyn_mode_fate_judge(&certificate, &state, &near, 1e-9),
                     SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(ssldyn_mode_fate_judge(&certificate, &state, &apart, 1e-9),
                     SSLDYN_FATE_UNDECIDED);
}
END_TEST

static struct ssldyn_outcome flow_from(double p0)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_outcome outcome;
    char text[32];
    (void)snprintf(text, sizeof text, "%.17g", p0);
    const char *const options[] = {"model", "modes", "p0",      text,   "s0",
                                   "0.002", "tau0",  "0.3",     "rtol", "1e-9",
                                   "t-end", "2000",  "samples", "10",   NULL};
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_flow_outcome(&spec.problem, false, NULL, &outcome, &err) == SSLDYN_OK,
                  "%s", err.message);
    ssldyn_spec_clear(&spec);
    return outcome;
}

/* The edge as ssldyn basin --threshold p0 finds it, to a few units in the last place. For the
 * starts next to it no fate is certain, for any end of the mode and its companion:
 * both may have crossed the edge. */
START_TEST(no_verdict_on_the_edge)
{
    const double edge = 0.04601781782552944;
    double p0 = edge * (1.0 - 2e-14);
    for (int i = 0; i < 24; i++, p0 *= 1.0 + 1.7e-15) {
        ck_assert_msg(flow_from(p0).fate == SSLDYN_FATE_UNDECIDED, "%.17g", p0);
    }
    ck_assert_int_eq(flow_from(edge * (1.0 - 1e-9)).fate, SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(flow_from(edge * (1.0 + 1e-9)).fate, SSLDYN_FATE_SURVIVES);
}
END_TEST

/* A target of opposite sign takes w below 1e-100, where the mode is rescaled, before any fate is
 * certain; without eta_s it then keeps its value. The companion start is not rescaled. */
START_TEST(the_start_of_a_rescaled_mode)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_outcome outcome;
    const char *const options[] = {"model", "modes", "p0",   "6.77",  "s0",      "0.0327", "tau0",
                                   "-6.07", "eta-s", "0",    "eta-p", "0.007",   "beta",   "4.49",
                                   "t-end", "2000",  "rtol", "1e-9",  "samples", "2",      NULL};
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_flow_outcome(&spec.problem, false, NULL, &outcome, &err) == SSLDYN_OK,
                  "%s", err.message);
    ssldyn_spec_clear(&spec);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_SURVIVES);
    ck_assert_double_lt(outcome.s, 1e-200);
}
END_TEST

TEST_SUITE(mode_fate)
{
    tcase_add_test(tests, the_start_of_a_rescaled_mode);
    tcase_add_test(tests, modes_and_networks_agree);
    tcase_add_test(tests, a_companion_widens_the_state);
    tcase_add_test(tests, no_verdict_on_the_edge);
}
