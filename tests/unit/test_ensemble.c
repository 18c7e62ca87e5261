/* The ensemble compared with closed forms, invariants, another integrator, and itself: in any lane,
 * with any instruction set, with and without its shortcuts. */
// SPDX-License-Identifier: MIT
#include "sim/ensemble/ensemble.h"
#include "sim/ode/ode.h"
#include "tests/close.h"
#include "tests/suite.h"
#include "theory/closedform.h"
#include "theory/lowdim.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 240 };

static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / (double)(INT64_C(1) << 53);
}

/* A mode of M5 with equal decays below 1.2 folds, with a target that starts at zero, as a copy, or
 * at random. */
static struct ssldyn_ensemble_point random_point(uint64_t *state)
{
    struct ssldyn_ensemble_point point = {.alpha_p = 0.2 + 5.0 * draw(state),
                                          .beta = 0.02 + 3.0 * draw(state),
                                          .lambda_s = 0.6 + 1.5 * draw(state),
                                          .lambda_d = 0.5 + 0.8 * draw(state),
                                          .tau = (double)NAN};
    const double fold = point.lambda_d * point.lambda_d / (4.0 * point.lambda_s);
    point.eta_p = point.eta_s = fold * (0.05 + 1.15 * draw(state));
    point.wp = draw(state);
    point.w = 0.05 + draw(state);
    const double kind = 3.0 * draw(state);
    point.wa = kind < 1.0 ? 0.0 : kind < 2.0 ? point.w : draw(state);
    return point;
}

static void run(const struct ssldyn_ensemble_options *options, size_t count,
                const struct ssldyn_ensemble_point points[], struct ssldyn_ensemble_end ends[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_ensemble_run(options, count, points, ends, &err) == SSLDYN_OK, "%s",
                  err.message);
}

/* M4 at held tau has p(t) in closed form; s stays p^2/alpha_p (Thm 1). */
START_TEST(parabola_in_closed_form)
{
    const double rtol[] = {1e-6, 1e-9, 1e-13};
    const double c = 1.37;
    const double eta = 0.1123;
    const double alpha_p = 2.385;
    for (size_t k = 0; k < 3; k++) {
        for (int i = 0; i < 20; i++) {
            const double p0 = 0.03 + 0.057 * i;
            const double tau = 0.93;
            const struct ssldyn_parameters parameters = {
                .rates = {alpha_p, 0.0, eta, eta, c}, .tau = tau, .tau_held = true};
            const struct ssldyn_ensemble_point point =
                ssldyn_ensemble_mode(&parameters, p0, p0 * p0 / alpha_p, 0.0);
            struct ssldyn_ensemble_end end;
            for (int tail = 0; tail < 2; tail++) {
                const struct ssldyn_ensemble_options options = {
                    .t_end = 23.7, .rtol = rtol[k], .tail = tail == 1};
                run(&options, 1, &point, &end);
                const double p = ssldyn_closedform_solution(tau, c, eta, p0, 23.7);
                /* errors grow by at most exp(p*- sqrt(D) t), about 30 here; the closed form itself
                 * is accurate to 1e-11 */
                CHECK_CLOSE(end.wp, p, 300.0 * rtol[k] + 1e-11, 1e-14);
                CHECK_CLOSE(end.w * end.w, p * p / alpha_p, 600.0 * rtol[k] + 2e-11, 1e-14);
                CHECK_CLOSE(end.tau, tau, 1e-13, 0.0);
                CHECK_CLOSE(end.t, 23.7, 0.0, 0.0);
            }
        }
    }
}
END_TEST

/* c_j = s - p^2/alpha_p falls as exp(-2 eta t) for any target (Thm 1). */
START_TEST(balance_decays)
{
    uint64_t state = 77;
    struct ssldyn_ensemble_point points[MANY];
    struct ssldyn_ensemble_end ends[MANY];
    for (int i = 0; i < MANY; i++)
        points[i] = random_point(&state);
    const struct ssldyn_ensemble_options options = {.t_end = 6.25, .rtol = 1e-12};
    run(&options, MANY, points, ends);
    for (int i = 0; i < MANY; i++) {
        const double alpha = points[i].alpha_p;
        const double before = points[i].w * points[i].w - points[i].wp * points[i].wp / alpha;
        const double after = ends[i].w * ends[i].w - ends[i].wp * ends[i].wp / alpha;
        const double size = ends[i].w * ends[i].w + ends[i].wp * ends[i].wp / alpha;
        CHECK_CLOSE(after, before * exp(-2.0 * points[i].eta_s * 6.25), 1e-10, 1e-9 * size);
    }
}
END_TEST

