/* Verdicts on alignment from numbers alone: measures with known values, modes through crossings,
 * and the text of the verdict. */
// SPDX-License-Identifier: MIT
#include "sim/align/verdict.h"

#include "sim/align/measures.h"
#include "sim/align/mode_track.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <string.h>

START_TEST(ranks_of_known_spectra)
{
    struct ssldyn_rank_measures rank;
    /* k equal eigenvalues: every measure is k (RankMe up to its shift of 1e-7 per mode). */
    const double equal[6] = {2.385, 2.385, 2.385, 0.0, 0.0, -1e-17};
    ssldyn_measures_rank(6, equal, 1e-4, &rank);
    CHECK_CLOSE(rank.effective_rank, 3.0, 1e-14, 0.0);
    CHECK_CLOSE(rank.participation, 3.0, 1e-14, 0.0);
    CHECK_CLOSE(rank.rankme, 3.0, 1e-4, 0.0);
    ck_assert_uint_eq(rank.alive, 3);
    /* Weights 4/7, 2/7, 1/7; roots 2, sqrt 2, 1. */
    const double powers[3] = {4.0, 2.0, 1.0};
    ssldyn_measures_rank(3, powers, 0.3, &rank);
    const double entropy = -(4.0 * log(4.0 / 7.0) + 2.0 * log(2.0 / 7.0) + log(1.0 / 7.0)) / 7.0;
    CHECK_CLOSE(rank.effective_rank, exp(entropy), 1e-14, 0.0);
    CHECK_CLOSE(rank.participation, 49.0 / 21.0, 1e-14, 0.0);
    const double total = 3.0 + sqrt(2.0);
    const double w[3] = {2.0 / total + 1e-7, sqrt(2.0) / total + 1e-7, 1.0 / total + 1e-7};
    CHECK_CLOSE(rank.rankme, exp(-(w[0] * log(w[0]) + w[1] * log(w[1]) + w[2] * log(w[2]))), 1e-13,
                0.0);
    ck_assert_uint_eq(rank.alive, 2); /* 1 is below .3 of 4 */
    const double zero[2] = {0.0, 0.0};
    ssldyn_measures_rank(2, zero, 1e-4, &rank);
    ck_assert_double_nan(rank.effective_rank);
    ck_assert_uint_eq(rank.alive, 0);
}
END_TEST

/* Columns of U are unit vectors in another order (and sign): mode numbers follow them. */
START_TEST(numbers_follow_crossings)
{
    enum { N = 4 };
    static const size_t orders[4][N] = {{0, 1, 2, 3}, {1, 0, 2, 3}, {1, 3, 0, 2}, {3, 2, 1, 0}};
    struct ssldyn_mode_track *track = NULL;
    ck_assert_int_eq(ssldyn_mode_track_create(N, N, &track, NULL), SSLDYN_OK);
    for (size_t step = 0; step < 4; step++) {
        double U[N * N] = {0};
        size_t numbers[N];
        double angle = 0.0;
        for (size_t j = 0; j < N; j++)
            U[orders[step][j] * N + j] = (step + j) % 2 == 0 ? 1.0 : -1.0;
        ck_assert_int_eq(ssldyn_mode_track_next(track, U, N, numbers, &angle, NULL), SSLDYN_OK);
        for (size_t j = 0; j < N; j++)
            ck_assert_uint_eq(numbers[j], orders[step][j] + 1);
        if (step == 0)
            ck_assert_double_nan(angle);
        else
            CHECK_CLOSE(angle, 0.0, 0.0, 1e-15); /* the whole space is mapped to itself */
    }
    ssldyn_mode_track_free(track);
    ssldyn_mode_track_free(NULL);
}
END_TEST

/* Two new modes overlap most with the same old one: the larger overlap gets it, the other mode gets
 * the remaining one. And the angle between leading planes that share a line is the rotation of the
 * other direction. */
