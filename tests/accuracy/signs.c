/* Starts of every sign: a mode of M3, the same mode in the variables of M5, the ensemble used by
 * sweeps and basins, and the parabola M4 must agree, also where w changes its sign and tau passes
 * through infinity. */
// SPDX-License-Identifier: MIT
#include "sim/ensemble/ensemble.h"
#include "sim/flow/flow_outcome.h"
#include "tests/draw.h"
#include "tests/flow_run.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum { TEXT = 32, OPTIONS = 40 };

/* A mode with its rates, and the output times. */
struct trial {
    double alpha_p, beta, eta_p, eta_s, sigma2, tau; /* tau NaN: the target moves */
    double p, w, wa;
    double t_end;
};

/* Options being assembled. */
struct words {
    char text[OPTIONS][TEXT];
    const char *list[OPTIONS + 1];
    size_t count;
};

static void add(struct words *words, const char *name, double value)
{
    words->list[words->count] = name;
    snprintf(words->text[words->count], TEXT, "%.17g", value);
    words->list[words->count + 1] = words->text[words->count];
    words->count += 2;
    words->list[words->count] = NULL;
}

static struct ssldyn_outcome outcome_of(const char *model, const struct trial *trial)
{
    struct words words = {.list = {"model", model, "samples", "4"}, .count = 4};
    const bool held = !isnan(trial->tau);
    add(&words, "alpha-p", trial->alpha_p);
    add(&words, "eta-p", trial->eta_p);
    add(&words, "eta-s", trial->eta_s);
    add(&words, "t-end", trial->t_end);
    add(&words, held ? "tau" : "beta", held ? trial->tau : trial->beta);
    if (strcmp(model, "lowdim") == 0) {
        add(&words, "lambda-s", 1.0 + trial->sigma2);
        add(&words, "lambda-d", 1.0);
        add(&words, "wp0", trial->p);
        add(&words, "w0", trial->w);
        if (!held) {
            add(&words, "wa0", trial->wa);
        }
    } else {
        add(&words, "sigma2", trial->sigma2);
        add(&words, "p0", trial->p);
        if (strcmp(model, "modes") == 0) {
            add(&words, "s0", trial->w * trial->w);
        }
        if (!held) {
            add(&words, "tau0", trial->wa / trial->w);
        }
    }
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_outcome outcome;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, words.list);
    ck_assert_msg(ssldyn_flow_outcome(&spec.problem, false, NULL, &outcome, &err) == SSLDYN_OK,
                  "%s", err.message);
    ssldyn_spec_clear(&spec);
    /* it reached the end: the integrator did not fail */
    CHECK_CLOSE(outcome.t, trial->t_end, 0.0, 0.0);
    return outcome;
}

static struct ssldyn_ensemble_end end_of(const struct trial *trial)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_ensemble_end end;
    const struct ssldyn_ensemble_options options = {
        .t_end = trial->t_end, .rtol = 1e-11, .tail = true};
    const struct ssldyn_ensemble_point point = {.alpha_p = trial->alpha_p,
                                                .beta = trial->beta,
                                                .eta_p = trial->eta_p,
                                                .eta_s = trial->eta_s,
                                                .lambda_s = 1.0 + trial->sigma2,
                                                .lambda_d = 1.0,
                                                .tau = trial->tau,
                                                .wp = trial->p,
                                                .w = trial->w,
                                                .wa = trial->wa};
    ck_assert_int_eq(ssldyn_ensemble_run(&options, 1, &point, &end, &err), SSLDYN_OK);
    return end;
}

/* Two verdicts can contradict each other only if both are certain. */
static void check_fates(int one, int other)
{
    ck_assert_msg(one == other || one == SSLDYN_FATE_UNDECIDED || other == SSLDYN_FATE_UNDECIDED,
                  "fates %d and %d", one, other);
    ck_assert_int_ne(one, SSLDYN_FATE_DIVERGED);
    ck_assert_int_ne(other, SSLDYN_FATE_DIVERGED);
}

/* A random mode: rates over the ranges in use, including the zeros and equalities that are special
 * cases; starts of both signs. */
