/* Bartlett's decomposition and chi variates compared with their distributions: Kolmogorov-Smirnov
 * distances below their 1 - 1e-6 quantile (2.7 over the root of the sample size), moments within
 * five standard deviations, on fixed streams. */
// SPDX-License-Identifier: MIT
#include "sim/random/wishart.h"

#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 20000, N_MOST = 6 };

static double kolmogorov_chisq(size_t n, double x[], double dof)
{
    gsl_sort(x, 1, n);
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double f = gsl_cdf_chisq_P(x[i], dof);
        worst = fmax(worst, fmax(f - (double)i / (double)n, (double)(i + 1) / (double)n - f));
    }
    return worst * sqrt((double)n);
}

START_TEST(chi_law)
{
    static const size_t dofs[] = {1, 2, 3, 7, 128, 16384};
    static double x[SAMPLES];
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 5, (uint32_t)_i, SSLDYN_PURPOSE_BATCH);
    for (size_t i = 0; i < SAMPLES; i++) {
        double one;
        ssldyn_wishart_chi_draw(&stream, dofs[_i], 1, &one);
        ck_assert(one > 0.0);
        x[i] = one * one;
    }
    ck_assert_double_lt(kolmogorov_chisq(SAMPLES, x, (double)dofs[_i]), 2.7);
}
END_TEST

/* The degrees of freedom decrease within one call. */
START_TEST(chi_descends)
{
    enum { ROW = 5, FIRST = 5 };
    static double x[ROW][SAMPLES];
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 6, 0, SSLDYN_PURPOSE_BATCH);
    for (size_t i = 0; i < SAMPLES; i++) {
        double row[ROW];
        ssldyn_wishart_chi_draw(&stream, FIRST, ROW, row);
        for (size_t j = 0; j < ROW; j++) {
            x[j][i] = row[j] * row[j];
        }
    }
    for (size_t j = 0; j < ROW; j++) {
        ck_assert_double_lt(kolmogorov_chisq(SAMPLES, x[j], (double)(FIRST - j)), 2.7);
    }
}
END_TEST

/* Sizes and degrees of freedom: more than n, equal, fewer, one. */
static const struct {
    size_t n, dof;
} shapes[] = {{4, 10}, {6, 6}, {6, 3}, {3, 1}, {1, 4}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static void draw(struct ssldyn_stream *stream, size_t n, size_t dof, int single, double A[])
{
    float floats[N_MOST * N_MOST];
    const size_t r = n < dof ? n : dof;
    if (!single) {
        ssldyn_wishart_bartlett_draw(stream, n, dof, A);
        return;
    }
    ssldyn_wishart_bartlett_draw_float(stream, n, dof, floats);
    for (size_t i = 0; i < n * r; i++) {
        A[i] = (double)floats[i];
    }
}

/* Lower trapezoidal with a positive diagonal, and E S_ij = dof delta_ij, Var S_ij = dof (1 +
 * delta_ij), Cov(S_ij, S_ik) = 0. */
START_TEST(factor_and_moments)
{
    const size_t n = shapes[_i % SHAPES].n, dof = shapes[_i % SHAPES].dof;
    const size_t r = n < dof ? n : dof;
    double A[N_MOST * N_MOST], mean[N_MOST * N_MOST] = {0}, square[N_MOST * N_MOST] = {0};
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 7, (uint32_t)_i, SSLDYN_PURPOSE_BATCH);
    for (size_t sample = 0; sample < SAMPLES; sample++) {
        draw(&stream, n, dof, _i >= SHAPES, A);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = i + 1; j < r; j++) {
                ck_assert_double_eq(A[i * r + j], 0.0);
            }
            ck_assert(i >= r || A[i * r + i] > 0.0);
            for (size_t j = 0; j < n; j++) {
                double s = 0.0;
                for (size_t k = 0; k < r; k++) {
                    s += A[i * r + k] * A[j * r + k];
                }
                mean[i * n + j] += s / (double)SAMPLES;
                square[i * n + j] += s * s / (double)SAMPLES;
            }
        }
    }
    const double f = (double)dof;
    for (size_t i = 0; i < n * n; i++) {
        const double same = i % (n + 1) == 0 ? 1.0 : 0.0;
        const double variance = f * (1.0 + same);
        CHECK_CLOSE(mean[i], same * f, 0.0, 5.0 * sqrt(variance / (double)SAMPLES));
        /* E S_ij^2; the fourth moments of S are below 12 f (f + 2) (f + 4) (f + 6) */
        CHECK_CLOSE(square[i], variance + same * f * f, 0.0,
                    5.0 * sqrt(12.0 * f * (f + 2.0) * (f + 4.0) * (f + 6.0) / (double)SAMPLES));
    }
}
END_TEST

/* x^T S x is chi-square for every unit x, and the trace is chi-square with n dof degrees. */
START_TEST(quadratic_forms)
{
    const size_t n = shapes[_i].n, dof = shapes[_i].dof;
    const size_t r = n < dof ? n : dof;
    static double form[SAMPLES], trace[SAMPLES];
    double A[N_MOST * N_MOST];
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 8, (uint32_t)_i, SSLDYN_PURPOSE_BATCH);
    for (size_t sample = 0; sample < SAMPLES; sample++) {
        form[sample] = 0.0;
        trace[sample] = 0.0;
        draw(&stream, n, dof, 0, A);
        for (size_t k = 0; k < r; k++) {
            double projection = 0.0;
            for (size_t i = 0; i < n; i++) {
                projection += A[i * r + k] / sqrt((double)n);
                trace[sample] += A[i * r + k] * A[i * r + k];
            }
            form[sample] += projection * projection;
        }
    }
    ck_assert_double_lt(kolmogorov_chisq(SAMPLES, form, (double)dof), 2.7);
    ck_assert_double_lt(kolmogorov_chisq(SAMPLES, trace, (double)(n * dof)), 2.7);
}
END_TEST

/* Many degrees of freedom cost no more time and obey the law of large numbers: S/dof is I up to
 * sqrt(2/dof). */
START_TEST(huge_batches)
{
    enum { N = 40 };
    static double A[N * N];
    const size_t dof = 1000000000;
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 9, 0, SSLDYN_PURPOSE_BATCH);
    ssldyn_wishart_bartlett_draw(&stream, N, dof, A);
    ck_assert_uint_lt(stream.position, 2 * N * N);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j <= i; j++) {
            double s = 0.0;
            for (size_t k = 0; k < N; k++) {
                s += A[i * N + k] * A[j * N + k] / (double)dof;
            }
            CHECK_CLOSE(s, i == j ? 1.0 : 0.0, 0.0, 6.0 * sqrt(2.0 / (double)dof));
        }
    }
}
END_TEST

TEST_SUITE(wishart)
{
    tcase_add_loop_test(tests, chi_law, 0, 6);
    tcase_add_test(tests, chi_descends);
    tcase_add_loop_test(tests, factor_and_moments, 0, 2 * SHAPES);
    tcase_add_loop_test(tests, quadratic_forms, 0, SHAPES);
    tcase_add_test(tests, huge_batches);
}
