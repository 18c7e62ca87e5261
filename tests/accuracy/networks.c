/* Verdicts on networks with known properties: linear flows and SGD runs, features and correlations
 * drawn from known spectra, with and without a mean, with few samples, in half precision,
 * collapsed, collapsing and healthy. Each must be judged correctly. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"
#include "sim/io/npy.h"
#include "sim/random/stream.h"
#include "sim/run/run_directory.h"
#include "sim/sgd/sgd.h"
#include "tests/draw.h"
#include "tests/flow_run.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, SERIES = 12 };

/* Paths of the files of a network. */
static char paths[3][SCRATCH_PATH];

/* Features f = mean + Q diag(sqrt(s)) z of known covariance Q diag(s) Q^T. */
struct draw {
    size_t n, samples;
    double s[MOST];
    double mean;  /* length of the mean */
    double scale; /* of the fluctuations */
    bool relu;    /* max(f, 0) */
};

static void draw_features(const struct draw *draw, uint32_t frame, double features[])
{
    const size_t n = draw->n;
    double Q[MOST * MOST];
    double z[MOST];
    uint64_t state = 7;
    struct ssldyn_stream stream;
    draw_orthogonal(&state, n, Q);
    ssldyn_stream_init(&stream, 11, frame, SSLDYN_PURPOSE_BATCH);
    for (size_t i = 0; i < draw->samples; i++) {
        ssldyn_stream_normal(&stream, n, z);
        for (size_t k = 0; k < n; k++) {
            double sum = draw->mean / sqrt((double)n);
            for (size_t j = 0; j < n; j++)
                sum += draw->scale * Q[k * n + j] * sqrt(draw->s[j]) * z[j];
            features[i * n + k] = draw->relu ? fmax(sum, 0.0) : sum;
        }
    }
}

static void write_features(const struct draw *draw, struct ssldyn_align_request *request)
{
    const size_t shape[2] = {draw->samples, draw->n};
    double *features = malloc(draw->samples * draw->n * sizeof *features);
    ck_assert_ptr_nonnull(features);
    draw_features(draw, 0, features);
    request->features = scratch_path(paths[0], "features.npy");
    ck_assert_int_eq(ssldyn_npy_write(paths[0], 2, shape, features, NULL), SSLDYN_OK);
    free(features);
}

/* Spectra. */
static void flat(struct draw *draw)
{
    for (size_t j = 0; j < draw->n; j++)
        draw->s[j] = 0.5 + (double)j / (double)(draw->n - 1);
}

static void power(struct draw *draw, double exponent)
{
    for (size_t j = 0; j < draw->n; j++)
        draw->s[j] = pow((double)(j + 1), -exponent);
}

static void keep(struct draw *draw, size_t living)
{
    flat(draw);
    for (size_t j = living; j < draw->n; j++)
        draw->s[j] = 0.0;
}

/* F = mean mean^T + scale^2 Q diag(s) Q^T, exactly. */
static void exact_correlation(const struct draw *draw, double F[])
{
    const size_t n = draw->n;
    double Q[MOST * MOST];
    uint64_t state = 7;
    draw_orthogonal(&state, n, Q);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            double sum = draw->mean * draw->mean / (double)n;
            for (size_t j = 0; j < n; j++)
                sum += draw->scale * draw->scale * draw->s[j] * Q[i * n + j] * Q[k * n + j];
            F[i * n + k] = sum;
        }
    }
}

static void write_correlations(const struct draw draws[], size_t count,
                               struct ssldyn_align_request *request)
{
    const size_t n = draws[0].n;
    const size_t shape[3] = {count, n, n};
    double *F = malloc(count * n * n * sizeof *F);
    ck_assert_ptr_nonnull(F);
    for (size_t i = 0; i < count; i++)
        exact_correlation(&draws[i], F + i * n * n);
    request->f = scratch_path(paths[0], "F.npy");
    ck_assert_int_eq(ssldyn_npy_write(paths[0], 3, shape, F, NULL), SSLDYN_OK);
    free(F);
}

static void write_correlation(const struct draw *draw, struct ssldyn_align_request *request)
{
    write_correlations(draw, 1, request);
}

/* Bits of a positive or negative normal half-precision number, rounded to nearest; 0 below the
 * normal range. */
static uint16_t half_bits(double x)
{
    int exponent = 0;
    const double fraction = frexp(fabs(x), &exponent); /* in [1/2, 1) */
    const long mantissa = lrint(ldexp(fraction, 11));  /* 1024 ... 2048 */
    const uint16_t sign = x < 0.0 ? 0x8000 : 0;
    if (fraction == 0.0 || exponent < -13)
        return sign;
    return (uint16_t)(sign + (exponent + 13) * 1024 + mantissa);
}

