/* The SGD step compared with plain loops, and its gradient with differences of the loss. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_step.h"

#include "sim/random/stream.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 260 * 300 };

/* Shapes: odd sizes, more and fewer pairs than n1, and sizes at which a lower-triangular factor is
 * split. */
static const struct {
    size_t n1, n2, count;
    bool lower;
} shapes[] = {{5, 3, 7, false}, {4, 6, 4, true},      {70, 33, 40, true},  {64, 64, 64, true},
              {9, 9, 1, true},  {24, 17, 130, false}, {210, 20, 200, true}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

struct problem {
    struct ssldyn_sgd_loss loss;
    struct ssldyn_pairs_double pairs;
    double Wp[MOST], W[MOST], Wa[MOST], Y1[MOST], Y2[MOST];
    double E[MOST], T[MOST], Gp[MOST], Gw[MOST], workspace[3 * MOST];
};
static struct problem problem;

enum { SQUARES, COSINE, LOSSES };

static void set_up(int shape, bool predictor, bool stop_grad, bool symmetric)
{
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, (uint64_t)shape, 0, SSLDYN_PURPOSE_BATCH);
    const size_t n1 = shapes[shape].n1, n2 = shapes[shape].n2, count = shapes[shape].count;
    problem.loss = (struct ssldyn_sgd_loss){
        n1, n2, predictor, stop_grad, symmetric, 1.7, stop_grad ? 0.8 : 1.0, false, false, NULL, 0};
    ssldyn_stream_normal(&stream, n2 * n2, problem.Wp);
    ssldyn_stream_normal(&stream, n2 * n1, problem.W);
    ssldyn_stream_normal(&stream, n2 * n1, problem.Wa);
    ssldyn_stream_normal(&stream, n1 * count, problem.Y1);
    ssldyn_stream_normal(&stream, n1 * count, problem.Y2);
    if (!stop_grad) {
        memcpy(problem.Wa, problem.W, n1 * n2 * sizeof(double));
    }
    for (size_t i = 0; shapes[shape].lower && i < n1; i++) {
        for (size_t j = i + 1; j < count; j++) {
            problem.Y1[i * count + j] = 0.0;
        }
    }
    problem.pairs = (struct ssldyn_pairs_double){count, 1.0 / 37.0, shapes[shape].lower, problem.Y1,
                                                 problem.Y2};
    ck_assert_uint_le(ssldyn_sgd_workspace(n1, n2, count), 3 * MOST);
}

/* 1/2 weight sum |Wp W y1 - s Wa y2|^2, or -weight sum cos(Wp W y1, s Wa y2), by loops. */
static double loss_value(const double Wp[], const double W[], const double Wa[])
{
    const size_t n1 = problem.loss.n1, n2 = problem.loss.n2, count = problem.pairs.count;
    double sum = 0.0;
    for (size_t k = 0; k < count; k++) {
        double f[64], target[64];
        for (size_t i = 0; i < n2; i++) {
            f[i] = target[i] = 0.0;
            for (size_t j = 0; j < n1; j++) {
                f[i] += W[i * n1 + j] * problem.Y1[j * count + k];
                target[i] += problem.loss.target_scale * Wa[i * n1 + j] * problem.Y2[j * count + k];
            }
        }
        double aa = 0.0, bb = 0.0, ab = 0.0;
        for (size_t i = 0; i < n2; i++) {
            double prediction = problem.loss.predictor ? 0.0 : f[i];
            for (size_t j = 0; problem.loss.predictor && j < n2; j++) {
                prediction += Wp[i * n2 + j] * f[j];
            }
            aa += prediction * prediction;
            bb += target[i] * target[i];
            ab += prediction * target[i];
        }
        sum += problem.pairs.weight *
               (problem.loss.normalized ? -ab / sqrt(aa * bb) : 0.5 * (aa + bb) - ab);
    }
    return sum;
}

static void compute(void)
{
    double *T = problem.loss.stop_grad ? NULL : problem.T;
    const double *Wp = problem.loss.predictor ? problem.Wp : NULL;
    ssldyn_sgd_moment_double(&problem.loss, &problem.pairs, Wp, problem.W, problem.Wa, false,
                             problem.E, T, problem.workspace);
    ssldyn_sgd_gradient_double(&problem.loss, Wp, problem.W, problem.E, T,
                               problem.loss.predictor ? problem.Gp : NULL, problem.Gw,
                               problem.workspace);
}

