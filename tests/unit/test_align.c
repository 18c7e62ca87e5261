/* Alignment analysis: whole analyses of files constructed from known answers. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"
#include "sim/io/npy.h"
#include "sim/random/stream.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(first_columns_are_those_of_every_matrix_trace)
{
    const struct ssldyn_layout *matrix = &ssldyn_layout_matrix;
    const struct ssldyn_layout *align = &ssldyn_layout_align;
    ck_assert_uint_gt(align->scalar_count, matrix->scalar_count);
    ck_assert_uint_gt(align->per_mode_count, matrix->per_mode_count);
    for (size_t i = 0; i < matrix->scalar_count; i++)
        ck_assert_str_eq(align->scalars[i].name, matrix->scalars[i].name);
    for (size_t i = 0; i < matrix->per_mode_count; i++)
        ck_assert_str_eq(align->per_mode[i].name, matrix->per_mode[i].name);
}
END_TEST

enum { N = 5, T = 7 };

/* Snapshots with F = diag(s(t)) and Wp = diag(p(t)); two modes cross halfway. */
static void write_series(const char *wp_path, const char *f_path)
{
    double Wp[T * N * N] = {0};
    double F[T * N * N] = {0};
    for (size_t i = 0; i < T; i++) {
        for (size_t j = 0; j < N; j++) {
            double s = 1.0 / (double)(1 + j);
            if (j == 1)
                s = 0.9 - 0.1 * (double)i; /* from above mode 3 (.333) to below it */
            F[(i * N + j) * N + j] = s;
            Wp[(i * N + j) * N + j] = sqrt(0.8 * s);
        }
    }
    const size_t shape[3] = {T, N, N};
    ck_assert_int_eq(ssldyn_npy_write(wp_path, 3, shape, Wp, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_write(f_path, 3, shape, F, NULL), SSLDYN_OK);
}

static double cell(const struct ssldyn_table *table, size_t row, const char *name)
{
    const size_t column = ssldyn_table_column(table, name);
    ck_assert_msg(column != SIZE_MAX, "no column %s", name);
    return ssldyn_table_value(table, row, column);
}

static struct ssldyn_align_request standard_request(void)
{
    return (struct ssldyn_align_request){.floor = 1e-4, .leading = 64, .threads = 1, .quiet = true};
}

static void read_rows(const char *directory, struct ssldyn_table *table)
{
    char path[SCRATCH_PATH + 16];
    (void)snprintf(path, sizeof path, "%s/trace.tsv", directory);
    struct ssldyn_error err;
    ck_assert_msg(ssldyn_table_read(path, table, &err) == SSLDYN_OK, "%s", err.message);
}

START_TEST(crossing_modes_are_measured_and_followed)
{
    char wp[SCRATCH_PATH];
    char f[SCRATCH_PATH];
    char out[SCRATCH_PATH];
    write_series(scratch_path(wp, "wp.npy"), scratch_path(f, "f.npy"));
    struct ssldyn_align_request request = standard_request();
    request.wp = wp;
    request.f = f;
    request.output = scratch_path(out, "align");
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(report.snapshots, T);
    ck_assert_uint_eq(report.modes, N);
    CHECK_CLOSE(report.alpha_p, 0.8, 1e-12, 0.0);
    CHECK_CLOSE(report.last.fit.line.slope, 0.5, 1e-12, 0.0);
    ck_assert_int_eq(report.verdict.parabola, 1);
    ck_assert_int_eq(report.verdict.aligned, 2);
    ck_assert_int_eq(report.verdict.collapse, SSLDYN_COLLAPSE_NONE);
    struct ssldyn_table table;
    read_rows(out, &table);
    ck_assert_uint_eq(table.rows, T);
    /* s of the moving mode: .9 .8 .7 .6 .5 .4 .3; mode 3 stays at 1/3. */
    ck_assert_double_eq(cell(&table, 0, "mode_2"), 2.0);
    ck_assert_double_eq(cell(&table, 5, "mode_2"), 2.0);
    ck_assert_double_eq(cell(&table, 6, "mode_2"), 3.0);
    ck_assert_double_eq(cell(&table, 6, "mode_3"), 2.0);
    CHECK_CLOSE(cell(&table, 6, "s_3"), 0.3, 1e-13, 0.0);
    CHECK_CLOSE(cell(&table, 6, "c_3"), 0.0, 0.0, 1e-13);
    CHECK_CLOSE(cell(&table, 3, "cos_4"), 1.0, 1e-14, 0.0);
    ck_assert_double_eq(cell(&table, 4, "t"), 4.0);
    ck_assert_double_eq(cell(&table, 4, "alive"), 5.0);
    ck_assert_double_nan(cell(&table, 4, "se_1"));
    ssldyn_table_clear(&table);
}
END_TEST

/* Wp^T Wp = .7 W W^T with data that are not whitened: on the parabola by Thm 1, though p^2/s varies
 * like 1/lambda. Given F alone, the same network is off the parabola, with a hint why. */
START_TEST(the_parabola_is_that_of_the_weights)
{
    enum { M = 6 };
    double W[M * M] = {0};
    double Wp[M * M] = {0};
    double X[M * M] = {0};
    double F[M * M] = {0};
    for (size_t j = 0; j < M; j++) {
        W[j * M + j] = 1.0 / (double)(1 + j);
        Wp[j * M + j] = sqrt(0.7) * W[j * M + j];
        X[j * M + j] = (double)((1 + j) * (1 + j) * (2 + j)); /* s = 2 + j: reverses the order */
        F[j * M + j] = X[j * M + j] * W[j * M + j] * W[j * M + j];
    }
    char paths[4][SCRATCH_PATH];
    const size_t shape[2] = {M, M};
    const char *const names[4] = {"w7.npy", "wp7.npy", "x7.npy", "f7.npy"};
    const double *const arrays[4] = {W, Wp, X, F};
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(
            ssldyn_npy_write(scratch_path(paths[i], names[i]), 2, shape, arrays[i], NULL),
            SSLDYN_OK);
    struct ssldyn_align_request request = standard_request();
    request.w = paths[0];
    request.wp = paths[1];
    request.x = paths[2];
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s", err.message);
    CHECK_CLOSE(report.alpha_p, 0.7, 1e-12, 0.0);
    CHECK_CLOSE(report.last.fit.upper.slope, 0.5, 1e-12, 0.0);
    ck_assert_int_eq(report.verdict.parabola, 1);
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "p^2/w^2"));
    request.w = request.x = NULL;
    request.f = paths[3];
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(report.verdict.parabola, 0);
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "whitened"));
}
END_TEST

