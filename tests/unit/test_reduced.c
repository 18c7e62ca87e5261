/* M2 compared with its equations as plain loops, with M1 under its assumptions, and with M3 when
 * aligned. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/modes.h"
#include "theory/population.h"
#include "theory/reduced.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 40, SQUARE = LARGEST * LARGEST, WORKSPACE = 2 * SQUARE + 16 * LARGEST };

static const size_t SIZES[] = {1, 2, 3, 7, 16, 33};
enum { SIZE_COUNT = sizeof SIZES / sizeof SIZES[0] };

/* Sums of n <= 40 products of two or three factors of size 1..3: eps n 3^3 < 3e-13; ten times that
 * is allowed. */
static const double TINY = 3e-12;

static struct ssldyn_parameters draw_parameters(uint64_t *seed)
{
    return (struct ssldyn_parameters){.rates = {.alpha_p = draw_log(seed, 0.3, 3.0),
                                                .beta = draw_log(seed, 0.01, 5.0),
                                                .eta_p = draw_between(seed, 0.0, 0.5),
                                                .eta_s = draw_between(seed, 0.0, 0.5),
                                                .c = draw_between(seed, 1.0, 2.5)},
                                      .stop_grad = true,
                                      .predictor = true};
}

/* F = W W^T */
static void draw_correlation(uint64_t *seed, size_t n, double W[], double F[])
{
    draw_matrix(seed, n * n, W);
    memset(F, 0, n * n * sizeof *F);
    naive_add(n, n, n, 1.0, W, false, W, true, F);
}

/* Eqs. 6-7 (SM 67) or SM 62, term by term. */
static void naive_rhs(const struct ssldyn_parameters *q, size_t n, const double Wp[],
                      const double F[], double tau, double Wp_rate[], double F_rate[])
{
    const struct ssldyn_rates *r = &q->rates;
    double P[SQUARE] = {0.0}; /* Wp^T Wp */

    naive_add(n, n, n, 1.0, Wp, true, Wp, false, P);
    for (size_t i = 0; i < n * n; i++) {
        Wp_rate[i] = r->alpha_p * tau * F[i] - r->eta_p * Wp[i];
        F_rate[i] = -2.0 * r->eta_s * F[i];
    }
    if (q->symmetric) {
        naive_add(n, n, n, -0.5 * r->alpha_p * r->c, Wp, false, F, false, Wp_rate);
        naive_add(n, n, n, -0.5 * r->alpha_p * r->c, F, false, Wp, false, Wp_rate);
    } else {
        naive_add(n, n, n, -r->alpha_p * r->c, Wp, false, F, false, Wp_rate);
    }
    naive_add(n, n, n, -r->c, P, false, F, false, F_rate);
    naive_add(n, n, n, -r->c, F, false, P, false, F_rate);
    naive_add(n, n, n, tau, Wp, true, F, false, F_rate);
    naive_add(n, n, n, tau, F, false, Wp, false, F_rate);
}

/* Index: size, and whether Wp is symmetric. */
START_TEST(test_equations)
{
    const size_t n = SIZES[_i / 2];
    uint64_t seed = 101 + (uint64_t)_i;
    struct ssldyn_parameters q = draw_parameters(&seed);
    double W[SQUARE], F[SQUARE], Wp[SQUARE], workspace[WORKSPACE];
    double Wp_rate[SQUARE], F_rate[SQUARE], Wp_want[SQUARE], F_want[SQUARE];
    double tau_rate;
    double trace_F = 0.0;
    double trace_rate = 0.0;

    ck_assert_uint_le(ssldyn_reduced_workspace(n), WORKSPACE);
    q.symmetric = _i % 2 == 1;
    draw_correlation(&seed, n, W, F);
    if (q.symmetric)
        draw_symmetric(&seed, n, Wp);
    else
        draw_matrix(&seed, n * n, Wp);
    ssldyn_reduced_rhs(&q, n, Wp, F, 0.73, Wp_rate, F_rate, &tau_rate, workspace);
    naive_rhs(&q, n, Wp, F, 0.73, Wp_want, F_want);
    for (size_t i = 0; i < n * n; i++) {
        CHECK_CLOSE(Wp_rate[i], Wp_want[i], TINY, TINY * (double)n);
        CHECK_CLOSE(F_rate[i], F_want[i], TINY, TINY * (double)n);
        /* the symmetry is exact, so that it persists for a million steps */
        const size_t mirrored = i % n * n + i / n;
        ck_assert(F_rate[i] == F_rate[mirrored]);
        ck_assert(!q.symmetric || Wp_rate[i] == Wp_rate[mirrored]);
    }
    for (size_t i = 0; i < n; i++) {
        trace_F += F[i * n + i];
        trace_rate += F_want[i * n + i];
    }
    CHECK_CLOSE(tau_rate, q.rates.beta * (1.0 - 0.73) - 0.73 * trace_rate / (2.0 * trace_F),
                TINY * (double)n, TINY * (double)n);
}
END_TEST

