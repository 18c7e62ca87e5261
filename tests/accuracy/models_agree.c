/* The ladder of models: where the assumptions of a smaller model hold, the fuller one must give the
 * same curves. */
// SPDX-License-Identifier: MIT
#include "tests/draw.h"
#include "tests/flow_run.h"
#include "tests/suite.h"

#include <math.h>
#include <stdio.h>

/* Both runs allow an error of rtol in each step, and errors decay along the flow: ten steps' worth
 * of each is allowed. */
#define RTOL "1e-10"
static const double agreement = 2e-9;

/* An orthogonal n x n matrix: Gram-Schmidt on random entries. */
static void orthogonal(size_t n, size_t seed, double Q[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            Q[i * n + k] = draw_noise(seed + i * n + k);
        }
        for (size_t j = 0; j < i; j++) {
            double dot = 0.0;
            for (size_t k = 0; k < n; k++) {
                dot += Q[i * n + k] * Q[j * n + k];
            }
            for (size_t k = 0; k < n; k++) {
                Q[i * n + k] -= dot * Q[j * n + k];
            }
        }
        double norm = 0.0;
        for (size_t k = 0; k < n; k++) {
            norm += Q[i * n + k] * Q[i * n + k];
        }
        for (size_t k = 0; k < n; k++) {
            Q[i * n + k] /= sqrt(norm);
        }
    }
}

/* A = U^T diag(d) V with the rows of U and V orthonormal. */
static void from_modes(size_t n, const double U[], const double d[], const double V[], double A[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            A[i * n + k] = 0.0;
            for (size_t j = 0; j < n; j++) {
                A[i * n + k] += U[j * n + i] * d[j] * V[j * n + k];
            }
        }
    }
}

enum { N = 3 };

static const double p0[N] = {0.31, 0.13, 0.07};
static const double w0[N] = {0.42, 0.29, 0.11};
static const double wa0[N] = {0.05, 0.17, 0.02};

/* Writes files of matrices with modes p0, w0 and wa0; V has the rows of their frame in the data. */
struct aligned {
    double V[N * N];
    char wp[SCRATCH_PATH], w[SCRATCH_PATH], wa[SCRATCH_PATH];
};

static void write_aligned(struct aligned *start)
{
    double U[N * N];
    double A[N * N];
    orthogonal(N, 3, U);
    orthogonal(N, 77, start->V);
    from_modes(N, U, p0, U, A);
    flow_matrix(start->wp, "wp.npy", N, N, A);
    from_modes(N, U, w0, start->V, A);
    flow_matrix(start->w, "w.npy", N, N, A);
    from_modes(N, U, wa0, start->V, A);
    flow_matrix(start->wa, "wa.npy", N, N, A);
}

START_TEST(population_is_modes_when_aligned)
{
    struct aligned start;
    write_aligned(&start);
    const char *const population[] = {
        "model",   "population", "n1",      "3",      "n2",      "3",    "init-wp", start.wp,
        "init-w",  start.w,      "init-wa", start.wa, "alpha-p", "1.7",  "beta",    "0.31",
        "eta-p",   "0.05",       "eta-s",   "0.03",   "sigma2",  "0.21", "rtol",    RTOL,
        "samples", "40",         "t-end",   "60",     NULL};
    const char *const modes[] = {
        "model",   "modes",
        "p0",      "0.31,0.13,0.07",
        "s0",      "0.1764,0.0841,0.0121",
        "tau0",    "0.11904761904761904,0.58620689655172420,0.18181818181818182",
        "alpha-p", "1.7",
        "beta",    "0.31",
        "eta-p",   "0.05",
        "eta-s",   "0.03",
        "sigma2",  "0.21",
        "rtol",    RTOL,
        "samples", "40",
        "t-end",   "60",
        NULL};
    struct ssldyn_table full = flow_run("population", population);
    struct ssldyn_table small = flow_run("modes", modes);
    for (size_t k = 0; k < full.rows; k++) {
        /* the matrix trace orders modes by s; these three have this order at all times */
        CHECK_CLOSE(flow_value(&full, k, "s_1"), flow_value(&small, k, "s_1"), 0.0, agreement);
        CHECK_CLOSE(flow_value(&full, k, "p_1"), flow_value(&small, k, "p_1"), 0.0, agreement);
        CHECK_CLOSE(flow_value(&full, k, "s_3"), flow_value(&small, k, "s_3"), 0.0, agreement);
        CHECK_CLOSE(flow_value(&full, k, "cos_1"), 1.0, 0.0, 1e-9);
    }
    ssldyn_table_clear(&full);
    ssldyn_table_clear(&small);
}
END_TEST

