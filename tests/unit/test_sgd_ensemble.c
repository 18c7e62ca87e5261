/* Ensembles: the rows are the mean of the members and the tables their spread, in memory as in
 * files. */
// SPDX-License-Identifier: MIT
#include "sim/run/run_directory.h"
#include "sim/run/run_memory.h"
#include "sim/sgd/sgd.h"
#include "tests/flow_run.h"
#include "tests/suite.h"
#include "tests/unit/sgd_setup.h"

enum { MEMBERS = 3, ROWS = 5, TABLES = 6, STD = 0, Q05, Q25, Q50, Q75, Q95 };
static const char *const names[TABLES] = {"std", "q05", "q25", "q50", "q75", "q95"};

static const char *const options[] = {"n1",      "4",     "n2",       "3",     "lr",
                                      "0.05",    "batch", "8",        "steps", "40",
                                      "samples", "4",     "ensemble", "3",     NULL};

static void run_ensemble(const char *const settings[], int threads, struct ssldyn_sink *sink)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_sgd_report report;
    sgd_spec(&spec, settings);
    ck_assert_msg(ssldyn_sgd_ensemble_run(&spec.problem, threads, sink, true, &report, &err) ==
                      SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(report.members, MEMBERS);
    ck_assert_uint_eq(report.rows, ROWS);
    ssldyn_sgd_report_clear(&report);
    ssldyn_spec_clear(&spec);
}

static void run_member(int64_t member, struct ssldyn_run_memory *memory)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_sgd_report report;
    sgd_spec(&spec, options);
    spec.problem.sgd.member = member;
    ssldyn_run_memory_init(memory, false);
    ck_assert_msg(ssldyn_sgd_run(&spec.problem, &memory->sink, true, &report, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(memory->count, ROWS);
    ssldyn_sgd_report_clear(&report);
    ssldyn_spec_clear(&spec);
}

static void sort_three(double x[MEMBERS])
{
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++) {
            const double low = fmin(x[k], x[k + 1]);
            x[k + 1] = fmax(x[k], x[k + 1]);
            x[k] = low;
        }
    }
}

/* Three runs: their mean, the sample standard deviation, and quantiles by straight lines between
 * the sorted values, at 0, 1/2 and 1. */
START_TEST(statistics_are_those_of_the_members)
{
    struct ssldyn_run_memory ensemble;
    struct ssldyn_run_memory runs[MEMBERS];
    ssldyn_run_memory_init(&ensemble, false);
    run_ensemble(options, 2, &ensemble.sink);
    for (int m = 0; m < MEMBERS; m++) {
        run_member(m, &runs[m]);
        ck_assert_uint_eq(runs[m].width, ensemble.width);
    }
    ck_assert_uint_eq(ensemble.count, ROWS);
    ck_assert_uint_eq(ensemble.table_count, TABLES);
    size_t spread = 0;
    for (size_t i = 2; i < ROWS * ensemble.width; i++) {
        double x[MEMBERS] = {runs[0].rows[i], runs[1].rows[i], runs[2].rows[i]};
        double got[TABLES];
        for (int k = 0; k < TABLES; k++)
            got[k] = ensemble.tables[k].rows[i];
        const double mean = (x[0] + x[1] + x[2]) / 3.0;
        if (i % ensemble.width < 2 || !isfinite(mean))
            continue;
        sort_three(x);
        const double size = fmax(fabs(x[0]), fabs(x[2])); /* sums of three round to 4 ulp of it */
        const double off[MEMBERS] = {x[0] - mean, x[1] - mean, x[2] - mean};
        const double sum = off[0] * off[0] + off[1] * off[1] + off[2] * off[2];
        CHECK_CLOSE(ensemble.rows[i], mean, 0.0, 1e-15 * size);
        CHECK_CLOSE(got[STD], sqrt(0.5 * sum), 1e-14, 1e-15 * size);
        CHECK_CLOSE(got[Q05], 0.9 * x[0] + 0.1 * x[1], 0.0, 1e-15 * size);
        CHECK_CLOSE(got[Q25], 0.5 * (x[0] + x[1]), 0.0, 1e-15 * size);
        CHECK_CLOSE(got[Q50], x[1], 0.0, 0.0);
        CHECK_CLOSE(got[Q75], 0.5 * (x[1] + x[2]), 0.0, 1e-15 * size);
        CHECK_CLOSE(got[Q95], 0.1 * x[1] + 0.9 * x[2], 0.0, 1e-15 * size);
        spread += x[0] < x[2];
    }
    ck_assert_uint_gt(spread, 50); /* the members differ */
    for (int m = 0; m < MEMBERS; m++)
        ssldyn_run_memory_clear(&runs[m]);
    ssldyn_run_memory_clear(&ensemble);
}
END_TEST

