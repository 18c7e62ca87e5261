/* Axes, the journal of the store, columns, and whole sweeps: order, ranges, resuming, refusals. */
// SPDX-License-Identifier: MIT
#include "sim/io/journal.h"
#include "sim/io/npy.h"
#include "sim/io/trace.h"
#include "sim/sweep/axes.h"
#include "sim/sweep/shares.h"
#include "sim/sweep/store.h"
#include "sim/sweep/sweep.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/spec_make.h"
#include "tests/suite.h"
#include "tests/sweep_run.h"
#include "theory/fate.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Wilson's bounds are the p whose share is z standard errors away: (k/n - p)^2 = z^2 p(1-p)/n. */
START_TEST(wilson_bounds)
{
    const int64_t k[] = {1, 7, 50, 93, 99999};
    const int64_t n[] = {10, 20, 100, 100, 100000};
    for (size_t i = 0; i < 5; i++) {
        double low = 0.0;
        double high = 0.0;
        ssldyn_shares_wilson(k[i], n[i], &low, &high);
        const double share = (double)k[i] / (double)n[i];
        const double z2 = 3.8414588206941254; /* 95 % point of chi-squared with one degree */
        ck_assert(low < share && share < high);
        for (int side = 0; side < 2; side++) {
            const double p = side == 0 ? low : high;
            CHECK_CLOSE((share - p) * (share - p), z2 * p * (1.0 - p) / (double)n[i], 1e-9, 0.0);
        }
    }
    double low = -1.0;
    double high = -1.0;
    ssldyn_shares_wilson(0, 0, &low, &high);
    CHECK_CLOSE(low, 0.0, 0.0, 0.0);
    CHECK_CLOSE(high, 1.0, 0.0, 0.0);
    ssldyn_shares_wilson(0, 12, &low, &high);
    CHECK_CLOSE(low, 0.0, 0.0, 0.0);
    ck_assert(high > 0.0 && high < 1.0);
    /* undecided points may be either: the bounds cover both extremes */
    double least = -1.0;
    double most = -1.0;
    ssldyn_shares_interval(30, 80, 20, &low, &high);
    ssldyn_shares_wilson(30, 100, &least, &most);
    CHECK_CLOSE(low, least, 0.0, 0.0);
    ssldyn_shares_wilson(50, 100, &least, &most);
    CHECK_CLOSE(high, most, 0.0, 0.0);
}
END_TEST

