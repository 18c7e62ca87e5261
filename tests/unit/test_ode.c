/* The solver: error control at every tolerance, stiffness, dense output, roots, failures. */
// SPDX-License-Identifier: MIT
#include "sim/ode/explicit_table.h"
#include "sim/ode/ode.h"
#include "sim/ode/solver.h"
#include "sim/ode/vector.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A circular motion of growing phase and a logistic curve, with closed forms. */
static void closed(double t, const double y[], double dydt[], void *context)
{
    (void)context;
    dydt[0] = -(1.0 + 0.5 * t) * y[1];
    dydt[1] = (1.0 + 0.5 * t) * y[0];
    dydt[2] = 0.9 * y[2] * (2.5 - y[2]);
}

static void closed_jacobian(double t, const double y[], double jacobian[], void *context)
{
    (void)context;
    const double matrix[9] = {0.0, -(1.0 + 0.5 * t),        0.0, 1.0 + 0.5 * t, 0.0, 0.0, 0.0,
                              0.0, 0.9 * (2.5 - 2.0 * y[2])};
    memcpy(jacobian, matrix, sizeof matrix);
}

static void closed_solution(double t, double y[])
{
    const double phase = t + 0.25 * t * t;
    y[0] = cos(phase);
    y[1] = sin(phase);
    y[2] = 2.5 / (1.0 + (2.5 / 0.01 - 1.0) * exp(-0.9 * 2.5 * t));
}

static struct ssldyn_ode *open_closed(const char *stepper, double rtol, double t_end)
{
    struct ssldyn_error err;
    struct ssldyn_ode *ode = NULL;
    const struct ssldyn_ode_system system = {.n = 3, .rhs = closed, .jacobian = closed_jacobian};
    const struct ssldyn_ode_options options = {.rtol = rtol, .atol = rtol, .stepper = stepper};
    double y[3];
    closed_solution(0.0, y);
    ck_assert_msg(ssldyn_ode_create(&system, &options, &ode, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y, t_end, &err), SSLDYN_OK);
    return ode;
}

static double largest_error(const double y[], double t)
{
    double exact[3];
    double worst = 0.0;
    closed_solution(t, exact);
    for (size_t i = 0; i < 3; i++) {
        worst = fmax(worst, fabs(y[i] - exact[i]));
    }
    return worst;
}

static size_t stepper_count(void)
{
    size_t count = 0;
    while (ssldyn_ode_stepper_name(count)) {
        count++;
    }
    return count;
}

START_TEST(errors_meet_the_tolerance)
{
    const char *name = ssldyn_ode_stepper_name((size_t)_i);
    /* 15 oscillations accumulate local errors: two orders of magnitude above rtol are allowed for
     * one-step methods, three for multistep methods, which control only the last step. */
    const double slack = strncmp(name, "gsl-ms", 6) == 0 ? 3e3 : 3e2;
    const double t_end = 7.0;
    for (double rtol = 1e-4; rtol > 1e-11; rtol *= 1e-2) {
        if (rtol < 1e-9 && strcmp(name, "gsl-msbdf") == 0) {
            break; /* of order 5 at most: it would take a million steps there */
        }
        struct ssldyn_error err;
        struct ssldyn_ode *ode = open_closed(name, rtol, t_end);
        while (!ssldyn_ode_done(ode)) {
            ck_assert_msg(ssldyn_ode_step(ode, &err) == SSLDYN_OK, "%s: %s", name, err.message);
        }
        const double error = largest_error(ssldyn_ode_state(ode), t_end);
        ck_assert_msg(error <= slack * rtol, "%s at rtol %g: error %g", name, rtol, error);
        ssldyn_ode_free(ode);
    }
}
END_TEST

START_TEST(rows_inside_steps_are_as_good_as_their_ends)
{
    static const char *const names[] = {"auto", "dop853", "dopri5", "radau5"};
    const double rtol = 1e-9;
    const double t_end = 5.0;
    struct ssldyn_error err;
    struct ssldyn_ode *ode = open_closed(names[_i], rtol, t_end);
    double t = 0.0;
    int inside = 0;
    while (!ssldyn_ode_done(ode)) {
        ck_assert_int_eq(ssldyn_ode_step(ode, &err), SSLDYN_OK);
        for (; t <= ssldyn_ode_time(ode); t += 0.0173) {
            double y[3];
            ssldyn_ode_interpolate(ode, t, y);
            const double error = largest_error(y, t);
            ck_assert_msg(error <= 300.0 * rtol, "%s: t = %g: %g", names[_i], t, error);
            inside++;
        }
    }
    ck_assert_int_ge(inside, 289);
    ssldyn_ode_free(ode);
}
END_TEST

