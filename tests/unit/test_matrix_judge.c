/* The surviving rank compared with the ends of runs that are forty times as long, as distinct from
 * the rank at the end; ranks and fates of modes are consistent. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_judge.h"

#include "sim/flow/flow_outcome.h"
#include "sim/inputs/inputs.h"
#include "sim/io/npy.h"
#include "sim/linalg/linalg.h"
#include "tests/draw.h"
#include "tests/flow_run.h"
#include "tests/suite.h"
#include "theory/fixedpoint.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum { N = 5 };

/* X and X' that do not commute, positive definite, with spectra that spread. */
static void write_moments(uint64_t seed, char x[static SCRATCH_PATH],
                          char xprime[static SCRATCH_PATH])
{
    struct ssldyn_error err;
    const size_t shape[2] = {N, N};
    for (int which = 0; which < 2; which++) {
        double Q[N * N];
        double A[N * N];
        double values[N];
        draw_orthogonal(&seed, N, Q);
        for (size_t k = 0; k < N; k++)
            values[k] = which == 0 ? pow(0.6, (double)k) : 0.1 + 0.05 * (double)k;
        naive_compose(N, N, Q, values, Q, A);
        scratch_path(which == 0 ? x : xprime, which == 0 ? "x.npy" : "xprime.npy");
        ck_assert_int_eq(ssldyn_npy_write(which == 0 ? x : xprime, 2, shape, A, &err), SSLDYN_OK);
    }
}

static struct ssldyn_outcome end_of(const char *model, const char *eta, const char *seed,
                                    const char *t_end, const char *x, const char *xprime)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_outcome outcome;
    struct ssldyn_inputs inputs = {0};
    const char *options[20] = {"model", model, "eta", eta,     "seed", seed,      "n1",
                               "5",     "n2",  "5",   "t-end", t_end,  "samples", "100"};
    if (x) {
        options[14] = "x";
        options[15] = x;
        options[16] = "xprime";
        options[17] = xprime;
    }
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_inputs_load(&spec, &inputs, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_msg(ssldyn_flow_outcome(&spec.problem, false, NULL, &outcome, &err) == SSLDYN_OK,
                  "%s", err.message);
    ssldyn_inputs_clear(&inputs);
    ssldyn_spec_clear(&spec);
    return outcome;
}

/* For 60 short runs the predicted surviving rank is that of the long run: always for isotropic
 * data, and for other data, where the prediction treats modes "as if aligned", up to the few modes
 * near their threshold; nearly all runs have a prediction. */
START_TEST(short_runs_predict_long_ones)
{
    static const char *const etas[] = {"0.03", "0.06", "0.1", "0.15", "0.22"};
    static const char *const seeds[] = {"1", "2", "3", "4", "5", "6"};
    const bool general = _i == 1;
    char x[SCRATCH_PATH];
    char xprime[SCRATCH_PATH];
    int unknown = 0;
    int wrong = 0;
    int lingering = 0; /* where the rank at the end would be wrong */
    for (size_t i = 0; i < 30; i++) {
        if (general) {
            write_moments(i + 1, x, xprime);
        }
        const char *model = general || i % 2 ? "population" : "reduced";
        const struct ssldyn_outcome early =
            end_of(model, etas[i % 5], seeds[i / 5], "100", general ? x : NULL, xprime);
        const struct ssldyn_outcome late =
            end_of(model, etas[i % 5], seeds[i / 5], "4000", general ? x : NULL, xprime);
        unknown += isnan(early.rank);
        wrong += !isnan(early.rank) && early.rank != late.rank_end;
        lingering += early.rank_end != late.rank_end;
    }
    ck_assert_msg(wrong <= (general ? 2 : 0), "%d wrong", wrong);
    ck_assert_msg(unknown <= 6, "%d unknown", unknown);
    ck_assert_int_gt(lingering, 0);
}
END_TEST

/* Beyond the fold, at .2 here, every mode collapses, but slowly: s lingers near the ghost of the
 * fixed points. */
START_TEST(nothing_survives_past_the_fold)
{
    const struct ssldyn_outcome outcome = end_of("population", "0.201", "3", "60", NULL, NULL);
    ck_assert(outcome.rank_end > 0.0);
    CHECK_CLOSE(outcome.rank, 0.0, 0.0, 0.0);
}
END_TEST

/* A judge for a network of one mode, eta = 0.1 and c = 1. */
struct bench {
    struct ssldyn_spec spec;
    struct ssldyn_start start;
    struct ssldyn_matrix_judge judge;
    struct ssldyn_outcome outcome;
};

static void bench_create(struct bench *bench, size_t follow)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const char *options[20] = {"model", "population", "eta", "0.1", "n1", "1", "n2", "1"};
    spec_make(&bench->spec, SSLDYN_COMMAND_FLOW, options);
    bench->spec.problem.parameters.rates.c = 1.0;
    bench->start = (struct ssldyn_start){
        .n1 = 1, .n2 = 1, .moments = {.kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = 1, .c = 1.0}};
    ck_assert_int_eq(ssldyn_matrix_judge_create(&bench->spec.problem, &bench->start, follow,
                                                &bench->outcome, &bench->judge, &err),
                     SSLDYN_OK);
}

