/* The cosine of pairs and its derivatives: compared with differences and automatic differentiation;
 * its laws. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_cosine.h"

#include "sim/random/stream.h"
#include "sim/sgd/sgd_step.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST = 40 * 70 };

/* Sizes with and without a remainder of vectors of either precision, and one column. */
static const struct {
    size_t n, count;
} sizes[] = {{3, 5}, {2, 16}, {7, 1}, {40, 70}, {5, 33}};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static void draw(size_t count, double a[], double b[])
{
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, count, 0, SSLDYN_PURPOSE_BATCH);
    ssldyn_stream_normal(&stream, count, a);
    ssldyn_stream_normal(&stream, count, b);
}

/* Of column j. */
static double dot(size_t n, size_t count, size_t j, const double a[], const double b[])
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += a[i * count + j] * b[i * count + j];
    }
    return sum;
}

static double cosine(size_t n, size_t count, size_t j, const double a[], const double b[])
{
    return dot(n, count, j, a, b) / sqrt(dot(n, count, j, a, a) * dot(n, count, j, b, b));
}

/* Derivative of -cos by an entry of a or b. A five-point difference: h^4/30 of a fifth derivative,
 * and rounding divided by h. */
static double slope(size_t n, size_t count, size_t j, const double a[], const double b[],
                    double *entry)
{
    static const double weight[4] = {1.0 / 12.0, -8.0 / 12.0, 8.0 / 12.0, -1.0 / 12.0};
    static const double at[4] = {-2.0, -1.0, 1.0, 2.0};
    const double h = 1e-3;
    const double kept = *entry;
    double sum = 0.0;
    for (size_t i = 0; i < 4; i++) {
        *entry = kept + h * at[i];
        sum -= weight[i] * cosine(n, count, j, a, b) / h;
    }
    *entry = kept;
    return sum;
}

START_TEST(is_the_slope)
{
    static double a[MOST], b[MOST], of_a[MOST], of_b[MOST], alone[MOST];
    const size_t n = sizes[_i].n, count = sizes[_i].count;
    draw(n * count, a, b);
    memcpy(of_a, a, sizeof a);
    memcpy(of_b, b, sizeof b);
    memcpy(alone, a, sizeof a);
    ssldyn_sgd_cosine_double(n, count, true, of_a, of_b, NULL);
    for (size_t k = 0; k < n * count; k++) {
        const size_t j = k % count;
        const double size = 1.0 / sqrt(fmin(dot(n, count, j, a, a), dot(n, count, j, b, b)));
        const double scale = 1e-11 * pow(size, 5.0) + 1e-12;
        CHECK_CLOSE(of_a[k], slope(n, count, j, a, b, &a[k]), 0.0, scale);
        CHECK_CLOSE(of_b[k], -slope(n, count, j, a, b, &b[k]), 0.0, scale);
    }
    /* the sums over the pairs, added to what is there */
    double sums[2] = {1.0, -1.0};
    double want[2] = {1.0, -1.0};
    double scale[2] = {1.0, 1.0};
    memcpy(of_a, a, sizeof a);
    memcpy(of_b, b, sizeof b);
    ssldyn_sgd_cosine_double(n, count, true, of_a, of_b, sums);
    for (size_t j = 0; j < count; j++) {
        const double aa = dot(n, count, j, a, a);
        const double both = sqrt(aa * dot(n, count, j, b, b));
        want[0] += 1.0 / both;
        want[1] += dot(n, count, j, a, b) / (aa * both);
        scale[0] += 1.0 / both;
        scale[1] += 1.0 / aa;
    }
    CHECK_CLOSE(sums[0], want[0], 0.0, 1e-13 * scale[0]);
    CHECK_CLOSE(sums[1], want[1], 0.0, 1e-13 * scale[1]);
    /* with stop-gradient the target's gradient is not written, and nothing else changes */
    memcpy(of_b, b, sizeof b);
    ssldyn_sgd_cosine_double(n, count, false, alone, of_b, NULL);
    ck_assert_mem_eq(alone, of_a, n * count * sizeof *a);
    ck_assert_mem_eq(of_b, b, n * count * sizeof *b);
}
END_TEST