/* A pure quadrature, y = exp(sin t): step errors add up and are not amplified. */
static void quadrature(double t, const double y[], double dydt[], void *context)
{
    (void)y;
    (void)context;
    dydt[0] = exp(sin(t)) * cos(t);
}

/* If the step ends are more accurate than the interpolant, a requested row limits the step such
 * that the interpolant meets the tolerance. */
START_TEST(requested_rows_meet_the_tolerance)
{
    for (double rtol = 1e-8; rtol > 0.5e-10; rtol *= 0.1) {
        struct ssldyn_error err;
        struct ssldyn_ode *ode = NULL;
        const struct ssldyn_ode_system system = {.n = 1, .rhs = quadrature};
        const struct ssldyn_ode_options options = {.rtol = rtol, .atol = rtol, .stepper = "dop853"};
        double t = -3.0;
        double y = exp(sin(t));
        ck_assert_int_eq(ssldyn_ode_create(&system, &options, &ode, &err), SSLDYN_OK);
        ck_assert_int_eq(ssldyn_ode_start(ode, t, &y, 8.0, &err), SSLDYN_OK);
        while (!ssldyn_ode_done(ode)) {
            ssldyn_ode_next_output(ode, t);
            ck_assert_int_eq(ssldyn_ode_step(ode, &err), SSLDYN_OK);
            for (; t <= ssldyn_ode_time(ode); t += 0.0173) {
                ssldyn_ode_interpolate(ode, t, &y);
                CHECK_CLOSE(y, exp(sin(t)), 0.0, 2.0 * rtol);
            }
        }
        ssldyn_ode_free(ode);
    }
}
END_TEST

/* On a smooth problem the controller predicts the next error: no step is rejected, and the estimate
 * of order 8 meets the tolerance without wasting steps. */
START_TEST(smooth_problems_reject_no_step)
{
    static const char *const names[] = {"dop853", "dopri5"};
    for (double rtol = 1e-3; rtol > 0.5e-12; rtol *= 0.1) {
        struct ssldyn_error err;
        struct ssldyn_ode_statistics statistics;
        struct ssldyn_ode *ode = open_closed(names[_i], rtol, 7.0);
        double worst = 0.0;
        while (!ssldyn_ode_done(ode)) {
            ck_assert_int_eq(ssldyn_ode_step(ode, &err), SSLDYN_OK);
            worst = fmax(worst, largest_error(ssldyn_ode_state(ode), ssldyn_ode_time(ode)));
        }
        ssldyn_ode_read_statistics(ode, &statistics);
        ck_assert_int_eq(statistics.rejected, 0);
        ck_assert_msg(_i == 1 || worst < 10.0 * rtol, "rtol %g: %g", rtol, worst);
        ssldyn_ode_free(ode);
    }
}
END_TEST

/* Prothero and Robinson: y = cos t is the solution, approached at rate 1e7. */
static void stiff(double t, const double y[], double dydt[], void *context)
{
    (void)context;
    dydt[0] = -1e7 * (y[0] - cos(t)) - sin(t);
    dydt[1] = -y[1];
}