/* With one bad entry in Wp of snapshot 2 and one in F of snapshot 5, five of seven rows remain, at
 * their own times. */
START_TEST(bad_snapshots_are_skipped_on_request)
{
    char wp[SCRATCH_PATH];
    char f[SCRATCH_PATH];
    char out[SCRATCH_PATH];
    write_series(scratch_path(wp, "wp_bad.npy"), scratch_path(f, "f_bad.npy"));
    const char *const paths[2] = {wp, f};
    const size_t entries[2] = {1 * N * N + 3, 4 * N * N + 7};
    const size_t shape[3] = {T, N, N};
    for (size_t i = 0; i < 2; i++) {
        struct ssldyn_array array;
        ck_assert_int_eq(ssldyn_npy_read(paths[i], false, &array, NULL), SSLDYN_OK);
        array.data[entries[i]] = i == 0 ? (double)NAN : (double)INFINITY;
        ck_assert_int_eq(ssldyn_npy_write(paths[i], 3, shape, array.data, NULL), SSLDYN_OK);
        ssldyn_npy_array_clear(&array);
    }
    struct ssldyn_align_request request = standard_request();
    request.wp = wp;
    request.f = f;
    request.output = scratch_path(out, "skipped");
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_align(&request, &report, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "matrix 2, entry (1, 4) is nan"));
    request.skip_bad = true;
    request.threads = 2;
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(report.snapshots, T - 2);
    ck_assert_uint_eq(report.skipped, 2);
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "2 of 7 snapshots"));
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "t = 1, 4."));
    struct ssldyn_table table;
    read_rows(out, &table);
    ck_assert_uint_eq(table.rows, T - 2);
    ck_assert_double_eq(cell(&table, 1, "t"), 2.0);
    CHECK_CLOSE(cell(&table, 4, "s_3"), 0.3, 1e-13, 0.0); /* the last one equals that of the whole
                                                           * series */
    ssldyn_table_clear(&table);
}
END_TEST