static struct trial draw_trial(uint64_t *seed)
{
    const double horizons[] = {5.0, 50.0, 500.0};
    struct trial trial = {.tau = (double)NAN};
    trial.alpha_p = exp(draw_between(seed, -1.5, 2.5));
    trial.beta = draw_between(seed, 0.0, 1.0) < 0.3 ? 0.0 : exp(draw_between(seed, -4.0, 2.0));
    trial.eta_s =
        draw_between(seed, 0.0, 1.0) < 0.2 ? 0.0 : 0.3 * pow(draw_between(seed, 0.0, 1.0), 2.0);
    trial.eta_p = draw_between(seed, 0.0, 1.0) < 0.5 ? trial.eta_s
                                                     : 0.3 * pow(draw_between(seed, 0.0, 1.0), 2.0);
    trial.sigma2 = draw_between(seed, 0.0, 1.5);
    trial.p = draw_between(seed, -1.5, 1.5);
    trial.w = draw_between(seed, 0.01, 1.4);
    trial.wa = trial.w * draw_between(seed, -2.0, 3.0);
    trial.t_end = horizons[(size_t)draw_between(seed, 0.0, 2.999)];
    if (draw_between(seed, 0.0, 1.0) < 0.25) {
        trial.beta = 0.0;
        trial.tau = draw_between(seed, 0.0, 1.0) < 0.5 ? 1.0 : draw_between(seed, 0.2, 2.0);
        trial.wa = trial.tau * trial.w;
    }
    return trial;
}

/* Each run has an error of about its rtol, 1e-9, amplified by the flow: a factor of three orders is
 * allowed, which fewer than one start in a thousand, those next to an edge, would exceed. Absolute,
 * because p and tau cross zero. */
static const double agreement = 1e-6;

START_TEST(all_models_agree)
{
    uint64_t seed = 20260101;
    int crossed = 0;
    for (int i = 0; i < 250; i++) {
        const struct trial trial = draw_trial(&seed);
        const struct ssldyn_outcome modes = outcome_of("modes", &trial);
        const struct ssldyn_outcome lowdim = outcome_of("lowdim", &trial);
        const struct ssldyn_ensemble_end end = end_of(&trial);
        CHECK_CLOSE(modes.p, lowdim.p, agreement, 1e-12);
        CHECK_CLOSE(modes.s, lowdim.s, agreement, 1e-12);
        CHECK_CLOSE(modes.p, end.wp, agreement, 1e-12);
        CHECK_CLOSE(modes.s, end.w * end.w, agreement, 1e-12);
        if (fabs(lowdim.tau) < 1e3 && lowdim.s > 1e-200) {
            CHECK_CLOSE(modes.tau, lowdim.tau, agreement, 1e-9);
        }
        check_fates(modes.fate, lowdim.fate);
        check_fates(modes.fate, end.fate);
        crossed += end.w < 0.0;
    }
    ck_assert_int_gt(crossed, 20); /* the trials reach the ends of the charts of tau */
}
END_TEST

/* M4 starts on M3's parabola, with either sign of p. If p or wa is negative the parabola is
 * repelling within M3 while w shrinks, so that the rounding of the start decides the fate in M3:
 * only the beginning is compared in that case. */
START_TEST(parabola_of_every_sign)
{
    uint64_t seed = 7;
    for (int i = 0; i < 100; i++) {
        struct trial trial = draw_trial(&seed);
        trial.eta_p = trial.eta_s;
        trial.w = fabs(trial.p) / sqrt(trial.alpha_p);
        trial.wa =
            isnan(trial.tau) ? trial.w * draw_between(&seed, -2.0, 3.0) : trial.tau * trial.w;
        trial.t_end = 5.0;
        const struct ssldyn_outcome modes = outcome_of("modes", &trial);
        const struct ssldyn_outcome parabola = outcome_of("parabola", &trial);
        CHECK_CLOSE(modes.p, parabola.p, agreement, 1e-7);
        CHECK_CLOSE(modes.s, parabola.s, agreement, 1e-7);
        if (trial.p > 0.0 && trial.wa >= 0.0) {
            check_fates(modes.fate, parabola.fate);
        }
    }
}
END_TEST

/* A start that once ended in "diverged": w passes through 0 near t = 5.08. The values at t = 100
 * are those of M5 by SciPy's DOP853 at rtol 1e-13. */
START_TEST(through_zero)
{
    const struct trial trial = {.alpha_p = 2.310810549976273,
                                .eta_p = 0.05941851507071242,
                                .eta_s = 0.1275834129443972,
                                .sigma2 = 0.5094958815215094,
                                .beta = 0.06690036369007309,
                                .tau = (double)NAN,
                                .p = 0.8853996417313394,
                                .w = sqrt(0.35405179275739135),
                                .wa = -0.5 * sqrt(0.35405179275739135),
                                .t_end = 100.0};
    const struct ssldyn_outcome outcome = outcome_of("modes", &trial);
    CHECK_CLOSE(outcome.p, 0.429994, 0.0, 1e-6);
    CHECK_CLOSE(outcome.s, 0.195557 * 0.195557, 0.0, 1e-6);
    CHECK_CLOSE(outcome.tau, 0.186100 / 0.195557, 0.0, 1e-5);
}
END_TEST

