/* Flows and SGD in memory compared with the same runs in a directory, and the fates of matrices
 * compared with the ends of long runs. */
// SPDX-License-Identifier: MIT
#include "sim/flow/flow_outcome.h"
#include "sim/run/run_directory.h"
#include "sim/sgd/sgd.h"
#include "sim/sgd/sgd_outcome.h"
#include "tests/flow_run.h"
#include "tests/suite.h"
#include "theory/closedform.h"

#include <check.h>
#include <stdlib.h>

static struct ssldyn_outcome in_memory(const char *const options[], bool early_stop)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_outcome outcome;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_flow_outcome(&spec.problem, early_stop, NULL, &outcome, &err) == SSLDYN_OK,
                  "%s", err.message);
    ssldyn_spec_clear(&spec);
    return outcome;
}

/* The smallest entry of a column. */
static double least(const struct ssldyn_table *table, const char *column)
{
    double value = (double)INFINITY;
    for (size_t k = 0; k < table->rows; k++)
        value = fmin(value, flow_value(table, k, column));
    return value;
}

/* The last row of trace.tsv is the same, bit for bit. */
START_TEST(ends_of_matrices)
{
    const char *const population[] = {"n1", "6",     "n2", "5",       "eta", "0.07", "seed",
                                      "3",  "t-end", "80", "samples", "40",  NULL};
    const char *const reduced[] = {"model", "reduced", "n1",      "6",   "n2",
                                   "5",     "eta",     "0.07",    "tau", "0.9",
                                   "t-end", "50",      "samples", "40",  NULL};
    const char *const *const all[] = {population, reduced};
    for (size_t i = 0; i < 2; i++) {
        struct ssldyn_table table = flow_run(i == 0 ? "population" : "reduced", all[i]);
        const struct ssldyn_outcome outcome = in_memory(all[i], false);
        const size_t last = table.rows - 1;
        CHECK_CLOSE(outcome.t, flow_value(&table, last, "t"), 0.0, 0.0);
        CHECK_CLOSE(outcome.p, flow_value(&table, last, "p_1"), 0.0, 0.0);
        CHECK_CLOSE(outcome.s, flow_value(&table, last, "s_1"), 0.0, 0.0);
        CHECK_CLOSE(outcome.tau, flow_value(&table, last, "tau"), 0.0, 0.0);
        CHECK_CLOSE(outcome.loss, flow_value(&table, last, "loss"), 0.0, 0.0);
        CHECK_CLOSE(outcome.commutator, flow_value(&table, last, "commutator"), 0.0, 0.0);
        CHECK_CLOSE(outcome.asymmetry, flow_value(&table, last, "asymmetry"), 0.0, 0.0);
        CHECK_CLOSE(outcome.k_min, least(&table, "lambda_min_k"), 0.0, 0.0);
        ck_assert_int_eq(outcome.fate, SSLDYN_FATE_SURVIVES);
        ck_assert(outcome.t_decided >= 0.0 && outcome.t_decided < outcome.t);
        double rank = 0.0;
        for (int j = 1; j <= 5; j++) {
            char name[24];
            snprintf(name, sizeof name, "s_%d", j);
            rank += flow_value(&table, last, name) > 1e-6 ? 1.0 : 0.0;
        }
        ck_assert(rank > 0.0);
        CHECK_CLOSE(outcome.rank, rank, 0.0, 0.0);
        ssldyn_table_clear(&table);
    }
}
END_TEST

/* Below and beyond the fold, with every setting that has its own verdict; the early verdict equals
 * that of a run ten times as long. */