START_TEST(stiff_problems_take_few_steps)
{
    static const char *const names[] = {"auto", "radau5"};
    struct ssldyn_error err;
    struct ssldyn_ode *ode = NULL;
    struct ssldyn_ode_statistics statistics;
    const struct ssldyn_ode_system system = {.n = 2, .rhs = stiff};
    const struct ssldyn_ode_options options = {.rtol = 1e-7, .atol = 1e-9, .stepper = names[_i]};
    const double y0[2] = {1.0, 1.0};
    ck_assert_int_eq(ssldyn_ode_create(&system, &options, &ode, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y0, 20.0, &err), SSLDYN_OK);
    while (!ssldyn_ode_done(ode)) {
        ck_assert_msg(ssldyn_ode_step(ode, &err) == SSLDYN_OK, "%s", err.message);
    }
    ssldyn_ode_read_statistics(ode, &statistics);
    CHECK_CLOSE(ssldyn_ode_state(ode)[0], cos(20.0), 0.0, 1e-6);
    CHECK_CLOSE(ssldyn_ode_state(ode)[1], exp(-20.0), 0.0, 1e-6);
    /* an explicit method needs h < 6e-7: 3e7 steps */
    ck_assert_int_lt(statistics.steps, 5000);
    ck_assert(_i == 1 || statistics.stiff);
    ssldyn_ode_free(ode);
}
END_TEST

/* More variables than auto would take differences of, with rates from 1 to 1e7. */
enum { MANY = 520 };

static double rate_of(size_t i)
{
    return pow(10.0, 7.0 * (double)i / (double)(MANY - 1));
}

static void many(double t, const double y[], double dydt[], void *context)
{
    (void)context;
    for (size_t i = 0; i < MANY; i++) {
        dydt[i] = -rate_of(i) * (y[i] - cos(t)) - sin(t);
    }
}

static void many_jacobian(double t, const double y[], double jacobian[], void *context)
{
    (void)t;
    (void)y;
    (void)context;
    memset(jacobian, 0, sizeof(double) * MANY * MANY);
    for (size_t i = 0; i < MANY; i++) {
        jacobian[i * MANY + i] = -rate_of(i);
    }
}

START_TEST(a_known_jacobian_lets_auto_be_implicit_with_many_variables)
{
    static double y0[MANY];
    struct ssldyn_error err;
    struct ssldyn_ode *ode = NULL;
    struct ssldyn_ode_statistics statistics;
    const struct ssldyn_ode_system system = {.n = MANY, .rhs = many, .jacobian = many_jacobian};
    const struct ssldyn_ode_options options = {.rtol = 1e-6, .atol = 1e-9, .stepper = "auto"};
    for (size_t i = 0; i < MANY; i++) {
        y0[i] = 1.0;
    }
    ck_assert_int_eq(ssldyn_ode_create(&system, &options, &ode, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y0, 2.0, &err), SSLDYN_OK);
    while (!ssldyn_ode_done(ode)) {
        ck_assert_msg(ssldyn_ode_step(ode, &err) == SSLDYN_OK, "%s", err.message);
    }
    ssldyn_ode_read_statistics(ode, &statistics);
    for (size_t i = 0; i < MANY; i++) {
        CHECK_CLOSE(ssldyn_ode_state(ode)[i], cos(2.0), 0.0, 1e-5);
    }
    /* an explicit method needs h < 6e-7, 3e6 steps */
    ck_assert_int_lt(statistics.steps, 1000);
    ssldyn_ode_free(ode);
}
END_TEST

START_TEST(explicit_methods_notice_stiffness)
{
    struct ssldyn_error err;
    struct ssldyn_ode *ode = NULL;
    struct ssldyn_ode_statistics statistics;
    const struct ssldyn_ode_system system = {.n = 2, .rhs = stiff};
    const struct ssldyn_ode_options options = {
        .rtol = 1e-5, .atol = 1e-7, .stepper = "dop853", .max_steps = 20000};
    const double y0[2] = {1.0, 1.0};
    ck_assert_int_eq(ssldyn_ode_create(&system, &options, &ode, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y0, 20.0, &err), SSLDYN_OK);
    enum ssldyn_status status = SSLDYN_OK;
    while (status == SSLDYN_OK && !ssldyn_ode_done(ode)) {
        status = ssldyn_ode_step(ode, &err);
    }
    ck_assert_int_eq(status, SSLDYN_EFAILED); /* max_steps */
    ck_assert_ptr_nonnull(strstr(err.message, "steps is reached"));
    ssldyn_ode_read_statistics(ode, &statistics);
    ck_assert(statistics.stiff);
    ssldyn_ode_free(ode);
}
END_TEST

static void explode(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    (void)context;
    dydt[0] = y[0] * y[0];
}

static void grow(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    (void)context;
    dydt[0] = 3.0 * y[0];
}

