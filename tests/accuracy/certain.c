/* Certified fates are correct: near basin edges a flow at any --rtol gives the true fate or none.
 * The edges are bisected by the ensemble at 1e-13, to 1e-11; the flow's starts are at distances of
 * 1e-2 to 1e-9. */
// SPDX-License-Identifier: MIT
#include "sim/ensemble/ensemble.h"
#include "sim/flow/flow_outcome.h"
#include "tests/draw.h"
#include "tests/spec_make.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

struct edge {
    struct ssldyn_ensemble_point point;
    double p; /* nearby starts: collapse below, survival above */
};

static int fate_at(const struct ssldyn_ensemble_point *point, double p)
{
    struct ssldyn_error err;
    struct ssldyn_ensemble_end end;
    struct ssldyn_ensemble_point at = *point;
    const struct ssldyn_ensemble_options options = {
        .t_end = 3000.0, .rtol = 1e-13, .stop = true, .max_steps = 20000};
    at.wp = p;
    ck_assert_int_eq(ssldyn_ensemble_run(&options, 1, &at, &end, &err), SSLDYN_OK);
    return end.fate;
}

/* A random edge in p; false if none is found. */
static bool draw_edge(uint64_t *seed, struct edge *edge)
{
    const double eta_s = draw_between(seed, 0.02, 0.15);
    edge->point = (struct ssldyn_ensemble_point){
        .alpha_p = draw_log(seed, 0.3, 5.0),
        .beta = draw_log(seed, 0.1, 5.0),
        .eta_s = eta_s,
        .eta_p = draw_between(seed, 0.0, 1.0) < 0.6 ? eta_s : draw_between(seed, 0.02, 0.15),
        .lambda_s = draw_between(seed, 1.0, 1.5),
        .lambda_d = 1.0,
        .tau = draw_between(seed, 0.0, 1.0) < 0.3 ? 1.0 : (double)NAN,
        .w = draw_between(seed, 0.02, 0.5)};
    edge->point.wa =
        isnan(edge->point.tau) ? edge->point.w * draw_between(seed, 0.0, 1.5) : edge->point.w;
    double low = -0.5;
    double high = 1.5;
    if (fate_at(&edge->point, low) != SSLDYN_FATE_COLLAPSED ||
        fate_at(&edge->point, high) != SSLDYN_FATE_SURVIVES) {
        return false;
    }
    while (high - low > 1e-11) {
        const double middle = 0.5 * (low + high);
        const int fate = fate_at(&edge->point, middle);
        if (fate == SSLDYN_FATE_UNDECIDED) {
            break; /* so near that errors of 1e-13 matter */
        }
        *(fate == SSLDYN_FATE_COLLAPSED ? &low : &high) = middle;
    }
    edge->p = 0.5 * (low + high);
    return high - low < 1e-9;
}

static int flow_fate(const struct ssldyn_ensemble_point *point, double p, const char *rtol)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_outcome outcome;
    const bool held = !isnan(point->tau);
    char text[10][32];
    const double values[10] = {point->alpha_p,
                               point->eta_p,
                               point->eta_s,
                               point->lambda_s - 1.0,
                               p,
                               point->w * point->w,
                               held ? point->tau : point->beta,
                               held ? 0.0 : point->wa / point->w};
    for (size_t i = 0; i < 8; i++) {
        snprintf(text[i], sizeof text[i], "%.17g", values[i]);
    }
    const char *const options[] = {"model",
                                   "modes",
                                   "rtol",
                                   rtol,
                                   "t-end",
                                   "1000",
                                   "samples",
                                   "1",
                                   "alpha-p",
                                   text[0],
                                   "eta-p",
                                   text[1],
                                   "eta-s",
                                   text[2],
                                   "sigma2",
                                   text[3],
                                   "p0",
                                   text[4],
                                   "s0",
                                   text[5],
                                   held ? "tau" : "beta",
                                   text[6],
                                   held ? NULL : "tau0",
                                   text[7],
                                   NULL};
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_msg(ssldyn_flow_outcome(&spec.problem, false, NULL, &outcome, &err) == SSLDYN_OK,
                  "%s", err.message);
    ssldyn_spec_clear(&spec);
    return outcome.fate;
}

/* How often a flow at each tolerance contradicts the edge, and how often it decides. */
static const char *const rtols[] = {"1e-1", "1e-2", "1e-3", "1e-5", "1e-9"};
enum { RTOLS = sizeof rtols / sizeof rtols[0] };

START_TEST(near_edges)
{
    const double distances[] = {1e-2, 1e-3, 1e-4, 1e-5, 1e-7, 1e-9};
    enum { DISTANCES = sizeof distances / sizeof distances[0] };
    const char *const asked = getenv("SSLDYN_EDGES"); /* a longer run on request */
    const int count = asked ? atoi(asked) : 12;
    uint64_t seed = 31;
    int wrong[RTOLS] = {0};
    int decided[RTOLS] = {0};
    int edges = 0;
    for (int tries = 0; edges < count && tries < 50 * count; tries++) {
        struct edge edge;
        if (!draw_edge(&seed, &edge)) {
            continue;
        }
        edges++;
        for (size_t d = 0; d < 2 * (size_t)DISTANCES; d++) {
            const bool above = d % 2 == 1;
            const double step = distances[d / 2] * fmax(fabs(edge.p), 0.1);
            for (size_t r = 0; r < RTOLS; r++) {
                const int fate = flow_fate(&edge.point, edge.p + (above ? step : -step), rtols[r]);
                decided[r] += fate != SSLDYN_FATE_UNDECIDED;
                wrong[r] += fate == (above ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_SURVIVES);
            }
        }
    }
    ck_assert_int_eq(edges, count);
    for (size_t r = 0; r < RTOLS; r++) {
        if (asked) {
            printf("# rtol %s: %d of %d decided, %d wrong\n", rtols[r], decided[r],
                   2 * DISTANCES * count, wrong[r]);
        }
        ck_assert_int_eq(wrong[r], 0);
    }
    /* at the default tolerance all but the nearest starts are decided; certification costs no more
     * than that */
    ck_assert_int_ge(decided[RTOLS - 1], 2 * count * (DISTANCES - 1) * 9 / 10);
}
END_TEST

TEST_SUITE(certain)
{
    tcase_add_test(tests, near_edges);
}
