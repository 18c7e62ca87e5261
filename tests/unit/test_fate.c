/* Verdicts compared with the flow itself, which GSL follows for a long time; their sharpness at the
 * saddle; the symmetries they share with M5; settings that are decided by hand. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/fate.h"
#include "theory/fixedpoint.h"
#include "theory/lowdim.h"
#include "theory/modes.h"

#include <check.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <stdlib.h>

static int flow(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    ssldyn_lowdim_rhs(context, y, dydt);
    return GSL_SUCCESS;
}

/* Bit 0: tau held, 1: unequal decays, 2: eta_s = 0, 3: starts with any signs. */
enum { HELD = 1, UNEQUAL = 2, DRIFTING = 4, SIGNS = 8, MODES = 12, STARTS = 60 };

static void draw_case(uint64_t *seed, int mode, struct ssldyn_parameters *q, double y[3])
{
    *q = (struct ssldyn_parameters){.stop_grad = true, .predictor = true, .tau = 1.0};
    q->lambda_d = draw_log(seed, 0.3, 3.0);
    q->lambda_s = q->lambda_d * draw_between(seed, 1.0, 2.5);
    q->tau_held = (mode & HELD) != 0;
    if (q->tau_held)
        q->tau = draw_between(seed, 0.3, 1.5);
    const double fold = q->tau * q->tau * q->lambda_d * q->lambda_d / (4.0 * q->lambda_s);
    const double eta = fold * draw_between(seed, 0.02, 1.1);
    q->rates = (struct ssldyn_rates){.alpha_p = draw_log(seed, 0.1, 16.0),
                                     .beta = draw_log(seed, 0.01, 5.0),
                                     .eta_p = eta,
                                     .eta_s = (mode & DRIFTING) != 0 ? 0.0 : eta};
    if ((mode & UNEQUAL) != 0)
        q->rates.eta_p = eta * draw_log(seed, 0.1, 10.0);
    else
        q->rates.eta_p = q->rates.eta_s;
    const double root = sqrt(q->rates.alpha_p);
    y[0] = draw_log(seed, 1e-3, 3.0) / q->lambda_d;
    y[1] = draw_log(seed, 1e-3, 3.0) / (q->lambda_d * root);
    const double kind = draw_between(seed, 0.0, 3.0);
    y[2] = kind < 1.0 ? 0.0 : kind < 2.0 ? y[1] : draw_log(seed, 1e-3, 3.0) / (q->lambda_d * root);
    if ((mode & SIGNS) != 0) {
        for (size_t i = 0; i < 3; i++)
            y[i] *= draw_between(seed, 0.0, 1.0) < 0.5 ? -1.0 : 1.0;
    }
    if (q->tau_held)
        y[2] = q->tau * y[1];
}

/* Follows the flow until it has clearly converged or collapsed, and checks that no verdict on the
 * way is revoked and that the first one is correct. Counts the verdicts. */
static void follow(struct ssldyn_parameters *q, double y[3], size_t count[4], size_t *late)
{
    struct ssldyn_certificate certificate;
    gsl_odeiv2_system system = {flow, NULL, 3, q};
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-3, 1e-14, 1e-10);
    double t = 0.0;

    gsl_odeiv2_driver_set_nmax(driver, 200000);
    ssldyn_certificate_init_lowdim(&certificate, q);
    const enum ssldyn_fate start = ssldyn_fate_judge(&certificate, y[0], y[1], y[2]);
    enum ssldyn_fate first = start;
    for (double end = 0.1; end < 3000.0; end *= 1.25) {
        if (gsl_odeiv2_driver_apply(driver, &t, end, y) != GSL_SUCCESS)
            break;
        const enum ssldyn_fate now = ssldyn_fate_judge(&certificate, y[0], y[1], y[2]);
        first = first == SSLDYN_FATE_UNDECIDED ? now : first;
        ck_assert_msg(now == first || now == SSLDYN_FATE_UNDECIDED,
                      "verdict %d turned into %d at t = %g", (int)first, (int)now, t);
        /* rounding may prevent a vanished mode from growing again */
        if (fabs(y[1]) + fabs(y[2]) < 1e-12)
            break;
    }
    const double size = (fabs(y[1]) + fabs(y[2])) * q->lambda_d * sqrt(q->rates.alpha_p);
    /* without eta_s a mode may stay at a tiny w for a very long time before it grows */
    if (first == SSLDYN_FATE_SURVIVES && q->rates.eta_s > 0.0)
        ck_assert_msg(size > 1e-3, "survives, but |w| + |wa| = %g at t = %g", size, t);
    if (first == SSLDYN_FATE_COLLAPSED && t > 2900.0)
        ck_assert_msg(size < 0.1, "collapsed, but |w| + |wa| = %g at t = %g", size, t);
    count[start]++;
    *late += first == SSLDYN_FATE_UNDECIDED ? 1 : 0;
    gsl_odeiv2_driver_free(driver);
}

