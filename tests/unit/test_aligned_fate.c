/* Fates of aligned modes: every verdict is compared with the end of a plain integration, over
 * random states and settings of each criterion; nearly all states are decided; undecided ones have
 * a reason. */
// SPDX-License-Identifier: MIT
#include "theory/aligned_fate.h"

#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/waterfill.h"

#include <check.h>
#include <string.h>

enum { N = 4, WORKSPACE_SIZE = 256 };

static const double zeros[N] = {0, 0, 0, 0};
static const double spread[N] = {1.0, .8, .6, .3};
static const double noisy[N] = {1.5, 1.3, 1.1, .8};
static const double rest[N] = {1.25, 1.05, .85, .55};

static struct ssldyn_parameters settings(enum ssldyn_loss_choice loss)
{
    return (struct ssldyn_parameters){.rates = {.alpha_p = 1.3, .beta = 0.7, .c = 1.0},
                                      .loss = loss,
                                      .tau = 1.0,
                                      .tau_held = true,
                                      .stop_grad = true,
                                      .predictor = true,
                                      .set_power = 0.5};
}

static struct ssldyn_aligned without_noise(const struct ssldyn_parameters *parameters)
{
    struct ssldyn_aligned aligned = {.parameters = parameters,
                                     .data = {N, spread, spread, spread, zeros},
                                     .spacing = SSLDYN_COSINE_COARSE};
    ssldyn_aligned_choose_decays(&aligned);
    return aligned;
}

static struct ssldyn_aligned with_noise(const struct ssldyn_parameters *parameters)
{
    struct ssldyn_aligned aligned = {.parameters = parameters,
                                     .data = {N, noisy, noisy, spread, rest},
                                     .spacing = SSLDYN_COSINE_COARSE};
    ssldyn_aligned_choose_decays(&aligned);
    return aligned;
}

/* The classical Runge-Kutta method of order 4. */
static void integrate(const struct ssldyn_aligned *aligned, double t_end, int steps, double y[])
{
    const size_t n = ssldyn_aligned_variables(aligned);
    const double h = t_end / steps;
    double k[4][3 * N];
    double at[3 * N];
    double workspace[WORKSPACE_SIZE];
    for (int step = 0; step < steps; step++) {
        static const double shift[] = {0.0, 0.5, 0.5, 1.0};
        for (int stage = 0; stage < 4; stage++) {
            for (size_t i = 0; i < n; i++)
                at[i] = y[i] + (stage > 0 ? shift[stage] * h * k[stage - 1][i] : 0.0);
            (void)ssldyn_aligned_rhs(aligned, aligned->parameters, h * (step + shift[stage]), at,
                                     k[stage], workspace);
        }
        for (size_t i = 0; i < n; i++)
            y[i] += h / 6.0 * (k[0][i] + 2.0 * k[1][i] + 2.0 * k[2][i] + k[3][i]);
    }
}

/* Draws a state, integrates to t_ask, computes verdicts, integrates further and compares: a mode
 * whose W ends below `dead` has collapsed. Returns the number of verdicts. */
static size_t compare(const struct ssldyn_aligned *aligned, uint64_t *state, double low,
                      double t_ask, double t_end, double dead)
{
    double P[N];
    double W[N];
    double Wa[N];
    double y[3 * N];
    enum ssldyn_fate fates[N];
    size_t decided = 0;
    for (size_t j = 0; j < N; j++) {
        P[j] = draw_between(state, low, 1.5);
        W[j] = draw_between(state, 0.1, 1.0);
        Wa[j] = draw_between(state, 0.1, 1.0);
    }
    ssldyn_aligned_pack(aligned, P, W, Wa, y);
    integrate(aligned, t_ask, (int)(20.0 * t_ask), y);
    ssldyn_aligned_unpack(aligned, y, P, W, Wa);
    ssldyn_aligned_fate(aligned, P, W, Wa, t_ask > 0.0 ? 1e-6 : 0.0, fates);
    integrate(aligned, t_end, (int)(10.0 * t_end), y);
    for (size_t j = 0; j < N; j++) {
        if (fates[j] == SSLDYN_FATE_UNDECIDED)
            continue;
        decided++;
        ck_assert_msg((fates[j] == SSLDYN_FATE_COLLAPSED) == (fabs(y[j]) < dead),
                      "mode %zu: %s, but W = %g at the end", j, ssldyn_fate_word(fates[j]), y[j]);
    }
    return decided;
}

/* Water-filling: the end of starts with P > 0 and of some with P < 0. None of these starts is on an
 * edge. A verdict agrees with the closed form of the end. */
