/* The chart of aligned modes: its flow is that of aligned.h, whose conserved quantities are
 * constant in it, and its Jacobian compared with differences. */
// SPDX-License-Identifier: MIT
#include "theory/aligned_chart.h"

#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/aligned_jacobian.h"

#include <check.h>
#include <stdlib.h>

enum { N = 5, LAYERS = 3, VARIABLES = (2 * LAYERS + 1) * N, SPACE = 65536, KINDS = 9 };

static const double time_of_test = 0.7;
static const double second[N] = {1.5, 1.2, 0.9, 0.8, 0.7};
static const double across[N] = {1.0, 1.1, 0.6, 0.7, 0.3};
/* alpha_p = 4: either member of a pair is the smaller one, a balanced mode (P = 2W), negative ones;
 * no P and no layer of the first mode is small */
static const double P[N] = {-1.9, 1.7, .6, .4, .25};
static const double W[LAYERS][N] = {
    {.7, .2, .3, -.6, .5}, {.8, .5, .3, .4, -.2}, {.9, .3, .6, .4, .1}};
static const double Wa[LAYERS][N] = {
    {.8, .5, .3, .2, .4}, {.4, .7, .2, -.3, .1}, {.6, .1, .5, .9, .3}};

struct kind {
    const char *name;
    enum ssldyn_predictor_rule rule;
    bool none; /* no predictor */
    int64_t depth;
    enum ssldyn_depth_average ema_of;
    bool held;
    double eta_p, eta_s, beta;
};

/* A target that is slower than the decays, and one that is faster. */
static const struct kind kinds[KINDS] = {
    {"one layer", .eta_p = .2, .eta_s = .2, .beta = .1},
    {"tied target", .held = true, .eta_p = .2, .eta_s = .2, .beta = .7},
    {"no predictor", .none = true, .eta_p = .2, .eta_s = .2, .beta = .7},
    {"closed form", SSLDYN_PREDICTOR_DIRECTPRED, .eta_p = .2, .eta_s = .2, .beta = .7},
    {"P decays faster", .eta_p = .5, .eta_s = .2, .beta = .1},
    {"W decays faster", .eta_p = .1, .eta_s = .4, .beta = .7},
    {"three layers", .depth = 3, .eta_p = .2, .eta_s = .2, .beta = .7},
    {"of the product", .depth = 3, SSLDYN_DEPTH_OF_PRODUCT, .eta_p = .2, .eta_s = .2, .beta = .1},
    {"two layers alone", .depth = 2, .none = true, .held = true, .eta_s = .2, .beta = .7}};

struct setting {
    struct ssldyn_parameters parameters;
    double rest[N];
    struct ssldyn_aligned aligned;
    struct ssldyn_aligned_chart chart;
    double memory[2 * (LAYERS + 1) * N], space[SPACE];
    double y[VARIABLES];
};

static void make(struct setting *at, const struct kind *kind)
{
    *at = (struct setting){.parameters = {.rates = {.alpha_p = 4.0,
                                                    .beta = kind->beta,
                                                    .eta_p = kind->eta_p,
                                                    .eta_s = kind->eta_s,
                                                    .c = 1.5},
                                          .loss = SSLDYN_LOSS_COSINE,
                                          .tau = 0.9,
                                          .tau_held = kind->held,
                                          .stop_grad = true,
                                          .predictor = !kind->none,
                                          .depth = kind->depth,
                                          .ema_of = kind->ema_of,
                                          .rule = kind->rule,
                                          .set_power = 0.5}};
    for (size_t j = 0; j < N; j++)
        at->rest[j] = (second[j] - across[j]) * (second[j] + across[j]);
    at->aligned = (struct ssldyn_aligned){.parameters = &at->parameters,
                                          .data = {N, second, second, across, at->rest},
                                          .spacing = SSLDYN_COSINE_FINE};
    ssldyn_aligned_choose_decays(&at->aligned);
    ssldyn_aligned_pack(&at->aligned, P, W[0], Wa[0], at->y);
    ck_assert_msg(ssldyn_aligned_chart_holds(&at->aligned), "%s", kind->name);
    ck_assert_uint_le(ssldyn_aligned_chart_workspace(&at->aligned), SPACE);
    ck_assert_uint_le(ssldyn_aligned_chart_memory(&at->aligned),
                      sizeof at->memory / sizeof(double));
    ck_assert(ssldyn_aligned_chart_create(&at->chart, &at->aligned, at->y, at->memory));
}

