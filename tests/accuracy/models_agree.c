/* The ladder of models: where the assumptions of a smaller model hold, the fuller one must give the
 * same curves; and each must agree with its equations typed once more here from the paper and given
 * to a foreign integrator (GSL's Prince-Dormand 8(9) at 1e-13). */
// SPDX-License-Identifier: MIT
#include "sim/io/npy.h"
#include "tests/flow_run.h"
#include "tests/suite.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdlib.h>

/* Both runs are off by about rtol each, with the mild constant of the flow: two orders are allowed.
 */
#define RTOL "1e-10"
static const double agreement = 2e-8;

/* Pseudo-random but readable numbers in (-1, 1), for starts that no symmetry favours. */
static double noise(size_t i)
{
    const double x = sin(12.9898 * (double)i + 4.1414) * 43758.5453;
    return 2.0 * (x - floor(x)) - 1.0;
}

static const char *write_matrix(char path[static SCRATCH_PATH], const char *name, size_t rows,
                                size_t columns, const double data[])
{
    struct ssldyn_error err;
    const size_t shape[2] = {rows, columns};
    scratch_path(path, name);
    ck_assert_int_eq(ssldyn_npy_write(path, 2, shape, data, &err), SSLDYN_OK);
    return path;
}

/* An orthogonal n x n matrix: Gram-Schmidt on noise. */
static void orthogonal(size_t n, size_t seed, double Q[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            Q[i * n + k] = noise(seed + i * n + k);
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

START_TEST(population_is_modes_when_aligned)
{
    double U[N * N];
    double V[N * N];
    double A[N * N];
    char wp[SCRATCH_PATH];
    char w[SCRATCH_PATH];
    char wa[SCRATCH_PATH];
    orthogonal(N, 3, U);
    orthogonal(N, 77, V);
    from_modes(N, U, p0, U, A);
    write_matrix(wp, "wp.npy", N, N, A);
    from_modes(N, U, w0, V, A);
    write_matrix(w, "w.npy", N, N, A);
    from_modes(N, U, wa0, V, A);
    write_matrix(wa, "wa.npy", N, N, A);
    const char *const population[] = {"model",   "population", "n1",     "3",    "n2",      "3",
                                      "init-wp", wp,           "init-w", w,      "init-wa", wa,
                                      "alpha-p", "1.7",        "beta",   "0.31", "eta-p",   "0.05",
                                      "eta-s",   "0.03",       "sigma2", "0.21", "rtol",    RTOL,
                                      "samples", "40",         "t-end",  "60",   NULL};
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
        /* the matrix trace orders modes by s; so do these three at all times */
        CHECK_CLOSE(flow_value(&full, k, "s_1"), flow_value(&small, k, "s_1"), 0.0, agreement);
        CHECK_CLOSE(flow_value(&full, k, "p_1"), flow_value(&small, k, "p_1"), 0.0, agreement);
        CHECK_CLOSE(flow_value(&full, k, "s_3"), flow_value(&small, k, "s_3"), 0.0, agreement);
        CHECK_CLOSE(flow_value(&full, k, "cos_1"), 1.0, 0.0, 1e-9);
    }
    ssldyn_table_clear(&full);
    ssldyn_table_clear(&small);
}
END_TEST

/* M1 under the cosine and its IsoLoss, in a rotated frame and with data that share it, against modes
 * that the loss couples: with the target's equation, held, without predictor and stop-gradient. */
START_TEST(cosine_population_is_coupled_modes)
{
    static const char *const losses[] = {"cosine", "iso-cosine", "iso-l2", "cosine", "cosine"};
    static const double d[N] = {1.0, 0.8, 0.6};
    static const double more[N] = {0.25, 0.5, 0.1};
    double U[N * N];
    double V[N * N];
    double A[N * N];
    char wp[SCRATCH_PATH];
    char w[SCRATCH_PATH];
    char wa[SCRATCH_PATH];
    char x[SCRATCH_PATH];
    char xprime[SCRATCH_PATH];
    orthogonal(N, 3, U);
    orthogonal(N, 77, V);
    from_modes(N, U, p0, U, A);
    write_matrix(wp, "wp.npy", N, N, A);
    from_modes(N, U, w0, V, A);
    write_matrix(w, "w.npy", N, N, A);
    from_modes(N, U, wa0, V, A);
    write_matrix(wa, "wa.npy", N, N, A);
    from_modes(N, V, d, V, A);
    write_matrix(x, "x.npy", N, N, A);
    from_modes(N, V, more, V, A);
    write_matrix(xprime, "xprime.npy", N, N, A);
    const bool held = _i >= 3;
    const char *const target = held ? "tau" : "beta";
    const char *const rate = _i == 3 ? "0.8" : _i == 4 ? "1" : "0.31";
    const char *const last = _i == 4 ? "no-stop-grad" : NULL;
    const char *const start = held ? NULL : wa;
    const char *population[40] = {
        "loss",   losses[_i], target, rate,    "eta-p",   "0.05",  "eta-s",      "0.03", "rtol",
        RTOL,     "samples",  "20",   "t-end", "20",      "model", "population", "x",    x,
        "xprime", xprime,     "n2",   "3",     "init-wp", wp,      "init-w",     w};
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
    if (start) {
        population[at[0]++] = "init-wa";
        population[at[0]++] = start;
        modes[at[1]++] = "wa0";
        modes[at[1]++] = "0.05,0.17,0.02";
    }
    if (last) {
        population[at[0]++] = last;
        population[at[0]++] = "true";
        modes[at[1]++] = last;
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

/* M1 with Wa = tau W and X = I against M2, which is then exact: with and without symmetrisation. */
START_TEST(reduced_is_population_under_its_assumptions)
{
    enum { N2 = 4, N1 = 5 };
    double W[N2 * N1];
    double Wp[N2 * N2];
    char w[SCRATCH_PATH];
    char wp[SCRATCH_PATH];
    for (size_t i = 0; i < N2 * N1; i++) {
        W[i] = 0.6 * noise(i);
    }
    for (size_t i = 0; i < N2 * N2; i++) {
        Wp[i] = 0.5 * noise(100 + i);
    }
    write_matrix(w, "w.npy", N2, N1, W);
    write_matrix(wp, "wp.npy", N2, N2, Wp);
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
        /* p_j belongs to an eigenvector, which moves by error/gap: one more order */
        flow_agree(&trace[0], columns[c], &trace[1], columns[c], 10.0 * agreement);
    }
    ssldyn_table_clear(&trace[0]);
    ssldyn_table_clear(&trace[1]);
}
END_TEST

/* M2 with diagonal matrices is one M3 per entry; tau held, so that they do not meet. */
START_TEST(reduced_is_modes_when_aligned)
{
    const double Wp[4] = {0.4, 0.0, 0.0, 0.15};
    const double F[4] = {0.3, 0.0, 0.0, 0.08};
    char wp[SCRATCH_PATH];
    char f[SCRATCH_PATH];
    write_matrix(wp, "wp.npy", 2, 2, Wp);
    write_matrix(f, "f.npy", 2, 2, F);
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

/* One mode, tau moving: M2's rule on the trace is M3's; M5 in other variables is the same again. */
START_TEST(one_mode_in_three_models)
{
    const double Wp[1] = {0.22};
    const double F[1] = {0.0625};
    char wp[SCRATCH_PATH];
    char f[SCRATCH_PATH];
    write_matrix(wp, "wp.npy", 1, 1, Wp);
    write_matrix(f, "f.npy", 1, 1, F);
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

/* ---- against the equations typed once more, by a foreign integrator ---- */

struct mode_problem {
    double alpha_p, beta, eta_p, eta_s, c;
};

static int mode_equations(double t, const double y[], double dydt[], void *params)
{
    (void)t;
    const struct mode_problem *m = params;
    const double p = y[0];
    const double s = y[1];
    const double tau = y[2];
    dydt[0] = m->alpha_p * s * (tau - m->c * p) - m->eta_p * p;
    dydt[1] = 2.0 * p * s * (tau - m->c * p) - 2.0 * m->eta_s * s;
    dydt[2] = m->beta * (1.0 - tau) - tau * dydt[1] / (2.0 * s);
    return GSL_SUCCESS;
}

START_TEST(modes_against_gsl)
{
    const size_t seed = 1000 + 17 * (size_t)_i;
    struct mode_problem m = {.alpha_p = exp(3.0 * noise(seed)),
                             .beta = exp(2.0 * noise(seed + 1)),
                             .eta_p = 0.1 + 0.09 * noise(seed + 2),
                             .eta_s = 0.1 + 0.09 * noise(seed + 3),
                             .c = 1.5 + 0.49 * noise(seed + 4)};
    double y[3] = {0.5 * noise(seed + 5), 0.3 + 0.29 * noise(seed + 6), 1.0 + noise(seed + 7)};
    char text[9][32];
    const double values[9] = {m.alpha_p, m.beta, m.eta_p, m.eta_s, m.c - 1.0, y[0], y[1], y[2], 40};
    for (size_t i = 0; i < 9; i++) {
        snprintf(text[i], sizeof text[i], "%.17g", values[i]);
    }
    const char *const options[] = {
        "model", "modes",  "alpha-p", text[0], "beta",  text[1], "eta-p", text[2], "eta-s",
        text[3], "sigma2", text[4],   "p0",    text[5], "s0",    text[6], "tau0",  text[7],
        "t-end", text[8],  "samples", "8",     "rtol",  "1e-10", NULL};
    struct ssldyn_table trace = flow_run("modes", options);
    m.c = 1.0 + strtod(text[4], NULL);
    gsl_odeiv2_system system = {mode_equations, NULL, 3, &m};
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-6, 1e-18, 1e-13);
    double t = 0.0;
    for (size_t k = 0; k <= 8; k++) {
        ck_assert_int_eq(gsl_odeiv2_driver_apply(driver, &t, 5.0 * (double)k, y), GSL_SUCCESS);
        /* next to the basin's edge errors grow a few hundred times on their way */
        CHECK_CLOSE(flow_value(&trace, k, "p_1"), y[0], 1e-6, 1e-9);
        CHECK_CLOSE(flow_value(&trace, k, "s_1"), y[1], 1e-6, 1e-9);
        CHECK_CLOSE(flow_value(&trace, k, "tau_1"), y[2], 1e-6, 1e-9);
    }
    gsl_odeiv2_driver_free(driver);
    ssldyn_table_clear(&trace);
}
END_TEST

enum { G1 = 5, G2 = 3, G_SIZE = G2 * G2 + 2 * G2 * G1 };

struct matrix_problem {
    double alpha_p, beta, eta_p, eta_s;
    double X[G1 * G1], S[G1 * G1]; /* X and X + X' */
    bool stop_grad, symmetric, tied;
};

/* Lemma 1 (and Thm 2) by the definition, entry by entry. */
static int matrix_equations(double t, const double y[], double dydt[], void *params)
{
    (void)t;
    const struct matrix_problem *m = params;
    const double *Wp = y;
    const double *W = y + G2 * G2;
    const double *Wa = m->tied ? W : W + G2 * G1;
    double WpW[G2][G1];
    double WX[G2][G1];
    double WS[G2][G1];
    double E[G2][G1];
    for (size_t i = 0; i < G2; i++) {
        for (size_t k = 0; k < G1; k++) {
            WpW[i][k] = 0.0;
            for (size_t j = 0; j < G2; j++) {
                WpW[i][k] += Wp[i * G2 + j] * W[j * G1 + k];
            }
        }
    }
    for (size_t i = 0; i < G2; i++) {
        for (size_t k = 0; k < G1; k++) {
            E[i][k] = WX[i][k] = WS[i][k] = 0.0;
            for (size_t l = 0; l < G1; l++) {
                E[i][k] += Wa[i * G1 + l] * m->X[l * G1 + k] - WpW[i][l] * m->S[l * G1 + k];
                WX[i][k] += W[i * G1 + l] * m->X[l * G1 + k];
                WS[i][k] += W[i * G1 + l] * m->S[l * G1 + k];
            }
        }
    }
    for (size_t i = 0; i < G2; i++) {
        for (size_t j = 0; j < G2; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < G1; k++) {
                sum += m->symmetric ? 0.5 * (E[i][k] * W[j * G1 + k] + E[j][k] * W[i * G1 + k])
                                    : E[i][k] * W[j * G1 + k];
            }
            dydt[i * G2 + j] = m->alpha_p * sum - m->eta_p * Wp[i * G2 + j];
        }
        for (size_t k = 0; k < G1; k++) {
            double sum = 0.0;
            for (size_t j = 0; j < G2; j++) {
                sum += Wp[j * G2 + i] * E[j][k];
                if (!m->stop_grad) { /* minus d/dWa: Wp W X - W (X + X') */
                    sum += Wp[i * G2 + j] * WX[j][k];
                }
            }
            if (!m->stop_grad) {
                sum -= WS[i][k];
            }
            dydt[G2 * G2 + i * G1 + k] = sum - m->eta_s * W[i * G1 + k];
            dydt[G2 * G2 + G2 * G1 + i * G1 + k] =
                m->tied ? 0.0 : m->beta * (W[i * G1 + k] - Wa[i * G1 + k]);
        }
    }
    return GSL_SUCCESS;
}

/* X and X' that do not commute, positive definite, from noise. */
static void make_moments(struct matrix_problem *m, double Xprime[])
{
    for (size_t i = 0; i < G1; i++) {
        for (size_t j = 0; j < G1; j++) {
            double a = 0.0;
            double b = 0.0;
            for (size_t k = 0; k < G1; k++) {
                a += noise(300 + i * G1 + k) * noise(300 + j * G1 + k);
                b += noise(500 + i * G1 + k) * noise(500 + j * G1 + k);
            }
            m->X[i * G1 + j] = 0.5 * a + (i == j ? 0.2 : 0.0);
            Xprime[i * G1 + j] = 0.2 * b;
            m->S[i * G1 + j] = m->X[i * G1 + j] + Xprime[i * G1 + j];
        }
    }
}

START_TEST(population_against_gsl)
{
    struct matrix_problem m = {.alpha_p = 1.4,
                               .beta = 0.6,
                               .eta_p = 0.03,
                               .eta_s = 0.05,
                               .stop_grad = _i != 2,
                               .symmetric = _i == 1,
                               .tied = _i >= 2};
    double Xprime[G1 * G1];
    double y[G_SIZE];
    char x[SCRATCH_PATH];
    char xprime[SCRATCH_PATH];
    char wp[SCRATCH_PATH];
    char w[SCRATCH_PATH];
    char wa[SCRATCH_PATH];
    make_moments(&m, Xprime);
    for (size_t i = 0; i < G_SIZE; i++) {
        y[i] = 0.5 * noise(900 + i);
    }
    if (m.symmetric) {
        for (size_t i = 0; i < G2; i++) {
            for (size_t j = 0; j < i; j++) {
                y[j * G2 + i] = y[i * G2 + j];
            }
        }
    }
    write_matrix(x, "x.npy", G1, G1, m.X);
    write_matrix(xprime, "xprime.npy", G1, G1, Xprime);
    write_matrix(wp, "wp.npy", G2, G2, y);
    write_matrix(w, "w.npy", G2, G1, y + G2 * G2);
    write_matrix(wa, "wa.npy", G2, G1, y + G2 * G2 + G2 * G1);
    const char *const options[] = {"model",
                                   "population",
                                   "x",
                                   x,
                                   "xprime",
                                   xprime,
                                   "n2",
                                   "3",
                                   "init-wp",
                                   wp,
                                   "init-w",
                                   w,
                                   "alpha-p",
                                   "1.4",
                                   "eta-p",
                                   "0.03",
                                   "eta-s",
                                   "0.05",
                                   "rtol",
                                   "1e-10",
                                   "t-end",
                                   "30",
                                   "samples",
                                   "6",
                                   m.tied ? "no-ema" : "init-wa",
                                   m.tied ? "true" : wa,
                                   m.tied ? "quiet" : "beta",
                                   m.tied ? "true" : "0.6",
                                   m.symmetric    ? "symmetric"
                                   : !m.stop_grad ? "no-stop-grad"
                                                  : "quiet",
                                   "true",
                                   NULL};
    struct ssldyn_table trace = flow_run("population", options);
    char file[SCRATCH_PATH];
    char name[64];
    gsl_odeiv2_system system = {matrix_equations, NULL, G_SIZE, &m};
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-6, 1e-16, 1e-13);
    struct ssldyn_array stack[2];
    struct ssldyn_error err;
    static const char *const files[2] = {"population/Wp.npy", "population/W.npy"};
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s", files[i]);
        ck_assert_int_eq(ssldyn_npy_read(scratch_path(file, name), false, &stack[i], &err),
                         SSLDYN_OK);
    }
    double t = 0.0;
    for (size_t k = 0; k <= 6; k++) {
        ck_assert_int_eq(gsl_odeiv2_driver_apply(driver, &t, 5.0 * (double)k, y), GSL_SUCCESS);
        for (size_t i = 0; i < G2 * G2; i++) {
            CHECK_CLOSE(stack[0].data[k * G2 * G2 + i], y[i], 0.0, agreement);
        }
        for (size_t i = 0; i < G2 * G1; i++) {
            CHECK_CLOSE(stack[1].data[k * G2 * G1 + i], y[G2 * G2 + i], 0.0, agreement);
        }
    }
    ssldyn_npy_array_clear(&stack[0]);
    ssldyn_npy_array_clear(&stack[1]);
    gsl_odeiv2_driver_free(driver);
    ssldyn_table_clear(&trace);
}
END_TEST

TEST_SUITE(models_agree)
{
    gsl_set_error_handler_off();
    tcase_add_test(tests, population_is_modes_when_aligned);
    tcase_add_loop_test(tests, cosine_population_is_coupled_modes, 0, 5);
    tcase_add_loop_test(tests, reduced_is_population_under_its_assumptions, 0, 2);
    tcase_add_loop_test(tests, reduced_is_modes_when_aligned, 0, 2);
    tcase_add_test(tests, one_mode_in_three_models);
    tcase_add_loop_test(tests, parabola_is_modes_on_it, 0, 2);
    tcase_add_loop_test(tests, modes_against_gsl, 0, 24);
    tcase_add_loop_test(tests, population_against_gsl, 0, 4);
}