START_TEST(test_never_wrong)
{
    uint64_t seed = 1 + (uint64_t)_i;
    size_t count[4] = {0};
    size_t late = 0;

    for (int start = 0; start < STARTS; start++) {
        struct ssldyn_parameters q;
        double y[3];
        draw_case(&seed, _i, &q, y);
        follow(&q, y, count, &late);
    }
    /* Verdicts should be early: with equal decays at least a third of the starts are decided at
     * once. */
    if ((_i & UNEQUAL) == 0)
        ck_assert_uint_ge(count[SSLDYN_FATE_COLLAPSED] + count[SSLDYN_FATE_SURVIVES], STARTS / 3);
    ck_assert_uint_le(late, STARTS / 5);
}
END_TEST

static enum ssldyn_fate judge_at(const struct ssldyn_parameters *q, double wp, double w, double wa)
{
    struct ssldyn_certificate certificate;

    ssldyn_certificate_init_lowdim(&certificate, q);
    return ssldyn_fate_judge(&certificate, wp, w, wa);
}

/* The criteria meet at the saddle: a start slightly above it survives, one slightly below
 * collapses. */
START_TEST(test_sharp_at_the_saddle)
{
    uint64_t seed = 100 + (uint64_t)_i;

    for (int trial = 0; trial < 200; trial++) {
        struct ssldyn_parameters q;
        double y[3];
        double wp[2];
        double square[2];
        draw_case(&seed, _i, &q, y);
        ssldyn_fixedpoint_lowdim(&q, q.tau, wp, square);
        if (isnan(wp[0]))
            continue;
        const double w = sqrt(square[0]);
        const double wa = q.tau_held ? q.tau * w : w;
        const double below = 1.0 - 1e-9;
        const double above = 1.0 + 1e-9;
        ck_assert_int_eq(judge_at(&q, below * wp[0], below * w, below * wa), SSLDYN_FATE_COLLAPSED);
        if ((_i & UNEQUAL) == 0) {
            ck_assert_int_eq(judge_at(&q, above * wp[0], above * w, above * wa),
                             SSLDYN_FATE_SURVIVES);
            /* off the parabola the sum of both counts: down by 1e-6 here, up by 1e-4 there */
            const double root = sqrt(q.rates.alpha_p);
            ck_assert_int_eq(
                judge_at(&q, wp[0] * (1.0 - 1e-6), w * (1.0 + 1e-4), wa * (1.0 + 1e-4)),
                SSLDYN_FATE_SURVIVES);
            ck_assert_int_eq(judge_at(&q, wp[0] * 1.0001, w - 2e-4 * wp[0] / root,
                                      wa - (q.tau_held ? q.tau : 1.0) * 2e-4 * wp[0] / root),
                             SSLDYN_FATE_COLLAPSED);
        } else {
            const enum ssldyn_fate fate = judge_at(&q, above * wp[0], above * w, above * wa);
            ck_assert_int_ne(fate, SSLDYN_FATE_COLLAPSED);
        }
        /* the attractor itself, and points near it */
        const double w_plus = sqrt(square[1]);
        if (wp[1] > 1.01 * wp[0])
            ck_assert_int_eq(judge_at(&q, wp[1], w_plus, q.tau_held ? q.tau * w_plus : w_plus),
                             SSLDYN_FATE_SURVIVES);
    }
}
END_TEST

/* (w, wa) -> -(w, wa) and changes of units leave M5 unchanged: lambda_d -> k lambda_d with lambda_s
 * -> k^2 lambda_s and all weights divided by k; and alpha_p -> k^2 alpha_p with w, wa -> w/k. */