static void rate(const void *context, const double z[], double f[])
{
    const struct setting *at = context;
    double *space = malloc(SPACE * sizeof *space);
    ck_assert_ptr_nonnull(space);
    ck_assert(ssldyn_aligned_chart_rhs(&at->chart, &at->parameters, time_of_test, z, f, space));
    free(space);
}

/* The state y, as one at the time of the test. */
static void enter(struct setting *at, double z[])
{
    ssldyn_aligned_chart_enter(&at->chart, time_of_test, at->y, z);
}

/* y -> z -> y, and dy/dt = dy/dz dz/dt + dy/dt at constant z, for all of y: also for what the chart takes
 * from its constants. */
START_TEST(the_same_flow)
{
    static const double h = 1e-4;
    static const double by[4] = {-2.0, -1.0, 1.0, 2.0};
    struct setting at;
    double back[VARIABLES];
    double dydt[VARIABLES];
    double z[VARIABLES];
    double dzdt[VARIABLES];
    double there[VARIABLES];
    double moved[4][VARIABLES];
    make(&at, &kinds[_i]);
    const size_t count = ssldyn_aligned_variables(&at.aligned);
    const size_t variables = ssldyn_aligned_chart_variables(&at.aligned);
    ck_assert_uint_lt(variables, count);
    ck_assert(ssldyn_aligned_rhs(&at.aligned, &at.parameters, time_of_test, at.y, dydt, at.space));
    enter(&at, z);
    ck_assert(ssldyn_aligned_chart_leave(&at.chart, time_of_test, z, back));
    for (size_t i = 0; i < count; i++)
        CHECK_CLOSE(back[i], at.y[i], 1e-13, 1e-15);
    rate(&at, z, dzdt);
    for (int k = 0; k < 4; k++) {
        for (size_t i = 0; i < variables; i++)
            there[i] = z[i] + by[k] * h * dzdt[i];
        ck_assert(ssldyn_aligned_chart_leave(&at.chart, time_of_test + by[k] * h, there, moved[k]));
    }
    for (size_t i = 0; i < count; i++) {
        const double slope =
            (8.0 * (moved[2][i] - moved[1][i]) - (moved[3][i] - moved[0][i])) / (12.0 * h);
        CHECK_CLOSE(slope, dydt[i], 1e-8,
                    1e-8); /* h^4 times the fifth derivative, and rounding/h */
    }
}
END_TEST

START_TEST(jacobian)
{
    struct setting at;
    double z[VARIABLES];
    double found[VARIABLES * VARIABLES];
    double expected[VARIABLES * VARIABLES];
    make(&at, &kinds[_i]);
    if (!ssldyn_aligned_jacobian_is_known(&at.aligned))
        return;
    const size_t variables = ssldyn_aligned_chart_variables(&at.aligned);
    enter(&at, z);
    ssldyn_aligned_chart_jacobian(&at.chart, &at.parameters, time_of_test, z, found, at.space);
    draw_jacobian(rate, &at, variables, variables, z, 1e-3, expected);
    for (size_t i = 0; i < variables * variables; i++)
        CHECK_CLOSE(found[i], expected[i], 1e-8, 1e-8);
}
END_TEST

/* A mode with a share four times that of the dependent one takes its place; the state is kept. */
START_TEST(dependent_mode)
{
    struct setting at;
    double z[VARIABLES];
    double y[VARIABLES];
    double after[VARIABLES];
    make(&at, &kinds[0]);
    const size_t best = at.chart.dependent;
    enter(&at, z);
    ck_assert(!ssldyn_aligned_chart_renew(&at.chart, time_of_test, z, y));
    at.chart.dependent = 4; /* P = .25 of a norm of 2.7 */
    at.chart.sign = 1.0;
    enter(&at, z);
    ck_assert(ssldyn_aligned_chart_renew(&at.chart, time_of_test, z, y));
    ck_assert_uint_eq(at.chart.dependent, best);
    ck_assert(ssldyn_aligned_chart_leave(&at.chart, time_of_test, z, after));
    for (size_t i = 0; i < ssldyn_aligned_variables(&at.aligned); i++)
        CHECK_CLOSE(after[i], at.y[i], 1e-14, 1e-15);
    z[0] = 5.0; /* more than the norm */
    ck_assert(!ssldyn_aligned_chart_leave(&at.chart, time_of_test, z, y));
    ck_assert(!ssldyn_aligned_chart_rhs(&at.chart, &at.parameters, 0.0, z, y, at.space));
    ck_assert(isnan(y[0]));
    ck_assert(!ssldyn_aligned_chart_renew(&at.chart, time_of_test, z, y));
}
END_TEST

