/* Alignment analysis of a network trained with the cosine loss: conserved quantities compared with
 * the flow itself (the squared-distance flow is the counterexample), the predicted end, the verdict
 * and the written files. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"
#include "sim/io/npy.h"
#include "tests/flow_run.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>

static struct ssldyn_align_report analyze(const struct ssldyn_align_request *wanted)
{
    struct ssldyn_align_request request = *wanted;
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    request.floor = 1e-4;
    request.p_floor = 1e-4;
    request.leading = 64;
    request.threads = 2;
    request.quiet = true;
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s", err.message);
    return report;
}

/* Runs a flow of matrices that are neither aligned nor symmetric until t_end, into directory
 * NAME. */
static const char *run_flow(char path[static SCRATCH_PATH], const char *name, const char *loss,
                            const char *sigma2, const char *alpha_p, const char *t_end)
{
    const char *const options[] = {"loss",    loss,   "n1",      "6",     "n2",    "4",
                                   "eta",     "0.05", "alpha-p", alpha_p, "seed",  "3",
                                   "no-ema",  "true", "sigma2",  sigma2,  "t-end", t_end,
                                   "samples", "8",    "rtol",    "1e-9",  NULL};
    struct ssldyn_table table = flow_run(name, options);
    ssldyn_table_clear(&table);
    return scratch_path(path, name);
}

START_TEST(the_flow_keeps_the_balance)
{
    char path[SCRATCH_PATH];
    char out[SCRATCH_PATH];
    const struct ssldyn_align_request request = {
        .run = run_flow(path, "kept", "cosine", "0.5", "1.5", "40"),
        .output = scratch_path(out, "kept-align")};
    const struct ssldyn_align_report report = analyze(&request);
    ck_assert(report.cosine.asked); /* the run states its loss */
    ck_assert(report.cosine.size > 1e-2);
    CHECK_CLOSE(report.cosine.moved, 0.0, 0.0, 1e-7);
    ck_assert_uint_eq(report.knobs.surviving + report.knobs.beyond + report.knobs.trapped, 0);
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "no fold in eta"));
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "since the first snapshot: it is conserved"));
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "the parabola does not attract"));
    ck_assert_ptr_null(strstr(report.verdict.text, "Knobs"));
    struct ssldyn_error err;
    struct ssldyn_table table;
    char file[SCRATCH_PATH + 16];
    (void)snprintf(file, sizeof file, "%s/cosine.tsv", out);
    ck_assert_msg(ssldyn_table_read(file, &table, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_uint_eq(table.rows, report.snapshots);
    double share = 0.0;
    double trace[2] = {0.0, 0.0};
    for (size_t j = 1; j <= 4; j++) {
        char name[16];
        (void)snprintf(name, sizeof name, "share_%zu", j);
        share += ssldyn_table_value(&table, table.rows - 1, ssldyn_table_column(&table, name));
        (void)snprintf(name, sizeof name, "c_%zu", j);
        trace[0] += ssldyn_table_value(&table, 0, ssldyn_table_column(&table, name));
        trace[1] += ssldyn_table_value(&table, table.rows - 1, ssldyn_table_column(&table, name));
    }
    CHECK_CLOSE(share, 1.0, 1e-12, 0.0);
    CHECK_CLOSE(trace[0], trace[1], 1e-6, 0.0); /* tr C/|W|^2, independent of the basis */
    ssldyn_table_clear(&table);
}
END_TEST

/* Without their run the same matrices are judged under both losses; under the squared distance C
 * decays relative to |W|^2. */
START_TEST(another_loss_does_not)
{
    char path[SCRATCH_PATH];
    char wp[SCRATCH_PATH + 16];
    char w[SCRATCH_PATH + 16];
    run_flow(path, "lost", "l2", "0.5", "1.5", "40");
    (void)snprintf(wp, sizeof wp, "%s/Wp.npy", path);
    (void)snprintf(w, sizeof w, "%s/W.npy", path);
    struct ssldyn_parameters parameters = {
        .rates = {.alpha_p = 1.5}, .stop_grad = true, .predictor = true};
    struct ssldyn_align_request request = {
        .wp = wp, .w = w, .parameters = &parameters, .alpha_known = true};
    struct ssldyn_align_report report = analyze(&request);
    ck_assert(report.cosine.moved > 0.1);
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "other losses do not conserve C"));
    ck_assert_ptr_null(strstr(report.verdict.text, "the parabola does not attract"));
    request.reading = SSLDYN_READING_L2;
    report = analyze(&request);
    ck_assert(!report.cosine.asked);
    ck_assert_ptr_null(strstr(report.verdict.text, "cosine"));
    request.reading = SSLDYN_READING_COSINE;
    request.alpha_known = false;
    report = analyze(&request);
    ck_assert_double_nan(report.cosine.size);
    ck_assert_double_nan(report.cosine.level);
    /* a run with the squared distance is judged under that loss only */
    request = (struct ssldyn_align_request){.run = path};
    report = analyze(&request);
    ck_assert(!report.cosine.asked);
    ck_assert_uint_gt(report.knobs.surviving + report.knobs.beyond + report.knobs.trapped, 0);
}
END_TEST

