/* Exact properties, tested on whole runs: Thm 1, 2 and 3, fixed points as ends, laws of closed-form
 * predictors, symmetries, and the requested tolerance. Every flow_run also fails if a drift exceeds
 * its allowance. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy.h"
#include "sim/linalg/linalg.h"
#include "sim/ode/ode.h"
#include "tests/flow_run.h"
#include "tests/suite.h"
#include "theory/fixedpoint.h"
#include "theory/invariant.h"
#include "theory/modes.h"
#include "theory/reduced.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

static double noise(size_t i)
{
    const double x = sin(78.233 * (double)i + 1.733) * 43758.5453;
    return 2.0 * (x - floor(x)) - 1.0;
}

static void read_stack(const char *name, struct ssldyn_array *stack)
{
    char path[SCRATCH_PATH];
    struct ssldyn_error err;
    ck_assert_int_eq(ssldyn_npy_read(scratch_path(path, name), false, stack, &err), SSLDYN_OK);
}

/* Thm 1 for every start of the target. The law is exact, so only the integration contributes: its
 * error is of the order of rtol times the size of the terms, below 10 here. */
START_TEST(balance_decays_as_thm_1_says)
{
    static const char *const targets[] = {"zero", "copy", "random"};
    const char *const options[] = {"model", "population", "n1",      "7",         "n2",
                                   "4",     "eta",        "0.03",    "alpha-p",   "2.2",
                                   "beta",  "0.3",        "init-wa", targets[_i], "init-scale",
                                   "0.5",   "seed",       "11",      "rtol",      "1e-10",
                                   "t-end", "60",         "samples", "30",        NULL};
    struct ssldyn_table trace = flow_run("run", options);
    for (size_t k = 0; k < trace.rows; k++) {
        CHECK_CLOSE(flow_value(&trace, k, "balance"), 0.0, 0.0, 1e-8);
    }
    ck_assert_double_gt(flow_value(&trace, 0, "norm_w"), 0.5); /* and the law is not trivially
                                                                * satisfied */
    ssldyn_table_clear(&trace);
}
END_TEST

/* Unequal decays: d/dt (s - p^2/alpha_p) = -2 eta_s s + 2 eta_p p^2/alpha_p, by central differences
 * of order four, whose error is h^4/30 of a fifth derivative of order one. */
START_TEST(balance_of_modes_with_unequal_decays)
{
    const struct ssldyn_rates rates = {
        .alpha_p = 1.6, .beta = 0.5, .eta_p = 0.11, .eta_s = 0.04, .c = 1.25};
    const char *const options[] = {"model", "modes", "p0",      "0.3",  "s0",   "0.2",
                                   "tau0",  "0.1",   "alpha-p", "1.6",  "beta", "0.5",
                                   "eta-p", "0.11",  "eta-s",   "0.04", "rtol", "1e-12",
                                   "t-end", "20",    "samples", "1000", NULL};
    struct ssldyn_table trace = flow_run("run", options);
    const double h = 0.02;
    for (size_t k = 2; k + 2 < trace.rows; k++) {
        const double rate =
            (flow_value(&trace, k - 2, "c_1") - 8.0 * flow_value(&trace, k - 1, "c_1") +
             8.0 * flow_value(&trace, k + 1, "c_1") - flow_value(&trace, k + 2, "c_1")) /
            (12.0 * h);
        const double law = ssldyn_invariant_modes_balance_rate(&rates, flow_value(&trace, k, "p_1"),
                                                               flow_value(&trace, k, "s_1"));
        CHECK_CLOSE(rate, law, 0.0, 1e-7);
    }
    ssldyn_table_clear(&trace);
}
END_TEST

