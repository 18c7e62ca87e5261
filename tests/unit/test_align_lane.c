/* Predictors given by their outputs, in whole analyses: they are judged like the matrices that they
 * are; the same for series and for any number of threads. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"
#include "sim/io/npy.h"
#include "sim/io/trace.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 4, SAMPLES = 90, FRAMES = 3 };

struct files {
    char features[SCRATCH_PATH], outputs[SCRATCH_PATH], wp[SCRATCH_PATH], out[SCRATCH_PATH];
};

static void write_stack(const char *path, size_t rows, const double data[])
{
    const size_t shape[3] = {FRAMES, rows, N};
    ck_assert_int_eq(ssldyn_npy_write(path, 3, shape, data, NULL), SSLDYN_OK);
}

/* Three snapshots of features and predictors; the outputs have noise. */
static void write_files(double noise, struct files *files)
{
    static double f[FRAMES * SAMPLES * N];
    static double q[FRAMES * SAMPLES * N];
    double M[FRAMES * N * N];
    uint64_t state = 17;
    draw_matrix(&state, FRAMES * N * N, M);
    draw_matrix(&state, FRAMES * SAMPLES * N, f);
    for (size_t i = 0; i < FRAMES * SAMPLES * N; i++) {
        f[i] *= 1.0 + 0.3 * (double)(i % N);
        q[i] = noise * draw_between(&state, -1.0, 1.0);
    }
    for (size_t t = 0; t < FRAMES; t++) {
        for (size_t j = 0; j < N; j++)
            M[t * N * N + j * (N + 1)] += 2.0;
        naive_add(SAMPLES, N, N, 1.0, f + t * SAMPLES * N, false, M + t * N * N, true,
                  q + t * SAMPLES * N);
    }
    write_stack(scratch_path(files->features, "lane-f.npy"), SAMPLES, f);
    write_stack(scratch_path(files->outputs, "lane-q.npy"), SAMPLES, q);
    write_stack(scratch_path(files->wp, "lane-wp.npy"), N, M);
    scratch_path(files->out, "lane-out");
}

static void analyze(const struct ssldyn_align_request *request, struct ssldyn_align_report *report,
                    struct ssldyn_table *table)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_align(request, report, &err) == SSLDYN_OK, "%s", err.message);
    char path[SCRATCH_PATH + 16];
    (void)snprintf(path, sizeof path, "%s/trace.tsv", request->output);
    ck_assert_msg(ssldyn_table_read(path, table, &err) == SSLDYN_OK, "%s", err.message);
}

static double cell(const struct ssldyn_table *table, size_t row, const char *name)
{
    for (size_t j = 0; j < table->columns; j++)
        if (strcmp(table->names[j], name) == 0)
            return ssldyn_table_value(table, row, j);
    ck_abort_msg("no column %s", name);
}

static struct ssldyn_align_request request_of(const struct files *files, bool outputs)
{
    return (struct ssldyn_align_request){.features = files->features,
                                         .outputs = outputs ? files->outputs : NULL,
                                         .wp = outputs ? NULL : files->wp,
                                         .output = files->out,
                                         .floor = 1e-4,
                                         .leading = 64,
                                         .threads = 1,
                                         .quiet = true};
}

/* Outputs of a linear predictor: every column equals that of the matrix, and the nonlinear part is
 * zero. */
START_TEST(linear_outputs_are_judged_like_their_matrix)
{
    struct files files;
    struct ssldyn_align_report matrix;
    struct ssldyn_align_report sampled;
    struct ssldyn_table want;
    struct ssldyn_table got;
    write_files(0.0, &files);
    struct ssldyn_align_request request = request_of(&files, false);
    request.centered = _i == 1;
    analyze(&request, &matrix, &want);
    ck_assert(!matrix.sampled);
    request.wp = NULL;
    request.outputs = files.outputs;
    analyze(&request, &sampled, &got);
    ck_assert(sampled.sampled);
    ck_assert_uint_eq(got.rows, FRAMES);
    for (size_t t = 0; t < FRAMES; t++) {
        for (size_t j = 0; j < want.columns; j++)
            CHECK_CLOSE(cell(&got, t, want.names[j]), ssldyn_table_value(&want, t, j), 1e-9, 1e-9);
        CHECK_CLOSE(cell(&got, t, "effective_predictor_share"), 1.0, 1e-12, 0.0);
        CHECK_CLOSE(cell(&got, t, "effective_predictor_share_error"), 0.0, 0.0, 1e-12);
        ck_assert_double_gt(cell(&got, t, "se_p_1"), 0.0); /* the eigenvectors of F rotate */
    }
    ck_assert_int_eq(sampled.verdict.aligned, matrix.verdict.aligned);
    ck_assert_int_eq(sampled.verdict.parabola, matrix.verdict.parabola);
    ck_assert_ptr_nonnull(strstr(sampled.verdict.text, "the linear part explains 100 % of"));
    ck_assert_uint_eq(sampled.last.effective.directions, N);
    ssldyn_table_clear(&want);
    ssldyn_table_clear(&got);
}
END_TEST

START_TEST(threads_change_nothing_and_noise_lowers_the_share)
{
    struct files files;
    struct ssldyn_align_report report;
    struct ssldyn_table one;
    struct ssldyn_table many;
    write_files(3.0, &files);
    struct ssldyn_align_request request = request_of(&files, true);
    analyze(&request, &report, &one);
    request.threads = 3;
    analyze(&request, &report, &many);
    ck_assert_mem_eq(one.values, many.values, one.rows * one.columns * sizeof(double));
    /* Noise of variance 3 per entry, compared with 4.7 + 1/3 per row of M times about .7. */
    ck_assert_double_lt(report.last.effective.share, 0.75);
    ck_assert_double_gt(report.last.effective.share, 0.3);
    ck_assert_double_gt(report.last.effective.share_error, 0.01);
    ssldyn_table_clear(&many);
    /* A few modes above the noise by chance are not reported as alignment. */
    write_files(60.0, &files);
    analyze(&request, &report, &many);
    ck_assert_int_eq(report.verdict.aligned, -1);
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "leading modes of the predictor stand out"));
    ssldyn_table_clear(&one);
    ssldyn_table_clear(&many);
}
END_TEST

/* Input of the wrong shape is refused; the message names the option. */
START_TEST(outputs_that_do_not_fit_are_refused)
{
    static const char *const words[] = {"--outputs", "needs more than 4 samples"};
    struct files files;
    char few[SCRATCH_PATH];
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double rows[FRAMES * N * N];
    uint64_t state = 4;
    write_files(0.0, &files);
    struct ssldyn_align_request request = request_of(&files, true);
    draw_matrix(&state, FRAMES * N * N, rows);
    write_stack(scratch_path(few, "lane-few.npy"), N, rows); /* N samples each */
    request.outputs = few;
    if (_i == 1)
        request.features = few;
    request.output = NULL;
    ck_assert_int_eq(ssldyn_align(&request, &report, &err), SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, words[_i]) != NULL, "%s", err.message);
}
END_TEST

TEST_SUITE(align_lane)
{
    tcase_add_loop_test(tests, linear_outputs_are_judged_like_their_matrix, 0, 2);
    tcase_add_test(tests, threads_change_nothing_and_noise_lowers_the_share);
    tcase_add_loop_test(tests, outputs_that_do_not_fit_are_refused, 0, 2);
}
