/* Closed-form predictors: the rules by hand, the matrix by loops, and their effect on a mode. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/modes.h"
#include "theory/parabola.h"
#include "theory/predictor.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 20, SQUARE = LARGEST * LARGEST };

static struct ssldyn_parameters rule_of(enum ssldyn_predictor_rule rule)
{
    return (struct ssldyn_parameters){.rates = {.alpha_p = 1.0, .c = 1.3},
                                      .stop_grad = true,
                                      .predictor = true,
                                      .rule = rule,
                                      .set_power = 0.7,
                                      .epsilon = 0.15};
}

START_TEST(test_directpred_rule)
{
    struct ssldyn_parameters q = rule_of(SSLDYN_PREDICTOR_DIRECTPRED);

    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, 0.49, 2.0), 0.7 + 0.3, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, -1e-17, 2.0), 0.3, 1e-15, 0.0);
    q.set_shift = 0.24;
    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, 0.49, 2.0), 0.5 + 0.3, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, 0.2, 2.0), 0.3, 1e-15, 0.0);
    q.set_shift = 0.0;
    q.normalization = SSLDYN_NORMALIZE_LARGEST;
    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, 0.98, 2.0), 0.7 + 0.15, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, 0.0, 0.0), 0.0, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, (double)NAN, 1.0), (double)NAN, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, 1.0, (double)NAN), (double)NAN, 0.0, 0.0);
}
END_TEST

START_TEST(test_directset_rule)
{
    struct ssldyn_parameters q = rule_of(SSLDYN_PREDICTOR_DIRECTSET);

    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, 0.49, 2.0), pow(0.49, 0.7) + 0.3, 1e-15, 0.0);
    q.set_power = 1.0; /* DirectCopy: F + epsilon |F| I */
    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, 0.49, 2.0), 0.49 + 0.3, 1e-15, 0.0);
    q.normalization = SSLDYN_NORMALIZE_LARGEST;
    CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, 0.49, 2.0), 0.245 + 0.15, 1e-15, 0.0);
}
END_TEST

/* One rule with two names: DirectPred is DirectSet(1/2), to the last bit, with the same epsilon. */
START_TEST(test_two_names_one_rule)
{
    struct ssldyn_parameters pred = rule_of(SSLDYN_PREDICTOR_DIRECTPRED);
    struct ssldyn_parameters set = rule_of(SSLDYN_PREDICTOR_DIRECTSET);
    set.set_power = 0.5;
    for (int normalization = 0; normalization < 2; normalization++) {
        pred.normalization = set.normalization = (enum ssldyn_normalization)normalization;
        for (double s = 0.0; s < 3.0; s += 0.0173)
            ck_assert(ssldyn_predictor_eigenvalue(&pred, s, 2.385) ==
                      ssldyn_predictor_eigenvalue(&set, s, 2.385));
    }
}
END_TEST

START_TEST(test_variance)
{
    struct ssldyn_parameters q = rule_of(SSLDYN_PREDICTOR_DIRECTPRED);
    CHECK_CLOSE(ssldyn_predictor_variance(&q, 1.7, 0.6), 0.6, 0.0, 0.0);
    q.correlation = SSLDYN_CORRELATION_SAME_VIEW;
    CHECK_CLOSE(ssldyn_predictor_variance(&q, 1.7, 0.6), 1.7, 0.0, 0.0);
}
END_TEST

/* An orthogonal basis, and eigenvalues in no order. */
static void draw_spectrum(uint64_t *seed, size_t n, double s[], double U[])
{
    draw_orthogonal(seed, n, U);
    for (size_t r = 0; r < n; r++)
        s[r] = draw_between(seed, 0.0, 2.0);
}

/* Wp = U diag(p) U^T; sums of n <= 20 numbers below 2: eps 20 * 2 < 1e-14, with a margin. */
START_TEST(test_matrix)
{
    const size_t n = (size_t)_i;
    uint64_t seed = 71 + (uint64_t)_i;
    double s[LARGEST], U[SQUARE], Wp[SQUARE], workspace[SQUARE + LARGEST];

    for (int rule = SSLDYN_PREDICTOR_DIRECTPRED; rule <= SSLDYN_PREDICTOR_DIRECTSET; rule++) {
        const struct ssldyn_parameters q = rule_of((enum ssldyn_predictor_rule)rule);
        double scaled[SQUARE];
        double want[SQUARE] = {0.0};
        double s_max = 0.0;
        draw_spectrum(&seed, n, s, U);
        for (size_t j = 0; j < n; j++)
            s_max = fmax(s_max, s[j]);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++)
                scaled[i * n + j] = U[i * n + j] * ssldyn_predictor_eigenvalue(&q, s[j], s_max);
        }
        naive_add(n, n, n, 1.0, scaled, false, U, true, want);
        ssldyn_predictor_set(&q, n, s, U, Wp, workspace);
        for (size_t i = 0; i < n * n; i++) {
            CHECK_CLOSE(Wp[i], want[i], 0.0, 1e-13);
            ck_assert(Wp[i] == Wp[i % n * n + i / n]);
        }
    }
}
END_TEST

