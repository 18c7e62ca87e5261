/* Closed forms on the parabola compared with textbook special cases, GSL's integrator and
 * quadrature, and identities of travel times. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/closedform.h"
#include "theory/parabola.h"

#include <check.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_odeiv2.h>
#include <stdlib.h>

enum { TRIALS = 400 };

static double velocity(double tau, double c, double eta, double p)
{
    return p * (p * (tau - c * p) - eta);
}

/* tau, c, eta, p0, p with both points on the same side of the fixed points and 1 % away from them.
 * Index 0: D > 0, 1: near the fold, below it, 2: near the fold, beyond it, 3: D < 0, 4: eta = 0. */
struct journey {
    double tau, c, eta, p0, p;
};

static struct journey draw_journey(uint64_t *seed, int regime)
{
    for (;;) {
        struct journey j = {.tau = draw_between(seed, 0.3, 2.0), .c = draw_between(seed, 1.0, 2.0)};
        const double fold = j.tau * j.tau / (4.0 * j.c);
        switch (regime) {
        case 0:
            j.eta = fold * draw_log(seed, 1e-12, 0.9);
            break;
        case 1:
            j.eta = fold * (1.0 - draw_log(seed, 1e-14, 0.1));
            break;
        case 2:
            j.eta = fold * (1.0 + draw_log(seed, 1e-14, 0.1));
            break;
        case 3:
            j.eta = fold * draw_between(seed, 1.1, 10.0);
            break;
        default:
            j.eta = 0.0;
            break;
        }
        j.p0 = j.tau / j.c * draw_log(seed, 1e-4, 1e4);
        j.p = draw_between(seed, 0.0, 1.0) < 0.5
                  ? j.tau / j.c * draw_log(seed, 1e-4, 1e4)
                  : j.p0 * (1.0 + draw_between(seed, -1.0, 1.0) * draw_log(seed, 1e-9, 0.5));
        const double D = j.tau * j.tau - 4.0 * j.eta * j.c;
        if (D < 0.0)
            return j;
        const double plus = (j.tau + sqrt(D)) / (2.0 * j.c);
        const double minus = 2.0 * j.eta / (j.tau + sqrt(D));
        const bool apart =
            (j.p0 - plus) * (j.p - plus) > 0.0 && (j.p0 - minus) * (j.p - minus) > 0.0;
        const double near =
            fmin(fmin(fabs(j.p0 / plus - 1.0), fabs(j.p / plus - 1.0)),
                 minus > 0.0 ? fmin(fabs(j.p0 / minus - 1.0), fabs(j.p / minus - 1.0)) : 1.0);
        if (apart && near > 0.01)
            return j;
    }
}

static double integrand(double u, void *context)
{
    const struct journey *j = context;
    const double low = fmin(j->p0, j->p);
    const double high = fmax(j->p0, j->p);
    const double share = (high - low) / high;
    const double v = 1.0 - u * share;

    return share * v / ((j->eta * v - j->tau * low) * v + j->c * low * low);
}

/* The integral of dp over the velocity, by GSL, in v = low/p = 1 - u (high - low)/high. Near the
 * fold Q is small compared with its terms: 1 % off the fixed points costs a factor 1e4 of eps. */
START_TEST(test_time_by_quadrature)
{
    uint64_t seed = 1 + (uint64_t)_i;
    gsl_integration_workspace *space = gsl_integration_workspace_alloc(2000);

    for (int trial = 0; trial < TRIALS; trial++) {
        struct journey j = draw_journey(&seed, _i);
        gsl_function f = {integrand, &j};
        double want;
        double error;
        const double low = fmin(j.p0, j.p);
        const double high = fmax(j.p0, j.p);
        const double D = j.tau * j.tau - 4.0 * j.eta * j.c;
        const double bottom = j.tau / (2.0 * j.c);
        /* The passage of the ghost of the fold has a peak that is resolved only with
         * breakpoints. */
        const bool passage = D < 0.0 && low < bottom && bottom < high;
        if (passage && -D < 1e-6 * j.tau * j.tau)
            continue;
        ck_assert_int_eq(gsl_integration_qag(&f, 0.0, 1.0, 0.0, 1e-12, 2000, GSL_INTEG_GAUSS31,
                                             space, &want, &error),
                         0);
        want = j.p < j.p0 ? want : -want;
        /* on the peak the rounding error of the integrand is eps tau^2/|D| */
        const double rounding = passage ? 1e-15 * j.tau * j.tau / -D : 0.0;
        CHECK_CLOSE(ssldyn_closedform_time(j.tau, j.c, j.eta, j.p0, j.p), want, 3e-11 + rounding,
                    0.0);
    }
    gsl_integration_workspace_free(space);
}
END_TEST