/* Along any line the squared distance is a polynomial of degree at most four, so a five-point
 * difference with unit step gives its slope exactly: only rounding remains, 1e-16 times the largest
 * value. The cosine needs a short step. */
static double slope(double *entry, bool both)
{
    static const double weight[4] = {1.0 / 12.0, -8.0 / 12.0, 8.0 / 12.0, -1.0 / 12.0};
    static const double at[4] = {-2.0, -1.0, 1.0, 2.0};
    const double kept = *entry;
    const double h = problem.loss.normalized ? 1e-3 : 1.0;
    double *twin = both ? problem.Wa + (entry - problem.W) : NULL;
    double sum = 0.0;
    for (size_t i = 0; i < 4; i++) {
        *entry = kept + h * at[i];
        if (twin) {
            *twin = *entry;
        }
        sum += weight[i] * loss_value(problem.Wp, problem.W, problem.Wa) / h;
    }
    *entry = kept;
    if (twin) {
        *twin = kept;
    }
    return sum;
}

START_TEST(gradient_is_the_slope_of_the_loss)
{
    const int shape = _i % SHAPES;
    const int variant = _i / SHAPES % 3; /* plain, no predictor, no stop-gradient */
    if (shapes[shape].n2 > 64) {
        return;
    }
    set_up(shape, variant != 1, variant != 2, false);
    problem.loss.normalized = _i / SHAPES / 3 == COSINE;
    compute();
    const size_t n1 = problem.loss.n1, n2 = problem.loss.n2;
    /* for the cosine the fifth derivative at pairs with small predictions matters */
    const double scale =
        problem.loss.normalized ? 1.0 : loss_value(problem.Wp, problem.W, problem.Wa);
    for (size_t i = 0; i < n1 * n2; i += 1 + n1 * n2 / 5) {
        CHECK_CLOSE(problem.Gw[i], slope(&problem.W[i], !problem.loss.stop_grad), 1e-9,
                    1e-11 * scale);
    }
    for (size_t i = 0; problem.loss.predictor && i < n2 * n2; i += 1 + n2 * n2 / 5) {
        CHECK_CLOSE(problem.Gp[i], 1.7 * slope(&problem.Wp[i], false), 1e-9, 1e-11 * scale);
    }
}
END_TEST

enum { N1 = 4, N2 = 3, DATA = 6, COUNT = 5 };

/* The loss of MAE, whose targets are the columns of Y2 themselves: 1/2 |Wp W x - y|^2 or the cosine. */
static double loss_of_data(void)
{
    double sum = 0.0;
    for (size_t k = 0; k < COUNT; k++) {
        double aa = 0.0, bb = 0.0, ab = 0.0;
        for (size_t i = 0; i < DATA; i++) {
            const double y = problem.Y2[i * COUNT + k];
            double prediction = 0.0;
            for (size_t j = 0; j < N2 * N1; j++) {
                prediction +=
                    problem.Wp[i * N2 + j / N1] * problem.W[j] * problem.Y1[j % N1 * COUNT + k];
            }
            aa += prediction * prediction;
            bb += y * y;
            ab += prediction * y;
        }
        sum += problem.pairs.weight *
               (problem.loss.normalized ? -ab / sqrt(aa * bb) : 0.5 * (aa + bb) - ab);
    }
    return sum;
}

/* Central differences: h^2, and rounding divided by h. */
static double slope_of_data(double *entry)
{
    const double kept = *entry;
    const double h = 1e-5;
    *entry = kept + h;
    const double up = loss_of_data();
    *entry = kept - h;
    const double down = loss_of_data();
    *entry = kept;
    return (up - down) / (2.0 * h);
}

