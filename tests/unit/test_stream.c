/* Random streams: Philox's published known answers, the same bytes for every way of drawing, and
 * the distributions. Statistical bounds are five standard deviations or a 1e-6 quantile; the
 * streams are fixed, so a passing test keeps passing. */
// SPDX-License-Identifier: MIT
#include "sim/random/stream.h"
#include "sim/random/stream_simd.h"
#include "tests/suite.h"

#include <Random123/philox.h>
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 1 << 20 };

/* Words of one block, computed by the widest kernel. */
static void block_words(const uint32_t key[2], const uint32_t counter[4], uint32_t word[4])
{
    struct ssldyn_philox_plan plan;
    ssldyn_stream_plan_init(&plan, key, counter[2], counter[3]);
    const uint64_t block = (uint64_t)counter[1] << 32 | counter[0];
    uint64_t bits[16];
    ssldyn_stream_simd_choice(0)->bits(&plan, block / 8, 1, bits);
    word[0] = (uint32_t)(bits[block % 8] >> 32);
    word[1] = (uint32_t)bits[block % 8];
    word[2] = (uint32_t)(bits[8 + block % 8] >> 32);
    word[3] = (uint32_t)bits[8 + block % 8];
}

/* The known answers for philox4x32 with 10 rounds from Random123: zeros, ones, pi. */
START_TEST(known_answers)
{
    static const uint32_t vector[3][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
         0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1}};
    for (size_t k = 0; k < 3; k++) {
        uint32_t word[4];
        block_words(vector[k] + 4, vector[k], word);
        for (size_t i = 0; i < 4; i++) {
            ck_assert_uint_eq(word[i], vector[k][6 + i]);
        }
    }
}
END_TEST

START_TEST(library_agrees)
{
    for (uint32_t i = 0; i < 1000; i++) {
        const uint32_t key[2] = {i * 2654435761U, ~i};
        const uint32_t counter[4] = {i * 40503U, i ^ 77U, i << 7, 4};
        uint32_t word[4];
        block_words(key, counter, word);
        const philox4x32_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
        const philox4x32_key_t k = {{key[0], key[1]}};
        const philox4x32_ctr_t want = philox4x32(c, k);
        for (size_t j = 0; j < 4; j++) {
            ck_assert_uint_eq(word[j], want.v[j]);
        }
    }
}
END_TEST

START_TEST(same_bytes_at_every_width)
{
    enum { GROUPS = 64 };
    struct ssldyn_philox_plan plan;
    const uint32_t key[2] = {5, 6};
    ssldyn_stream_plan_init(&plan, key, 7, 8);
    static double want[16 * GROUPS], got[16 * GROUPS];
    static float want_float[32 * GROUPS], got_float[32 * GROUPS];
    const struct ssldyn_stream_simd *widest = ssldyn_stream_simd_choice(0);
    /* a group number above 2^32 tests the carry into the counter's second word */
    const uint64_t group = UINT64_C(0x1fffffff0);
    widest->normal(&plan, group, GROUPS, want);
    widest->normal_float(&plan, group, GROUPS, want_float);
    for (size_t i = 1; ssldyn_stream_simd_choice(i); i++) {
        const struct ssldyn_stream_simd *simd = ssldyn_stream_simd_choice(i);
        ck_assert_uint_lt(simd->lanes, widest->lanes);
        simd->normal(&plan, group, GROUPS, got);
        simd->normal_float(&plan, group, GROUPS, got_float);
        ck_assert_mem_eq(got, want, sizeof want);
        ck_assert_mem_eq(got_float, want_float, sizeof want_float);
    }
}
END_TEST

/* The transform itself: libm's log, sin and cos of the same bits agree to a few ulp, so the
 * distribution is Box and Muller's, including the tails. */
