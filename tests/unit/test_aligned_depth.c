/* Aligned modes of an encoder of several layers: under the squared distance those of depth_flow.h, the
 * Jacobian against differences under every loss, and their fates by the smallest layer. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/aligned_fate.h"
#include "theory/aligned_jacobian.h"
#include "theory/depth_flow.h"

#include <check.h>
#include <stdlib.h>

enum { N = 2, LAYERS_MOST = 3, MOST = N * (2 * LAYERS_MOST + 1) };

static const double s[N] = {1.5, 1.2};
static const double d[N] = {1.0, 1.1};
static const double rest[N] = {1.25, .23};

/* Every combination of layers, target and average. */
enum { SETTINGS = 16 };
static bool choose(int i, int loss, struct ssldyn_parameters *parameters)
{
    const bool mae = (i & 4) != 0;
    *parameters = (struct ssldyn_parameters){
        .rates = {.alpha_p = 1.3, .beta = 0.7, .eta_p = 0.2, .eta_s = 0.3},
        .loss = (enum ssldyn_loss_choice)loss,
        .tau = 0.8,
        .tau_held = (i & 2) != 0,
        .stop_grad = true,
        .predictor = true,
        .depth = (i & 1) != 0          ? 3
                 : mae && (i & 2) != 0 ? 1
                                       : 2,
        .target = mae ? SSLDYN_DEPTH_MAE : SSLDYN_DEPTH_JEPA,
        .ema_of = (i & 8) != 0 ? SSLDYN_DEPTH_OF_PRODUCT : SSLDYN_DEPTH_OF_LAYERS};
    return !((mae || parameters->tau_held) && (i & 8) != 0); /* no average */
}

static struct ssldyn_aligned make(const struct ssldyn_parameters *parameters)
{
    return (struct ssldyn_aligned){
        .parameters = parameters, .data = {N, s, s, d, rest}, .spacing = SSLDYN_COSINE_FINE};
}

static double *workspace_of(const struct ssldyn_aligned *aligned)
{
    const size_t one = ssldyn_aligned_jacobian_workspace(aligned);
    const size_t other = ssldyn_aligned_workspace(aligned);
    double *workspace = malloc((one > other ? one : other) * sizeof *workspace);
    ck_assert_ptr_nonnull(workspace);
    return workspace;
}

/* All of size 1, with signs. */
static void draw(uint64_t seed, size_t count, double y[])
{
    for (size_t i = 0; i < count; i++)
        y[i] = draw_between(&seed, 0.4, 1.1) * (i % 5 == 3 ? -1.0 : 1.0);
}

START_TEST(squared_distance)
{
    struct ssldyn_parameters parameters;
    if (!choose(_i, SSLDYN_LOSS_L2, &parameters))
        return;
    const struct ssldyn_aligned aligned = make(&parameters);
    const size_t L = ssldyn_aligned_layers(&aligned);
    const size_t targets = ssldyn_aligned_targets(&aligned);
    double y[MOST], rate[MOST];
    double *workspace = workspace_of(&aligned);
    ck_assert_uint_eq(ssldyn_aligned_variables(&aligned), N * (1 + L + targets));
    draw(7 + (uint64_t)_i, N * (1 + L + targets), y);
    ck_assert(ssldyn_aligned_rhs(&aligned, &parameters, 0.0, y, rate, workspace));
    for (size_t j = 0; j < N; j++) {
        double at[SSLDYN_DEPTH_VARIABLES], expected[SSLDYN_DEPTH_VARIABLES];
        struct ssldyn_parameters mode = parameters;
        mode.lambda_s = s[j];
        mode.lambda_d = d[j];
        at[0] = y[L * N + j];
        for (size_t l = 0; l < L + targets; l++)
            at[1 + l] = y[(l < L ? l : l + 1) * N + j];
        ssldyn_depth_rhs(&mode, at, expected);
        CHECK_CLOSE(rate[L * N + j], expected[0], 1e-14, 1e-15);
        for (size_t l = 0; l < L + targets; l++)
            CHECK_CLOSE(rate[(l < L ? l : l + 1) * N + j], expected[1 + l], 1e-14, 1e-15);
    }
    free(workspace);
}
END_TEST

static const double time_of_test = 0.7;

static void rate_of(const void *context, const double y[], double f[])
{
    const struct ssldyn_aligned *aligned = context;
    double *workspace = workspace_of(aligned);
    ck_assert(ssldyn_aligned_rhs(aligned, aligned->parameters, time_of_test, y, f, workspace));
    free(workspace);
}

START_TEST(jacobian)
{
    struct ssldyn_parameters parameters;
    if (!choose(_i % SETTINGS, _i / SETTINGS, &parameters))
        return;
    struct ssldyn_aligned aligned = make(&parameters);
    if (_i % 3 != 0)
        ssldyn_aligned_choose_decays(&aligned);
    const size_t n = ssldyn_aligned_variables(&aligned);
    double y[MOST], found[MOST * MOST], expected[MOST * MOST];
    double *workspace = workspace_of(&aligned);
    draw(11 + (uint64_t)_i, n, y);
    ck_assert(ssldyn_aligned_jacobian_is_known(&aligned));
    ssldyn_aligned_jacobian(&aligned, &parameters, time_of_test, y, found, workspace);
    draw_jacobian(rate_of, &aligned, n, n, y, 1e-3, expected); /* h^4 f'''''/120 */
    for (size_t i = 0; i < n * n; i++)
        CHECK_CLOSE(found[i], expected[i], 1e-8, 1e-8);
    free(workspace);
}
END_TEST

