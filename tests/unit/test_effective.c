/* The effective linear predictor of samples: exact for linear predictors, zero for noise, with
 * errors as the jackknife gives them. */
// SPDX-License-Identifier: MIT
#include "sim/align/effective.h"
#include "tests/close.h"
#include "tests/predictor_samples.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 4, SAMPLES = 240 };

/* f = Q diag(scales) z (+ a mean), z normal. */
static void draw_inputs(uint64_t *state, size_t count, const double scales[], double mean,
                        double f[])
{
    double Q[N * N];
    uint64_t fixed = 77;
    draw_orthogonal(&fixed, N, Q);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < N; j++)
            f[i * N + j] = mean * (double)(j + 1);
        for (size_t k = 0; k < N; k++) {
            const double z = scales[k] * sample_normal(state);
            for (size_t j = 0; j < N; j++)
                f[i * N + j] += Q[j * N + k] * z;
        }
    }
}

static const double scales[N] = {1.7, 1.1, 0.6, 0.25};

/* q = M f + shift */
static void apply(size_t count, const double M[], const double shift[], const double f[],
                  double q[])
{
    for (size_t i = 0; i < count; i++)
        memcpy(q + i * N, shift, N * sizeof(double));
    naive_add(count, N, N, 1.0, f, false, M, true, q);
}

/* Exact to the condition number (46 here) times rounding; the centered fit handles a shift. */
START_TEST(linear_predictors_are_found_exactly)
{
    static double f[SAMPLES * N];
    static double q[SAMPLES * N];
    const bool centered = _i == 1;
    const double none[N] = {0};
    const double shift[N] = {0.3, -2.0, 1.1, 40.0};
    double M[N * N];
    uint64_t state = 5;
    struct sample_fit fit;
    draw_matrix(&state, N * N, M);
    draw_inputs(&state, SAMPLES, scales, 0.8, f);
    apply(SAMPLES, M, centered ? shift : none, f, q);
    sample_fit(N, SAMPLES, centered, f, q, &fit);
    ck_assert_int_eq(fit.status, SSLDYN_OK);
    for (size_t i = 0; i < N * N; i++)
        CHECK_CLOSE(fit.A[i], M[i], 1e-11, 1e-11);
    CHECK_CLOSE(fit.measures.share, 1.0, 1e-13, 0.0);
    CHECK_CLOSE(fit.measures.share_error, 0.0, 0.0, 1e-13);
    CHECK_CLOSE(fit.measures.asymmetry, ssldyn_dense_asymmetry(N, M), 1e-10, 0.0);
    CHECK_CLOSE(fit.measures.noise, 0.0, 0.0, 1e-20);
    ck_assert_uint_eq(fit.measures.directions, N);
    for (size_t j = 0; j < N; j++) {
        double length = 0.0;
        const double p = sample_p(N, M, fit.U, j, &length);
        CHECK_CLOSE(fit.measures.cosine[j], p / length, 1e-10, 1e-10);
    }
    sample_clear(&fit);
}
END_TEST

/* Outputs that do not depend on the inputs: the share is 0 on average (in the sample it is N/count
 * = .1 before the correction), and no direction is significant. */
START_TEST(noise_explains_nothing)
{
    enum { FEW = 40, TRIALS = 300 };
    static double f[FEW * N];
    static double q[FEW * N];
    double sum = 0.0;
    double squares = 0.0;
    double errors = 0.0;
    size_t seen = 0;
    uint64_t state = 9;
    for (size_t trial = 0; trial < TRIALS; trial++) {
        struct sample_fit fit;
        draw_inputs(&state, FEW, scales, 2.0, f);
        for (size_t i = 0; i < FEW * N; i++)
            q[i] = (trial % 2 == 1 ? 0.7 : 0.0) + sample_normal(&state);
        sample_fit(N, FEW, trial % 2 == 1, f, q, &fit);
        sum += fit.measures.share;
        squares += fit.measures.share * fit.measures.share;
        errors += fit.measures.share_error * fit.measures.share_error;
        for (size_t j = 0; j < N && trial % 2 == 1; j++)
            seen += isnan(fit.measures.cosine[j]) ? 0 : 1;
        sample_clear(&fit);
    }
    const double deviation = sqrt(squares / (double)TRIALS);
    ck_assert_double_lt(fabs(sum / (double)TRIALS), 4.0 * deviation / sqrt(TRIALS));
    ck_assert_double_lt(deviation, 0.08);
    ck_assert_double_lt(sqrt(errors / (double)TRIALS), 2.5 * deviation);
    ck_assert_double_gt(sqrt(errors / (double)TRIALS), deviation / 2.5);
    /* chi^2 of four exceeds 4 (1 + 3 sqrt(2/4)) with probability .015; its estimate scatters. */
    ck_assert_uint_le(seen, 40); /* of 600 */
}
END_TEST