START_TEST(fates_of_matrices)
{
    static const struct {
        const char *name, *value, *eta;
        int fate;
    } cases[] = {
        {"beta", "0.4", "0.05", SSLDYN_FATE_SURVIVES},
        {"beta", "0.4", "0.21", SSLDYN_FATE_COLLAPSED}, /* the fold is at .2 */
        {"tau", "1", "0.05", SSLDYN_FATE_SURVIVES},
        {"tau", "0.5", "0.06", SSLDYN_FATE_COLLAPSED}, /* at .05 */
        {"no-predictor", "true", "0.05", SSLDYN_FATE_COLLAPSED},
        {"predictor", "directpred", "0.05", SSLDYN_FATE_SURVIVES},
        {"predictor", "optimal", "0.05", SSLDYN_FATE_COLLAPSED},
        {"symmetric", "true", "0.05", SSLDYN_FATE_SURVIVES},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const options[] = {"n1",           "6",   "n2",         "4",     cases[i].name,
                                       cases[i].value, "eta", cases[i].eta, "t-end", "2000",
                                       "samples",      "400", "init-scale", "0.6",   NULL};
        const struct ssldyn_outcome early = in_memory(options, true);
        const struct ssldyn_outcome late = in_memory(options, false);
        ck_assert_msg(early.fate == cases[i].fate, "case %zu: fate %d at t = %g", i, early.fate,
                      early.t);
        ck_assert_int_eq(late.fate, early.fate);
        ck_assert(early.t == early.t_decided && early.t < late.t);
        const bool survived = late.s > 1e-3;
        ck_assert_int_eq(survived, late.fate == SSLDYN_FATE_SURVIVES);
        ck_assert_int_eq(late.rank > 0.0, survived);
        ck_assert_int_eq(isfinite(late.t_escape) != 0, survived);
    }
}
END_TEST

/* Several modes in one flow, the closed form of the escape between two rows, a closed-form
 * predictor. */
START_TEST(outcomes_of_modes)
{
    const char *const three[] = {"model", "modes", "p0",  "0.02,0.1,0.5", "s0",  "0.01", "tau",
                                 "1",     "t-end", "400", "eta",          "0.1", NULL};
    struct ssldyn_outcome outcome = in_memory(three, false);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_SURVIVES);
    CHECK_CLOSE(outcome.rank, 1.0, 0.0, 0.0);
    CHECK_CLOSE(outcome.p, (1.0 + sqrt(0.5)) / 2.5, 1e-6, 0.0); /* p*+ */
    const char *const one[] = {"model", "parabola", "p0",    "0.15", "tau", "1", "t-end",
                               "60",    "samples",  "60000", "eta",  "0.1", NULL};
    outcome = in_memory(one, false);
    const double half = (1.0 + sqrt(0.5)) / 5.0;
    /* a straight line over 1e-3: (d^2 p/dt^2) h^2/8 < 1e-7 */
    CHECK_CLOSE(outcome.t_escape, ssldyn_closedform_time(1.0, 1.25, 0.1, 0.15, half), 0.0, 1e-6);
    CHECK_CLOSE(outcome.margin, 0.1, 0.0, 1e-15);
    const char *const set[] = {"model", "modes", "predictor", "directpred", "s0",  "0.01", "tau",
                               "1",     "eta",   "0.12",      "t-end",      "400", NULL};
    outcome = in_memory(set, false);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_COLLAPSED); /* p = .1 is below p*- = .147 */
    const struct ssldyn_outcome early = in_memory(set, true);
    ck_assert(early.t < outcome.t && early.fate == outcome.fate);
}
END_TEST

/* A mode (u, wa) with p = s^a + epsilon s and w = sign(u) |u|^(1/power), by the classical
 * Runge-Kutta method. */
struct against {
    double a, epsilon, beta, eta_s, c, power;
};

static void against_rhs(const struct against *q, const double y[2], double dydt[2])
{
    const double w = copysign(pow(fabs(y[0]), 1.0 / q->power), y[0]);
    const double p = pow(w * w, q->a) + q->epsilon * w * w;
    const double drive = y[1] - q->c * p * w;
    const double factor = q->power < 1.0 ? 1.0 + q->epsilon * pow(fabs(w), 2.0 - 2.0 * q->a) : 1.0;
    dydt[0] = q->power * (factor * drive - q->eta_s * y[0]); /* factor = p/|w|^(2a) */
    dydt[1] = q->beta * (w - y[1]);
}

static void against_step(const struct against *q, double h, double y[2])
{
    static const double nodes[4] = {0.0, 0.5, 0.5, 1.0};
    static const double weights[4] = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0};
    double slope[2] = {0.0, 0.0};
    double sum[2] = {0.0, 0.0};
    for (int i = 0; i < 4; i++) {
        const double at[2] = {y[0] + nodes[i] * h * slope[0], y[1] + nodes[i] * h * slope[1]};
        against_rhs(q, at, slope);
        sum[0] += weights[i] * slope[0];
        sum[1] += weights[i] * slope[1];
    }
    y[0] += h * sum[0];
    y[1] += h * sum[1];
}