START_TEST(contested_numbers_go_to_the_larger_overlap)
{
    enum { N = 3 };
    const double a = 0.9;
    const double c = cos(a);
    const double s = sin(a);
    const double first[N * N] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    /* u_1 = e1, u_2 = e2 turned by a towards e3, u_3 the rest: |u_2 . e2| = .62 < |u_2 . e3| = .78
     */
    const double second[N * N] = {1, 0, 0, 0, c, -s, 0, s, c};
    size_t numbers[N];
    double angle = 0.0;
    struct ssldyn_mode_track *track = NULL;
    ck_assert_int_eq(ssldyn_mode_track_create(N, 2, &track, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_mode_track_next(track, first, 2, numbers, &angle, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_mode_track_next(track, second, 3, numbers, &angle, NULL), SSLDYN_OK);
    CHECK_CLOSE(angle, a, 1e-14, 0.0);
    ck_assert_uint_eq(numbers[0], 1);
    ck_assert_uint_eq(numbers[1], 2);
    ck_assert_uint_eq(numbers[2], 3);
    ssldyn_mode_track_free(track);
    /* Both new leading vectors are nearest to e1; the first one is nearer. */
    const double third[N * N] = {0.8, 0.6, 0.0, -0.42, 0.56, 0.7141428428542851, 0.0, 0.0, 0.0};
    ck_assert_int_eq(ssldyn_mode_track_create(N, 2, &track, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_mode_track_next(track, first, 2, numbers, &angle, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_mode_track_next(track, third, 2, numbers, &angle, NULL), SSLDYN_OK);
    ck_assert_uint_eq(numbers[0], 1);
    ck_assert_uint_eq(numbers[1], 2);
    ssldyn_mode_track_free(track);
}
END_TEST

static void judge(const struct ssldyn_summary *summary, size_t modes,
                  struct ssldyn_verdict *verdict)
{
    struct ssldyn_history history = {0};
    struct ssldyn_summary whole = *summary;
    whole.spread = (struct ssldyn_spread){.total = 2.0,
                                          .largest = 0.5,
                                          .rest = 1.5,
                                          .effective_rank = summary->effective_rank,
                                          .participation = summary->effective_rank,
                                          .all = {.living = summary->alive}};
    ck_assert_int_eq(ssldyn_history_add(&history, &whole, NULL), SSLDYN_OK);
    const struct ssldyn_basis basis = {
        .modes = modes, .mean = SSLDYN_MEAN_ZERO, .population = true, .floor = 1e-4};
    ssldyn_verdict_make(&history, &basis, verdict);
    ssldyn_history_clear(&history);
}

/* A line through 60 modes, with small errors. */
static struct ssldyn_parabola_fit line_of(double slope)
{
    struct ssldyn_parabola_fit fit = {.living = 60, .ratio_spread = 0.3, .errors_known = true};
    fit.line = (struct ssldyn_line_fit){60, slope, slope - 0.02, slope + 0.02, 0.1, 0.1};
    fit.upper = fit.line;
    return fit;
}

START_TEST(verdicts_follow_the_numbers)
{
    const struct ssldyn_summary good = {.t = 5.0,
                                        .largest = 1.0,
                                        .effective_rank = 30.0,
                                        .alive = 60,
                                        .cosine = 0.97,
                                        .asymmetry = 0.01,
                                        .corr_wa_w = 0.99,
                                        .leading = 8,
                                        .fit = line_of(0.52),
                                        .run_alpha_p = (double)NAN};
    struct ssldyn_verdict verdict;
    judge(&good, 64, &verdict);
    ck_assert_int_eq(verdict.collapse, SSLDYN_COLLAPSE_NONE);
    ck_assert_int_eq(verdict.aligned, 2);
    ck_assert_int_eq(verdict.symmetric, 1);
    ck_assert_int_eq(verdict.parabola, 1);
    ck_assert_int_eq(verdict.ratio, 1);
    ck_assert_ptr_nonnull(strstr(verdict.text, "assumptions that could be checked hold"));
    struct ssldyn_summary bad = good;
    bad.alive = 3;
    bad.cosine = 0.4;
    bad.fit = line_of(0.12);
    judge(&bad, 64, &verdict);
    ck_assert_int_eq(verdict.collapse, SSLDYN_COLLAPSE_FULL);
    ck_assert_int_eq(verdict.aligned, 0);
    ck_assert_int_eq(verdict.parabola, 0);
    ck_assert_ptr_nonnull(strstr(verdict.text, "Not aligned"));
    bad = good;
    bad.alive = 20;
    bad.asymmetry = 0.3;
    bad.cosine = 0.8;
    judge(&bad, 64, &verdict);
    ck_assert_int_eq(verdict.collapse, SSLDYN_COLLAPSE_PARTIAL);
    ck_assert_int_eq(verdict.aligned, 1);
    ck_assert_int_eq(verdict.symmetric, 0);
    ck_assert_ptr_nonnull(strstr(verdict.text, "normal for real networks"));
    bad = good;
    bad.corr_wa_w = 0.2;
    bad.cosine = (double)NAN;
    bad.fit = line_of((double)NAN);
    judge(&bad, 64, &verdict);
    ck_assert_int_eq(verdict.aligned, -1);
    ck_assert_int_eq(verdict.parabola, -1);
    ck_assert_ptr_nonnull(strstr(verdict.text, "Assumption 1"));
}
END_TEST

START_TEST(vanishing_is_collapse_and_failures_are_dated)
{
    struct ssldyn_history history = {0};
    struct ssldyn_summary summary = {.largest = 2.0,
                                     .effective_rank = 4.0,
                                     .alive = 4,
                                     .cosine = 0.99,
                                     .asymmetry = 0.0,
                                     .corr_wa_w = 1.0,
                                     .leading = 4,
                                     .run_alpha_p = (double)NAN};
    struct ssldyn_verdict verdict;
    for (int i = 0; i < 200; i++) {
        summary.t = i;
        summary.largest = 2.0 * exp(-0.1 * i);
        summary.fit = line_of(i < 150 ? 0.5 : 0.2);
        summary.spread = (struct ssldyn_spread){.total = 2.0 * summary.largest,
                                                .largest = summary.largest,
                                                .rest = summary.largest,
                                                .all = {.living = 4}};
        ck_assert_int_eq(ssldyn_history_add(&history, &summary, NULL), SSLDYN_OK);
    }
    const struct ssldyn_basis basis = {.modes = 4, .mean = SSLDYN_MEAN_ZERO, .floor = 1e-4};
    ssldyn_verdict_make(&history, &basis, &verdict);
    ck_assert_int_eq(verdict.collapse, SSLDYN_COLLAPSE_FULL); /* e^-20 is below 1e-6 */
    ck_assert_ptr_nonnull(strstr(verdict.text, "vanished"));
    ck_assert_ptr_nonnull(strstr(verdict.text, "at t = 150, provided"));
    for (size_t i = 0; i < history.count; i++)
        history.items[i].whitened = true;
    ssldyn_verdict_make(&history, &basis, &verdict);
    ck_assert_ptr_nonnull(strstr(verdict.text, "at t = 150."));
    ssldyn_history_clear(&history);
}
END_TEST

/* p = 1 +- d alternating: a random direction has a mean cos of 1/sqrt(1 + d^2). Modes that are no
 * better than that are not informative, unless every direction is an eigenvector to one percent. */
START_TEST(alignment_is_judged_against_chance)
{
    struct ssldyn_summary summary = {
        .leading = 8, .cosine = 0.95, .cosine_chance = 0.94, .fit = line_of(0.5)};
    struct ssldyn_verdict verdict;
    judge(&summary, 64, &verdict);
    ck_assert_int_eq(verdict.aligned, -1);
    ck_assert_ptr_nonnull(strstr(verdict.text, "multiple of the identity"));
    summary.cosine = 0.99; /* 1 - .9801 is below .51 (1 - .8836) */
    judge(&summary, 64, &verdict);
    ck_assert_int_eq(verdict.aligned, 2);
    ck_assert_ptr_null(strstr(verdict.text, "multiple of the identity"));
    summary.cosine = summary.cosine_chance = 1.0 - 1e-5;
    judge(&summary, 64, &verdict);
    ck_assert_int_eq(verdict.aligned, 2);
    ck_assert_ptr_nonnull(strstr(verdict.text, "every direction is an eigenvector"));
    summary.cosine = summary.cosine_chance = 0.5;
    judge(&summary, 64, &verdict);
    ck_assert_int_eq(verdict.aligned, 0);
}
END_TEST

TEST_SUITE(verdict)
{
    tcase_add_test(tests, ranks_of_known_spectra);
    tcase_add_test(tests, numbers_follow_crossings);
    tcase_add_test(tests, contested_numbers_go_to_the_larger_overlap);
    tcase_add_test(tests, verdicts_follow_the_numbers);
    tcase_add_test(tests, vanishing_is_collapse_and_failures_are_dated);
    tcase_add_test(tests, alignment_is_judged_against_chance);
}