/* A symmetric predictor with noisy outputs: the sampling contribution to |A - A^T| is
 * subtracted. */
START_TEST(sampling_adds_no_asymmetry)
{
    enum { FEW = 60, TRIALS = 40 };
    static double f[FEW * N];
    static double q[FEW * N];
    const double none[N] = {0};
    double M[N * N];
    double raw = 0.0;
    double corrected = 0.0;
    uint64_t state = 31;
    draw_symmetric(&state, N, M);
    for (size_t trial = 0; trial < TRIALS; trial++) {
        struct sample_fit fit;
        draw_inputs(&state, FEW, scales, 0.0, f);
        apply(FEW, M, none, f, q);
        for (size_t i = 0; i < FEW * N; i++)
            q[i] += 0.3 * sample_normal(&state);
        sample_fit(N, FEW, false, f, q, &fit);
        const double seen = ssldyn_dense_asymmetry(N, fit.A);
        raw += seen * seen;
        corrected += fit.measures.asymmetry * fit.measures.asymmetry;
        sample_clear(&fit);
    }
    /* The square is 0 on average before it is clipped at 0, and its spread is sqrt(2/6) of the raw
     * one. */
    ck_assert_double_lt(corrected, 0.4 * raw);
}
END_TEST

START_TEST(dead_directions_are_left_out_and_few_samples_refused)
{
    static double f[SAMPLES * N];
    static double q[SAMPLES * N];
    const double flat[N] = {1.7, 1.1, 0.0, 0.0};
    const double none[N] = {0};
    double M[N * N];
    uint64_t state = 15;
    struct sample_fit fit;
    draw_matrix(&state, N * N, M);
    draw_inputs(&state, SAMPLES, flat, 0.0, f);
    apply(SAMPLES, M, none, f, q);
    sample_fit(N, 3, false, f, q, &fit); /* three samples, two directions */
    ck_assert_int_eq(fit.status, SSLDYN_OK);
    sample_clear(&fit);
    sample_fit(N, SAMPLES, false, f, q, &fit);
    ck_assert_uint_eq(fit.measures.directions, 2);
    CHECK_CLOSE(fit.measures.share, 1.0, 1e-12, 0.0);
    for (size_t j = 0; j < N; j++) {
        double length = 0.0;
        double want = 0.0;
        const double p = sample_p(N, fit.A, fit.U, j, &length);
        const double right = sample_p(N, M, fit.U, j, &want);
        CHECK_CLOSE(p, j < 2 ? right : 0.0, 1e-11, 1e-11);
        CHECK_CLOSE(length, j < 2 ? want : 0.0, 1e-11, 1e-11);
        ck_assert_int_eq(isnan(fit.measures.cosine[j]), j >= 2);
    }
    sample_clear(&fit);
    draw_inputs(&state, SAMPLES, scales, 0.0, f);
    for (size_t count = 4; count <= 6; count++) {
        for (int centered = 0; centered < 2; centered++) {
            sample_fit(N, count, centered == 1, f, q, &fit);
            const bool few = count <= (centered == 1 ? 5 : 4);
            ck_assert_int_eq(fit.status, few ? SSLDYN_EINPUT : SSLDYN_OK);
            ck_assert(!few || strstr(fit.err.message, "needs more than") != NULL);
            sample_clear(&fit);
        }
    }
}
END_TEST