START_TEST(water_filling)
{
    uint64_t state = 3;
    size_t decided = 0;
    const struct ssldyn_parameters parameters = settings(SSLDYN_LOSS_COSINE);
    const struct ssldyn_aligned aligned = without_noise(&parameters);
    for (int run = 0; run < 12; run++)
        decided += compare(&aligned, &state, run % 2 == 0 ? 0.1 : -0.5, run % 3 == 0 ? 0.0 : 8.0,
                           200.0, 0.02);
    ck_assert_uint_ge(decided, 30);
}
END_TEST

/* The same under IsoLoss, by P - alpha_p W^2/2. */
START_TEST(water_filling_iso)
{
    uint64_t state = 5;
    size_t decided = 0;
    const struct ssldyn_parameters parameters = settings(SSLDYN_LOSS_ISO_COSINE);
    const struct ssldyn_aligned aligned = without_noise(&parameters);
    for (int run = 0; run < 12; run++)
        decided += compare(&aligned, &state, 0.1, run % 3 == 0 ? 0.0 : 8.0, 200.0, 0.02);
    ck_assert_uint_ge(decided, 30);
}
END_TEST

/* A state at the end of a flow is decided for every mode, and as water-filling predicts; with a
 * margin too. */
START_TEST(end_is_decided)
{
    const double P[] = {1.0, .7, .4, 2.2};
    const double W[] = {.8, .6, .5, .3};
    double Wa[N];
    double y[3 * N];
    double p_end[N];
    double w2_end[N];
    double level = 0.0;
    enum ssldyn_fate fates[N];
    struct ssldyn_parameters parameters = settings(SSLDYN_LOSS_COSINE);
    parameters.rates.alpha_p = 1.0;
    const struct ssldyn_aligned aligned = without_noise(&parameters);
    ssldyn_aligned_pack(&aligned, P, W, W, y);
    integrate(&aligned, 30.0, 600, y);
    double p[N];
    double w[N];
    ssldyn_aligned_unpack(&aligned, y, p, w, Wa);
    ck_assert_uint_eq(ssldyn_waterfill(N, 1.0, P, W, p_end, w2_end, &level), 3);
    ssldyn_aligned_fate(&aligned, p, w, Wa, 1e-6, fates);
    for (size_t j = 0; j < N; j++)
        ck_assert_int_eq(fates[j], w2_end[j] > 0.0 ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_COLLAPSED);
    ssldyn_aligned_fate(&aligned, p, w, Wa, 0.2, fates);
    ck_assert_int_eq(fates[3], SSLDYN_FATE_UNDECIDED);
}
END_TEST

/* A negative P loses P^2 - floor = .25 for good: the level^2 of the others is 8.25/2, above the
 * floor 3.5 of the first; 9/3, with the negative one among them, is not. */
START_TEST(negative_predictor_gives_up_its_share)
{
    const double P[] = {2.0, 2.0, -1.0};
    const double W[] = {sqrt(.5), 2.0, .5};
    double p_end[3];
    double w2_end[3];
    double level = 0.0;
    enum ssldyn_fate fates[3];
    struct ssldyn_parameters parameters = settings(SSLDYN_LOSS_COSINE);
    parameters.rates.alpha_p = 1.0;
    struct ssldyn_aligned aligned = without_noise(&parameters);
    aligned.data.n = 3;
    ck_assert_uint_eq(ssldyn_waterfill(3, 1.0, P, W, p_end, w2_end, &level), 2);
    ssldyn_aligned_fate(&aligned, P, W, W, 0.0, fates);
    for (size_t j = 0; j < 3; j++)
        ck_assert_int_eq(fates[j], w2_end[j] > 0.0 ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_COLLAPSED);
}
END_TEST

/* c > 0 survives with noise, a moving target and weight decay; the others are undecided. */
START_TEST(balance_keeps_alive)
{
    const double P[] = {.9, .4, -.5, .6};
    const double W[] = {1, .3, .6, .2};
    enum ssldyn_fate fates[N];
    struct ssldyn_parameters parameters = settings(SSLDYN_LOSS_COSINE);
    parameters.tau_held = false;
    parameters.rates.eta_p = parameters.rates.eta_s = 0.3;
    const struct ssldyn_aligned aligned = with_noise(&parameters);
    ssldyn_aligned_fate(&aligned, P, W, W, 0.0, fates);
    for (size_t j = 0; j < N; j++)
        ck_assert_int_eq(fates[j], 1.3 * W[j] * W[j] > P[j] * P[j] ? SSLDYN_FATE_SURVIVES
                                                                   : SSLDYN_FATE_UNDECIDED);
    ck_assert(strstr(ssldyn_aligned_fate_why(&aligned), "noise"));
    parameters.rates.eta_p = 0.2;
    ssldyn_aligned_fate(&aligned, P, W, W, 0.0, fates);
    for (size_t j = 0; j < N; j++)
        ck_assert_int_eq(fates[j], SSLDYN_FATE_UNDECIDED);
    ck_assert(strstr(ssldyn_aligned_fate_why(&aligned), "equal weight decays"));
}
END_TEST