/* The array at paths[0] again, in half precision. */
static void round_to_half(void)
{
    char head[128];
    char shape[64] = "";
    struct ssldyn_array array;
    ck_assert_int_eq(ssldyn_npy_read(paths[0], false, &array, NULL), SSLDYN_OK);
    for (size_t i = 0; i < array.dimensions; i++)
        (void)snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%zu, ",
                       array.shape[i]);
    unsigned char *bytes = calloc(128 + 2 * array.count, 1);
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, ' ', 128);
    memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    const int length = snprintf(head, sizeof head,
                                "{'descr': '<f2', 'fortran_order': False, 'shape': (%s), }", shape);
    memcpy(bytes + 10, head, (size_t)length);
    bytes[127] = '\n';
    for (size_t i = 0; i < array.count; i++) {
        const uint16_t bits = half_bits(array.data[i]);
        bytes[128 + 2 * i] = (unsigned char)(bits & 0xff);
        bytes[129 + 2 * i] = (unsigned char)(bits >> 8);
    }
    scratch_write(paths[0], bytes, 128 + 2 * array.count);
    free(bytes);
    ssldyn_npy_array_clear(&array);
}

static void flow(const char *const options[], struct ssldyn_align_request *request)
{
    struct ssldyn_table table = flow_run("network", options);
    ssldyn_table_clear(&table);
    request->run = scratch_path(paths[0], "network");
}

static void sgd(const char *const options[], struct ssldyn_align_request *request)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_sgd_report report;
    spec_make(&spec, SSLDYN_COMMAND_SGD, options);
    request->run = scratch_path(paths[0], "network");
    struct ssldyn_run_directory directory;
    ssldyn_run_directory_init(&directory, paths[0], ssldyn_spec_print, &spec);
    ck_assert_msg(ssldyn_sgd_run(&spec.problem, &directory.sink, true, &report, &err) == SSLDYN_OK,
                  "%s", err.message);
    ssldyn_sgd_report_clear(&report);
    ssldyn_spec_clear(&spec);
}

/* The networks. */
static void flow_partial(struct ssldyn_align_request *request)
{
    flow((const char *const[]){"n1", "32", "n2", "16", "eta", "0.04", "t-end", "120", NULL},
         request);
}

static void flow_healthy(struct ssldyn_align_request *request)
{
    flow((const char *const[]){"n1", "24", "n2", "6", "eta", "0.01", "t-end", "200", NULL},
         request);
}

static void flow_beyond_the_fold(struct ssldyn_align_request *request)
{
    flow((const char *const[]){"n1", "12", "n2", "6", "eta", "0.3", "t-end", "60", NULL}, request);
}

static void flow_on_its_way_down(struct ssldyn_align_request *request)
{
    flow((const char *const[]){"n1", "12", "n2", "6", "eta", "0.3", "t-end", "30", NULL}, request);
}

static void sgd_healthy(struct ssldyn_align_request *request)
{
    sgd((const char *const[]){"n1", "16", "n2", "4", "eta", "0.02", "lr", "0.02", "batch", "64",
                              "t-end", "60", NULL},
        request);
}

static void sgd_collapsed(struct ssldyn_align_request *request)
{
    sgd((const char *const[]){"n1", "16", "n2", "4", "eta", "0.4", "lr", "0.02", "batch", "64",
                              "t-end", "60", NULL},
        request);
}

static void healthy(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 32, .samples = 1024, .scale = 1.0};
    flat(&draw);
    write_features(&draw, request);
}

static void healthy_with_a_large_mean(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 32, .samples = 1024, .scale = 1.0, .mean = 180.0};
    flat(&draw);
    write_features(&draw, request);
}

static void healthy_behind_a_relu(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 32, .samples = 1024, .scale = 1.0, .mean = 3.0, .relu = true};
    flat(&draw);
    write_features(&draw, request);
}

static void healthy_power_law(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 64, .samples = 512, .scale = 1.0};
    power(&draw, 1.0);
    write_features(&draw, request);
}

static void two_populations(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 48, .samples = 1024, .scale = 1.0};
    flat(&draw);
    for (size_t j = 18; j < 48; j++)
        draw.s[j] *= 0.01;
    write_features(&draw, request);
}

static void one_large_direction(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 32, .samples = 1024, .scale = 1.0};
    flat(&draw);
    draw.s[0] = 100.0;
    write_features(&draw, request);
}

static void few_samples(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 64, .samples = 16, .scale = 1.0};
    flat(&draw);
    write_features(&draw, request);
}

static void too_few_samples(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 64, .samples = 4, .scale = 1.0};
    flat(&draw);
    write_features(&draw, request);
}