/* The outputs of a nonlinear, noisy predictor. */
static void bend(uint64_t *state, size_t count, const double M[], const double f[], double q[])
{
    const double none[N] = {0};
    apply(count, M, none, f, q);
    for (size_t i = 0; i < count * N; i++)
        q[i] = fmax(q[i], -0.3) + 0.15 * sample_normal(state);
}

struct jackknife {
    double p[N], p_sum[N], cosine[N], cos_sum[N], share, share_sum;
};

static void add_without(size_t left_out, bool centered, const double f[], const double q[],
                        struct jackknife *jackknife)
{
    static double some_f[SAMPLES * N];
    static double some_q[SAMPLES * N];
    struct sample_fit fit;
    const size_t before = left_out * N;
    const size_t after = (SAMPLES - 1 - left_out) * N;
    memcpy(some_f, f, before * sizeof(double));
    memcpy(some_q, q, before * sizeof(double));
    memcpy(some_f + before, f + before + N, after * sizeof(double));
    memcpy(some_q + before, q + before + N, after * sizeof(double));
    sample_fit(N, SAMPLES - 1, centered, some_f, some_q, &fit);
    for (size_t j = 0; j < N; j++) {
        double length = 0.0;
        const double p = sample_p(N, fit.A, fit.U, j, &length);
        jackknife->p_sum[j] += p;
        jackknife->p[j] += p * p;
        jackknife->cos_sum[j] += fit.measures.cosine[j];
        jackknife->cosine[j] += fit.measures.cosine[j] * fit.measures.cosine[j];
    }
    jackknife->share_sum += fit.measures.share;
    jackknife->share += fit.measures.share * fit.measures.share;
    sample_clear(&fit);
}

static double jackknife_error(double squares, double sum)
{
    const double count = SAMPLES;
    return sqrt((squares - sum * sum / count) * (count - 1.0) / count);
}

/* Leave-one-out estimates give the same errors except for terms of second order, up to 5 % of those
 * of p_j here. The errors of cos_j include a second-order contribution of rotated eigenvectors,
 * which a single sample does not show. */
START_TEST(errors_are_those_of_the_jackknife)
{
    static double f[SAMPLES * N];
    static double q[SAMPLES * N];
    const bool centered = _i == 1;
    const double apart[N] = {1.7, 1.2, 0.8, 0.5};
    double M[N * N];
    uint64_t state = 29;
    struct sample_fit fit;
    struct jackknife jackknife = {0};
    draw_matrix(&state, N * N, M);
    for (size_t i = 0; i < N * N; i++)
        M[i] = 0.6 * M[i] + (i % (N + 1) == 0 ? 1.0 : 0.0);
    draw_inputs(&state, SAMPLES, apart, 0.05, f);
    bend(&state, SAMPLES, M, f, q);
    sample_fit(N, SAMPLES, centered, f, q, &fit);
    for (size_t i = 0; i < SAMPLES; i++)
        add_without(i, centered, f, q, &jackknife);
    for (size_t j = 0; j < N; j++) {
        ck_assert_double_gt(fit.measures.p_error[j], 0.01);
        CHECK_CLOSE(fit.measures.p_error[j], jackknife_error(jackknife.p[j], jackknife.p_sum[j]),
                    0.1, 0.0);
        CHECK_CLOSE(fit.measures.cos_error[j],
                    jackknife_error(jackknife.cosine[j], jackknife.cos_sum[j]), 0.3, 0.0);
    }
    CHECK_CLOSE(fit.measures.share_error, jackknife_error(jackknife.share, jackknife.share_sum),
                0.05, 0.0);
    sample_clear(&fit);
}
END_TEST

TEST_SUITE(effective)
{
    tcase_add_loop_test(tests, linear_predictors_are_found_exactly, 0, 2);
    tcase_add_test(tests, noise_explains_nothing);
    tcase_add_test(tests, sampling_adds_no_asymmetry);
    tcase_add_test(tests, dead_directions_are_left_out_and_few_samples_refused);
    tcase_add_loop_test(tests, errors_are_those_of_the_jackknife, 0, 2);
}