START_TEST(transform_is_box_muller)
{
    enum { GROUPS = 4096 };
    struct ssldyn_philox_plan plan;
    const uint32_t key[2] = {11, 0};
    ssldyn_stream_plan_init(&plan, key, 0, 1);
    static double normal[16 * GROUPS];
    static uint64_t bits[16 * GROUPS];
    ssldyn_stream_simd_choice(0)->normal(&plan, 0, GROUPS, normal);
    ssldyn_stream_simd_choice(0)->bits(&plan, 0, GROUPS, bits);
    for (size_t g = 0; g < GROUPS; g++) {
        for (size_t lane = 0; lane < 8; lane++) {
            const size_t i = 16 * g + lane;
            /* rounded once, because near 1 the logarithm amplifies the rounding of its argument */
            const double fraction =
                (double)(bits[i] >> 32) * 0x1p32 + ((double)(uint32_t)bits[i] + 0.5);
            const double radius = sqrt(-2.0 * log(ldexp(fraction, -64)));
            const double angle =
                M_PI_2 * ldexp((double)(int64_t)(bits[i + 8] ^ UINT64_C(1) << 63), -64);
            const double cosine = radius * cos(angle) * (bits[i + 8] & 1 ? -1.0 : 1.0);
            const double sine = radius * sin(angle);
            const int swap = (bits[i + 8] >> 1) & 1;
            ck_assert_double_eq_tol(normal[i], swap ? sine : cosine, 2e-15 * radius);
            ck_assert_double_eq_tol(normal[i + 8], swap ? cosine : sine, 2e-15 * radius);
        }
    }
}
END_TEST

START_TEST(calls_may_be_split)
{
    enum { COUNT = 1000 };
    struct ssldyn_stream whole, parts;
    static double want[COUNT], got[COUNT];
    ssldyn_stream_init(&whole, 42, 3, SSLDYN_PURPOSE_BATCH);
    ssldyn_stream_init(&parts, 42, 3, SSLDYN_PURPOSE_BATCH);
    ssldyn_stream_normal(&whole, COUNT, want);
    for (size_t done = 0, size = 0; done < COUNT; done += size) {
        size = (done * 7 + 1) % 40;
        if (size > COUNT - done) {
            size = COUNT - done;
        }
        ssldyn_stream_normal(&parts, size, got + done);
    }
    ck_assert_mem_eq(got, want, sizeof want);
    ck_assert_uint_eq(parts.position, whole.position);
    for (size_t i = 0; i < COUNT; i += 37) { /* skip ahead */
        double one;
        ssldyn_stream_seek(&parts, i);
        ssldyn_stream_normal(&parts, 1, &one);
        ck_assert_double_eq(one, want[i]);
    }
    static float floats[96], half[96];
    ssldyn_stream_seek(&whole, 5);
    ssldyn_stream_normal_float(&whole, 96, floats);
    ssldyn_stream_seek(&parts, 5);
    ssldyn_stream_normal_float(&parts, 32, half);
    ssldyn_stream_normal_float(&parts, 64, half + 32);
    ck_assert_mem_eq(floats, half, sizeof half);
    ck_assert_uint_eq(parts.position, whole.position);
}
END_TEST

static double gauss(double x)
{
    return gsl_cdf_ugaussian_P(x);
}
static double flat(double x)
{
    return x;
}

/* sqrt(n) times the Kolmogorov distance; sorts x. Its 1 - 1e-6 quantile is 2.7. */
static double kolmogorov(size_t n, double x[], double (*cdf)(double))
{
    gsl_sort(x, 1, n);
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double f = cdf(x[i]);
        worst = fmax(worst, fmax(f - (double)i / (double)n, (double)(i + 1) / (double)n - f));
    }
    return worst * sqrt((double)n);
}