/* Thm 2, isotropic data: H >= (sigma2 + eta) I, so |W| falls at least that fast. */
START_TEST(without_stop_gradient_everything_decays)
{
    const char *const options[] = {"model",  "population", "n1",           "6",    "n2",   "5",
                                   "no-ema", "true",       "no-stop-grad", "true", "eta",  "0.02",
                                   "sigma2", "0.15",       "init-scale",   "0.7",  "rtol", "1e-10",
                                   "t-end",  "30",         "samples",      "60",   NULL};
    struct ssldyn_table trace = flow_run("run", options);
    const double start = flow_value(&trace, 0, "norm_w");
    double before = start;
    for (size_t k = 1; k < trace.rows; k++) {
        const double now = flow_value(&trace, k, "norm_w");
        ck_assert_double_lt(now, before);
        ck_assert_double_le(now, start * exp(-0.17 * flow_value(&trace, k, "t")) * (1.0 + 1e-7));
        before = now;
    }
    ssldyn_table_clear(&trace);
}
END_TEST

/* Thm 3 with equality: dL/dt = -(K L + L K), with dL/dt by differences of order four along a run;
 * and the bound with the integral of lambda_min(K). eta_p = eta_s and not. */
START_TEST(commutator_follows_thm_3)
{
    enum { N = 4, NN = N * N };
    const char *eta_p = _i == 0 ? "0.04" : "0.09";
    const struct ssldyn_rates rates = {
        .alpha_p = 1.3, .eta_p = strtod(eta_p, NULL), .eta_s = 0.04, .c = 1.3};
    const char *const options[] = {
        "model",      "reduced", "symmetric", "true",  "n1",    "4",     "n2",      "4",      "tau",
        "0.9",        "alpha-p", "1.3",       "eta-p", eta_p,   "eta-s", "0.04",    "sigma2", "0.3",
        "init-scale", "0.4",     "rtol",      "1e-12", "t-end", "1.5",   "samples", "300",    NULL};
    struct ssldyn_table trace = flow_run("run", options);
    struct ssldyn_array Wp;
    struct ssldyn_array F;
    read_stack("run/Wp.npy", &Wp);
    read_stack("run/F.npy", &F);
    const double h = 0.005;
    double integral = 0.0;
    double start = 0.0;
    double lambda_before = 0.0;
    for (size_t k = 0; k < trace.rows; k++) {
        double L[9][NN];
        double K[NN];
        double rate[NN];
        const double lambda = flow_value(&trace, k, "lambda_min_k");
        ssldyn_invariant_commutator(N, F.data + k * NN, Wp.data + k * NN, L[4]);
        const double size = ssldyn_dense_norm(NN, L[4]);
        start = k == 0 ? size : start;
        integral += k == 0 ? 0.0 : 0.5 * h * (lambda + lambda_before);
        lambda_before = lambda;
        /* the trapezoidal rule has an error of t h^2/12 < 3.2e-6 times the second derivative of
         * lambda, which is below 10; twice in exp */
        ck_assert_double_le(size,
                            ssldyn_invariant_commutator_bound(start, integral) * (1.0 + 1e-4));
        if (k < 4 || k + 4 >= trace.rows) {
            continue;
        }
        for (size_t i = 0; i < 9; i++) {
            ssldyn_invariant_commutator(N, F.data + (k + i - 4) * NN, Wp.data + (k + i - 4) * NN,
                                        L[i]);
        }
        ssldyn_reduced_alignment_matrix(&rates, N, Wp.data + k * NN, F.data + k * NN, 0.9, K);
        ssldyn_invariant_commutator_rate(N, K, L[4], rate);
        for (size_t i = 0; i < NN; i++) {
            const double fine = (L[2][i] - 8.0 * L[3][i] + 8.0 * L[5][i] - L[6][i]) / (12.0 * h);
            const double wide = (L[0][i] - 8.0 * L[2][i] + 8.0 * L[6][i] - L[8][i]) / (24.0 * h);
            /* of order four: the error of the fine one is a fifteenth of the difference of the two;
             * twice that is allowed */
            CHECK_CLOSE(fine, rate[i], 0.0, 2.0 * fabs(fine - wide) / 15.0 + 1e-8);
        }
    }
    ck_assert_double_gt(start, 1e-3);
    ssldyn_npy_array_clear(&Wp);
    ssldyn_npy_array_clear(&F);
    ssldyn_table_clear(&trace);
}
END_TEST