START_TEST(test_symmetries)
{
    uint64_t seed = 200 + (uint64_t)_i;

    for (int trial = 0; trial < 500; trial++) {
        struct ssldyn_parameters q;
        double y[3];
        draw_case(&seed, _i, &q, y);
        const enum ssldyn_fate fate = judge_at(&q, y[0], y[1], y[2]);
        ck_assert_int_eq(judge_at(&q, y[0], -y[1], -y[2]), fate);
        struct ssldyn_parameters scaled = q;
        scaled.lambda_d *= 4.0; /* a power of two: no rounding */
        scaled.lambda_s *= 16.0;
        ck_assert_int_eq(judge_at(&scaled, y[0] / 4.0, y[1] / 4.0, y[2] / 4.0), fate);
        scaled = q;
        scaled.rates.alpha_p *= 16.0;
        ck_assert_int_eq(judge_at(&scaled, y[0], y[1] / 4.0, y[2] / 4.0), fate);
        /* the isotropic form is lambda_d = 1, lambda_s = c */
        struct ssldyn_certificate certificate;
        scaled = q;
        scaled.rates.c = q.lambda_s / (q.lambda_d * q.lambda_d);
        ssldyn_certificate_init(&certificate, &scaled);
        ck_assert_int_eq(ssldyn_fate_judge(&certificate, y[0] * q.lambda_d, y[1] * q.lambda_d,
                                           y[2] * q.lambda_d),
                         fate);
    }
}
END_TEST

static struct ssldyn_parameters plain(double eta_p, double eta_s)
{
    return (struct ssldyn_parameters){
        .rates = {.alpha_p = 1.7, .beta = 0.4, .eta_p = eta_p, .eta_s = eta_s, .c = 1.25},
        .lambda_s = 1.25,
        .lambda_d = 1.0,
        .tau = 1.0,
        .stop_grad = true,
        .predictor = true};
}

START_TEST(test_sealed)
{
    struct ssldyn_parameters q = plain(0.21, 0.21); /* the fold is at 0.2 */

    ck_assert_int_eq(judge_at(&q, 3.0, 5.0, 7.0), SSLDYN_FATE_COLLAPSED);
    q.rates.eta_s = 0.19;
    ck_assert_int_ne(judge_at(&q, 3.0, 5.0, 7.0), SSLDYN_FATE_COLLAPSED);
    q = plain(0.0, 0.1);
    ck_assert_int_eq(judge_at(&q, 0.4, 0.4, 0.4), SSLDYN_FATE_COLLAPSED);
    q = plain(0.1, 0.1);
    q.lambda_d = 0.0;
    ck_assert_int_eq(judge_at(&q, 0.4, 0.4, 0.4), SSLDYN_FATE_COLLAPSED);
    q = plain(0.1, 0.1);
    q.stop_grad = false;
    q.tau_held = true;
    ck_assert_int_eq(judge_at(&q, 0.4, 0.4, 0.4), SSLDYN_FATE_COLLAPSED);
    q.lambda_s = q.lambda_d;
    q.rates.eta_s = 0.0;
    ck_assert_int_eq(judge_at(&q, 0.4, 0.4, 0.4), SSLDYN_FATE_UNDECIDED);
}
END_TEST

