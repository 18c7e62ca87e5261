/* Aligned modes under every loss: M5 under the squared distance, reference values without
 * stop-gradient and without noise, variables with and without the decay factor, alpha_p as a scale,
 * and a target that starts at zero. */
// SPDX-License-Identifier: MIT
#include "theory/aligned.h"

#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/lowdim.h"
#include "theory/predictor.h"

#include <check.h>

enum { MOST = 8, WORKSPACE_SIZE = 16 * MOST + 64 };

struct views {
    double first[MOST], second[MOST], across[MOST], rest[MOST];
};

static struct ssldyn_aligned make(struct views *views, size_t n, const double s[], const double d[],
                                  const struct ssldyn_parameters *parameters)
{
    for (size_t j = 0; j < n; j++) {
        views->first[j] = s[j];
        views->second[j] = s[j];
        views->across[j] = d[j];
        views->rest[j] = (s[j] - d[j]) * (s[j] + d[j]);
    }
    return (struct ssldyn_aligned){
        .parameters = parameters,
        .data = {n, views->first, views->second, views->across, views->rest},
        .spacing = SSLDYN_COSINE_FINE};
}

static const struct ssldyn_parameters standard = {
    .rates = {.alpha_p = 1.3, .beta = 0.7, .eta_p = 0.11, .eta_s = 0.2, .c = 1.5},
    .tau = 1.0,
    .stop_grad = true,
    .predictor = true,
    .set_power = 0.7};

/* All switches that a loss allows. */
static bool choose(int i, enum ssldyn_loss_choice loss, struct ssldyn_parameters *parameters)
{
    *parameters = standard;
    parameters->loss = loss;
    parameters->tau_held = (i & 1) != 0;
    parameters->stop_grad = (i & 2) == 0;
    parameters->predictor = (i & 4) == 0;
    parameters->rule = (i & 8) == 0 ? SSLDYN_PREDICTOR_GRADIENT : SSLDYN_PREDICTOR_DIRECTSET;
    parameters->epsilon = (i & 16) == 0 ? 0.0 : 0.1;
    parameters->normalization = (i & 32) == 0 ? SSLDYN_NORMALIZE_NONE : SSLDYN_NORMALIZE_LARGEST;
    parameters->correlation =
        (i & 64) == 0 ? SSLDYN_CORRELATION_CROSS_VIEW : SSLDYN_CORRELATION_SAME_VIEW;
    const bool iso = ssldyn_losses[loss]->iso;
    return (parameters->stop_grad || parameters->tau_held) &&
           (parameters->predictor || parameters->rule == SSLDYN_PREDICTOR_GRADIENT) &&
           !(iso && (!parameters->stop_grad || !parameters->predictor)) &&
           (ssldyn_rules_set(parameters) || i < 16);
}
enum { SETTINGS = 128 };

/* Under the squared distance every mode has M5's right-hand side, for all switches. */
START_TEST(squared_distance_is_m5)
{
    uint64_t state = 1 + (uint64_t)_i;
    struct ssldyn_parameters parameters;
    if (!choose(_i, SSLDYN_LOSS_L2, &parameters) || ssldyn_rules_set(&parameters))
        return;
    const double s[] = {1.5, 1.2, 0.7};
    const double d[] = {1.0, 1.1, 0.2};
    double P[3];
    double W[3];
    double Wa[3];
    double y[9];
    double dydt[9];
    double workspace[WORKSPACE_SIZE];
    struct views views;
    const struct ssldyn_aligned aligned = make(&views, 3, s, d, &parameters);
    draw_matrix(&state, 3, P);
    draw_matrix(&state, 3, W);
    draw_matrix(&state, 3, Wa);
    ssldyn_aligned_pack(&aligned, P, W, Wa, y);
    ck_assert(ssldyn_aligned_rhs(&aligned, &parameters, 0.3, y, dydt, workspace));
    for (size_t j = 0; j < 3; j++) {
        struct ssldyn_parameters mode = parameters;
        const double at[3] = {P[j], W[j], Wa[j]};
        double rate[3];
        mode.lambda_s = s[j];
        mode.lambda_d = d[j];
        ssldyn_lowdim_rhs(&mode, at, rate);
        const size_t trained = ssldyn_rules_trained(&parameters) ? 1 : 0;
        CHECK_CLOSE(dydt[j], rate[1], 1e-14, 1e-15);
        if (trained != 0)
            CHECK_CLOSE(dydt[3 + j], rate[0], 1e-14, 1e-15);
        if (!parameters.tau_held)
            CHECK_CLOSE(dydt[3 * (1 + trained) + j], rate[2], 1e-14, 1e-15);
    }
}
END_TEST

