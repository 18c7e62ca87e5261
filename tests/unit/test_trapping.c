/* The trapping region of matrices: the inequalities of its proof on random networks, and long
 * solutions from inside it, computed with a separate Runge-Kutta method. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/population.h"
#include "theory/trapping.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N1 = 5, N2 = 4, SQUARE = N2 * N2, RECTANGLE = N2 * N1, SIZE = SQUARE + 2 * RECTANGLE };

struct network {
    struct ssldyn_parameters parameters;
    struct ssldyn_moments moments;
    double X[N1 * N1], sum[N1 * N1];
    double lambda;
};

/* X = A A^T/n1 and X' diagonal, lambda by the power method. */
static void draw_network(uint64_t *seed, struct network *network)
{
    double A[N1 * N1];
    memset(network, 0, sizeof *network);
    draw_matrix(seed, N1 * N1, A);
    naive_add(N1, N1, N1, 1.0 / (double)N1, A, false, A, true, network->X);
    double trace = 0.0;
    for (size_t i = 0; i < N1; i++)
        trace += network->X[i * (N1 + 1)];
    memcpy(network->sum, network->X, sizeof network->sum);
    for (size_t i = 0; i < N1; i++)
        network->sum[i * (N1 + 1)] += draw_between(seed, 0.05, 0.5);
    /* power method; the Rayleigh quotient is below the eigenvalue by the square of the angle */
    double v[N1];
    double w[N1];
    for (size_t i = 0; i < N1; i++)
        v[i] = draw_between(seed, 0.5, 1.0);
    for (int k = 0; k < 4000; k++) {
        double size = 0.0;
        memset(w, 0, sizeof w);
        naive_add(N1, 1, N1, 1.0, network->X, false, v, false, w);
        for (size_t i = 0; i < N1; i++)
            size += w[i] * w[i];
        network->lambda = sqrt(size);
        for (size_t i = 0; i < N1; i++)
            v[i] = w[i] / network->lambda;
    }
    ck_assert(network->lambda <= trace);
    network->moments = (struct ssldyn_moments){.kind = SSLDYN_MOMENTS_FULL,
                                               .n1 = N1,
                                               .c = (double)NAN,
                                               .X = network->X,
                                               .sum = network->sum};
    network->parameters = (struct ssldyn_parameters){.rates = {.alpha_p = draw_log(seed, 0.2, 8.0),
                                                               .beta = draw_log(seed, 0.05, 5.0),
                                                               .eta_p = draw_log(seed, 0.02, 0.5),
                                                               .eta_s = draw_log(seed, 0.02, 0.5),
                                                               .c = (double)NAN},
                                                     .stop_grad = true,
                                                     .predictor = true,
                                                     .rule = SSLDYN_PREDICTOR_GRADIENT};
}

static double norm(size_t count, const double A[])
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += A[i] * A[i];
    return sqrt(sum);
}

static double dot(size_t count, const double A[], const double B[])
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += A[i] * B[i];
    return sum;
}

/* y = (Wp, W, Wa). */
static void rhs(const struct network *network, const double y[], double dydt[])
{
    double workspace[4096];
    ck_assert_uint_le(ssldyn_population_workspace(N1, N2), 4096);
    const bool held = network->parameters.tau_held;
    const struct ssldyn_weights weights = {
        .Wp = y, .W = y + SQUARE, .Wa = held ? NULL : y + SQUARE + RECTANGLE};
    const struct ssldyn_weights_rate rate = {network->parameters.predictor ? dydt : NULL,
                                             dydt + SQUARE,
                                             held ? NULL : dydt + SQUARE + RECTANGLE};
    memset(dydt, 0, SIZE * sizeof *dydt);
    ssldyn_population_rhs(&network->parameters, &network->moments, N2, &weights, &rate, workspace);
}

static void step(const struct network *network, double h, double y[])
{
    double k[4][SIZE];
    double at[SIZE];
    const double share[4] = {0.0, 0.5, 0.5, 1.0};
    for (int i = 0; i < 4; i++) {
        for (size_t q = 0; q < SIZE; q++)
            at[q] = y[q] + (i > 0 ? share[i] * h * k[i - 1][q] : 0.0);
        rhs(network, at, k[i]);
    }
    for (size_t q = 0; q < SIZE; q++)
        y[q] += h / 6.0 * (k[0][q] + 2.0 * k[1][q] + 2.0 * k[2][q] + k[3][q]);
}

static bool judge(const struct network *network, const double y[])
{
    return ssldyn_trapping_collapse(&network->parameters, network->lambda, norm(SQUARE, y),
                                    norm(RECTANGLE, y + SQUARE),
                                    norm(RECTANGLE, y + SQUARE + RECTANGLE));
}

