/* Flows compared with the paper's equations, written out again here, in another integrator (GSL's
 * Prince-Dormand 8(9) at 1e-13). */
// SPDX-License-Identifier: MIT
#include "sim/io/npy.h"
#include "tests/draw.h"
#include "tests/flow_run.h"
#include "tests/suite.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdlib.h>

/* Runs allow an error of rtol in each step, and errors decay along the flow: ten steps' worth is
 * allowed. */
#define RTOL "1e-10"
static const double agreement = 1e-9;

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
    struct mode_problem m = {.alpha_p = exp(3.0 * draw_noise(seed)),
                             .beta = exp(2.0 * draw_noise(seed + 1)),
                             .eta_p = 0.1 + 0.09 * draw_noise(seed + 2),
                             .eta_s = 0.1 + 0.09 * draw_noise(seed + 3),
                             .c = 1.5 + 0.49 * draw_noise(seed + 4)};
    double y[3] = {0.5 * draw_noise(seed + 5), 0.3 + 0.29 * draw_noise(seed + 6),
                   1.0 + draw_noise(seed + 7)};
    char text[9][32];
    const double values[9] = {m.alpha_p, m.beta, m.eta_p, m.eta_s, m.c - 1.0, y[0], y[1], y[2], 40};
    for (size_t i = 0; i < 9; i++) {
        snprintf(text[i], sizeof text[i], "%.17g", values[i]);
    }
    const char *const options[] = {
        "model", "modes",  "alpha-p", text[0], "beta",  text[1], "eta-p", text[2], "eta-s",
        text[3], "sigma2", text[4],   "p0",    text[5], "s0",    text[6], "tau0",  text[7],
        "t-end", text[8],  "samples", "8",     "rtol",  RTOL,    NULL};
    struct ssldyn_table trace = flow_run("modes", options);
    m.c = 1.0 + strtod(text[4], NULL);
    gsl_odeiv2_system system = {mode_equations, NULL, 3, &m};
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-6, 1e-18, 1e-13);
    double t = 0.0;
    for (size_t k = 0; k <= 8; k++) {
        ck_assert_int_eq(gsl_odeiv2_driver_apply(driver, &t, 5.0 * (double)k, y), GSL_SUCCESS);
        CHECK_CLOSE(flow_value(&trace, k, "p_1"), y[0], agreement, 0.0);
        CHECK_CLOSE(flow_value(&trace, k, "s_1"), y[1], agreement, 0.0);
        CHECK_CLOSE(flow_value(&trace, k, "tau_1"), y[2], agreement, 0.0);
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

/* Lemma 1 (and Thm 2) from the definition, entry by entry. */
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

/* Random X and X' that do not commute, positive definite. */
static void make_moments(struct matrix_problem *m, double Xprime[])
{
    for (size_t i = 0; i < G1; i++) {
        for (size_t j = 0; j < G1; j++) {
            double a = 0.0;
            double b = 0.0;
            for (size_t k = 0; k < G1; k++) {
                a += draw_noise(300 + i * G1 + k) * draw_noise(300 + j * G1 + k);
                b += draw_noise(500 + i * G1 + k) * draw_noise(500 + j * G1 + k);
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
        y[i] = 0.5 * draw_noise(900 + i);
    }
    if (m.symmetric) {
        for (size_t i = 0; i < G2; i++) {
            for (size_t j = 0; j < i; j++) {
                y[j * G2 + i] = y[i * G2 + j];
            }
        }
    }
    flow_matrix(x, "x.npy", G1, G1, m.X);
    flow_matrix(xprime, "xprime.npy", G1, G1, Xprime);
    flow_matrix(wp, "wp.npy", G2, G2, y);
    flow_matrix(w, "w.npy", G2, G1, y + G2 * G2);
    flow_matrix(wa, "wa.npy", G2, G1, y + G2 * G2 + G2 * G1);
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
                                   RTOL,
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

TEST_SUITE(against_gsl)
{
    gsl_set_error_handler_off();
    tcase_add_loop_test(tests, modes_against_gsl, 0, 24);
    tcase_add_loop_test(tests, population_against_gsl, 0, 4);
}