/* Central moments of a standard normal: 0, 1, 0, 3, with variances 1, 2, 15, 96 over n. */
static void check_moments(size_t n, const double x[])
{
    double sum[4] = {0};
    for (size_t i = 0; i < n; i++) {
        const double square = x[i] * x[i];
        sum[0] += x[i];
        sum[1] += square;
        sum[2] += square * x[i];
        sum[3] += square * square;
    }
    static const double mean[4] = {0, 1, 0, 3}, variance[4] = {1, 2, 15, 96};
    for (size_t k = 0; k < 4; k++) {
        ck_assert_double_eq_tol(sum[k] / (double)n, mean[k], 5 * sqrt(variance[k] / (double)n));
    }
}

START_TEST(normal_law)
{
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, (uint64_t)_i, 0, SSLDYN_PURPOSE_BATCH);
    double *x = malloc(MANY * sizeof *x);
    ck_assert_ptr_nonnull(x);
    ssldyn_stream_normal(&stream, MANY, x);
    check_moments(MANY, x);
    ck_assert_double_lt(kolmogorov(MANY, x, gauss), 2.7);
    free(x);
}
END_TEST

START_TEST(float_law)
{
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, (uint64_t)_i, 1, SSLDYN_PURPOSE_BATCH);
    float *x = malloc(MANY * sizeof *x);
    double *wide = malloc(MANY * sizeof *wide);
    ck_assert(x && wide);
    ssldyn_stream_normal_float(&stream, MANY, x);
    for (size_t i = 0; i < MANY; i++) {
        wide[i] = (double)x[i];
    }
    check_moments(MANY, wide);
    ck_assert_double_lt(kolmogorov(MANY, wide, gauss), 2.7);
    free(x);
    free(wide);
}
END_TEST

/* Counts above 3, 4, 4.5, 5 and 5.5 standard deviations on either side in 3e7 draws: each Poisson
 * up to its binomial factor; five standard deviations, plus one count if the mean is small. */
START_TEST(tails)
{
    static const double edge[5] = {3, 4, 4.5, 5, 5.5};
    double above[5] = {0}, below[5] = {0};
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 2024, 0, SSLDYN_PURPOSE_BATCH);
    static double x[1 << 14];
    static float y[1 << 14];
    const int rounds = 2048;
    for (int r = 0; r < rounds; r++) {
        if (_i == 0) {
            ssldyn_stream_normal(&stream, 1 << 14, x);
        } else {
            ssldyn_stream_normal_float(&stream, 1 << 14, y);
            for (size_t i = 0; i < 1 << 14; i++) {
                x[i] = (double)y[i];
            }
        }
        for (size_t i = 0; i < 1 << 14; i++) {
            for (size_t k = 0; k < 5; k++) {
                above[k] += x[i] > edge[k];
                below[k] += x[i] < -edge[k];
            }
        }
    }
    for (size_t k = 0; k < 5; k++) {
        const double want = gsl_cdf_ugaussian_Q(edge[k]) * rounds * (1 << 14);
        ck_assert_double_eq_tol(above[k], want, 5 * sqrt(want) + 1);
        ck_assert_double_eq_tol(below[k], want, 5 * sqrt(want) + 1);
    }
}
END_TEST

/* Pairs that could be dependent: neighbors, halves of one Box-Muller pair, and streams that
 * differ in one of seed, run, purpose. Correlations of x y, x^2 y^2 and an 8 x 8 table of signs
 * and sizes. */