/* Where the decays differ, the other member becomes the variable when its square is a quarter. */
START_TEST(members_that_cross)
{
    struct setting at;
    double z[VARIABLES];
    double y[VARIABLES];
    double before[VARIABLES];
    make(&at, &kinds[4]);
    ck_assert_uint_ne(at.chart.dependent, 1);
    enter(&at, z);
    const size_t column = at.chart.dependent < 1 ? 0 : 1; /* of mode 1, whose variable is W = .2 */
    ck_assert_double_eq(z[column], 0.2);
    z[N - 1 + 1] = 0.15; /* b = 4W^2 - P^2 e^(-r t): P^2 falls to .01 */
    ck_assert(ssldyn_aligned_chart_leave(&at.chart, time_of_test, z, before));
    ck_assert(ssldyn_aligned_chart_renew(&at.chart, time_of_test, z, y));
    CHECK_CLOSE(z[column], before[N + 1], 1e-15, 0.0);
    ck_assert(ssldyn_aligned_chart_leave(&at.chart, time_of_test, z, y));
    for (size_t i = 0; i < ssldyn_aligned_variables(&at.aligned); i++)
        CHECK_CLOSE(y[i], before[i], 1e-13, 1e-15);
}
END_TEST

/* A mode of weight 0 stays there, and does not spoil the others. */
START_TEST(modes_at_zero)
{
    struct setting at;
    double z[VARIABLES];
    double dzdt[VARIABLES];
    double entries[VARIABLES * VARIABLES];
    make(&at, &kinds[_i]);
    at.y[1] = 0.0;
    at.y[N + 1] = 0.0;
    ck_assert(ssldyn_aligned_chart_create(&at.chart, &at.aligned, at.y, at.memory));
    ck_assert_uint_ne(at.chart.dependent, 1);
    enter(&at, z);
    rate(&at, z, dzdt);
    ck_assert_double_eq(dzdt[at.chart.dependent < 1 ? 0 : 1], 0.0);
    ssldyn_aligned_chart_jacobian(&at.chart, &at.parameters, time_of_test, z, entries, at.space);
    const size_t variables = ssldyn_aligned_chart_variables(&at.aligned);
    for (size_t i = 0; i < variables * variables; i++)
        ck_assert(isfinite(entries[i]));
}
END_TEST

START_TEST(where_the_laws_hold)
{
    struct setting at;
    make(&at, &kinds[0]);
    struct ssldyn_parameters other = at.parameters;
    struct ssldyn_aligned aligned = at.aligned;
    aligned.parameters = &other;
    other.stop_grad = false;
    ck_assert(!ssldyn_aligned_chart_holds(&aligned));
    other = at.parameters;
    other.loss = SSLDYN_LOSS_ISO_COSINE;
    ck_assert(!ssldyn_aligned_chart_holds(&aligned));
    other.loss = SSLDYN_LOSS_L2;
    ck_assert(!ssldyn_aligned_chart_holds(&aligned));
    other = at.parameters;
    other.depth = 2;
    other.rates.eta_p = 0.3;
    ssldyn_aligned_choose_decays(&aligned);
    ck_assert(!ssldyn_aligned_chart_holds(&aligned)); /* the gaps of layers move as well */
    other = at.parameters;
    aligned.decay_s = 0.0; /* the decay is left in the variables */
    ck_assert(!ssldyn_aligned_chart_holds(&aligned));
    const double nothing[VARIABLES] = {0.0};
    ck_assert(!ssldyn_aligned_chart_create(&at.chart, &at.aligned, nothing, at.memory));
}
END_TEST

TEST_SUITE(aligned_chart)
{
    tcase_add_loop_test(tests, the_same_flow, 0, KINDS);
    tcase_add_loop_test(tests, jacobian, 0, KINDS);
    tcase_add_test(tests, dependent_mode);
    tcase_add_test(tests, members_that_cross);
    tcase_add_loop_test(tests, modes_at_zero, 4, 6);
    tcase_add_test(tests, where_the_laws_hold);
}
