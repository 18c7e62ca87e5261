/* SGD of an encoder of several layers: its steps against loops over entries, the flow as the limit of
 * small steps, what every step keeps of the layers, symmetries that powers of two make exact, and the
 * curvature that bounds lr. */
// SPDX-License-Identifier: MIT
#include "sim/flow/flow.h"
#include "sim/flow/matrix_layers.h"
#include "sim/linalg/layers.h"
#include "sim/run/run_memory.h"
#include "sim/sgd/sgd.h"
#include "tests/close.h"
#include "tests/suite.h"
#include "tests/unit/sgd_setup.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum { N1 = 5, N2 = 4, L = 3, SQUARE = N2 * N2, RECTANGLE = N2 * N1 };
enum { SIZE = RECTANGLE + (L - 1) * SQUARE };

static const char *const shape[] = {"n1", "5",       "n2",        "4",          "depth",
                                    "3",  "layers0", "1,1.5,0.8", "init-scale", "0.5",
                                    "lr", "0.02",    "eta",       "0.1",        NULL};

static void open_with(struct sgd_setup *setup, const char *const extra[], int64_t steps)
{
    const char *options[SPEC_WORDS];
    spec_join(options, shape, extra);
    sgd_open(setup, options, 0, steps);
}

/* ---- balance and norms of one step */

/* C = W_l W_l^T - W_{l+1}^T W_{l+1}, or with Wp^T Wp/alpha_p. */
static void balance(size_t l, double alpha_p, const double Y[], const double Wp[], double C[SQUARE])
{
    const struct ssldyn_layers layers = {L, N1, N2};
    const double *W = Y + ssldyn_layers_at(&layers, l);
    const double *above = l + 1 < L ? Y + ssldyn_layers_at(&layers, l + 1) : Wp;
    const size_t columns = l == 0 ? N1 : N2;
    const double scale = l + 1 < L ? 1.0 : 1.0 / alpha_p;
    for (size_t i = 0; i < N2; i++) {
        for (size_t j = 0; j < N2; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < columns; k++) {
                sum += W[i * columns + k] * W[j * columns + k];
            }
            for (size_t k = 0; k < N2; k++) {
                sum -= scale * above[k * N2 + i] * above[k * N2 + j];
            }
            C[i * N2 + j] = sum;
        }
    }
}

static double norm(size_t count, const double x[])
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += x[i] * x[i];
    }
    return sqrt(sum);
}

/* What settings keep: the balance of the last layer with the predictor; |W_l|. */
static const struct {
    bool predictor, norms;
    const char *const options[12];
} kept[] = {
    {true, true, {"loss", "cosine"}},
    {true, true, {"loss", "cosine", "batch", "3", "init-wa", "random"}},
    {true, true, {"loss", "cosine", "no-ema", "true", "symmetrize-loss", "true"}},
    {true, true, {"loss", "cosine", "ema-of", "product", "alpha-p", "2.5"}},
    {true, true, {"loss", "cosine", "batch", "inf"}},
    {false, true, {"loss", "cosine", "eta-p", "0.3"}},
    {false, true, {"loss", "cosine", "symmetric", "true"}},
    {false, false, {"loss", "iso-cosine"}},
    {true, false, {"loss", "l2"}},
    {true, false, {"loss", "l2", "batch", "3", "ema-of", "product"}},
    {true, false, {"loss", "l2", "batch", "inf", "tau", "0.8"}},
    {true, false, {"loss", "l2", "schedule-lr", "cosine", "schedule-decay", "linear"}},
    {false, false, {"loss", "iso-l2", "batch", "2"}},
};
enum { KEPT = sizeof kept / sizeof kept[0] };

/* After a step with G_l: C_l <- (1 - lr eta)^2 C_l + lr^2 (G_l G_l^T - G_{l+1}^T G_{l+1}), where lr
 * G_l is the part of the step other than decay: how far this is off, relative to the two terms of
 * C_l before it. */
