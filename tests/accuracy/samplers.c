/* The two samplers have the same distribution: moments compared with those of the population, and
 * two-sample Kolmogorov-Smirnov distances of functionals of (S11, S21, S22) between them. Bounds
 * are five standard errors, and 2.7 sqrt(2/n) (the 1 - 1e-6 quantile); the streams are fixed. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_sampler.h"

#include "sim/run/moments_basis.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N1 = 5, DRAWS = 4000, FUNCTIONALS = 5 };

/* Data whose X and X' do not commute (in the basis of X + X'), data that share their eigenvectors,
 * and isotropic data. X is well inside 0 <= X <= X + X'. */
static double X_full[N1 * N1], X_diagonal[N1], sum[N1];

static struct ssldyn_moments moments_of(int kind)
{
    for (size_t i = 0; i < N1; i++) {
        sum[i] = 2.0 - 0.3 * (double)i;
        X_diagonal[i] = 0.5 + 0.05 * (double)i;
        for (size_t j = 0; j < N1; j++) {
            X_full[i * N1 + j] = i == j ? 0.6 : 0.12 * cos((double)(i + j));
        }
    }
    if (kind == 0) {
        return (struct ssldyn_moments){.kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = N1, .c = 1.3};
    }
    return (struct ssldyn_moments){.kind =
                                       kind == 1 ? SSLDYN_MOMENTS_DIAGONAL : SSLDYN_MOMENTS_HALF,
                                   .n1 = N1,
                                   .c = (double)NAN,
                                   .X = kind == 1 ? X_diagonal : X_full,
                                   .sum = sum};
}

static double sum_at(const struct ssldyn_moments *moments, size_t i, size_t j)
{
    return i != j ? 0.0 : moments->kind == SSLDYN_MOMENTS_ISOTROPIC ? moments->c : moments->sum[i];
}

static double x_at(const struct ssldyn_moments *moments, size_t i, size_t j)
{
    switch (moments->kind) {
    case SSLDYN_MOMENTS_ISOTROPIC:
        return i == j ? 1.0 : 0.0;
    case SSLDYN_MOMENTS_DIAGONAL:
        return i == j ? moments->X[i] : 0.0;
    default:
        return moments->X[i * N1 + j];
    }
}

/* S (2 N1 x 2 N1): the second moments of one batch. */
static void batch_moments(struct ssldyn_sgd_sampler *sampler, struct ssldyn_stream *stream,
                          bool single, double S[4 * N1 * N1])
{
    memset(S, 0, 4 * N1 * N1 * sizeof *S);
    for (size_t piece = 0; piece < ssldyn_sgd_sampler_pieces(sampler); piece++) {
        struct ssldyn_pairs_double pairs = {0};
        struct ssldyn_pairs_float floats = {0};
        if (single) {
            ssldyn_sgd_sampler_draw_float(sampler, stream, piece, &floats);
            pairs.count = floats.count;
            pairs.weight = floats.weight;
        } else {
            ssldyn_sgd_sampler_draw_double(sampler, stream, piece, &pairs);
        }
        for (size_t k = 0; k < pairs.count; k++) {
            double x[2 * N1];
            for (size_t i = 0; i < 2 * N1; i++) {
                const size_t at = i % N1 * pairs.count + k;
                x[i] = single ? (double)(i < N1 ? floats.Y1 : floats.Y2)[at]
                              : (i < N1 ? pairs.Y1 : pairs.Y2)[at];
            }
            for (size_t i = 0; i < 4 * N1 * N1; i++) {
                S[i] += pairs.weight * x[i / (2 * N1)] * x[i % (2 * N1)];
            }
        }
    }
}

