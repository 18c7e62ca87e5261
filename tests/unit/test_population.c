/* M1 with every switch and every kind of moments compared with Eqs. 2-4 as plain loops, and laws
 * that hold for any data: Thm 1, Thm 2, rotations. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/population.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS = 4, SWITCHES = 16 };

/* n2 x n1; test_large is above the sizes at which products switch their method. */
static const size_t SHAPES[][2] = {{1, 1}, {2, 3}, {3, 2}, {5, 1}, {8, 8}, {17, 9}, {9, 33}};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof SHAPES[0] };
static const size_t LARGE[2] = {136, 120};

/* All inputs of one evaluation; the moments in full and in the form under test. */
struct problem {
    struct ssldyn_parameters parameters;
    struct ssldyn_moments moments;
    size_t n1, n2;
    double *X, *sum; /* n1 x n1 */
    double *X_given, *sum_given;
    double *Wp, *W, *Wa;
    double *Wp_rate, *W_rate, *Wa_rate;
    double *Wp_want, *W_want, *Wa_want;
    double *E, *T, *workspace;
};

static double *zeros(size_t count)
{
    double *block = calloc(count, sizeof *block);

    ck_assert_ptr_nonnull(block);
    return block;
}

/* X = A A^T/n1, sum = X + B B^T/n1: positive semidefinite; diagonal or c I according to the
 * kind. */
static void draw_moments(struct problem *p, uint64_t *seed, enum ssldyn_moments_kind kind)
{
    const size_t n1 = p->n1;
    double *A = p->T;

    memset(p->X, 0, n1 * n1 * sizeof *p->X);
    memset(p->sum, 0, n1 * n1 * sizeof *p->sum);
    draw_matrix(seed, n1 * n1, A);
    naive_add(n1, n1, n1, 1.0 / (double)n1, A, false, A, true, p->X);
    draw_matrix(seed, n1 * n1, A);
    naive_add(n1, n1, n1, 1.0 / (double)n1, A, false, A, true, p->sum);
    for (size_t i = 0; i < n1 * n1; i++)
        p->sum[i] += p->X[i];
    p->moments = (struct ssldyn_moments){.kind = kind, .n1 = n1, .c = (double)NAN};
    p->moments.X = kind == SSLDYN_MOMENTS_ISOTROPIC ? NULL : p->X_given;
    p->moments.sum = kind == SSLDYN_MOMENTS_ISOTROPIC ? NULL : p->sum_given;
    if (kind == SSLDYN_MOMENTS_ISOTROPIC)
        p->moments.c = 1.37;
    for (size_t i = 0; i < n1; i++) {
        for (size_t j = 0; j < n1; j++) {
            double *x = &p->X[i * n1 + j];
            double *s = &p->sum[i * n1 + j];
            if (kind == SSLDYN_MOMENTS_ISOTROPIC) {
                *x = i == j ? 1.0 : 0.0;
                *s = i == j ? 1.37 : 0.0;
            }
            if (kind == SSLDYN_MOMENTS_DIAGONAL)
                *x = i == j ? *x : 0.0;
            if (kind == SSLDYN_MOMENTS_DIAGONAL || kind == SSLDYN_MOMENTS_HALF)
                *s = i == j ? *s : 0.0;
            if (kind == SSLDYN_MOMENTS_FULL || kind == SSLDYN_MOMENTS_HALF)
                p->X_given[i * n1 + j] = *x;
            else if (i == j)
                p->X_given[i] = *x;
            if (kind == SSLDYN_MOMENTS_FULL)
                p->sum_given[i * n1 + j] = *s;
            else if (i == j)
                p->sum_given[i] = *s;
        }
    }
}

