/* A network in the terms of the cosine loss: what its flow keeps, against the flow itself, for which
 * the squared distance's flow is a counterexample; where it ends; what the verdict and the file say. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"
#include "tests/flow_run.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>

static struct ssldyn_align_report analyse(const struct ssldyn_align_request *wanted)
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

/* A flow of matrices that are neither aligned nor symmetric, until t_end, into directory NAME. */
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
    const struct ssldyn_align_report report = analyse(&request);
    ck_assert(report.cosine.asked); /* the run's loss says so */
    ck_assert(report.cosine.size > 1e-2);
    CHECK_CLOSE(report.cosine.moved, 0.0, 0.0, 1e-7);
    ck_assert_uint_eq(report.knobs.surviving + report.knobs.beyond + report.knobs.trapped, 0);
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "no fold in eta"));
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "first snapshot, as the flow"));
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "it does not attract"));
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
    CHECK_CLOSE(trace[0], trace[1], 1e-6, 0.0); /* tr C/|W|^2, whatever the basis */
    ssldyn_table_clear(&table);
}
END_TEST

/* The same matrices are read by both losses without their run; of the squared distance C decays
 * relative to |W|^2. */
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
    struct ssldyn_align_report report = analyse(&request);
    ck_assert(report.cosine.moved > 0.1);
    ck_assert_ptr_nonnull(strstr(report.verdict.text, "another loss does not keep it"));
    ck_assert_ptr_null(strstr(report.verdict.text, "it does not attract"));
    request.reading = SSLDYN_READING_L2;
    report = analyse(&request);
    ck_assert(!report.cosine.asked);
    ck_assert_ptr_null(strstr(report.verdict.text, "cosine"));
    request.reading = SSLDYN_READING_COSINE;
    request.alpha_known = false;
    report = analyse(&request);
    ck_assert_double_nan(report.cosine.size);
    ck_assert_double_nan(report.cosine.level);
    /* a run of the squared distance is read by it alone */
    request = (struct ssldyn_align_request){.run = path};
    report = analyse(&request);
    ck_assert(!report.cosine.asked);
    ck_assert_uint_gt(report.knobs.surviving + report.knobs.beyond + report.knobs.trapped, 0);
}
END_TEST

/* Water-filling from an early snapshot is where the flow arrives: all p_j/|W| at its level. */
START_TEST(water_filling_foretells_the_end)
{
    char early[SCRATCH_PATH];
    char late[SCRATCH_PATH];
    struct ssldyn_align_request request = {
        .run = run_flow(early, "early", "cosine", "0", "20", "0.5")};
    const struct ssldyn_align_report report = analyse(&request);
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

TEST_SUITE(align_cosine)
{
    tcase_add_test(tests, the_flow_keeps_the_balance);
    tcase_add_test(tests, another_loss_does_not);
    tcase_add_test(tests, water_filling_foretells_the_end);
}