/* M1 under the cosine and the IsoLosses, in a rotated frame and with data that share it, compared
 * with modes that the loss couples: with moving target, held target, and without stop-gradient. */
START_TEST(cosine_population_is_coupled_modes)
{
    static const char *const losses[] = {"cosine", "iso-cosine", "iso-l2", "cosine", "cosine"};
    static const double d[N] = {1.0, 0.8, 0.6};
    static const double more[N] = {0.25, 0.5, 0.1};
    struct aligned start;
    double A[N * N];
    char x[SCRATCH_PATH];
    char xprime[SCRATCH_PATH];
    write_aligned(&start);
    from_modes(N, start.V, d, start.V, A);
    flow_matrix(x, "x.npy", N, N, A);
    from_modes(N, start.V, more, start.V, A);
    flow_matrix(xprime, "xprime.npy", N, N, A);
    const bool held = _i >= 3;
    const char *const target = held ? "tau" : "beta";
    const char *const rate = _i == 3 ? "0.8" : _i == 4 ? "1" : "0.31";
    const char *population[40] = {
        "loss",   losses[_i], target, rate,    "eta-p",   "0.05",   "eta-s",      "0.03", "rtol",
        RTOL,     "samples",  "20",   "t-end", "20",      "model",  "population", "x",    x,
        "xprime", xprime,     "n2",   "3",     "init-wp", start.wp, "init-w",     start.w};
    const char *modes[40] = {"loss",     losses[_i],
                             target,     rate,
                             "eta-p",    "0.05",
                             "eta-s",    "0.03",
                             "rtol",     RTOL,
                             "samples",  "20",
                             "t-end",    "20",
                             "model",    "lowdim",
                             "lambda-d", "1,0.8,0.6",
                             "lambda-s", "1.25,1.3,0.7",
                             "wp0",      "0.31,0.13,0.07",
                             "w0",       "0.42,0.29,0.11"};
    size_t at[2] = {26, 24};
    if (!held) {
        population[at[0]++] = "init-wa";
        population[at[0]++] = start.wa;
        modes[at[1]++] = "wa0";
        modes[at[1]++] = "0.05,0.17,0.02";
    }
    if (_i == 4) {
        population[at[0]++] = "no-stop-grad";
        population[at[0]++] = "true";
        modes[at[1]++] = "no-stop-grad";
        modes[at[1]++] = "true";
    }
    struct ssldyn_table full = flow_run("population", population);
    struct ssldyn_table small = flow_run("modes", modes);
    for (size_t k = 0; k < full.rows; k++) {
        double norm_w = 0.0;
        double largest = -1.0;
        for (size_t j = 1; j <= N; j++) {
            char name[16];
            snprintf(name, sizeof name, "wp_%zu", j);
            largest = fmax(largest, flow_value(&small, k, name));
            snprintf(name, sizeof name, "w_%zu", j);
            norm_w = hypot(norm_w, flow_value(&small, k, name));
        }
        CHECK_CLOSE(flow_value(&full, k, "wpe_1"), largest, 0.0, agreement);
        CHECK_CLOSE(flow_value(&full, k, "norm_w"), norm_w, 0.0, agreement);
        CHECK_CLOSE(flow_value(&full, k, "loss"), flow_value(&small, k, "loss"), 0.0, agreement);
    }
    ssldyn_table_clear(&full);
    ssldyn_table_clear(&small);
}
END_TEST

/* M1 with Wa = tau W and X = I compared with M2, which is then exact: with and without
 * symmetrization. */