/* F = diag(s) and Wp = diag(+-sqrt(s)): aligned up to signs, which are counted. */
START_TEST(reversed_modes_are_counted)
{
    enum { M = 6 };
    static const struct {
        bool reversed[M];
        int aligned;
        size_t negative;
        const char *words;
    } cases[3] = {{{true, true, true, true, true, true}, 0, 6, "Anti-aligned"},
                  {{false, true, false, false, true, false}, 1, 2, "2 of 6 living modes have p <="},
                  {{false, false, false, false, false, false}, 2, 0, "On the parabola"}};
    double F[M * M] = {0};
    double Wp[M * M] = {0};
    for (size_t j = 0; j < M; j++) {
        F[j * M + j] = 3.0 / (double)(1 + j);
        Wp[j * M + j] = (cases[_i].reversed[j] ? -1.0 : 1.0) * sqrt(F[j * M + j]);
    }
    char wp[SCRATCH_PATH];
    char f[SCRATCH_PATH];
    const size_t shape[2] = {M, M};
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(wp, "wp6.npy"), 2, shape, Wp, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(f, "f6.npy"), 2, shape, F, NULL), SSLDYN_OK);
    struct ssldyn_align_request request = standard_request();
    struct ssldyn_align_report report;
    request.wp = wp;
    request.f = f;
    ck_assert_int_eq(ssldyn_align(&request, &report, NULL), SSLDYN_OK);
    ck_assert_int_eq(report.verdict.aligned, cases[_i].aligned);
    ck_assert_uint_eq(report.last.fit.negative, cases[_i].negative);
    ck_assert_int_eq(report.verdict.parabola, cases[_i].negative == 0);
    CHECK_CLOSE(report.last.cosine, 1.0, 1e-14, 0.0);
    CHECK_CLOSE(report.last.cosine_signed, 1.0 - 2.0 * (double)cases[_i].negative / (double)M,
                1e-14, 1e-14);
    ck_assert_msg(strstr(report.verdict.text, cases[_i].words) != NULL, "%s", report.verdict.text);
}
END_TEST

/* Features whose F is a poor estimate of a flat spectrum: 64 samples of 16 numbers with covariance
 * F, and Wp = F^(1/2) exactly. With eigenvalues of the estimate the slope is near 1/4. */
START_TEST(few_samples_do_not_bend_the_parabola)
{
    enum { D = 16, SAMPLES = 64 };
    static double features[SAMPLES * D];
    double Wp[D * D] = {0};
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 5, 0, SSLDYN_PURPOSE_BATCH);
    ssldyn_stream_normal(&stream, SAMPLES * D, features);
    for (size_t j = 0; j < D; j++) {
        Wp[j * D + j] = sqrt(0.3 + 0.1 * (double)j);
        for (size_t i = 0; i < SAMPLES; i++)
            features[i * D + j] *= Wp[j * D + j];
    }
    char wp[SCRATCH_PATH];
    char path[SCRATCH_PATH];
    const size_t square[2] = {D, D};
    const size_t shape[2] = {SAMPLES, D};
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(wp, "wp16.npy"), 2, square, Wp, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(path, "f16.npy"), 2, shape, features, NULL),
                     SSLDYN_OK);
    struct ssldyn_align_request request = standard_request();
    struct ssldyn_align_report report;
    request.wp = wp;
    request.features = path;
    ck_assert_int_eq(ssldyn_align(&request, &report, NULL), SSLDYN_OK);
    const struct ssldyn_parabola_fit *fit = &report.last.fit;
    ck_assert_double_lt(fit->upper.low, 0.5);
    ck_assert_double_gt(fit->upper.high, 0.5);
    ck_assert_double_gt(fit->upper.slope, 0.4);
    ck_assert_double_lt(fit->alpha_low, 1.0);
    ck_assert_double_gt(fit->alpha_high, 1.0);
    ck_assert_int_ne(report.verdict.parabola, 0);
}
END_TEST

static size_t read_text(const char *directory, char text[], size_t capacity)
{
    char path[SCRATCH_PATH + 16];
    (void)snprintf(path, sizeof path, "%s/trace.tsv", directory);
    return scratch_read(path, text, capacity);
}

START_TEST(threads_change_nothing)
{
    enum { CAPACITY = 1 << 16 };
    static char one[CAPACITY];
    static char many[CAPACITY];
    char wp[SCRATCH_PATH];
    char f[SCRATCH_PATH];
    char out[SCRATCH_PATH];
    write_series(scratch_path(wp, "wp.npy"), scratch_path(f, "f.npy"));
    struct ssldyn_align_request request = standard_request();
    struct ssldyn_align_report report;
    request.wp = wp;
    request.f = f;
    request.output = scratch_path(out, "align-threads");
    ck_assert_int_eq(ssldyn_align(&request, &report, NULL), SSLDYN_OK);
    const size_t size = read_text(out, one, CAPACITY);
    request.threads = 3;
    ck_assert_int_eq(ssldyn_align(&request, &report, NULL), SSLDYN_OK);
    ck_assert_uint_eq(read_text(out, many, CAPACITY), size);
    ck_assert_mem_eq(one, many, size);
}
END_TEST