static double step_defect(size_t l, double keep, double alpha_p, double Y[][SIZE],
                          double Wp[][SQUARE])
{
    double step[SIZE], step_p[SQUARE], C[3][SQUARE], off[SQUARE];
    for (size_t i = 0; i < SIZE; i++) {
        step[i] = Y[1][i] - keep * Y[0][i];
    }
    for (size_t i = 0; i < SQUARE; i++) {
        step_p[i] = Wp[1][i] - keep * Wp[0][i];
    }
    balance(l, alpha_p, Y[0], Wp[0], C[0]);
    balance(l, alpha_p, Y[1], Wp[1], C[1]);
    balance(l, alpha_p, step, step_p, C[2]);
    for (size_t i = 0; i < SQUARE; i++) {
        off[i] = C[1][i] - keep * keep * C[0][i] - C[2][i];
    }
    const struct ssldyn_layers layers = {L, N1, N2};
    const size_t at = ssldyn_layers_at(&layers, l);
    const size_t next = ssldyn_layers_at(&layers, l + 1);
    const double low = norm(next - at, Y[0] + at);
    const double high = l + 1 < L ? norm(SQUARE, Y[0] + next) : norm(SQUARE, Wp[0]) / sqrt(alpha_p);
    return norm(SQUARE, off) / (low * low + high * high);
}

START_TEST(steps_keep)
{
    enum { STEPS = 30 };
    struct sgd_setup setup;
    static double Y[2][SIZE], Wp[2][SQUARE];
    double worst[L] = {0.0};
    double worst_norm = 0.0;
    open_with(&setup, kept[_i].options, STEPS);
    const struct ssldyn_problem *problem = &setup.spec.problem;
    const double alpha_p = problem->parameters.rates.alpha_p;
    const bool fades = problem->sgd.schedule_decay != SSLDYN_SCHEDULE_CONSTANT;
    const struct ssldyn_layers layers = {L, N1, N2};
    for (int k = 0; k <= STEPS; k++) {
        struct ssldyn_snapshot now;
        const double *targets;
        const double decay = fades && k > 0 ? 1.0 - (k - 1) / (STEPS - 1.0) : 1.0;
        const double keep =
            1.0 - ssldyn_sgd_process_lr(setup.process, k > 0 ? k - 1 : 0) * decay * 0.1;
        ssldyn_sgd_process_view(setup.process, &now);
        memcpy(Y[1], ssldyn_sgd_process_layers(setup.process, &targets), sizeof Y[1]);
        memcpy(Wp[1], now.Wp, sizeof Wp[1]);
        for (size_t l = 0; k > 0 && l < L; l++) {
            const size_t at = ssldyn_layers_at(&layers, l);
            const size_t count = ssldyn_layers_at(&layers, l + 1) - at;
            double step[SIZE];
            worst[l] = fmax(worst[l], step_defect(l, keep, alpha_p, Y, Wp));
            for (size_t i = 0; i < count; i++) {
                step[i] = Y[1][at + i] - keep * Y[0][at + i];
            }
            const double expected = hypot(keep * norm(count, Y[0] + at), norm(count, step));
            worst_norm = fmax(worst_norm, fabs(norm(count, Y[1] + at) / expected - 1.0));
        }
        memcpy(Y[0], Y[1], sizeof Y[0]);
        memcpy(Wp[0], Wp[1], sizeof Wp[0]);
        if (k < STEPS) {
            sgd_steps(&setup, 1);
        }
    }
    /* In roundings of eps/2: C is a sum of 9 products, before and after the step, whose errors add
     * like 3, and twice that of the step's two factors: 2 3 + 4. A norm has 20 squares, halved by the
     * root, before and after, a few operations more, and the gradient's part along the weights, lr
     * times its rounding: 10 + 10 + 4. What is not kept is off by lr and more. */
    ck_assert_double_le(fmax(worst[0], worst[1]), 5.0 * DBL_EPSILON);
    ck_assert(kept[_i].predictor ? worst[L - 1] <= 5.0 * DBL_EPSILON : worst[L - 1] > 1e-5);
    ck_assert(kept[_i].norms ? worst_norm <= 12.0 * DBL_EPSILON : worst_norm > 1e-6);
    struct ssldyn_drift laws[SSLDYN_SGD_LAWS_MAXIMUM];
    const size_t count = ssldyn_sgd_process_laws(setup.process, laws);
    const bool cosine = ssldyn_losses_of(&problem->parameters)->normalized;
    ck_assert_uint_eq(count, 1U + (size_t)kept[_i].norms + (size_t)cosine);
    for (size_t i = 0; i < count; i++) {
        ck_assert_double_le(laws[i].largest, laws[i].allowed);
    }
    sgd_close(&setup);
}
END_TEST