/* SM 62 with weight decay: the skew part of Wp decays (Fig. 8), and F stays positive
 * semidefinite. */
START_TEST(asymmetry_decays)
{
    const char *const options[] = {"model",
                                   "reduced",
                                   "n2",
                                   "5",
                                   "tau",
                                   "0.9",
                                   "eta",
                                   "0.05",
                                   "init-scale",
                                   "0.5",
                                   "t-end",
                                   "300",
                                   "samples",
                                   "60",
                                   _i == 1 ? "closure" : "quiet",
                                   _i == 1 ? "parabola" : "true",
                                   NULL};
    struct ssldyn_table trace = flow_run("run", options);
    const size_t last = trace.rows - 1;
    ck_assert_double_gt(flow_value(&trace, 0, "asymmetry"), 0.1);
    ck_assert_double_lt(flow_value(&trace, last, "asymmetry"), 1e-4);
    ck_assert_double_gt(flow_value(&trace, last, "norm_wp"), 0.3); /* it did not simply collapse */
    for (size_t k = 0; k < trace.rows; k++) {
        ck_assert_double_ge(flow_value(&trace, k, "s_5"), -1e-9);
    }
    ssldyn_table_clear(&trace);
}
END_TEST

/* Runs end where the theory predicts, for weight decays up to 99 % of the fold. */
START_TEST(runs_end_at_the_fixed_points)
{
    const double share[] = {0.1, 0.5, 0.9, 0.99};
    struct ssldyn_rates rates = {.alpha_p = 1.8, .beta = 0.7, .c = 1.4};
    struct ssldyn_fixedpoints fixed;
    char eta_s[32];
    char eta_p[32];
    rates.eta_s = share[_i] / (4.0 * rates.c);
    rates.eta_p = _i % 2 ? rates.eta_s : 0.8 * rates.eta_s;
    snprintf(eta_s, sizeof eta_s, "%.17g", rates.eta_s);
    snprintf(eta_p, sizeof eta_p, "%.17g", rates.eta_p);
    const char *const options[] = {"model",  "modes", "p0",      "0.9", "s0",    "1.5",
                                   "tau0",   "1",     "alpha-p", "1.8", "beta",  "0.7",
                                   "sigma2", "0.4",   "eta-p",   eta_p, "eta-s", eta_s,
                                   "t-end",  "4000",  "samples", "2",   NULL};
    struct ssldyn_table trace = flow_run("run", options);
    ssldyn_fixedpoint_modes(&rates, 1.0, &fixed);
    ck_assert_int_eq(fixed.kind, SSLDYN_FIXED_PAIR);
    CHECK_CLOSE(flow_value(&trace, 2, "p_1"), fixed.p_plus, 1e-8, 0.0);
    CHECK_CLOSE(flow_value(&trace, 2, "s_1"), fixed.s_plus, 1e-8, 0.0);
    CHECK_CLOSE(flow_value(&trace, 2, "tau_1"), 1.0, 1e-8, 0.0);
    ssldyn_table_clear(&trace);
}
END_TEST

/* eta_s = 0 < eta_p: p -> tau/c and s grows like 2 eta_p (tau/c)^2 t/alpha_p. */
START_TEST(growth_without_decay_of_the_network)
{
    const char *const options[] = {"model",   "modes", "p0",      "0.3", "s0",     "0.4",
                                   "tau",     "0.8",   "alpha-p", "1.5", "sigma2", "0.25",
                                   "eta-p",   "0.07",  "eta-s",   "0",   "t-end",  "100000",
                                   "samples", "2",     NULL};
    struct ssldyn_table trace = flow_run("run", options);
    const double slope = 2.0 * 0.07 * 0.64 * 0.64 / 1.5;
    CHECK_CLOSE(flow_value(&trace, 2, "p_1"), 0.64, 1e-4, 0.0);
    CHECK_CLOSE(flow_value(&trace, 2, "s_1") - flow_value(&trace, 1, "s_1"), slope * 50000.0, 1e-3,
                0.0);
    ssldyn_table_clear(&trace);
}
END_TEST

