/* edges [EDGES [SEED]]: certified fates near the edges of basins compared with trajectories in
 * quadruple precision. An edge is located by bisection of those trajectories along a random
 * parameter of a random case; the fates at relative distances 1e-6 ... 1e-13 on both sides are then
 * known, and no verdict may differ. Undecided fates are counted by distance; there may be few where
 * double precision suffices. With an argument the table is printed. */
// SPDX-License-Identifier: MIT
#include "sim/ensemble/ensemble.h"
#include "sim/flow/mode_follow.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Double-precision numbers enter the reference everywhere, without casts. */
#pragma GCC diagnostic ignored "-Wdouble-promotion"
#ifdef __SIZEOF_FLOAT128__
__extension__ typedef __float128 quad;
#else
typedef long double quad;
#endif

enum { ORDER = 26, STEPS = 4000, KINDS = 8, DISTANCES = 8 };

/* ---- the reference: Taylor series of M5 in quadruple precision */

struct reference {
    quad y[3];
    double p_minus, x_minus, p_plus, x_plus; /* in wp and w */
    double a_minus, a_plus;
};

static quad absolute(quad x)
{
    return x < 0 ? -x : x;
}

/* The fixed points; false beyond the fold. */
static bool find_fixed_points(const struct ssldyn_ensemble_point *q, struct reference *r)
{
    const double tau = isnan(q->tau) ? 1.0 : q->tau;
    const double reach = tau * q->lambda_d;
    const double root = sqrt(reach * reach - 4.0 * q->lambda_s * q->eta_s);
    const double ratio = sqrt(q->eta_p / q->eta_s / q->alpha_p);
    r->p_minus = 2.0 * q->eta_s / (reach + root);
    r->p_plus = (reach + root) / (2.0 * q->lambda_s);
    r->x_minus = ratio * r->p_minus;
    r->x_plus = ratio * r->p_plus;
    r->a_minus = tau * r->x_minus;
    r->a_plus = tau * r->x_plus;
    return root > 0.0;
}

static void taylor_step(const struct ssldyn_ensemble_point *q, quad y[3])
{
    quad c[3][ORDER + 1];
    quad e[ORDER];
    const bool held = !isnan(q->tau);
    for (int i = 0; i < 3; i++)
        c[i][0] = y[i];
    for (int k = 0; k < ORDER; k++) {
        quad product = 0;
        quad by_w = 0;
        quad by_p = 0;
        for (int i = 0; i <= k; i++)
            product += c[0][i] * c[1][k - i];
        e[k] = q->lambda_d * c[2][k] - q->lambda_s * product;
        for (int i = 0; i <= k; i++) {
            by_w += e[i] * c[1][k - i];
            by_p += e[i] * c[0][k - i];
        }
        c[0][k + 1] = (q->alpha_p * by_w - q->eta_p * c[0][k]) / (k + 1);
        c[1][k + 1] = (by_p - q->eta_s * c[1][k]) / (k + 1);
        c[2][k + 1] = held ? q->tau * c[1][k + 1] : q->beta * (c[1][k] - c[2][k]) / (k + 1);
    }
    double h = 50.0;
    for (int i = 0; i < 3; i++) {
        const double size = (double)absolute(y[i]) + 1e-4 * (double)absolute(y[1]) + 1e-300;
        for (int k = ORDER - 1; k <= ORDER; k++)
            h = fmin(h, pow(1e-26 * size / ((double)absolute(c[i][k]) + 1e-300), 1.0 / k));
    }
    for (int i = 0; i < 3; i++) {
        quad sum = c[i][ORDER];
        for (int k = ORDER - 1; k >= 0; k--)
            sum = sum * h + c[i][k];
        y[i] = sum;
    }
}

/* Deep in the saddle's box, or next to the attractor; otherwise undecided. */
static enum ssldyn_fate reference_fate(const struct ssldyn_ensemble_point *q)
{
    struct reference r;
    if (!find_fixed_points(q, &r))
        return SSLDYN_FATE_UNDECIDED;
    r.y[0] = q->wp;
    r.y[1] = q->w;
    r.y[2] = isnan(q->tau) ? (quad)q->wa : (quad)q->tau * (quad)q->w;
    for (int step = 0; step < STEPS; step++) {
        const double sign = r.y[1] < 0 ? -1.0 : 1.0;
        const double p = (double)r.y[0];
        const double w = sign * (double)r.y[1];
        const double wa = sign * (double)r.y[2];
        if (fabs(p) < 0.7 * r.p_minus && w < 0.7 * r.x_minus && fabs(wa) < 0.7 * r.a_minus)
            return SSLDYN_FATE_COLLAPSED;
        if (fabs(p / r.p_plus - 1.0) < 0.02 && fabs(w / r.x_plus - 1.0) < 0.02 &&
            fabs(wa / r.a_plus - 1.0) < 0.02)
            return SSLDYN_FATE_SURVIVES;
        taylor_step(q, r.y);
    }
    return SSLDYN_FATE_UNDECIDED;
}

