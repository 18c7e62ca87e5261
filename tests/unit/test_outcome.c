/* Escape times out of a history of rows. */
// SPDX-License-Identifier: MIT
#include "sim/run/outcome.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <stdlib.h>

static void fill(struct ssldyn_outcome_history *history, size_t count, const double rows[][3])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_outcome_history_create(history, 2, count, &err), SSLDYN_OK);
    for (size_t k = 0; k < count; k++) {
        double *next = ssldyn_outcome_history_next(history);
        ck_assert_ptr_nonnull(next);
        for (size_t i = 0; i < 3; i++)
            next[i] = rows[k][i];
    }
    ck_assert_ptr_null(ssldyn_outcome_history_next(history));
}

/* Only the last way up counts, by a straight line between rows. */
START_TEST(escape_from_rows)
{
    const double rows[][3] = {
        {0.0, 0.9, 0.1}, {1.0, 0.2, 0.6}, {2.5, 0.3, 0.7}, {3.0, 0.8, 0.2}, {7.0, 0.9, 0.1}};
    struct ssldyn_outcome_history history;
    fill(&history, 5, rows);
    CHECK_CLOSE(ssldyn_outcome_history_escape(&history, 0, 0.5), 2.5 + 0.5 * 0.2 / 0.5, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_outcome_history_escape(&history, 0, 0.15), 0.0, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_outcome_history_escape(&history, 0, 0.95), (double)NAN, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_outcome_history_escape(&history, 1, 0.5), (double)NAN, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_outcome_history_escape(&history, 1, 0.05), 0.0, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_outcome_history_escape(&history, 0, (double)NAN), (double)NAN, 0.0, 0.0);
    ssldyn_outcome_history_clear(&history);
}
END_TEST

START_TEST(nothing_is_known_at_first)
{
    struct ssldyn_outcome outcome;
    ssldyn_outcome_init(&outcome);
    ck_assert_int_eq(outcome.fate, SSLDYN_FATE_UNDECIDED);
    const double unknown[] = {outcome.rank,      outcome.p,         outcome.s,
                              outcome.tau,       outcome.t_escape,  outcome.t_decided,
                              outcome.k_min,     outcome.margin,    outcome.loss,
                              outcome.asymmetry, outcome.commutator};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        ck_assert(isnan(unknown[i]));
}
END_TEST

TEST_SUITE(outcome)
{
    tcase_add_test(tests, escape_from_rows);
    tcase_add_test(tests, nothing_is_known_at_first);
}
