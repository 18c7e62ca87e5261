/* Fixed points: the right-hand sides vanish there, and the eigenvalues are those of the
 * Jacobian. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/fixedpoint.h"
#include "theory/lowdim.h"
#include "theory/modes.h"

#include <check.h>

enum { TRIALS = 300 };

static struct ssldyn_rates draw_rates(uint64_t *seed, double tau, bool equal)
{
    struct ssldyn_rates r = {.alpha_p = draw_log(seed, 0.1, 10.0),
                             .beta = draw_log(seed, 0.01, 5.0),
                             .c = draw_between(seed, 1.0, 2.5)};
    r.eta_s = draw_between(seed, 0.01, 0.97) * tau * tau / (4.0 * r.c);
    r.eta_p = equal ? r.eta_s : r.eta_s * draw_log(seed, 0.05, 20.0);
    return r;
}

/* A number solves the characteristic equation of the held Jacobian J; rounding of its terms allows
 * a few eps of the largest. A complex pair is given by its real part, half the trace. */
static void check_pair(const double J[4], double first, double second)
{
    const double trace = J[0] + J[3];
    const double determinant = J[0] * J[3] - J[1] * J[2];
    const double size = trace * trace + fabs(determinant);

    CHECK_CLOSE(first + second, trace, 1e-12, 1e-12 * sqrt(size));
    if (trace * trace - 4.0 * determinant > 1e-9 * size)
        CHECK_CLOSE(first * second, determinant, 1e-11, 1e-12 * size);
    else
        CHECK_CLOSE(first, 0.5 * trace, 1e-4, 0.0);
}

START_TEST(test_pair)
{
    uint64_t seed = 1 + (uint64_t)_i;

    for (int trial = 0; trial < TRIALS; trial++) {
        const double tau = draw_between(&seed, 0.2, 2.0);
        const struct ssldyn_rates r = draw_rates(&seed, tau, _i == 0);
        struct ssldyn_fixedpoints f;
        double rate[2];
        double J[4];
        ssldyn_fixedpoint_modes(&r, tau, &f);
        ck_assert_int_eq(f.kind, SSLDYN_FIXED_PAIR);
        ck_assert(f.p_minus > 0.0 && f.p_minus < f.p_plus);
        CHECK_CLOSE(f.eta_fold, tau * tau / (4.0 * r.c), 1e-15, 0.0);
        CHECK_CLOSE(f.discriminant, tau * tau - 4.0 * r.eta_s * r.c, 0.0, 1e-15 * tau * tau);
        /* each term of the rates is of size eta p, eta s: cancellation to rounding */
        const double atol =
            1e-14 * (r.eta_p + r.eta_s) * (1.0 + f.p_plus) * (1.0 + f.s_plus) * (1.0 + r.alpha_p);
        ssldyn_modes_rhs_held(&r, tau, (const double[2]){f.p_minus, f.s_minus}, rate);
        CHECK_CLOSE(rate[0], 0.0, 0.0, atol);
        CHECK_CLOSE(rate[1], 0.0, 0.0, atol);
        ssldyn_modes_jacobian_held(&r, tau, (const double[2]){f.p_minus, f.s_minus}, J);
        check_pair(J, f.along_minus, f.across_minus);
        ck_assert(f.along_minus > 0.0 && f.across_minus < 0.0);
        ssldyn_modes_rhs_held(&r, tau, (const double[2]){f.p_plus, f.s_plus}, rate);
        CHECK_CLOSE(rate[0], 0.0, 0.0, atol);
        CHECK_CLOSE(rate[1], 0.0, 0.0, atol);
        ssldyn_modes_jacobian_held(&r, tau, (const double[2]){f.p_plus, f.s_plus}, J);
        check_pair(J, f.along_plus, f.across_plus);
        ck_assert(f.along_plus < 0.0 && f.across_plus < 0.0);
        if (r.eta_p == r.eta_s) {
            const double root = sqrt(f.discriminant);
            CHECK_CLOSE(f.along_minus, f.p_minus * root, 1e-14, 0.0);
            CHECK_CLOSE(f.along_plus, -f.p_plus * root, 1e-14, 0.0);
            CHECK_CLOSE(f.across_minus, -2.0 * r.eta_s, 1e-15, 0.0);
            CHECK_CLOSE(f.across_plus, -2.0 * r.eta_s, 1e-15, 0.0);
        } else {
            ck_assert(fabs(f.along_plus) <= fabs(f.across_plus));
        }
    }
}
END_TEST