static void lowdim(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    ssldyn_lowdim_rhs(context, y, dydt);
}

static struct ssldyn_parameters parameters_of(const struct ssldyn_ensemble_point *point)
{
    return (struct ssldyn_parameters){
        .rates = {point->alpha_p, point->beta, point->eta_p, point->eta_s, point->lambda_s},
        .lambda_s = point->lambda_s,
        .lambda_d = point->lambda_d,
        .tau = point->tau,
        .tau_held = !isnan(point->tau),
        .stop_grad = true,
        .predictor = !point->fixed_predictor};
}

/* The right-hand side of theory/ under GSL's Prince-Dormand method. */
static void integrate(const struct ssldyn_ensemble_point *point, double t_end, double y[3])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const bool held = !isnan(point->tau);
    struct ssldyn_parameters parameters = parameters_of(point);
    const struct ssldyn_ode_system system = {.n = 3, .rhs = lowdim, .context = &parameters};
    const struct ssldyn_ode_options options = {
        .rtol = 1e-12, .atol = 1e-30, .stepper = "gsl-rk8pd"};
    struct ssldyn_ode *ode = NULL;
    y[0] = point->wp;
    y[1] = point->w;
    y[2] = held ? point->tau * point->w : point->wa;
    ck_assert_msg(ssldyn_ode_create(&system, &options, &ode, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y, t_end, &err), SSLDYN_OK);
    while (!ssldyn_ode_done(ode))
        ck_assert_msg(ssldyn_ode_step(ode, &err) == SSLDYN_OK, "%s", err.message);
    memcpy(y, ssldyn_ode_state(ode), 3 * sizeof *y);
    ssldyn_ode_free(ode);
}

/* All kinds of settings: EMA, tau held, unequal decays, no predictor, negative start. */
START_TEST(agrees_with_gsl)
{
    uint64_t state = 5;
    const struct ssldyn_ensemble_options options = {.t_end = 7.5, .rtol = 1e-12};
    for (int i = 0; i < 60; i++) {
        struct ssldyn_ensemble_point point = random_point(&state);
        struct ssldyn_ensemble_end end;
        double y[3];
        if (i % 5 == 1)
            point.tau = 0.4 + draw(&state);
        if (i % 5 == 2)
            point.eta_p *= 3.11;
        if (i % 5 == 3) {
            point.fixed_predictor = true;
            point.wp = 1.0;
        }
        if (i % 5 == 4) {
            point.w = -point.w;
            point.wa = 0.3;
        }
        run(&options, 1, &point, &end);
        integrate(&point, 7.5, y);
        const double size = fabs(y[0]) + fabs(y[1]) + fabs(y[2]);
        /* a step error of 1e-12 in either, amplified by what a separatrix does in this time */
        CHECK_CLOSE(end.wp, y[0], 1e-8, 1e-9 * size);
        CHECK_CLOSE(end.w, y[1], 1e-8, 1e-9 * size);
        CHECK_CLOSE(end.wa, y[2], 1e-8, 1e-9 * size);
    }
}
END_TEST

/* The closed-form tail is a shortcut that must not change the result. Far from the basin's edge
 * errors do not grow, and both results are within a modest multiple of rtol of the exact one. */