/* s = 0: p decays independently, and tau is the ratio of (w, wa) with d/dt (w, wa) = A (w, wa)
 * and A constant for eta_p = 0, whose eigenvalues are complex here: tau(t) from the exponential
 * of A t. */
START_TEST(ratio_of_a_vanished_mode)
{
    const double c = 1.2226156652980234;
    const double p = -0.8986582545960167;
    const double beta = 0.43612731980758784;
    const double eta_s = 0.11813688579644648;
    const double t_end = 1000.0;
    const char *const options[] = {"model",  "modes",
                                   "sigma2", "0.2226156652980234",
                                   "p0",     "-0.8986582545960167",
                                   "s0",     "0",
                                   "beta",   "0.43612731980758784",
                                   "eta-p",  "0",
                                   "eta-s",  "0.11813688579644648",
                                   "t-end",  "1000",
                                   NULL};
    struct ssldyn_table table = flow_run("ratio", options);
    const double half = 0.5 * (beta - c * p * p - eta_s);
    const double omega = sqrt(-(half * half + beta * p));
    const double tau =
        beta * sin(omega * t_end) / (omega * cos(omega * t_end) + half * sin(omega * t_end));
    CHECK_CLOSE(flow_value(&table, table.rows - 1, "p_1"), p, 1e-15, 0.0);
    CHECK_CLOSE(flow_value(&table, table.rows - 1, "s_1"), 0.0, 0.0, 0.0);
    CHECK_CLOSE(flow_value(&table, table.rows - 1, "tau_1"), tau, 1e-5, 0.0);
    ssldyn_table_clear(&table);
}
END_TEST

/* A mode that underflows, dw/dt = (lambda_d - lambda_s) w at its fastest, stops alone: the other
 * reaches t_end with the same numbers as without it. */
START_TEST(one_mode_stops_alone)
{
    const char *const both[] = {"model",    "lowdim", "no-predictor", "true", "lambda-s", "1",
                                "lambda-d", "4",      "w0",           "1,0",  "wa0",      "1,0",
                                "t-end",    "2000",   "samples",      "60",   NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_flow_report report;
    struct ssldyn_table table;
    char path[SCRATCH_PATH];
    char file[SCRATCH_PATH + 16];
    spec_make(&spec, SSLDYN_COMMAND_FLOW, both);
    scratch_path(path, "alone");
    struct ssldyn_run_directory directory;
    ssldyn_run_directory_init(&directory, path, ssldyn_spec_print, &spec);
    ck_assert_int_eq(ssldyn_flow_run(&spec.problem, &directory.sink, true, &report, &err),
                     SSLDYN_EDIVERGED);
    ck_assert_ptr_nonnull(strstr(err.message, "mode 1: "));
    ck_assert_int_eq(report.modes[0].fate, SSLDYN_FATE_DIVERGED);
    ck_assert(report.modes[0].stopped > 0.0 && report.modes[0].stopped < 2000.0);
    ck_assert_int_eq(report.modes[1].fate, SSLDYN_FATE_COLLAPSED);
    ck_assert_uint_eq(report.rows, 61);
    snprintf(file, sizeof file, "%s/trace.tsv", path);
    ck_assert_int_eq(ssldyn_table_read(file, &table, &err), SSLDYN_OK);
    ck_assert_uint_eq(table.rows, 61);
    ck_assert(isfinite(flow_value(&table, 1, "s_1")));
    ck_assert(isnan(flow_value(&table, 60, "s_1")));
    CHECK_CLOSE(flow_value(&table, 60, "s_2"), 0.0, 0.0, 0.0);
    ssldyn_flow_report_clear(&report);
    ssldyn_spec_clear(&spec);
    ssldyn_table_clear(&table);
}
END_TEST

TEST_SUITE(signs)
{
    tcase_add_test(tests, all_models_agree);
    tcase_add_test(tests, parabola_of_every_sign);
    tcase_add_test(tests, through_zero);
    tcase_add_test(tests, ratio_of_a_vanished_mode);
    tcase_add_test(tests, one_mode_stops_alone);
}