/* A collapsed start: dtau/dt = beta - (beta - eta_s) tau exactly, bounded or not. */
START_TEST(tau_of_a_collapsed_mode)
{
    const double beta = _i == 0 ? 0.02 : _i == 1 ? 0.04 : 0.3;
    char text[32];
    snprintf(text, sizeof text, "%.17g", beta);
    const char *const options[] = {"model", "modes", "p0",      "0",  "s0",  "0",
                                   "tau0",  "0.5",   "beta",    text, "eta", "0.04",
                                   "t-end", "20000", "samples", "20", NULL};
    struct ssldyn_table trace = flow_run("run", options);
    for (size_t k = 0; k < trace.rows; k++) {
        const double t = flow_value(&trace, k, "t");
        const double d = beta - 0.04;
        const double exact = 0.5 * exp(-d * t) + (d == 0.0 ? beta * t : -beta * expm1(-d * t) / d);
        CHECK_CLOSE(flow_value(&trace, k, "tau_1"), exact, 1e-9, 0.0);
    }
    ssldyn_table_clear(&trace);
}
END_TEST

/* Decay so fast that W underflows while the target hardly moves: dwa/dt = beta (w - wa) with w = w0
 * exp(-eta t), and no steps are wasted on vanished variables. */
START_TEST(a_target_may_outlive_its_network)
{
    const char *const options[] = {"model", "lowdim", "w0",      "0.25", "wa0", "0",        "beta",
                                   "0.4",   "eta",    "1e9",     "wp0",  "0.1", "lambda-d", "1",
                                   "t-end", "5",      "samples", "4",    NULL};
    struct ssldyn_table trace = flow_run("run", options);
    for (size_t k = 1; k < trace.rows; k++) {
        const double t = flow_value(&trace, k, "t");
        CHECK_CLOSE(flow_value(&trace, k, "wa_1"), 0.4 * 0.25 / (1e9 - 0.4) * exp(-0.4 * t), 1e-8,
                    0.0);
        ck_assert(flow_value(&trace, k, "w_1") == 0.0);
    }
    ssldyn_table_clear(&trace);
}
END_TEST

/* Optimal predictor: W W^T = exp(-2 eta t) W W^T(0): its eigenvalues decay, and its eigenvectors
 * stay. */
START_TEST(the_optimal_predictor_learns_nothing)
{
    const char *const options[] = {
        "model",   "population", "n1",     "5",          "n2",      "3",   "predictor",
        "optimal", "init-wa",    "random", "init-scale", "0.6",     "eta", "0.03",
        "rtol",    "1e-9",       "t-end",  "20",         "samples", "10",  NULL};
    struct ssldyn_table trace = flow_run("run", options);
    for (size_t k = 0; k < trace.rows; k++) {
        const double decay = exp(-0.06 * flow_value(&trace, k, "t"));
        CHECK_CLOSE(flow_value(&trace, k, "s_1"), decay * flow_value(&trace, 0, "s_1"), 1e-6, 0.0);
        CHECK_CLOSE(flow_value(&trace, k, "s_3"), decay * flow_value(&trace, 0, "s_3"), 1e-6, 0.0);
    }
    ssldyn_table_clear(&trace);
}
END_TEST