/* Bit 0: tau held, 1: no predictor, 2: symmetric, 3: no stop-gradient (tau held at 1). */
static void problem_create(struct problem *p, uint64_t *seed, size_t n2, size_t n1, int kind,
                           int switches)
{
    const size_t most = n1 > n2 ? n1 : n2;
    double **blocks[] = {&p->X,       &p->sum,    &p->X_given, &p->sum_given, &p->Wp,
                         &p->W,       &p->Wa,     &p->Wp_rate, &p->W_rate,    &p->Wa_rate,
                         &p->Wp_want, &p->W_want, &p->Wa_want, &p->E,         &p->T};

    p->n1 = n1;
    p->n2 = n2;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        *blocks[i] = zeros(most * most);
    p->workspace = zeros(ssldyn_population_workspace(n1, n2));
    draw_moments(p, seed, (enum ssldyn_moments_kind)kind);
    p->parameters = (struct ssldyn_parameters){.rates = {.alpha_p = draw_log(seed, 0.3, 3.0),
                                                         .beta = draw_log(seed, 0.1, 3.0),
                                                         .eta_p = draw_between(seed, 0.1, 0.5),
                                                         .eta_s = draw_between(seed, 0.1, 0.5),
                                                         .c = (double)NAN},
                                               .tau = draw_between(seed, 0.3, 1.4),
                                               .tau_held = (switches & 9) != 0,
                                               .predictor = (switches & 2) == 0,
                                               .symmetric = (switches & 4) != 0,
                                               .stop_grad = (switches & 8) == 0};
    if (!p->parameters.stop_grad)
        p->parameters.tau = 1.0;
    if (p->parameters.symmetric)
        draw_symmetric(seed, n2, p->Wp);
    else
        draw_matrix(seed, n2 * n2, p->Wp);
    draw_matrix(seed, n2 * n1, p->W);
    draw_matrix(seed, n2 * n1, p->Wa);
}

static void problem_free(struct problem *p)
{
    double *blocks[] = {p->X,       p->sum,     p->X_given, p->sum_given, p->Wp,      p->W,
                        p->Wa,      p->Wp_rate, p->W_rate,  p->Wa_rate,   p->Wp_want, p->W_want,
                        p->Wa_want, p->E,       p->T,       p->workspace};

    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        free(blocks[i]);
}

static void evaluate(struct problem *p, bool with_predictor_rate)
{
    const bool held = p->parameters.tau_held;
    const struct ssldyn_weights weights = {
        .Wp = p->parameters.predictor ? p->Wp : NULL, .W = p->W, .Wa = held ? NULL : p->Wa};
    const struct ssldyn_weights_rate rate = {.Wp = with_predictor_rate ? p->Wp_rate : NULL,
                                             .W = p->W_rate,
                                             .Wa = held ? NULL : p->Wa_rate};
    ssldyn_population_rhs(&p->parameters, &p->moments, p->n2, &weights, &rate, p->workspace);
}

/* Lemma 1, Eqs. 2-4, or Thm 2 in its form, by loops. */
static void naive_rhs(struct problem *p)
{
    const struct ssldyn_parameters *q = &p->parameters;
    const size_t n1 = p->n1;
    const size_t n2 = p->n2;
    double *Wp = zeros(n2 * n2);
    double *noise = zeros(n1 * n1); /* X' */

    for (size_t i = 0; i < n2 * n2; i++)
        Wp[i] = q->predictor ? p->Wp[i] : (i % (n2 + 1) == 0 ? 1.0 : 0.0);
    for (size_t i = 0; i < n1 * n1; i++)
        noise[i] = p->sum[i] - p->X[i];
    for (size_t i = 0; i < n1 * n2; i++) {
        p->Wa_want[i] = q->rates.beta * (p->W[i] - p->Wa[i]);
        p->W_want[i] = -q->rates.eta_s * p->W[i];
    }
    memset(p->E, 0, n1 * n2 * sizeof *p->E);
    memset(p->T, 0, n1 * n2 * sizeof *p->T);
    naive_add(n2, n1, n2, 1.0, Wp, false, p->W, false, p->T);
    naive_add(n2, n1, n1, -1.0, p->T, false, p->sum, false, p->E);
    naive_add(n2, n1, n1, q->tau_held ? q->tau : 1.0, q->tau_held ? p->W : p->Wa, false, p->X,
              false, p->E);
    for (size_t i = 0; i < n2 * n2; i++)
        p->Wp_want[i] = q->predictor ? -q->rates.eta_p * p->Wp[i] : 0.0;
    if (q->predictor)
        naive_add(n2, n2, n1, q->rates.alpha_p, p->E, false, p->W, true, p->Wp_want);
    if (q->symmetric) {
        for (size_t i = 0; i < n2; i++) {
            for (size_t j = 0; j < i; j++) {
                const double mean = 0.5 * (p->Wp_want[i * n2 + j] + p->Wp_want[j * n2 + i]);
                p->Wp_want[i * n2 + j] = p->Wp_want[j * n2 + i] = mean;
            }
        }
    }
    if (q->stop_grad) {
        naive_add(n2, n1, n2, 1.0, Wp, true, p->E, false, p->W_want);
    } else {
        /* -(Wp^T Wp + I) W X' - (Wp - I)^T (Wp - I) W X */
        double *A = zeros(n2 * n2);
        naive_add(n2, n2, n2, 1.0, Wp, true, Wp, false, A);
        for (size_t i = 0; i < n2; i++)
            A[i * n2 + i] += 1.0;
        memset(p->T, 0, n1 * n2 * sizeof *p->T);
        naive_add(n2, n1, n1, 1.0, p->W, false, noise, false, p->T);
        naive_add(n2, n1, n2, -1.0, A, false, p->T, false, p->W_want);
        memset(A, 0, n2 * n2 * sizeof *A);
        for (size_t i = 0; i < n2; i++)
            Wp[i * n2 + i] -= 1.0;
        naive_add(n2, n2, n2, 1.0, Wp, true, Wp, false, A);
        memset(p->T, 0, n1 * n2 * sizeof *p->T);
        naive_add(n2, n1, n1, 1.0, p->W, false, p->X, false, p->T);
        naive_add(n2, n1, n2, -1.0, A, false, p->T, false, p->W_want);
        free(A);
    }
    free(Wp);
    free(noise);
}