/* Without a predictor M5 is linear. */
START_TEST(test_linear)
{
    struct ssldyn_parameters q = plain(0.0, 0.1);

    q.predictor = false;
    ck_assert_int_eq(judge_at(&q, 1.0, 0.3, 5.0), SSLDYN_FATE_COLLAPSED);
    q.tau_held = true;
    q.tau = 1.34;
    ck_assert_int_eq(judge_at(&q, 1.0, 0.3, 5.0), SSLDYN_FATE_COLLAPSED);
    q.tau = 1.36; /* lambda_s + eta_s = 1.35 */
    ck_assert_int_eq(judge_at(&q, 1.0, 0.3, 5.0), SSLDYN_FATE_SURVIVES);
    q.tau_held = false;
    q.lambda_d = 1.4;
    ck_assert_int_eq(judge_at(&q, 1.0, 0.3, -5.0), SSLDYN_FATE_SURVIVES);
    q.rates.beta = 0.0;
    ck_assert_int_eq(judge_at(&q, 1.0, 0.3, 0.0), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(judge_at(&q, 1.0, 0.0, 0.1), SSLDYN_FATE_SURVIVES);
}
END_TEST

/* A frozen target alone decides: alpha_p lambda_d^2 wa^2 compared with eta_p eta_s. */
START_TEST(test_frozen)
{
    struct ssldyn_parameters q = plain(0.3, 0.2);
    const double edge = sqrt(0.3 * 0.2 / 1.7);

    q.rates.beta = 0.0;
    ck_assert_int_eq(judge_at(&q, 2.0, 3.0, 0.999 * edge), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(judge_at(&q, -2.0, 3.0, -0.999 * edge), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(judge_at(&q, 1e-3, 0.0, 1.001 * edge), SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(judge_at(&q, -1.0, 0.1, 1.001 * edge), SSLDYN_FATE_UNDECIDED);
}
END_TEST

/* No decay. Held: P -> line tau/c = 0.8 along X^2 - P^2 = const; EMA: a large predictor stays large
 * forever. */
START_TEST(test_no_decay)
{
    struct ssldyn_parameters q = plain(0.0, 0.0);
    const double root = sqrt(1.7);

    q.tau_held = true;
    ck_assert_int_eq(judge_at(&q, 0.9, 0.5 / root, 0.0), SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(judge_at(&q, 1.0, 0.59 / root, 0.0), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(judge_at(&q, 1.0, 0.61 / root, 0.0), SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(judge_at(&q, -0.2, 0.1 / root, 0.0), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(judge_at(&q, -0.2, 0.3 / root, 0.0), SSLDYN_FATE_SURVIVES);
    q.tau_held = false;
    ck_assert_int_eq(judge_at(&q, 1.0, 0.59 / root, 2.0), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_ne(judge_at(&q, 1.0, 0.61 / root, 2.0), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(judge_at(&q, 0.79, 1e-3, 0.0), SSLDYN_FATE_SURVIVES);
}
END_TEST

/* Modes with a closed-form predictor have a saddle as threshold; ds/dt of M3 with that predictor
 * has the sign of the verdict. */
START_TEST(test_set_predictor)
{
    uint64_t seed = 300;

    for (int trial = 0; trial < 200; trial++) {
        struct ssldyn_parameters q = plain(0.0, 0.2 * draw_between(&seed, 0.1, 0.95));
        struct ssldyn_certificate certificate;
        double rate[2];
        q.rule = trial % 2 == 0 ? SSLDYN_PREDICTOR_DIRECTPRED : SSLDYN_PREDICTOR_DIRECTSET;
        q.set_power = trial % 2 == 0 ? 0.5 : draw_between(&seed, 0.3, 2.0);
        q.tau_held = trial % 3 == 0;
        const double s = draw_log(&seed, 1e-3, 0.25); /* the attractor lies above p = 0.4 */
        const double p = pow(s, q.set_power);
        const double w = sqrt(s);
        ssldyn_certificate_init(&certificate, &q);
        ssldyn_modes_rhs_set(&q.rates, p, (const double[2]){s, 1.0}, rate);
        if (p < 0.4) {
            const enum ssldyn_fate want =
                rate[0] > 0.0 ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_COLLAPSED;
            ck_assert_int_eq(ssldyn_fate_judge(&certificate, p, w, w), want);
            ck_assert_int_eq(ssldyn_fate_judge(&certificate, p, -w, -w), want);
        }
        /* a twentieth of a percent on either side of w-, where p is p- */
        const double lower = (1.0 - sqrt(1.0 - 5.0 * q.rates.eta_s)) / 2.5;
        const double edge = pow(lower, 0.5 / q.set_power);
        ck_assert_int_eq(ssldyn_fate_judge(&certificate, lower, 0.9995 * edge, 0.9995 * edge),
                         SSLDYN_FATE_COLLAPSED);
        ck_assert_int_eq(ssldyn_fate_judge(&certificate, lower, 1.0005 * edge, 1.0005 * edge),
                         SSLDYN_FATE_SURVIVES);
        if (!q.tau_held)
            ck_assert_int_eq(ssldyn_fate_judge(&certificate, p, 1e-6, 2.0), SSLDYN_FATE_UNDECIDED);
        q.rates.eta_s = 0.21;
        ssldyn_certificate_init(&certificate, &q);
        ck_assert_int_eq(ssldyn_fate_judge(&certificate, p, 3.0, 5.0), SSLDYN_FATE_COLLAPSED);
    }
}
END_TEST

START_TEST(test_nothing_to_judge)
{
    struct ssldyn_parameters q = plain(0.04, 0.04);
    const double bad[2] = {(double)NAN, HUGE_VAL};

    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(judge_at(&q, bad[i], 0.1, 0.1), SSLDYN_FATE_DIVERGED);
        ck_assert_int_eq(judge_at(&q, 0.1, bad[i], 0.1), SSLDYN_FATE_DIVERGED);
        ck_assert_int_eq(judge_at(&q, 0.1, 0.1, bad[i]), SSLDYN_FATE_DIVERGED);
    }
    ck_assert_int_eq(judge_at(&q, 3.0, 0.0, 0.0), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(judge_at(&q, 3.0, 0.0, 0.5), SSLDYN_FATE_UNDECIDED);
    /* so small a w collapses for any predictor */
    ck_assert_int_eq(judge_at(&q, 300.0, 1e-9, 1e-9), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(judge_at(&q, -300.0, 1e-9, 1e-9), SSLDYN_FATE_COLLAPSED);
    q.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    q.epsilon = 0.1; /* couples the modes */
    ck_assert_int_eq(judge_at(&q, 0.5, 0.5, 0.5), SSLDYN_FATE_UNDECIDED);
    ck_assert_int_eq(judge_at(&q, 0.5, 0.0, 0.0), SSLDYN_FATE_COLLAPSED);
}
END_TEST

/* No decay of w and a moving target: X^2 - P^2 never falls (S7); without any decay it is constant,
 * and for P < 0 it decides (C9), also in the octant (S8). */
START_TEST(test_negative_predictor)
{
    struct ssldyn_parameters q = {
        .rates = {.alpha_p = 1.7, .beta = 0.61, .c = 1.25}, .stop_grad = true, .predictor = true};
    struct ssldyn_certificate certificate;
    const double root = sqrt(1.7);
    ssldyn_certificate_init(&certificate, &q);
    for (int sign = -1; sign <= 1; sign += 2) {
        const double wa = 0.37 * sign;
        ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.5, 0.501 / root, wa),
                         SSLDYN_FATE_SURVIVES);
        ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.5, 0.499 / root, wa),
                         SSLDYN_FATE_COLLAPSED);
    }
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, 0.79, 0.01, 0.0), SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, 0.79, 0.0, 0.01), SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, 0.81, 0.01, 0.0), SSLDYN_FATE_COLLAPSED);
    q.rates.eta_p = 0.05;
    ssldyn_certificate_init(&certificate, &q);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.5, 0.501 / root, 0.37),
                     SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.5, 0.499 / root, 0.37),
                     SSLDYN_FATE_UNDECIDED);
}
END_TEST

