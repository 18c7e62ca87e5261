/* The weights of a mode of a deep encoder: their Jacobian, one layer as M5, the balanced manifold,
 * and the laws of their squares. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/suite.h"
#include "theory/depth_flow.h"
#include "theory/lowdim.h"

static struct ssldyn_parameters settings(int i)
{
    return (struct ssldyn_parameters){.rates = {1.5, 0.7, 0.03, 0.05, 1.0},
                                      .lambda_s = 1.25,
                                      .lambda_d = 0.9,
                                      .tau = 0.8,
                                      .tau_held = i % 4 == 3,
                                      .stop_grad = true,
                                      .predictor = true,
                                      .depth = 1 + i / 4,
                                      .target = i % 4 == 2 ? SSLDYN_DEPTH_MAE : SSLDYN_DEPTH_JEPA,
                                      .ema_of = i % 4 == 1 ? SSLDYN_DEPTH_OF_PRODUCT
                                                           : SSLDYN_DEPTH_OF_LAYERS};
}

static size_t variables(const struct ssldyn_parameters *parameters)
{
    return 1 + ssldyn_depth_layers(parameters) + ssldyn_depth_targets(parameters);
}

static void start(double y[])
{
    for (size_t i = 0; i < SSLDYN_DEPTH_VARIABLES; i++)
        y[i] = (i % 3 == 2 ? -1.0 : 1.0) * (0.9 - 0.05 * (double)i);
}

START_TEST(jacobian_is_that_of_the_equations)
{
    const struct ssldyn_parameters parameters = settings(_i);
    const size_t n = variables(&parameters);
    double y[SSLDYN_DEPTH_VARIABLES];
    double jacobian[100];
    double up[10];
    double down[10];
    ck_assert_uint_le(n, 10);
    start(y);
    ssldyn_depth_jacobian(&parameters, y, jacobian);
    for (size_t i = 0; i < n; i++) {
        const double h = 1e-6; /* central differences: h^2, and rounding divided by h */
        const double at = y[i];
        y[i] = at + h;
        ssldyn_depth_rhs(&parameters, y, up);
        y[i] = at - h;
        ssldyn_depth_rhs(&parameters, y, down);
        y[i] = at;
        for (size_t r = 0; r < n; r++)
            CHECK_CLOSE(jacobian[r * n + i], (up[r] - down[r]) / (2.0 * h), 0.0, 1e-9);
    }
}
END_TEST

/* Central differences in each parameter; NOISE is lambda_s at constant lambda_d. */
START_TEST(slopes_are_those_of_the_equations)
{
    struct ssldyn_parameters parameters = settings(_i);
    const size_t n = variables(&parameters);
    const double h = 1e-6;
    double *const knobs[SSLDYN_KNOBS] = {[SSLDYN_KNOB_ETA_S] = &parameters.rates.eta_s,
                                         [SSLDYN_KNOB_NOISE] = &parameters.lambda_s,
                                         [SSLDYN_KNOB_LAMBDA_D] = &parameters.lambda_d,
                                         [SSLDYN_KNOB_LAMBDA_S] = &parameters.lambda_s,
                                         [SSLDYN_KNOB_TAU] = &parameters.tau,
                                         [SSLDYN_KNOB_ETA_P] = &parameters.rates.eta_p,
                                         [SSLDYN_KNOB_BETA] = &parameters.rates.beta,
                                         [SSLDYN_KNOB_ALPHA_P] = &parameters.rates.alpha_p};
    double y[SSLDYN_DEPTH_VARIABLES];
    double slopes[10 * SSLDYN_KNOBS];
    double up[10];
    double down[10];
    ck_assert_uint_le(n, 10);
    start(y);
    ssldyn_depth_slopes(&parameters, y, slopes);
    for (size_t k = 0; k < SSLDYN_KNOBS; k++) {
        const double at = *knobs[k];
        *knobs[k] = at + h;
        ssldyn_depth_rhs(&parameters, y, up);
        *knobs[k] = at - h;
        ssldyn_depth_rhs(&parameters, y, down);
        *knobs[k] = at;
        for (size_t r = 0; r < n; r++)
            CHECK_CLOSE(slopes[r * SSLDYN_KNOBS + k], (up[r] - down[r]) / (2.0 * h), 0.0, 1e-9);
    }
}
END_TEST