/* Momentum adds a part along the weights; single precision keeps the laws to its rounding. */
START_TEST(momentum_keeps_none)
{
    static const char *const heavy[] = {"loss", "cosine", "momentum", "0.5", NULL};
    static const char *const single[] = {"loss", "cosine", "precision", "float", NULL};
    struct sgd_setup setup;
    struct ssldyn_drift laws[SSLDYN_SGD_LAWS_MAXIMUM];
    open_with(&setup, heavy, 1);
    sgd_steps(&setup, 1);
    ck_assert_uint_eq(ssldyn_sgd_process_laws(setup.process, laws), 0);
    sgd_close(&setup);
    open_with(&setup, single, 20);
    sgd_steps(&setup, 20);
    ck_assert_uint_eq(ssldyn_sgd_process_laws(setup.process, laws), 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_double_le(laws[i].largest, laws[i].allowed);
        ck_assert_double_gt(laws[i].largest, 0.0);
    }
    sgd_close(&setup);
}
END_TEST

/* ---- the limit of small steps */

static const char *const limits[][12] = {
    {"loss", "l2"},
    {"loss", "l2", "ema-of", "product", "init-wa", "random"},
    {"loss", "l2", "no-ema", "true", "symmetric", "true"},
    {"loss", "l2", "momentum", "0.5", "alpha-p", "2"},
    {"loss", "l2", "eta-p", "0.2", "beta", "1", "init-wa", "copy"},
    {"loss", "cosine"},
    {"loss", "cosine", "ema-of", "product", "init-wa", "random"},
    {"loss", "cosine", "momentum", "0.5", "no-ema", "true"},
    {"loss", "iso-l2"},
    {"loss", "iso-cosine", "eta-p", "0.2"},
};
enum { LIMITS = sizeof limits / sizeof limits[0] };