/* DirectPred without regularization is M4 itself, in one mode and in the matrices. */
START_TEST(directpred_is_the_parabola)
{
    const char *const set[] = {"model",   "modes", "predictor", "directpred", "epsilon", "0",
                               "s0",      "0.09",  "tau0",      "0.2",        "beta",    "0.5",
                               "eta",     "0.06",  "rtol",      "1e-10",      "t-end",   "60",
                               "samples", "30",    NULL};
    const char *const parabola[] = {"model", "parabola", "p0",      "0.3",  "tau0", "0.2",
                                    "beta",  "0.5",      "eta",     "0.06", "rtol", "1e-10",
                                    "t-end", "60",       "samples", "30",   NULL};
    const double W[1] = {0.3};
    const double Wa[1] = {0.06};
    char w[SCRATCH_PATH];
    char wa[SCRATCH_PATH];
    flow_matrix(w, "w.npy", 1, 1, W);
    flow_matrix(wa, "wa.npy", 1, 1, Wa);
    const char *const matrices[] = {"model",     "population", "n1",      "1",   "n2",      "1",
                                    "predictor", "directpred", "epsilon", "0",   "init-w",  w,
                                    "init-wa",   wa,           "beta",    "0.5", "eta",     "0.06",
                                    "rtol",      "1e-10",      "t-end",   "60",  "samples", "30",
                                    NULL};
    struct ssldyn_table one = flow_run("set", set);
    struct ssldyn_table other = flow_run("parabola", parabola);
    struct ssldyn_table full = flow_run("matrices", matrices);
    flow_agree(&one, "p_1", &other, "p_1", 2e-8);
    flow_agree(&one, "tau_1", &other, "tau_1", 2e-8);
    flow_agree(&full, "p_1", &other, "p_1", 2e-8);
    flow_agree(&full, "tau", &other, "tau_1", 2e-8);
    ssldyn_table_clear(&one);
    ssldyn_table_clear(&other);
    ssldyn_table_clear(&full);
}
END_TEST

/* W -> S W Q, Wp -> S Wp S^T with orthogonal S, Q changes no column of an isotropic run. */
START_TEST(rotations_have_no_effect)
{
    enum { N2 = 2, N1 = 3 };
    const double S[4] = {0.6, -0.8, 0.8, 0.6};
    const double Q[9] = {2.0 / 3,  -1.0 / 3, 2.0 / 3, 2.0 / 3, 2.0 / 3,
                         -1.0 / 3, -1.0 / 3, 2.0 / 3, 2.0 / 3};
    double W[2][N2 * N1];
    double Wp[2][N2 * N2];
    double left[N2 * N1];
    struct ssldyn_table trace[2];
    for (size_t i = 0; i < N2 * N1; i++) {
        W[0][i] = 0.7 * noise(i);
    }
    for (size_t i = 0; i < N2 * N2; i++) {
        Wp[0][i] = 0.6 * noise(50 + i);
    }
    ssldyn_dense_multiply(N2, N2, N1, S, W[0], left);
    ssldyn_dense_multiply(N2, N1, N1, left, Q, W[1]);
    ssldyn_dense_multiply(N2, N2, N2, S, Wp[0], left);
    for (size_t i = 0; i < N2; i++) {
        for (size_t j = 0; j < N2; j++) {
            Wp[1][i * N2 + j] = left[i * N2] * S[j * N2] + left[i * N2 + 1] * S[j * N2 + 1];
        }
    }
    for (int i = 0; i < 2; i++) {
        char w[SCRATCH_PATH];
        char wp[SCRATCH_PATH];
        flow_matrix(w, i ? "w1.npy" : "w0.npy", N2, N1, W[i]);
        flow_matrix(wp, i ? "wp1.npy" : "wp0.npy", N2, N2, Wp[i]);
        const char *const options[] = {
            "model", "population", "n1",    "3",     "n2", "2",       "init-w", w,   "init-wp",
            wp,      "rtol",       "1e-11", "t-end", "40", "samples", "20",     NULL};
        trace[i] = flow_run(i ? "turned" : "plain", options);
    }
    static const char *const columns[] = {"loss",       "norm_w", "norm_wp",     "tau",
                                          "commutator", "s_1",    "s_2",         "p_1",
                                          "cos_1",      "wpe_1",  "lambda_min_k"};
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
        flow_agree(&trace[0], columns[c], &trace[1], columns[c], 1e-8);
    }
    ssldyn_table_clear(&trace[0]);
    ssldyn_table_clear(&trace[1]);
}
END_TEST