START_TEST(one_layer_is_lowdim)
{
    const struct ssldyn_parameters parameters = settings(_i);
    double y[SSLDYN_DEPTH_VARIABLES];
    double deep[3];
    double flat[3];
    start(y);
    if (parameters.tau_held)
        y[2] = parameters.tau * y[1];
    ssldyn_depth_rhs(&parameters, y, deep);
    ssldyn_lowdim_rhs(&parameters, y, flat);
    for (size_t i = 0; i < variables(&parameters); i++)
        CHECK_CLOSE(deep[i], flat[i], 1e-15, 1e-16);
}
END_TEST

/* The mean of 1/4, 2 and 16 is 2, to the rounding of the logarithms, their sum and exp. */
START_TEST(mean_of_ratios)
{
    const double ratios[] = {0.25, 2.0, 16.0};
    CHECK_CLOSE(ssldyn_depth_mean(3, ratios), 2.0, 4e-15, 0.0);
    CHECK_CLOSE(ssldyn_depth_mean(1, ratios), 0.25, 1e-15, 0.0);
}
END_TEST

/* All weights equal, the target a copy: every layer moves as the balanced mode does. */
START_TEST(balanced_manifold)
{
    struct ssldyn_parameters parameters = settings(_i);
    const double p = 0.6;
    double y[SSLDYN_DEPTH_VARIABLES] = {p};
    double rate[SSLDYN_DEPTH_VARIABLES];
    parameters.rates.eta_p = parameters.rates.eta_s;
    const size_t L = ssldyn_depth_layers(&parameters);
    const bool product = ssldyn_depth_targets(&parameters) == 1 && L > 1;
    for (size_t i = 1; i < variables(&parameters); i++)
        y[i] = p / sqrt(parameters.rates.alpha_p);
    if (product)
        y[1 + L] = ssldyn_depth_product(&parameters, y);
    const struct ssldyn_depth mode = ssldyn_depth_mode(&parameters);
    ssldyn_depth_rhs(&parameters, y, rate);
    CHECK_CLOSE(rate[0], ssldyn_depth_velocity(&mode, p), 1e-13, 0.0);
    for (size_t l = 1; l <= L; l++)
        CHECK_CLOSE(rate[l], rate[0] / sqrt(parameters.rates.alpha_p), 1e-13, 0.0);
    for (size_t i = 1 + L; i < variables(&parameters); i++)
        CHECK_CLOSE(rate[i], 0.0, 0.0, 1e-16);
}
END_TEST

/* d/dt (v_l^2 - v_k^2) = -2 eta_s (v_l^2 - v_k^2), and the same with p^2/alpha_p at equal
 * decays. */
START_TEST(balance)
{
    struct ssldyn_parameters parameters = settings(_i);
    double y[SSLDYN_DEPTH_VARIABLES];
    double rate[SSLDYN_DEPTH_VARIABLES];
    parameters.rates.eta_p = parameters.rates.eta_s;
    start(y);
    ssldyn_depth_rhs(&parameters, y, rate);
    for (size_t l = 1; l <= ssldyn_depth_layers(&parameters); l++) {
        const double c = y[l] * y[l] - y[0] * y[0] / parameters.rates.alpha_p;
        const double change = 2.0 * (y[l] * rate[l] - y[0] * rate[0] / parameters.rates.alpha_p);
        CHECK_CLOSE(change, -2.0 * parameters.rates.eta_s * c, 0.0, 1e-15);
    }
}
END_TEST

TEST_SUITE(depth_flow)
{
    tcase_add_test(tests, mean_of_ratios);
    tcase_add_loop_test(tests, jacobian_is_that_of_the_equations, 0, 16);
    tcase_add_loop_test(tests, slopes_are_those_of_the_equations, 0, 16);
    tcase_add_loop_test(tests, one_layer_is_lowdim, 0, 2);
    tcase_add_loop_test(tests, one_layer_is_lowdim, 3, 4);
    tcase_add_loop_test(tests, balanced_manifold, 0, 16);
    tcase_add_loop_test(tests, balance, 0, 16);
}