/* Times add up, and change sign with the direction. Each term to 1e-12 relative. */
START_TEST(test_times_add)
{
    uint64_t seed = 11 + (uint64_t)_i;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct journey j = draw_journey(&seed, _i);
        const double half = sqrt(j.p0 * j.p);
        const double whole = ssldyn_closedform_time(j.tau, j.c, j.eta, j.p0, j.p);
        const double first = ssldyn_closedform_time(j.tau, j.c, j.eta, j.p0, half);
        const double second = ssldyn_closedform_time(j.tau, j.c, j.eta, half, j.p);
        /* p0 and half may be so close that the rounding of half matters */
        const double rounding = 2e-16 * half / fabs(velocity(j.tau, j.c, j.eta, half));
        CHECK_CLOSE(first + second, whole, 1e-11, 10.0 * rounding);
        CHECK_CLOSE(ssldyn_closedform_time(j.tau, j.c, j.eta, j.p, j.p0), -whole, 1e-15, 0.0);
    }
}
END_TEST

/* p(t(p)) = p. An error of eps t in the time is one of eps t |dp/dt| in p; 1e-12 t also covers
 * the closed form's. */
START_TEST(test_solution_inverts_time)
{
    uint64_t seed = 21 + (uint64_t)_i;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct journey j = draw_journey(&seed, _i);
        const double t = ssldyn_closedform_time(j.tau, j.c, j.eta, j.p0, j.p);
        const double back = ssldyn_closedform_solution(j.tau, j.c, j.eta, j.p0, t);
        const double slack = 1e-12 * fabs(t * velocity(j.tau, j.c, j.eta, j.p));
        if (slack < 1e-3 * j.p)
            CHECK_CLOSE(back, j.p, 1e-13, slack);
    }
}
END_TEST

static int flow(double t, const double y[], double dydt[], void *context)
{
    const struct journey *j = context;
    const struct ssldyn_rates rates = {.c = j->c, .eta_s = j->eta};

    (void)t;
    dydt[0] = ssldyn_parabola_velocity(&rates, y[0], j->tau);
    return GSL_SUCCESS;
}

/* Compared with GSL's rk8pd at 1e-13, forwards in time, for times up to a few decay times. */
START_TEST(test_solution_by_integration)
{
    uint64_t seed = 31 + (uint64_t)_i;

    for (int trial = 0; trial < 40; trial++) {
        struct journey j = draw_journey(&seed, _i);
        j.p0 = j.tau / j.c * draw_between(&seed, 0.05, 3.0);
        gsl_odeiv2_system system = {flow, NULL, 1, &j};
        gsl_odeiv2_driver *driver =
            gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-3, 0.0, 1e-13);
        double t = 0.0;
        double p = j.p0;
        const double end = draw_between(&seed, 0.1, 30.0);
        ck_assert_int_eq(gsl_odeiv2_driver_apply(driver, &t, end, &p), GSL_SUCCESS);
        gsl_odeiv2_driver_free(driver);
        /* A start near the unstable point amplifies the error of rk8pd. */
        const double magnified = exp(end * j.tau * j.tau / (4.0 * j.c));
        CHECK_CLOSE(ssldyn_closedform_solution(j.tau, j.c, j.eta, j.p0, end), p,
                    1e-12 * fmin(magnified, 1e5), 0.0);
    }
}
END_TEST

/* Textbook cases: eta = 0; tau = 0 (Bernoulli's equation); both; the fold itself. */
START_TEST(test_special_cases)
{
    const double c = 1.31, p0 = 0.37, p = 0.61, t = 2.385;

    CHECK_CLOSE(ssldyn_closedform_time(1.1, c, 0.0, p0, p),
                (1.0 / p0 - 1.0 / p) / 1.1 +
                    c / 1.21 * log(p * (1.1 - c * p0) / (p0 * (1.1 - c * p))),
                1e-14, 0.0);
    CHECK_CLOSE(ssldyn_closedform_solution(0.0, c, 0.0, p0, t),
                p0 / sqrt(1.0 + 2.0 * c * p0 * p0 * t), 1e-14, 0.0);
    for (double eta = 1e-9; eta < 2.0; eta *= 7.0) {
        CHECK_CLOSE(ssldyn_closedform_solution(0.0, c, eta, p0, t),
                    p0 * exp(-eta * t) / sqrt(1.0 - c * p0 * p0 / eta * expm1(-2.0 * eta * t)),
                    1e-13, 0.0);
    }
    /* tau = 1, c = 1, eta = 1/4: p' = -p (p - 1/2)^2, t = F(p) - F(p0) with
     * F = -4 ln(p/|p - 1/2|) + 2/(p - 1/2) [by partial fractions] */
    const double from = 4.0, to = 0.75;
    const double F_from = -4.0 * log(from / (from - 0.5)) + 2.0 / (from - 0.5);
    const double F_to = -4.0 * log(to / (to - 0.5)) + 2.0 / (to - 0.5);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.25, from, to), F_to - F_from, 1e-13, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.25, 0.4, 0.1),
                -4.0 * log(0.1 / 0.4 * 0.1 / 0.4) + 2.0 / -0.4 - 2.0 / -0.1, 1e-13, 0.0);
}
END_TEST