/* The error of a matrix run follows the tolerance: within 100 rtol of a run at 1e-13. */
START_TEST(matrix_runs_keep_their_tolerance)
{
    static const char *const tolerances[] = {"1e-6", "1e-8", "1e-10", "1e-12"};
    const char *const fine[] = {"model",      "population", "n1",   "6",     "n2",    "4",
                                "init-scale", "0.4",        "seed", "5",     "t-end", "50",
                                "samples",    "25",         "rtol", "1e-13", NULL};
    const char *const coarse[] = {
        "model", "population", "n1", "6",       "n2", "4",    "init-scale",   "0.4", "seed",
        "5",     "t-end",      "50", "samples", "25", "rtol", tolerances[_i], NULL};
    struct ssldyn_table exact = flow_run("fine", fine);
    struct ssldyn_table trace = flow_run("coarse", coarse);
    const double allowed = 100.0 * strtod(tolerances[_i], NULL) + 1e-12;
    flow_agree(&exact, "s_1", &trace, "s_1", allowed);
    flow_agree(&exact, "norm_wp", &trace, "norm_wp", allowed);
    flow_agree(&exact, "norm_w", &trace, "norm_w", allowed);
    flow_agree(&exact, "loss", &trace, "loss", 10.0 * allowed); /* a difference of larger terms */
    ssldyn_table_clear(&exact);
    ssldyn_table_clear(&trace);
}
END_TEST

/* Every integrator gives the same run. */
START_TEST(steppers_agree)
{
    const char *const best[] = {"model", "modes",   "p0", "0.2,0.5", "s0",    "0.1", "t-end",
                                "40",    "samples", "20", "rtol",    "1e-12", NULL};
    const char *const options[] = {
        "model",   "modes", "p0",      "0.2,0.5",
        "s0",      "0.1",   "t-end",   "40",
        "samples", "20",    "rtol",    "1e-8",
        "atol",    "1e-12", "stepper", ssldyn_ode_stepper_name((size_t)_i),
        NULL};
    struct ssldyn_table exact = flow_run("best", best);
    struct ssldyn_table trace = flow_run("run", options);
    /* the multistep methods of GSL are the loosest: three orders over rtol */
    flow_agree(&exact, "p_1", &trace, "p_1", 1e-5);
    flow_agree(&exact, "s_2", &trace, "s_2", 1e-5);
    flow_agree(&exact, "tau_1", &trace, "tau_1", 1e-5);
    ssldyn_table_clear(&exact);
    ssldyn_table_clear(&trace);
}
END_TEST

TEST_SUITE(invariants)
{
    gsl_set_error_handler_off();
    int steppers = 0;
    while (ssldyn_ode_stepper_name((size_t)steppers)) {
        steppers++;
    }
    tcase_add_loop_test(tests, balance_decays_as_thm_1_says, 0, 3);
    tcase_add_test(tests, balance_of_modes_with_unequal_decays);
    tcase_add_test(tests, without_stop_gradient_everything_decays);
    tcase_add_loop_test(tests, commutator_follows_thm_3, 0, 2);
    tcase_add_loop_test(tests, asymmetry_decays, 0, 2);
    tcase_add_loop_test(tests, runs_end_at_the_fixed_points, 0, 4);
    tcase_add_test(tests, growth_without_decay_of_the_network);
    tcase_add_loop_test(tests, tau_of_a_collapsed_mode, 0, 3);
    tcase_add_test(tests, a_target_may_outlive_its_network);
    tcase_add_test(tests, the_optimal_predictor_learns_nothing);
    tcase_add_test(tests, directpred_is_the_parabola);
    tcase_add_test(tests, rotations_have_no_effect);
    tcase_add_loop_test(tests, matrix_runs_keep_their_tolerance, 0, 4);
    tcase_add_loop_test(tests, steppers_agree, 0, steppers);
}
