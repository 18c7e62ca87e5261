/* Effective linear predictors with a closed form: for Gaussian inputs E[sigma(a.f) f] =
 * E[dsigma(a.f)] F a, with dsigma the derivative of sigma (Stein), so that a two-layer predictor W2
 * relu(W1 f) has the effective predictor W2 W1/2. */
// SPDX-License-Identifier: MIT
#include "sim/align/effective.h"
#include "tests/close.h"
#include "tests/predictor_samples.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 6, HIDDEN = 20, MOST = 2000 };
static const double deviations[N] = {2.0, 1.6, 1.2, 0.9, 0.6, 0.4};

/* f = U diag(deviations) z; W2 relu(W1 f) + noise; A is its effective predictor. */
struct network {
    double U[N * N], W1[HIDDEN * N], W2[N * HIDDEN], A[N * N];
    double noise;
    bool linear;
};

/* With W2 = W1^T and evenly spread rows A is nearly aligned; otherwise it is not. */
static void draw_network(uint64_t *state, bool aligned, bool linear, double noise,
                         struct network *network)
{
    *network = (struct network){.noise = noise, .linear = linear};
    draw_orthogonal(state, N, network->U);
    for (size_t h = 0; h < HIDDEN; h++) {
        double z[N];
        for (size_t j = 0; j < N; j++)
            z[j] = sample_normal(state) / sqrt((double)HIDDEN) * (aligned ? deviations[j] : 1.0);
        for (size_t j = 0; j < N; j++) {
            for (size_t k = 0; k < N; k++)
                network->W1[h * N + j] += network->U[j * N + k] * z[k];
        }
    }
    for (size_t i = 0; i < N * HIDDEN; i++)
        network->W2[i] = aligned ? network->W1[i % HIDDEN * N + i / HIDDEN]
                                 : sample_normal(state) / sqrt((double)HIDDEN);
    naive_add(N, N, HIDDEN, linear ? 1.0 : 0.5, network->W2, false, network->W1, false, network->A);
}

static void draw_samples(uint64_t *state, const struct network *network, size_t count, double f[],
                         double q[])
{
    for (size_t i = 0; i < count; i++) {
        double z[N];
        double hidden[HIDDEN] = {0};
        double *x = f + i * N;
        for (size_t j = 0; j < N; j++)
            z[j] = deviations[j] * sample_normal(state);
        memset(x, 0, N * sizeof(double));
        naive_add(N, 1, N, 1.0, network->U, false, z, false, x);
        naive_add(HIDDEN, 1, N, 1.0, network->W1, false, x, false, hidden);
        for (size_t h = 0; h < HIDDEN && !network->linear; h++)
            hidden[h] = fmax(hidden[h], 0.0);
        for (size_t j = 0; j < N; j++)
            q[i * N + j] = network->noise * sample_normal(state);
        naive_add(N, 1, HIDDEN, 1.0, network->W2, false, hidden, false, q + i * N);
    }
}

/* Share of the variance of W2 relu(W1 f) + noise that A f explains: for relu(g), with g normal of
 * covariance C, Cov(relu g_h, relu g_k) follows from the arc-cosine kernel of degree one (Cho and
 * Saul 2009). */
static double true_share(const struct network *network)
{
    double F[N * N] = {0};
    double C[HIDDEN * HIDDEN] = {0};
    double half[HIDDEN * N] = {0};
    double linear = 0.0;
    double total = (double)N * network->noise * network->noise;
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < N; k++)
            for (size_t j = 0; j < N; j++)
                F[i * N + k] +=
                    network->U[i * N + j] * deviations[j] * deviations[j] * network->U[k * N + j];
    naive_add(HIDDEN, N, N, 1.0, network->W1, false, F, false, half);
    naive_add(HIDDEN, HIDDEN, N, 1.0, half, false, network->W1, true, C);
    for (size_t h = 0; h < HIDDEN; h++) {
        for (size_t k = 0; k < HIDDEN; k++) {
            const double scale = sqrt(C[h * (HIDDEN + 1)] * C[k * (HIDDEN + 1)]);
            const double rho = fmin(fmax(C[h * HIDDEN + k] / scale, -1.0), 1.0);
            const double pi = acos(-1.0);
            const double second =
                (sqrt(1.0 - rho * rho) + rho * (pi - acos(rho))) * scale / (2.0 * pi);
            const double covariance = second - scale / (2.0 * pi);
            for (size_t i = 0; i < N; i++) {
                const double both = network->W2[i * HIDDEN + h] * network->W2[i * HIDDEN + k];
                total += both * (network->linear ? C[h * HIDDEN + k] : covariance);
                linear += both * C[h * HIDDEN + k] * (network->linear ? 1.0 : 0.25);
            }
        }
    }
    return linear / total;
}

/* How often intervals of 1.96 errors contain the value. */
struct tally {
    size_t p, cosine, modes, cosines, share, trials;
};

static bool holds(double value, double error, double truth)
{
    return fabs(value - truth) <= 1.96 * error;
}