/* Numbers that would reveal a wrong distribution: entries, traces, an invariant of degree two. */
static void functionals(const double S[], bool both, double out[FUNCTIONALS])
{
    double trace = 0.0, cross = 0.0, product = 0.0, second = 0.0;
    for (size_t i = 0; i < N1; i++) {
        trace += S[i * 2 * N1 + i];
        cross += S[(N1 + i) * 2 * N1 + i];
        second += S[(N1 + i) * 2 * N1 + N1 + i];
        for (size_t j = 0; j < N1; j++) {
            product += S[(N1 + i) * 2 * N1 + j] * S[i * 2 * N1 + j];
        }
    }
    out[0] = trace;
    out[1] = cross;
    out[2] = product;
    out[3] = S[N1 * 2 * N1 + 3];
    out[4] = both ? second : S[2 * N1 + 1];
}

static double two_sample(double x[], double y[])
{
    gsl_sort(x, 1, DRAWS);
    gsl_sort(y, 1, DRAWS);
    double worst = 0.0;
    for (size_t i = 0, j = 0; i < DRAWS && j < DRAWS;) {
        if (x[i] <= y[j]) {
            i++;
        } else {
            j++;
        }
        worst = fmax(worst, fabs((double)i - (double)j) / (double)DRAWS);
    }
    return worst;
}

/* Batches smaller and larger than N1 and 2 N1. */
static const size_t batches[] = {1, 3, 8, 40};
enum { CASES = 3 * 4 * 2 * 2 };

START_TEST(one_law)
{
    static double sample[2][FUNCTIONALS][DRAWS];
    double mean[2][4 * N1 * N1] = {{0}};
    const struct ssldyn_moments moments = moments_of(_i % 3);
    const size_t batch = batches[_i / 3 % 4];
    const bool both = _i / 12 % 2, single = _i / 24 % 2;
    for (int kind = 0; kind < 2; kind++) {
        const struct ssldyn_sampler_request request = {
            batch,
            kind == 0 ? SSLDYN_SAMPLER_DIRECT : SSLDYN_SAMPLER_WISHART,
            single ? SSLDYN_PRECISION_FLOAT : SSLDYN_PRECISION_DOUBLE,
            both,
            false,
            NULL};
        struct ssldyn_sgd_sampler *sampler = NULL;
        struct ssldyn_stream stream;
        ssldyn_stream_init(&stream, (uint64_t)_i, (uint32_t)kind, SSLDYN_PURPOSE_BATCH);
        ck_assert_int_eq(ssldyn_sgd_sampler_create(&moments, NULL, &request, &sampler, NULL),
                         SSLDYN_OK);
        for (size_t draw = 0; draw < DRAWS; draw++) {
            double S[4 * N1 * N1], values[FUNCTIONALS];
            batch_moments(sampler, &stream, single, S);
            functionals(S, both, values);
            for (size_t f = 0; f < FUNCTIONALS; f++) {
                sample[kind][f][draw] = values[f];
            }
            for (size_t i = 0; i < 4 * N1 * N1; i++) {
                mean[kind][i] += S[i] / (double)DRAWS;
            }
        }
        ssldyn_sgd_sampler_free(sampler);
    }
    for (int kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < 2 * N1; i++) {
            for (size_t j = 0; j < 2 * N1; j++) {
                if (i >= N1 && j >= N1 && !both) {
                    continue; /* not guaranteed */
                }
                const double want = (i < N1) == (j < N1) ? sum_at(&moments, i % N1, j % N1)
                                                         : x_at(&moments, i % N1, j % N1);
                const double variance =
                    sum_at(&moments, i % N1, i % N1) * sum_at(&moments, j % N1, j % N1) +
                    want * want;
                CHECK_CLOSE(mean[kind][i * 2 * N1 + j], want, 0.0,
                            5.0 * sqrt(variance / (double)batch / (double)DRAWS));
            }
        }
    }
    for (size_t f = 0; f < FUNCTIONALS; f++) {
        ck_assert_double_lt(two_sample(sample[0][f], sample[1][f]),
                            2.7 * sqrt(2.0 / (double)DRAWS));
    }
}
END_TEST