/* dW/dt without stop-gradient, wa = w, found from samples and by quadrature; sum w dw/dt = 0. */
START_TEST(no_stop_gradient)
{
    static const double exact[] = {-.01533364500890, .02243998551541, -.00093586212972};
    const double s[] = {1.5, 1.3, 1.1};
    const double d[] = {1, .8, .6};
    const double y[] = {1, .7, .4, .9, .5, .3};
    struct ssldyn_parameters parameters = standard;
    struct views views;
    double dydt[6];
    double workspace[WORKSPACE_SIZE];
    double sum = 0.0;
    parameters.loss = SSLDYN_LOSS_COSINE;
    parameters.tau_held = true;
    parameters.stop_grad = false;
    parameters.rates.eta_p = parameters.rates.eta_s = 0.0;
    const struct ssldyn_aligned aligned = make(&views, 3, s, d, &parameters);
    ck_assert(ssldyn_aligned_rhs(&aligned, &parameters, 0.0, y, dydt, workspace));
    for (size_t j = 0; j < 3; j++) {
        CHECK_CLOSE(dydt[j], exact[j], 0.0, 1.1e-14);
        sum += y[j] * dydt[j];
    }
    CHECK_CLOSE(sum, 0.0, 0.0, 1e-16);
}
END_TEST

/* p = w^2 by rule, no noise: d(w^2)/dt of the cosine. */
START_TEST(closed_form_predictor_without_noise)
{
    static const double exact[] = {.07376563413103, .11778939779939, -.19155503193042};
    const double one[] = {1, 1, 1};
    const double y[] = {sqrt(.2), sqrt(.5), sqrt(1.3)};
    struct ssldyn_parameters parameters = standard;
    struct views views;
    double dydt[3];
    double workspace[WORKSPACE_SIZE];
    parameters.loss = SSLDYN_LOSS_COSINE;
    parameters.tau_held = true;
    parameters.rule = SSLDYN_PREDICTOR_DIRECTSET;
    parameters.set_power = 1.0;
    parameters.rates.eta_s = 0.0;
    const struct ssldyn_aligned aligned = make(&views, 3, one, one, &parameters);
    ck_assert_uint_eq(ssldyn_aligned_variables(&aligned), 3);
    ck_assert(ssldyn_aligned_rhs(&aligned, &parameters, 0.0, y, dydt, workspace));
    for (size_t j = 0; j < 3; j++)
        CHECK_CLOSE(2.0 * y[j] * dydt[j], exact[j], 0.0, 2e-13);
}
END_TEST

/* With the decays factored out, d(exp(-decay t) Y)/dt equals the value with decays included: 128
 * settings of every normalized loss. exp(-40) and beyond do not occur here. */
START_TEST(decays_taken_out)
{
    const double s[] = {1.5, 1.2, 0.7};
    const double d[] = {1.0, 1.1, 0.2};
    const double t = 2.5;
    uint64_t state = 1 + (uint64_t)_i;
    struct ssldyn_parameters parameters;
    struct views views;
    double workspace[WORKSPACE_SIZE];
    for (int loss = 0; loss < SSLDYN_LOSSES_COUNT; loss++) {
        if (!choose(_i, (enum ssldyn_loss_choice)loss, &parameters))
            continue;
        parameters.rates.beta = draw_between(&state, 0.0, 0.4); /* eta_s is 0.2 */
        const struct ssldyn_aligned plain = make(&views, 3, s, d, &parameters);
        struct ssldyn_aligned free = plain;
        double P[3];
        double W[3];
        double Wa[3];
        double y[9];
        double scaled[9];
        double dydt[9];
        double rate[9];
        ssldyn_aligned_choose_decays(&free);
        const bool homogeneous = !ssldyn_rules_set(&parameters) || parameters.epsilon == 0.0 ||
                                 parameters.normalization == SSLDYN_NORMALIZE_LARGEST;
        ck_assert((ssldyn_losses[loss]->normalized && homogeneous) == (free.decay_s != 0.0));
        for (size_t j = 0; j < 3; j++) {
            P[j] = draw_between(&state, 0.2, 1.0);
            W[j] = draw_between(&state, 0.2, 1.0);
            Wa[j] = draw_between(&state, 0.2, 1.0);
        }
        ssldyn_aligned_pack(&plain, P, W, Wa, y);
        const size_t count = ssldyn_aligned_variables(&plain);
        const bool trained = ssldyn_rules_trained(&parameters);
        const double decays[] = {free.decay_s, trained ? free.decay_p : free.decay_a, free.decay_a};
        for (size_t i = 0; i < count; i++)
            scaled[i] = y[i] * exp(decays[i / 3] * t);
        ck_assert(ssldyn_aligned_rhs(&plain, &parameters, t, y, dydt, workspace));
        ck_assert(ssldyn_aligned_rhs(&free, &parameters, t, scaled, rate, workspace));
        for (size_t i = 0; i < count; i++) {
            const double decay = decays[i / 3];
            CHECK_CLOSE(rate[i], exp(decay * t) * (dydt[i] + decay * y[i]), 1e-12, 1e-13);
        }
    }
}
END_TEST

