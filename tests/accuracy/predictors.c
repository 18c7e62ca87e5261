/* Verdicts on predictors with known properties: Wp = Q diag(p) Q^T with inputs of covariance Q
 * diag(s) Q^T, given exactly or by samples. Alignment and the parabola must be judged correctly. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"
#include "sim/io/npy.h"
#include "sim/random/stream.h"
#include "tests/draw.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, ANY = 9 };

enum spectrum { FLAT, POWER, EQUAL, LOW_RANK };
enum law { ROOT, REVERSED, TWO_REVERSED, CONSTANT, THREE_TENTHS, BROKEN, SCATTERED, OTHER_BASIS };
enum input { EXACT, FEATURES, SAMPLED_F };

static const struct predictor {
    const char *name;
    size_t n, samples;
    enum spectrum spectrum;
    enum law law;
    enum input input;
    double noise, skew; /* error of the entries of Wp; size of a skew part */
    double mean;        /* length of the features' mean, along the first mode */
    double tails;       /* standard deviation of the logarithm of a factor per sample */
    double alpha_p;     /* given alpha_p; 0: not given */
    int aligned, parabola;
} predictors[] = {
    {"flat, F exact", 32, 0, FLAT, ROOT, EXACT, 0, 0, 0, 0, 0, 2, 1},
    {"flat, 4096 samples", 64, 4096, FLAT, ROOT, FEATURES, 0, 0, 0, 0, 0, ANY, 1},
    {"flat, 512 samples", 64, 512, FLAT, ROOT, FEATURES, 0, 0, 0, 0, 0, ANY, 1},
    {"flat, F of 4096 samples", 64, 4096, FLAT, ROOT, SAMPLED_F, 0, 0, 0, 0, 0, ANY, 1},
    {"1/j, 256 samples", 64, 256, POWER, ROOT, FEATURES, 0, 0, 0, 0, 0, 2, 1},
    {"16 of 48, 1024 samples", 48, 1024, LOW_RANK, ROOT, FEATURES, 0, 0, 0, 0, 0, ANY, 1},
    {"with a mean", 32, 1024, POWER, ROOT, FEATURES, 0, 0, 5, 0, 0, 2, 1},
    {"heavy tails", 32, 2048, FLAT, ROOT, FEATURES, 0, 0, 0, 0.7, 0, ANY, 1},
    {"one fixed point", 16, 0, EQUAL, ROOT, EXACT, 1e-5, 0, 0, 0, 0, 2, 1},
    {"one fixed point, its alpha_p", 16, 0, EQUAL, ROOT, EXACT, 1e-5, 0, 0, 0, 0.8, 2, 1},
    {"one fixed point, another alpha_p", 16, 0, EQUAL, ROOT, EXACT, 1e-5, 0, 0, 0, 2, 2, 0},
    {"1/j, noise in Wp", 32, 0, POWER, ROOT, EXACT, 0.002, 0, 0, 0, 0, 2, 1},
    {"a skew part", 32, 1024, FLAT, ROOT, FEATURES, 0, 0.3, 0, 0, 0, ANY, 1},
    {"-F^(1/2)", 6, 0, POWER, REVERSED, EXACT, 0, 0, 0, 0, 0, 0, 0},
    {"two reversed modes", 6, 0, POWER, TWO_REVERSED, EXACT, 0, 0, 0, 0, 0, 1, 0},
    {"equal p", 32, 0, POWER, CONSTANT, EXACT, 0, 0, 0, 0, 0, 2, 0},
    {"p = s^.3", 32, 1024, POWER, THREE_TENTHS, FEATURES, 0, 0, 0, 0, 0, 2, 0},
    {"plateau and tail", 48, 0, POWER, BROKEN, EXACT, 0, 0, 0, 0, 0, 2, 0},
    {"scatter about 1/2", 64, 0, POWER, SCATTERED, EXACT, 0, 0, 0, 0, 0, 2, 0},
    /* Near a multiple of the identity every vector is nearly an eigenvector. */
    {"other eigenvectors", 32, 0, FLAT, OTHER_BASIS, EXACT, 0, 0, 0, 0, 0, ANY, ANY},
};
enum { PREDICTORS = sizeof predictors / sizeof predictors[0] };

static double spectrum_of(const struct predictor *predictor, size_t j)
{
    const double share = (double)j / (double)(predictor->n - 1);
    switch (predictor->spectrum) {
    case FLAT:
        return 1.5 - share;
    case POWER:
        return 1.0 / (double)(1 + j);
    case EQUAL:
        return 0.574;
    case LOW_RANK:
        break;
    }
    return j < 16 ? 1.5 - (double)j / 15.0 : 1e-6;
}

static double law_of(const struct predictor *predictor, size_t j, double s, uint64_t *state)
{
    const double root = sqrt(0.8 * s);
    switch (predictor->law) {
    case REVERSED:
        return -root;
    case TWO_REVERSED:
        return j == 1 || j == 4 ? -root : root;
    case CONSTANT:
        return 0.7;
    case THREE_TENTHS:
        return 0.7 * pow(s, 0.3);
    case BROKEN: /* .15 down to mode 20, then 1 */
        return s > 0.05 ? pow(s, 0.15) : pow(0.05, 0.15) * s / 0.05;
    case SCATTERED:
        return root * exp(draw_between(state, -1.0, 1.0));
    case ROOT:
    case OTHER_BASIS:
        break;
    }
    return root;
}

