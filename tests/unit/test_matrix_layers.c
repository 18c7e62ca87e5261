/* Layers of an encoder of matrices: their start, the gradient with respect to each of them,
 * balance and drifts from it, and the state of a diagonal network compared with that of its modes. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_layers.h"

#include "sim/flow/matrix_system.h"
#include "sim/linalg/linalg.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/spec_make.h"
#include "tests/suite.h"
#include "theory/depth_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    struct ssldyn_spec spec;
    struct ssldyn_start start;
    struct ssldyn_matrix_layers *layers;
};

/* A random start of n2 x n1 with the options. */
static struct fixture *make(const char *n1, const char *n2, const char *depth, const char *ratios,
                            const char *average)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct fixture *made = calloc(1, sizeof *made);
    const char *const options[] = {"model",  "population", "n1",      n1,     "n2",      n2,
                                   "depth",  depth,        "layers0", ratios, "ema-of",  average,
                                   "eta",    "0.03",       "alpha-p", "1.5",  "init-wa", "random",
                                   "sigma2", "0.3",        NULL};
    spec_make(&made->spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_int_eq(ssldyn_start_create(&made->spec.problem, 0, &made->start, &err), SSLDYN_OK);
    ck_assert_int_eq(
        ssldyn_matrix_layers_create(&made->spec.problem, &made->start, &made->layers, &err),
        SSLDYN_OK);
    return made;
}

static void drop(struct fixture *made)
{
    ssldyn_matrix_layers_free(made->layers);
    ssldyn_start_clear(&made->start);
    ssldyn_spec_clear(&made->spec);
    free(made);
}

static const struct {
    const char *n1, *n2, *depth, *ratios;
} shapes[] = {{"5", "4", "3", "1,2,0.5"}, {"3", "5", "2", "2,1"}, {"4", "4", "5", "1,1,1,1,1"}};

START_TEST(starts)
{
    struct fixture *made =
        make(shapes[_i].n1, shapes[_i].n2, shapes[_i].depth, shapes[_i].ratios, "layers");
    const size_t size = made->start.n1 * made->start.n2;
    const double *y = ssldyn_matrix_layers_start(made->layers);
    const double *a = ssldyn_matrix_layers_target_start(made->layers);
    const double *W = ssldyn_matrix_layers_product(made->layers, y);
    const double *Wa = ssldyn_matrix_layers_target(made->layers, a);
    ck_assert_uint_eq(ssldyn_matrix_layers_size(made->layers),
                      ssldyn_matrix_layers_target_size(made->layers));
    for (size_t i = 0; i < size; i++) {
        CHECK_CLOSE(W[i], made->start.W[i], 0.0, 1e-13);
        CHECK_CLOSE(Wa[i], made->start.Wa[i], 0.0, 1e-13);
    }
    CHECK_CLOSE(ssldyn_matrix_layers_drift(made->layers, 0.0, y, made->start.Wp), 0.0, 0.0, 1e-15);
    if (_i == 2) { /* balanced: W_2^T W_2 is W_1 W_1^T */
        const size_t n = 4;
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                double difference = 0.0;
                for (size_t k = 0; k < n; k++) {
                    difference += y[i * n + k] * y[j * n + k];
                    difference -= y[n * n + k * n + i] * y[n * n + k * n + j];
                }
                CHECK_CLOSE(difference, 0.0, 0.0, 1e-14);
            }
        }
    }
    drop(made);
}
END_TEST

/* The rate of every entry is the derivative of <G, W_L ... W_1> by it, minus the decay. */
START_TEST(gradients_of_layers)
{
    struct fixture *made =
        make(shapes[_i].n1, shapes[_i].n2, shapes[_i].depth, shapes[_i].ratios, "product");
    const size_t size = ssldyn_matrix_layers_size(made->layers);
    const size_t rectangle = made->start.n1 * made->start.n2;
    double y[200];
    double rate[200];
    double G[25];
    uint64_t state = 7;
    ck_assert_uint_le(size, 200);
    memcpy(y, ssldyn_matrix_layers_start(made->layers), size * sizeof *y);
    draw_matrix(&state, rectangle, G);
    (void)ssldyn_matrix_layers_product(made->layers, y);
    ssldyn_matrix_layers_pull(made->layers, 0.2, y, G, rate);
    for (size_t i = 0; i < size; i++) {
        const double h = 1e-5; /* the product is linear in every entry */
        const double at = y[i];
        double difference = 0.0;
        y[i] = at + h;
        difference += ssldyn_dense_dot(rectangle, G, ssldyn_matrix_layers_product(made->layers, y));
        y[i] = at - h;
        difference -= ssldyn_dense_dot(rectangle, G, ssldyn_matrix_layers_product(made->layers, y));
        y[i] = at;
        CHECK_CLOSE(rate[i], difference / (2.0 * h) - 0.2 * at, 0.0, 1e-9);
    }
    drop(made);
}
END_TEST

/* A diagonal network on isotropic data equals its modes: every rate of the state, under each
 * target. */
