/* Traces: the columns of each kind, numbers that survive the round trip, and tables of other
 * programs. */
// SPDX-License-Identifier: MIT
#include "sim/io/trace.h"
#include "sim/observe/layout_modes.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY = 1 << 20 };

static char text[CAPACITY];

/* Opens a new trace.tsv in the test's directory. */
static struct ssldyn_trace *open_trace(char path[SCRATCH_PATH], const struct ssldyn_layout *layout,
                                       size_t modes)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_trace *trace = NULL;
    char directory[SCRATCH_PATH];
    const char *const comments[] = {"ssldyn 0.0", "made by a test"};

    mkdir(scratch_path(directory, "run"), 0777);
    unlink(scratch_path(path, "run/trace.tsv"));
    ck_assert_msg(ssldyn_trace_open(directory, layout, modes, comments, 2, &trace, &err) ==
                      SSLDYN_OK,
                  "%s", err.message);
    return trace;
}

static const struct ssldyn_column scalars[] = {{"t", "time"}, {"u", "voltage"}};
static const struct ssldyn_column per_mode[] = {{"p", "one"}, {"s", "other"}};
static const struct ssldyn_layout layout = {
    .scalars = scalars, .scalar_count = 2, .per_mode = per_mode, .per_mode_count = 2};

static void expect_columns(size_t modes, const char *want)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_table table;
    char path[SCRATCH_PATH];
    char names[1000] = "";

    struct ssldyn_trace *trace = open_trace(path, &layout, modes);
    ck_assert_int_eq(ssldyn_trace_close(trace, &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_table_read(path, &table, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(table.rows, 0);
    ck_assert_uint_eq(table.columns, ssldyn_layout_width(&layout, modes));
    for (size_t i = 0; i < table.columns; i++) {
        strcat(names, i > 0 ? " " : "");
        strcat(names, table.names[i]);
        ck_assert_uint_eq(ssldyn_table_column(&table, table.names[i]), i);
        ck_assert_uint_eq(ssldyn_layout_find(&layout, modes, table.names[i]), i);
    }
    ck_assert_str_eq(names, want);
    ck_assert_uint_eq(ssldyn_table_column(&table, "no_such"), SIZE_MAX);
    ssldyn_table_clear(&table);
    ssldyn_table_clear(&table);
}

START_TEST(names_the_columns_of_a_layout)
{
    expect_columns(2, "t u p_1 s_1 p_2 s_2");
    expect_columns(1, "t u p_1 s_1");
    expect_columns(0, "t u");
}
END_TEST

/* The description that a layout gives for a column replaces the column's own. */
START_TEST(descriptions_of_a_layout_come_first)
{
    static const char *const words[] = {NULL, "tension"};
    struct ssldyn_layout worded = layout;
    char path[SCRATCH_PATH];
    worded.scalar_words = words;
    worded.per_mode_words = words;
    ck_assert_int_eq(ssldyn_trace_close(open_trace(path, &worded, 1), NULL), SSLDYN_OK);
    scratch_read(path, text, CAPACITY);
    ck_assert_ptr_nonnull(strstr(text, "# t: time\n# u: tension\n# p_j: one\n# s_j: tension\n"));
}
END_TEST

START_TEST(opens_with_kind_version_and_comments)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];

    struct ssldyn_trace *trace = open_trace(path, &ssldyn_layout_modes, 1);
    ck_assert_int_eq(ssldyn_trace_close(trace, &err), SSLDYN_OK);
    scratch_read(path, text, CAPACITY);
    const char *head = "# ssldyn trace 1\n# ssldyn 0.0\n# made by a test\n";
    ck_assert_int_eq(strncmp(text, head, strlen(head)), 0);
    ck_assert_ptr_nonnull(strstr(text, "\n# s_j: "));
    ck_assert_ptr_nonnull(strstr(text, "\nt\tp_1\ts_1\ttau_1\tc_1\tk_1\n"));
}
END_TEST