START_TEST(divergence_is_reported_with_its_time)
{
    struct ssldyn_error err;
    struct ssldyn_ode *ode = NULL;
    const struct ssldyn_ode_system pole = {.n = 1, .rhs = explode};
    const struct ssldyn_ode_system exponential = {.n = 1, .rhs = grow};
    const struct ssldyn_ode_options options = {
        .rtol = 1e-8, .atol = 1e-12, .stepper = ssldyn_ode_stepper_name((size_t)_i)};
    const double y0 = 1.0;
    for (int which = 0; which < 2; which++) {
        if (which == 1 && _i > 2) {
            break; /* the slower methods would take too long to reach 1e308 */
        }
        ck_assert_int_eq(ssldyn_ode_create(which == 0 ? &pole : &exponential, &options, &ode, &err),
                         strcmp(ssldyn_ode_stepper_name((size_t)_i), "gsl-msbdf") == 0
                             ? SSLDYN_EINPUT
                             : SSLDYN_OK);
        if (!ode) {
            return; /* gsl-msbdf requires a Jacobian and reports that */
        }
        ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, &y0, which == 0 ? 2.0 : 1e4, &err), SSLDYN_OK);
        enum ssldyn_status status = SSLDYN_OK;
        while (status == SSLDYN_OK && !ssldyn_ode_done(ode)) {
            status = ssldyn_ode_step(ode, &err);
        }
        ck_assert_msg(status == SSLDYN_EDIVERGED || status == SSLDYN_EFAILED, "status %d at %g",
                      (int)status, ssldyn_ode_time(ode));
        ck_assert_ptr_nonnull(strstr(err.message, "t = "));
        ck_assert(isfinite(ssldyn_ode_state(ode)[0])); /* the last good state remains available */
        if (which == 0) {
            CHECK_CLOSE(ssldyn_ode_time(ode), 1.0, 0.0, 1e-6);
        }
        ssldyn_ode_free(ode);
        ode = NULL;
    }
}
END_TEST

static double above_half(double t, const double y[], void *context)
{
    (void)t;
    (void)context;
    return y[2] - 1.25; /* the logistic curve passes half its height once */
}

START_TEST(endless_runs_are_stopped)
{
    struct ssldyn_error err;
    struct ssldyn_ode *ode = NULL;
    const struct ssldyn_ode_system system = {.n = 2, .rhs = stiff};
    const struct ssldyn_ode_options options = {.rtol = 1e-6, .atol = 1e-9, .stepper = "dop853"};
    const double y0[2] = {1.0, 1.0};
    ck_assert_int_eq(ssldyn_ode_create(&system, &options, &ode, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y0, 1e6, &err), SSLDYN_OK);
    enum ssldyn_status status = SSLDYN_OK;
    while (status == SSLDYN_OK) {
        status = ssldyn_ode_step(ode, &err);
    }
    ck_assert_int_eq(status, SSLDYN_EFAILED); /* 1e6/6e-7 steps would be needed */
    ck_assert_ptr_nonnull(strstr(err.message, "too stiff for dop853"));
    ssldyn_ode_free(ode);
}
END_TEST

static void no_jacobian(double t, const double y[], double jacobian[], void *context)
{
    (void)t;
    (void)y;
    int *asked = context;
    (*asked)++;
    for (size_t i = 0; i < 4; i++) {
        jacobian[i] = (double)NAN;
    }
}

/* Stiffness makes auto switch to the implicit method, which cannot step here; it switches back and
 * finishes with the explicit one, which needs few steps. */
