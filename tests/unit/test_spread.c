/* Directions in a spectrum, and the effect of the number of samples on it. */
// SPDX-License-Identifier: MIT
#include "sim/align/spread.h"
#include "sim/random/stream.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

START_TEST(directions_are_counted)
{
    struct ssldyn_spread spread;
    const double c[6] = {4.0, 2.0, 1.0, 1e-7, 0.0, -1e-17};
    ssldyn_spread_measure(6, c, 1e-4, 0.0, 1.0, &spread);
    ck_assert_uint_eq(spread.all.living, 3);
    ck_assert(spread.all.gap);
    ck_assert_uint_eq(spread.all.unresolved, 0);
    ck_assert_uint_eq(spread.but_first.living, 2);
    CHECK_CLOSE(spread.total, 7.0 + 1e-7, 1e-15, 0.0);
    CHECK_CLOSE(spread.rest, 3.0 + 1e-7, 1e-15, 0.0);
    /* Noise of .5: directions below it may be alive. A gap must be above the noise. */
    ssldyn_spread_measure(6, c, 1e-4, 0.5, 1.0, &spread);
    ck_assert_uint_eq(spread.all.living, 3);
    ck_assert(!spread.all.gap);
    ck_assert_uint_eq(spread.all.unresolved, 3);
    /* A covariance with an eigenvalue of -.1 has errors of that size. */
    const double rounded[4] = {4.0, 0.09, 0.0, -0.1};
    ssldyn_spread_measure(4, rounded, 1e-4, 0.0, 1.0, &spread);
    ck_assert_uint_eq(spread.all.living, 1);
    /* 2^-16 |mean|^2 is the limit below which the features are a point. */
    const double flat[2] = {1.0, 1.0};
    ssldyn_spread_measure(2, flat, 1e-4, 0.0, 2.0 * 65536.0, &spread);
    ck_assert(spread.point);
    ck_assert_uint_eq(spread.all.living, 0);
    ssldyn_spread_measure(2, flat, 1e-4, 0.0, 1.999 * 65536.0, &spread);
    ck_assert(!spread.point);
    ck_assert_uint_eq(spread.all.living, 2);
}
END_TEST

START_TEST(samples_limit_the_rank)
{
    struct ssldyn_basis basis = {.modes = 128, .samples = 64, .mean = SSLDYN_MEAN_KNOWN};
    ck_assert_uint_eq(ssldyn_spread_limit(&basis), 63);
    basis.samples = 129;
    ck_assert_uint_eq(ssldyn_spread_limit(&basis), 128);
    basis.samples = 0;
    ck_assert_uint_eq(ssldyn_spread_limit(&basis), 128);
}
END_TEST

enum { N = 24, SAMPLES = 12, TRIALS = 400 };

/* Participation of the covariance of SAMPLES draws of N numbers with variances s, over the trials:
 * tr S and tr S^2 of the Gram matrix are those of S. */
static double sample_participation(const double s[], uint32_t trial)
{
    double f[SAMPLES][N];
    double trace = 0.0;
    double square = 0.0;
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 3, trial, SSLDYN_PURPOSE_BATCH);
    ssldyn_stream_normal(&stream, SAMPLES * N, f[0]);
    for (size_t j = 0; j < N; j++) {
        double mean = 0.0;
        for (size_t i = 0; i < SAMPLES; i++)
            mean += f[i][j] / (double)SAMPLES;
        for (size_t i = 0; i < SAMPLES; i++)
            f[i][j] = sqrt(s[j]) * (f[i][j] - mean);
    }
    for (size_t i = 0; i < SAMPLES; i++) {
        for (size_t k = 0; k < SAMPLES; k++) {
            double dot = 0.0;
            for (size_t j = 0; j < N; j++)
                dot += f[i][j] * f[k][j] / (SAMPLES - 1);
            trace += i == k ? dot : 0.0;
            square += dot * dot;
        }
    }
    return trace * trace / square;
}

/* 1/participation is unbiased to first order in 1/N; its mean over 400 trials has a standard error
 * of about 2 % here, and its second-order bias 2/(N participation) is smaller. */
START_TEST(participation_is_corrected_for_few_samples)
{
    const struct ssldyn_basis basis = {.modes = N, .samples = SAMPLES, .mean = SSLDYN_MEAN_KNOWN};
    double s[N];
    double trace = 0.0;
    double square = 0.0;
    double mean = 0.0;
    double raw = 0.0;
    for (size_t j = 0; j < N; j++) {
        s[j] = 1.0 / (double)(1 + j / 4);
        trace += s[j];
        square += s[j] * s[j];
    }
    for (uint32_t trial = 0; trial < TRIALS; trial++) {
        const double seen = sample_participation(s, trial);
        mean += 1.0 / ssldyn_spread_participation(&basis, seen) / (double)TRIALS;
        raw += 1.0 / seen / (double)TRIALS;
    }
    CHECK_CLOSE(mean * trace * trace / square, 1.0, 0.0, 0.08);
    ck_assert(raw * trace * trace / square > 1.5); /* uncorrected */
}
END_TEST

START_TEST(columns_of_w_limit_the_rank)
{
    struct ssldyn_basis basis = {.modes = 32, .inputs = 8};
    ck_assert_uint_eq(ssldyn_spread_limit(&basis), 8);
    basis.inputs = 64;
    ck_assert_uint_eq(ssldyn_spread_limit(&basis), 32);
}
END_TEST

/* The sphericity test rejects 1 % of isotropic samples: of 400 trials 4, with a standard deviation
 * of 2 (the normal approximation is off by as much at this size); of a sloping spectrum it rejects
 * most. */
START_TEST(isotropy_is_tested_at_one_per_cent)
{
    const struct ssldyn_basis basis = {.modes = N, .samples = SAMPLES, .mean = SSLDYN_MEAN_KNOWN};
    double equal[N];
    double sloping[N];
    int refused = 0;
    int seen = 0;
    for (size_t j = 0; j < N; j++) {
        equal[j] = 1.0;
        sloping[j] = exp(-0.3 * (double)j);
    }
    for (uint32_t trial = 0; trial < TRIALS; trial++) {
        refused += !ssldyn_spread_isotropic(&basis, sample_participation(equal, trial));
        seen += !ssldyn_spread_isotropic(&basis, sample_participation(sloping, trial));
    }
    ck_assert_int_le(refused, 16);
    ck_assert_int_ge(seen, 360);
}
END_TEST

/* N |mean|^2/total is 1 on average if the mean is 0. */
START_TEST(a_mean_shows_above_its_error)
{
    const struct ssldyn_basis basis = {.modes = 8, .samples = 100, .mean = SSLDYN_MEAN_KNOWN};
    struct ssldyn_spread spread = {.total = 8.0, .participation = 8.0, .mean_square = 0.08};
    ck_assert(!ssldyn_spread_mean_shows(&basis, &spread));
    spread.mean_square = 0.08 * (1.0 + 3.0 * 0.5) * 1.01;
    ck_assert(ssldyn_spread_mean_shows(&basis, &spread));
}
END_TEST

TEST_SUITE(spread)
{
    tcase_add_test(tests, directions_are_counted);
    tcase_add_test(tests, samples_limit_the_rank);
    tcase_add_test(tests, columns_of_w_limit_the_rank);
    tcase_add_test(tests, participation_is_corrected_for_few_samples);
    tcase_add_test(tests, isotropy_is_tested_at_one_per_cent);
    tcase_add_test(tests, a_mean_shows_above_its_error);
}