/* The three inequalities that imply all others, up to rounding. */
START_TEST(inequalities_of_the_proof)
{
    uint64_t seed = 385;
    for (int trial = 0; trial < 400; trial++) {
        struct network network;
        double y[SIZE];
        double dydt[SIZE];
        draw_network(&seed, &network);
        network.parameters.symmetric = trial % 2 == 1;
        draw_matrix(&seed, SIZE, y);
        if (network.parameters.symmetric)
            draw_symmetric(&seed, N2, y);
        rhs(&network, y, dydt);
        const struct ssldyn_rates *rates = &network.parameters.rates;
        const double *W = y + SQUARE;
        const double *Wa = W + RECTANGLE;
        const double P = norm(SQUARE, y);
        const double X = norm(RECTANGLE, W);
        const double A = norm(RECTANGLE, Wa);
        const double pull = network.lambda * (1.0 + 1e-12);
        ck_assert_double_le(dot(SQUARE, y, dydt) / P,
                            rates->alpha_p * pull * A * X - rates->eta_p * P + 1e-13);
        ck_assert_double_le(dot(RECTANGLE, W, dydt + SQUARE) / X,
                            pull * P * A - rates->eta_s * X + 1e-13);
        ck_assert_double_le(dot(RECTANGLE, Wa, dydt + SQUARE + RECTANGLE) / A,
                            rates->beta * (X - A) + 1e-13);
    }
}
END_TEST

/* From just inside the region W never leaves the box, and vanishes. */
START_TEST(trapped_networks_collapse)
{
    uint64_t seed = 2385;
    for (int trial = 0; trial < 24; trial++) {
        struct network network;
        double y[SIZE];
        draw_network(&seed, &network);
        const struct ssldyn_rates *rates = &network.parameters.rates;
        network.parameters.tau_held = trial % 4 == 3;
        network.parameters.tau = draw_between(&seed, 0.3, 1.7);
        const double pull = network.lambda * (trial % 4 == 3 ? network.parameters.tau : 1.0);
        draw_matrix(&seed, SIZE, y);
        const double P = 0.98 * rates->eta_s / pull / norm(SQUARE, y);
        const double r = 0.98 * sqrt(rates->eta_p * rates->eta_s / rates->alpha_p) / pull;
        const double X = r / norm(RECTANGLE, y + SQUARE);
        const double A = r / norm(RECTANGLE, y + SQUARE + RECTANGLE);
        for (size_t q = 0; q < SIZE; q++)
            y[q] *= q < SQUARE ? P : q < SQUARE + RECTANGLE ? X : A;
        ck_assert(judge(&network, y));
        const double slowest = fmin(fmin(rates->eta_s, rates->eta_p), rates->beta);
        const double largest = fmax(fmax(rates->eta_s, rates->eta_p), rates->beta);
        const double h = 0.2 / fmax(1.0, largest);
        for (double t = 0.0; t < 900.0 / slowest; t += h) {
            step(&network, h, y);
            ck_assert_double_lt(norm(RECTANGLE, y + SQUARE), r);
            if (norm(RECTANGLE, y + SQUARE) < 1e-3 * r)
                break;
        }
        ck_assert_double_lt(norm(RECTANGLE, y + SQUARE), 1e-3 * r);
    }
}
END_TEST

/* Violating any single condition prevents the verdict. */
START_TEST(outside_there_is_no_verdict)
{
    struct ssldyn_parameters parameters = {
        .rates = {.alpha_p = 2.5, .beta = 0.4, .eta_p = 0.3, .eta_s = 0.2, .c = 1.25},
        .stop_grad = true,
        .predictor = true};
    const double lambda = 1.7;
    const double P = 0.2 / 1.7;
    const double r = sqrt(0.3 * 0.2 / 2.5) / 1.7;
    ck_assert(ssldyn_trapping_collapse(&parameters, lambda, 0.99 * P, 0.99 * r, 0.99 * r));
    ck_assert(!ssldyn_trapping_collapse(&parameters, lambda, 1.01 * P, 0.99 * r, 0.99 * r));
    ck_assert(!ssldyn_trapping_collapse(&parameters, lambda, 0.99 * P, 1.01 * r, 0.99 * r));
    ck_assert(!ssldyn_trapping_collapse(&parameters, lambda, 0.99 * P, 0.99 * r, 1.01 * r));
    parameters.rates.beta = 0.0; /* a frozen target pulls forever */
    ck_assert(!ssldyn_trapping_collapse(&parameters, lambda, 0.99 * P, 0.99 * r, 0.99 * r));
    parameters.rates.beta = 0.4;
    parameters.rates.eta_p = 0.0;
    ck_assert(!ssldyn_trapping_collapse(&parameters, lambda, 0.0, 0.0, 0.0));
    parameters.rates.eta_p = 0.3;
    parameters.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    ck_assert(!ssldyn_trapping_collapse(&parameters, lambda, 0.99 * P, 0.99 * r, 0.99 * r));
    parameters.rule = SSLDYN_PREDICTOR_GRADIENT;
    ck_assert(!ssldyn_trapping_collapse(&parameters, lambda, (double)NAN, 0.99 * r, 0.99 * r));
}
END_TEST