/* Data of any size are predicted, so that Wp is not square; both ways to the gradient. */
START_TEST(of_data)
{
    static double Gp[DATA * N2], Gw[N2 * N1];
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 17, 0, SSLDYN_PURPOSE_BATCH);
    ssldyn_stream_normal(&stream, DATA * N2, problem.Wp);
    ssldyn_stream_normal(&stream, N2 * N1, problem.W);
    ssldyn_stream_normal(&stream, N1 * COUNT, problem.Y1);
    ssldyn_stream_normal(&stream, DATA * COUNT, problem.Y2);
    problem.loss = (struct ssldyn_sgd_loss){.n1 = N1,
                                            .n2 = N2,
                                            .predicted = DATA,
                                            .predictor = true,
                                            .stop_grad = true,
                                            .alpha_p = 1.7,
                                            .target_scale = 1.0,
                                            .normalized = _i == COSINE};
    problem.pairs = (struct ssldyn_pairs_double){COUNT, 1.0 / 37.0, false, problem.Y1, problem.Y2};
    ssldyn_sgd_moment_double(&problem.loss, &problem.pairs, problem.Wp, problem.W, NULL, false,
                             problem.E, NULL, problem.workspace);
    ssldyn_sgd_gradient_double(&problem.loss, problem.Wp, problem.W, problem.E, NULL, problem.Gp,
                               problem.Gw, problem.workspace);
    ssldyn_sgd_backward_double(&problem.loss, &problem.pairs, problem.Wp, problem.W, NULL, false,
                               Gp, Gw, problem.workspace);
    for (size_t i = 0; i < DATA * N2; i++) {
        CHECK_CLOSE(problem.Gp[i], 1.7 * slope_of_data(&problem.Wp[i]), 0.0, 1e-8);
        CHECK_CLOSE(Gp[i], problem.Gp[i], 1e-12, 1e-14);
    }
    for (size_t i = 0; i < N2 * N1; i++) {
        CHECK_CLOSE(problem.Gw[i], slope_of_data(&problem.W[i]), 0.0, 1e-8);
        CHECK_CLOSE(Gw[i], problem.Gw[i], 1e-12, 1e-14);
    }
}
END_TEST

START_TEST(symmetric_predictor)
{
    set_up(0, true, true, false);
    compute();
    const size_t n2 = problem.loss.n2;
    double plain[9];
    memcpy(plain, problem.Gp, sizeof plain);
    problem.loss.symmetric = true;
    compute();
    for (size_t i = 0; i < n2; i++) {
        for (size_t j = 0; j < n2; j++) {
            CHECK_CLOSE(problem.Gp[i * n2 + j], 0.5 * (plain[i * n2 + j] + plain[j * n2 + i]),
                        1e-15, 1e-15);
        }
    }
}
END_TEST

/* A batch in two parts gives the same as the whole, to the rounding of sums of a few hundred
 * terms. */
START_TEST(pieces_add_up)
{
    set_up(5, true, false, false);
    compute();
    const size_t n1 = problem.loss.n1, n2 = problem.loss.n2, count = problem.pairs.count;
    static double E[MOST], T[MOST], Y1[MOST], Y2[MOST];
    for (size_t piece = 0; piece < 2; piece++) {
        const size_t from = piece * 50;
        const size_t size = piece == 0 ? 50 : count - 50;
        for (size_t i = 0; i < n1; i++) {
            memcpy(Y1 + i * size, problem.Y1 + i * count + from, size * sizeof(double));
            memcpy(Y2 + i * size, problem.Y2 + i * count + from, size * sizeof(double));
        }
        const struct ssldyn_pairs_double pairs = {size, problem.pairs.weight, false, Y1, Y2};
        ssldyn_sgd_moment_double(&problem.loss, &pairs, problem.Wp, problem.W, problem.Wa,
                                 piece > 0, E, T, problem.workspace);
    }
    for (size_t i = 0; i < n1 * n2; i++) {
        CHECK_CLOSE(E[i], problem.E[i], 1e-12, 1e-11);
        CHECK_CLOSE(T[i], problem.T[i], 1e-12, 1e-11);
    }
}
END_TEST

/* Both methods give the same gradients, in one part or two, to the rounding of sums of a few
 * hundred terms; variants as above, and a symmetric predictor. */
START_TEST(backward_agrees)
{
    static double Gp[MOST], Gw[MOST];
    const int variant = _i / SHAPES % 4;
    set_up(_i % SHAPES, variant != 1, variant != 2, variant == 3);
    problem.loss.normalized = _i / SHAPES / 4 == COSINE;
    compute();
    const size_t n1 = problem.loss.n1, n2 = problem.loss.n2;
    const double size = (double)(n1 + n2 + problem.pairs.count);
    double scale = 0.0;
    for (size_t i = 0; i < n1 * n2; i++) {
        scale = fmax(scale, fabs(problem.Gw[i]));
    }
    for (int pass = 0; pass < 2; pass++) {
        /* the same pairs twice give twice the gradient of one part */
        ssldyn_sgd_backward_double(&problem.loss, &problem.pairs, problem.Wp, problem.W, problem.Wa,
                                   pass > 0, variant == 1 ? NULL : Gp, Gw, problem.workspace);
        const double factor = 1.0 + pass;
        for (size_t i = 0; i < n1 * n2; i++) {
            CHECK_CLOSE(Gw[i], factor * problem.Gw[i], 1e-13, 1e-16 * size * scale);
        }
        for (size_t i = 0; variant != 1 && i < n2 * n2; i++) {
            CHECK_CLOSE(Gp[i], factor * problem.Gp[i], 1e-13, 1e-16 * size * scale);
        }
    }
}
END_TEST