/* Three successive products of k terms of size up to 1 each: eps k^(3/2) for random signs, k <=
 * 136; with a factor of 100 as margin. */
static double allowance(const struct problem *p)
{
    const double k = (double)(p->n1 + p->n2);

    return 2e-14 * k * sqrt(k);
}

static void compare(const struct problem *p, bool with_predictor_rate)
{
    const double atol = allowance(p);

    for (size_t i = 0; i < p->n1 * p->n2; i++) {
        CHECK_CLOSE(p->W_rate[i], p->W_want[i], 0.0, atol);
        if (!p->parameters.tau_held)
            CHECK_CLOSE(p->Wa_rate[i], p->Wa_want[i], 1e-15, 1e-15);
    }
    for (size_t i = 0; with_predictor_rate && i < p->n2 * p->n2; i++) {
        CHECK_CLOSE(p->Wp_rate[i], p->Wp_want[i], 0.0, atol);
        if (p->parameters.symmetric)
            ck_assert(p->Wp_rate[i] == p->Wp_rate[i % p->n2 * p->n2 + i / p->n2]);
    }
}

/* Index: kind of moments and switches; loops over all shapes. */
START_TEST(test_equations)
{
    uint64_t seed = 1001 + (uint64_t)_i;

    for (size_t shape = 0; shape < SHAPE_COUNT; shape++) {
        struct problem p;
        problem_create(&p, &seed, SHAPES[shape][0], SHAPES[shape][1], _i % KINDS, _i / KINDS);
        naive_rhs(&p);
        evaluate(&p, true);
        compare(&p, true);
        memset(p.W_rate, 0, p.n1 * p.n2 * sizeof *p.W_rate);
        evaluate(&p, false);
        compare(&p, false);
        problem_free(&p);
    }
}
END_TEST

START_TEST(test_large)
{
    uint64_t seed = 2001 + (uint64_t)_i;
    struct problem p;

    problem_create(&p, &seed, LARGE[0], LARGE[1], _i, 0);
    naive_rhs(&p);
    evaluate(&p, true);
    compare(&p, true);
    problem_free(&p);
}
END_TEST

/* Thm 1: dW/dt W^T + W dW^T/dt - (dWp^T/dt Wp + Wp^T dWp/dt)/alpha_p = -2 eta (W W^T - Wp^T
 * Wp/alpha_p). */