START_TEST(numbers_survive_the_round_trip)
{
    /* 17 significant digits distinguish any two doubles (IEEE 754). */
    static const double rows[2][6] = {
        {0.1, -2.385e-7, DBL_MAX, DBL_MIN, 4.9406564584124654e-324, 1.0 / 3.0},
        {-0.0, (double)NAN, (double)INFINITY, -(double)INFINITY, 1e22, 123456789.12345678}};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_table table;
    char path[SCRATCH_PATH];

    struct ssldyn_trace *trace = open_trace(path, &ssldyn_layout_modes, 1);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(ssldyn_trace_append(trace, rows[i], &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_trace_close(trace, &err), SSLDYN_OK);
    scratch_read(path, text, CAPACITY);
    ck_assert_ptr_nonnull(strstr(text, "\n-0\tnan\tinf\t-inf\t1e+22\t123456789.12345678\n"));
    ck_assert_msg(ssldyn_table_read(path, &table, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(table.rows, 2);
    for (size_t i = 0; i < 12; i++) {
        double want = rows[i / 6][i % 6];
        double got = table.values[i];
        /* Equal bit for bit, except for nan, whose sign has no meaning. */
        ck_assert(isnan(want) ? isnan(got) : memcmp(&want, &got, sizeof want) == 0);
    }
    ssldyn_table_clear(&table);
}
END_TEST

START_TEST(negative_nan_is_nan)
{
    double row[] = {copysign((double)NAN, -1.0)};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];

    struct ssldyn_trace *trace = open_trace(path, &ssldyn_layout_modes, 0);
    ck_assert_int_eq(ssldyn_trace_append(trace, row, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_trace_close(trace, &err), SSLDYN_OK);
    scratch_read(path, text, CAPACITY);
    ck_assert_ptr_nonnull(strstr(text, "\nt\nnan\n"));
}
END_TEST

START_TEST(abandoned_leaves_nothing)
{
    char path[SCRATCH_PATH];

    struct ssldyn_trace *trace = open_trace(path, &ssldyn_layout_modes, 1);
    ck_assert_int_eq(scratch_unfinished(path), 1);
    ssldyn_trace_abandon(trace);
    ssldyn_trace_abandon(NULL);
    ck_assert(!scratch_exists(path));
    ck_assert_int_eq(scratch_unfinished(path), 0);
}
END_TEST

START_TEST(keeps_whole_rows_when_the_disk_is_full)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_table table;
    char path[SCRATCH_PATH];
    int taken = 0;

    struct ssldyn_trace *trace = open_trace(path, &ssldyn_layout_modes, 1);
    scratch_disk_limit(100001);
    enum ssldyn_status status = SSLDYN_OK;
    while (status == SSLDYN_OK && taken < 100000) {
        double row[] = {taken + 0.1, 0.25, 0.0625, 1.0, 0.0, 3.5};
        status = ssldyn_trace_append(trace, row, &err);
        taken++;
    }
    ck_assert_int_eq(status, SSLDYN_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, strerror(EFBIG)));
    status = ssldyn_trace_close(trace, &err);
    scratch_disk_free();
    ck_assert_int_eq(status, SSLDYN_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, "rows are kept in"));
    ck_assert_msg(ssldyn_table_read(path, &table, &err) == SSLDYN_OK, "%s", err.message);
    /* A row has at least 20 and at most 60 bytes, and the header less than 1000. */
    ck_assert_uint_gt(table.rows, 99000 / 60);
    ck_assert_uint_lt(table.rows, 100001 / 20);
    for (size_t i = 0; i < table.rows; i++)
        ck_assert(table.values[6 * i] == (double)i + 0.1 && table.values[6 * i + 5] == 3.5);
    ssldyn_table_clear(&table);
}
END_TEST

START_TEST(a_disk_full_from_the_start_leaves_nothing)
{
    double row[] = {0.0, 0.25, 0.0625, 1.0, 0.0, 3.5};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];

    scratch_disk_limit(30);
    struct ssldyn_trace *trace = open_trace(path, &ssldyn_layout_modes, 1);
    enum ssldyn_status appended = ssldyn_trace_append(trace, row, &err);
    enum ssldyn_status status = ssldyn_trace_close(trace, &err);
    scratch_disk_free();
    ck_assert(appended == SSLDYN_OK || appended == SSLDYN_EIO);
    ck_assert_int_eq(status, SSLDYN_EIO);
    ck_assert(!scratch_exists(path));
    ck_assert_int_eq(scratch_unfinished(path), 0);
}
END_TEST

START_TEST(a_missing_directory_is_an_error)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_trace *trace = NULL;
    char path[SCRATCH_PATH];

    ck_assert_int_eq(ssldyn_trace_open(scratch_path(path, "nowhere"), &ssldyn_layout_modes, 1, NULL,
                                       0, &trace, &err),
                     SSLDYN_EIO);
    ck_assert_ptr_null(trace);
    ck_assert_ptr_nonnull(strstr(err.message, "nowhere"));
}
END_TEST