START_TEST(tail_changes_nothing)
{
    uint64_t state = 901;
    struct ssldyn_ensemble_point points[MANY];
    struct ssldyn_ensemble_end with[MANY];
    struct ssldyn_ensemble_end without[MANY];
    int shorter[2] = {0, 0};
    for (int i = 0; i < MANY; i++) {
        points[i] = random_point(&state);
        points[i].tau = i % 3 == 0 ? 0.8 + 0.4 * draw(&state) : (double)NAN; /* held, or free */
    }
    struct ssldyn_ensemble_options options = {.t_end = 150.0, .rtol = 1e-8};
    run(&options, MANY, points, without);
    options.tail = true;
    run(&options, MANY, points, with);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(with[i].fate, without[i].fate);
        if (with[i].fate == SSLDYN_FATE_UNDECIDED || without[i].since > 30.0)
            continue;
        const double rtol = 1e-8 * 1e4;
        CHECK_CLOSE(with[i].wp, without[i].wp, rtol, 1e-12);
        CHECK_CLOSE(with[i].w, without[i].w, rtol, 1e-12);
        CHECK_CLOSE(with[i].tau, without[i].tau, rtol, 0.0);
        shorter[i % 3 == 0] += with[i].steps < without[i].steps;
    }
    /* otherwise the shortcut was never taken */
    ck_assert_int_gt(shorter[0], MANY / 3);
    ck_assert_int_gt(shorter[1], MANY / 6);
}
END_TEST

/* A point gives the same bytes alone, among others, and in another order. */
START_TEST(bytes_do_not_depend_on_the_lane)
{
    uint64_t state = 31;
    struct ssldyn_ensemble_point points[MANY];
    struct ssldyn_ensemble_point reversed[MANY];
    struct ssldyn_ensemble_end ends[MANY];
    struct ssldyn_ensemble_end other[MANY];
    struct ssldyn_ensemble_end alone;
    for (int i = 0; i < MANY; i++)
        points[i] = random_point(&state);
    for (int i = 0; i < MANY; i++)
        reversed[i] = points[MANY - 1 - i];
    const struct ssldyn_ensemble_options options = {.t_end = 80.0,
                                                    .rtol = 1e-9,
                                                    .tail = true,
                                                    .track_alignment = true,
                                                    .bounded = true,
                                                    .refine_by = 1e-4};
    run(&options, MANY, points, ends);
    run(&options, MANY, reversed, other);
    for (int i = 0; i < MANY; i++)
        ck_assert_mem_eq(&ends[i], &other[MANY - 1 - i], sizeof ends[i]);
    for (int i = 0; i < MANY; i += 7) {
        run(&options, 1, &points[i], &alone);
        ck_assert_mem_eq(&ends[i], &alone, sizeof alone);
    }
}
END_TEST

/* All instruction sets of this processor agree to rounding, amplified by the flow. */
START_TEST(instruction_sets_agree)
{
    uint64_t state = 63;
    struct ssldyn_ensemble_point points[MANY];
    struct ssldyn_ensemble_end first[MANY];
    struct ssldyn_ensemble_end other[MANY];
    const struct ssldyn_ensemble_options options = {.t_end = 20.0, .rtol = 1e-10};
    for (int i = 0; i < MANY; i++)
        points[i] = random_point(&state);
    run(&options, MANY, points, first);
    for (size_t set = 1; ssldyn_ensemble_instructions(set); set++) {
        struct ssldyn_error err;
        ck_assert_int_eq(ssldyn_ensemble_run_on(set, &options, MANY, points, other, &err),
                         SSLDYN_OK);
        for (int i = 0; i < MANY; i++) {
            CHECK_CLOSE(other[i].wp, first[i].wp, 1e-8, 1e-12);
            CHECK_CLOSE(other[i].w, first[i].w, 1e-8, 1e-12);
            CHECK_CLOSE(other[i].wa, first[i].wa, 1e-8, 1e-12);
        }
    }
}
END_TEST