/* ---- random cases and their edges */

static double scale_of(struct ssldyn_ensemble_point *q, int along, double factor)
{
    switch (along) {
    case 0:
        return q->wp *= factor;
    case 1:
        return q->w *= factor;
    case 2:
        q->eta_p *= factor;
        return q->eta_s *= factor;
    default:
        q->wp *= factor;
        q->wa *= factor;
        return q->w *= factor;
    }
}

/* Kinds: EMA with equal and with unequal decays; SimSiam; tau held, unequal; any signs, equal and
 * unequal; tau0 = 0 and a slow target; M5 with other eigenvalues, unequal. */
static struct ssldyn_ensemble_point draw_point(uint64_t *seed, int kind)
{
    struct ssldyn_ensemble_point q = {.alpha_p = draw_log(seed, 0.2, 8.0),
                                      .beta = draw_log(seed, 0.02, 4.0),
                                      .lambda_s = draw_between(seed, 1.0, 2.0),
                                      .lambda_d = 1.0,
                                      .tau = (double)NAN};
    if (kind == 7) {
        q.lambda_d = draw_log(seed, 0.3, 3.0);
        q.lambda_s = q.lambda_d * draw_between(seed, 1.0, 2.0);
    }
    if (kind == 2)
        q.tau = 1.0;
    if (kind == 3)
        q.tau = draw_between(seed, 0.4, 1.3);
    const double reach = (isnan(q.tau) ? 1.0 : q.tau) * q.lambda_d;
    q.eta_s = reach * reach / (4.0 * q.lambda_s) * draw_between(seed, 0.1, 0.9);
    q.eta_p = q.eta_s;
    if (kind % 2 == 1)
        q.eta_p *= draw_log(seed, 0.2, 5.0);
    q.wp = draw_log(seed, 0.01, 1.0) / q.lambda_d;
    q.w = draw_log(seed, 0.01, 1.0) / q.lambda_d / sqrt(q.alpha_p);
    q.wa = kind == 6 ? 0.0 : q.w * draw_between(seed, 0.0, 1.5);
    if (kind == 6)
        q.beta *= 0.1;
    if (kind == 4 || kind == 5) {
        q.wp *= draw_between(seed, 0.0, 1.0) < 0.5 ? -1.0 : 1.0;
        q.wa *= draw_between(seed, 0.0, 1.0) < 0.5 ? -1.0 : 1.0;
    }
    return q;
}

/* A factor at which the fate of the reference changes, to `width`; false if none is found. The
 * coarse search uses the ensemble, without error bounds. */
static bool find_edge(const struct ssldyn_ensemble_point *start, int along, double *edge,
                      enum ssldyn_fate *above)
{
    enum { SCAN = 24 };
    const struct ssldyn_ensemble_options options = {.t_end = 1e5, .rtol = 1e-12, .stop = true};
    struct ssldyn_ensemble_point points[SCAN];
    struct ssldyn_ensemble_end ends[SCAN];
    double low = 0.05;
    double high = along == 2 ? 1.2 : 20.0;
    int fates[2] = {SSLDYN_FATE_UNDECIDED, SSLDYN_FATE_UNDECIDED};
    for (int round = 0; round < 8; round++) {
        bool found = false;
        const double ratio = pow(high / low, 1.0 / (SCAN - 1));
        for (int i = 0; i < SCAN; i++) {
            points[i] = *start;
            scale_of(&points[i], along, low * pow(ratio, i));
        }
        if (ssldyn_ensemble_run(&options, SCAN, points, ends, NULL) != SSLDYN_OK)
            return false;
        for (int i = 0; !found && i + 1 < SCAN; i++) {
            if (ends[i].fate + ends[i + 1].fate == 1) {
                fates[0] = ends[i].fate;
                fates[1] = ends[i + 1].fate;
                high = low * pow(ratio, i + 1);
                low *= pow(ratio, i);
                found = true;
            }
        }
        if (!found || high / low < 1.0 + 1e-9)
            break;
    }
    if (high / low > 1.0 + 1e-7)
        return false;
    /* the reference continues from a bracket that it confirms */
    low *= 1.0 - 3e-9;
    high *= 1.0 + 3e-9;
    for (int i = 0; i < 40 && high / low > 1.0 + 3e-16; i++) {
        const double middle = low + 0.5 * (high - low);
        struct ssldyn_ensemble_point q = *start;
        scale_of(&q, along, i == 0 ? low : i == 1 ? high : middle);
        const enum ssldyn_fate fate = reference_fate(&q);
        if (fate == SSLDYN_FATE_UNDECIDED || (i < 2 && (int)fate != fates[i]))
            return false;
        if (i >= 2 && (int)fate == fates[0])
            low = middle;
        else if (i >= 2)
            high = middle;
    }
    *edge = low;
    *above = (enum ssldyn_fate)fates[1];
    return true;
}

