/* The orders of the integrators: the slope of the error against the step size, by least squares
 * over five halvings; within 0.1 where only the error of the method contributes. */
// SPDX-License-Identifier: MIT
#include "sim/ode/ode.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An oscillation coupled to a decay by quadratic terms: smooth, nonlinear; the reference is the
 * same problem with steps so small that only rounding remains. */
static void oscillation(double t, const double y[], double dydt[], void *context)
{
    (void)context;
    (void)t;
    dydt[0] = -y[1] + 0.2 * y[2] * y[2];
    dydt[1] = y[0] - 0.1 * y[1] * y[2];
    dydt[2] = 0.5 * y[0] * y[1] - 0.7 * y[2];
}

/* Linear with a driving term: its Newton iteration ends after one step, so that only the error of
 * the method remains. The solution is y = (sin t, cos 2t) for any matrix. */
static void linear(double t, const double y[], double dydt[], void *context)
{
    (void)context;
    const double e0 = y[0] - sin(t);
    const double e1 = y[1] - cos(2.0 * t);
    dydt[0] = -1.3 * e0 + 0.9 * e1 + cos(t);
    dydt[1] = -0.4 * e0 - 2.1 * e1 - 2.0 * sin(2.0 * t);
}

static void linear_jacobian(double t, const double y[], double jacobian[], void *context)
{
    (void)t;
    (void)y;
    (void)context;
    const double matrix[4] = {-1.3, 0.9, -0.4, -2.1};
    memcpy(jacobian, matrix, sizeof matrix);
}

static const double start_oscillation[3] = {0.83, -0.41, 1.27};
static const double start_linear[2] = {0.37, 0.58};

/* Integrates to t_end with steps of exactly h (a tolerance that no error exceeds disables the
 * controller); y at t_end, and at `inside` by dense output if y_inside is given. */
static void fixed_steps(const char *stepper, bool is_linear, double h, double t_end, double inside,
                        double y[], double y_inside[])
{
    struct ssldyn_error err;
    struct ssldyn_ode *ode = NULL;
    const struct ssldyn_ode_system system = {.n = is_linear ? 2 : 3,
                                             .rhs = is_linear ? linear : oscillation,
                                             .jacobian = is_linear ? linear_jacobian : NULL};
    const struct ssldyn_ode_options options = {
        .rtol = 0.1, .atol = 1e12, .stepper = stepper, .first_step = h, .max_step = h};
    ck_assert_int_eq(ssldyn_ode_create(&system, &options, &ode, &err), SSLDYN_OK);
    ck_assert_int_eq(
        ssldyn_ode_start(ode, 0.0, is_linear ? start_linear : start_oscillation, t_end, &err),
        SSLDYN_OK);
    while (!ssldyn_ode_done(ode)) {
        ck_assert_msg(ssldyn_ode_step(ode, &err) == SSLDYN_OK, "%s", err.message);
        if (y_inside && ssldyn_ode_time_before(ode) < inside && inside <= ssldyn_ode_time(ode)) {
            ssldyn_ode_interpolate(ode, inside, y_inside);
        }
    }
    memcpy(y, ssldyn_ode_state(ode), system.n * sizeof *y);
    ssldyn_ode_free(ode);
}

static double distance(size_t n, const double a[], const double b[])
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sqrt(sum);
}

/* Least-squares slope of log error against log h. */
static double slope(size_t count, const double h[], const double error[])
{
    double sx = 0.0;
    double sy = 0.0;
    double sxx = 0.0;
    double sxy = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double x = log(h[i]);
        const double y = log(error[i]);
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    const double n = (double)count;
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

enum { HALVINGS = 5 };

static const struct {
    const char *stepper;
    double coarsest; /* steps to t = 8 in the coarsest run */
    double finer;    /* ratio of the numbers of steps of successive runs; rounding errors stay
                      * small */
    double order;
} explicit_cases[] = {{"dop853", 12.0, 1.3, 8.0}, {"dopri5", 40.0, 1.6, 5.0}};

START_TEST(explicit_order)
{
    const double t_end = 8.0;
    double exact[3];
    double h[HALVINGS];
    double error[HALVINGS];
    fixed_steps("dop853", false, t_end / 1500.0, t_end, 0.0, exact, NULL);
    for (size_t i = 0; i < HALVINGS; i++) {
        double y[3];
        const double steps =
            floor(explicit_cases[_i].coarsest * pow(explicit_cases[_i].finer, (double)i));
        h[i] = t_end / steps;
        /* slightly less than t_end/steps, so that the last step is not split in two */
        fixed_steps(explicit_cases[_i].stepper, false, h[i] * (1.0 + 1e-12), t_end, 0.0, y, NULL);
        error[i] = distance(3, y, exact);
    }
    /* The next term of the error expansion is a few percent at the coarse end: 0.35 for the slope;
     * a wrong coefficient costs at least one order. */
    CHECK_CLOSE(slope(HALVINGS, h, error), explicit_cases[_i].order, 0.0, 0.35);
}
END_TEST

START_TEST(dense_order)
{
    /* Dense output of order q has an error of O(h^(q+1)) inside a step whose ends are more
     * accurate. */
    const double order = _i == 0 ? 8.0 : 5.0;
    double h[HALVINGS];
    double error[HALVINGS];
    for (size_t i = 0; i < HALVINGS; i++) {
        double worst = 0.0;
        h[i] = (_i == 0 ? 0.8 : 0.3) * pow(0.7, (double)i);
        for (int k = 1; k < 8; k++) { /* one step from 0, evaluated at seven points */
            double exact[3];
            double y[3];
            double end[3];
            const double at = h[i] * (double)k / 8.0;
            fixed_steps("dop853", false, at / 40.0, at, 0.0, exact, NULL);
            fixed_steps(explicit_cases[_i].stepper, false, h[i] * (1.0 + 1e-12), h[i], at, end, y);
            worst = fmax(worst, distance(3, y, exact));
        }
        error[i] = worst;
    }
    CHECK_CLOSE(slope(HALVINGS, h, error), order, 0.0, 0.5);
}
END_TEST

START_TEST(radau_order)
{
    const double t_end = 6.0;
    double exact[2];
    double h[HALVINGS];
    double error[HALVINGS];
    fixed_steps("dop853", true, t_end / 1500.0, t_end, 0.0, exact, NULL);
    for (size_t i = 0; i < HALVINGS; i++) {
        double y[2];
        const double steps = floor(12.0 * pow(1.6, (double)i));
        h[i] = t_end / steps;
        fixed_steps("radau5", true, h[i] * (1.0 + 1e-12), t_end, 0.0, y, NULL);
        error[i] = distance(2, y, exact);
    }
    CHECK_CLOSE(slope(HALVINGS, h, error), 5.0, 0.0, 0.2);
}
END_TEST

TEST_SUITE(order)
{
    tcase_add_loop_test(tests, explicit_order, 0, 2);
    tcase_add_loop_test(tests, dense_order, 0, 2);
    tcase_add_test(tests, radau_order);
}