static void bench_clear(struct bench *bench)
{
    ssldyn_matrix_judge_clear(&bench->judge);
    ssldyn_spec_clear(&bench->spec);
}

/* Passes a row to the judge, and returns the fate that the closing report gives its mode. */
static enum ssldyn_fate show(struct bench *bench, double t, double p, double s, double tau,
                             const struct ssldyn_snapshot *snapshot, double speed)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_flow_report report = {0};
    double row[SSLDYN_MATRIX_SCALARS + SSLDYN_MATRIX_PER_MODE] = {[SSLDYN_MATRIX_T] = t,
                                                                  [SSLDYN_MATRIX_NORM_W] = sqrt(s),
                                                                  [SSLDYN_MATRIX_NORM_WP] = p,
                                                                  [SSLDYN_MATRIX_TAU] = tau};
    row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_P, 0)] = p;
    row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, 0)] = s;
    (void)ssldyn_matrix_judge_row(&bench->judge, row, snapshot, speed);
    ck_assert_int_eq(ssldyn_matrix_judge_modes(&bench->spec.problem.parameters,
                                               &bench->start.moments, 1, row, &report, &err),
                     SSLDYN_OK);
    const enum ssldyn_fate fate = report.modes[0].fate;
    ssldyn_flow_report_clear(&report);
    return fate;
}

/* The rank of a network that ends in this row, and the fate in the closing report. */
static double rank_of(double t, double p, double s, double tau, const double Wa[],
                      enum ssldyn_fate *fate)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct bench bench;
    const struct ssldyn_snapshot snapshot = {.t = t, .Wa = Wa};
    const double one = 1.0;
    bench_create(&bench, 0);
    *fate = show(&bench, t, p, s, tau, &snapshot, (double)NAN);
    ck_assert(!ssldyn_matrix_judge_open(&bench.judge));
    ck_assert_int_eq(ssldyn_matrix_judge_finish(&bench.judge, &snapshot, &one, &err), SSLDYN_OK);
    bench_clear(&bench);
    return bench.outcome.rank;
}

/* Near the basin's edge, p = (1 - sqrt(1 - 4 eta))/2, a mode is undecided at every state where errors may have
 * moved it across, both for the rank and in the report; the start itself has no errors. */
START_TEST(ranks_count_what_is_certain)
{
    const double edge = 0.5 * (1.0 - sqrt(0.6));
    const double off[] = {0.1, 5e-4, -5e-4, -0.1};
    const enum ssldyn_fate later[] = {SSLDYN_FATE_SURVIVES, SSLDYN_FATE_UNDECIDED,
                                      SSLDYN_FATE_UNDECIDED, SSLDYN_FATE_COLLAPSED};
    for (size_t i = 0; i < 4; i++) {
        const double p = edge * (1.0 + off[i]);
        enum ssldyn_fate fate = SSLDYN_FATE_DIVERGED;
        const double rank = rank_of(1.0, p, p * p, 1.0, NULL, &fate);
        ck_assert_int_eq(fate, later[i]);
        ck_assert(fate == SSLDYN_FATE_UNDECIDED ? isnan(rank)
                                                : rank == (fate == SSLDYN_FATE_SURVIVES));
        ck_assert(rank_of(0.0, p, p * p, 1.0, NULL, &fate) == (off[i] > 0.0));
    }
}
END_TEST

/* A network at W = 0 grows where its target is large enough. */
START_TEST(a_target_can_revive_a_network)
{
    enum ssldyn_fate fate = SSLDYN_FATE_DIVERGED;
    const double large = 5.0;
    const double small = 1e-3;
    ck_assert(isnan(rank_of(0.0, 0.01, 0.0, (double)NAN, &large, &fate)));
    CHECK_CLOSE(rank_of(0.0, 0.01, 0.0, (double)NAN, &small, &fate), 0.0, 0.0, 0.0);
    CHECK_CLOSE(rank_of(0.0, 0.01, 0.0, (double)NAN, NULL, &fate), 0.0, 0.0, 0.0);
}
END_TEST