/* Early verdicts compared with the state that GSL's integrator reaches much later. */
START_TEST(fates_against_long_runs)
{
    uint64_t state = 2024;
    const struct ssldyn_ensemble_options options = {
        .t_end = 1e6, .rtol = 1e-9, .stop = true, .bounded = true, .refine_by = 1e-5};
    int seen[2] = {0, 0};
    for (int i = 0; i < 150; i++) {
        struct ssldyn_ensemble_point point = random_point(&state);
        struct ssldyn_ensemble_end end;
        double y[3];
        if (i % 4 == 1)
            point.tau = 1.0;
        if (i % 4 == 2)
            point.eta_p *= 0.3 + 2.0 * draw(&state);
        if (i % 4 == 3) /* the target follows more slowly than W decays */
            point.beta = point.eta_s * (0.2 + 0.8 * draw(&state));
        run(&options, 1, &point, &end);
        ck_assert(end.fate == SSLDYN_FATE_COLLAPSED || end.fate == SSLDYN_FATE_SURVIVES);
        if (end.since > 100.0)
            continue; /* next to the edge, where t = 400 is too short */
        integrate(&point, 400.0 + 15.0 / point.beta, y);
        /* decays are at least .05 folds, about .005 and more: exp(-.005 * 300) and falling; for
         * survivors w is above that of the saddle, which is at least the decay/root(alpha) */
        const double saddle =
            point.eta_s / point.lambda_d * sqrt(point.eta_p / point.eta_s / point.alpha_p);
        if (end.fate == SSLDYN_FATE_SURVIVES)
            ck_assert_msg(fabs(y[1]) > 0.9 * saddle, "point %d survives, but w = %g", i, y[1]);
        else
            ck_assert_msg(fabs(y[1]) < 0.9 * saddle, "point %d collapses, but w = %g", i, y[1]);
        seen[end.fate]++;
    }
    ck_assert_int_gt(seen[0], 20);
    ck_assert_int_gt(seen[1], 20);
}
END_TEST

/* The verdicts of a vector before the first step are those of theory's certificate, for all but a
 * few special cases. Any signs, tau held, decays unequal, target frozen, no predictor. */
START_TEST(verdicts_at_the_start)
{
    uint64_t state = 4711;
    const struct ssldyn_ensemble_options options = {
        .t_end = 1.0, .rtol = 1e-9, .stop = true, .max_steps = 1};
    int decided = 0;
    int known = 0;
    for (int i = 0; i < 4000; i++) {
        struct ssldyn_ensemble_point point = random_point(&state);
        struct ssldyn_ensemble_end end;
        if (i % 7 == 1)
            point.tau = 0.3 + draw(&state);
        if (i % 7 == 2)
            point.eta_p *= 0.2 + 3.0 * draw(&state);
        if (i % 7 == 3) {
            point.w *= draw(&state) < 0.5 ? -1.0 : 1.0;
            point.wa *= draw(&state) < 0.5 ? -1.0 : 1.0;
            point.wp *= draw(&state) < 0.5 ? -1.0 : 1.0;
        }
        if (i % 7 == 4)
            point.beta = 0.0;
        if (i % 7 == 5)
            point.fixed_predictor = true;
        const struct ssldyn_parameters parameters = parameters_of(&point);
        struct ssldyn_certificate certificate;
        ssldyn_certificate_init_lowdim(&certificate, &parameters);
        const enum ssldyn_fate fate = ssldyn_fate_judge(&certificate, point.wp, point.w, point.wa);
        run(&options, 1, &point, &end);
        known += fate != SSLDYN_FATE_UNDECIDED;
        if (end.steps > 0)
            continue;
        ck_assert_msg(end.fate == (int32_t)fate, "point %d: %d, but theory says %d", i, end.fate,
                      (int)fate);
        CHECK_CLOSE(end.since, 0.0, 0.0, 0.0);
        CHECK_CLOSE(end.wp, point.wp, 1e-15, 0.0);
        CHECK_CLOSE(end.w, point.w, 1e-15, 0.0);
        decided++;
    }
    ck_assert_int_gt(decided, 2000);
    ck_assert_int_gt(decided, known - known / 20);
}
END_TEST

/* A start at this relative distance from the basin's edge: the start of a point times a factor
 * found by bisection. False if every start collapses. */
static bool move_to_edge(struct ssldyn_ensemble_point *point, double distance)
{
    const struct ssldyn_ensemble_options options = {.t_end = 1e6, .rtol = 1e-13, .stop = true};
    const struct ssldyn_ensemble_point start = *point;
    double lo = 1e-3;
    double hi = 1e3;
    while (hi / lo > 1.0 + distance) {
        const double factor = sqrt(lo * hi);
        struct ssldyn_ensemble_end end;
        point->wp = factor * start.wp;
        point->w = factor * start.w;
        point->wa = factor * start.wa;
        run(&options, 1, point, &end);
        if (end.fate == SSLDYN_FATE_SURVIVES)
            hi = factor;
        else
            lo = factor;
    }
    return hi < 100.0;
}