START_TEST(reduced_is_population_under_its_assumptions)
{
    enum { N2 = 4, N1 = 5 };
    double W[N2 * N1];
    double Wp[N2 * N2];
    char w[SCRATCH_PATH];
    char wp[SCRATCH_PATH];
    for (size_t i = 0; i < N2 * N1; i++) {
        W[i] = 0.6 * draw_noise(i);
    }
    for (size_t i = 0; i < N2 * N2; i++) {
        Wp[i] = 0.5 * draw_noise(100 + i);
    }
    flow_matrix(w, "w.npy", N2, N1, W);
    flow_matrix(wp, "wp.npy", N2, N2, Wp);
    const char *model[2] = {"population", "reduced"};
    struct ssldyn_table trace[2];
    for (int i = 0; i < 2; i++) {
        const char *const options[] = {"model",   model[i],  "n1",
                                       "5",       "n2",      "4",
                                       "init-w",  w,         "init-wp",
                                       wp,        "tau",     "0.83",
                                       "alpha-p", "2.3",     "eta-p",
                                       "0.02",    "eta-s",   "0.035",
                                       "sigma2",  "0.4",     "rtol",
                                       RTOL,      "samples", "30",
                                       "t-end",   "40",      _i == 1 ? "symmetric" : NULL,
                                       "true",    NULL};
        trace[i] = flow_run(model[i], options);
    }
    static const char *const columns[] = {"s_1",    "s_2",        "s_4",      "p_1",
                                          "p_3",    "wpe_1",      "wpe_4",    "norm_wp",
                                          "norm_w", "commutator", "asymmetry"};
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        /* p_j belongs to an eigenvector, whose error is error/gap: one order more */
        flow_agree(&trace[0], columns[c], &trace[1], columns[c], 10.0 * agreement);
    }
    ssldyn_table_clear(&trace[0]);
    ssldyn_table_clear(&trace[1]);
}
END_TEST

/* M2 with diagonal matrices equals one M3 per entry; tau is held, so that the entries do not
 * interact. */
START_TEST(reduced_is_modes_when_aligned)
{
    const double Wp[4] = {0.4, 0.0, 0.0, 0.15};
    const double F[4] = {0.3, 0.0, 0.0, 0.08};
    char wp[SCRATCH_PATH];
    char f[SCRATCH_PATH];
    flow_matrix(wp, "wp.npy", 2, 2, Wp);
    flow_matrix(f, "f.npy", 2, 2, F);
    const char *const reduced[] = {"model",
                                   "reduced",
                                   "n2",
                                   "2",
                                   "init-wp",
                                   wp,
                                   "init-f",
                                   f,
                                   "tau",
                                   "0.9",
                                   "alpha-p",
                                   "0.6",
                                   "eta",
                                   "0.03",
                                   "sigma2",
                                   "0.5",
                                   "rtol",
                                   RTOL,
                                   "samples",
                                   "25",
                                   "t-end",
                                   "50",
                                   _i == 1 ? "symmetric" : NULL,
                                   "true",
                                   NULL};
    const char *const modes[] = {"model",  "modes", "p0",      "0.4,0.15", "s0",      "0.3,0.08",
                                 "tau",    "0.9",   "alpha-p", "0.6",      "eta",     "0.03",
                                 "sigma2", "0.5",   "rtol",    RTOL,       "samples", "25",
                                 "t-end",  "50",    NULL};
    struct ssldyn_table full = flow_run("reduced", reduced);
    struct ssldyn_table small = flow_run("modes", modes);
    for (size_t k = 0; k < full.rows; k++) { /* the matrix trace orders the modes by s */
        const bool swapped =
            flow_value(&small, k, "s_2") > flow_value(&small, k, "s_1") + agreement;
        if (fabs(flow_value(&small, k, "s_2") - flow_value(&small, k, "s_1")) > 1e-4) {
            CHECK_CLOSE(flow_value(&full, k, "s_1"), flow_value(&small, k, swapped ? "s_2" : "s_1"),
                        0.0, agreement);
            CHECK_CLOSE(flow_value(&full, k, "p_1"), flow_value(&small, k, swapped ? "p_2" : "p_1"),
                        0.0, agreement);
        }
        CHECK_CLOSE(flow_value(&full, k, "s_1") + flow_value(&full, k, "s_2"),
                    flow_value(&small, k, "s_1") + flow_value(&small, k, "s_2"), 0.0, agreement);
    }
    ssldyn_table_clear(&full);
    ssldyn_table_clear(&small);
}
END_TEST