/* eta_p < eta_s at c p^2 = 3 eta_s: the pair is complex [D]; its real part is half the trace. */
START_TEST(test_complex_pair)
{
    const double c = 1.3;
    const double p = 0.4;
    const double eta_s = c * p * p / 3.0;
    const double tau = c * p + eta_s / p; /* then p is p*+ */
    const struct ssldyn_rates r = {
        .alpha_p = 2.385, .beta = 0.4, .eta_p = 0.5 * eta_s, .eta_s = eta_s, .c = c};
    struct ssldyn_fixedpoints f;

    ssldyn_fixedpoint_modes(&r, tau, &f);
    CHECK_CLOSE(f.p_plus, p, 1e-14, 0.0);
    CHECK_CLOSE(f.along_plus, -0.5 * r.eta_p * 4.0, 1e-13, 0.0);
    CHECK_CLOSE(f.across_plus, f.along_plus, 0.0, 0.0);
}
END_TEST

START_TEST(test_kinds)
{
    struct ssldyn_rates r = {.alpha_p = 1.7, .beta = 0.4, .c = 1.25};
    struct ssldyn_fixedpoints f;

    ssldyn_fixedpoint_modes(&r, 1.0, &f);
    ck_assert_int_eq(f.kind, SSLDYN_FIXED_LINES);
    CHECK_CLOSE(f.p_plus, (double)NAN, 0.0, 0.0);
    r.eta_p = 0.1;
    ssldyn_fixedpoint_modes(&r, 1.0, &f);
    ck_assert_int_eq(f.kind, SSLDYN_FIXED_GROWTH);
    r.eta_s = 0.1;
    r.eta_p = 0.0;
    ssldyn_fixedpoint_modes(&r, 1.0, &f);
    ck_assert_int_eq(f.kind, SSLDYN_FIXED_FREE_WP);
    r.eta_p = 0.1;
    r.eta_s = 0.2; /* tau^2/(4 c), exactly */
    ssldyn_fixedpoint_modes(&r, 1.0, &f);
    ck_assert_int_eq(f.kind, SSLDYN_FIXED_FOLD);
    CHECK_CLOSE(f.p_minus, 0.4, 1e-15, 0.0);
    CHECK_CLOSE(f.p_plus, 0.4, 1e-15, 0.0);
    CHECK_CLOSE(f.along_plus, 0.0, 0.0, 1e-15);
    r.eta_s = 0.200001;
    ssldyn_fixedpoint_modes(&r, 1.0, &f);
    ck_assert_int_eq(f.kind, SSLDYN_FIXED_NONE);
    ck_assert(f.discriminant < 0.0);
    CHECK_CLOSE(f.p_minus, (double)NAN, 0.0, 0.0);
    CHECK_CLOSE(f.s_plus, (double)NAN, 0.0, 0.0);
    CHECK_CLOSE(f.across_minus, (double)NAN, 0.0, 0.0);
}
END_TEST

/* A small weight decay: p*- ~ eta/tau keeps all its digits. */
START_TEST(test_small_decay)
{
    const struct ssldyn_rates r = {
        .alpha_p = 1.0, .beta = 0.4, .eta_p = 1e-14, .eta_s = 1e-14, .c = 1.25};
    struct ssldyn_fixedpoints f;

    ssldyn_fixedpoint_modes(&r, 0.7, &f);
    /* p*- = (eta/tau)(1 + c eta/tau^2 + ...): the next term is 3e-14 */
    CHECK_CLOSE(f.p_minus, 1e-14 / 0.7, 1e-13, 0.0);
}
END_TEST

START_TEST(test_lowdim)
{
    uint64_t seed = 7;

    for (int trial = 0; trial < TRIALS; trial++) {
        const double tau = draw_between(&seed, 0.2, 2.0);
        struct ssldyn_parameters q = {.lambda_s = draw_between(&seed, 0.5, 3.0),
                                      .lambda_d = draw_between(&seed, 0.1, 0.5),
                                      .tau = tau,
                                      .tau_held = true,
                                      .stop_grad = true,
                                      .predictor = true};
        const double fold = tau * tau * q.lambda_d * q.lambda_d / (4.0 * q.lambda_s);
        double wp[2];
        double square[2];
        double rate[3];
        q.rates = (struct ssldyn_rates){.alpha_p = draw_log(&seed, 0.1, 10.0),
                                        .eta_p = draw_between(&seed, 0.01, 0.3),
                                        .eta_s = draw_between(&seed, 0.05, 0.95) * fold};
        CHECK_CLOSE(ssldyn_fixedpoint_lowdim(&q, tau, wp, square), fold, 1e-15, 0.0);
        ck_assert(wp[0] < wp[1]);
        for (int i = 0; i < 2; i++) {
            const double y[3] = {wp[i], sqrt(square[i]), 0.0};
            ssldyn_lowdim_rhs(&q, y, rate);
            CHECK_CLOSE(rate[0], 0.0, 0.0, 1e-14);
            CHECK_CLOSE(rate[1], 0.0, 0.0, 1e-14);
        }
        q.rates.eta_s = 1.001 * fold;
        CHECK_CLOSE(ssldyn_fixedpoint_lowdim(&q, tau, wp, square), fold, 1e-15, 0.0);
        CHECK_CLOSE(wp[0], (double)NAN, 0.0, 0.0);
        CHECK_CLOSE(square[1], (double)NAN, 0.0, 0.0);
    }
}
END_TEST