/* a.g = 0 and b.g_b = 0 for every pair, to the rounding of a sum of n terms of size 1. */
START_TEST(orthogonal)
{
    static double a[MOST], b[MOST], of_a[MOST], of_b[MOST];
    static float fa[MOST], fb[MOST], of_fa[MOST], of_fb[MOST];
    const size_t n = sizes[_i].n, count = sizes[_i].count;
    draw(n * count, a, b);
    for (size_t k = 0; k < n * count; k++) {
        of_a[k] = a[k];
        of_b[k] = b[k];
        fa[k] = of_fa[k] = (float)a[k];
        fb[k] = of_fb[k] = (float)b[k];
    }
    ssldyn_sgd_cosine_double(n, count, true, of_a, of_b, NULL);
    ssldyn_sgd_cosine_float(n, count, true, of_fa, of_fb, NULL);
    for (size_t j = 0; j < count; j++) {
        ck_assert_double_le(fabs(dot(n, count, j, a, of_a)), 2e-15);
        ck_assert_double_le(fabs(dot(n, count, j, b, of_b)), 2e-15);
        double sum_a = 0.0, sum_b = 0.0;
        for (size_t i = j; i < n * count; i += count) {
            sum_a += (double)fa[i] * (double)of_fa[i];
            sum_b += (double)fb[i] * (double)of_fb[i];
            const double size = 1.0 / sqrt(dot(n, count, j, a, a));
            CHECK_CLOSE((double)of_fa[i], of_a[i], 0.0, 1e-6 * size);
        }
        ck_assert_double_le(fabs(sum_a), 1e-6);
        ck_assert_double_le(fabs(sum_b), 1e-6);
    }
}
END_TEST

/* Degree -1 in the prediction, 0 in the target, exactly for powers of two. */
START_TEST(scales)
{
    static double a[MOST], b[MOST], scaled_a[MOST], scaled_b[MOST];
    const size_t n = sizes[_i].n, count = sizes[_i].count;
    draw(n * count, a, b);
    for (size_t k = 0; k < n * count; k++) {
        scaled_a[k] = 8.0 * a[k];
        scaled_b[k] = 0.25 * b[k];
    }
    ssldyn_sgd_cosine_double(n, count, true, a, b, NULL);
    ssldyn_sgd_cosine_double(n, count, true, scaled_a, scaled_b, NULL);
    for (size_t k = 0; k < n * count; k++) {
        ck_assert(scaled_a[k] * 8.0 == a[k] && scaled_b[k] * 0.25 == b[k]);
    }
}
END_TEST

/* If one vector of a pair is zero, or its square is below the normal numbers, the pair has no
 * gradient, and the other pairs are unaffected: columns 1 and 16 of 18, inside a vector register
 * and in the remainder. */
START_TEST(zero_vectors_have_no_gradient)
{
    enum { N = 3, COUNT = 18 };
    static const double tiny[] = {0.0, 1e-155, 1e-170};
    static double a[N * COUNT], b[N * COUNT], want_a[N * COUNT], want_b[N * COUNT];
    static float fa[N * COUNT], fb[N * COUNT];
    for (size_t kind = 0; kind < 6; kind++) {
        draw((size_t)N * COUNT, a, b);
        memcpy(want_a, a, sizeof a);
        memcpy(want_b, b, sizeof b);
        ssldyn_sgd_cosine_double(N, COUNT, true, want_a, want_b, NULL);
        for (size_t k = 0; k < (size_t)N * COUNT; k++) {
            double *const entry = kind < 3 ? &a[k] : &b[k];
            const bool gone = k % COUNT == 1 || k % COUNT == 16;
            *entry = gone ? tiny[kind % 3] : *entry;
            fa[k] = gone && kind < 3 ? 1e-25F : (float)a[k];
            fb[k] = gone && kind >= 3 ? 1e-25F : (float)b[k];
        }
        ssldyn_sgd_cosine_double(N, COUNT, true, a, b, NULL);
        ssldyn_sgd_cosine_float(N, COUNT, true, fa, fb, NULL);
        for (size_t k = 0; k < (size_t)N * COUNT; k++) {
            const bool gone = k % COUNT == 1 || k % COUNT == 16;
            ck_assert(a[k] == (gone ? 0.0 : want_a[k]) && b[k] == (gone ? 0.0 : want_b[k]));
            ck_assert((fa[k] == 0.0F) == gone && isfinite(fa[k]) && isfinite(fb[k]));
        }
    }
}
END_TEST

