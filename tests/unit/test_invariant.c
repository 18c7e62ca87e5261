/* Invariants compared with plain loops, and the laws they obey along the flows: Thm 1 and Thm 3. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/invariant.h"
#include "theory/modes.h"
#include "theory/reduced.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { N = 11, N1 = 6, SQUARE = N * N, WORKSPACE = 2 * SQUARE + 16 * N };

/* Sums of up to 11 products, three deep: eps 11^3 < 3e-13. */
static const double TINY = 1e-12;

START_TEST(test_balance)
{
    uint64_t seed = 1;
    double W[N * N1], Wp[SQUARE], R[SQUARE], same[SQUARE];
    double F[SQUARE] = {0.0};
    double want[SQUARE] = {0.0};

    draw_matrix(&seed, N * N1, W);
    draw_matrix(&seed, SQUARE, Wp);
    naive_add(N, N, N1, 1.0, W, false, W, true, F);
    naive_add(N, N, N1, 1.0, W, false, W, true, want);
    naive_add(N, N, N, -1.0 / 2.385, Wp, true, Wp, false, want);
    ssldyn_invariant_balance(2.385, N1, N, W, Wp, R);
    ssldyn_invariant_balance_from_correlation(2.385, N, F, Wp, same);
    for (size_t i = 0; i < SQUARE; i++) {
        CHECK_CLOSE(R[i], want[i], TINY, TINY);
        CHECK_CLOSE(same[i], want[i], TINY, TINY);
    }
}
END_TEST

START_TEST(test_commutator)
{
    uint64_t seed = 2;
    double F[SQUARE], Wp[SQUARE], L[SQUARE], rate[SQUARE];
    double want[SQUARE] = {0.0};

    draw_matrix(&seed, SQUARE, F);
    draw_matrix(&seed, SQUARE, Wp);
    naive_add(N, N, N, 1.0, F, false, Wp, false, want);
    naive_add(N, N, N, -1.0, Wp, false, F, false, want);
    ssldyn_invariant_commutator(N, F, Wp, L);
    for (size_t i = 0; i < SQUARE; i++)
        CHECK_CLOSE(L[i], want[i], TINY, TINY);
    memset(want, 0, sizeof want);
    naive_add(N, N, N, -1.0, F, false, L, false, want);
    naive_add(N, N, N, -1.0, L, false, F, false, want);
    ssldyn_invariant_commutator_rate(N, F, L, rate);
    for (size_t i = 0; i < SQUARE; i++)
        CHECK_CLOSE(rate[i], want[i], TINY, 10.0 * TINY);
    CHECK_CLOSE(ssldyn_invariant_commutator_bound(2.385, 0.7), 2.385 * exp(-1.4), 1e-15, 0.0);
}
END_TEST

/* Thm 3 with equality, for any two decays: (dF/dt) Wp + F dWp/dt - (dWp/dt) F - Wp dF/dt = -(K L +
 * L K). */
START_TEST(test_commutator_law)
{
    uint64_t seed = 3;

    for (int trial = 0; trial < 50; trial++) {
        const struct ssldyn_parameters q = {.rates = {.alpha_p = draw_log(&seed, 0.3, 3.0),
                                                      .eta_p = draw_between(&seed, 0.0, 0.5),
                                                      .eta_s = draw_between(&seed, 0.0, 0.5),
                                                      .c = draw_between(&seed, 1.0, 2.5)},
                                            .symmetric = true};
        const double tau = draw_between(&seed, 0.1, 1.5);
        double W[SQUARE], Wp[SQUARE], Wp_rate[SQUARE], F_rate[SQUARE], workspace[WORKSPACE];
        double K[SQUARE], L[SQUARE], law[SQUARE];
        double F[SQUARE] = {0.0};
        double rate[SQUARE] = {0.0};
        draw_matrix(&seed, SQUARE, W);
        draw_symmetric(&seed, N, Wp);
        naive_add(N, N, N, 1.0 / (double)N, W, false, W, true, F);
        ck_assert_uint_le(ssldyn_reduced_workspace(N), WORKSPACE);
        ssldyn_reduced_rhs(&q, N, Wp, F, tau, Wp_rate, F_rate, NULL, workspace);
        naive_add(N, N, N, 1.0, F_rate, false, Wp, false, rate);
        naive_add(N, N, N, 1.0, F, false, Wp_rate, false, rate);
        naive_add(N, N, N, -1.0, Wp_rate, false, F, false, rate);
        naive_add(N, N, N, -1.0, Wp, false, F_rate, false, rate);
        ssldyn_reduced_alignment_matrix(&q.rates, N, Wp, F, tau, K);
        ssldyn_invariant_commutator(N, F, Wp, L);
        ssldyn_invariant_commutator_rate(N, K, L, law);
        for (size_t i = 0; i < SQUARE; i++)
            CHECK_CLOSE(rate[i], law[i], TINY, 100.0 * TINY);
    }
}
END_TEST

/* d/dt (s - p^2/alpha_p) along M3, for any tau and any two decays. */
START_TEST(test_modes_balance_rate)
{
    uint64_t seed = 4;

    for (int trial = 0; trial < 100; trial++) {
        const struct ssldyn_rates r = {.alpha_p = draw_log(&seed, 0.3, 3.0),
                                       .beta = draw_between(&seed, 0.0, 3.0),
                                       .eta_p = draw_between(&seed, 0.0, 0.5),
                                       .eta_s = draw_between(&seed, 0.0, 0.5),
                                       .c = draw_between(&seed, 1.0, 2.5)};
        const double y[3] = {draw_between(&seed, -2.0, 2.0), draw_between(&seed, 0.0, 2.0),
                             draw_between(&seed, 0.0, 2.0)};
        double rate[3];
        ssldyn_modes_rhs(&r, y, rate);
        CHECK_CLOSE(ssldyn_invariant_modes_balance_rate(&r, y[0], y[1]),
                    rate[1] - 2.0 * y[0] * rate[0] / r.alpha_p, TINY, 10.0 * TINY);
    }
}
END_TEST

TEST_SUITE(invariant)
{
    tcase_add_test(tests, test_balance);
    tcase_add_test(tests, test_commutator);
    tcase_add_test(tests, test_commutator_law);
    tcase_add_test(tests, test_modes_balance_rate);
}