START_TEST(diagonal_network)
{
    enum { N = 3, L = 3 };
    static const char *const targets[][2] = {
        {"ema-of", "layers"}, {"ema-of", "product"}, {"tau", "0.8"}};
    const char *const options[] = {"model",   "population", "n1",    "3",    "n2",     "3",
                                   "depth",   "3",          "eta-p", "0.05", "eta-s",  "0.03",
                                   "alpha-p", "1.5",        "beta",  "0.7",  "sigma2", "0.3",
                                   "layers0", "1,2,0.7",    NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_start start;
    struct ssldyn_matrix_system *system = NULL;
    const double p[N] = {0.9, -0.5, 0.7};
    const double w[N] = {0.8, 0.6, 0.3};
    const double wa[N] = {0.5, 0.7, 0.2};
    const char *given[24];
    size_t count = 0;
    for (size_t i = 0; options[i]; i += 2) {
        if (_i < 2 || strcmp(options[i], "beta") != 0) {
            given[count++] = options[i];
            given[count++] = options[i + 1];
        }
    }
    given[count++] = targets[_i][0];
    given[count++] = targets[_i][1];
    given[count] = NULL;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, given);
    ck_assert_int_eq(ssldyn_start_create(&spec.problem, 0, &start, &err), SSLDYN_OK);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            start.Wp[i * N + j] = i == j ? p[i] : 0.0;
            start.W[i * N + j] = i == j ? w[i] : 0.0;
            if (start.Wa) {
                start.Wa[i * N + j] = i == j ? wa[i] : 0.0;
            }
        }
    }
    ck_assert_int_eq(ssldyn_matrix_system_create(&spec.problem, &start, &system, &err), SSLDYN_OK);
    const struct ssldyn_ode_system ode = ssldyn_matrix_system_ode(system);
    double y[(1 + 2 * L) * N * N];
    double rate[(1 + 2 * L) * N * N];
    ck_assert_uint_le(ode.n, sizeof y / sizeof y[0]);
    ssldyn_matrix_system_start(system, y);
    ode.rhs(0.0, y, rate, ode.context);
    struct ssldyn_parameters parameters = ssldyn_parameters_isotropic(&spec.problem.parameters);
    const size_t blocks = ode.n / (N * N);
    for (size_t j = 0; j < N; j++) {
        double mode[SSLDYN_DEPTH_VARIABLES];
        double expected[SSLDYN_DEPTH_VARIABLES];
        for (size_t b = 0; b < blocks; b++) {
            mode[b] = y[b * N * N + j * N + j];
        }
        ssldyn_depth_rhs(&parameters, mode, expected);
        for (size_t b = 0; b < blocks; b++) {
            CHECK_CLOSE(rate[b * N * N + j * N + j], expected[b], 1e-13, 1e-15);
        }
    }
    ssldyn_matrix_system_free(system);
    ssldyn_start_clear(&start);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* |W_1|_F^2 + |W_2|_F^2, the scale of the first balance, and |W_1 W_1^T|_F. */
static double first_scale(const struct fixture *made, const double y[], double *square)
{
    const size_t n1 = made->start.n1;
    const size_t n2 = made->start.n2;
    *square = 0.0;
    for (size_t i = 0; i < n2 * n2; i++) {
        const double entry = ssldyn_dense_dot(n1, y + i / n2 * n1, y + i % n2 * n1);
        *square = hypot(*square, entry);
    }
    const double low = ssldyn_dense_norm(n1 * n2, y);
    const double high = ssldyn_dense_norm(n2 * n2, y + n1 * n2);
    return low * low + high * high;
}

/* W_1 larger by a share h alone moves C_1 by h (2 + h) W_1 W_1^T: a drift at full size, but not once
 * all layers have decayed to 1e-10 of their start, as the integrator keeps no digits there. Under a
 * normalized loss, whose norms only decay, it is the same drift at any size. */
START_TEST(drifts)
{
    struct fixture *made = make("5", "4", "3", "1,2,0.5", "layers");
    const bool normalized = _i == 1;
    if (normalized) {
        made->spec.problem.parameters.loss = SSLDYN_LOSS_COSINE;
    }
    const size_t size = ssldyn_matrix_layers_size(made->layers);
    const size_t rectangle = made->start.n1 * made->start.n2;
    const double h = 1e-4;
    double y[200];
    double square = 0.0;
    ck_assert_uint_le(size, 200);
    memcpy(y, ssldyn_matrix_layers_start(made->layers), size * sizeof *y);
    (void)first_scale(made, y, &square);
    for (size_t i = 0; i < rectangle; i++) {
        y[i] *= 1.0 + h;
    }
    double unused = 0.0;
    const double expected = h * (2.0 + h) * square / first_scale(made, y, &unused);
    /* a few roundings of the squares of the entries, relative to their sum */
    CHECK_CLOSE(ssldyn_matrix_layers_drift(made->layers, 0.0, y, made->start.Wp), expected, 0.0,
                1e-15);
    const double decayed = 1e-10;
    for (size_t i = 0; i < size; i++) {
        y[i] *= decayed;
    }
    for (size_t i = 0; i < made->start.n2 * made->start.n2; i++) {
        made->start.Wp[i] *= decayed;
    }
    const double t = -log(decayed) / made->spec.problem.parameters.rates.eta_s;
    const double later = ssldyn_matrix_layers_drift(made->layers, t, y, made->start.Wp);
    /* exp(-2 eta_s t) at an exponent of 46 has a relative error of 46 roundings */
    CHECK_CLOSE(later, normalized ? expected : decayed * decayed * expected, 0.0,
                normalized ? 1e-14 : 1e-14 * decayed * decayed);
    drop(made);
}
END_TEST

TEST_SUITE(matrix_layers)
{
    tcase_add_loop_test(tests, starts, 0, 3);
    tcase_add_loop_test(tests, gradients_of_layers, 0, 3);
    tcase_add_loop_test(tests, drifts, 0, 2);
    tcase_add_loop_test(tests, diagonal_network, 0, 3);
}