/* Near the basin's edge errors are amplified without limit. If a verdict is given nevertheless, the
 * state is accurate to the bound on their growth, at most a thousandth of its size. */
START_TEST(errors_stay_within_their_bound)
{
    uint64_t state = 99;
    const double rtol = 1e-7;
    const double allowed = 1e-3;
    const struct ssldyn_ensemble_options options = {
        .t_end = 1e4, .rtol = rtol, .stop = true, .bounded = true, .refine_by = 1e-7};
    int at_edge = 0;
    double worst = 0.0;
    for (int i = 0; i < 48; i++) {
        struct ssldyn_ensemble_point point = random_point(&state);
        struct ssldyn_ensemble_end end;
        struct ssldyn_ensemble_end exact;
        if (move_to_edge(&point, i % 2 == 0 ? 1e-2 : 1e-6))
            at_edge++;
        run(&options, 1, &point, &end);
        const struct ssldyn_ensemble_options tight = {.t_end = end.t, .rtol = 1e-15};
        run(&tight, 1, &point, &exact);
        const double root = sqrt(point.alpha_p);
        const double sum = exact.wp + root * exact.w;
        const double size = fmax(fabs(exact.wp), root * fmax(fabs(exact.w), fabs(exact.wa)));
        CHECK_CLOSE(end.wp, exact.wp, 0.0, allowed * size);
        CHECK_CLOSE(root * end.w, root * exact.w, 0.0, allowed * size);
        CHECK_CLOSE(root * end.wa, root * exact.wa, 0.0, allowed * size);
        worst = fmax(worst, fabs((end.wp + root * end.w) / sum - 1.0));
    }
    ck_assert_int_gt(at_edge, 16);
    ck_assert_msg(worst > 0.1 * rtol, "no error to be bounded: %g", worst);
}
END_TEST

/* w = 0 is invariant, for any p and however slowly it falls. */
START_TEST(zero_stays_zero)
{
    const struct ssldyn_ensemble_options options = {.t_end = 1e6, .rtol = 1e-9, .stop = true};
    const double eta[] = {0.0, 1e-6, 1e-4, 0.03};
    for (size_t i = 0; i < 4; i++) {
        const struct ssldyn_parameters parameters = {
            .rates = {1.3, 0.4, eta[i], eta[i], 1.25}, .tau = 1.0, .tau_held = i == 3};
        const struct ssldyn_ensemble_point point =
            ssldyn_ensemble_mode(&parameters, 0.53, 0.0, 0.5);
        struct ssldyn_ensemble_end end;
        run(&options, 1, &point, &end);
        ck_assert_int_eq(end.fate, SSLDYN_FATE_COLLAPSED);
    }
}
END_TEST

/* Where w has underflowed tau is its held value, or unknown: never a ratio of subnormals. */
START_TEST(tau_of_an_underflow)
{
    const struct ssldyn_ensemble_options options = {.t_end = 3000.0, .rtol = 1e-9};
    for (int held = 0; held < 2; held++) {
        const struct ssldyn_parameters parameters = {
            .rates = {1.0, 0.4, 0.0, 0.4, 1.25}, .tau = 0.7, .tau_held = held == 1};
        const struct ssldyn_ensemble_point point =
            ssldyn_ensemble_mode(&parameters, -0.3, 0.2, -0.5);
        struct ssldyn_ensemble_end end;
        run(&options, 1, &point, &end);
        ck_assert(fabs(end.w) < 1e-300);
        if (held == 1)
            CHECK_CLOSE(end.tau, 0.7, 1e-15, 0.0);
        else
            ck_assert_double_nan(end.tau);
    }
}
END_TEST

/* A collapse far below the target, tau up to 1e42: s, tau and p keep their digits. In the variables
 * of M3 GSL would stop at 1e-300; the reference is the flow in the chart 1/tau, at 1e-13. */