/* (alpha_p, p) -> (4 alpha_p, 2 p) is a symmetry under the cosine: powers of two change no bit. */
START_TEST(alpha_p_is_a_scale)
{
    const double s[] = {1.5, 1.2, 0.7};
    const double d[] = {1.0, 1.1, 0.2};
    const double y[] = {.3, .8, .5, .9, -.4, .2, .1, .6, .7};
    double other[9];
    double dydt[9];
    double rate[9];
    double workspace[WORKSPACE_SIZE];
    struct views views;
    struct ssldyn_parameters parameters = standard;
    parameters.loss = SSLDYN_LOSS_COSINE;
    struct ssldyn_parameters larger = parameters;
    larger.rates.alpha_p *= 4.0;
    const struct ssldyn_aligned aligned = make(&views, 3, s, d, &parameters);
    for (size_t i = 0; i < 9; i++)
        other[i] = (i / 3 == 1 ? 2.0 : 1.0) * y[i];
    ck_assert(ssldyn_aligned_rhs(&aligned, &parameters, 0.0, y, dydt, workspace));
    ck_assert(ssldyn_aligned_rhs(&aligned, &larger, 0.0, other, rate, workspace));
    for (size_t i = 0; i < 9; i++)
        ck_assert_double_eq(rate[i], (i / 3 == 1 ? 2.0 : 1.0) * dydt[i]);
}
END_TEST

/* A target at 0 is parallel to W at once: R is continuous from there on, and the loss is that of
 * W. */
START_TEST(target_from_nothing)
{
    const double s[] = {1.5, 1.2, 0.7};
    const double d[] = {1.0, 1.1, 0.2};
    const double P[] = {.9, .4, .2};
    const double W[] = {.3, .8, .5};
    const double none[] = {0, 0, 0};
    const double small[] = {.3e-9, .8e-9, .5e-9};
    double R[3];
    double later[3];
    double loss = 0.0;
    double loss_later = 0.0;
    double workspace[WORKSPACE_SIZE];
    struct views views;
    struct ssldyn_parameters parameters = standard;
    parameters.loss = SSLDYN_LOSS_COSINE;
    const struct ssldyn_aligned aligned = make(&views, 3, s, d, &parameters);
    ck_assert(ssldyn_aligned_residual(&aligned, P, W, none, R, &loss, workspace));
    ck_assert(ssldyn_aligned_residual(&aligned, P, W, small, later, &loss_later, workspace));
    CHECK_CLOSE(loss_later, loss, 1e-13, 0.0);
    for (size_t j = 0; j < 3; j++)
        CHECK_CLOSE(later[j], R[j], 1e-12, 1e-13);
}
END_TEST

/* Without a finite residual all results are NaN; one active mode has none. */
START_TEST(one_mode_is_refused)
{
    const double s[] = {1.5, 1.2};
    const double d[] = {1.0, 1.1};
    const double y[] = {1, 0, 1, 1};
    double dydt[4];
    double workspace[WORKSPACE_SIZE];
    struct views views;
    struct ssldyn_parameters parameters = standard;
    parameters.loss = SSLDYN_LOSS_COSINE;
    parameters.tau_held = true;
    const struct ssldyn_aligned aligned = make(&views, 2, s, d, &parameters);
    ck_assert(!ssldyn_aligned_rhs(&aligned, &parameters, 0.0, y, dydt, workspace));
    for (size_t i = 0; i < 4; i++)
        ck_assert(isnan(dydt[i]));
}
END_TEST

/* The closures are used if requested; the loss is exact in any case. */
START_TEST(closures)
{
    const double s[] = {1.5, 1.2, 0.7};
    const double d[] = {1.0, 1.1, 0.2};
    const double P[] = {.9, .4, .2};
    const double W[] = {.3, .8, .5};
    double R[3];
    double closed[3];
    double loss = 0.0;
    double exact_loss = 0.0;
    double workspace[WORKSPACE_SIZE];
    struct views views;
    struct ssldyn_parameters parameters = standard;
    parameters.loss = SSLDYN_LOSS_COSINE;
    struct ssldyn_aligned aligned = make(&views, 3, s, d, &parameters);
    ck_assert(ssldyn_aligned_residual(&aligned, P, W, W, R, &exact_loss, workspace));
    for (int next = 0; next < 2; next++) {
        aligned.closure = next ? SSLDYN_ALIGNED_NEXT : SSLDYN_ALIGNED_LEADING;
        ssldyn_cosine_modes_closure(&aligned.data, P, W, W, next, closed);
        ck_assert(ssldyn_aligned_residual(&aligned, P, W, W, R, &loss, workspace));
        ck_assert_double_eq(loss, exact_loss);
        for (size_t j = 0; j < 3; j++)
            ck_assert_double_eq(R[j], closed[j]);
    }
}
END_TEST

TEST_SUITE(aligned)
{
    tcase_add_loop_test(tests, squared_distance_is_m5, 0, SETTINGS);
    tcase_add_test(tests, no_stop_gradient);
    tcase_add_test(tests, closed_form_predictor_without_noise);
    tcase_add_loop_test(tests, decays_taken_out, 0, SETTINGS);
    tcase_add_test(tests, alpha_p_is_a_scale);
    tcase_add_test(tests, target_from_nothing);
    tcase_add_test(tests, one_mode_is_refused);
    tcase_add_test(tests, closures);
}