/* Five pairs in four dimensions, W 3 x 4: gradients of torch.nn.functional.cosine_similarity (eps =
 * 0, double) by automatic differentiation, with stop-gradient and, Wa = W, without. */
START_TEST(torch)
{
    static const double want[2][21] = {
        {-0.07707735910437535, -0.08867697605110092, 0.19300363853093017,  0.17810492518937054,
         -0.2398232113928414,  0.13541289933454206,  -0.0643108722678975,  0.13675137865870268,
         -0.11446246034123311, 0.18719538370554617,  0.19830075543647155,  -0.42595421387384236,
         0.31455825806514864,  -0.11436271928246662, -0.06702222199647614, 0.19505907005499312,
         -0.1678335418030015,  -0.09201201600889145, -0.1425185841120839,  0.26360778398741685,
         -0.1748714630895054},
        {0.04021342912653941,  -0.22025235505459767, 0.24771966459671085,  0.14259885199669925,
         -0.08927681564417461, -0.02588840992303628, -0.17608276975369336, 0.12647605772608822,
         0.01074223310442235,  0.14398598794634593,  0.17958407829060724,  -0.3603216792365085,
         0.44533193405843197,  -0.08500843260499732, -0.16443127052953635, 0.30707025161824847,
         0.003767831483323686, -0.25660003194365383, -0.06584610653517808, 0.24296326150666597,
         -0.15539416784632024}};
    double Wp[9], W[12], Wa[12], Y1[20], Y2[20], E[12], T[12], Gp[9], Gw[12], workspace[256];
    for (size_t k = 0; k < 20; k++) {
        const double x = (double)k;
        if (k < 9) {
            Wp[k] = cos(2.0 * x);
        }
        if (k < 12) {
            W[k] = sin(1.0 + x);
            Wa[k] = _i == 0 ? sin(0.5 + 2.0 * x) : W[k];
        }
        Y1[k] = cos(0.3 + 1.7 * x);
        Y2[k] = sin(0.9 + 1.3 * x);
    }
    const struct ssldyn_sgd_loss loss = {.n1 = 4,
                                         .n2 = 3,
                                         .predictor = true,
                                         .stop_grad = _i == 0,
                                         .alpha_p = 1.0,
                                         .target_scale = 1.0,
                                         .normalized = true};
    const struct ssldyn_pairs_double pairs = {.count = 5, .weight = 0.2, .Y1 = Y1, .Y2 = Y2};
    ck_assert_uint_le(ssldyn_sgd_workspace(4, 3, 5), 256);
    ssldyn_sgd_moment_double(&loss, &pairs, Wp, W, Wa, false, E, _i == 0 ? NULL : T, workspace);
    ssldyn_sgd_gradient_double(&loss, Wp, W, E, _i == 0 ? NULL : T, Gp, Gw, workspace);
    for (size_t k = 0; k < 21; k++) {
        CHECK_CLOSE(k < 9 ? Gp[k] : Gw[k - 9], want[_i][k], 1e-13, 1e-15);
    }
}
END_TEST

TEST_SUITE(sgd_cosine)
{
    tcase_add_loop_test(tests, is_the_slope, 0, SIZES);
    tcase_add_loop_test(tests, orthogonal, 0, SIZES);
    tcase_add_loop_test(tests, scales, 0, SIZES);
    tcase_add_test(tests, zero_vectors_have_no_gradient);
    tcase_add_loop_test(tests, torch, 0, 2);
}