START_TEST(deep_collapse)
{
    const struct ssldyn_parameters parameters = {.rates = {1.0, 0.05, 0.3, 0.3, 1.25}};
    const struct ssldyn_ensemble_point point = ssldyn_ensemble_mode(&parameters, 0.1, 0.05, 0.5);
    for (int i = 0; i < 2; i++) {
        const double rtol = i == 0 ? 1e-13 : 1e-8;
        const struct ssldyn_ensemble_options options = {
            .t_end = 400.0, .rtol = rtol, .tail = true, .bounded = true, .refine_by = 1e-14 / rtol};
        struct ssldyn_ensemble_end end;
        run(&options, 1, &point, &end);
        /* a hundred steps at rtol, and the third order of the tail's amplitude, rtol^(3/2) */
        CHECK_CLOSE(end.w * end.w, 7.98260305086e-104, 100.0 * rtol + 1e-9, 0.0);
        CHECK_CLOSE(end.tau, 1.26947032766e42, 100.0 * rtol + 1e-9, 0.0);
    }
}
END_TEST

/* The smallest K_j of Thm 3 compared with the minimum over the ends of many short runs, improved by
 * the parabola through it and its neighbors; also where the rest is a closed form. */
START_TEST(smallest_alignment_rate_inside_steps)
{
    uint64_t state = 8;
    enum { TIMES = 4000 };
    double k[TIMES + 1];
    for (int i = 0; i < 12; i++) {
        struct ssldyn_ensemble_end end;
        struct ssldyn_ensemble_options options = {
            .t_end = 40.0, .rtol = 1e-13, .track_alignment = true, .tail = i % 2 == 0};
        struct ssldyn_ensemble_point point = random_point(&state);
        int at = 0;
        run(&options, 1, &point, &end);
        options = (struct ssldyn_ensemble_options){.t_end = 40.0 / (double)TIMES, .rtol = 1e-13};
        for (int n = 0; n <= TIMES; n++) {
            struct ssldyn_ensemble_end next;
            const double half = 0.5 * point.alpha_p * point.w * point.w + point.wp * point.wp;
            k[n] = point.lambda_s * half - point.lambda_d * point.wa / point.w * point.wp +
                   0.5 * point.eta_p + point.eta_s;
            at = k[n] < k[at] ? n : at;
            run(&options, 1, &point, &next);
            point.wp = next.wp;
            point.w = next.w;
            point.wa = next.wa;
        }
        double least = k[at];
        if (at > 0 && at < TIMES) {
            const double slope = k[at + 1] - k[at - 1];
            least -= 0.125 * slope * slope / (k[at + 1] - 2.0 * k[at] + k[at - 1]);
        }
        /* the next order is smaller by a time step times a rate, .01 times 10 or so */
        CHECK_CLOSE(end.k_min, least, 0.0, 0.1 * (k[at] - least) + 1e-11);
    }
}
END_TEST

/* K_j of Thm 3 at the start is the first candidate for the minimum; the minimum is not above it,
 * nor above its value at the end. */
START_TEST(smallest_alignment_rate)
{
    uint64_t state = 8;
    const struct ssldyn_ensemble_options options = {
        .t_end = 30.0, .rtol = 1e-9, .track_alignment = true};
    for (int i = 0; i < 40; i++) {
        const struct ssldyn_ensemble_point point = random_point(&state);
        struct ssldyn_ensemble_end end;
        run(&options, 1, &point, &end);
        const double half = 0.5 * point.alpha_p * point.w * point.w + point.wp * point.wp;
        const double start = point.lambda_s * half -
                             point.lambda_d * point.wa / point.w * point.wp + 1.5 * point.eta_s;
        ck_assert(end.k_min <= start + 1e-12);
        const struct ssldyn_ensemble_options none = {.rtol = 1e-9, .track_alignment = true};
        struct ssldyn_ensemble_end first;
        run(&none, 1, &point, &first);
        CHECK_CLOSE(first.k_min, start, 1e-13, 1e-13);
        const double there = 0.5 * point.alpha_p * end.w * end.w + end.wp * end.wp;
        ck_assert(end.k_min <= point.lambda_s * there - point.lambda_d * end.tau * end.wp +
                                   1.5 * point.eta_s + 1e-9);
    }
}
END_TEST