/* A pair with different distributions: the means of both samplers are its covariances. */
START_TEST(law_of_a_pair)
{
    enum { BATCH = 40, ROUNDS = 2000 };
    double factor[4 * N1 * N1];
    double S[4 * N1 * N1] = {0};
    double parts[3][N1 * N1];
    double mean[4 * N1 * N1] = {0};
    struct ssldyn_moments_basis *basis = NULL;
    uint64_t state = 23;
    draw_matrix(&state, 4 * N1 * N1, factor);
    naive_add(2 * N1, 2 * N1, 2 * N1, 1.0, factor, false, factor, true, S);
    for (size_t i = 0; i < N1 * N1; i++) {
        const size_t at = i / N1 * 2 * N1 + i % N1;
        parts[0][i] = S[at];
        parts[1][i] = S[at + 2 * N1 * N1];
        parts[2][i] = S[at + 2 * N1 * N1 + N1];
    }
    const struct ssldyn_moments_pair pair = {N1,       0,     parts[0], parts[1],
                                             parts[2], "Sxx", "Syx",    "Syy"};
    ck_assert_int_eq(ssldyn_moments_basis_of_pair(&pair, &basis, NULL), SSLDYN_OK);
    const struct ssldyn_sampler_request request = {
        BATCH,
        _i % 2 ? SSLDYN_SAMPLER_WISHART : SSLDYN_SAMPLER_DIRECT,
        _i / 2 ? SSLDYN_PRECISION_FLOAT : SSLDYN_PRECISION_DOUBLE,
        true,
        false,
        NULL};
    struct ssldyn_sgd_sampler *sampler = NULL;
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 5, (uint32_t)_i, SSLDYN_PURPOSE_BATCH);
    ck_assert_int_eq(ssldyn_sgd_sampler_create(&basis->moments, NULL, &request, &sampler, NULL),
                     SSLDYN_OK);
    for (size_t round = 0; round < ROUNDS; round++) {
        batch_moments(sampler, &stream, _i / 2 == 1, S);
        for (size_t i = 0; i < 4 * N1 * N1; i++) {
            mean[i] += S[i] / (double)ROUNDS;
        }
    }
    for (size_t i = 0; i < 2 * N1; i++) {
        for (size_t j = 0; j < 2 * N1; j++) {
            const struct ssldyn_moments *m = &basis->moments;
            const size_t a = i % N1, b = j % N1;
            const double of_i = i < N1 ? m->sum[a] : m->second[a * (N1 + 1)];
            const double of_j = j < N1 ? m->sum[b] : m->second[b * (N1 + 1)];
            const double want = i < N1 && j < N1     ? (a == b ? m->sum[a] : 0.0)
                                : i >= N1 && j >= N1 ? m->second[a * N1 + b]
                                : i >= N1            ? m->X[a * N1 + b]
                                                     : m->X[b * N1 + a];
            CHECK_CLOSE(mean[i * 2 * N1 + j], want, 0.0,
                        5.0 * sqrt((of_i * of_j + want * want) / (double)BATCH / (double)ROUNDS));
        }
    }
    ssldyn_sgd_sampler_free(sampler);
    ssldyn_moments_basis_free(basis);
}
END_TEST

/* The means over rounds of the second moments of (x1, x2), of n1 + m numbers. */
static void mean_moments(struct ssldyn_sgd_sampler *sampler, size_t m, size_t rounds, double mean[])
{
    const size_t n = N1 + m;
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 6, (uint32_t)m, SSLDYN_PURPOSE_BATCH);
    memset(mean, 0, n * n * sizeof *mean);
    for (size_t round = 0; round < rounds; round++) {
        for (size_t piece = 0; piece < ssldyn_sgd_sampler_pieces(sampler); piece++) {
            struct ssldyn_pairs_double pairs = {0};
            ssldyn_sgd_sampler_draw_double(sampler, &stream, piece, &pairs);
            for (size_t at = 0; at < n * n * pairs.count; at++) {
                const size_t k = at % pairs.count, i = at / pairs.count / n,
                             j = at / pairs.count % n;
                const double a =
                    i < N1 ? pairs.Y1[i * pairs.count + k] : pairs.Y2[(i - N1) * pairs.count + k];
                const double b =
                    j < N1 ? pairs.Y1[j * pairs.count + k] : pairs.Y2[(j - N1) * pairs.count + k];
                mean[i * n + j] += pairs.weight * a * b / (double)rounds;
            }
        }
    }
}