/* Only the last rise counts, on a straight line between rows. */
START_TEST(escape_from_rows)
{
    const double shares[3][4] = {{0.2, 1.2, 0.8, 1.3}, {1.5, 1.2, 1.1, 1.3}, {0.2, 1.2, 1.1, 0.3}};
    const double expected[3] = {2.0 + 0.2 / 0.5, 0.0, (double)NAN};
    for (size_t i = 0; i < 3; i++) {
        struct ssldyn_error err = {SSLDYN_OK, ""};
        struct bench bench;
        const struct ssldyn_snapshot snapshot = {.tau = 1.0};
        bench_create(&bench, 4);
        const struct ssldyn_parameters alone =
            ssldyn_parameters_isotropic(&bench.spec.problem.parameters);
        const double level = ssldyn_fixedpoint_escape(&alone);
        for (size_t k = 0; k < 4; k++) {
            (void)show(&bench, (double)k, shares[i][k] * level, 0.01, 1.0, &snapshot, (double)NAN);
        }
        ck_assert_int_eq(ssldyn_matrix_judge_finish(&bench.judge, NULL, NULL, &err), SSLDYN_OK);
        CHECK_CLOSE(bench.outcome.t_escape, expected[i], 1e-14, 0.0);
        bench_clear(&bench);
    }
}
END_TEST

/* A network without a certificate survives once it is stationary, from that row on; one that has
 * vanished does not, and one in the trapping region collapses however slowly. */
START_TEST(stationary_networks_survive)
{
    struct bench bench;
    const struct ssldyn_snapshot snapshot = {.tau = 1.0};
    bench_create(&bench, 5);
    (void)show(&bench, 0.0, 0.3, 0.3, 1.0, &snapshot, (double)NAN);
    (void)show(&bench, 1.0, 0.3, 0.3, 1.0, &snapshot, 1e-3);
    (void)show(&bench, 2.0, 0.3, 0.0, 1.0, &snapshot, 0.0);
    ck_assert(ssldyn_matrix_judge_open(&bench.judge));
    (void)show(&bench, 3.0, 0.3, 0.3, 1.0, &snapshot, 1e-9);
    (void)show(&bench, 4.0, 0.3, 0.3, 1.0, &snapshot, 1e-3);
    ck_assert(!ssldyn_matrix_judge_open(&bench.judge));
    ck_assert_int_eq(bench.outcome.fate, SSLDYN_FATE_SURVIVES);
    ck_assert_double_eq(bench.outcome.t_decided, 3.0);
    bench_clear(&bench);
    bench_create(&bench, 1);
    (void)show(&bench, 0.0, 0.01, 1e-4, 1.0, &snapshot, 1e-9);
    ck_assert_int_eq(bench.outcome.fate, SSLDYN_FATE_COLLAPSED);
    bench_clear(&bench);
}
END_TEST

/* The trapping region is one of Wp, W and Wa together: a large target takes the network out of
 * it. */
START_TEST(a_large_target_is_not_trapped)
{
    const double targets[] = {1e-3, 5.0};
    const enum ssldyn_fate fates[] = {SSLDYN_FATE_COLLAPSED, SSLDYN_FATE_UNDECIDED};
    for (size_t i = 0; i < 2; i++) {
        struct bench bench;
        const struct ssldyn_snapshot snapshot = {.Wa = targets + i};
        bench_create(&bench, 1);
        (void)show(&bench, 0.0, 0.01, 1e-4, 100.0 * targets[i], &snapshot, (double)NAN);
        ck_assert_int_eq(bench.outcome.fate, fates[i]);
        bench_clear(&bench);
    }
}
END_TEST

/* The certificate of one mode applies to the network if the mode is an eigenvector of the predictor
 * and the target is parallel to the network; either alone is not enough. */
START_TEST(survives_where_aligned_with_its_target)
{
    const double cosines[3][2] = {{0.9995, 0.98}, {0.998, 0.995}, {0.9995, 0.995}};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        const struct ssldyn_snapshot snapshot = {.tau = 1.0};
        bench_create(&bench, 1);
        double row[SSLDYN_MATRIX_SCALARS + SSLDYN_MATRIX_PER_MODE] = {[SSLDYN_MATRIX_NORM_W] = 0.5,
                                                                      [SSLDYN_MATRIX_NORM_WP] = 0.5,
                                                                      [SSLDYN_MATRIX_TAU] = 1.0,
                                                                      [SSLDYN_MATRIX_CORR_WA_W] =
                                                                          cosines[i][1]};
        row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_P, 0)] = 0.5;
        row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, 0)] = 0.25;
        row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_COS, 0)] = cosines[i][0];
        (void)ssldyn_matrix_judge_row(&bench.judge, row, &snapshot, (double)NAN);
        ck_assert_int_eq(bench.outcome.fate, i == 2 ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_UNDECIDED);
        bench_clear(&bench);
    }
}
END_TEST

TEST_SUITE(matrix_judge)
{
    tcase_add_test(tests, a_large_target_is_not_trapped);
    tcase_add_test(tests, survives_where_aligned_with_its_target);
    tcase_add_loop_test(tests, short_runs_predict_long_ones, 0, 2);
    tcase_add_test(tests, nothing_survives_past_the_fold);
    tcase_add_test(tests, escape_from_rows);
    tcase_add_test(tests, stationary_networks_survive);
    tcase_add_test(tests, ranks_count_what_is_certain);
    tcase_add_test(tests, a_target_can_revive_a_network);
}