/* Under a normalized loss each layer's norm changes only by decay, and v_l^2 - p^2/alpha_p (IsoLoss: p
 * - alpha_p v_l^2/2) of each layer and mode: derivatives of these along the flow. */
START_TEST(laws)
{
    struct ssldyn_parameters parameters;
    const bool iso = _i >= SETTINGS;
    if (!choose(_i % SETTINGS, iso ? SSLDYN_LOSS_ISO_COSINE : SSLDYN_LOSS_COSINE, &parameters))
        return;
    const double eta = parameters.rates.eta_s;
    parameters.rates.eta_p = iso ? 2.0 * eta : eta;
    const double alpha_p = parameters.rates.alpha_p;
    const struct ssldyn_aligned aligned = make(&parameters);
    const size_t L = ssldyn_aligned_layers(&aligned);
    double y[MOST], f[MOST];
    double norm_p = 0.0;
    draw(17 + (uint64_t)_i, ssldyn_aligned_variables(&aligned), y);
    rate_of(&aligned, y, f);
    for (size_t l = 0; l < L; l++) {
        double norm = 0.0;
        for (size_t j = 0; j < N; j++) {
            const double v = y[l * N + j];
            const double p = y[L * N + j];
            const double dv2 = 2.0 * v * f[l * N + j];
            const double dp = f[L * N + j];
            norm += dv2 + 2.0 * eta * v * v;
            norm_p += p * (dp + parameters.rates.eta_p * p);
            if (iso)
                CHECK_CLOSE(dp - 0.5 * alpha_p * dv2, -2.0 * eta * (p - 0.5 * alpha_p * v * v), 0.0,
                            1e-14);
            else
                CHECK_CLOSE(dv2 - 2.0 * p * dp / alpha_p, -2.0 * eta * (v * v - p * p / alpha_p),
                            0.0, 1e-14);
        }
        if (!iso)
            CHECK_CLOSE(norm, 0.0, 0.0, 1e-14);
    }
    CHECK_CLOSE(norm_p, 0.0, 0.0, 1e-14);
}
END_TEST

/* The smallest layer decides: c < 0 of one is enough for collapse below the level, and the others may
 * be as large as they like. */
START_TEST(smallest_layer_decides)
{
    static const double across[3] = {1.0, 1.0, 1.0};
    static const double none[3] = {0.0, 0.0, 0.0};
    static const double P[3] = {2.0, 0.3, 0.3};
    static const double large[3] = {1.0, 1.0, 1.0};
    const struct ssldyn_parameters parameters = {.rates = {.alpha_p = 1.0},
                                                 .loss = SSLDYN_LOSS_COSINE,
                                                 .tau = 1.0,
                                                 .tau_held = true,
                                                 .stop_grad = true,
                                                 .predictor = true,
                                                 .depth = 2};
    const struct ssldyn_aligned aligned = {.parameters = &parameters,
                                           .data = {3, across, across, across, none},
                                           .spacing = SSLDYN_COSINE_FINE};
    /* c_1 = least^2 - 4, level^2 = (total - 4 + least^2)/2 of the other two */
    static const double least[2][3] = {{0.5, 1.0, 1.0}, {2.1, 0.1, 1.0}};
    enum ssldyn_fate fates[3];
    ssldyn_aligned_fate(&aligned, P, least[0], large, 0.0, fates);
    ck_assert_int_eq(fates[0], SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(fates[1], SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(fates[2], SSLDYN_FATE_SURVIVES);
    ssldyn_aligned_fate(&aligned, P, least[1], large, 0.0, fates);
    for (size_t j = 0; j < 3; j++)
        ck_assert_int_eq(fates[j], SSLDYN_FATE_SURVIVES);
    /* predicted data are not what the proof is about */
    struct ssldyn_parameters mae = parameters;
    mae.target = SSLDYN_DEPTH_MAE;
    struct ssldyn_aligned other = aligned;
    other.parameters = &mae;
    ssldyn_aligned_fate(&other, P, least[0], large, 0.0, fates);
    ck_assert_int_eq(fates[0], SSLDYN_FATE_UNDECIDED);
    ck_assert_int_eq(fates[1], SSLDYN_FATE_SURVIVES);
}
END_TEST

TEST_SUITE(aligned_depth)
{
    tcase_add_loop_test(tests, squared_distance, 0, SETTINGS);
    tcase_add_loop_test(tests, jacobian, 0, SETTINGS * SSLDYN_LOSSES_COUNT);
    tcase_add_loop_test(tests, laws, 0, 2 * SETTINGS);
    tcase_add_test(tests, smallest_layer_decides);
}