/* A target that starts with the opposite sign drives W to 0. With p = s^a, 2a < 1, that takes a
 * finite time, and the flow ends there; where p is constant w passes through zero. */
START_TEST(target_against_network)
{
    const char *const plain[] = {"model",  "modes",  "predictor", "directset", "set-power",
                                 "0.4312", "beta",   "0.0226",    "eta-s",     "0.0318",
                                 "sigma2", "0.8726", "tau0",      "-0.25",     "s0",
                                 "0.4987", "t-end",  "3e4",       NULL};
    const char *const raised[] = {"model", "modes", "predictor", "directset", "set-power", "0.3",
                                  "beta",  "0.03",  "eta-s",     "0.04",      "sigma2",    "0.5",
                                  "tau0",  "-2",    "s0",        "0.3",       "epsilon",   "0.4",
                                  "t-end", "3e4",   NULL};
    const struct against q[2] = {{0.4312, 0.0, 0.0226, 0.0318, 1.8726, 1.0 - 2.0 * 0.4312},
                                 {0.3, 0.4, 0.03, 0.04, 1.5, 0.4}};
    const double start[2][2] = {{0.4987, -0.25}, {0.3, -2.0}};
    const double h = 1e-3;
    struct ssldyn_outcome outcome;
    for (int i = 0; i < 2; i++) {
        const double s0 = start[i][0];
        double y[2] = {pow(s0, 0.5 * q[i].power), start[i][1] * sqrt(s0)};
        double t = 0.0;
        double before = y[0];
        for (; y[0] > 0.0; t += h) {
            before = y[0];
            against_step(&q[i], h, y);
        }
        t += h * y[0] / (before - y[0]); /* a straight line: (d^2 u/dt^2) h^2/8 < 1e-6 |du/dt| */
        outcome = in_memory(i == 0 ? plain : raised, false);
        ck_assert_int_eq(outcome.fate, SSLDYN_FATE_UNDECIDED);
        CHECK_CLOSE(outcome.t, t, 1e-6, 0.0);
        CHECK_CLOSE(outcome.s, 0.0, 0.0, 0.0);
        CHECK_CLOSE(outcome.p, 0.0, 0.0, 0.0);
    }
    const char *const low[] = {"model",  "modes",  "predictor", "directset", "set-power",
                               "0.4312", "beta",   "0.0226",    "eta-s",     "0.0318",
                               "sigma2", "0.8726", "tau0",      "-0.25",     "s0",
                               "0.01",   "t-end",  "3e4",       NULL};
    ck_assert_int_eq(in_memory(low, false).fate, SSLDYN_FATE_COLLAPSED);

    const char *const constant[] = {
        "model", "modes", "predictor", "directset", "set-power", "0.3",       "beta",
        "0.1",   "eta-s", "0.03",      "sigma2",    "0.5",       "normalize", "largest",
        "tau0",  "-3",    "s0",        "0.5",       "t-end",     "9",         NULL};
    const struct against p_is_1 = {0.0, 0.0, 0.1, 0.03, 1.5, 1.0};
    double y[2] = {sqrt(0.5), -3.0 * sqrt(0.5)};
    for (int i = 0; i < 9000; i++)
        against_step(&p_is_1, h, y);
    ck_assert(y[0] < 0.0);
    outcome = in_memory(constant, false);
    CHECK_CLOSE(outcome.t, 9.0, 0.0, 0.0);
    CHECK_CLOSE(outcome.s, y[0] * y[0], 1e-6, 0.0);
    CHECK_CLOSE(outcome.tau, y[1] / y[0], 1e-6, 0.0);
}
END_TEST

/* 1e-13 from a basin's edge: the exact flow survives (in quadruple precision), this flow and its
 * companion collapse. */
START_TEST(near_an_edge)
{
    const char *const options[] = {"model",    "lowdim",
                                   "tau",      "1",
                                   "alpha-p",  "1.7569636245104703",
                                   "eta",      "0.09990342441069977",
                                   "lambda-s", "1.6717287116820638",
                                   "lambda-d", "1",
                                   "wp0",      "0.53999612048639622",
                                   "w0",       "0.054280441477240822",
                                   "t-end",    "1000",
                                   NULL};
    const struct ssldyn_outcome outcome = in_memory(options, false);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_UNDECIDED);
    CHECK_CLOSE(outcome.t, 1000.0, 0.0, 0.0);
}
END_TEST

