/* Flows and SGD in memory against the same runs in a directory, and the fates of matrices against
 * where long runs end. */
// SPDX-License-Identifier: MIT
#include "sim/flow/flow_outcome.h"
#include "sim/sgd/sgd.h"
#include "sim/sgd/sgd_outcome.h"
#include "tests/flow_run.h"
#include "theory/closedform.h"

#include <check.h>
#include <stdlib.h>

static struct ssldyn_outcome in_memory(const char *const options[], bool early_stop)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_outcome outcome;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_flow_outcome(&spec, early_stop, &outcome, &err) == SSLDYN_OK, "%s",
                  err.message);
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

/* The last row of trace.tsv says the same, bit for bit. */
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

/* Below and beyond the fold, with every setting that has a verdict of its own; the early verdict is
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

/* Modes by the flow: several at once, the closed form of the escape between two rows, a predictor
 * that is set. */
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
    /* a straight line over 1e-3: p'' h^2/8 < 1e-7 */
    CHECK_CLOSE(outcome.t_escape, ssldyn_parabola_time(1.0, 1.25, 0.1, 0.15, half), 0.0, 1e-6);
    CHECK_CLOSE(outcome.margin, 0.1, 0.0, 1e-15);
    const char *const set[] = {"model", "modes", "predictor", "directpred", "s0",  "0.01", "tau",
                               "1",     "eta",   "0.12",      "t-end",      "400", NULL};
    outcome = in_memory(set, false);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_COLLAPSED); /* p = .1 is below p*- = .147 */
    const struct ssldyn_outcome early = in_memory(set, true);
    ck_assert(early.t < outcome.t && early.fate == outcome.fate);
}
END_TEST

/* SGD in memory is SGD in a directory; its fate is what an infinite batch comes to. */
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
    ck_assert_msg(ssldyn_sgd_run(&spec, path, &report, &err) == SSLDYN_OK, "%s", err.message);
    /* the flow from the last row on: what the process does on average */
    ck_assert_uint_eq(report.mean.mode_count, 5);
    ck_assert_int_eq(report.mean.modes[0].fate, SSLDYN_FATE_SURVIVES);
    CHECK_CLOSE(report.mean.eta_fold, 0.2, 1e-15, 0.0);
    ssldyn_sgd_report_clear(&report);
    snprintf(file, sizeof file, "%s/trace.tsv", path);
    ck_assert_int_eq(ssldyn_table_read(file, &table, &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_sgd_outcome(&spec, false, &outcome, &err) == SSLDYN_OK, "%s", err.message);
    const size_t last = table.rows - 1;
    CHECK_CLOSE(outcome.t, flow_value(&table, last, "t"), 0.0, 0.0);
    CHECK_CLOSE(outcome.p, flow_value(&table, last, "p_1"), 0.0, 0.0);
    CHECK_CLOSE(outcome.s, flow_value(&table, last, "s_1"), 0.0, 0.0);
    CHECK_CLOSE(outcome.loss, flow_value(&table, last, "loss"), 0.0, 0.0);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "eta", "0.25", "eta", &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_check(&spec, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_sgd_outcome(&spec, true, &outcome, &err), SSLDYN_OK);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_COLLAPSED);
    CHECK_CLOSE(outcome.rank, 0.0, 0.0, 0.0);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "lr", "1.5", "lr", &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "init-scale", "3", "init-scale", &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_sgd_outcome(&spec, true, &outcome, &err), SSLDYN_OK);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_DIVERGED);
    ssldyn_table_clear(&table);
    ssldyn_spec_clear(&spec);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flow_outcome");
    TCase *all = tcase_create("all");
    tcase_add_test(all, ends_of_matrices);
    tcase_add_test(all, fates_of_matrices);
    tcase_add_test(all, outcomes_of_modes);
    tcase_add_test(all, outcomes_of_sgd);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