/* The ghost of the fold: crossing it takes 2 pi/(tau^(1) sqrt(-D)) [p ~ tau/2c], up to O(1). */
START_TEST(test_ghost)
{
    const double eta = 0.25 * (1.0 + 1e-10); /* tau = c = 1: D = -1e-10 */

    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, eta, 1.0, 0.1), 4.0 * M_PI / sqrt(4.0 * eta - 1.0),
                0.0, 30.0);
    /* halfway in time it is on the ghost */
    const double whole = ssldyn_closedform_time(1.0, 1.0, eta, 1.0, 0.1);
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, eta, 1.0, 0.5 * whole), 0.5, 1e-4, 0.0);
}
END_TEST

START_TEST(test_conventions)
{
    const double nan = (double)NAN;
    const double inf = HUGE_VAL;
    /* tau = 1, c = 1, eta = 0.16: p- = 0.2, p+ = 0.8 up to rounding */
    const double plus = ssldyn_closedform_solution(1.0, 1.0, 0.16, 0.5, inf);
    const double minus = ssldyn_closedform_solution(1.0, 1.0, 0.16, 0.5, -inf);

    CHECK_CLOSE(plus, 0.8, 1e-15, 0.0);
    CHECK_CLOSE(minus, 0.2, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, 0.5, plus), inf, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, 0.5, minus), -inf, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, 2.0, plus), inf, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, 0.1, 0.0), inf, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, 0.5, 0.0), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, 0.5, 0.9), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, 0.1, 0.5), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, plus, 0.5), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.0, 0.5, 0.0), -inf, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, 0.5, 0.5), 0.0, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(-1.0, 1.0, 0.16, 0.5, 0.6), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 0.0, 0.16, 0.5, 0.6), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, -0.1, 0.5, 0.6), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, 0.0, 0.6), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_time(1.0, 1.0, 0.16, nan, 0.6), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, 0.16, -0.1, 1.0), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, 0.16, 0.5, nan), nan, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, 0.16, 0.0, 5.0), 0.0, 0.0, 0.0);
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, 0.16, 0.5, 0.0), 0.5, 0.0, 0.0);
    /* from above the stable point the past is finite */
    const double birth = ssldyn_closedform_time(1.0, 1.0, 0.16, 2.0, inf);
    ck_assert(birth < 0.0 && isfinite(birth));
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, 0.16, 2.0, 1.001 * birth), nan, 0.0, 0.0);
    ck_assert(ssldyn_closedform_solution(1.0, 1.0, 0.16, 2.0, 0.999 * birth) > 10.0);
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, 0.16, 2.0, -inf), nan, 0.0, 0.0);
}
END_TEST

/* Long times: the stable point to the last digits; collapse at exp(-eta t) down to underflow. */
START_TEST(test_long_times)
{
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, 0.16, 0.21, 1e6), 0.8, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, 0.16, 5.0, 1e300), 0.8, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, 0.16, 0.5, -1e6), 0.2, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_closedform_solution(1.0, 1.0, 0.16, 0.1, 1e6), 0.0, 0.0, 0.0);
    for (double t = 100.0; t < 4000.0; t *= 1.7) {
        const double p = ssldyn_closedform_solution(1.0, 1.0, 0.16, 0.1, t);
        const double later = ssldyn_closedform_solution(1.0, 1.0, 0.16, 0.1, t + 6.0);
        /* p < 1e-6 there: dp/dt = -eta p up to a relative p; eps eta t <= 2e-13 from the
         * exponential */
        CHECK_CLOSE(later / p, exp(-0.96), 1e-12 + 10.0 * p, 0.0);
    }
}
END_TEST

TEST_SUITE(closedform)
{
    gsl_set_error_handler_off();
    tcase_add_loop_test(tests, test_time_by_quadrature, 0, 5);
    tcase_add_loop_test(tests, test_times_add, 0, 5);
    tcase_add_loop_test(tests, test_solution_inverts_time, 0, 5);
    tcase_add_loop_test(tests, test_solution_by_integration, 0, 5);
    tcase_add_test(tests, test_special_cases);
    tcase_add_test(tests, test_ghost);
    tcase_add_test(tests, test_conventions);
    tcase_add_test(tests, test_long_times);
}