/* With a power of the spectrum as the rule no mode ever collapses without noise, under either
 * cosine. */
START_TEST(powers_survive)
{
    uint64_t state = 11;
    size_t decided = 0;
    for (int run = 0; run < 16; run++) {
        struct ssldyn_parameters parameters =
            settings(run % 2 == 0 ? SSLDYN_LOSS_COSINE : SSLDYN_LOSS_ISO_COSINE);
        parameters.rule = SSLDYN_PREDICTOR_DIRECTSET;
        parameters.set_power = 0.5 + 0.25 * (run / 2 % 4);
        parameters.epsilon = run < 8 ? 0.0 : 0.1;
        const struct ssldyn_aligned aligned = without_noise(&parameters);
        ck_assert(ssldyn_aligned_fate_why(&aligned) == NULL);
        decided += compare(&aligned, &state, 0.1, 0.0, 20.0, 0.05);
    }
    ck_assert_uint_eq(decided, (size_t)16 * N);
}
END_TEST

/* IsoLoss of the squared distance: transcritical bifurcation at eta_s = tau lambda_d, tested above
 * and below, with and without decay of the predictor, with held and moving target and with
 * closed-form predictor. */
START_TEST(iso_squared_distance)
{
    static const double eta_s[] = {0.0, 0.0, 0.45, 0.45, 0.45, 1.2, 0.45};
    static const double eta_p[] = {0.0, 0.4, 0.0, 0.6, 0.9, 0.3, 0.0};
    uint64_t state = 13 + (uint64_t)_i;
    size_t decided = 0;
    struct ssldyn_parameters parameters = settings(SSLDYN_LOSS_ISO_L2);
    parameters.rates.eta_s = eta_s[_i];
    parameters.rates.eta_p = eta_p[_i];
    for (int run = 0; run < 12; run++) {
        parameters.tau_held = run % 3 != 1;
        parameters.rule = run % 3 == 2 ? SSLDYN_PREDICTOR_DIRECTSET : SSLDYN_PREDICTOR_GRADIENT;
        if (parameters.rule == SSLDYN_PREDICTOR_DIRECTSET && parameters.rates.eta_s == 0.0)
            continue;
        const struct ssldyn_aligned aligned = with_noise(&parameters);
        decided += compare(&aligned, &state, run % 3 == 0 ? -0.5 : 0.1, 0.0, 400.0, 1e-3);
    }
    ck_assert_uint_ge(decided, (size_t)4 * N);
}
END_TEST

START_TEST(undecided_states_have_a_reason)
{
    struct ssldyn_parameters parameters = settings(SSLDYN_LOSS_COSINE);
    struct ssldyn_aligned aligned = without_noise(&parameters);
    ck_assert(ssldyn_aligned_fate_why(&aligned) == NULL);
    parameters.predictor = false;
    ck_assert(strstr(ssldyn_aligned_fate_why(&aligned), "only with both a predictor"));
    parameters = settings(SSLDYN_LOSS_ISO_COSINE);
    parameters.rates.eta_s = 0.1;
    ck_assert(strstr(ssldyn_aligned_fate_why(&aligned), "eta_p = 2 eta_s"));
    parameters = settings(SSLDYN_LOSS_ISO_L2);
    ck_assert(ssldyn_aligned_fate_why(&aligned) == NULL);
    parameters.tau_held = false;
    parameters.rates.beta = 0.0;
    ck_assert(ssldyn_aligned_fate_why(&aligned) != NULL);
}
END_TEST

TEST_SUITE(aligned_fate)
{
    tcase_add_test(tests, water_filling);
    tcase_add_test(tests, water_filling_iso);
    tcase_add_test(tests, end_is_decided);
    tcase_add_test(tests, negative_predictor_gives_up_its_share);
    tcase_add_test(tests, balance_keeps_alive);
    tcase_add_test(tests, powers_survive);
    tcase_add_loop_test(tests, iso_squared_distance, 0, 7);
    tcase_add_test(tests, undecided_states_have_a_reason);
}
