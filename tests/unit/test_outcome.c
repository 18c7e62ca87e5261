/* An outcome before anything is known. */
// SPDX-License-Identifier: MIT
#include "sim/run/outcome.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>

START_TEST(everything_is_unknown_at_first)
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
    tcase_add_test(tests, everything_is_unknown_at_first);
}