/* X = I, X' = (c - 1) I, Wa = tau W: dF/dt = dW/dt W^T + W dW^T/dt. */
START_TEST(test_agrees_with_population)
{
    const size_t n = SIZES[_i / 2];
    uint64_t seed = 201 + (uint64_t)_i;
    struct ssldyn_parameters q = draw_parameters(&seed);
    double W[SQUARE], F[SQUARE], Wp[SQUARE] = {0.0}, workspace[WORKSPACE];
    double Wp_rate[SQUARE], F_rate[SQUARE], Wp_full[SQUARE], W_full[SQUARE];
    double F_full[SQUARE] = {0.0};

    q.symmetric = _i % 2 == 1;
    q.tau_held = true;
    q.tau = 0.73;
    draw_correlation(&seed, n, W, F);
    if (q.symmetric)
        draw_symmetric(&seed, n, Wp);
    else
        draw_matrix(&seed, n * n, Wp);
    ssldyn_reduced_rhs(&q, n, Wp, F, q.tau, Wp_rate, F_rate, NULL, workspace);
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = n, .c = q.rates.c};
    const struct ssldyn_weights weights = {.Wp = Wp, .W = W};
    const struct ssldyn_weights_rate rate = {.Wp = Wp_full, .W = W_full};
    ssldyn_population_rhs(&q, &moments, n, &weights, &rate, workspace);
    naive_add(n, n, n, 1.0, W_full, false, W, true, F_full);
    naive_add(n, n, n, 1.0, W, false, W_full, true, F_full);
    for (size_t i = 0; i < n * n; i++) {
        CHECK_CLOSE(Wp_rate[i], Wp_full[i], TINY, TINY * (double)n);
        CHECK_CLOSE(F_rate[i], F_full[i], TINY, TINY * (double)n);
    }
}
END_TEST

/* Diagonal Wp and F: each entry is a mode; with equal modes the trace's tau is the mode's. */
START_TEST(test_agrees_with_modes)
{
    enum { N = 5 };
    uint64_t seed = 301;
    struct ssldyn_parameters q = draw_parameters(&seed);
    double Wp[N * N] = {0.0}, F[N * N] = {0.0}, Wp_rate[N * N], F_rate[N * N], workspace[WORKSPACE];
    double K[N * N];
    double tau_rate;
    double mode[3];

    q.symmetric = _i == 1;
    for (size_t i = 0; i < N; i++) {
        Wp[i * N + i] = draw_between(&seed, -1.0, 1.0);
        F[i * N + i] = draw_between(&seed, 0.1, 1.0);
    }
    ssldyn_reduced_rhs(&q, N, Wp, F, 1.2, Wp_rate, F_rate, NULL, workspace);
    ssldyn_reduced_alignment_matrix(&q.rates, N, Wp, F, 1.2, K);
    for (size_t i = 0; i < N * N; i++) {
        const double y[3] = {Wp[i], F[i], 1.2};
        ssldyn_modes_rhs(&q.rates, y, mode);
        CHECK_CLOSE(Wp_rate[i], i % (N + 1) == 0 ? mode[0] : 0.0, TINY, TINY);
        CHECK_CLOSE(F_rate[i], i % (N + 1) == 0 ? mode[1] : 0.0, TINY, TINY);
        CHECK_CLOSE(
            K[i], i % (N + 1) == 0 ? ssldyn_modes_alignment_rate(&q.rates, Wp[i], F[i], 1.2) : 0.0,
            TINY, TINY);
    }
    for (size_t i = 0; i < N; i++) {
        Wp[i * N + i] = 0.6;
        F[i * N + i] = 0.8;
    }
    ssldyn_reduced_rhs(&q, N, Wp, F, 1.2, Wp_rate, F_rate, &tau_rate, workspace);
    ssldyn_modes_rhs(&q.rates, (const double[3]){0.6, 0.8, 1.2}, mode);
    CHECK_CLOSE(tau_rate, mode[2], TINY, TINY);
}
END_TEST

