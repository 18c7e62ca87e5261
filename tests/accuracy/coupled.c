/* Modes under the cosine and IsoLoss: flows compared with references from other integrators, node
 * rules and closed forms; their ends; weight decay changes only their clock; many modes. */
// SPDX-License-Identifier: MIT
#include "tests/flow_run.h"
#include "tests/suite.h"
#include "theory/cosine_modes.h"
#include "theory/waterfill.h"

#include <math.h>
#include <stdlib.h>

static double mode(const struct ssldyn_table *table, const char *stem, size_t j)
{
    return flow_mode(table, table->rows - 1, stem, j);
}

/* Two integrators and two node rules agree on these values to 2e-12. */
START_TEST(reference_flow)
{
    static const double p[] = {.49610128620861, .46449927831121, .41140893983832};
    static const double w[] = {.67052305446186, .55515406595839, .38437221028614};
    static const double wa[] = {.76757734859758, .62047266276062, .41276687891475};
    static const char *const options[] = {
        "model",    "lowdim",      "loss",    "cosine",      "wp0",      "0.9,0.5,0.3",
        "w0",       "1,0.7,0.4",   "wa0",     "0.8,0.7,0.5", "lambda-d", "1,0.8,0.6",
        "lambda-s", "1.5,1.3,1.1", "alpha-p", "2",           "eta",      "0.1",
        "beta",     "0.7",         "t-end",   "3",           "samples",  "3",
        "rtol",     "1e-12",       NULL};
    struct ssldyn_table table = flow_run("reference", options);
    for (size_t j = 0; j < 3; j++) {
        CHECK_CLOSE(mode(&table, "wp", j), p[j], 0.0, 2e-12);
        CHECK_CLOSE(mode(&table, "w", j), w[j], 0.0, 2e-12);
        CHECK_CLOSE(mode(&table, "wa", j), wa[j], 0.0, 2e-12);
    }
    ssldyn_table_clear(&table);
}
END_TEST

/* Without noise every survivor ends with the same p, and the spectrum is the closed form of the
 * start, for any weight decay except for the common scale, with a held and an averaged target. */
START_TEST(water_fills)
{
    static const char *const eta[] = {"0", "0.05", "1", "0"};
    static const double p[] = {1, .7, .4, -.3, -.2, 2.2};
    static const double w[] = {.8, .6, .5, .2, .5, .3};
    const bool moves = _i == 3;
    const char *const options[] = {"model",
                                   "lowdim",
                                   "loss",
                                   "cosine",
                                   "wp0",
                                   "1,0.7,0.4,-0.3,-0.2,2.2",
                                   "w0",
                                   "0.8,0.6,0.5,0.2,0.5,0.3",
                                   "lambda-s",
                                   "1",
                                   "eta",
                                   eta[_i],
                                   moves ? "beta" : "tau",
                                   "1",
                                   "t-end",
                                   _i == 2 ? "30"
                                   : moves ? "1000"
                                           : "400",
                                   "samples",
                                   "4",
                                   "rtol",
                                   "1e-10",
                                   NULL};
    double p_end[6];
    double w2_end[6];
    double level = 0.0;
    struct ssldyn_table table = flow_run("fills", options);
    ck_assert_uint_eq(ssldyn_waterfill(6, 1.0, p, w, p_end, w2_end, &level), 4);
    const double growth = exp(atof(eta[_i]) * flow_value(&table, table.rows - 1, "t"));
    for (size_t j = 0; j < 6; j++) {
        CHECK_CLOSE(growth * mode(&table, "wp", j), p_end[j], 0.0, 2e-7);
        CHECK_CLOSE(growth * growth * mode(&table, "s", j), w2_end[j], 0.0, 2e-7);
    }
    ssldyn_table_clear(&table);
}
END_TEST

/* Wa = W held: the curve is the same for every eta, traversed with the clock T = (exp(2 eta t) -
 * 1)/(2 eta). */
