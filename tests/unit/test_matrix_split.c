/* M1 split for the implicit method: a solution of the split equations solves the equations, the
 * Jacobian compared with differences, and late times, at which rates have grown by exp(16). */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_system.h"
#include "sim/linalg/linalg.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/flow_run.h"
#include "tests/spec_make.h"
#include "tests/suite.h"

#include <math.h>
#include <stdlib.h>

enum { KINDS = 4, SIZE = 128 };

static const char *const kinds[KINDS][6] = {
    {"n1", "5", "n2", "3", "alpha-p", "1.5"},
    {"n1", "4", "n2", "4", "sigma2", "0.3"},
    {"n1", "2", "n2", "3", "sigma2", "0.3"},
    {"n1", "5", "n2", "3", "eta-s", "0.3"},
};

struct fixture {
    struct ssldyn_spec spec;
    struct ssldyn_start start;
    struct ssldyn_matrix_system *system;
    struct ssldyn_ode_system ode;
    double y[SIZE], other[SIZE], rate[SIZE];
};

static void make(struct fixture *at, const char *const kind[static 6], const char *scale)
{
    const char *options[] = {"model", "population", "loss",  "cosine", "init-wa", "random", "eta-p",
                             "0.1",   "init-scale", scale,   "seed",   "4",       kind[0],  kind[1],
                             kind[2], kind[3],      kind[4], kind[5],  NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    uint64_t state = 7;
    spec_make(&at->spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_int_eq(ssldyn_start_create(&at->spec.problem, 0, &at->start, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_matrix_system_create(&at->spec.problem, &at->start, &at->system, &err),
                     SSLDYN_OK);
    at->ode = ssldyn_matrix_system_ode(at->system);
    ck_assert_uint_le(at->ode.n, SIZE);
    ck_assert(at->ode.split != NULL);
    ssldyn_matrix_system_start(at->system, at->y);
    for (size_t i = 0; i < at->ode.n; i++)
        at->other[i] = at->y[i] * (1.0 + draw_between(&state, -0.1, 0.1));
    at->ode.rhs(0.0, at->y, at->rate, at->ode.context);
}

static void clear(struct fixture *at)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_matrix_system_status(at->system, &err), SSLDYN_OK);
    ssldyn_matrix_system_free(at->system);
    ssldyn_start_clear(&at->start);
    ssldyn_spec_clear(&at->spec);
}

/* With k = f(y) the split evaluation is f(y), for every state of the Jacobian; with another k it
 * is not k. */
START_TEST(solutions_are_the_same)
{
    struct fixture at;
    double f[SIZE];
    double k[SIZE];
    double difference = 0.0;
    make(&at, kinds[_i], "0.01"); /* rates of about 1e4 */
    const double size = ssldyn_dense_norm(at.ode.n, at.rate);
    at.ode.split(0.0, at.y, at.rate, at.y, f, at.ode.context);
    for (size_t i = 0; i < at.ode.n; i++)
        CHECK_CLOSE(f[i], at.rate[i], 0.0, 1e-13 * size);
    at.ode.split(0.0, at.y, at.rate, at.other, f, at.ode.context);
    for (size_t i = 0; i < at.ode.n; i++) {
        CHECK_CLOSE(f[i], at.rate[i], 0.0, 1e-13 * size);
        k[i] = 0.9 * at.rate[i];
    }
    at.ode.split(0.0, at.y, k, at.other, f, at.ode.context);
    for (size_t i = 0; i < at.ode.n; i++)
        difference = fmax(difference, fabs(f[i] - k[i]));
    ck_assert_double_gt(difference, 0.01 * size);
    clear(&at);
}
END_TEST

static void rate_at(const void *context, const double y[], double f[])
{
    const struct fixture *at = context;
    at->ode.rhs(0.0, y, f, at->ode.context);
}

START_TEST(jacobian)
{
    static double expected[SIZE * SIZE];
    static double found[SIZE * SIZE];
    struct fixture at;
    double up[SIZE];
    double down[SIZE];
    make(&at, kinds[_i], "0.5");
    const size_t n = at.ode.n;
    at.ode.split(0.0, at.y, at.rate, at.y, up, at.ode.context);
    at.ode.jacobian(0.0, at.y, found, at.ode.context);
    for (size_t j = 0; j < n; j++) {
        static const double h = 1e-5;
        const double y = at.y[j];
        at.y[j] = y + h;
        rate_at(&at, at.y, up);
        at.y[j] = y - h;
        rate_at(&at, at.y, down);
        at.y[j] = y;
        for (size_t i = 0; i < n; i++)
            expected[i * n + j] = (up[i] - down[i]) / (2.0 * h);
    }
    const double size = ssldyn_dense_norm(n * n, expected);
    for (size_t i = 0; i < n * n; i++)
        CHECK_CLOSE(found[i], expected[i], 0.0, 1e-8 * size); /* h^2 and rounding over h */
    clear(&at);
}
END_TEST

/* eta t = 8: diagonal matrices are aligned modes, whose flow has other variables and another
 * integrator's Jacobian. */
START_TEST(late_times_are_those_of_modes)
{
    static const double d[] = {1.0, 0.0, 0.0, 0.0, 0.8, 0.0, 0.0, 0.0, 1.2};
    static const double noise[] = {0.2, 0.0, 0.0, 0.0, 0.3, 0.0, 0.0, 0.0, 0.1};
    static const double Wp[] = {0.6, 0.0, 0.0, 0.0, 0.3, 0.0, 0.0, 0.0, 0.5};
    static const double W[] = {0.7, 0.0, 0.0, 0.0, 0.4, 0.0, 0.0, 0.0, 0.9};
    char x[SCRATCH_PATH];
    char xprime[SCRATCH_PATH];
    char wp[SCRATCH_PATH];
    char w[SCRATCH_PATH];
    const char *const of_matrices[] = {"model",   "population",
                                       "loss",    "cosine",
                                       "n1",      "3",
                                       "n2",      "3",
                                       "x",       flow_matrix(x, "x.npy", 3, 3, d),
                                       "xprime",  flow_matrix(xprime, "xprime.npy", 3, 3, noise),
                                       "init-wp", flow_matrix(wp, "wp.npy", 3, 3, Wp),
                                       "init-w",  flow_matrix(w, "w.npy", 3, 3, W),
                                       "eta",     "0.5",
                                       "beta",    "0.4",
                                       "t-end",   "16",
                                       "samples", "4",
                                       "rtol",    "1e-7",
                                       NULL};
    const char *const of_modes[] = {
        "model",    "lowdim",      "loss", "cosine",      "lambda-d", "1,0.8,1.2",
        "lambda-s", "1.2,1.1,1.3", "wp0",  "0.6,0.3,0.5", "w0",       "0.7,0.4,0.9",
        "eta",      "0.5",         "beta", "0.4",         "t-end",    "16",
        "samples",  "4",           "rtol", "1e-7",        NULL};
    struct ssldyn_table matrices = flow_run("matrices", of_matrices);
    struct ssldyn_table modes = flow_run("modes", of_modes);
    for (size_t row = 0; row < 5; row++) {
        double trace = 0.0;
        double expected = 0.0;
        double trace_p = 0.0;
        double expected_p = 0.0;
        for (int j = 1; j <= 3; j++) {
            char column[8];
            snprintf(column, sizeof column, "s_%d", j);
            trace += flow_value(&matrices, row, column);
            snprintf(column, sizeof column, "w_%d", j);
            /* s of the matrices is of X, that of modes w^2 */
            const double value = flow_value(&modes, row, column);
            expected += value * value * d[4 * (size_t)(j - 1)];
            snprintf(column, sizeof column, "p_%d", j);
            trace_p += flow_value(&matrices, row, column);
            expected_p += flow_value(&modes, row, column);
        }
        CHECK_CLOSE(trace, expected, 1e-5, 0.0); /* 100 rtol */
        CHECK_CLOSE(trace_p, expected_p, 1e-5, 0.0);
    }
    ssldyn_table_clear(&matrices);
    ssldyn_table_clear(&modes);
}
END_TEST

TEST_SUITE(matrix_split)
{
    tcase_add_loop_test(tests, solutions_are_the_same, 0, KINDS);
    tcase_add_loop_test(tests, jacobian, 0, KINDS);
    tcase_add_test(tests, late_times_are_those_of_modes);
}