START_TEST(auto_survives_the_failure_of_one_method)
{
    struct ssldyn_error err;
    struct ssldyn_ode *ode = NULL;
    int asked = 0;
    const struct ssldyn_ode_system system = {
        .n = 2, .rhs = stiff, .jacobian = no_jacobian, .context = &asked};
    struct ssldyn_ode_options options = {.rtol = 1e-7, .atol = 1e-9, .stepper = "auto"};
    const double y0[2] = {1.0, 1.0};
    ck_assert_int_eq(ssldyn_ode_create(&system, &options, &ode, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y0, 0.01, &err), SSLDYN_OK);
    while (!ssldyn_ode_done(ode)) {
        ck_assert_msg(ssldyn_ode_step(ode, &err) == SSLDYN_OK, "%s", err.message);
    }
    ck_assert_int_gt(asked, 0);
    CHECK_CLOSE(ssldyn_ode_state(ode)[0], cos(0.01), 0.0, 1e-6);
    ssldyn_ode_free(ode);
    options.stepper = "radau5";
    ck_assert_int_eq(ssldyn_ode_create(&system, &options, &ode, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y0, 0.01, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_ode_step(ode, &err), SSLDYN_EFAILED);
    ssldyn_ode_free(ode);
}
END_TEST

START_TEST(roots_are_located_to_the_tolerance)
{
    struct ssldyn_error err;
    struct ssldyn_ode *ode = open_closed("dop853", 1e-11, 6.0);
    const double exact = log(2.5 / 0.01 - 1.0) / (0.9 * 2.5);
    double root = 0.0;
    int found = 0;
    while (!ssldyn_ode_done(ode)) {
        double y[3];
        ck_assert_int_eq(ssldyn_ode_step(ode, &err), SSLDYN_OK);
        found += ssldyn_ode_locate(ode, above_half, NULL, y, &root) ? 1 : 0;
    }
    ck_assert_int_eq(found, 1);
    CHECK_CLOSE(root, exact, 0.0, 1e-8);
    ssldyn_ode_free(ode);
}
END_TEST

START_TEST(backwards_returns_to_the_start)
{
    struct ssldyn_error err;
    struct ssldyn_ode *ode = open_closed("dop853", 1e-10, 3.0);
    double y[3];
    while (!ssldyn_ode_done(ode)) {
        ck_assert_int_eq(ssldyn_ode_step(ode, &err), SSLDYN_OK);
    }
    memcpy(y, ssldyn_ode_state(ode), sizeof y);
    ck_assert_int_eq(ssldyn_ode_start(ode, 3.0, y, 0.0, &err), SSLDYN_OK);
    while (!ssldyn_ode_done(ode)) {
        ck_assert_int_eq(ssldyn_ode_step(ode, &err), SSLDYN_OK);
    }
    /* errors of the backward logistic curve grow by exp(0.9 * 2.5 * 3) */
    ck_assert_double_le(largest_error(ssldyn_ode_state(ode), 0.0), 1e-10 * 1e2 * exp(6.75));
    ssldyn_ode_free(ode);
}
END_TEST

START_TEST(blocks_do_not_depend_on_the_basis)
{
    /* A rotation of a block does not change the steps: error control of matrices is invariant. */
    struct ssldyn_error err;
    const struct ssldyn_ode_block block[2] = {{2}, {1}};
    const struct ssldyn_ode_system system = {
        .n = 3, .rhs = closed, .blocks = block, .block_count = 2};
    const struct ssldyn_ode_options options = {.rtol = 1e-7, .atol = 0.0, .stepper = "dop853"};
    int64_t steps[2] = {0, 0};
    for (int turned = 0; turned < 2; turned++) {
        struct ssldyn_ode *ode = NULL;
        struct ssldyn_ode_statistics statistics;
        const double y0[3] = {turned ? 0.6 : 1.0, turned ? 0.8 : 0.0, 0.01};
        ck_assert_int_eq(ssldyn_ode_create(&system, &options, &ode, &err), SSLDYN_OK);
        ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y0, 6.0, &err), SSLDYN_OK);
        while (!ssldyn_ode_done(ode)) {
            ck_assert_int_eq(ssldyn_ode_step(ode, &err), SSLDYN_OK);
        }
        ssldyn_ode_read_statistics(ode, &statistics);
        steps[turned] = statistics.steps;
        ssldyn_ode_free(ode);
    }
    ck_assert_int_eq(steps[0], steps[1]);
}
END_TEST