/* Water-filling from an early snapshot predicts the end of the flow: all p_j/|W| at its level. */
START_TEST(water_filling_predicts_the_end)
{
    char early[SCRATCH_PATH];
    char late[SCRATCH_PATH];
    struct ssldyn_align_request request = {
        .run = run_flow(early, "early", "cosine", "0", "20", "0.5")};
    const struct ssldyn_align_report report = analyze(&request);
    ck_assert(report.cosine.exact);
    ck_assert_uint_eq(report.cosine.survivors, 4);
    run_flow(late, "late", "cosine", "0", "20", "120");
    char file[SCRATCH_PATH + 16];
    (void)snprintf(file, sizeof file, "%s/trace.tsv", late);
    struct ssldyn_error err;
    struct ssldyn_table table;
    ck_assert_msg(ssldyn_table_read(file, &table, &err) == SSLDYN_OK, "%s", err.message);
    const size_t last = table.rows - 1;
    const double w = ssldyn_table_value(&table, last, ssldyn_table_column(&table, "norm_w"));
    const double p = ssldyn_table_value(&table, last, ssldyn_table_column(&table, "p_1"));
    CHECK_CLOSE(p / w, report.cosine.level, 1e-4, 0.0);
    ssldyn_table_clear(&table);
}
END_TEST

/* Modes with different lambda_d/lambda_s, from .5 to .95: the final p are not equal but
 * proportional to that ratio, up to terms of order 1/modes. */
START_TEST(levels_follow_the_data)
{
    enum { MOST = 12 };
    double left[2] = {0.0, 0.0};
    for (int k = 0; k < 2; k++) {
        static const char *const counts[] = {"6", "12"};
        const size_t n = k == 0 ? 6 : MOST;
        const size_t shape[2] = {n, n};
        double A[4][MOST * MOST] = {{0}};
        char names[4][SCRATCH_PATH];
        static const char *const files[] = {"x.npy", "xprime.npy", "w.npy", "wp.npy"};
        for (size_t j = 0; j < n; j++) {
            const double share = (double)j / (double)(n - 1);
            A[0][j * n + j] = 1.0;
            A[1][j * n + j] = 1.0 / (0.5 + 0.45 * share) - 1.0;
            A[2][j * n + j] = 1.0 - 0.3 * share;
            A[3][j * n + j] = 0.5;
        }
        for (int f = 0; f < 4; f++)
            ck_assert_int_eq(
                ssldyn_npy_write(scratch_path(names[f], files[f]), 2, shape, A[f], NULL),
                SSLDYN_OK);
        const char *const options[] = {
            "loss",   "cosine", "n2",      counts[k], "x",    names[0], "xprime", names[1],
            "init-w", names[2], "init-wp", names[3],  "eta",  "0.01",   "no-ema", "true",
            "t-end",  "40",     "samples", "4",       "rtol", "1e-6",   NULL};
        char path[SCRATCH_PATH];
        struct ssldyn_table table = flow_run("data", options);
        ssldyn_table_clear(&table);
        const struct ssldyn_align_request request = {.run = scratch_path(path, "data")};
        const struct ssldyn_align_report report = analyze(&request);
        ck_assert(report.cosine.plateau.spread > 0.2);
        left[k] = report.cosine.ratio_spread;
    }
    fprintf(stderr,
            "align_cosine: log(p lambda_s/lambda_d) spreads by %.3f of 6 modes, %.3f of 12\n",
            left[0], left[1]);
    ck_assert(left[0] < 0.07);
    ck_assert(left[1] < 0.5 * left[0]);
}
END_TEST

TEST_SUITE(align_cosine)
{
    tcase_add_test(tests, levels_follow_the_data);
    tcase_add_test(tests, the_flow_keeps_the_balance);
    tcase_add_test(tests, another_loss_does_not);
    tcase_add_test(tests, water_filling_predicts_the_end);
}