START_TEST(weight_decay_is_a_clock)
{
    static const double etas[] = {0.0, 0.02, 0.3};
    double first[6] = {0.0};
    for (size_t i = 0; i < 3; i++) {
        const double T = 12.0;
        const double end = etas[i] > 0.0 ? log1p(2.0 * etas[i] * T) / (2.0 * etas[i]) : T;
        char eta[32];
        char t_end[32];
        snprintf(eta, sizeof eta, "%.17g", etas[i]);
        snprintf(t_end, sizeof t_end, "%.17g", end);
        const char *const options[] = {
            "model",   "lowdim",    "loss",     "cosine",    "wp0",      "0.9,0.5,0.3",
            "w0",      "1,0.7,0.4", "lambda-d", "1,0.8,0.6", "lambda-s", "1.5,1.3,1.1",
            "tau",     "1",         "eta",      eta,         "t-end",    t_end,
            "samples", "3",         "rtol",     "1e-11",     NULL};
        struct ssldyn_table table = flow_run("clock", options);
        for (size_t j = 0; j < 6; j++) {
            const double value = exp(etas[i] * end) * mode(&table, j < 3 ? "wp" : "w", j % 3);
            first[j] = i == 0 ? value : first[j];
            CHECK_CLOSE(value, first[j], 1e-9, 0.0);
        }
        ssldyn_table_clear(&table);
    }
}
END_TEST

/* DirectSet without noise from s = (0.02, 0.5, 1.3): all s become equal, at the mean of s under the
 * cosine, and of s^(a+1) to the power 1/(a+1) under its IsoLoss. */
START_TEST(closed_form_predictors_equalize)
{
    static const char *const losses[] = {"cosine", "iso-cosine", "iso-cosine"};
    static const char *const powers[] = {"1", "0.5", "1"};
    static const double ends[] = {.60666666667, .72151531680, .80423877051};
    const char *const options[] = {
        "model",    "modes", "loss",         losses[_i], "predictor", "directset", "set-power",
        powers[_i], "s0",    "0.02,0.5,1.3", "sigma2",   "0",         "eta",       "0",
        "tau",      "1",     "t-end",        "200",      "samples",   "4",         NULL};
    struct ssldyn_table table = flow_run("set", options);
    for (size_t j = 0; j < 3; j++) {
        CHECK_CLOSE(mode(&table, "s", j), ends[_i], 0.0, 1e-7);
    }
    ssldyn_table_clear(&table);
}
END_TEST

/* p = w^(2a) for any data, by the classical method of order 4: sum w^2 or sum w^(2a+2) is
 * conserved. */
START_TEST(closed_form_predictors_of_the_paper)
{
    static const double ends[2][3] = {{.33548464763, .61935841811, 1.04515693430},
                                      {.44779597786, .59843473804, 1.10567517785}};
    static const double s[] = {1.5, 1.3, 1.1};
    static const double d[] = {1, .8, .6};
    static const double rest[] = {1.25, 1.05, .85};
    enum { STEPS = 1600 };
    const struct ssldyn_cosine_data data = {3, s, s, d, rest};
    const double a = _i == 0 ? 1.0 : 0.5;
    const double h = 2.0 / STEPS;
    double w[3] = {sqrt(.2), sqrt(.5), sqrt(1.3)};
    double workspace[128];
    for (int step = 0; step < STEPS; step++) {
        static const double shift[] = {0.0, 0.5, 0.5, 1.0};
        double k[4][3];
        for (int stage = 0; stage < 4; stage++) {
            double at[3];
            double p[3];
            double G[3];
            double loss = 0.0;
            for (int j = 0; j < 3; j++) {
                at[j] = w[j] + (stage > 0 ? shift[stage] * h * k[stage - 1][j] : 0.0);
                p[j] = pow(at[j], 2.0 * a);
            }
            ck_assert(ssldyn_cosine_modes_gradient(&data, p, at, at, SSLDYN_COSINE_FINE, G, &loss,
                                                   workspace));
            for (int j = 0; j < 3; j++) {
                k[stage][j] = _i == 0 ? p[j] * G[j] : G[j];
            }
        }
        for (int j = 0; j < 3; j++) {
            w[j] += h / 6.0 * (k[0][j] + 2.0 * k[1][j] + 2.0 * k[2][j] + k[3][j]);
        }
    }
    for (int j = 0; j < 3; j++) {
        CHECK_CLOSE(w[j] * w[j], ends[_i][j], 0.0, 7e-11);
    }
}
END_TEST