START_TEST(tables_satisfy_their_conditions)
{
    static const struct ssldyn_explicit_table *const tables[] = {&ssldyn_explicit_table_dop853,
                                                                 &ssldyn_explicit_table_dopri5};
    const struct ssldyn_explicit_table *table = tables[_i];
    for (size_t i = 0; i < table->total; i++) { /* rows sum to the nodes */
        double sum = 0.0;
        double size = 1.0;
        for (size_t j = 0; j < i; j++) {
            sum += table->a[i][j];
            size += fabs(table->a[i][j]);
        }
        CHECK_CLOSE(sum, table->c[i], 0.0, 16.0 * 2.2e-16 * size);
    }
    const double *b = table->a[table->stages];
    for (int k = 0; k < table->order; k++) { /* quadrature: sum b c^k = 1/(k + 1) */
        double sum = 0.0;
        double size = 0.0;
        for (size_t j = 0; j < table->stages; j++) {
            sum += b[j] * pow(table->c[j], (double)k);
            size += fabs(b[j]);
        }
        CHECK_CLOSE(sum, 1.0 / (double)(k + 1), 0.0, 64.0 * 2.2e-16 * size);
    }
    double error_sum = 0.0; /* the error estimates vanish on constants */
    for (size_t j = 0; j <= table->stages; j++) {
        error_sum += table->e5[j];
    }
    CHECK_CLOSE(error_sum, 0.0, 0.0, 1e-14);
}
END_TEST

START_TEST(vector_passes_match_naive_loops)
{
    enum { N = 1000, M = 12 };
    double *memory = aligned_alloc(64, (M + 5) * 1024 * sizeof(double));
    ck_assert_ptr_nonnull(memory);
    const double *term[M];
    double a[M];
    double b[M];
    double *y = memory + M * 1024;
    double *out = y + 1024;
    double *next = out + 1024;
    for (size_t j = 0; j < M; j++) {
        term[j] = memory + j * 1024;
        a[j] = sin(1.7 * (double)j + 0.3);
        b[j] = cos(2.3 * (double)j);
    }
    for (size_t i = 0; i < (M + 1) * 1024; i++) {
        memory[i] = sin(0.37 * (double)i) * exp(cos(0.011 * (double)i));
    }
    for (size_t m = 1; m <= M; m++) {
        ssldyn_vector_combine(N, y, 0.83, m, term, a, out);
        double squares[4] = {0.0, 0.0, 0.0, 0.0}; /* of y, of the new y, of the two sums */
        for (size_t i = 0; i < N; i++) {
            double sum[2] = {0.0, 0.0};
            for (size_t j = 0; j < m; j++) {
                sum[0] += a[j] * term[j][i];
                sum[1] += b[j] * term[j][i];
            }
            CHECK_CLOSE(out[i], y[i] + 0.83 * sum[0], 0.0, 1e-13);
            if (i >= 7 && i < 7 + 333) {
                const double value[4] = {y[i], y[i] + 0.83 * sum[0], sum[0], sum[1]};
                for (size_t k = 0; k < 4; k++) {
                    squares[k] += value[k] * value[k];
                }
            }
        }
        CHECK_CLOSE(ssldyn_vector_combined_square(7, 333, m, term, a), squares[2], 1e-13, 0.0);
        const double *const weights[3] = {a, b, a};
        for (size_t count = 2; count <= 3; count++) {
            double *const outs[3] = {next, next + 1024, next + 2048};
            for (size_t i = 0; i < N; i++) {
                outs[2][i] = 7.0;
            }
            ssldyn_vector_combine_several(N, y, 0.83, m, term, count, weights, outs);
            for (size_t i = 0; i < N; i++) {
                double sum = 0.0;
                for (size_t j = 0; j < m; j++) {
                    sum += b[j] * term[j][i];
                }
                CHECK_CLOSE(outs[0][i], out[i], 1e-15, 1e-15);
                CHECK_CLOSE(outs[1][i], y[i] + 0.83 * sum, 0.0, 1e-13);
                CHECK_CLOSE(outs[2][i], count > 2 ? out[i] : 7.0, 1e-15, 1e-15);
            }
        }
        struct ssldyn_vector_squares got;
        for (size_t i = 0; i < N; i++) {
            next[i] = 7.0;
        }
        ssldyn_vector_finish(7, 333, y, 0.83, m, term, a, a, b, next, &got);
        for (size_t i = 0; i < N; i++) { /* nothing is written outside the part */
            CHECK_CLOSE(next[i], i >= 7 && i < 7 + 333 ? out[i] : 7.0, 1e-15, 1e-15);
        }
        CHECK_CLOSE(got.y, squares[0], 1e-13, 0.0);
        CHECK_CLOSE(got.next, squares[1], 1e-13, 0.0);
        CHECK_CLOSE(got.a, squares[2], 1e-13, 0.0);
        CHECK_CLOSE(got.b, squares[3], 1e-13, 0.0);
    }
    free(memory);
}
END_TEST