/* One mode, tau moving: M2's rule for the trace is M3's; and M5 is the same in other variables. */
START_TEST(one_mode_in_three_models)
{
    const double Wp[1] = {0.22};
    const double F[1] = {0.0625};
    char wp[SCRATCH_PATH];
    char f[SCRATCH_PATH];
    flow_matrix(wp, "wp.npy", 1, 1, Wp);
    flow_matrix(f, "f.npy", 1, 1, F);
#define COMMON                                                                                     \
    "alpha-p", "1.9", "beta", "0.17", "eta-p", "0.021", "eta-s", "0.043", "rtol", RTOL, "samples", \
        "50", "t-end", "80"
    const char *const reduced[] = {"model", "reduced", "n2",  "1",    "init-wp", wp,     "init-f",
                                   f,       "sigma2",  "0.3", "tau0", "0.4",     COMMON, NULL};
    const char *const modes[] = {"model", "modes", "p0",     "0.22", "s0",   "0.0625",
                                 "tau0",  "0.4",   "sigma2", "0.3",  COMMON, NULL};
    const char *const lowdim[] = {"model", "lowdim",   "wp0", "0.22",     "w0", "0.25", "wa0",
                                  "0.1",   "lambda-s", "1.3", "lambda-d", "1",  COMMON, NULL};
    struct ssldyn_table m2 = flow_run("reduced", reduced);
    struct ssldyn_table m3 = flow_run("modes", modes);
    struct ssldyn_table m5 = flow_run("lowdim", lowdim);
    flow_agree(&m3, "p_1", &m2, "p_1", agreement);
    flow_agree(&m3, "s_1", &m2, "s_1", agreement);
    flow_agree(&m3, "tau_1", &m2, "tau", agreement);
    flow_agree(&m3, "p_1", &m5, "p_1", agreement);
    flow_agree(&m3, "s_1", &m5, "s_1", agreement);
    flow_agree(&m3, "tau_1", &m5, "tau_1", agreement);
    flow_agree(&m3, "k_1", &m5, "k_1", agreement);
    ssldyn_table_clear(&m2);
    ssldyn_table_clear(&m3);
    ssldyn_table_clear(&m5);
}
END_TEST

/* M4 is M3 started on the parabola alpha_p s = p^2. */
START_TEST(parabola_is_modes_on_it)
{
#define PARABOLA                                                                                   \
    "alpha-p", "2.5", "eta", "0.05", "sigma2", "0.25", "rtol", RTOL, "samples", "30", "t-end", "60"
    const char *const modes[] = {
        "model", "modes", "p0", "0.35", "s0", "0.049", _i ? "tau" : "tau0", "0.7", PARABOLA, NULL};
    const char *const parabola[] = {"model", "parabola", "p0", "0.35", _i ? "tau" : "tau0",
                                    "0.7",   PARABOLA,   NULL};
    struct ssldyn_table m3 = flow_run("modes", modes);
    struct ssldyn_table m4 = flow_run("parabola", parabola);
    flow_agree(&m3, "p_1", &m4, "p_1", agreement);
    flow_agree(&m3, "s_1", &m4, "s_1", agreement);
    flow_agree(&m3, "tau_1", &m4, "tau_1", agreement);
    ssldyn_table_clear(&m3);
    ssldyn_table_clear(&m4);
}
END_TEST

TEST_SUITE(models_agree)
{
    tcase_add_test(tests, population_is_modes_when_aligned);
    tcase_add_loop_test(tests, cosine_population_is_coupled_modes, 0, 5);
    tcase_add_loop_test(tests, reduced_is_population_under_its_assumptions, 0, 2);
    tcase_add_loop_test(tests, reduced_is_modes_when_aligned, 0, 2);
    tcase_add_test(tests, one_mode_in_three_models);
    tcase_add_loop_test(tests, parabola_is_modes_on_it, 0, 2);
}