/* If W has vanished only decay acts. */
START_TEST(test_no_trace)
{
    uint64_t seed = 401;
    const struct ssldyn_parameters q = draw_parameters(&seed);
    const double F[4] = {0.0};
    const double Wp[4] = {0.3, 0.1, 0.2, 0.4};
    double Wp_rate[4], F_rate[4], workspace[WORKSPACE];
    double tau_rate;

    ssldyn_reduced_rhs(&q, 2, Wp, F, 1.7, Wp_rate, F_rate, &tau_rate, workspace);
    CHECK_CLOSE(tau_rate, q.rates.beta * (1.0 - 1.7) + q.rates.eta_s * 1.7, 1e-15, 1e-15);
    for (size_t i = 0; i < 4; i++) {
        CHECK_CLOSE(Wp_rate[i], -q.rates.eta_p * Wp[i], 1e-15, 0.0);
        CHECK_CLOSE(F_rate[i], 0.0, 0.0, 0.0);
    }
}
END_TEST

/* F = Wp^T Wp/alpha_p; K of Thm 3 as loops. */
START_TEST(test_closure_and_alignment_matrix)
{
    const size_t n = SIZES[_i];
    uint64_t seed = 501 + (uint64_t)_i;
    const struct ssldyn_parameters q = draw_parameters(&seed);
    const struct ssldyn_rates *r = &q.rates;
    double Wp[SQUARE], F[SQUARE], K[SQUARE];
    double want[SQUARE] = {0.0};

    draw_matrix(&seed, n * n, Wp);
    ssldyn_reduced_closure(r->alpha_p, n, Wp, F);
    naive_add(n, n, n, 1.0 / r->alpha_p, Wp, true, Wp, false, want);
    for (size_t i = 0; i < n * n; i++) {
        CHECK_CLOSE(F[i], want[i], TINY, TINY);
        ck_assert(F[i] == F[i % n * n + i / n]);
    }
    ssldyn_reduced_alignment_matrix(r, n, Wp, F, 0.9, K);
    for (size_t i = 0; i < n * n; i++) {
        want[i] = r->c * (0.5 * r->alpha_p * F[i] - 0.9 / r->c * Wp[i]);
        want[i] += i % (n + 1) == 0 ? 0.5 * r->eta_p + r->eta_s : 0.0;
    }
    naive_add(n, n, n, r->c, Wp, false, Wp, false, want);
    for (size_t i = 0; i < n * n; i++)
        CHECK_CLOSE(K[i], want[i], TINY, TINY);
}
END_TEST

TEST_SUITE(reduced)
{
    tcase_add_loop_test(tests, test_equations, 0, 2 * SIZE_COUNT);
    tcase_add_loop_test(tests, test_agrees_with_population, 0, 2 * SIZE_COUNT);
    tcase_add_loop_test(tests, test_agrees_with_modes, 0, 2);
    tcase_add_test(tests, test_no_trace);
    tcase_add_loop_test(tests, test_closure_and_alignment_matrix, 0, SIZE_COUNT);
}