static void few_samples_of_few_directions(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 64, .samples = 32, .scale = 1.0, .mean = 2.0};
    keep(&draw, 10);
    write_features(&draw, request);
}

static void constant_output(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 32, .samples = 1024, .scale = 1e-6, .mean = 5.0};
    for (size_t j = 0; j < 32; j++)
        draw.s[j] = 1.0;
    write_features(&draw, request);
}

static void constant_output_centered(struct ssldyn_align_request *request)
{
    constant_output(request);
    request->centered = true;
}

/* The same noise without the mean, removed before storing: it cannot be distinguished from a small
 * network. */
static void noise_alone(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 32, .samples = 1024, .scale = 1e-6};
    for (size_t j = 0; j < 32; j++)
        draw.s[j] = 1.0;
    write_features(&draw, request);
}

static void twelve_of_sixteen(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 16, .samples = 1024, .scale = 1.0, .mean = 1.0};
    keep(&draw, 12);
    write_features(&draw, request);
}

/* Four directions and a mean with 96 % of F: a total variance of 4, compared with |mean|^2 = 96. */
static void fill_four(struct draw *draw)
{
    *draw = (struct draw){.n = 32, .samples = 1024, .scale = 1.0, .mean = sqrt(96.0)};
    for (size_t j = 0; j < 4; j++)
        draw->s[j] = 0.4 + 0.4 * (double)j;
}

static void four_and_a_mean(struct ssldyn_align_request *request)
{
    struct draw draw;
    fill_four(&draw);
    write_features(&draw, request);
}

static void four_and_a_mean_in_f(struct ssldyn_align_request *request)
{
    struct draw draw;
    fill_four(&draw);
    write_correlation(&draw, request);
}

static void large_mean_in_f(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 32, .scale = 1.0, .mean = 180.0};
    flat(&draw);
    write_correlation(&draw, request);
}

static void large_mean_given(struct ssldyn_align_request *request)
{
    const size_t shape[1] = {32};
    double mean[32];
    large_mean_in_f(request);
    for (size_t j = 0; j < 32; j++)
        mean[j] = 180.0 / sqrt(32.0);
    request->mean = scratch_path(paths[1], "mean.npy");
    ck_assert_int_eq(ssldyn_npy_write(paths[1], 1, shape, mean, NULL), SSLDYN_OK);
}

static void constant_output_in_f(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 32, .scale = 1e-4, .mean = 5.0};
    flat(&draw);
    write_correlation(&draw, request);
}

static void one_direction(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 32, .samples = 512, .scale = 1.0};
    keep(&draw, 1);
    write_features(&draw, request);
}

static void features_in_half_precision(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 64, .samples = 512, .scale = 1.0, .mean = 2.0};
    power(&draw, 1.5);
    write_features(&draw, request);
    round_to_half();
}

/* Rounded to half precision, eigenvalues below 2^-11 |F| are noise: 52 of 64. */
static void steep_correlation_in_half_precision(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 64, .scale = 1.0};
    power(&draw, 3.0);
    write_correlation(&draw, request);
    round_to_half();
}

static void shrinking(double last, double floor, struct ssldyn_align_request *request)
{
    struct draw draws[SERIES];
    for (size_t i = 0; i < SERIES; i++) {
        draws[i] = (struct draw){.n = 16};
        flat(&draws[i]);
        draws[i].scale = sqrt(pow(last, (double)i / (SERIES - 1)) + floor);
    }
    write_correlations(draws, SERIES, request);
}

static void shrinks_exponentially(struct ssldyn_align_request *request)
{
    shrinking(4e-5, 0.0, request);
}

static void shrinks_and_settles(struct ssldyn_align_request *request)
{
    shrinking(1e-9, 1e-3, request);
}

static void shrinks_to_nothing(struct ssldyn_align_request *request)
{
    shrinking(1e-9, 0.0, request);
}

/* Directions collapse one after the other while the first one grows. */
static void loses_its_rank(struct ssldyn_align_request *request)
{
    struct draw draws[SERIES];
    for (size_t i = 0; i < SERIES; i++) {
        draws[i] = (struct draw){.n = 48, .scale = 1.0};
        for (size_t j = 0; j < 48; j++)
            draws[i].s[j] = exp(-(double)i * (double)(j + 5) / 7.0);
        draws[i].s[0] = exp(0.3 * (double)i);
    }
    write_correlations(draws, SERIES, request);
}

static void fixed_point_of_isotropic_data(struct ssldyn_align_request *request)
{
    struct draw draw = {.n = 16, .scale = 1.0};
    for (size_t j = 0; j < 16; j++)
        draw.s[j] = 0.574;
    write_correlation(&draw, request);
    request->centered = true;
}