static void same_rows(const char *path, const char *name, const struct ssldyn_run_memory *memory,
                      const double rows[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_table table;
    char file[2 * SCRATCH_PATH];
    snprintf(file, sizeof file, "%s/%s%strace.tsv", path, name, name[0] ? "/" : "");
    ck_assert_msg(ssldyn_table_read(file, &table, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(table.rows, memory->count);
    ck_assert_uint_eq(table.columns, memory->width);
    for (size_t i = 0; i < table.rows * table.columns; i++)
        CHECK_CLOSE(table.values[i], rows[i], 0.0, 0.0);
    for (size_t k = 0; k < table.rows; k++) { /* times are those of the rows */
        ck_assert_double_eq(rows[k * memory->width], memory->rows[k * memory->width]);
        ck_assert_double_eq(rows[k * memory->width + 1], memory->rows[k * memory->width + 1]);
    }
    ssldyn_table_clear(&table);
}

/* The same numbers in memory and in files, for any number of threads; a sink without tables gets
 * the rows. */
START_TEST(memory_and_directory_agree)
{
    struct ssldyn_run_memory memory;
    struct ssldyn_run_directory directory;
    struct ssldyn_spec spec;
    char path[SCRATCH_PATH];
    sgd_spec(&spec, options);
    ssldyn_run_memory_init(&memory, false);
    run_ensemble(options, 3, &memory.sink);
    ssldyn_run_directory_init(&directory, scratch_path(path, "ensemble"), ssldyn_spec_print, &spec);
    run_ensemble(options, 1, &directory.sink);
    same_rows(path, "", &memory, memory.rows);
    for (size_t i = 0; i < TABLES; i++) {
        ck_assert_str_eq(memory.tables[i].about.name, names[i]);
        ck_assert_ptr_nonnull(strstr(memory.tables[i].about.comment, "over 3 runs"));
        same_rows(path, names[i], &memory, memory.tables[i].rows);
    }
    static const struct ssldyn_sink_kind kind = {0};
    struct ssldyn_sink plain = {.kind = &kind};
    run_ensemble(options, 1, &plain);
    run_ensemble(options, 1, NULL);
    ssldyn_run_memory_clear(&memory);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* Every table states the loss. */
START_TEST(tables_state_the_loss)
{
    static const char *const cosine[] = {
        "loss",  "cosine", "n1",      "4", "n2",       "3", "lr",     "0.05", "batch", "8",
        "steps", "40",     "samples", "4", "ensemble", "3", "no-ema", "true", NULL};
    struct ssldyn_run_directory directory;
    struct ssldyn_spec spec;
    char path[SCRATCH_PATH];
    sgd_spec(&spec, cosine);
    ssldyn_run_directory_init(&directory, scratch_path(path, "cosine"), ssldyn_spec_print, &spec);
    run_ensemble(cosine, 1, &directory.sink);
    for (size_t i = 0; i < TABLES; i++) {
        char file[2 * SCRATCH_PATH];
        char text[4096] = "";
        snprintf(file, sizeof file, "%s/%s/trace.tsv", path, names[i]);
        scratch_read(file, text, sizeof text);
        ck_assert_ptr_nonnull(strstr(text, "# loss: minus the expected cosine"));
    }
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(sgd_ensemble)
{
    tcase_add_test(tests, statistics_are_those_of_the_members);
    tcase_add_test(tests, memory_and_directory_agree);
    tcase_add_test(tests, tables_state_the_loss);
}