START_TEST(last_axis_runs_fastest)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const char *const options[] = {"model",     "modes",        "axis.eta", "0.01:0.03:3",
                                   "axis.beta", "log:0.1:10:3", NULL};
    struct ssldyn_spec spec;
    struct ssldyn_axes axes;
    struct ssldyn_axes_walk *walk = NULL;
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, options);
    ck_assert_msg(ssldyn_axes_init(&axes, &spec, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(axes.points, 9);
    ck_assert_int_eq(ssldyn_axes_walk_create(&axes, &walk, &err), SSLDYN_OK);
    const double eta[] = {0.01, 0.02, 0.03};
    const double beta[] = {0.1, 1.0, 10.0};
    for (int64_t i = 8; i >= 0; i--) {
        double values[SSLDYN_AXES_MAXIMUM];
        ck_assert_uint_eq(ssldyn_axes_walk_read(walk, i, values), 2);
        CHECK_CLOSE(values[0], eta[i / 3], 1e-15, 0.0);
        CHECK_CLOSE(values[1], beta[i % 3], 1e-14, 0.0);
    }
    ssldyn_axes_walk_free(walk);
    ssldyn_axes_clear(&axes);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* A point does not depend on the points read before it; it is in range; and the points are more
 * even than random ones: the mean of n points in d dimensions is off by O(log^d n/n), not
 * 1/sqrt(n). */
START_TEST(sobol_points)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const char *const options[] = {"model",   "modes",   "sobol",      "4096", "axis.p0",
                                   "0.2:0.6", "axis.s0", "log:0.01:1", NULL};
    struct ssldyn_spec spec;
    struct ssldyn_axes axes;
    struct ssldyn_axes_walk *walk = NULL;
    double first[SSLDYN_AXES_MAXIMUM];
    double again[SSLDYN_AXES_MAXIMUM];
    double mean = 0.0;
    double mean_log = 0.0;
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, options);
    ck_assert_msg(ssldyn_axes_init(&axes, &spec, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(ssldyn_axes_walk_create(&axes, &walk, &err), SSLDYN_OK);
    ssldyn_axes_walk_read(walk, 1234, first);
    for (int64_t i = 0; i < 4096; i++) {
        double values[SSLDYN_AXES_MAXIMUM];
        ssldyn_axes_walk_read(walk, i, values);
        ck_assert(values[0] >= 0.2 && values[0] <= 0.6 && values[1] >= 0.01 && values[1] <= 1.0);
        mean += values[0] / 4096.0;
        mean_log += log(values[1]) / 4096.0;
    }
    ssldyn_axes_walk_read(walk, 1234, again);
    CHECK_CLOSE(again[0], first[0], 0.0, 0.0);
    CHECK_CLOSE(again[1], first[1], 0.0, 0.0);
    CHECK_CLOSE(mean, 0.4, 0.0, 1e-3);
    CHECK_CLOSE(mean_log, 0.5 * log(0.01), 0.0, 1e-2);
    ssldyn_axes_walk_free(walk);
    ssldyn_axes_clear(&axes);
    ssldyn_spec_clear(&spec);
}
END_TEST

static struct ssldyn_store_plan plan_of(const char *directory, uint64_t fingerprint)
{
    static const char *const names[] = {"fate", "p_end"};
    struct ssldyn_store_plan plan = {.directory = directory,
                                     .columns = 2,
                                     .names = names,
                                     .small = 1,
                                     .dimensions = 2,
                                     .shape = {5, 7},
                                     .points = 35,
                                     .block = 8,
                                     .fingerprint = fingerprint};
    return plan;
}

/* Blocks in any order, an interruption, a refusal, the end; then the .npy files have everything. */
START_TEST(store_resumes)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_store *store = NULL;
    char directory[SCRATCH_PATH];
    char results[SCRATCH_PATH];
    char path[SCRATCH_PATH + 16];
    double values[16];
    scratch_path(directory, "store");
    ck_assert_int_eq(mkdir(directory, 0777), 0);
    const struct ssldyn_store_plan plan = plan_of(directory, 17);
    ck_assert_msg(ssldyn_store_open(&plan, &store, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(ssldyn_store_blocks(store), 5);
    ck_assert_int_eq(ssldyn_store_block_points(store, 4), 3);
    const int64_t order[] = {3, 0, 4, 2, 1};
    for (int k = 0; k < 5; k++) {
        const int64_t block = order[k];
        for (int i = 0; i < 8; i++) {
            values[i] = (double)((block + i) % 4);
            values[8 + i] = 0.125 * (double)(block * 8 + i);
        }
        ck_assert_int_eq(ssldyn_store_write(store, block, values, &err), SSLDYN_OK);
        if (k != 2)
            continue;
        ssldyn_store_close(store);
        const struct ssldyn_store_plan other = plan_of(directory, 18);
        ck_assert_int_eq(ssldyn_store_open(&other, &store, &err), SSLDYN_EINPUT);
        ck_assert_int_eq(ssldyn_store_open(&plan, &store, &err), SSLDYN_OK);
        for (int64_t b = 0; b < 5; b++)
            ck_assert_int_eq(ssldyn_store_has(store, b), b == 3 || b == 0 || b == 4);
    }
    scratch_path(results, "results");
    ck_assert_int_eq(mkdir(results, 0777), 0);
    ck_assert_int_eq(ssldyn_store_finish(store, results, &err), SSLDYN_OK);
    ssldyn_store_close(store);
    struct ssldyn_array array;
    snprintf(path, sizeof path, "%s/p_end.npy", results);
    ck_assert_msg(ssldyn_npy_read(path, true, &array, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(array.dimensions, 2);
    ck_assert_uint_eq(array.shape[0], 5);
    ck_assert_uint_eq(array.shape[1], 7);
    for (int i = 0; i < 35; i++)
        CHECK_CLOSE(array.data[i], 0.125 * i, 0.0, 0.0);
    ssldyn_npy_array_clear(&array);
    snprintf(path, sizeof path, "%s/fate.npy", results);
    ck_assert_msg(ssldyn_npy_read(path, true, &array, &err) == SSLDYN_OK, "%s", err.message);
    for (int i = 0; i < 35; i++)
        CHECK_CLOSE(array.data[i], (double)((i / 8 + i % 8) % 4), 0.0, 0.0);
    ssldyn_npy_array_clear(&array);
}
END_TEST

/* A block whose numbers changed after they were journaled is computed again; one that is journaled
 * and intact is not. */
START_TEST(store_finds_lost_blocks)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_store *store = NULL;
    char directory[SCRATCH_PATH];
    char path[SCRATCH_PATH + 32];
    const double values[16] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5};
    int64_t done = 0;
    int64_t points = 0;
    scratch_path(directory, "lost");
    ck_assert_int_eq(mkdir(directory, 0777), 0);
    const struct ssldyn_store_plan plan = plan_of(directory, 17);
    ck_assert_int_eq(ssldyn_store_open(&plan, &store, &err), SSLDYN_OK);
    for (int64_t block = 0; block < 3; block++)
        ck_assert_int_eq(ssldyn_store_write(store, block, values, &err), SSLDYN_OK);
    ssldyn_store_close(store);
    ck_assert(ssldyn_journal_count(directory, &done, &points));
    ck_assert_int_eq(done, 24);
    ck_assert_int_eq(points, 35);
    /* as after a power loss: block 1 of p_end is zeros */
    snprintf(path, sizeof path, "%s/p_end.npy.tmp", directory);
    FILE *stream = fopen(path, "r+b");
    const char zeros[64] = {0};
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(fseek(stream, 256 + 64, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(zeros, 1, sizeof zeros, stream), sizeof zeros);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_int_eq(ssldyn_store_open(&plan, &store, &err), SSLDYN_OK);
    for (int64_t block = 0; block < 5; block++)
        ck_assert_int_eq(ssldyn_store_has(store, block), block == 0 || block == 2);
    ssldyn_store_close(store);
}
END_TEST

/* Runs the sweep of the options (name, value, ..., NULL) in the test's directory NAME and reads its
 * table. */
static struct ssldyn_table sweep_table(const char *name, const char *const options[],
                                       struct ssldyn_sweep_report *report)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_table table;
    char directory[SCRATCH_PATH];
    char path[SCRATCH_PATH + 16];
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, options);
    scratch_path(directory, name);
    sweep_run(&spec, name, report);
    snprintf(path, sizeof path, "%s/table.tsv", directory);
    ck_assert_msg(ssldyn_table_read(path, &table, &err) == SSLDYN_OK, "%s", err.message);
    ssldyn_spec_clear(&spec);
    return table;
}

/* On the parabola at tau = 1 the fate is known: survives for p0 above p*-(eta), below the fold. */
START_TEST(map_of_the_parabola)
{
    const char *const options[] = {"model",    "parabola",     "tau",     "1",
                                   "axis.eta", "0.003:0.3:37", "axis.p0", "0.013:0.9:41",
                                   "sigma2",   "0.27",         NULL};
    struct ssldyn_sweep_report report;
    struct ssldyn_table table = sweep_table("map", options, &report);
    ck_assert_int_eq(report.points, 37 * 41);
    ck_assert_int_eq(report.fates[0] + report.fates[1], report.points);
    ck_assert_uint_eq(table.rows, 37 * 41);
    const size_t fate = ssldyn_table_column(&table, "fate");
    const size_t margin = ssldyn_table_column(&table, "margin");
    for (size_t i = 0; i < table.rows; i++) {
        const double *row = table.values + i * table.columns;
        const double eta = row[0];
        const double discriminant = 1.0 - 4.0 * eta * 1.27;
        CHECK_CLOSE(row[margin], 1.0 / (4.0 * 1.27) - eta, 0.0, 1e-15);
        const double p_minus =
            discriminant > 0.0 ? (1.0 - sqrt(discriminant)) / (2.0 * 1.27) : (double)INFINITY;
        ck_assert_int_eq((int)row[fate],
                         row[1] > p_minus ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_COLLAPSED);
    }
    ssldyn_table_clear(&table);
}
END_TEST

/* Whole numbers are exact, words are in their order, and each value has the type of its option. */
START_TEST(axes_of_every_kind)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const char *const options[] = {
        "axis.seed",       "0:400:401", "axis.init-wa", "list:copy,zero", "axis.symmetric",
        "list:true,false", NULL};
    struct ssldyn_spec spec;
    struct ssldyn_axes axes;
    struct ssldyn_axes_walk *walk = NULL;
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, options);
    ck_assert_msg(ssldyn_axes_init(&axes, &spec, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(axes.points, 1604);
    ck_assert_int_eq(ssldyn_axes_walk_create(&axes, &walk, &err), SSLDYN_OK);
    for (int64_t i = 0; i < axes.points; i++) {
        double values[SSLDYN_AXES_MAXIMUM];
        char text[40];
        char want[40];
        ssldyn_axes_walk_read(walk, i, values);
        snprintf(want, sizeof want, "%d", (int)(i / 4));
        ck_assert_str_eq(ssldyn_axes_text(&axes.axis[0], values[0], text, sizeof text), want);
        ck_assert_str_eq(ssldyn_axes_text(&axes.axis[1], values[1], text, sizeof text),
                         i / 2 % 2 ? "zero" : "copy");
        ck_assert_str_eq(ssldyn_axes_text(&axes.axis[2], values[2], text, sizeof text),
                         i % 2 ? "false" : "true");
    }
    ssldyn_axes_walk_free(walk);
    ssldyn_axes_clear(&axes);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* However long a collapsed mode is followed, it decays to the end as its equations say: p = p0
 * exp(-eta t) with tau held and s far below p. */
START_TEST(long_tails_reach_their_end)
{
    const char *const options[] = {"model",      "modes",
                                   "axis.tau",   "list:0.5,1",
                                   "axis.t-end", "list:1,300,4000,20000",
                                   "p0",         "0.003",
                                   "s0",         "1e-9",
                                   "eta",        "0.21",
                                   "columns",    "fate,p_end,t_end",
                                   NULL};
    struct ssldyn_sweep_report report;
    struct ssldyn_table table = sweep_table("tails", options, &report);
    ck_assert_uint_eq(table.rows, 8);
    for (size_t i = 0; i < table.rows; i++) {
        const double *row = table.values + i * table.columns;
        ck_assert_int_eq((int)row[2], SSLDYN_FATE_COLLAPSED);
        CHECK_CLOSE(row[4], row[1], 0.0, 0.0);
        /* s changes p by s/p < 1e-6 */
        CHECK_CLOSE(row[3], 0.003 * exp(-0.21 * row[1]), 1e-5, 1e-300);
    }
    ssldyn_table_clear(&table);
}
END_TEST

/* The same in the vectorized kernel, whose points share their time. */
START_TEST(long_tails_of_the_kernel)
{
    const char *const options[] = {"model",    "parabola",     "tau",     "1",
                                   "axis.eta", "0.201:0.6:21", "p0",      "0.6",
                                   "t-end",    "10000",        "columns", "fate,p_end,t_end",
                                   NULL};
    struct ssldyn_sweep_report report;
    struct ssldyn_table table = sweep_table("kernel-tails", options, &report);
    for (size_t i = 0; i < table.rows; i++) {
        const double *row = table.values + i * table.columns;
        CHECK_CLOSE(row[3], 10000.0, 0.0, 0.0);
        /* exp(-.201 * 10000) is below the smallest double */
        CHECK_CLOSE(row[2], 0.0, 0.0, 1e-300);
    }
    ssldyn_table_clear(&table);
}
END_TEST

static enum ssldyn_status try_axes(const char *const options[], struct ssldyn_error *err)
{
    struct ssldyn_spec spec;
    struct ssldyn_axes axes;
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, options);
    const enum ssldyn_status status = ssldyn_axes_init(&axes, &spec, err);
    if (status == SSLDYN_OK)
        ssldyn_axes_clear(&axes);
    ssldyn_spec_clear(&spec);
    return status;
}

START_TEST(refused_axes)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const char *const none[] = {"model", "modes", NULL};
    const char *const below[] = {"model", "modes", "axis.eta", "-0.1:0.3:5", NULL};
    const char *const foreign[] = {"model", "modes", "axis.w0", "0.1:0.3:5", NULL};
    const char *const no_option[] = {"model", "modes", "axis.columns", "list:fate", NULL};
    const char *const broken[] = {"axis.seed", "0:1:3", NULL};
    const char *const word[] = {"axis.init-wa", "list:zero,foo", NULL};
    const char *const sobol[] = {"sobol", "10", "axis.seed", "0:10", NULL};
    const char *const shape[] = {"model", "modes", "axis.eta", "0.1:0.3", NULL};
    const char *const range[] = {"model", "modes", "sobol", "10", "axis.eta", "log:0:0.3", NULL};
    const char *const far[] = {"model", "modes", "sobol", "10", "axis.p0", "-1e308:1e308", NULL};
    const char *const *const all[] = {none, below, foreign, no_option, broken,
                                      word, sobol, shape,   range,     far};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ck_assert_msg(try_axes(all[i], &err) == SSLDYN_EINPUT, "case %zu was taken", i);
}
END_TEST

/* Every named outcome has a description and a unique name. */
START_TEST(named_outcomes_are_complete)
{
#define ROW(NAME, name, meaning, of, unasked, value) {name, meaning},
    static const struct ssldyn_column rows[] = {SSLDYN_SWEEP_OUTCOMES(ROW)};
#undef ROW
    ck_assert_uint_eq(sizeof rows / sizeof rows[0], SSLDYN_SWEEP_REDUCTION);
    ck_assert_str_eq(rows[SSLDYN_SWEEP_FATE].name, "fate");
    for (size_t i = 0; i < SSLDYN_SWEEP_REDUCTION; i++) {
        char file[80];
        ck_assert_uint_gt(strlen(rows[i].meaning), 0);
        snprintf(file, sizeof file, "%s.npy", rows[i].name);
        ck_assert_msg(ssldyn_columns_owns(file), "%s", file);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(rows[i].name, rows[k].name);
    }
    ck_assert(ssldyn_columns_owns("t_p_1_above_0.5.npy"));
    ck_assert(ssldyn_columns_owns("norm_w_max.npy.tmp"));
    ck_assert(!ssldyn_columns_owns("nosuch_max.npy"));
    ck_assert(!ssldyn_columns_owns("norm_w_max.txt"));
    ck_assert(!ssldyn_columns_owns(".npy"));
}
END_TEST

TEST_SUITE(sweep)
{
    tcase_add_test(tests, named_outcomes_are_complete);
    tcase_add_test(tests, wilson_bounds);
    tcase_add_test(tests, last_axis_runs_fastest);
    tcase_add_test(tests, sobol_points);
    tcase_add_test(tests, store_resumes);
    tcase_add_test(tests, store_finds_lost_blocks);
    tcase_add_test(tests, map_of_the_parabola);
    tcase_add_test(tests, axes_of_every_kind);
    tcase_add_test(tests, long_tails_reach_their_end);
    tcase_add_test(tests, long_tails_of_the_kernel);
    tcase_add_test(tests, refused_axes);
}
