/* For tests: a flow given by "name", "value" pairs, as a user would type them, and its trace. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_FLOW_RUN_H
#define SSLDYN_TESTS_FLOW_RUN_H

#include "sim/flow/flow.h"
#include "sim/inputs/inputs.h"
#include "sim/io/npy.h"
#include "sim/io/trace.h"
#include "sim/run/run_directory.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/spec_make.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Writes a matrix to the test's file NAME, for use as an option; returns its path. */
static inline const char *flow_matrix(char path[static SCRATCH_PATH], const char *name, size_t rows,
                                      size_t columns, const double data[])
{
    const size_t shape[2] = {rows, columns};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_npy_write(scratch_path(path, name), 2, shape, data, &err) == SSLDYN_OK,
                  "%s", err.message);
    return path;
}

/* Runs the flow of the options (name, value, ..., NULL) in the test's directory NAME and reads its
 * trace, which the caller clears. Fails the test if the flow fails. */
static inline struct ssldyn_table flow_run(const char *name, const char *const options[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_flow_report report;
    struct ssldyn_inputs inputs = {0};
    struct ssldyn_table table;
    char path[SCRATCH_PATH];
    char file[SCRATCH_PATH + 16];
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    scratch_path(path, name);
    ck_assert_msg(ssldyn_inputs_load(&spec, &inputs, &err) == SSLDYN_OK, "%s", err.message);
    struct ssldyn_run_directory directory;
    ssldyn_run_directory_init(&directory, path, ssldyn_spec_print, &spec);
    ck_assert_msg(ssldyn_flow_run(&spec.problem, &directory.sink, true, &report, &err) == SSLDYN_OK,
                  "%s", err.message);
    const struct ssldyn_drift *broken = ssldyn_flow_report_broken(&report);
    ck_assert_msg(!broken, "%s drifted by %g", broken ? broken->name : "",
                  broken ? broken->largest : 0.0);
    ssldyn_flow_report_clear(&report);
    ssldyn_inputs_clear(&inputs);
    ssldyn_spec_clear(&spec);
    snprintf(file, sizeof file, "%s/trace.tsv", path);
    ck_assert_msg(ssldyn_table_read(file, &table, &err) == SSLDYN_OK, "%s", err.message);
    return table;
}

/* The entry of a column in a row. */
static inline double flow_value(const struct ssldyn_table *table, size_t row, const char *column)
{
    const size_t at = ssldyn_table_column(table, column);
    ck_assert_msg(at < table->columns, "no column %s", column);
    return ssldyn_table_value(table, row, at);
}

/* The entry of STEM_(j + 1), a column of mode j. */
static inline double flow_mode(const struct ssldyn_table *table, size_t row, const char *stem,
                               size_t j)
{
    char column[24];
    snprintf(column, sizeof column, "%s_%zu", stem, j + 1);
    return flow_value(table, row, column);
}

/* Checks that columns a and b of two traces agree, row by row, within rtol of the column's largest
 * entry. */
static inline void flow_agree(const struct ssldyn_table *one, const char *a,
                              const struct ssldyn_table *other, const char *b, double rtol)
{
    double size = 0.0;
    ck_assert_uint_eq(one->rows, other->rows);
    for (size_t k = 0; k < one->rows; k++) {
        size = fmax(size, fabs(flow_value(one, k, a)));
    }
    for (size_t k = 0; k < one->rows; k++) {
        CHECK_CLOSE(flow_value(one, k, a), flow_value(other, k, b), 0.0, rtol * size);
    }
}

#endif