START_TEST(streams_are_independent)
{
    enum { COUNT = 1 << 18 };
    static double x[COUNT + 16], y[COUNT + 16];
    struct ssldyn_stream a, b;
    ssldyn_stream_init(&a, 9, 9, SSLDYN_PURPOSE_BATCH);
    b = a;
    static const size_t lag[7] = {1, 8, 16, 0, 0, 0, 0};
    if (_i == 3) {
        ssldyn_stream_init(&b, 10, 9, SSLDYN_PURPOSE_BATCH);
    }
    if (_i == 4) {
        ssldyn_stream_init(&b, 9, 10, SSLDYN_PURPOSE_BATCH);
    }
    if (_i == 5) {
        ssldyn_stream_init(&b, 9, 9, SSLDYN_PURPOSE_AUGMENT);
    }
    if (_i == 6) {
        ssldyn_stream_init(&b, 9 + (UINT64_C(1) << 32), 9, SSLDYN_PURPOSE_BATCH);
    }
    ssldyn_stream_normal(&a, COUNT, x);
    ssldyn_stream_seek(&b, lag[_i]);
    ssldyn_stream_normal(&b, COUNT, y);
    double product = 0, square = 0, table[8][8] = {{0}};
    for (size_t i = 0; i < COUNT; i++) {
        product += x[i] * y[i];
        square += (x[i] * x[i] - 1) * (y[i] * y[i] - 1);
        const int row = (int)(8 * gauss(x[i])), column = (int)(8 * gauss(y[i]));
        table[row > 7 ? 7 : row][column > 7 ? 7 : column] += 1;
    }
    ck_assert_double_eq_tol(product, 0, 5 * sqrt(COUNT));
    ck_assert_double_eq_tol(square, 0, 5 * sqrt(4.0 * (double)COUNT));
    double chi2 = 0;
    for (size_t i = 0; i < 64; i++) {
        chi2 += gsl_pow_2(table[i / 8][i % 8] - (double)COUNT / 64.0) / ((double)COUNT / 64.0);
    }
    ck_assert_double_lt(chi2, gsl_cdf_chisq_Qinv(1e-6, 63));
}
END_TEST

START_TEST(uniform_law)
{
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 1, 0, SSLDYN_PURPOSE_SWEEP);
    double *x = malloc(MANY * sizeof *x);
    ck_assert_ptr_nonnull(x);
    ssldyn_stream_uniform(&stream, MANY, x);
    for (size_t i = 0; i < MANY; i++) {
        ck_assert(x[i] > 0.0 && x[i] < 1.0);
    }
    ck_assert_double_lt(kolmogorov(MANY, x, flat), 2.7);
    free(x);
}
END_TEST

START_TEST(index_law)
{
    enum { COUNT = 100000 };
    static uint64_t index[COUNT];
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 1, 0, SSLDYN_PURPOSE_SWEEP);
    double count[7] = {0}, chi2 = 0;
    ssldyn_stream_index(&stream, 7, COUNT, index);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_uint_lt(index[i], 7);
        count[index[i]] += 1;
    }
    for (size_t k = 0; k < 7; k++) {
        chi2 += gsl_pow_2(count[k] - (double)COUNT / 7.0) / ((double)COUNT / 7.0);
    }
    ck_assert_double_lt(chi2, gsl_cdf_chisq_Qinv(1e-6, 6));
    /* a bound above 2^32: the mean is half of it, the standard deviation bound / sqrt(12 n) */
    const uint64_t large = UINT64_C(3) << 40;
    double sum = 0;
    ssldyn_stream_index(&stream, large, COUNT, index);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_uint_lt(index[i], large);
        sum += (double)index[i] / (double)large / (double)COUNT;
    }
    ck_assert_double_eq_tol(sum, 0.5, 5 / sqrt(12.0 * (double)COUNT));
    ssldyn_stream_index(&stream, 1, 5, index);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_uint_eq(index[i], 0);
    }
}
END_TEST

TEST_SUITE(stream)
{
    tcase_add_test(tests, known_answers);
    tcase_add_test(tests, library_agrees);
    tcase_add_test(tests, same_bytes_at_every_width);
    tcase_add_test(tests, transform_is_box_muller);
    tcase_add_test(tests, calls_may_be_split);
    tcase_add_loop_test(tests, normal_law, 0, 3);
    tcase_add_loop_test(tests, float_law, 0, 3);
    tcase_add_loop_test(tests, tails, 0, 2);
    tcase_add_loop_test(tests, streams_are_independent, 0, 7);
    tcase_add_test(tests, uniform_law);
    tcase_add_test(tests, index_law);
}