/* F of features equals the mean of f f^T; centered, it does not depend on a shift of all features.
 * Errors of the eigenvalues: for an orthogonal design y^2 takes known values. */
START_TEST(features_make_their_second_moment)
{
    enum { SAMPLES = 8, D = 2 };
    double features[SAMPLES * D];
    for (size_t i = 0; i < SAMPLES; i++) {
        features[i * D] = i < 4 ? 3.0 : 1.0;           /* f1^2 is 9 or 1: mean 5 */
        features[i * D + 1] = i % 2 == 0 ? 0.5 : -0.5; /* f2^2 is always .25 */
    }
    for (size_t i = 0; i < SAMPLES; i++)
        features[i * D] *= (i / 2) % 2 == 0 ? 1.0 : -1.0; /* no mean, no correlation */
    char path[SCRATCH_PATH];
    char out[SCRATCH_PATH];
    const size_t shape[2] = {SAMPLES, D};
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(path, "features.npy"), 2, shape, features, NULL),
                     SSLDYN_OK);
    struct ssldyn_align_request request = standard_request();
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    request.features = path;
    request.output = scratch_path(out, "align-features");
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s", err.message);
    struct ssldyn_table table;
    read_rows(out, &table);
    CHECK_CLOSE(cell(&table, 0, "s_1"), 5.0, 1e-14, 0.0);
    CHECK_CLOSE(cell(&table, 0, "s_2"), 0.25, 1e-14, 0.0);
    /* Variance of f1^2: 16 * 8/7; of its mean: divided by 8. */
    CHECK_CLOSE(cell(&table, 0, "se_1"), sqrt(16.0 / 7.0), 1e-13, 0.0);
    CHECK_CLOSE(cell(&table, 0, "se_2"), 0.0, 0.0, 1e-14);
    ssldyn_table_clear(&table);
    for (size_t i = 0; i < SAMPLES; i++)
        features[i * D + 1] += 40.0;
    ck_assert_int_eq(ssldyn_npy_write(path, 2, shape, features, NULL), SSLDYN_OK);
    request.centered = true;
    ck_assert_int_eq(ssldyn_align(&request, &report, NULL), SSLDYN_OK);
    read_rows(out, &table);
    CHECK_CLOSE(cell(&table, 0, "s_1"), 5.0 * 8.0 / 7.0, 1e-13, 0.0);
    CHECK_CLOSE(cell(&table, 0, "s_2"), 0.25 * 8.0 / 7.0, 1e-11, 0.0);
    ssldyn_table_clear(&table);
}
END_TEST

START_TEST(spectra_alone_are_enough)
{
    char path[SCRATCH_PATH];
    char out[SCRATCH_PATH];
    const char text[] = "# a comment\nepoch\tasymmetry\ts_1\ts_2\ts_3\twpe_1\twpe_2\twpe_3\tcos_1\t"
                        "cos_2\tcos_3\n0\t0.5\t4\t1\t0.25\t2\t1\t0.5\t0.5\t-0.5\t0.5\n"
                        "10\t0.02\t16\t4\t1\t4\t2\t1\t0.95\t0.95\t0.95\n";
    scratch_write(scratch_path(path, "spectra.tsv"), text, sizeof text - 1);
    struct ssldyn_align_request request = standard_request();
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    request.spectra = path;
    request.output = scratch_path(out, "align-spectra");
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s", err.message);
    CHECK_CLOSE(report.last.fit.line.slope, 0.5, 1e-13, 0.0);
    CHECK_CLOSE(report.alpha_p, 1.0, 1e-13, 0.0);
    ck_assert_double_eq(report.last.t, 10.0);
    ck_assert_int_eq(report.verdict.aligned, 2);
    ck_assert_int_eq(report.verdict.symmetric, 1);
    struct ssldyn_table table;
    read_rows(out, &table);
    CHECK_CLOSE(cell(&table, 0, "asymmetry"), 0.5, 0.0, 0.0);
    ck_assert_double_nan(cell(&table, 0, "p_1"));
    ck_assert_double_nan(cell(&table, 0, "loss"));
    ck_assert_double_eq(cell(&table, 1, "wpe_2"), 2.0);
    ssldyn_table_clear(&table);
    const char rising[] = "s_1\ts_2\twpe_1\twpe_2\n1\t2\t1\t1\n";
    scratch_write(path, rising, sizeof rising - 1);
    ck_assert_int_eq(ssldyn_align(&request, &report, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "descending"));
    const char lacking[] = "s_1\ts_2\n2\t1\n";
    scratch_write(path, lacking, sizeof lacking - 1);
    ck_assert_int_eq(ssldyn_align(&request, &report, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "wpe_1"));
}
END_TEST