/* beta = 0: (P, X) -> -(P, X) is a symmetry; with wa = 0 too the rest has a closed form. */
START_TEST(test_frozen_mirrored)
{
    struct ssldyn_parameters q = {
        .rates = {.alpha_p = 1.0, .c = 1.25, .eta_p = 0.05, .eta_s = 0.04},
        .stop_grad = true,
        .predictor = true};
    struct ssldyn_certificate certificate;
    ssldyn_certificate_init(&certificate, &q);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.2, -0.3, 0.1), SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.2, 0.3, -0.1), SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, 0.2, -0.3, 0.1), SSLDYN_FATE_UNDECIDED);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.2, -0.3, 0.04), SSLDYN_FATE_COLLAPSED);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.2, 0.3, 0.0), SSLDYN_FATE_COLLAPSED);
    q.rates.eta_s = 0.0;
    ssldyn_certificate_init(&certificate, &q);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.2, 0.1, 0.0), SSLDYN_FATE_SURVIVES);
    q.rates.eta_p = 0.0;
    ssldyn_certificate_init(&certificate, &q);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.2, 0.201, 0.0), SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(ssldyn_fate_judge(&certificate, -0.2, 0.2, 0.0), SSLDYN_FATE_COLLAPSED);
}
END_TEST

/* A box has the verdict of its corners, and a box that is too large has none. */
START_TEST(test_boxes)
{
    uint64_t seed = 77 + (uint64_t)_i;
    size_t count[4] = {0, 0, 0, 0};
    size_t lost = 0;

    for (int trial = 0; trial < 4000; trial++) {
        struct ssldyn_parameters q;
        struct ssldyn_certificate certificate;
        double y[3];
        double radius[3];
        draw_case(&seed, _i, &q, y);
        if (_i == 3 && draw_between(&seed, 0.0, 1.0) < 0.3)
            q.rates.beta = 0.0;
        ssldyn_certificate_init_lowdim(&certificate, &q);
        const double share = draw_log(&seed, 1e-6, 0.5);
        for (size_t i = 0; i < 3; i++)
            radius[i] = share * fabs(y[i]);
        const enum ssldyn_fate fate = ssldyn_fate_judge_box(&certificate, y, radius);
        const enum ssldyn_fate middle = ssldyn_fate_judge(&certificate, y[0], y[1], y[2]);
        ck_assert_int_eq(fate, ssldyn_fate_judge_margin(&certificate, y[0], y[1], y[2], share));
        count[fate]++;
        lost += fate != middle;
        ck_assert(fate == middle || fate == SSLDYN_FATE_UNDECIDED);
        for (unsigned corner = 0; fate != SSLDYN_FATE_UNDECIDED && corner < 8; corner++) {
            double at[3];
            for (size_t i = 0; i < 3; i++)
                at[i] = y[i] + ((corner >> i & 1U) != 0 ? 0.999 : -0.999) * radius[i];
            if (q.tau_held)
                at[2] = q.tau * at[1];
            if (q.rates.beta == 0.0)
                at[2] = y[2];
            ck_assert_int_eq(ssldyn_fate_judge(&certificate, at[0], at[1], at[2]), fate);
        }
    }
    /* tau held and eta_s = 0: every start survives */
    const bool all = (_i & HELD) != 0 && (_i & DRIFTING) != 0;
    ck_assert_msg(count[SSLDYN_FATE_UNDECIDED] < 3500 && (all || lost > 5), "%zu %zu %zu, lost %zu",
                  count[0], count[1], count[3], lost);
}
END_TEST