/* IsoLoss: the encoder uses E directly, the gradient of the predictor is unchanged; with both
 * methods. */
START_TEST(iso)
{
    static double Gp[MOST], Gw[MOST];
    set_up(_i % SHAPES, true, true, false);
    problem.loss.normalized = _i / SHAPES == COSINE;
    compute();
    const size_t n1 = problem.loss.n1, n2 = problem.loss.n2;
    const double size = (double)(n1 + n2 + problem.pairs.count);
    memcpy(Gp, problem.Gp, sizeof Gp);
    problem.loss.iso = true;
    compute();
    ck_assert_mem_eq(problem.Gp, Gp, n2 * n2 * sizeof *Gp);
    ck_assert_mem_eq(problem.Gw, problem.E, n2 * n1 * sizeof *Gw);
    ssldyn_sgd_backward_double(&problem.loss, &problem.pairs, problem.Wp, problem.W, problem.Wa,
                               false, Gp, Gw, problem.workspace);
    double scale_w = 0.0, scale_p = 0.0;
    for (size_t i = 0; i < n1 * n2; i++) {
        scale_w = fmax(scale_w, fabs(problem.E[i]));
    }
    for (size_t i = 0; i < n2 * n2; i++) {
        scale_p = fmax(scale_p, fabs(problem.Gp[i]));
    }
    for (size_t i = 0; i < n1 * n2; i++) {
        CHECK_CLOSE(Gw[i], problem.E[i], 1e-13, 1e-16 * size * scale_w);
    }
    for (size_t i = 0; i < n2 * n2; i++) {
        CHECK_CLOSE(Gp[i], problem.Gp[i], 1e-13, 1e-16 * size * scale_p);
    }
}
END_TEST

static void narrow(const double from[static MOST], float to[static MOST])
{
    for (size_t i = 0; i < MOST; i++) {
        to[i] = (float)from[i];
    }
}

/* The largest difference of two gradients; infinite if one is nan. */
static double gap(size_t count, const float got[], const double want[])
{
    double most = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double difference = fabs((double)got[i] - want[i]);
        if (!(difference <= most)) {
            most = isnan(difference) ? (double)INFINITY : difference;
        }
    }
    return most;
}

/* Single precision: 2^-24 times the number of terms, with a margin for their spread. */
START_TEST(float_is_close)
{
    static float Wp[MOST], W[MOST], Wa[MOST], Y1[MOST], Y2[MOST], E[MOST], Gp[MOST], Gw[MOST];
    static float workspace[3 * MOST];
    set_up(_i % SHAPES, true, true, false);
    problem.loss.normalized = _i / SHAPES == COSINE;
    compute();
    const size_t n1 = problem.loss.n1, n2 = problem.loss.n2, count = problem.pairs.count;
    narrow(problem.Wp, Wp);
    narrow(problem.W, W);
    narrow(problem.Wa, Wa);
    narrow(problem.Y1, Y1);
    narrow(problem.Y2, Y2);
    const struct ssldyn_pairs_float pairs = {count, problem.pairs.weight, problem.pairs.lower, Y1,
                                             Y2};
    ssldyn_sgd_moment_float(&problem.loss, &pairs, Wp, W, Wa, false, E, NULL, workspace);
    ssldyn_sgd_gradient_float(&problem.loss, Wp, W, E, NULL, Gp, Gw, workspace);
    double size = 0.0;
    for (size_t i = 0; i < n1 * n2; i++) {
        size = fmax(size, fabs(problem.Gw[i]));
    }
    ck_assert_double_lt(gap(n1 * n2, Gw, problem.Gw), 1e-5 * size);
    ck_assert_double_lt(gap(n2 * n2, Gp, problem.Gp), 4e-5 * size);
    ssldyn_sgd_backward_float(&problem.loss, &pairs, Wp, W, Wa, false, Gp, Gw, workspace);
    ck_assert_double_lt(gap(n1 * n2, Gw, problem.Gw), 1e-5 * size);
    ck_assert_double_lt(gap(n2 * n2, Gp, problem.Gp), 4e-5 * size);
}
END_TEST