START_TEST(test_balance)
{
    uint64_t seed = 3001 + (uint64_t)_i;
    struct problem p;

    problem_create(&p, &seed, 9, 13, _i, 0);
    p.parameters.rates.eta_p = p.parameters.rates.eta_s;
    evaluate(&p, true);
    const double alpha_p = p.parameters.rates.alpha_p;
    const double eta = p.parameters.rates.eta_s;
    double *rest = zeros(81);
    naive_add(9, 9, 13, 1.0, p.W_rate, false, p.W, true, rest);
    naive_add(9, 9, 13, 1.0, p.W, false, p.W_rate, true, rest);
    naive_add(9, 9, 9, -1.0 / alpha_p, p.Wp_rate, true, p.Wp, false, rest);
    naive_add(9, 9, 9, -1.0 / alpha_p, p.Wp, true, p.Wp_rate, false, rest);
    naive_add(9, 9, 13, 2.0 * eta, p.W, false, p.W, true, rest);
    naive_add(9, 9, 9, -2.0 * eta / alpha_p, p.Wp, true, p.Wp, false, rest);
    for (size_t i = 0; i < 81; i++)
        CHECK_CLOSE(rest[i], 0.0, 0.0, 1e-12);
    free(rest);
    problem_free(&p);
}
END_TEST

/* Thm 2: d|W|^2/dt = 2 <W, dW/dt> = -2 vec(W)^T H vec(W) <= -2 eta |W|^2. */
START_TEST(test_without_stop_gradient_shrinks)
{
    uint64_t seed = 4001 + (uint64_t)_i;

    for (int trial = 0; trial < 50; trial++) {
        struct problem p;
        double growth = 0.0;
        double square = 0.0;
        problem_create(&p, &seed, 6, 5, _i, 8);
        evaluate(&p, true);
        for (size_t i = 0; i < 30; i++) {
            growth += p.W[i] * p.W_rate[i];
            square += p.W[i] * p.W[i];
        }
        ck_assert_msg(growth <= -p.parameters.rates.eta_s * square * (1.0 - 1e-12),
                      "|W| grows without stop-gradient: %g, |W|^2 = %g", growth, square);
        problem_free(&p);
    }
}
END_TEST

/* Rotated data, W Q^T, Wa Q^T, Q X Q^T: the predictor's rate is unchanged, the others rotate. */
START_TEST(test_rotated_data)
{
    enum { N1 = 12, N2 = 7 };
    uint64_t seed = 5001 + (uint64_t)_i;
    struct problem p;
    struct problem turned;
    double *Q = zeros(N1 * N1);
    double *T = zeros(N1 * N1);
    double *back = zeros(N1 * N2);

    problem_create(&p, &seed, N2, N1, _i, 0);
    problem_create(&turned, &seed, N2, N1, SSLDYN_MOMENTS_FULL, 0);
    turned.parameters = p.parameters;
    draw_orthogonal(&seed, N1, Q);
    memcpy(turned.Wp, p.Wp, N2 * N2 * sizeof *Q);
    memset(turned.W, 0, N1 * N2 * sizeof *Q);
    memset(turned.Wa, 0, N1 * N2 * sizeof *Q);
    naive_add(N2, N1, N1, 1.0, p.W, false, Q, true, turned.W);
    naive_add(N2, N1, N1, 1.0, p.Wa, false, Q, true, turned.Wa);
    for (int which = 0; which < 2; which++) {
        double *given = which == 0 ? turned.X_given : turned.sum_given;
        memset(T, 0, N1 * N1 * sizeof *T);
        memset(given, 0, N1 * N1 * sizeof *given);
        naive_add(N1, N1, N1, 1.0, Q, false, which == 0 ? p.X : p.sum, false, T);
        naive_add(N1, N1, N1, 1.0, T, false, Q, true, given);
    }
    evaluate(&p, true);
    evaluate(&turned, true);
    naive_add(N2, N1, N1, 1.0, turned.W_rate, false, Q, false, back);
    for (size_t i = 0; i < N1 * N2; i++)
        CHECK_CLOSE(back[i], p.W_rate[i], 0.0, 1e-12);
    for (size_t i = 0; i < N2 * N2; i++)
        CHECK_CLOSE(turned.Wp_rate[i], p.Wp_rate[i], 0.0, 1e-12);
    free(Q);
    free(T);
    free(back);
    problem_free(&p);
    problem_free(&turned);
}
END_TEST

TEST_SUITE(population)
{
    tcase_add_loop_test(tests, test_equations, 0, KINDS * SWITCHES);
    tcase_add_loop_test(tests, test_large, 0, KINDS);
    tcase_add_loop_test(tests, test_balance, 0, KINDS);
    tcase_add_loop_test(tests, test_without_stop_gradient_shrinks, 0, KINDS);
    tcase_add_loop_test(tests, test_rotated_data, 0, KINDS);
}
