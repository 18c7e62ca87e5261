/* Comparisons of traces with known differences: shifted constants and lines, different row times,
 * traces of modes with sorted ones, nan, bands. */
// SPDX-License-Identifier: MIT
#include "sim/compare/compare.h"

#include "sim/compare/compare_series.h"
#include "sim/io/file.h"
#include "sim/io/trace.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory of the test under /tmp, with runs in it. */
static char top[64];

static const char *place(const char *name)
{
    static char path[4][128];
    static int next;
    char *here = path[next++ % 4];
    snprintf(here, sizeof path[0], "%s/%s", top, name);
    return here;
}

static void set_up(void)
{
    snprintf(top, sizeof top, "/tmp/ssldyn-compare-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(top));
}

static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    ck_assert_int_eq(system(command), 0);
}

static void write_run(const char *name, const char *text)
{
    char file[160];
    ck_assert_int_eq(ssldyn_file_make_directory(place(name), NULL), SSLDYN_OK);
    snprintf(file, sizeof file, "%s/trace.tsv", place(name));
    FILE *stream = fopen(file, "w");
    ck_assert_ptr_nonnull(stream);
    fprintf(stream, "# ssldyn trace 1\n%s", text);
    ck_assert_int_eq(fclose(stream), 0);
}

static void compare(const char *a, const char *b, struct ssldyn_comparison *comparison)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_sheet curves = {0};
    ck_assert_msg(ssldyn_compare_run(place(a), place(b), &curves, comparison, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_msg(ssldyn_compare_sheet_write(&curves, place("out"), &err) == SSLDYN_OK, "%s",
                  err.message);
    ssldyn_compare_sheet_clear(&curves);
}

static const struct ssldyn_gap *gap(const struct ssldyn_comparison *comparison, const char *name,
                                    size_t length)
{
    for (size_t i = 0; i < comparison->gap_count; i++) {
        const struct ssldyn_gap *one = &comparison->gaps[i];
        if (strcmp(one->name, name) == 0 && one->length == length) {
            return one;
        }
    }
    return NULL;
}

/* loss differs by 0.5, 1.5, 0.5: largest 1.5 at t = 1, mean 1 over [0, 2]; norm_w not at all. */
START_TEST(known_gaps)
{
    struct ssldyn_comparison c;
    write_run("a", "t\tloss\tnorm_w\n0\t1\t2\n1\t2\t2\n2\t3\t2\n");
    write_run("b", "t\tloss\tnorm_w\n0\t0.5\t2\n1\t0.5\t2\n2\t2.5\t2\n");
    ck_assert_int_eq(ssldyn_file_make_directory(place("out"), NULL), SSLDYN_OK);
    compare("a", "b", &c);
    ck_assert_uint_eq(c.rows, 3);
    ck_assert_uint_eq(c.members, 0);
    const struct ssldyn_gap *loss = gap(&c, "loss", 1);
    ck_assert_ptr_nonnull(loss);
    CHECK_CLOSE(loss->largest, 1.5, 1e-15, 0.0);
    CHECK_CLOSE(loss->at, 1.0, 0.0, 0.0);
    CHECK_CLOSE(loss->relative, 0.6, 1e-15, 0.0);
    CHECK_CLOSE(loss->mean, 1.0, 1e-15, 0.0);
    ck_assert(!loss->has_band);
    CHECK_CLOSE(gap(&c, "norm_w", 1)->largest, 0.0, 0.0, 0.0);
    char verdict[400];
    ssldyn_compare_verdict(&c, verdict, sizeof verdict);
    ck_assert_ptr_nonnull(strstr(verdict, "different: gaps up to 60 %"));
    ssldyn_compare_clear(&c);
    struct ssldyn_table table;
    char file[160];
    snprintf(file, sizeof file, "%s/trace.tsv", place("out"));
    ck_assert_int_eq(ssldyn_table_read(file, &table, NULL), SSLDYN_OK);
    ck_assert_uint_eq(table.rows, 3);
    const size_t column = ssldyn_table_column(&table, "loss_gap");
    ck_assert_uint_ne(column, SIZE_MAX);
    CHECK_CLOSE(table.values[table.columns + column], 1.5, 1e-15, 0.0);
    ssldyn_table_clear(&table);
}
END_TEST

/* A straight line is interpolated exactly, for any row times; only the common time range counts. */
START_TEST(other_rows)
{
    struct ssldyn_comparison c;
    write_run("a", "t\tloss\n0\t0\n0.3\t0.6\n1.1\t2.2\n1.7\t3.4\n2.5\t5\n4\t8\n");
    write_run("b", "t\tloss\n0.5\t2\n1\t3\n3\t7\n9\t0\n");
    ck_assert_int_eq(ssldyn_file_make_directory(place("out"), NULL), SSLDYN_OK);
    compare("a", "b", &c);
    ck_assert_uint_eq(c.rows, 3);
    CHECK_CLOSE(c.t_from, 0.5, 0.0, 0.0);
    CHECK_CLOSE(c.t_to, 3.0, 0.0, 0.0);
    CHECK_CLOSE(gap(&c, "loss", 1)->largest, 1.0, 1e-14, 0.0);
    CHECK_CLOSE(gap(&c, "loss", 1)->mean, 1.0, 1e-14, 0.0);
    ssldyn_compare_clear(&c);
}
END_TEST

/* A trace of modes keeps their order; for a comparison with a trace of matrices modes are sorted by
 * s, and p along with them. */
START_TEST(modes_are_matched)
{
    struct ssldyn_comparison c;
    write_run("a",
              "t\tp_1\ts_1\ttau_1\tp_2\ts_2\ttau_2\n0\t1\t3\t1\t2\t4\t1\n1\t1\t5\t1\t2\t4\t1\n");
    write_run("b", "t\tstep\ts_1\tp_1\ts_2\tp_2\n0\t0\t4\t2\t3\t1\n1\t1\t5\t1\t4\t2.5\n");
    ck_assert_int_eq(ssldyn_file_make_directory(place("out"), NULL), SSLDYN_OK);
    compare("a", "b", &c);
    CHECK_CLOSE(gap(&c, "s", 2)->largest, 0.0, 0.0, 0.0);
    CHECK_CLOSE(gap(&c, "p", 2)->largest, 0.5, 1e-15, 0.0);
    CHECK_CLOSE(gap(&c, "p", 2)->at, 1.0, 0.0, 0.0);
    ssldyn_compare_clear(&c);
}
END_TEST

/* For a mode collapsed to rounding, s_2 = 1e-16 of s_1, the eigenvector and thus p_2 and cos_2
 * are meaningless: they are excluded, and half of the values are skipped; s_2 itself counts. A
 * mode at 1e-8 counts. The same holds once all of F has decayed below the resolution of double
 * precision. */
START_TEST(noise_does_not_count)
{
    struct ssldyn_comparison c;
    char verdict[400];
    write_run("a", "t\ts_1\tp_1\tcos_1\ts_2\tp_2\tcos_2\n0\t1\t.5\t1\t1e-16\t.3\t.9\n"
                   "1\t1\t.5\t1\t3e-17\t.1\t-.9\n");
    write_run("b", "t\ts_1\tp_1\tcos_1\ts_2\tp_2\tcos_2\n0\t1\t.5\t1\t2e-16\t-.2\t.1\n"
                   "1\t1\t.5\t1\t-1e-17\t.4\t.2\n");
    ck_assert_int_eq(ssldyn_file_make_directory(place("out"), NULL), SSLDYN_OK);
    compare("a", "b", &c);
    CHECK_CLOSE(gap(&c, "p", 2)->largest, 0.0, 0.0, 0.0);
    CHECK_CLOSE(gap(&c, "p", 2)->counted, 0.5, 0.0, 0.0);
    CHECK_CLOSE(gap(&c, "cos", 2)->largest, 0.0, 0.0, 0.0);
    CHECK_CLOSE(gap(&c, "s", 2)->largest, 1e-16, 1e-10, 0.0);
    CHECK_CLOSE(gap(&c, "s", 2)->counted, 1.0, 0.0, 0.0);
    ssldyn_compare_verdict(&c, verdict, sizeof verdict);
    ck_assert_ptr_nonnull(strstr(verdict, "close: gaps up to 1e-14 %"));
    ck_assert_ptr_nonnull(
        strstr(verdict, "p_j was compared only where s_j is above the noise of F"));
    ssldyn_compare_clear(&c);
    write_run("a", "t\ts_1\tp_1\ts_2\tp_2\n0\t1\t.5\t1e-8\t.25\n1\t1e-30\t.5\t5e-31\t.125\n");
    write_run("b", "t\ts_1\tp_1\ts_2\tp_2\n0\t1\t.5\t1e-8\t.5\n1\t1e-30\t0\t5e-31\t0\n");
    compare("a", "b", &c);
    CHECK_CLOSE(gap(&c, "p", 2)->largest, 0.25, 1e-15, 0.0);
    CHECK_CLOSE(gap(&c, "p", 2)->at, 0.0, 0.0, 0.0);
    CHECK_CLOSE(gap(&c, "p", 2)->counted, 0.5, 0.0, 0.0);
    ssldyn_compare_clear(&c);
}
END_TEST

/* nan in one run excludes its times; a column that is nan throughout is not compared. */
START_TEST(nan_is_left_out)
{
    struct ssldyn_comparison c;
    write_run("a", "t\tloss\ttau\n0\tnan\tnan\n1\t2\tnan\n2\t2\tnan\n");
    write_run("b", "t\tloss\ttau\n0\t7\t1\n1\t2.25\t1\n2\t2\t1\n");
    ck_assert_int_eq(ssldyn_file_make_directory(place("out"), NULL), SSLDYN_OK);
    compare("a", "b", &c);
    CHECK_CLOSE(gap(&c, "loss", 1)->largest, 0.25, 1e-15, 0.0);
    ck_assert_ptr_null(gap(&c, "tau", 1));
    ssldyn_compare_clear(&c);
}
END_TEST

/* z against the deviation of one run, and the share of times inside the band. */
START_TEST(bands)
{
    struct ssldyn_comparison c;
    char file[160];
    write_run("a", "t\tloss\n0\t1\n1\t1\n2\t1\n");
    write_run("b", "t\tloss\n0\t1\n1\t2\n2\t1.5\n");
    write_run("b/std", "t\tloss\n0\t0\n1\t0.5\n2\t0.5\n");
    write_run("b/q05", "t\tloss\n0\t1\n1\t1.2\n2\t0.7\n");
    write_run("b/q95", "t\tloss\n0\t1\n1\t2.8\n2\t2.3\n");
    snprintf(file, sizeof file, "%s/spec.conf", place("b"));
    FILE *stream = fopen(file, "w");
    ck_assert_ptr_nonnull(stream);
    fputs("# ssldyn spec 1\nversion = 0.1.0\ncommand = sgd\nensemble = 7\n", stream);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_int_eq(ssldyn_file_make_directory(place("out"), NULL), SSLDYN_OK);
    for (int turn = 0; turn < 2; turn++) { /* in either order */
        compare(turn ? "b" : "a", turn ? "a" : "b", &c);
        const struct ssldyn_gap *loss = gap(&c, "loss", 1);
        ck_assert_uint_eq(c.members, 7);
        ck_assert(loss->has_band);
        CHECK_CLOSE(loss->z_largest, 2.0, 1e-15, 0.0);
        CHECK_CLOSE(loss->z_rms, sqrt((4.0 + 1.0) / 2.0), 1e-15, 0.0);
        CHECK_CLOSE(loss->inside, 0.5, 1e-15, 0.0);
        ssldyn_compare_clear(&c);
    }
}
END_TEST

/* Smooth curves between rows: Steffen's cubic is of second order at least. */
START_TEST(interpolation)
{
    struct ssldyn_series series;
    char text[4096] = "t\tloss\n";
    for (int i = 0; i <= 40; i++) {
        const size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%.17g\t%.17g\n", i * 0.1, sin(i * 0.1));
    }
    write_run("a", text);
    ck_assert_int_eq(ssldyn_compare_series_read(place("a"), &series, NULL), SSLDYN_OK);
    const double times[5] = {-0.5, 0.05, 1.23, 4.0, 4.5};
    double values[5];
    ck_assert_int_eq(ssldyn_compare_series_sample(&series,
                                                  ssldyn_table_column(&series.table, "loss"), 5,
                                                  times, values, NULL),
                     SSLDYN_OK);
    ck_assert(isnan(values[0]) && isnan(values[4]));
    CHECK_CLOSE(values[1], sin(0.05), 0.0, 1e-3);
    CHECK_CLOSE(values[2], sin(1.23), 0.0, 1e-3);
    CHECK_CLOSE(values[3], sin(4.0), 1e-15, 0.0);
    ssldyn_compare_series_clear(&series);
}
END_TEST

/* A comparison estimates the error of its interpolation: 0 where the rows coincide, otherwise a
 * bound on the error of Steffen's cubic that is at most twenty times too large (a method of order
 * three, judged as one of order two, loses a factor 2, and the bound takes the maximum over all
 * times). */
START_TEST(interpolation_is_accounted_for)
{
    struct ssldyn_comparison c;
    char text[2][4096] = {"t\tloss\n", "t\tloss\n"};
    for (int i = 0; i <= 60; i++) {
        for (int run = 0; run < 2; run++) {
            const double t = i * (run == 0 ? 0.1 : 0.07);
            const size_t used = strlen(text[run]);
            snprintf(text[run] + used, sizeof text[run] - used, "%.17g\t%.17g\n", t, sin(t));
        }
    }
    write_run("a", text[0]);
    write_run("b", text[1]);
    ck_assert_int_eq(ssldyn_file_make_directory(place("out"), NULL), SSLDYN_OK);
    compare("a", "b", &c);
    const struct ssldyn_gap *loss = gap(&c, "loss", 1);
    ck_assert_double_gt(loss->largest, 1e-6);
    ck_assert_double_ge(loss->interpolation, loss->largest);
    ck_assert_double_le(loss->interpolation, 20.0 * loss->largest);
    char verdict[400];
    ssldyn_compare_verdict(&c, verdict, sizeof verdict);
    ck_assert_ptr_nonnull(strstr(verdict, "interpolation between rows may add"));
    ssldyn_compare_clear(&c);
    compare("a", "a", &c);
    CHECK_CLOSE(gap(&c, "loss", 1)->interpolation, 0.0, 0.0, 0.0);
    ssldyn_compare_clear(&c);
}
END_TEST

TEST_SUITE(compare)
{
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, known_gaps);
    tcase_add_test(tests, other_rows);
    tcase_add_test(tests, modes_are_matched);
    tcase_add_test(tests, noise_does_not_count);
    tcase_add_test(tests, nan_is_left_out);
    tcase_add_test(tests, bands);
    tcase_add_test(tests, interpolation);
    tcase_add_test(tests, interpolation_is_accounted_for);
}