/* Neither predictor nor stop-gradient: |W| is conserved, and modes are selected by
 * lambda_d/lambda_s, until the residual of the remaining ones is 0 (found by quadrature in NumPy:
 * 1e-13); equal modes stay equal, and their loss has a closed form. */
START_TEST(selection_without_predictor)
{
    static const char *const sums[] = {"1.2,1.25,1.5,2,3", "1.5"};
    static const double ends[2][5] = {{1.13331551, .69095711, .07572738, 0, 0},
                                      {.38, .38, .38, .38, .38}};
    static const double losses[] = {-.7240963329, -.625359395708118};
    const char *const options[] = {"model",
                                   "lowdim",
                                   "loss",
                                   "cosine",
                                   "no-predictor",
                                   "true",
                                   "no-stop-grad",
                                   "true",
                                   "no-ema",
                                   "true",
                                   "w0",
                                   "0.4,0.5,0.6,0.7,0.8",
                                   "lambda-s",
                                   sums[_i],
                                   "eta",
                                   "0",
                                   "t-end",
                                   "20000",
                                   "samples",
                                   "4",
                                   "rtol",
                                   "1e-10",
                                   NULL};
    struct ssldyn_table table = flow_run("selects", options);
    for (size_t j = 0; j < 5; j++) {
        CHECK_CLOSE(mode(&table, "s", j), ends[_i][j], 0.0, 6e-9);
    }
    CHECK_CLOSE(flow_value(&table, table.rows - 1, "loss"), losses[_i], 0.0, 1e-10);
    ssldyn_table_clear(&table);
}
END_TEST

/* IsoLoss of the squared distance: p = (lambda_d - eta_s)/lambda_s and alpha_p w^2 = eta_p p/eta_s,
 * and collapse beyond eta_s = lambda_d. */
START_TEST(iso_fixed_points)
{
    static const char *const eta_s[] = {"0.3", "0.9", "1.1", "0.3"};
    static const char *const eta_p[] = {"0.3", "0.9", "1.1", "0.5"};
    static const double p[] = {.56, .08, 0.0, .56};
    const char *const options[] = {
        "model", "lowdim", "loss",    "iso-l2", "wp0",     "0.2",     "w0",
        "0.3",   "eta-s",  eta_s[_i], "eta-p",  eta_p[_i], "alpha-p", _i == 3 ? "2" : "1",
        "t-end", "600",    "samples", "4",      NULL};
    struct ssldyn_table table = flow_run("iso", options);
    const double s = atof(eta_p[_i]) / atof(eta_s[_i]) * p[_i] / (_i == 3 ? 2.0 : 1.0);
    CHECK_CLOSE(mode(&table, "wp", 0), p[_i], 0.0, 1e-8);
    CHECK_CLOSE(mode(&table, "s", 0), s, 0.0, 1e-8);
    ssldyn_table_clear(&table);
}
END_TEST

/* flow_run fails if a law is violated: every loss and switch over a long time, and one case in
 * which the norms decay by exp(-100). */