/* v <- mu v + g + decay x, x <- x - lr v, three times, at sizes with and without a remainder. */
START_TEST(heavy_ball)
{
    enum { N = 37 };
    double g[N], v[N] = {0}, x[N], want_v[N] = {0}, want_x[N], sum = 0.0, want = 0.0;
    float gf[N], vf[N] = {0}, xf[N];
    const struct ssldyn_sgd_rule rule = {0.1, _i == 0 ? 0.0 : 0.9, 0.03};
    for (size_t i = 0; i < N; i++) {
        g[i] = sin((double)i + 1.0);
        x[i] = want_x[i] = cos((double)i);
        gf[i] = (float)g[i];
        xf[i] = (float)x[i];
    }
    double sum_float = 0.0;
    for (int step = 0; step < 3; step++) {
        sum = ssldyn_sgd_update_double(&rule, N, g, _i == 0 ? NULL : v, x);
        sum_float = ssldyn_sgd_update_float(&rule, N, gf, _i == 0 ? NULL : vf, xf);
        want = 0.0;
        for (size_t i = 0; i < N; i++) {
            want_v[i] = rule.momentum * want_v[i] + g[i] + rule.decay * want_x[i];
            want_x[i] -= rule.lr * want_v[i];
            want += want_x[i] * want_x[i];
        }
    }
    for (size_t i = 0; i < N; i++) {
        CHECK_CLOSE(x[i], want_x[i], 1e-14, 1e-15);
        CHECK_CLOSE((double)xf[i], want_x[i], 1e-6, 1e-6);
    }
    CHECK_CLOSE(sum, want, 1e-14, 0.0);
    CHECK_CLOSE(sum_float, want, 1e-6, 0.0);
}
END_TEST

/* The sum of squares reveals an entry that is not finite at any position. */
START_TEST(bad_entries_show)
{
    enum { N = 19 };
    const struct ssldyn_sgd_rule rule = {0.1, 0.0, 0.0};
    for (size_t bad = 0; bad < N; bad++) {
        double g[N] = {0}, x[N] = {0};
        g[bad] = bad % 2 ? (double)NAN : 1e308 * 10.0;
        ck_assert(!isfinite(ssldyn_sgd_update_double(&rule, N, g, NULL, x)));
    }
}
END_TEST

/* After k averages with rate a towards a fixed W: Wa = W + (1 - a)^k (Wa(0) - W). */
START_TEST(average)
{
    enum { N = 21 };
    double W[N], Wa[N], start[N];
    float Wf[N], Waf[N];
    for (size_t i = 0; i < N; i++) {
        W[i] = sin((double)i);
        Wa[i] = start[i] = cos((double)i);
        Wf[i] = (float)W[i];
        Waf[i] = (float)Wa[i];
    }
    for (int k = 0; k < 10; k++) {
        ssldyn_sgd_average_double(0.004, N, W, Wa);
        ssldyn_sgd_average_float(0.004, N, Wf, Waf);
    }
    for (size_t i = 0; i < N; i++) {
        const double want = W[i] + pow(0.996, 10) * (start[i] - W[i]);
        CHECK_CLOSE(Wa[i], want, 1e-14, 1e-15);
        CHECK_CLOSE((double)Waf[i], want, 1e-6, 1e-6);
    }
}
END_TEST

TEST_SUITE(sgd_step)
{
    tcase_add_loop_test(tests, gradient_is_the_slope_of_the_loss, 0, LOSSES * 3 * SHAPES);
    tcase_add_loop_test(tests, of_data, 0, LOSSES);
    tcase_add_test(tests, symmetric_predictor);
    tcase_add_test(tests, pieces_add_up);
    tcase_add_loop_test(tests, backward_agrees, 0, LOSSES * 4 * SHAPES);
    tcase_add_loop_test(tests, iso, 0, LOSSES * SHAPES);
    tcase_add_loop_test(tests, float_is_close, 0, LOSSES * SHAPES);
    tcase_add_loop_test(tests, heavy_ball, 0, 2);
    tcase_add_test(tests, bad_entries_show);
    tcase_add_test(tests, average);
}