/* The last row of a flow with the same options. */
static void flow_end(const char *const extra[], double t_end, double row[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_run_memory memory;
    struct ssldyn_flow_report report;
    const char *options[SPEC_WORDS];
    spec_join(options, shape, extra);
    size_t count = 0;
    for (size_t i = 0; options[i]; i += 2) {
        if (strcmp(options[i], "lr") != 0 && strcmp(options[i], "momentum") != 0) {
            options[count++] = options[i];
            options[count++] = options[i + 1];
        }
    }
    options[count] = NULL;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    spec.problem.t_end = t_end;
    spec.problem.samples = 1;
    ssldyn_run_memory_init(&memory, true);
    ck_assert_msg(ssldyn_flow_run(&spec.problem, &memory.sink, true, &report, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(memory.frames, 2);
    memcpy(row, memory.W + RECTANGLE, RECTANGLE * sizeof *row);
    ssldyn_run_memory_clear(&memory);
    ssldyn_flow_report_clear(&report);
    ssldyn_spec_clear(&spec);
}

/* W after t = 2 in steps of lr, and how far balance is off its law in a flow, exp(-2 eta t). */
static double sgd_end(const char *const extra[], const char *lr, double W[RECTANGLE])
{
    const char *options[SPEC_WORDS];
    struct sgd_setup setup;
    struct ssldyn_snapshot now;
    const double *targets;
    double first[SQUARE], last[SQUARE], largest = 0.0;
    const char *const steps[] = {"lr", lr, "batch", "inf", NULL};
    const char *all[SPEC_WORDS];
    spec_join(options, shape, extra);
    spec_join(all, options, steps);
    sgd_open(&setup, all, 0, 1000);
    const struct ssldyn_sgd_options *sgd = &setup.spec.problem.sgd;
    const double alpha_p = setup.spec.problem.parameters.rates.alpha_p;
    double start[SIZE];
    memcpy(start, ssldyn_sgd_process_layers(setup.process, &targets), sizeof start);
    sgd_steps(&setup, llround(2.0 * (1.0 - sgd->momentum) / sgd->lr));
    ssldyn_sgd_process_view(setup.process, &now);
    memcpy(W, now.W, RECTANGLE * sizeof *W);
    const double *Y = ssldyn_sgd_process_layers(setup.process, &targets);
    for (size_t l = 0; l + 1 < L; l++) {
        balance(l, alpha_p, start, now.Wp, first);
        balance(l, alpha_p, Y, now.Wp, last);
        for (size_t i = 0; i < SQUARE; i++) {
            last[i] -= exp(-2.0 * 0.1 * 2.0) * first[i];
        }
        largest = fmax(largest, norm(SQUARE, last));
    }
    sgd_close(&setup);
    return largest;
}

/* The error of a step of first order halves with lr, to what the next order makes of it: a share of
 * about lr/(1 - momentum) times the fastest rate, which is 26 to 41 at the start (the curvature) and
 * falls from there: 0.03 to 0.08 of it. */
START_TEST(limit)
{
    static const char *const lr[2] = {"0.002", "0.001"};
    double row[RECTANGLE], W[RECTANGLE], error[2] = {0.0}, drift[2];
    flow_end(limits[_i], 2.0, row);
    for (int k = 0; k < 2; k++) {
        drift[k] = sgd_end(limits[_i], lr[k], W);
        for (size_t i = 0; i < RECTANGLE; i++) {
            error[k] = hypot(error[k], W[i] - row[i]);
        }
    }
    ck_assert_double_lt(error[0], 0.02 * norm(RECTANGLE, row));
    CHECK_CLOSE(error[0] / error[1], 2.0, 0.05, 0.0);
    ck_assert_double_gt(drift[0], 0.0);
    CHECK_CLOSE(drift[0] / drift[1], 2.0, 0.05, 0.0);
}
END_TEST

/* ---- symmetries */

static void scale(size_t count, double by, double x[])
{
    for (size_t i = 0; i < count; i++) {
        x[i] *= by;
    }
}

/* by->W is of each layer, and of the target's. */
static void run_scaled(const char *const extra[], const struct sgd_scaling *by, double Wp[SQUARE],
                       double Y[SIZE], double Wa[RECTANGLE])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const char *options[SPEC_WORDS];
    struct sgd_setup setup;
    struct ssldyn_matrix_layers *layers;
    struct ssldyn_snapshot now;
    const double *targets;
    double first[SIZE], target[SIZE];
    spec_join(options, shape, extra);
    sgd_prepare(&setup, options);
    ck_assert_int_eq(ssldyn_matrix_layers_create(&setup.spec.problem, &setup.start, &layers, &err),
                     SSLDYN_OK);
    memcpy(first, ssldyn_matrix_layers_start(layers), sizeof first);
    const size_t moving = ssldyn_matrix_layers_target_size(layers);
    memcpy(target, ssldyn_matrix_layers_target_start(layers), moving * sizeof *target);
    ssldyn_matrix_layers_free(layers);
    scale(SIZE, by->W, first);
    scale(moving, moving == RECTANGLE ? by->W * by->W * by->W : by->W, target);
    scale(SQUARE, by->Wp, setup.start.Wp);
    setup.start.layers = first;
    setup.start.target_layers = moving > 0 ? target : NULL;
    sgd_scale_rates(&setup, by);
    sgd_begin(&setup, 0, 40);
    sgd_steps(&setup, 40);
    ssldyn_sgd_process_view(setup.process, &now);
    memcpy(Wp, now.Wp, SQUARE * sizeof *Wp);
    memcpy(Y, ssldyn_sgd_process_layers(setup.process, &targets), SIZE * sizeof *Y);
    memcpy(Wa, now.Wa ? now.Wa : now.W, RECTANGLE * sizeof *Wa);
    sgd_close(&setup);
}

/* Under the cosine alpha_p is a scale of the predictor, and lr, decay and beta enter as products
 * alone; under the squared distance the layers' scale is one of time. */
static const struct {
    struct sgd_scaling by;
    const char *const options[12];
} symmetries[] = {
    {{4.0, 1.0, 1.0, 1.0, 2.0, 1.0}, {"loss", "cosine"}},
    {{4.0, 1.0, 1.0, 1.0, 2.0, 1.0}, {"loss", "cosine", "batch", "3", "init-wa", "random"}},
    {{4.0, 1.0, 1.0, 1.0, 2.0, 1.0}, {"loss", "cosine", "momentum", "0.5", "precision", "float"}},
    {{1.0, 4.0, 0.25, 0.25, 2.0, 2.0}, {"loss", "cosine"}},
    {{1.0, 4.0, 0.25, 0.25, 2.0, 2.0}, {"loss", "cosine", "ema-of", "product", "batch", "3"}},
    {{1.0, 0.25, 4.0, 4.0, 0.5, 0.5}, {"loss", "cosine", "momentum", "0.5", "no-ema", "true"}},
    {{1.0, 4.0, 0.25, 0.25, 2.0, 2.0}, {"loss", "cosine", "precision", "float"}},
    {{0.25, 0.0625, 16.0, 16.0, 1.0, 2.0}, {"loss", "l2"}},
    {{4.0, 16.0, 0.0625, 0.0625, 1.0, 0.5}, {"loss", "l2", "batch", "3", "init-wa", "random"}},
    {{0.25, 0.0625, 16.0, 16.0, 1.0, 2.0}, {"loss", "l2", "ema-of", "product", "momentum", "0.5"}},
    {{0.25, 0.0625, 16.0, 16.0, 1.0, 2.0}, {"loss", "l2", "batch", "inf", "no-ema", "true"}},
};
enum { SYMMETRIES = sizeof symmetries / sizeof symmetries[0] };

START_TEST(exact_symmetries)
{
    static const struct sgd_scaling none = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    const struct sgd_scaling *const by = &symmetries[_i].by;
    double Wp[2][SQUARE], Y[2][SIZE], Wa[2][RECTANGLE];
    run_scaled(symmetries[_i].options, &none, Wp[0], Y[0], Wa[0]);
    run_scaled(symmetries[_i].options, by, Wp[1], Y[1], Wa[1]);
    for (size_t i = 0; i < SQUARE; i++) {
        ck_assert(Wp[1][i] == by->Wp * Wp[0][i]);
    }
    for (size_t i = 0; i < SIZE; i++) {
        ck_assert(Y[1][i] == by->W * Y[0][i]);
    }
    for (size_t i = 0; i < RECTANGLE; i++) {
        ck_assert(Wa[1][i] == by->W * by->W * by->W * Wa[0][i]);
    }
    ck_assert_double_gt(norm(SIZE, Y[0]), 0.0);
}
END_TEST

/* ---- the curvature */

/* n1 = n2 = 1: M = p v_1 ... v_L has the gradient (sqrt(alpha_p) V, p V/v_1, ...), and the curvature is
 * c times its square, plus the decay. */
START_TEST(curvature)
{
    const double X = 1.0;
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = 1, .c = 1.3, .X = &X};
    struct ssldyn_parameters q = {
        .rates = {2.0, 0.4, 0.05, 0.05, 1.3}, .predictor = true, .stop_grad = true, .depth = 3};
    const double p = 0.7;
    const double v[3] = {0.9, -1.1, 0.6};
    const double V = v[0] * v[1] * v[2];
    double sum = 2.0 * V * V;
    for (int l = 0; l < 3; l++) {
        sum += p * V / v[l] * (p * V / v[l]);
    }
    /* The iteration ends when a round changes it by 1e-6 or less. Its error falls by (0.05/curvature)^2
     * < 1e-3 in a round, so that 1e-9 is left. */
    CHECK_CLOSE(ssldyn_sgd_curvature(&q, &moments, 1, &p, &V, v), 1.3 * sum + 0.05, 1e-9, 0.0);
    q.depth = 1;
    CHECK_CLOSE(ssldyn_sgd_curvature(&q, &moments, 1, &p, &V, NULL),
                1.3 * (2.0 * V * V + p * p) + 0.05, 1e-9, 0.0);
}
END_TEST

/* Of matrices: one layer given as such is the network without layers. */
START_TEST(curvature_of_one_layer)
{
    static const char *const options[] = {"n1", "5", "n2", "4", "batch", "inf", NULL};
    struct sgd_setup setup;
    sgd_open(&setup, options, 0, 1);
    const struct ssldyn_parameters *q = &setup.spec.problem.parameters;
    const struct ssldyn_start *start = &setup.start;
    const double plain = ssldyn_sgd_curvature(q, &start->moments, 4, start->Wp, start->W, NULL);
    CHECK_CLOSE(ssldyn_sgd_curvature(q, &start->moments, 4, start->Wp, start->W, start->W), plain,
                0.0, 0.0);
    sgd_close(&setup);
}
END_TEST

TEST_SUITE(sgd_depth)
{
    tcase_add_loop_test(tests, steps_keep, 0, KEPT);
    tcase_add_test(tests, momentum_keeps_none);
    tcase_add_loop_test(tests, limit, 0, LIMITS);
    tcase_add_loop_test(tests, exact_symmetries, 0, SYMMETRIES);
    tcase_add_test(tests, curvature);
    tcase_add_test(tests, curvature_of_one_layer);
}