START_TEST(edges_and_bad_input)
{
    uint64_t state = 1;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_ensemble_point point = random_point(&state);
    struct ssldyn_ensemble_end end;
    struct ssldyn_ensemble_options options = {.t_end = 0.0, .rtol = 1e-9};
    run(&options, 1, &point, &end);
    CHECK_CLOSE(end.w, point.w, 1e-15, 0.0);
    CHECK_CLOSE(end.t, 0.0, 0.0, 0.0);
    run(&options, 0, NULL, NULL);

    options.t_end = 10.0;
    point.w = (double)NAN;
    run(&options, 1, &point, &end);
    ck_assert_int_eq(end.fate, SSLDYN_FATE_UNDECIDED);
    ck_assert_int_eq(end.reason, SSLDYN_ENSEMBLE_INPUT);

    /* s = 0 stays 0, and p decays freely */
    const struct ssldyn_parameters parameters = {.rates = {1.0, 0.4, 0.07, 0.07, 1.25}};
    point = ssldyn_ensemble_mode(&parameters, 0.3, 0.0, 0.5);
    run(&options, 1, &point, &end);
    CHECK_CLOSE(end.wp, 0.3 * exp(-0.7), 1e-8, 0.0);
    CHECK_CLOSE(end.w * end.w, 0.0, 0.0, 1e-300);

    options.rtol = 1.0;
    ck_assert_int_eq(ssldyn_ensemble_run(&options, 1, &point, &end, &err), SSLDYN_EINPUT);
    options.rtol = 1e-9;
    options.t_end = (double)INFINITY;
    ck_assert_int_eq(ssldyn_ensemble_run(&options, 1, &point, &end, &err), SSLDYN_EINPUT);
}
END_TEST

/* A point made from parameters returns them, and making another point from them gives the same. */
START_TEST(parameters_of_a_point)
{
    const struct ssldyn_parameters held = {.rates = {1.5, 0.4, 0.07, 0.05, 1.25},
                                           .lambda_s = 1.25,
                                           .lambda_d = 0.8,
                                           .tau = 0.9,
                                           .tau_held = true};
    struct ssldyn_ensemble_point point = ssldyn_ensemble_network(&held, 0.3, 0.2, 0.1);
    struct ssldyn_parameters back = ssldyn_ensemble_parameters(&point);
    ck_assert(back.tau_held && back.tau == 0.9 && !back.predictor && back.stop_grad);
    ck_assert(back.rates.c == 1.25 && back.lambda_s == 1.25 && back.lambda_d == 0.8);
    const struct ssldyn_ensemble_point again = ssldyn_ensemble_network(&back, 0.3, 0.2, 0.1);
    ck_assert(again.alpha_p == 1.5 && again.beta == 0.4 && again.eta_p == 0.07 &&
              again.eta_s == 0.05 && again.tau == 0.9 && again.fixed_predictor);

    struct ssldyn_parameters moving = held;
    moving.tau_held = false;
    moving.predictor = true;
    point = ssldyn_ensemble_network(&moving, 0.3, 0.2, 0.1);
    back = ssldyn_ensemble_parameters(&point);
    ck_assert(!back.tau_held && back.tau == 1.0 && back.predictor);
}
END_TEST

TEST_SUITE(ensemble)
{
    tcase_add_test(tests, parameters_of_a_point);
    tcase_add_test(tests, parabola_in_closed_form);
    tcase_add_test(tests, balance_decays);
    tcase_add_test(tests, agrees_with_gsl);
    tcase_add_test(tests, tail_changes_nothing);
    tcase_add_test(tests, bytes_do_not_depend_on_the_lane);
    tcase_add_test(tests, instruction_sets_agree);
    tcase_add_test(tests, fates_against_long_runs);
    tcase_add_test(tests, verdicts_at_the_start);
    tcase_add_test(tests, errors_stay_within_their_bound);
    tcase_add_test(tests, zero_stays_zero);
    tcase_add_test(tests, smallest_alignment_rate);
    tcase_add_test(tests, smallest_alignment_rate_inside_steps);
    tcase_add_test(tests, tau_of_an_underflow);
    tcase_add_test(tests, deep_collapse);
    tcase_add_test(tests, edges_and_bad_input);
}