/* Without predictor or stop-gradient every start collapses: |W| falls to a thousandth, and V of the
 * proof decreases by at least 2 eta_s |W|^2. */
START_TEST(settings_that_always_collapse)
{
    uint64_t seed = 23;
    for (int trial = 0; trial < 12; trial++) {
        struct network network;
        double y[SIZE];
        double dydt[SIZE];
        draw_network(&seed, &network);
        network.parameters.predictor = trial % 2 == 1;
        network.parameters.stop_grad = trial % 2 == 0;
        if (!network.parameters.stop_grad) {
            network.parameters.tau_held = true;
            network.parameters.tau = 1.0;
        }
        draw_matrix(&seed, SIZE, y);
        for (size_t i = 0; i < SQUARE && !network.parameters.predictor; i++)
            y[i] = i % (N2 + 1) == 0 ? 1.0 : 0.0;
        ck_assert(judge(&network, y));
        const double first = norm(RECTANGLE, y + SQUARE);
        const double h = 0.05;
        for (double t = 0.0; t < 4000.0; t += h) {
            rhs(&network, y, dydt);
            if (network.parameters.predictor) {
                ck_assert_double_le(dot(RECTANGLE, y + SQUARE, dydt + SQUARE),
                                    -network.parameters.rates.eta_s *
                                        dot(RECTANGLE, y + SQUARE, y + SQUARE) * (1.0 - 1e-9));
            }
            step(&network, h, y);
            if (norm(RECTANGLE, y + SQUARE) < 1e-3 * first)
                break;
        }
        ck_assert_double_lt(norm(RECTANGLE, y + SQUARE), 1e-3 * first);
    }
}
END_TEST

/* Several layers: sqrt(alpha_p) lambda r^(2L - 1) < eta, r the largest of |W_l| and |Wp|/sqrt(alpha_p);
 * of MAE r^(L - 1). With one layer and equal norms it is the condition of one layer. */
START_TEST(regions_of_layers)
{
    struct ssldyn_parameters parameters = {
        .rates = {.alpha_p = 4.0, .beta = 0.5, .eta_p = 0.4, .eta_s = 0.3},
        .stop_grad = true,
        .predictor = true,
        .depth = 2};
    const double lambda = 1.2;
    const double r = cbrt(0.3 / (2.0 * lambda));
    for (int outside = 0; outside < 2; outside++) {
        const double size = r * (outside ? 1.0 + 1e-9 : 1.0 - 1e-9);
        parameters.depth = 2;
        parameters.target = SSLDYN_DEPTH_JEPA;
        ck_assert(ssldyn_trapping_layers(&parameters, lambda, 0.0, size) == !outside);
        ck_assert(ssldyn_trapping_layers(&parameters, lambda, 2.0 * size, 0.0) == !outside);
        parameters.target = SSLDYN_DEPTH_MAE; /* one power less of r for each layer of the target */
        const double of_data = 0.3 / (2.0 * lambda) * (outside ? 1.0 + 1e-9 : 1.0 - 1e-9);
        ck_assert(ssldyn_trapping_layers(&parameters, lambda, 0.0, of_data) == !outside);
        parameters.target = SSLDYN_DEPTH_JEPA;
        parameters.depth = 1;
        const double alike = 0.3 / (2.0 * lambda) * (outside ? 1.0 + 1e-9 : 1.0 - 1e-9);
        ck_assert(ssldyn_trapping_layers(&parameters, lambda, 2.0 * alike, alike) == !outside);
        ck_assert(ssldyn_trapping_collapse(&parameters, lambda, 2.0 * alike, alike, alike) ==
                  !outside);
    }
    parameters.depth = 2;
    ck_assert(ssldyn_trapping_layers(&parameters, lambda, 0.0, 0.9 * r));
    parameters.rates.beta = 0.0; /* the target never moves */
    ck_assert(!ssldyn_trapping_layers(&parameters, lambda, 0.0, 0.9 * r));
    parameters.tau_held = true;
    parameters.tau = 0.5;
    ck_assert(ssldyn_trapping_layers(&parameters, 2.0 * lambda, 0.0, 0.9 * r));
    ck_assert(!ssldyn_trapping_layers(&parameters, 3.0 * lambda, 0.0, 0.9 * r));
    parameters.loss = SSLDYN_LOSS_COSINE;
    ck_assert(!ssldyn_trapping_layers(&parameters, lambda, 0.0, 0.1 * r));
}
END_TEST

TEST_SUITE(trapping)
{
    tcase_add_test(tests, regions_of_layers);
    tcase_add_test(tests, inequalities_of_the_proof);
    tcase_add_test(tests, trapped_networks_collapse);
    tcase_add_test(tests, outside_there_is_no_verdict);
    tcase_add_test(tests, settings_that_always_collapse);
}
