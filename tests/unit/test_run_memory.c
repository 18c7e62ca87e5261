/* A run into arrays: the same numbers as in its directory, and only those that are wanted. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy.h"
#include "sim/run/run_memory.h"
#include "tests/flow_run.h"
#include "tests/suite.h"

static const char *const matrices[] = {"n1",    "6",    "n2",      "3",       "eta",
                                       "0.05",  "seed", "3",       "init-wa", "copy",
                                       "t-end", "7",    "samples", "5",       NULL};

static void run_into(struct ssldyn_run_memory *memory, const char *const options[], bool snapshots)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_flow_report report;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ssldyn_run_memory_init(memory, snapshots);
    ck_assert_msg(ssldyn_flow_run(&spec.problem, &memory->sink, true, &report, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(report.rows, memory->count);
    ssldyn_flow_report_clear(&report);
    ssldyn_spec_clear(&spec);
}

static void same_rows(const struct ssldyn_table *table, const struct ssldyn_run_memory *memory)
{
    ck_assert_uint_eq(table->rows, memory->count);
    ck_assert_uint_eq(table->columns, memory->width);
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        CHECK_CLOSE(memory->rows[i], table->values[i], 0.0, 0.0);
    }
}

START_TEST(matrices_as_in_the_directory)
{
    static const char *const names[] = {"Wp.npy", "W.npy", "Wa.npy", "F.npy"};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_table table = flow_run("matrices", matrices);
    struct ssldyn_run_memory memory;
    char path[SCRATCH_PATH];
    char file[SCRATCH_PATH + 16];
    run_into(&memory, matrices, true);
    same_rows(&table, &memory);
    ck_assert_uint_eq(memory.frames, 6);
    const double *const kept[] = {memory.Wp, memory.W, memory.Wa, memory.F};
    scratch_path(path, "matrices");
    for (int i = 0; i < 4; i++) {
        struct ssldyn_array array;
        snprintf(file, sizeof file, "%s/%s", path, names[i]);
        ck_assert_msg(ssldyn_npy_read(file, false, &array, &err) == SSLDYN_OK, "%s", err.message);
        const size_t size = array.shape[0] * array.shape[1] * array.shape[2];
        ck_assert_uint_eq(size, 6 * 3 * (i == 0 || i == 3 ? 3 : 6));
        for (size_t k = 0; k < size; k++) {
            CHECK_CLOSE(kept[i][k], array.data[k], 0.0, 0.0);
        }
        ssldyn_npy_array_clear(&array);
    }
    ssldyn_table_clear(&table);
    ssldyn_run_memory_clear(&memory);
}
END_TEST

START_TEST(rows_without_snapshots)
{
    struct ssldyn_table table = flow_run("alone", matrices);
    struct ssldyn_run_memory memory;
    run_into(&memory, matrices, false);
    same_rows(&table, &memory);
    ck_assert_uint_eq(memory.frames, 0);
    ck_assert_ptr_null(memory.W);
    ck_assert_ptr_null(memory.F);
    ssldyn_table_clear(&table);
    ssldyn_run_memory_clear(&memory);
}
END_TEST

START_TEST(modes_without_a_sink)
{
    const char *const modes[] = {"model", "modes", "p0", "0.02,0.6", "s0", "0.3", "eta",
                                 "0.04",  "t-end", "20", "samples",  "9",  NULL};
    struct ssldyn_table table = flow_run("modes", modes);
    struct ssldyn_run_memory memory;
    struct ssldyn_spec spec;
    struct ssldyn_flow_report report;
    run_into(&memory, modes, true); /* which runs of modes do not have */
    same_rows(&table, &memory);
    spec_make(&spec, SSLDYN_COMMAND_FLOW, modes);
    ck_assert_int_eq(ssldyn_flow_run(&spec.problem, NULL, true, &report, NULL), SSLDYN_OK);
    ck_assert_uint_eq(report.rows, 10);
    ck_assert_uint_eq(report.mode_count, 2);
    CHECK_CLOSE(report.modes[1].p, flow_value(&table, 9, "p_2"), 0.0, 0.0);
    ssldyn_flow_report_clear(&report);
    ssldyn_spec_clear(&spec);
    ssldyn_table_clear(&table);
    ssldyn_run_memory_clear(&memory);
}
END_TEST

/* The second run replaces the first; an abandoned run leaves nothing. */
START_TEST(used_again)
{
    struct ssldyn_run_memory memory;
    run_into(&memory, matrices, true);
    const struct ssldyn_sink_shape shape = memory.shape;
    ck_assert_int_eq(ssldyn_sink_open(&memory.sink, &shape, NULL), SSLDYN_OK);
    ck_assert_uint_eq(memory.count, 0);
    ck_assert(!ssldyn_sink_settled(&memory.sink));
    ck_assert_int_eq(ssldyn_sink_event(&memory.sink, 0.0, 1, "survives", NULL), SSLDYN_OK);
    ssldyn_sink_abandon(&memory.sink);
    ck_assert_ptr_null(memory.rows);
    ck_assert_ptr_null(memory.Wp);
    ssldyn_run_memory_clear(&memory);
}
END_TEST