START_TEST(known_verdicts_of_real_runs)
{
    static const struct {
        const char *name;
        enum ssldyn_collapse collapse;
        int aligned, symmetric, parabola;
        /* The plateau of the leading 64 modes: the slope is .12 to .21 in every run that learns,
         * over all of them or before a tail. The last run keeps three modes, too few for a
         * slope. */
        bool broken;
        double slope;
    } runs[4] = {{"byol", SSLDYN_COLLAPSE_NONE, 2, 0, 0, true, 0.195},
                 {"byol_symmetric_predictor", SSLDYN_COLLAPSE_NONE, 2, 1, 0, false, 0.118},
                 {"simsiam", SSLDYN_COLLAPSE_PARTIAL, 2, 0, 0, true, 0.121},
                 {"simsiam_symmetric_predictor", SSLDYN_COLLAPSE_FULL, 1, 1, -1, false, 0.0}};
    const char *data = getenv("SSLDYN_DATA");
    if (data == NULL) {
        fputs("align: SSLDYN_DATA is not set: spectra of real networks are skipped\n", stderr);
        return;
    }
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/kth-cifar10/%s.tsv", data, runs[_i].name);
    struct ssldyn_align_request request = standard_request();
    request.spectra = path;
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(report.verdict.collapse, runs[_i].collapse);
    ck_assert_int_eq(report.verdict.aligned, runs[_i].aligned);
    ck_assert_int_eq(report.verdict.symmetric, runs[_i].symmetric);
    ck_assert_int_eq(report.verdict.parabola, runs[_i].parabola);
    ck_assert_int_eq(report.last.fit.broken, runs[_i].broken);
    if (runs[_i].slope > 0.0)
        CHECK_CLOSE(report.last.fit.upper.slope, runs[_i].slope, 0.0, 5e-4); /* as printed */
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "sorting alone"));
}
END_TEST

START_TEST(misfits_are_refused_by_name)
{
    static const char *const words[] = {"--wp",   "snapshots", "symmetric",
                                        "finite", "nothing",   "cannot be read"};
    char wp[SCRATCH_PATH];
    char f[SCRATCH_PATH];
    double F[2 * 9] = {1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 0, 0, 0, 2, 0, 0, 0, 3};
    size_t f_shape[3] = {2, 3, 3};
    size_t wp_shape[3] = {2, 3, 3};
    double Wp[2 * 9] = {0};
    if (_i == 0)
        wp_shape[2] = 2;
    if (_i == 1)
        wp_shape[0] = 1;
    if (_i == 2)
        F[10] = 1.0;
    if (_i == 3)
        Wp[12] = (double)NAN;
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(wp, "bad-wp.npy"), 3, wp_shape, Wp, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(f, "bad-f.npy"), 3, f_shape, F, NULL),
                     SSLDYN_OK);
    struct ssldyn_align_request request = standard_request();
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    request.wp = wp;
    request.f = _i == 4 ? NULL : _i == 5 ? "no/such/file.npy" : f;
    ck_assert_int_eq(ssldyn_align(&request, &report, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, words[_i]) != NULL, "%s", err.message);
}
END_TEST

TEST_SUITE(align)
{
    tcase_add_test(tests, first_columns_are_those_of_every_matrix_trace);
    tcase_add_test(tests, crossing_modes_are_measured_and_followed);
    tcase_add_test(tests, bad_snapshots_are_skipped_on_request);
    tcase_add_test(tests, the_parabola_is_that_of_the_weights);
    tcase_add_loop_test(tests, reversed_modes_are_counted, 0, 3);
    tcase_add_test(tests, few_samples_do_not_bend_the_parabola);
    tcase_add_test(tests, threads_change_nothing);
    tcase_add_test(tests, features_make_their_second_moment);
    tcase_add_test(tests, spectra_alone_are_enough);
    tcase_add_loop_test(tests, known_verdicts_of_real_runs, 0, 4);
    tcase_add_loop_test(tests, misfits_are_refused_by_name, 0, 6);
}