static const struct network {
    const char *name;
    void (*make)(struct ssldyn_align_request *request);
    enum ssldyn_collapse collapse;
    long living; /* number of directions; -1: any */
} networks[] = {
    {"flow, 12 of 16 survive", flow_partial, SSLDYN_COLLAPSE_PARTIAL, 12},
    {"flow, all survive", flow_healthy, SSLDYN_COLLAPSE_NONE, 6},
    {"flow beyond the fold", flow_beyond_the_fold, SSLDYN_COLLAPSE_FULL, 0},
    {"flow beyond the fold, early", flow_on_its_way_down, SSLDYN_COLLAPSE_COLLAPSING, -1},
    {"SGD, all survive", sgd_healthy, SSLDYN_COLLAPSE_NONE, 4},
    {"SGD beyond the fold", sgd_collapsed, SSLDYN_COLLAPSE_FULL, 0},
    {"healthy", healthy, SSLDYN_COLLAPSE_NONE, 32},
    {"healthy, large mean", healthy_with_a_large_mean, SSLDYN_COLLAPSE_NONE, 32},
    {"healthy, ReLU", healthy_behind_a_relu, SSLDYN_COLLAPSE_NONE, 32},
    {"healthy, power law", healthy_power_law, SSLDYN_COLLAPSE_NONE, 64},
    {"two populations", two_populations, SSLDYN_COLLAPSE_NONE, 48},
    {"one large direction", one_large_direction, SSLDYN_COLLAPSE_NONE, 32},
    {"16 samples of 64 numbers", few_samples, SSLDYN_COLLAPSE_NONE, 15},
    {"4 samples of 64 numbers", too_few_samples, SSLDYN_COLLAPSE_UNKNOWN, 3},
    {"32 samples of 10 directions", few_samples_of_few_directions, SSLDYN_COLLAPSE_PARTIAL, 10},
    {"constant and noise", constant_output, SSLDYN_COLLAPSE_FULL, 0},
    {"constant and noise, centered", constant_output_centered, SSLDYN_COLLAPSE_FULL, 0},
    {"noise alone", noise_alone, SSLDYN_COLLAPSE_UNKNOWN, -1},
    {"12 of 16", twelve_of_sixteen, SSLDYN_COLLAPSE_PARTIAL, 12},
    {"4 of 32 and a mean", four_and_a_mean, SSLDYN_COLLAPSE_PARTIAL, 4},
    {"4 of 32 and a mean, F alone", four_and_a_mean_in_f, SSLDYN_COLLAPSE_PARTIAL, -1},
    {"large mean, F alone", large_mean_in_f, SSLDYN_COLLAPSE_UNKNOWN, -1},
    {"large mean, F and mean", large_mean_given, SSLDYN_COLLAPSE_NONE, 32},
    {"constant and noise, F alone", constant_output_in_f, SSLDYN_COLLAPSE_FULL, -1},
    {"one direction", one_direction, SSLDYN_COLLAPSE_FULL, 1},
    {"features in half precision", features_in_half_precision, SSLDYN_COLLAPSE_NONE, 64},
    {"steep F in half precision", steep_correlation_in_half_precision, SSLDYN_COLLAPSE_UNKNOWN, -1},
    {"shrinks exponentially", shrinks_exponentially, SSLDYN_COLLAPSE_COLLAPSING, 16},
    {"shrinks and settles", shrinks_and_settles, SSLDYN_COLLAPSE_NONE, 16},
    {"shrinks to nothing", shrinks_to_nothing, SSLDYN_COLLAPSE_FULL, 0},
    {"loses its rank", loses_its_rank, SSLDYN_COLLAPSE_FULL, -1},
    {"fixed point, isotropic", fixed_point_of_isotropic_data, SSLDYN_COLLAPSE_NONE, 16},
};
enum { NETWORKS = sizeof networks / sizeof networks[0] };

START_TEST(networks_are_judged_right)
{
    const struct network *network = &networks[_i];
    struct ssldyn_align_request request = {
        .floor = 1e-4, .leading = 64, .threads = 1, .quiet = true};
    struct ssldyn_align_report report;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    network->make(&request);
    ck_assert_msg(ssldyn_align(&request, &report, &err) == SSLDYN_OK, "%s: %s", network->name,
                  err.message);
    ck_assert_msg(report.verdict.collapse == network->collapse, "%s: collapse %d, not %d: %s",
                  network->name, (int)report.verdict.collapse, (int)network->collapse,
                  report.verdict.text);
    if (network->living >= 0)
        ck_assert_msg(report.verdict.living == (size_t)network->living,
                      "%s: %zu directions live, not %ld: %s", network->name, report.verdict.living,
                      network->living, report.verdict.text);
}
END_TEST

TEST_SUITE(networks)
{
    tcase_add_loop_test(tests, networks_are_judged_right, 0, NETWORKS);
}
