/* Reductions of the rows of a run: their names, rows by hand, and every column of every trace in a
 * sweep compared with the trace that the flow writes. */
// SPDX-License-Identifier: MIT
#include "sim/observe/layout_modes.h"
#include "sim/run/reduction.h"
#include "tests/flow_run.h"
#include "tests/suite.h"
#include "tests/sweep_run.h"

static struct ssldyn_reduction parsed(const char *text)
{
    struct ssldyn_reduction reduction;
    ck_assert_msg(ssldyn_reduction_parse(text, strlen(text), &reduction), "%s", text);
    ck_assert_str_eq(reduction.name, text);
    return reduction;
}

START_TEST(names_are_parsed)
{
    static const struct {
        const char *text, *column;
        enum ssldyn_reduction_kind kind;
        double level;
    } good[] = {
        {"loss_end", "loss", SSLDYN_REDUCTION_END, 0.0},
        {"p_12_min", "p_12", SSLDYN_REDUCTION_MINIMUM, 0.0},
        {"corr_wa_w_max", "corr_wa_w", SSLDYN_REDUCTION_MAXIMUM, 0.0},
        {"t_p_1_above_0.5", "p_1", SSLDYN_REDUCTION_ABOVE, 0.5},
        {"t_lambda_min_k_below_-1e-3", "lambda_min_k", SSLDYN_REDUCTION_BELOW, -1e-3},
        {"t_t_above_1", "t", SSLDYN_REDUCTION_ABOVE, 1.0},
        {"t_x_above_y_above_2", "x_above_y", SSLDYN_REDUCTION_ABOVE, 2.0},
        {"t_p_1_stays_above_0.5", "p_1", SSLDYN_REDUCTION_STAYS_ABOVE, 0.5},
        {"t_stays_stays_below_1", "stays", SSLDYN_REDUCTION_STAYS_BELOW, 1.0},
        {"t_max", "t", SSLDYN_REDUCTION_MAXIMUM, 0.0},
    };
    static const char *const bad[] = {"",
                                      "_end",
                                      "loss",
                                      "loss_mean",
                                      "end",
                                      "t_p_1_above_",
                                      "p_1_above_",
                                      "t_p_1_above_x",
                                      "t_p_1_above_1e999",
                                      "t__above_1",
                                      "t_p_1_stays_above_",
                                      "t_p_1_above_nan",
                                      "t_p_1_above_0x1",
                                      "a_column_of_a_name_that_is_too_long_for_any_file_end"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const struct ssldyn_reduction reduction = parsed(good[i].text);
        ck_assert_str_eq(reduction.column, good[i].column);
        ck_assert_int_eq(reduction.kind, good[i].kind);
        CHECK_CLOSE(reduction.level, good[i].level, 0.0, 0.0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ssldyn_reduction reduction;
        ck_assert_msg(!ssldyn_reduction_parse(bad[i], strlen(bad[i]), &reduction), "%s", bad[i]);
    }
    struct ssldyn_reduction first;
    ck_assert(ssldyn_reduction_parse("loss_end,p_end", 8, &first));
    ck_assert_str_eq(first.name, "loss_end");
}
END_TEST

enum { ROWS = 5, REDUCTIONS = 14 };

/* p_1 over t of one mode, with a gap. */
START_TEST(rows_by_hand)
{
    static const double t[ROWS] = {0.0, 1.0, 2.0, 4.0, 5.0};
    const double p[ROWS] = {0.5, 0.25, (double)NAN, 1.0, 0.75};
    const struct ssldyn_reduction reductions[REDUCTIONS] = {parsed("p_1_end"),
                                                            parsed("p_1_min"),
                                                            parsed("p_1_max"),
                                                            parsed("t_p_1_above_0.4"),
                                                            parsed("t_p_1_above_0.8"),
                                                            parsed("t_p_1_below_0.375"),
                                                            parsed("t_p_1_below_0.1"),
                                                            parsed("p_2_max"),
                                                            parsed("t_t_above_3"),
                                                            parsed("t_p_1_stays_above_0.4"),
                                                            parsed("t_p_1_stays_above_0.8"),
                                                            parsed("t_p_1_stays_below_0.875"),
                                                            parsed("t_t_stays_above_-1"),
                                                            parsed("t_t_stays_above_1.5")};
    /* above the level from the start: at 0; after a gap, at the row itself; `stays`: the last
     * crossing, and none if the end is on the other side */
    const double none = (double)NAN;
    const double want[REDUCTIONS] = {0.75, 0.25, 1.0, 0.0,  4.0, 0.5, none,
                                     none, 3.0,  4.0, none, 4.5, 0.0, 1.5};
    const struct ssldyn_sink_shape shape = {
        .layout = &ssldyn_layout_modes, .modes = 1, .rows = ROWS};
    struct ssldyn_reducer reducer;
    ck_assert_int_eq(ssldyn_reduction_sink_create(REDUCTIONS, reductions, &reducer, NULL),
                     SSLDYN_OK);
    for (int run = 0; run < 2; run++) { /* the second run keeps nothing of the first */
        ck_assert_int_eq(ssldyn_sink_open(&reducer.sink, &shape, NULL), SSLDYN_OK);
        for (size_t k = 0; k < ROWS; k++) {
            double row[16] = {0};
            row[ssldyn_layout_find(&ssldyn_layout_modes, 1, "t")] = t[k];
            row[ssldyn_layout_find(&ssldyn_layout_modes, 1, "p_1")] = p[k];
            ck_assert_int_eq(ssldyn_sink_row(&reducer.sink, row, NULL), SSLDYN_OK);
        }
        ck_assert_int_eq(ssldyn_sink_close(&reducer.sink, NULL), SSLDYN_OK);
        for (size_t i = 0; i < REDUCTIONS; i++) {
            CHECK_CLOSE(reducer.values[i], want[i], 0.0, 1e-15);
        }
    }
    ssldyn_reduction_sink_clear(&reducer);
}
END_TEST

enum { GIVEN = 8 }; /* words that both runs accept */
static const char *const models[][GIVEN] = {
    {"model", "population", "n1", "4", "n2", "3", "beta", "0.4"},
    {"model", "reduced", "n2", "2", "beta", "0.4", "alpha-p", "0.9"},
    {"model", "modes", "p0", "0.1,0.3", "s0", "0.2", "beta", "0.4"},
    {"model", "lowdim", "wp0", "0.2", "w0", "0.3", "beta", "0.4"},
};

/* Reduces a column over the rows of a table, by plain loops. */
static double expected(const struct ssldyn_table *table, const char *column, const char *kind)
{
    double value = (double)NAN;
    for (size_t k = 0; k < table->rows; k++) {
        const double next = flow_value(table, k, column);
        value = strcmp(kind, "min") == 0   ? fmin(value, next)
                : strcmp(kind, "max") == 0 ? fmax(value, next)
                                           : next;
    }
    return value;
}

START_TEST(every_column_can_be_swept)
{
    static const char *const kinds[] = {"end", "min", "max"};
    static char columns[8192];
    const char *flow[GIVEN + 7] = {"eta", "0.1", "t-end", "9", "samples", "30"};
    const char *sweep[GIVEN + 9] = {"axis.eta", "list:0.1", "t-end",   "9",
                                    "samples",  "30",       "columns", columns};
    struct ssldyn_spec spec;
    struct ssldyn_sweep_report report;
    struct ssldyn_table table;
    struct ssldyn_error err;
    char path[SCRATCH_PATH];
    char name[80];
    memcpy(flow + 6, models[_i], sizeof models[_i]);
    memcpy(sweep + 8, models[_i], sizeof models[_i]);
    struct ssldyn_table trace = flow_run("flow", flow);
    for (size_t i = 0; i < 3 * trace.columns; i++) {
        const size_t used = strlen(columns);
        snprintf(columns + used, sizeof columns - used, "%s%s_%s", used > 0 ? "," : "",
                 trace.names[i / 3], kinds[i % 3]);
    }
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, sweep);
    sweep_run(&spec, "sweep", &report);
    ssldyn_spec_clear(&spec);
    ck_assert_int_eq(ssldyn_table_read(scratch_path(path, "sweep/table.tsv"), &table, &err),
                     SSLDYN_OK);
    ck_assert_uint_eq(table.rows, 1);
    for (size_t i = 0; i < 3 * trace.columns; i++) {
        snprintf(name, sizeof name, "%s_%s", trace.names[i / 3], kinds[i % 3]);
        if (strcmp(name, "tau_end") != 0 && strcmp(name, "t_end") != 0) /* named outcomes */
            CHECK_CLOSE(flow_value(&table, 0, name),
                        expected(&trace, trace.names[i / 3], kinds[i % 3]), 0.0, 0.0);
    }
    ssldyn_table_clear(&table);
    ssldyn_table_clear(&trace);
}
END_TEST

TEST_SUITE(reduction)
{
    tcase_add_test(tests, names_are_parsed);
    tcase_add_test(tests, rows_by_hand);
    tcase_add_loop_test(tests, every_column_can_be_swept, 0, 4);
}
