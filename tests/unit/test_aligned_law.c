/* Laws of aligned modes: every law that a setting claims to keep has the claimed derivative along
 * the right-hand side, for all other switches; and the known laws are claimed. */
// SPDX-License-Identifier: MIT
#include "theory/aligned_law.h"

#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <string.h>

enum { N = 3, WORKSPACE_SIZE = 256, SETTINGS = 256 };

static bool choose(int i, int loss, struct ssldyn_parameters *parameters)
{
    const bool iso = ssldyn_losses[loss]->iso;
    *parameters = (struct ssldyn_parameters){
        .rates = {.alpha_p = 1.3, .beta = 0.7, .eta_p = 0.2, .eta_s = 0.2, .c = 1.5},
        .loss = (enum ssldyn_loss_choice)loss,
        .tau = 1.0,
        .tau_held = (i & 1) != 0,
        .stop_grad = (i & 2) == 0,
        .predictor = (i & 4) == 0,
        .rule = (i & 8) == 0 ? SSLDYN_PREDICTOR_GRADIENT : SSLDYN_PREDICTOR_DIRECTSET,
        .set_power = 0.7,
        .epsilon = (i & 16) == 0 ? 0.0 : 0.1,
        .normalization = (i & 32) == 0 ? SSLDYN_NORMALIZE_NONE : SSLDYN_NORMALIZE_LARGEST};
    if ((i & 64) != 0)
        parameters->rates.eta_p = 0.4;
    if ((i & 128) != 0)
        parameters->rates.eta_p = 0.05;
    return (parameters->stop_grad || parameters->tau_held) &&
           (parameters->predictor || (i & 8) == 0) &&
           !(iso && (!parameters->stop_grad || !parameters->predictor));
}

static struct ssldyn_aligned make(const struct ssldyn_parameters *parameters)
{
    static const double s[N] = {1.5, 1.2, 0.7};
    static const double d[N] = {1.0, 1.1, 0.2};
    static const double rest[N] = {1.25, .23, .45};
    return (struct ssldyn_aligned){
        .parameters = parameters, .data = {N, s, s, d, rest}, .spacing = SSLDYN_COSINE_FINE};
}

/* For mode j, or for all modes: at y + h f, with f at t. */
static double value_at(const struct ssldyn_aligned *aligned, const struct ssldyn_aligned_law *law,
                       size_t j, const double y[], const double f[], double h)
{
    double moved[3 * N];
    double P[N];
    double W[N];
    double Wa[N];
    double size = 0.0;
    double sum = 0.0;
    for (size_t i = 0; i < ssldyn_aligned_variables(aligned); i++)
        moved[i] = y[i] + h * f[i];
    ssldyn_aligned_unpack(aligned, moved, P, W, Wa);
    for (size_t k = 0; k < N; k++)
        sum += !law->each || k == j ? law->value(aligned, k, P, W, &size) : 0.0;
    return sum;
}

START_TEST(claimed_laws_hold)
{
    uint64_t state = 7 + (uint64_t)_i;
    double workspace[WORKSPACE_SIZE];
    for (int loss = 0; loss < SSLDYN_LOSSES_COUNT; loss++) {
        struct ssldyn_parameters parameters;
        double y[3 * N];
        double f[3 * N];
        if (!choose(_i, loss, &parameters) || ssldyn_losses[loss]->linear)
            continue;
        struct ssldyn_aligned aligned = make(&parameters);
        for (int free = 0; free < 2; free++) {
            if (free == 1)
                ssldyn_aligned_choose_decays(&aligned);
            for (size_t i = 0; i < 3 * N; i++)
                y[i] = draw_between(&state, 0.3, 1.0);
            ck_assert(ssldyn_aligned_rhs(&aligned, &parameters, 0.5, y, f, workspace));
            for (size_t l = 0; ssldyn_aligned_laws[l]; l++) {
                const struct ssldyn_aligned_law *law = ssldyn_aligned_laws[l];
                double decay = 0.0;
                if (!law->kept(&aligned, &decay))
                    continue;
                for (size_t j = 0; j < N; j++) {
                    const double h = 1e-4; /* h^2 f'''/6 */
                    const double rate = (value_at(&aligned, law, j, y, f, h) -
                                         value_at(&aligned, law, j, y, f, -h)) /
                                        (2.0 * h);
                    CHECK_CLOSE(rate, -decay * value_at(&aligned, law, j, y, f, 0.0), 0.0, 1e-7);
                }
            }
        }
    }
}
END_TEST

static size_t count_laws(int i, int loss, const char *name)
{
    struct ssldyn_parameters parameters;
    size_t count = 0;
    ck_assert(choose(i, loss, &parameters));
    struct ssldyn_aligned aligned = make(&parameters);
    ssldyn_aligned_choose_decays(&aligned);
    for (size_t l = 0; ssldyn_aligned_laws[l]; l++) {
        double decay = 1.0;
        if (ssldyn_aligned_laws[l]->kept(&aligned, &decay) &&
            strstr(ssldyn_aligned_laws[l]->name, name)) {
            count++;
            ck_assert_double_eq(decay, 0.0);
        }
    }
    return count;
}

/* Which setting keeps which law: 0 the plain one, 64 eta_p = 2 eta_s, 128 another, 8 a closed-form
 * predictor. */
START_TEST(laws_are_claimed)
{
    ck_assert_uint_eq(count_laws(0, SSLDYN_LOSS_COSINE, "norm of W"), 2);
    ck_assert_uint_eq(count_laws(0, SSLDYN_LOSS_COSINE, "balance"), 1);
    ck_assert_uint_eq(count_laws(128, SSLDYN_LOSS_COSINE, "norm of W"), 2);
    ck_assert_uint_eq(count_laws(128, SSLDYN_LOSS_COSINE, "balance"), 0);
    ck_assert_uint_eq(count_laws(8, SSLDYN_LOSS_COSINE, "norm of W"), 1);
    ck_assert_uint_eq(count_laws(7, SSLDYN_LOSS_COSINE, "norm of W"), 1);
    ck_assert_uint_eq(count_laws(64, SSLDYN_LOSS_ISO_COSINE, "alpha_p w^2/2"), 1);
    ck_assert_uint_eq(count_laws(0, SSLDYN_LOSS_ISO_COSINE, "alpha_p w^2/2"), 0);
    ck_assert_uint_eq(count_laws(0, SSLDYN_LOSS_ISO_COSINE, "norm of Wp"), 1);
    ck_assert_uint_eq(count_laws(0, SSLDYN_LOSS_ISO_COSINE, "norm of W"), 1);
    ck_assert_uint_eq(count_laws(8, SSLDYN_LOSS_ISO_COSINE, "sum of p w^2"), 1);
    ck_assert_uint_eq(count_laws(24, SSLDYN_LOSS_ISO_COSINE, "sum of p w^2"), 0);
}
END_TEST

START_TEST(imbalance)
{
    const double P[] = {1, 2};
    const double W[] = {3, -1};
    const double R[] = {.5, .75};
    ck_assert_double_eq(ssldyn_aligned_imbalance(2, P, W, R), 0.0);
    ck_assert_double_eq(ssldyn_aligned_imbalance(1, P, W, R), 1.5);
}
END_TEST

TEST_SUITE(aligned_law)
{
    tcase_add_loop_test(tests, claimed_laws_hold, 0, SETTINGS);
    tcase_add_test(tests, laws_are_claimed);
    tcase_add_test(tests, imbalance);
}