/* Near the corner (P-, X-) of the saddle's box, with X and A a twentieth of a percent beyond it and
 * P a hundredth short of it: to first order the start survives, because the left eigenvector of the
 * growing direction is positive. No two decays are equal, so that C4 does not apply. */
START_TEST(beyond_the_saddles_box)
{
    const double ratio = 0.5 + 0.5 * _i; /* eta_p/eta_s: .5, (1), 1.5, ... */
    struct ssldyn_parameters q = {.stop_grad = true, .predictor = true, .tau = 1.0};
    q.lambda_d = 1.0;
    q.lambda_s = 1.25;
    q.rates = (struct ssldyn_rates){1.0, 0.4, 0.1 * ratio, 0.1, 1.25};
    struct ssldyn_certificate certificate;
    ssldyn_certificate_init_lowdim(&certificate, &q);
    const double P = (1.0 - sqrt(1.0 - 4.0 * 1.25 * 0.1)) / 2.5;
    const double X = P * sqrt(ratio);
    ck_assert(ssldyn_fate_judge(&certificate, 0.9999 * P, 1.0005 * X, 1.0005 * X) !=
              SSLDYN_FATE_COLLAPSED);
    ck_assert(ssldyn_fate_judge(&certificate, 0.999 * P, 0.999 * X, 0.999 * X) ==
              SSLDYN_FATE_COLLAPSED);
}
END_TEST

START_TEST(fate_names)
{
    static const char *const words[SSLDYN_FATES][2] = {{"collapsed", "collapses"},
                                                       {"survives", "survives"},
                                                       {"diverged", "diverges"},
                                                       {"undecided", "stops"}};
    for (int fate = 0; fate < SSLDYN_FATES; fate++) {
        ck_assert_str_eq(ssldyn_fate_word((enum ssldyn_fate)fate), words[fate][0]);
        ck_assert_str_eq(ssldyn_fate_event((enum ssldyn_fate)fate), words[fate][1]);
    }
}
END_TEST

TEST_SUITE(fate)
{
    tcase_add_loop_test(tests, beyond_the_saddles_box, 0, 6);
    tcase_add_test(tests, fate_names);
    gsl_set_error_handler_off();
    tcase_add_loop_test(tests, test_never_wrong, 0, MODES);
    tcase_add_loop_test(tests, test_sharp_at_the_saddle, 0, 4);
    tcase_add_loop_test(tests, test_symmetries, 0, MODES);
    tcase_add_loop_test(tests, test_boxes, 0, MODES);
    tcase_add_test(tests, test_negative_predictor);
    tcase_add_test(tests, test_frozen_mirrored);
    tcase_add_test(tests, test_sealed);
    tcase_add_test(tests, test_linear);
    tcase_add_test(tests, test_frozen);
    tcase_add_test(tests, test_no_decay);
    tcase_add_test(tests, test_set_predictor);
    tcase_add_test(tests, test_nothing_to_judge);
}