START_TEST(test_survival_count)
{
    const double lambda_d[4] = {1.0, 0.5, 0.25, 0.0};
    const double lambda_s[4] = {1.25, 0.5, 0.75, 0.1};

    /* folds .2, .125, .0208..., 0 */
    ck_assert_uint_eq(ssldyn_fixedpoint_survivors(4, lambda_d, lambda_s, 0.0), 3);
    ck_assert_uint_eq(ssldyn_fixedpoint_survivors(4, lambda_d, lambda_s, 0.0208), 3);
    ck_assert_uint_eq(ssldyn_fixedpoint_survivors(4, lambda_d, lambda_s, 0.0209), 2);
    ck_assert_uint_eq(ssldyn_fixedpoint_survivors(4, lambda_d, lambda_s, 0.13), 1);
    ck_assert_uint_eq(ssldyn_fixedpoint_survivors(4, lambda_d, lambda_s, 0.2), 0);
    ck_assert_uint_eq(ssldyn_fixedpoint_survivors(0, lambda_d, lambda_s, 0.0), 0);
}
END_TEST

/* The functions for level and fold agree with the pair of fixed points. */
START_TEST(escape_is_half_of_the_attractor)
{
    struct ssldyn_parameters q = {
        .rates = {.alpha_p = 1.0, .beta = 0.4, .eta_p = 0.1, .eta_s = 0.1},
        .lambda_s = 1.6,
        .lambda_d = 1.2,
        .stop_grad = true,
        .predictor = true};
    double p[2];
    double squares[2];
    const double fold = ssldyn_fixedpoint_lowdim(&q, 1.0, p, squares);

    ck_assert(fold == ssldyn_fixedpoint_fold(1.2, 1.6));
    CHECK_CLOSE(fold, 1.44 / 6.4, 1e-15, 0.0);
    ck_assert(ssldyn_fixedpoint_escape(&q) == 0.5 * p[1]);
    q.rule = SSLDYN_PREDICTOR_DIRECTSET;
    q.set_power = 2.0;
    ck_assert(ssldyn_fixedpoint_escape(&q) == 0.5 * p[1]); /* the fixed points of p are the same */
    q.normalization = SSLDYN_NORMALIZE_LARGEST;
    ck_assert_double_nan(ssldyn_fixedpoint_escape(&q));
    q.normalization = SSLDYN_NORMALIZE_NONE;
    q.rule = SSLDYN_PREDICTOR_OPTIMAL;
    ck_assert_double_nan(ssldyn_fixedpoint_escape(&q));
    q.rule = SSLDYN_PREDICTOR_GRADIENT;
    q.tau_held = true;
    q.tau = 0.9;
    (void)ssldyn_fixedpoint_lowdim(&q, 0.9, p, squares);
    ck_assert(ssldyn_fixedpoint_escape(&q) == 0.5 * p[1]);
    q.rates.eta_s = 0.2; /* beyond the fold */
    ck_assert_double_nan(ssldyn_fixedpoint_escape(&q));
    q.rates.eta_s = 0.1;
    q.stop_grad = false;
    ck_assert_double_nan(ssldyn_fixedpoint_escape(&q));
    q.stop_grad = true;
    q.predictor = false;
    ck_assert_double_nan(ssldyn_fixedpoint_escape(&q));
}
END_TEST

static void iso_rates(const struct ssldyn_parameters *q, double tau, const double y[2],
                      double rate[2])
{
    const double error = (tau * q->lambda_d - y[0] * q->lambda_s) * y[1];
    rate[0] = q->rates.alpha_p * y[1] * error - q->rates.eta_p * y[0];
    rate[1] = error - q->rates.eta_s * y[1];
}

/* The fixed point of IsoLoss: (p, w^2) from flows to t = 400, the rates vanish there, the
 * eigenvalues are those of central differences; beyond tau lambda_d there is no fixed point. */