static void draw_features(const struct predictor *predictor, const double Q[], const double s[],
                          double features[])
{
    const size_t n = predictor->n;
    double z[MOST + 1];
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 17, 0, SSLDYN_PURPOSE_BATCH);
    for (size_t i = 0; i < predictor->samples; i++) {
        ssldyn_stream_normal(&stream, n + 1, z);
        /* the mean square of the factor is 1 */
        const double factor = exp(predictor->tails * z[n] - predictor->tails * predictor->tails);
        for (size_t j = 0; j < n; j++)
            z[j] = factor * sqrt(s[j]) * z[j] + (j == 0 ? predictor->mean : 0.0);
        for (size_t k = 0; k < n; k++) {
            features[i * n + k] = 0.0;
            for (size_t j = 0; j < n; j++)
                features[i * n + k] += Q[k * n + j] * z[j];
        }
    }
}

/* Writes the files and fills in the request. */
static void make(const struct predictor *predictor, struct ssldyn_align_request *request)
{
    static char paths[2][SCRATCH_PATH];
    static double Q[MOST * MOST], Wp[MOST * MOST], F[MOST * MOST], other[MOST * MOST];
    const size_t n = predictor->n;
    const size_t square[2] = {n, n};
    double s[MOST] = {0.0}, p[MOST] = {0.0};
    uint64_t state = 13;
    draw_orthogonal(&state, n, Q);
    draw_orthogonal(&state, n, other);
    for (size_t j = 0; j < n; j++) {
        s[j] = spectrum_of(predictor, j);
        const double input = s[j] + (j == 0 ? predictor->mean * predictor->mean : 0.0);
        p[j] = law_of(predictor, j, input, &state);
    }
    const double *basis = predictor->law == OTHER_BASIS ? other : Q;
    naive_compose(n, n, basis, p, basis, Wp);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            const double turn = i + 1 == k && i % 2 == 0   ? 1.0
                                : k + 1 == i && k % 2 == 0 ? -1.0
                                                           : 0.0;
            Wp[i * n + k] +=
                predictor->skew * turn + predictor->noise * draw_between(&state, -1.0, 1.0);
        }
    }
    request->wp = scratch_path(paths[0], "wp.npy");
    ck_assert_int_eq(ssldyn_npy_write(paths[0], 2, square, Wp, NULL), SSLDYN_OK);
    scratch_path(paths[1], "input.npy");
    if (predictor->input == EXACT) {
        naive_compose(n, n, Q, s, Q, F);
    } else {
        const size_t shape[2] = {predictor->samples, n};
        double *features = malloc(predictor->samples * n * sizeof *features);
        ck_assert_ptr_nonnull(features);
        draw_features(predictor, Q, s, features);
        memset(F, 0, sizeof F);
        naive_add(n, n, predictor->samples, 1.0 / (double)predictor->samples, features, true,
                  features, false, F);
        if (predictor->input == FEATURES)
            ck_assert_int_eq(ssldyn_npy_write(paths[1], 2, shape, features, NULL), SSLDYN_OK);
        free(features);
    }
    if (predictor->input == FEATURES) {
        request->features = paths[1];
    } else {
        request->f = paths[1];
        ck_assert_int_eq(ssldyn_npy_write(paths[1], 2, square, F, NULL), SSLDYN_OK);
    }
}

START_TEST(predictors_are_judged_right)
{
    const struct predictor *predictor = &predictors[_i];
    const struct ssldyn_parameters parameters = {
        .rates = {.alpha_p = predictor->alpha_p}, .predictor = true, .stop_grad = true};
    struct ssldyn_align_request request = {
        .floor = 1e-4, .leading = 64, .threads = 1, .quiet = true};
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    if (predictor->alpha_p > 0.0) {
        request.parameters = &parameters;
        request.alpha_known = true;
    }
    make(predictor, &request);
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s: %s", predictor->name,
                  err.message);
    if (predictor->aligned != ANY)
        ck_assert_msg(report.verdict.aligned == predictor->aligned, "%s: aligned %d, not %d: %s",
                      predictor->name, report.verdict.aligned, predictor->aligned,
                      report.verdict.text);
    if (predictor->parabola != ANY)
        ck_assert_msg(report.verdict.parabola == predictor->parabola, "%s: parabola %d, not %d: %s",
                      predictor->name, report.verdict.parabola, predictor->parabola,
                      report.verdict.text);
    else
        ck_assert_int_ne(report.verdict.parabola, 1);
    ck_assert(report.last.fit.broken == (predictor->law == BROKEN));
    if (predictor->parabola == 1) {
        /* The interval itself is tested elsewhere; alpha_p is .8 within a tenth here. */
        ck_assert_double_lt(fabs(log(report.alpha_p / 0.8)), 0.1);
    }
}
END_TEST

TEST_SUITE(predictors)
{
    tcase_add_loop_test(tests, predictors_are_judged_right, 0, PREDICTORS);
}