START_TEST(bad_options_are_refused)
{
    struct ssldyn_error err;
    struct ssldyn_ode *ode = NULL;
    const struct ssldyn_ode_system system = {.n = 3, .rhs = closed};
    const struct ssldyn_ode_options bad[] = {
        {.rtol = 1e-15, .atol = 0.0, .stepper = "auto"},
        {.rtol = (double)NAN, .atol = 0.0, .stepper = "auto"},
        {.rtol = 1e-6, .atol = -1.0, .stepper = "auto"},
        {.rtol = 1e-6, .atol = (double)INFINITY, .stepper = "auto"},
        {.rtol = 1e-6, .atol = 0.0, .stepper = "euler"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(ssldyn_ode_create(&system, &bad[i], &ode, &err), SSLDYN_EINPUT);
        ck_assert_ptr_null(ode);
        ck_assert_ptr_nonnull(strstr(err.message, "--"));
    }
    const double y0[3] = {1.0, (double)NAN, 0.0};
    const struct ssldyn_ode_options good = {.rtol = 1e-6, .atol = 0.0, .stepper = "auto"};
    ck_assert_int_eq(ssldyn_ode_create(&system, &good, &ode, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y0, 1.0, &err), SSLDYN_EINPUT);
    ssldyn_ode_free(ode);
}
END_TEST

START_TEST(steppers_are_complete)
{
#define STEPPER(symbol) &ssldyn_stepper_##symbol,
    static const struct ssldyn_stepper *const list[] = {SSLDYN_STEPPERS(STEPPER)};
    const size_t count = sizeof list / sizeof list[0];
    for (size_t i = 0; i < count; i++) {
        const struct ssldyn_stepper *stepper = list[i];
        ck_assert_ptr_nonnull(stepper->name);
        ck_assert_str_eq(ssldyn_ode_stepper_name(i + 1), stepper->name);
        ck_assert_ptr_nonnull(stepper->help);
        ck_assert_str_eq(ssldyn_ode_stepper_help(stepper->name), stepper->help);
        ck_assert(stepper->create && stepper->free && stepper->begin && stepper->step);
        ck_assert(stepper->interpolate != NULL);
        for (size_t j = 0; j <= i; j++) {
            ck_assert_str_ne(ssldyn_ode_stepper_name(j), ssldyn_ode_stepper_name(i + 1));
        }
    }
    ck_assert_ptr_null(ssldyn_ode_stepper_name(count + 1));
}
END_TEST

TEST_SUITE(ode)
{
    tcase_add_test(tests, requested_rows_meet_the_tolerance);
    tcase_add_loop_test(tests, smooth_problems_reject_no_step, 0, 2);
    gsl_set_error_handler_off();
    const int steppers = (int)stepper_count();
    tcase_add_test(tests, steppers_are_complete);
    tcase_add_loop_test(tests, errors_meet_the_tolerance, 0, steppers);
    tcase_add_loop_test(tests, rows_inside_steps_are_as_good_as_their_ends, 0, 4);
    tcase_add_loop_test(tests, stiff_problems_take_few_steps, 0, 2);
    tcase_add_test(tests, a_known_jacobian_lets_auto_be_implicit_with_many_variables);
    tcase_add_test(tests, explicit_methods_notice_stiffness);
    tcase_add_loop_test(tests, divergence_is_reported_with_its_time, 0, steppers);
    tcase_add_test(tests, endless_runs_are_stopped);
    tcase_add_test(tests, auto_survives_the_failure_of_one_method);
    tcase_add_test(tests, roots_are_located_to_the_tolerance);
    tcase_add_test(tests, backwards_returns_to_the_start);
    tcase_add_test(tests, blocks_do_not_depend_on_the_basis);
    tcase_add_loop_test(tests, tables_satisfy_their_conditions, 0, 2);
    tcase_add_test(tests, vector_passes_match_naive_loops);
    tcase_add_test(tests, bad_options_are_refused);
}