START_TEST(laws_over_long_times)
{
    static const char *const settings[][8] = {
        {"loss", "cosine", "beta", "0.7", "eta", "0.04", NULL},
        {"loss", "cosine", "tau", "0.8", "eta-p", "0.01", "eta-s", "0.03"},
        {"loss", "cosine", "tau", "1", "no-stop-grad", "true", NULL},
        {"loss", "cosine", "tau", "1", "no-predictor", "true", NULL},
        {"loss", "iso-cosine", "tau", "1", "eta-p", "0.02", "eta-s", "0.01"},
        {"loss", "iso-l2", "beta", "0.7", "eta-p", "0.2", "eta-s", "0.1"},
        {"loss", "cosine", "predictor", "directset", "tau", "1", NULL},
        {"loss", "iso-cosine", "predictor", "directset", "tau", "1", NULL},
        {"loss", "cosine", "one-sided-noise", "true", "beta", "0.7", NULL},
        {"loss", "cosine", "closure", "next", "beta", "0.7", NULL},
        {"loss", "cosine", "tau", "1", "eta", "1", NULL}};
    const char *options[24] = {"model",    "lowdim",        "w0",       "1,0.7,0.4,0.3",
                               "lambda-d", "1,0.8,0.6,0.9", "lambda-s", "1.5,1.3,1.1,1.2",
                               "rtol",     "1e-10",         "samples",  "20"};
    size_t at = 12;
    for (size_t i = 0; i < 8 && settings[_i][i]; i++) {
        options[at++] = settings[_i][i];
    }
    struct ssldyn_table table = flow_run("laws", options);
    ck_assert_double_eq(flow_value(&table, table.rows - 1, "t"), 100.0);
    ssldyn_table_clear(&table);
}
END_TEST

/* 50 and 400 modes: the laws hold, and the next-order closure is near the exact flow, nearer than
 * the leading one. */
START_TEST(many_modes)
{
    enum { MOST = 400 };
    const size_t n = _i == 0 ? 50 : MOST;
    char wp[32];
    char w[32];
    char d[32];
    double s[3][MOST];
    static const char *const closures[] = {"none", "leading", "next"};
    snprintf(wp, sizeof wp, "0.1:1:%zu", n);
    snprintf(w, sizeof w, "1:0.2:%zu", n);
    snprintf(d, sizeof d, "0.9:0.3:%zu", n);
    for (int i = 0; i < 3; i++) {
        const char *const options[] = {
            "model",    "lowdim", "loss",     "cosine", "wp0",     wp,          "w0",    w,
            "lambda-d", d,        "lambda-s", "1.2",    "tau",     "1",         "t-end", "20",
            "samples",  "4",      "rtol",     "1e-8",   "closure", closures[i], NULL};
        struct ssldyn_table table = flow_run("many", options);
        for (size_t j = 0; j < n; j++) {
            s[i][j] = mode(&table, "s", j);
        }
        ssldyn_table_clear(&table);
    }
    double off[3] = {0.0};
    for (int i = 0; i < 3; i++) {
        for (size_t j = 0; j < n; j++) {
            off[i] = fmax(off[i], fabs(s[i][j] - s[0][j]));
        }
    }
    ck_assert_msg(off[2] < 0.2 * off[1] && off[1] < 1.0 / (double)n, "%g, %g", off[1], off[2]);
}
END_TEST

TEST_SUITE(coupled)
{
    tcase_add_test(tests, reference_flow);
    tcase_add_loop_test(tests, water_fills, 0, 4);
    tcase_add_test(tests, weight_decay_is_a_clock);
    tcase_add_loop_test(tests, closed_form_predictors_equalize, 0, 3);
    tcase_add_loop_test(tests, closed_form_predictors_of_the_paper, 0, 2);
    tcase_add_loop_test(tests, selection_without_predictor, 0, 2);
    tcase_add_loop_test(tests, iso_fixed_points, 0, 4);
    tcase_add_loop_test(tests, laws_over_long_times, 0, 11);
    tcase_add_loop_test(tests, many_modes, 0, 2);
}