/* DirectPred with epsilon = 0 keeps the network on the parabola alpha_p = 1: Wp^2 = F. */
START_TEST(test_directpred_squares_to_correlation)
{
    enum { N = 9 };
    uint64_t seed = 91;
    struct ssldyn_parameters q = rule_of(SSLDYN_PREDICTOR_DIRECTPRED);
    double s[LARGEST], U[N * N], Wp[N * N], scaled[N * N], workspace[N * N + N];
    double rest[N * N] = {0.0};

    q.epsilon = 0.0;
    draw_spectrum(&seed, N, s, U);
    ssldyn_predictor_set(&q, N, s, U, Wp, workspace);
    naive_add(N, N, N, 1.0, Wp, false, Wp, false, rest);
    for (size_t i = 0; i < N * N; i++)
        scaled[i] = U[i] * s[i % N];
    naive_add(N, N, N, -1.0, scaled, false, U, true, rest);
    for (size_t i = 0; i < N * N; i++)
        CHECK_CLOSE(rest[i], 0.0, 0.0, 1e-13);
}
END_TEST

/* DirectSet(a) in one mode [D]: p = s^a gives dp/dt = 2 a p [p (tau - c p) - eta]: M4, faster by
 * 2a. */
START_TEST(test_directset_is_the_parabola_sped_up)
{
    uint64_t seed = 92;
    struct ssldyn_parameters q = rule_of(SSLDYN_PREDICTOR_DIRECTSET);

    q.epsilon = 0.0;
    q.rates.eta_s = 0.11;
    q.rates.beta = 0.4;
    for (int trial = 0; trial < 50; trial++) {
        double rate[2];
        q.set_power = draw_between(&seed, 0.2, 2.0);
        const double y[2] = {draw_between(&seed, 0.1, 2.0), draw_between(&seed, 0.1, 1.5)};
        const double p = ssldyn_predictor_eigenvalue(&q, y[0], y[0]);
        ssldyn_modes_rhs_set(&q.rates, p, y, rate);
        const double p_rate = q.set_power * p / y[0] * rate[0];
        CHECK_CLOSE(p_rate, 2.0 * q.set_power * ssldyn_parabola_velocity(&q.rates, p, y[1]), 1e-12,
                    1e-12);
    }
}
END_TEST

/* The optimal predictor without regularization: W decays freely, ds/dt = -2 eta s for any tau. */
START_TEST(test_optimal_mode_only_decays)
{
    struct ssldyn_parameters q = rule_of(SSLDYN_PREDICTOR_OPTIMAL);
    const double y[2] = {0.8, 0.65};
    double rate[2];

    q.rates.eta_s = 0.11;
    q.epsilon = 0.0;
    ssldyn_modes_rhs_set(&q.rates, ssldyn_predictor_mode(&q, y[0], y[0], y[1]), y, rate);
    CHECK_CLOSE(rate[0], -2.0 * 0.11 * 0.8, 1e-15, 1e-16);
    q.epsilon = 0.2; /* p (c s + epsilon) = tau s */
    CHECK_CLOSE(ssldyn_predictor_mode(&q, y[0], y[0], y[1]) * (1.3 * 0.8 + 0.2), 0.65 * 0.8, 1e-15,
                0.0);
    q.epsilon = 0.0;
    CHECK_CLOSE(ssldyn_predictor_mode(&q, 0.0, 0.0, 0.65), 0.65 / 1.3, 1e-15, 0.0);
}
END_TEST

TEST_SUITE(predictor)
{
    tcase_add_test(tests, test_directpred_rule);
    tcase_add_test(tests, test_directset_rule);
    tcase_add_test(tests, test_two_names_one_rule);
    tcase_add_test(tests, test_variance);
    tcase_add_loop_test(tests, test_matrix, 1, LARGEST + 1);
    tcase_add_test(tests, test_directpred_squares_to_correlation);
    tcase_add_test(tests, test_directset_is_the_parabola_sped_up);
    tcase_add_test(tests, test_optimal_mode_only_decays);
}