/* A sink that stops the run after some rows. */
struct few {
    struct ssldyn_sink sink;
    size_t rows, enough;
    bool closed;
};

static enum ssldyn_status few_open(struct ssldyn_sink *sink, const struct ssldyn_sink_shape *shape,
                                   struct ssldyn_error *err)
{
    (void)sink;
    (void)shape;
    (void)err;
    return SSLDYN_OK;
}

static enum ssldyn_status few_row(struct ssldyn_sink *sink, const double row[],
                                  struct ssldyn_error *err)
{
    (void)row;
    (void)err;
    ((struct few *)sink)->rows++;
    return SSLDYN_OK;
}

static bool few_settled(const struct ssldyn_sink *sink)
{
    const struct few *few = (const struct few *)sink;
    return few->rows == few->enough;
}

static enum ssldyn_status few_close(struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    (void)err;
    ((struct few *)sink)->closed = true;
    return SSLDYN_OK;
}

static void few_abandon(struct ssldyn_sink *sink)
{
    (void)sink;
    ck_abort_msg("nothing failed");
}

/* A run ends when its sink stops it. */
START_TEST(a_sink_may_stop_the_run)
{
    static const struct ssldyn_sink_kind kind = {.open = few_open,
                                                 .row = few_row,
                                                 .settled = few_settled,
                                                 .close = few_close,
                                                 .abandon = few_abandon};
    const char *const modes[] = {"model", "modes", "samples", "9", NULL};
    for (int i = 0; i < 2; i++) {
        struct few few = {.sink = {.kind = &kind}, .enough = 3};
        struct ssldyn_spec spec;
        struct ssldyn_flow_report report;
        spec_make(&spec, SSLDYN_COMMAND_FLOW, i == 0 ? matrices : modes);
        ck_assert_int_eq(ssldyn_flow_run(&spec.problem, &few.sink, true, &report, NULL), SSLDYN_OK);
        ck_assert_uint_eq(few.rows, 3);
        ck_assert(few.closed && report.rows == 3 && report.t_reached < report.t_end);
        ssldyn_flow_report_clear(&report);
        ssldyn_spec_clear(&spec);
    }
}
END_TEST

static enum ssldyn_status full_open(struct ssldyn_sink *sink, const struct ssldyn_sink_shape *shape,
                                    struct ssldyn_error *err)
{
    (void)sink;
    (void)shape;
    return ssldyn_fail(err, SSLDYN_ENOMEM, "full");
}

/* A chain of sinks: all get the rows, any of them ends the run, and if one cannot be opened those
 * before it are abandoned. */
START_TEST(sinks_can_be_chained)
{
    static const struct ssldyn_sink_kind counts = {.settled = few_settled};
    static const struct ssldyn_sink_kind full = {.open = full_open};
    struct ssldyn_run_memory last;
    struct ssldyn_run_memory first;
    struct ssldyn_spec spec;
    struct ssldyn_flow_report report;
    struct ssldyn_error err;
    ssldyn_run_memory_init(&last, true);
    ssldyn_run_memory_init(&first, false);
    struct few few = {.sink = {&counts, &last.sink}, .enough = 3};
    first.sink.next = &few.sink;
    ck_assert(ssldyn_sink_takes_snapshots(&first.sink));
    spec_make(&spec, SSLDYN_COMMAND_FLOW, matrices);
    ck_assert_int_eq(ssldyn_flow_run(&spec.problem, &first.sink, true, &report, &err), SSLDYN_OK);
    ck_assert_uint_eq(first.count, report.rows);
    ck_assert_uint_eq(last.count, report.rows);
    ck_assert_uint_eq(last.frames, report.rows);
    ck_assert_mem_eq(first.rows, last.rows, first.count * first.width * sizeof *first.rows);
    ssldyn_flow_report_clear(&report);
    few.enough = 0;
    ck_assert(ssldyn_sink_settled(&first.sink));
    last.sink.next = &(struct ssldyn_sink){&full, NULL};
    const struct ssldyn_sink_shape shape = first.shape;
    ck_assert_int_eq(ssldyn_sink_open(&first.sink, &shape, &err), SSLDYN_ENOMEM);
    ck_assert(!first.rows && !last.rows);
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(run_memory)
{
    tcase_add_test(tests, sinks_can_be_chained);
    tcase_add_test(tests, a_sink_may_stop_the_run);
    tcase_add_test(tests, matrices_as_in_the_directory);
    tcase_add_test(tests, rows_without_snapshots);
    tcase_add_test(tests, modes_without_a_sink);
    tcase_add_test(tests, used_again);
}
