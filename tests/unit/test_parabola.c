/* M4 compared with M3 on the parabola, with the integral form of Eq. 16, and with differences. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/modes.h"
#include "theory/parabola.h"

#include <check.h>
#include <stdlib.h>

enum { TRIALS = 200 };

static struct ssldyn_rates draw_rates(uint64_t *seed)
{
    const double eta = draw_between(seed, 0.0, 0.5);

    return (struct ssldyn_rates){.alpha_p = draw_log(seed, 0.1, 10.0),
                                 .beta = draw_log(seed, 0.01, 5.0),
                                 .eta_p = eta,
                                 .eta_s = eta,
                                 .c = draw_between(seed, 1.0, 2.5)};
}

/* A few terms of size up to 30: 1e-13 allows hundreds of rounding errors. */
static const double TINY = 1e-13;

START_TEST(test_agrees_with_modes)
{
    uint64_t seed = 11;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_rates r = draw_rates(&seed);
        const double y[2] = {draw_between(&seed, -1.5, 1.5), draw_between(&seed, 0.0, 2.0)};
        const double full[3] = {y[0], y[0] * y[0] / r.alpha_p, y[1]};
        double rate[2];
        double full_rate[3];
        ssldyn_parabola_rhs(&r, y, rate);
        ssldyn_modes_rhs(&r, full, full_rate);
        CHECK_CLOSE(rate[0], full_rate[0], TINY, TINY);
        CHECK_CLOSE(rate[1], full_rate[2], TINY, TINY);
        /* the parabola is invariant */
        CHECK_CLOSE(2.0 * y[0] * rate[0] / r.alpha_p, full_rate[1], TINY, 10.0 * TINY);
        CHECK_CLOSE(ssldyn_parabola_velocity(&r, y[0], y[1]), rate[0], TINY, TINY);
    }
}
END_TEST

/* Eq. 16: d/dt (tau p e^{beta t}) = beta p e^{beta t}. */
START_TEST(test_integral_form)
{
    uint64_t seed = 12;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_rates r = draw_rates(&seed);
        const double y[2] = {draw_between(&seed, 0.1, 1.5), draw_between(&seed, 0.0, 2.0)};
        double rate[2];
        ssldyn_parabola_rhs(&r, y, rate);
        CHECK_CLOSE(rate[1] * y[0] + y[1] * rate[0] + r.beta * y[1] * y[0], r.beta * y[0],
                    10.0 * TINY, 10.0 * TINY);
    }
}
END_TEST

START_TEST(test_ratio_chart)
{
    uint64_t seed = 13;
    double rate[2];
    double other[2];

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_rates r = draw_rates(&seed);
        const double y[2] = {draw_between(&seed, -1.5, 1.5), draw_between(&seed, 0.5, 2.0)};
        const double z[2] = {y[0], 1.0 / y[1]};
        ssldyn_parabola_rhs(&r, y, rate);
        ssldyn_parabola_rhs_ratio(&r, z, other);
        CHECK_CLOSE(other[0], rate[0], TINY, TINY);
        CHECK_CLOSE(other[1], -rate[1] / (y[1] * y[1]), 10.0 * TINY, 10.0 * TINY);
    }
    const struct ssldyn_rates r = draw_rates(&seed);
    ssldyn_parabola_rhs_ratio(&r, (const double[2]){0.0, 0.0}, other);
    CHECK_CLOSE(other[0], 0.0, 0.0, 0.0);
    CHECK_CLOSE(other[1], 0.0, 0.0, 0.0);
}
END_TEST

static void rhs(const void *context, const double y[], double f[])
{
    ssldyn_parabola_rhs(context, y, f);
}

static void rhs_ratio(const void *context, const double y[], double f[])
{
    ssldyn_parabola_rhs_ratio(context, y, f);
}

/* h = 1e-3: quartic polynomials leave rounding, eps 30/h < 1e-11; 1/r adds h^4 p^2/r^6 < 2e-10. */
START_TEST(test_jacobians)
{
    uint64_t seed = 14;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_rates r = draw_rates(&seed);
        const double y[2] = {draw_between(&seed, -1.5, 1.5), draw_between(&seed, 0.5, 2.0)};
        double J[4];
        double want[4];
        ssldyn_parabola_jacobian(&r, y, J);
        draw_jacobian(rhs, &r, 2, 2, y, 1e-3, want);
        for (size_t i = 0; i < 4; i++)
            CHECK_CLOSE(J[i], want[i], 1e-10, 1e-10);
        ssldyn_parabola_jacobian_ratio(&r, y, J);
        draw_jacobian(rhs_ratio, &r, 2, 2, y, 1e-3, want);
        for (size_t i = 0; i < 4; i++)
            CHECK_CLOSE(J[i], want[i], 1e-9, 1e-9);
    }
}
END_TEST

/* tau(p) on the orbit from infinity obeys the flow: dtau/dp = (dtau/dt)/(dp/dt). The remainder of
 * the series is of order ((beta + eta)/(c p^2))^2, that of the difference of order h^4. */
START_TEST(test_from_infinity)
{
    uint64_t seed = 77;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_rates r = draw_rates(&seed);
        const double small = 1e-3; /* (beta + eta)/(c p^2) */
        const double p = sqrt((r.beta + r.eta_s) / (r.c * small));
        const double h = 1e-3 * p;
        const double slope = (8.0 * (ssldyn_parabola_from_infinity(&r, p + h) -
                                     ssldyn_parabola_from_infinity(&r, p - h)) -
                              (ssldyn_parabola_from_infinity(&r, p + 2.0 * h) -
                               ssldyn_parabola_from_infinity(&r, p - 2.0 * h))) /
                             (12.0 * h);
        double rate[2];
        ssldyn_parabola_rhs(&r, (const double[2]){p, ssldyn_parabola_from_infinity(&r, p)}, rate);
        CHECK_CLOSE(slope, rate[1] / rate[0], 10.0 * small * small, 0.0);
    }
}
END_TEST

TEST_SUITE(parabola)
{
    tcase_add_test(tests, test_agrees_with_modes);
    tcase_add_test(tests, test_integral_form);
    tcase_add_test(tests, test_ratio_chart);
    tcase_add_test(tests, test_jacobians);
    tcase_add_test(tests, test_from_infinity);
}