/* Without a fold there is no margin to it, and that of a closed-form predictor has no eta_p. */
START_TEST(margins_of_flows)
{
    const char *const frozen[] = {"model", "modes", "p0",  "0.2", "s0",    "0.3", "tau0", "0.5",
                                  "beta",  "0",     "eta", "0.1", "t-end", "5",   NULL};
    const char *const sealed[] = {"model", "modes", "p0",  "0.2",   "s0", "0.3", "eta-p",
                                  "0",     "eta-s", "0.1", "t-end", "5",  NULL};
    const char *const matrices[] = {"n1",  "3",   "n2",    "2", "beta", "0",
                                    "eta", "0.1", "t-end", "2", NULL};
    const char *const closed[] = {"model", "modes", "predictor", "directset", "s0", "0.3", "sigma2",
                                  "0.25",  "eta-s", "0.1",       "t-end",     "5",  NULL};
    ck_assert(isnan(in_memory(frozen, false).margin));
    ck_assert(isnan(in_memory(sealed, false).margin));
    ck_assert(isnan(in_memory(matrices, false).margin));
    CHECK_CLOSE(in_memory(closed, false).margin, 0.1, 1e-14, 0.0);
}
END_TEST

/* SGD in memory equals SGD in a directory; its fate is the end of the flow with an infinite
 * batch. */
START_TEST(outcomes_of_sgd)
{
    const char *const options[] = {"n1",    "6",  "n2",      "5",  "eta",   "0.07", "lr", "0.02",
                                   "t-end", "40", "samples", "20", "batch", "32",   NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_outcome outcome;
    struct ssldyn_sgd_report report;
    struct ssldyn_table table;
    char path[SCRATCH_PATH];
    char file[SCRATCH_PATH + 16];
    spec_make(&spec, SSLDYN_COMMAND_SGD, options);
    scratch_path(path, "sgd");
    struct ssldyn_run_directory directory;
    ssldyn_run_directory_init(&directory, path, ssldyn_spec_print, &spec);
    ck_assert_msg(ssldyn_sgd_run(&spec.problem, &directory.sink, true, &report, &err) == SSLDYN_OK,
                  "%s", err.message);
    /* the flow from the last row on: the average of the process */
    ck_assert_uint_eq(report.mean.mode_count, 5);
    ck_assert_int_eq(report.mean.modes[0].fate, SSLDYN_FATE_SURVIVES);
    CHECK_CLOSE(report.mean.eta_fold, 0.2, 1e-15, 0.0);
    ssldyn_sgd_report_clear(&report);
    snprintf(file, sizeof file, "%s/trace.tsv", path);
    ck_assert_int_eq(ssldyn_table_read(file, &table, &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_sgd_outcome(&spec.problem, false, NULL, &outcome, &err) == SSLDYN_OK, "%s",
                  err.message);
    const size_t last = table.rows - 1;
    CHECK_CLOSE(outcome.t, flow_value(&table, last, "t"), 0.0, 0.0);
    CHECK_CLOSE(outcome.p, flow_value(&table, last, "p_1"), 0.0, 0.0);
    CHECK_CLOSE(outcome.s, flow_value(&table, last, "s_1"), 0.0, 0.0);
    CHECK_CLOSE(outcome.loss, flow_value(&table, last, "loss"), 0.0, 0.0);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "eta", "0.25", "eta", &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_prepare(&spec, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_sgd_outcome(&spec.problem, true, NULL, &outcome, &err), SSLDYN_OK);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_COLLAPSED);
    CHECK_CLOSE(outcome.rank, 0.0, 0.0, 0.0);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "lr", "1.5", "lr", &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "init-scale", "3", "init-scale", &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_sgd_outcome(&spec.problem, true, NULL, &outcome, &err), SSLDYN_OK);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_DIVERGED);
    ssldyn_table_clear(&table);
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(flow_outcome)
{
    tcase_add_test(tests, ends_of_matrices);
    tcase_add_test(tests, fates_of_matrices);
    tcase_add_test(tests, outcomes_of_modes);
    tcase_add_test(tests, target_against_network);
    tcase_add_test(tests, near_an_edge);
    tcase_add_test(tests, margins_of_flows);
    tcase_add_test(tests, outcomes_of_sgd);
}
