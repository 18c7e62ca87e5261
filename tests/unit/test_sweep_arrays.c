/* The arrays of a sweep's result compared with the files of the same sweep. */
// SPDX-License-Identifier: MIT
#include "sim/answer/sweep_arrays.h"
#include "sim/io/npy.h"
#include "sim/io/trace.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/spec_make.h"
#include "tests/suite.h"
#include "tests/sweep_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct ssldyn_result *fill(const struct ssldyn_spec *spec,
                                  struct ssldyn_sweep_report *report)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    ck_assert_int_eq(ssldyn_result_create(&result, &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_sweep_arrays_fill(spec, NULL, result, report, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_int_eq(ssldyn_result_check(result, &err), SSLDYN_OK);
    return result;
}

/* Whether the array NAME of the result equals DIRECTORY/FILE.npy, in shape and to the bit. */
static void check_array(const struct ssldyn_result *result, const char *name, const char *directory,
                        const char *file)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array array;
    char path[SCRATCH_PATH];
    char whole[SCRATCH_PATH + 80];
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    const double *data = ssldyn_result_array(result, name, &dimensions, shape);
    snprintf(whole, sizeof whole, "%s/%s.npy", scratch_path(path, directory), file);
    ck_assert_msg(ssldyn_npy_read(whole, true, &array, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_msg(data != NULL, "no array %s", name);
    ck_assert_uint_eq(dimensions, array.dimensions);
    for (size_t i = 0; i < dimensions; i++)
        ck_assert_uint_eq(shape[i], array.shape[i]);
    for (size_t i = 0; i < array.count; i++)
        ck_assert_msg(data[i] == array.data[i] || (isnan(data[i]) && isnan(array.data[i])),
                      "%s: %zu", name, i);
    ssldyn_npy_array_clear(&array);
}

START_TEST(columns_and_axes)
{
    const char *const options[] = {"model",     "modes",        "axis.eta", "0:0.3:7",
                                   "axis.beta", "log:0.05:2:5", NULL};
    struct ssldyn_sweep_report report;
    struct ssldyn_spec spec;
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, options);
    sweep_run(&spec, "grid", &report);
    struct ssldyn_result *result = fill(&spec, &report);
    static const char *const names[] = {"fate",  "p_end",     "s_end", "tau_end",
                                        "t_end", "t_decided", "k_min", "margin"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_array(result, names[i], "grid", names[i]);
    check_array(result, "axis_eta", "grid", "eta");
    check_array(result, "axis_beta", "grid", "beta");
    ck_assert_uint_eq(ssldyn_result_array_count(result), 2 + sizeof names / sizeof names[0]);
    ssldyn_result_free(result);
    ssldyn_spec_clear(&spec);
}
END_TEST

START_TEST(sample_and_words)
{
    const char *const sobol[] = {"model", "modes",   "sobol",      "100", "axis.p0",
                                 "0:0.5", "axis.s0", "log:0.01:1", NULL};
    const char *const words[] = {
        "n1",       "3",       "n2", "2", "t-end", "1", "axis.init-wa", "list:copy,zero",
        "axis.eta", "0:0.1:3", NULL};
    struct ssldyn_sweep_report report;
    struct ssldyn_spec spec;
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, sobol);
    sweep_run(&spec, "sobol", &report);
    struct ssldyn_result *result = fill(&spec, &report);
    check_array(result, "fate", "sobol", "fate");
    check_array(result, "axis_p0", "sobol", "p0");
    check_array(result, "axis_s0", "sobol", "s0");
    ssldyn_result_free(result);
    ssldyn_spec_clear(&spec);
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, words);
    result = fill(&spec, &report);
    ck_assert_str_eq(ssldyn_result_text(result, "axis_init_wa"), "copy,zero");
    const double *which = ssldyn_result_array(result, "axis_init_wa", &dimensions, shape);
    ck_assert_uint_eq(shape[0], 2);
    ck_assert(which[0] == 0.0 && which[1] == 1.0);
    ck_assert_ptr_nonnull(ssldyn_result_array(result, "fate", &dimensions, shape));
    ck_assert_uint_eq(dimensions, 2);
    ck_assert_uint_eq(shape[1], 3);
    ssldyn_result_free(result);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* Every column of collapse.tsv; for all axes together one number. */
START_TEST(shares)
{
    const char *const options[] = {"model",       "modes",   "axis.eta", "0:0.3:7", "axis.p0",
                                   "0.02:0.6:51", "average", "p0",       NULL};
    const char *const all[] = {"model", "modes", "axis.p0", "0.02:0.6:51", "average", "p0", NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_sweep_report report;
    struct ssldyn_spec spec;
    struct ssldyn_table table;
    char path[SCRATCH_PATH];
    char file[SCRATCH_PATH + 16];
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, options);
    sweep_run(&spec, "average", &report);
    struct ssldyn_result *result = fill(&spec, &report);
    snprintf(file, sizeof file, "%s/collapse.tsv", scratch_path(path, "average"));
    ck_assert_msg(ssldyn_table_read(file, &table, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(table.rows, 7);
    ck_assert_uint_gt(table.columns, 8);
    for (size_t k = 1; k < table.columns; k++) {
        char name[100];
        snprintf(name, sizeof name, "average_%s", table.names[k]);
        const double *data = ssldyn_result_array(result, name, &dimensions, shape);
        ck_assert_msg(data != NULL, "no array %s", name);
        ck_assert_uint_eq(dimensions, 1);
        ck_assert_uint_eq(shape[0], 7);
        for (size_t i = 0; i < table.rows; i++) {
            const double value = table.values[i * table.columns + k];
            ck_assert_msg(data[i] == value || (isnan(data[i]) && isnan(value)), "%s", name);
        }
    }
    ssldyn_table_clear(&table);
    ssldyn_result_free(result);
    ssldyn_spec_clear(&spec);
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, all);
    result = fill(&spec, &report);
    const double *share = ssldyn_result_array(result, "average_probability", &dimensions, shape);
    ck_assert_uint_eq(dimensions, 0);
    CHECK_CLOSE(share[0], report.collapsed, 0.0, 0.0);
    ssldyn_result_free(result);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* All rows of lines.tsv, line by line. */
START_TEST(lines)
{
    const char *const options[] = {"model",    "parabola",  "tau",     "1",
                                   "axis.eta", "0:0.25:26", "axis.p0", "0.02:0.6:31",
                                   "lines",    "true",      NULL};
    struct ssldyn_sweep_report report;
    struct ssldyn_spec spec;
    char path[SCRATCH_PATH];
    char file[SCRATCH_PATH + 16];
    char text[512];
    size_t seen = 0;
    size_t row = 0;
    char last[40] = "";
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, options);
    sweep_run(&spec, "lines", &report);
    struct ssldyn_result *result = fill(&spec, &report);
    snprintf(file, sizeof file, "%s/lines.tsv", scratch_path(path, "lines"));
    FILE *stream = fopen(file, "r");
    ck_assert_ptr_nonnull(stream);
    while (fgets(text, sizeof text, stream)) {
        char word[32];
        char name[40];
        double want[4];
        size_t dimensions = 0;
        size_t shape[SSLDYN_DIMENSIONS];
        if (sscanf(text, "%31s %lf %lf %lf %lf", word, &want[0], &want[1], &want[2], &want[3]) != 5)
            continue;
        snprintf(name, sizeof name, "line_%s", word);
        row = strcmp(name, last) == 0 ? row + 1 : 0;
        snprintf(last, sizeof last, "%s", name);
        const double *rows = ssldyn_result_array(result, name, &dimensions, shape);
        ck_assert_msg(rows != NULL, "no array %s", name);
        ck_assert_uint_eq(dimensions, 2);
        ck_assert_uint_eq(shape[1], 4);
        ck_assert_uint_lt(row, shape[0]);
        for (size_t i = 0; i < 3; i++)
            CHECK_CLOSE(rows[row * 4 + i], want[i], 0.0, 0.0);
        CHECK_CLOSE(rows[row * 4 + 3], want[3], 5.1e-3, 0.0); /* the files have three digits */
        seen++;
    }
    fclose(stream);
    size_t kept = 0;
    for (size_t i = 0; i < ssldyn_result_array_count(result); i++) {
        size_t dimensions = 0;
        size_t shape[SSLDYN_DIMENSIONS];
        const char *name = ssldyn_result_array_name(result, i);
        if (strncmp(name, "line_", 5) == 0) {
            (void)ssldyn_result_array(result, name, &dimensions, shape);
            kept += shape[0];
        }
    }
    ck_assert_uint_gt(seen, 40);
    ck_assert_uint_eq(seen, kept);
    ssldyn_result_free(result);
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(sweep_arrays)
{
    tcase_add_test(tests, columns_and_axes);
    tcase_add_test(tests, sample_and_words);
    tcase_add_test(tests, shares);
    tcase_add_test(tests, lines);
}