/* ---- the comparison */

struct table {
    int asked[DISTANCES], undecided[DISTANCES], wrong[DISTANCES];
};

static const double distances[DISTANCES] = {1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13};

/* side: fates above and below the edge. A disagreement is settled by the reference itself. */
static void ask(const struct ssldyn_ensemble_point *start, int along, double edge,
                enum ssldyn_fate above, bool solver, struct table *table)
{
    struct ssldyn_ensemble_options options = {.t_end = 1e5,
                                              .rtol = 1e-9,
                                              .open_rtol = 1e-9,
                                              .stop = true,
                                              .tail = true,
                                              .bounded = true,
                                              .refine_by = 1e-5};
    for (int i = 0; i < 2 * DISTANCES; i++) {
        const int d = i / 2;
        const double step = (i % 2 == 0 ? 1.0 : -1.0) * distances[d];
        struct ssldyn_ensemble_point q = *start;
        struct ssldyn_ensemble_end end;
        struct ssldyn_error err;
        const enum ssldyn_fate want = step > 0.0 ? above : (enum ssldyn_fate)(1 - (int)above);
        scale_of(&q, along, edge * (1.0 + step));
        options.rtol = i % 4 < 2 ? 1e-9 : 1e-12;
        options.refine_by = 1e-14 / options.rtol;
        const enum ssldyn_status status = solver ? ssldyn_mode_follow(&q, &options, &end, &err)
                                                 : ssldyn_ensemble_run(&options, 1, &q, &end, &err);
        table->asked[d]++;
        if (status != SSLDYN_OK)
            table->wrong[d]++;
        else if (end.fate == SSLDYN_FATE_UNDECIDED)
            table->undecided[d]++;
        else if (end.fate != (int)want && reference_fate(&q) != (enum ssldyn_fate)end.fate)
            table->wrong[d]++;
    }
}

static int probe(int edges, uint64_t seed, struct table *vector, struct table *scalar)
{
    int found = 0;
    for (int trial = 0; found < edges && trial < 20 * edges; trial++) {
        const struct ssldyn_ensemble_point start = draw_point(&seed, trial % KINDS);
        const int along = (int)draw_between(&seed, 0.0, 4.0);
        double edge = 0.0;
        enum ssldyn_fate above = SSLDYN_FATE_UNDECIDED;
        if (!find_edge(&start, along, &edge, &above))
            continue;
        ask(&start, along, edge, above, false, vector);
        if (found % 8 == 0)
            ask(&start, along, edge, above, true, scalar);
        found++;
    }
    return found;
}

static void print(const char *name, const struct table *table)
{
    printf("%s\ndistance\tasked\tundecided\twrong\n", name);
    for (int d = 0; d < DISTANCES; d++)
        printf("%.0e\t%d\t%.2f %%\t%d\n", distances[d], table->asked[d],
               100.0 * table->undecided[d] / table->asked[d], table->wrong[d]);
}

START_TEST(no_verdict_is_wrong)
{
    struct table vector = {{0}, {0}, {0}};
    struct table scalar = {{0}, {0}, {0}};
    ck_assert_int_ge(probe(16, 20260101, &vector, &scalar), 16);
    for (int d = 0; d < DISTANCES; d++) {
        ck_assert_int_eq(vector.wrong[d] + scalar.wrong[d], 0);
        /* errors of 1e-14 per step, about a hundred steps: from 1e-9 on everything should be
         * decided */
        if (distances[d] >= 1e-9)
            ck_assert_int_le(vector.undecided[d], vector.asked[d] / 8);
    }
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, no_verdict_is_wrong);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        struct table vector = {{0}, {0}, {0}};
        struct table scalar = {{0}, {0}, {0}};
        const int wanted = (int)strtol(argv[1], NULL, 10);
        const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
        printf("%d edges\n", probe(wanted, seed, &vector, &scalar));
        print("ensemble", &vector);
        print("solver", &scalar);
        int wrong = 0;
        for (int d = 0; d < DISTANCES; d++)
            wrong += vector.wrong[d] + scalar.wrong[d];
        return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    return suite_run("edges", add_tests);
}