/* Tables of other programs: the content of the file, and a word of the error, or NULL if it must be
 * read. */
static const struct {
    const char *content;
    const char *fault;
    size_t rows;
} tables[] = {
    {"epoch\tasymmetry\n0\t0.5\n5\t0.25\n", NULL, 2},
    {"a\tb\r\n1\t2\r\n", NULL, 1},
    {"# x\n\n# y\na\n1\n# between\n\n2\n3", NULL, 3},
    {"a\n+nan\n-inf\n", NULL, 2},
    {"", "no header", 0},
    {"# only a comment\n", "no header", 0},
    {"a\tb\n1\n", ":2:", 0},
    {"a\tb\n1\t2\n1\t2\t3\n", ":3:", 0},
    {"a\tb\n1\tx\n", "column b", 0},
    {"a\tb\n1\t2 \n", "not a number", 0},
    {"a\tb\n1\t\n", "not a number", 0},
    {"a\t\tb\n1\t2\t3\n", "no name", 0},
    {"a\tb\n1,5\t2\n", "not a number", 0},
};

START_TEST(reads_foreign_tables)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_table table;
    char path[SCRATCH_PATH];

    scratch_write(scratch_path(path, "foreign.tsv"), tables[_i].content,
                  strlen(tables[_i].content));
    enum ssldyn_status status = ssldyn_table_read(path, &table, &err);
    if (tables[_i].fault == NULL) {
        ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
        ck_assert_uint_eq(table.rows, tables[_i].rows);
    } else {
        ck_assert_int_eq(status, SSLDYN_EINPUT);
        ck_assert_ptr_nonnull(strstr(err.message, path));
        ck_assert_msg(strstr(err.message, tables[_i].fault) != NULL, "%s", err.message);
        ck_assert_uint_eq(table.columns, 0);
        ck_assert_ptr_null(table.values);
    }
    ssldyn_table_clear(&table);
}
END_TEST

START_TEST(refuses_other_files)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_table table;
    char path[SCRATCH_PATH];

    ck_assert_int_eq(ssldyn_table_read(scratch_path(path, "absent.tsv"), &table, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, strerror(ENOENT)));
    ck_assert_int_eq(ssldyn_table_read("/tmp", &table, &err), SSLDYN_EINPUT);
    /* Endless: reading it would never return. */
    ck_assert_int_eq(ssldyn_table_read("/dev/zero", &table, &err), SSLDYN_EINPUT);
    scratch_write(scratch_path(path, "zero.tsv"), "a\tb\n1\t\0002\n", 9);
    ck_assert_int_eq(ssldyn_table_read(path, &table, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "zero byte"));
}
END_TEST

START_TEST(a_growing_table_ends_with_its_last_whole_line)
{
    static const char whole[] = "# ssldyn trace 1\nt\tp_1\n0\t0.5\n1\t0.25\n2\t0.1";
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_table table;
    char path[SCRATCH_PATH];
    scratch_path(path, "growing.tsv");
    /* truncated anywhere: never a truncated number, never an error */
    for (size_t size = 0; size < sizeof whole; size++) {
        scratch_write(path, whole, size);
        ck_assert_msg(ssldyn_table_read_growing(path, &table, &err) == SSLDYN_OK, "%zu: %s", size,
                      err.message);
        ck_assert_uint_eq(table.rows, size >= 36 ? 2U : size >= 29 ? 1U : 0U);
        if (table.rows == 2)
            ck_assert(table.values[3] == 0.25);
        ssldyn_table_clear(&table);
    }
}
END_TEST

TEST_SUITE(trace)
{
    tcase_add_test(tests, a_growing_table_ends_with_its_last_whole_line);
    tcase_add_test(tests, names_the_columns_of_a_layout);
    tcase_add_test(tests, descriptions_of_a_layout_come_first);
    tcase_add_test(tests, opens_with_kind_version_and_comments);
    tcase_add_test(tests, numbers_survive_the_round_trip);
    tcase_add_test(tests, negative_nan_is_nan);
    tcase_add_test(tests, abandoned_leaves_nothing);
    tcase_add_test(tests, keeps_whole_rows_when_the_disk_is_full);
    tcase_add_test(tests, a_disk_full_from_the_start_leaves_nothing);
    tcase_add_test(tests, a_missing_directory_is_an_error);
    tcase_add_loop_test(tests, reads_foreign_tables, 0, sizeof tables / sizeof tables[0]);
    tcase_add_test(tests, refuses_other_files);
}