/* MAE: y of more or fewer numbers than x, in its own coordinates, has its covariances with x in the
 * data basis; by batches of pairs, or (of y's moments with x alone) of second moments. */
START_TEST(law_of_data)
{
    enum { BATCH = 40, ROUNDS = 2000, MOST = N1 + 2 };
    const size_t m = _i % 2 ? N1 + 2 : N1 - 2;
    const size_t n = N1 + m;
    double factor[4 * MOST * MOST], S[4 * MOST * MOST] = {0}, mean[4 * MOST * MOST];
    double Sxx[N1 * N1], Syx[MOST * N1], Syy[MOST * MOST];
    struct ssldyn_moments_basis *basis = NULL;
    struct ssldyn_sgd_sampler *sampler = NULL;
    uint64_t state = 29;
    draw_matrix(&state, n * n, factor);
    naive_add(n, n, n, 1.0, factor, false, factor, true, S);
    for (size_t i = 0; i < n * n; i++) {
        const size_t a = i / n, b = i % n;
        if (a < N1 && b < N1)
            Sxx[a * N1 + b] = S[i];
        else if (a >= N1 && b < N1)
            Syx[(a - N1) * N1 + b] = S[i];
        else if (a >= N1)
            Syy[(a - N1) * m + b - N1] = S[i];
    }
    const struct ssldyn_moments_pair pair = {N1, m, Sxx, Syx, Syy, "Sxx", "Syx", "Syy"};
    ck_assert_int_eq(ssldyn_moments_basis_of_pair(&pair, &basis, NULL), SSLDYN_OK);
    const struct ssldyn_sampler_request request = {BATCH,
                                                   _i / 2 ? SSLDYN_SAMPLER_WISHART
                                                          : SSLDYN_SAMPLER_DIRECT,
                                                   SSLDYN_PRECISION_DOUBLE,
                                                   false,
                                                   false,
                                                   NULL};
    ck_assert_int_eq(ssldyn_sgd_sampler_create(&basis->moments, NULL, &request, &sampler, NULL),
                     SSLDYN_OK);
    mean_moments(sampler, m, ROUNDS, mean);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            const struct ssldyn_moments *law = &basis->moments;
            const double of_i = i < N1 ? law->sum[i] : Syy[(i - N1) * (m + 1)];
            const double of_j = j < N1 ? law->sum[j] : Syy[(j - N1) * (m + 1)];
            const double want = i < N1    ? (i == j ? law->sum[i] : 0.0)
                                : j >= N1 ? Syy[(i - N1) * m + j - N1]
                                          : law->predicts[(i - N1) * N1 + j];
            if (_i / 2 == 0 || j < N1)
                CHECK_CLOSE(mean[i * n + j], want, 0.0,
                            5.0 *
                                sqrt((of_i * of_j + want * want) / (double)BATCH / (double)ROUNDS));
        }
    ssldyn_sgd_sampler_free(sampler);
    ssldyn_moments_basis_free(basis);
}
END_TEST

/* A data set of three vectors with noise: the moments are those of the set plus those of the
 * noise. */