static void add_trial(uint64_t *state, const struct network *network, size_t count, bool centered,
                      double share, struct tally *tally)
{
    static double f[MOST * N];
    static double q[MOST * N];
    struct sample_fit fit;
    draw_samples(state, network, count, f, q);
    sample_fit(N, count, centered, f, q, &fit);
    ck_assert_int_eq(fit.status, SSLDYN_OK);
    for (size_t j = 0; j < N; j++) {
        double length = 0.0;
        const double truth = sample_p(N, network->A, network->U, j, &length);
        const double p = sample_p(N, fit.A, fit.U, j, &(double){0.0});
        tally->modes++;
        tally->p += holds(p, fit.measures.p_error[j], truth) ? 1 : 0;
        if (isnan(fit.measures.cosine[j]))
            continue;
        tally->cosines++;
        tally->cosine +=
            holds(fit.measures.cosine[j], fit.measures.cos_error[j], truth / length) ? 1 : 0;
    }
    tally->share += holds(fit.measures.share, fit.measures.share_error, share) ? 1 : 0;
    tally->trials++;
    sample_clear(&fit);
}

static const struct setting {
    bool aligned, linear, centered;
    double noise;
    size_t count;
} settings[] = {
    {true, false, false, 0.0, 400},   {false, false, false, 0.0, 400},
    {false, false, true, 0.5, 400},   {true, true, false, 0.5, 400},
    {false, true, true, 0.5, 120},    {true, false, false, 0.2, 120},
    {false, false, false, 0.0, 2000}, {true, false, true, 1.0, 2000},
};
enum { SETTINGS = sizeof settings / sizeof settings[0], QUICK = 4 };

/* SSLDYN_COVERAGE=TRIALS prints the coverage of each setting with that many trials. */
START_TEST(intervals_cover_what_they_promise)
{
    const char *asked = getenv("SSLDYN_COVERAGE");
    const size_t trials = asked != NULL ? (size_t)strtoul(asked, NULL, 10) : 60;
    for (size_t i = 0; i < (asked != NULL ? (size_t)SETTINGS : QUICK); i++) {
        const struct setting *setting = &settings[i];
        struct network network;
        struct tally tally = {0};
        uint64_t state = 100 + i;
        draw_network(&state, setting->aligned, setting->linear, setting->noise, &network);
        const double share = true_share(&network);
        for (size_t trial = 0; trial < trials; trial++)
            add_trial(&state, &network, setting->count, setting->centered, share, &tally);
        const double modes = (double)tally.modes;
        if (asked != NULL) {
            printf("# N %zu %s %s %s noise %.1f: share %.3f; covered p %.3f, cos %.3f of %.3f, "
                   "share %.3f\n",
                   setting->count, setting->aligned ? "aligned" : "any",
                   setting->linear ? "linear" : "relu",
                   setting->centered ? "centered" : "second moment", setting->noise, share,
                   (double)tally.p / modes, (double)tally.cosine / (double)tally.cosines,
                   (double)tally.cosines / modes, (double)tally.share / (double)tally.trials);
            continue;
        }
        /* Of 360 draws at .95 fewer than .90 have a probability of 1e-4 (binomial); of 60 draws
         * fewer than 50. */
        ck_assert_double_gt((double)tally.p, 0.9 * modes);
        ck_assert_double_gt((double)tally.cosine, 0.9 * (double)tally.cosines);
        ck_assert_uint_ge(tally.share, 50);
    }
}
END_TEST

/* A two-layer predictor: A is within four errors of W2 W1/2, entry by entry in the eigenbasis. */
START_TEST(relu_halves_the_product)
{
    static double f[MOST * N];
    static double q[MOST * N];
    struct network network;
    struct sample_fit fit;
    uint64_t state = 3;
    draw_network(&state, false, false, 0.0, &network);
    draw_samples(&state, &network, MOST, f, q);
    sample_fit(N, MOST, false, f, q, &fit);
    double off = 0.0;
    for (size_t i = 0; i < N * N; i++)
        off += (fit.A[i] - network.A[i]) * (fit.A[i] - network.A[i]);
    /* |A - E A|^2 is about measures.noise |A|^2, a sum of 36 squares: within a factor of 2. */
    const double expected = fit.measures.noise * ssldyn_dense_dot(N * N, fit.A, fit.A);
    ck_assert_double_lt(off, 2.0 * expected);
    ck_assert_double_gt(off, 0.5 * expected);
    ck_assert_double_lt(fit.measures.noise, 0.05);
    ck_assert_double_lt(fabs(fit.measures.share - true_share(&network)),
                        4.0 * fit.measures.share_error);
    CHECK_CLOSE(fit.measures.asymmetry, ssldyn_dense_asymmetry(N, network.A), 0.05, 0.0);
    sample_clear(&fit);
}
END_TEST

TEST_SUITE(effective)
{
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, relu_halves_the_product);
    tcase_add_test(tests, intervals_cover_what_they_promise);
}