START_TEST(iso)
{
    static const double ends[][4] = {/* eta_p, eta_s, alpha_p, p */
                                     {.3, .3, 1.0, .56},
                                     {.9, .9, 1.0, .08},
                                     {.5, .3, 2.0, .56}};
    struct ssldyn_parameters q = {
        .predictor = true, .stop_grad = true, .lambda_s = 1.25, .lambda_d = 1.0};
    q.rates.eta_p = ends[_i][0];
    q.rates.eta_s = ends[_i][1];
    q.rates.alpha_p = ends[_i][2];
    struct ssldyn_fixedpoint_iso point = ssldyn_fixedpoint_iso(&q, 1.0);
    CHECK_CLOSE(point.p, ends[_i][3], 1e-14, 0.0);
    if (_i == 2)
        CHECK_CLOSE(point.w_squared, .466666666667, 1e-11, 0.0);
    double J[4];
    const double y[2] = {point.p, sqrt(point.w_squared)};
    for (int k = 0; k < 2; k++) {
        const double h = 1e-6;
        double up[2];
        double down[2];
        iso_rates(&q, 1.0, (const double[]){y[0] + (k == 0) * h, y[1] + (k == 1) * h}, up);
        iso_rates(&q, 1.0, (const double[]){y[0] - (k == 0) * h, y[1] - (k == 1) * h}, down);
        J[k] = (up[0] - down[0]) / (2.0 * h);
        J[2 + k] = (up[1] - down[1]) / (2.0 * h);
    }
    CHECK_CLOSE(point.along + point.across, J[0] + J[3], 0.0, 1e-8);
    if (point.along != point.across)
        CHECK_CLOSE(point.along * point.across, J[0] * J[3] - J[1] * J[2], 0.0, 1e-8);
    else
        ck_assert(4.0 * (J[0] * J[3] - J[1] * J[2]) > (J[0] + J[3]) * (J[0] + J[3]));
    ck_assert(point.along < 0.0 && point.growth > 0.0);
    q.rule = SSLDYN_PREDICTOR_DIRECTSET; /* p' = 2 a p (lambda_d - p lambda_s - eta_s) */
    q.set_power = 0.75;
    const struct ssldyn_fixedpoint_iso set = ssldyn_fixedpoint_iso(&q, 1.0);
    CHECK_CLOSE(set.p, point.p, 1e-15, 0.0);
    CHECK_CLOSE(set.along, -1.5 * point.p * q.lambda_s, 1e-14, 0.0);
    point = ssldyn_fixedpoint_iso(&q, 0.99 * q.rates.eta_s);
    ck_assert(isnan(point.p) && isnan(point.along) && point.growth < 0.0);
}
END_TEST

/* epsilon = .1, a = 1: 11/36 of the fold. For any a, p of a collapsed mode next to a survivor at p+
 * is p- at that decay. */
START_TEST(epsilon)
{
    struct ssldyn_parameters q = {
        .predictor = true, .stop_grad = true, .lambda_s = 1.25, .lambda_d = .9};
    q.rates.alpha_p = 1.0;
    CHECK_CLOSE(ssldyn_fixedpoint_basin(1.0, .1, .9, 1.25) / ssldyn_fixedpoint_fold(.9, 1.25),
                11.0 / 36.0, 1e-14, 0.0);
    for (int i = 1; i <= 4; i++) {
        const double a = 0.5 * i;
        double p[2];
        double squares[2];
        q.rates.eta_s = q.rates.eta_p = ssldyn_fixedpoint_basin(a, .2, .9, 1.25);
        (void)ssldyn_fixedpoint_lowdim(&q, 1.0, p, squares);
        CHECK_CLOSE(ssldyn_fixedpoint_beside(a, .2, p[1]), p[0], 1e-13, 0.0);
        const double f = p[0] / .2; /* the survivor: f^a + epsilon f = p+ */
        CHECK_CLOSE(pow(f, a) + p[0], p[1], 1e-13, 0.0);
    }
    CHECK_CLOSE(ssldyn_fixedpoint_basin(.5, 0.0, .9, 1.25), 0.0, 0.0, 0.0);
}
END_TEST

TEST_SUITE(fixedpoint)
{
    tcase_add_test(tests, escape_is_half_of_the_attractor);
    tcase_add_loop_test(tests, test_pair, 0, 2);
    tcase_add_test(tests, test_complex_pair);
    tcase_add_test(tests, test_kinds);
    tcase_add_test(tests, test_small_decay);
    tcase_add_test(tests, test_lowdim);
    tcase_add_test(tests, test_survival_count);
    tcase_add_loop_test(tests, iso, 0, 3);
    tcase_add_test(tests, epsilon);
}