START_TEST(data_set)
{
    enum { COUNT = 3, ROUNDS = 2000, BATCH = 50 };
    const double vectors[COUNT * N1] = {1, 0, 2, -1, 0.5, 0, 1, -1, 0, 2, -2, 1, 0, 0.3, 1};
    double covariance[N1 * N1], mean[4 * N1 * N1] = {0};
    for (size_t i = 0; i < N1 * N1; i++) {
        covariance[i] = i % (N1 + 1) == 0 ? 0.7 : 0.1;
    }
    const struct ssldyn_moments moments = moments_of(2);
    const struct ssldyn_dataset dataset = {.count = COUNT,
                                           .vectors = vectors,
                                           .covariance = _i % 2 ? covariance : NULL,
                                           .variance = 0.4};
    const struct ssldyn_sampler_request request = {
        BATCH,
        SSLDYN_SAMPLER_AUTO,
        _i / 2 ? SSLDYN_PRECISION_FLOAT : SSLDYN_PRECISION_DOUBLE,
        false,
        false,
        NULL};
    struct ssldyn_sgd_sampler *sampler = NULL;
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 77, (uint32_t)_i, SSLDYN_PURPOSE_BATCH);
    ck_assert_int_eq(ssldyn_sgd_sampler_create(&moments, &dataset, &request, &sampler, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(ssldyn_sgd_sampler_kind(sampler), SSLDYN_SAMPLER_DIRECT);
    for (size_t round = 0; round < ROUNDS; round++) {
        double S[4 * N1 * N1];
        batch_moments(sampler, &stream, _i / 2 == 1, S);
        for (size_t i = 0; i < 4 * N1 * N1; i++) {
            mean[i] += S[i] / (double)ROUNDS;
        }
    }
    ssldyn_sgd_sampler_free(sampler);
    for (size_t i = 0; i < 2 * N1; i++) {
        for (size_t j = 0; j < 2 * N1; j++) {
            double want = 0.0;
            for (size_t k = 0; k < COUNT; k++) {
                want += vectors[k * N1 + i % N1] * vectors[k * N1 + j % N1] / (double)COUNT;
            }
            if ((i < N1) == (j < N1)) {
                want += _i % 2 ? covariance[i % N1 * N1 + j % N1] : i == j ? 0.4 : 0.0;
            }
            /* x_i x_j has a second moment below 2 (2^2 + 0.7)^2 here */
            CHECK_CLOSE(mean[i * 2 * N1 + j], want, 0.0,
                        5.0 * sqrt(45.0 / (double)BATCH / (double)ROUNDS));
        }
    }
}
END_TEST

START_TEST(choices_and_refusals)
{
    const struct ssldyn_moments moments = moments_of(2);
    const double vector[N1] = {1};
    const struct ssldyn_dataset dataset = {.count = 1, .vectors = vector, .variance = 0.1};
    struct ssldyn_sgd_sampler *sampler = NULL;
    struct ssldyn_sampler_request request = {
        4, SSLDYN_SAMPLER_AUTO, SSLDYN_PRECISION_DOUBLE, false, false, NULL};
    ck_assert_int_eq(ssldyn_sgd_sampler_create(&moments, NULL, &request, &sampler, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(ssldyn_sgd_sampler_kind(sampler), SSLDYN_SAMPLER_DIRECT);
    ssldyn_sgd_sampler_free(sampler);
    request.batch = 1000;
    ck_assert_int_eq(ssldyn_sgd_sampler_create(&moments, NULL, &request, &sampler, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(ssldyn_sgd_sampler_kind(sampler), SSLDYN_SAMPLER_WISHART);
    ck_assert_uint_eq(ssldyn_sgd_sampler_largest(sampler), N1);
    ssldyn_sgd_sampler_free(sampler);
    request.kind = SSLDYN_SAMPLER_WISHART;
    ck_assert_int_eq(ssldyn_sgd_sampler_create(&moments, &dataset, &request, &sampler, NULL),
                     SSLDYN_EINPUT);
    /* X exceeds X + X': no pair of views has such moments */
    X_full[0] = 3.0;
    ck_assert_int_eq(ssldyn_sgd_sampler_create(&moments, NULL, &request, &sampler, NULL),
                     SSLDYN_EINPUT);
}
END_TEST

TEST_SUITE(samplers)
{
    tcase_add_loop_test(tests, one_law, 0, CASES);
    tcase_add_loop_test(tests, law_of_a_pair, 0, 4);
    tcase_add_loop_test(tests, law_of_data, 0, 4);
    tcase_add_loop_test(tests, data_set, 0, 4);
    tcase_add_test(tests, choices_and_refusals);
}
