/* Batches drawn from images: each vector is a view of an image, computed by hand, and the second
 * moments of many vectors are those of all views, enumerated. */
// SPDX-License-Identifier: MIT
#include "sim/inputs/inputs.h"
#include "sim/io/npy.h"
#include "sim/linalg/linalg.h"
#include "sim/sgd/sgd_images.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/scratch.h"
#include "tests/suite.h"
#include "tests/unit/sgd_setup.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Images of 4 x 6 pixels in 3 channels (the shape 7 x 4 x 6 x 3 alone is ambiguous); pooled to 2 x
 * 2 cells of 2 x 3 pixels: 12 numbers. */
enum { COUNT = 7, HEIGHT = 4, WIDTH = 6, CHANNELS = 3, CELLS = 2, N = CHANNELS * CELLS * CELLS };
enum { PIXELS = HEIGHT * WIDTH * CHANNELS, CELL = HEIGHT * WIDTH / (CELLS * CELLS) };

struct setup {
    struct ssldyn_spec spec;
    struct ssldyn_inputs inputs;
    struct ssldyn_sgd_sampler *sampler;
    struct ssldyn_stream stream;
    double z[COUNT][2][N]; /* pooled images, unchanged and mirrored */
};

/* Writes the set as an .npy of N x height x width x channels. */
static void make_images(const char *path, struct setup *setup)
{
    const size_t shape[4] = {COUNT, HEIGHT, WIDTH, CHANNELS};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    static double images[COUNT][HEIGHT][WIDTH][CHANNELS];
    uint64_t state = 8;

    memset(setup->z, 0, sizeof setup->z);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t y = 0; y < HEIGHT; y++)
            for (size_t x = 0; x < WIDTH; x++)
                for (size_t c = 0; c < CHANNELS; c++) {
                    const double pixel = (double)(float)draw_between(&state, -1.0, 1.0);
                    const size_t row = y / (HEIGHT / CELLS);
                    const size_t column = x / (WIDTH / CELLS);
                    images[i][y][x][c] = pixel;
                    setup->z[i][0][(c * CELLS + row) * CELLS + column] += pixel / (double)CELL;
                    setup->z[i][1][(c * CELLS + row) * CELLS + CELLS - 1 - column] +=
                        pixel / (double)CELL;
                }
    ck_assert_int_eq(ssldyn_npy_write(path, 4, shape, &images[0][0][0][0], &err), SSLDYN_OK);
}

/* options: as in sgd_spec, ending in NULL. */
static void open_setup(struct setup *setup, const char *const options[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const char *all[40] = {"data", NULL, "image-format", "nhwc", "pool", "2",
                           "n2",   "3",  "quiet",        "true"};
    char path[SCRATCH_PATH];
    size_t count = 10;

    ssldyn_linalg_single_thread();
    make_images(scratch_path(path, "images.npy"), setup);
    all[1] = path;
    for (size_t i = 0; options[i]; i++)
        all[count++] = options[i];
    sgd_spec(&setup->spec, all);
    setup->inputs = (struct ssldyn_inputs){0};
    ck_assert_msg(ssldyn_inputs_load(&setup->spec, &setup->inputs, &err) == SSLDYN_OK, "%s",
                  err.message);
    const struct ssldyn_sampler_request request = {
        .batch = (size_t)setup->spec.problem.sgd.batch,
        .precision = (enum ssldyn_precision)setup->spec.problem.sgd.precision,
    };
    ck_assert_msg(ssldyn_sgd_sampler_create(&setup->inputs.basis->moments, &setup->inputs.dataset,
                                            &request, &setup->sampler, &err) == SSLDYN_OK,
                  "%s", err.message);
    ssldyn_stream_init(&setup->stream, 5, 0, SSLDYN_PURPOSE_BATCH);
}

static void close_setup(struct setup *setup)
{
    ssldyn_sgd_sampler_free(setup->sampler);
    ssldyn_inputs_clear(&setup->inputs);
    ssldyn_spec_clear(&setup->spec);
}

/* Without augmentation a vector is Q^T (z - mean)/sqrt(scale) of the z of some image, the same in
 * both views; mean and scale = tr(cov z)/N are those of the set (pairs are two passes over it).
 * Images are equally frequent: each count is within five standard deviations. */
START_TEST(views_by_hand)
{
    const char *const options[] = {
        "augmentation",          "none", "pairs", "14", "batch", "700", "precision",
        _i ? "float" : "double", NULL};
    enum { BATCHES = 10 };
    const double tolerance = _i ? 2e-5 : 2e-6; /* the pixels of a view are in single precision */
    static struct setup setup;
    double mean[N] = {0.0}, want[COUNT][N] = {{0.0}}, scale = 0.0;
    size_t seen[COUNT + 1] = {0};

    open_setup(&setup, options);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < N; k++)
            mean[k] += setup.z[i][0][k] / (double)COUNT;
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < N; k++)
            scale += (setup.z[i][0][k] - mean[k]) * (setup.z[i][0][k] - mean[k]) / (COUNT * N);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < N; k++)
            for (size_t l = 0; l < N; l++)
                want[i][k] +=
                    setup.inputs.basis->Q[l * N + k] * (setup.z[i][0][l] - mean[l]) / sqrt(scale);
    for (size_t piece = 0; piece < BATCHES; piece++) {
        struct ssldyn_pairs_double pairs = {0};
        struct ssldyn_pairs_float singles = {0};
        if (_i)
            ssldyn_sgd_sampler_draw_float(setup.sampler, &setup.stream, 0, &singles);
        else
            ssldyn_sgd_sampler_draw_double(setup.sampler, &setup.stream, 0, &pairs);
        const size_t count = _i ? singles.count : pairs.count;
        ck_assert_uint_eq(count, 700);
        for (size_t j = 0; j < count; j++) {
            size_t best = COUNT;
            for (size_t i = 0; i < COUNT; i++) {
                double distance = 0.0;
                for (size_t k = 0; k < N; k++) {
                    const size_t at = k * count + j;
                    const double y1 = _i ? (double)singles.Y1[at] : pairs.Y1[at];
                    const double y2 = _i ? (double)singles.Y2[at] : pairs.Y2[at];
                    ck_assert_double_eq(y1, y2);
                    distance = fmax(distance, fabs(y1 - want[i][k]));
                }
                if (distance <= tolerance)
                    best = i;
            }
            seen[best]++; /* the last entry counts vectors that match no image */
        }
    }
    ck_assert_uint_eq(seen[COUNT], 0);
    const double expected = 700.0 * (double)BATCHES / (double)COUNT;
    for (size_t i = 0; i < COUNT; i++)
        CHECK_CLOSE((double)seen[i], expected, 0.0, 5.0 * sqrt(expected));
    close_setup(&setup);
}
END_TEST

/* T: E of (z, 1)(z2, 1)^T over two views of one image, or of one view with itself; each view is
 * mirrored or not, and has noise of variance noise^2/CELL in every cell. */
static void enumerate(const struct setup *setup, bool same, double noise,
                      double T[(N + 1) * (N + 1)])
{
    memset(T, 0, (N + 1) * (N + 1) * sizeof *T);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t v = 0; v < 2; v++)
            for (size_t w = 0; w < 2; w++)
                for (size_t k = 0; k <= N; k++)
                    for (size_t l = 0; l <= N; l++) {
                        const double a = k < N ? setup->z[i][v][k] : 1.0;
                        const double b = l < N ? setup->z[i][same ? v : w][l] : 1.0;
                        T[k * (N + 1) + l] += a * b / (4.0 * (double)COUNT);
                    }
    for (size_t k = 0; same && k < N; k++)
        T[k * (N + 2)] += noise * noise / (double)CELL;
}

/* M^T T M for the map M from views to vectors. */
static void expected_moments(const struct setup *setup, const double T[], size_t n1, double E[])
{
    static double half[(N + 1) * N];
    memset(half, 0, sizeof half);
    memset(E, 0, n1 * n1 * sizeof *E);
    naive_add(N + 1, n1, N + 1, 1.0, T, false, setup->inputs.images.map, false, half);
    naive_add(n1, n1, N + 1, 1.0, setup->inputs.images.map, true, half, false, E);
}

/* Mirrored at random, with noise, with and without projection: the mean of the products of both
 * views, and of one with itself, within five of their measured standard errors. */
static const char *const laws[][8] = {
    {"flip", "0.5", NULL},
    {"flip", "0.5", "noise", "0.7", NULL},
    {"flip", "0.5", "noise", "0.7", "pca", "4", NULL},
    {"flip", "0.5", "keep-mean", "true", "scale", "none", NULL},
};

START_TEST(law_of_views)
{
    enum { BATCH = 4000, ENTRIES = N * N };
    const char *options[24] = {"augmentation", "none", "pairs", "2000", "batch", "4000"};
    static struct setup setup;
    static double T[(N + 1) * (N + 1)], want[2][ENTRIES], sum[2][ENTRIES], squares[2][ENTRIES];
    double noise = 0.0;

    memset(sum, 0, sizeof sum);
    memset(squares, 0, sizeof squares);
    for (size_t i = 0; laws[_i][i]; i++) {
        options[6 + i] = laws[_i][i];
        noise = strcmp(laws[_i][i], "noise") == 0 ? strtod(laws[_i][i + 1], NULL) : noise;
    }
    open_setup(&setup, options);
    const size_t n1 = setup.inputs.basis->n1;
    ck_assert_uint_eq(n1,
                      strcmp(laws[_i][2] ? laws[_i][2] : "", "noise") == 0 && laws[_i][4] ? 4 : N);
    for (size_t same = 0; same < 2; same++) {
        enumerate(&setup, same, noise, T);
        expected_moments(&setup, T, n1, want[same]);
    }
    for (size_t piece = 0; piece < ssldyn_sgd_sampler_pieces(setup.sampler); piece++) {
        struct ssldyn_pairs_double pairs = {0};
        ssldyn_sgd_sampler_draw_double(setup.sampler, &setup.stream, piece, &pairs);
        for (size_t j = 0; j < pairs.count; j++)
            for (size_t k = 0; k < n1; k++)
                for (size_t l = 0; l < n1; l++) {
                    const double b1 = pairs.Y1[l * pairs.count + j];
                    const double b2 = pairs.Y2[l * pairs.count + j];
                    const double a = pairs.Y1[k * pairs.count + j];
                    sum[0][k * n1 + l] += a * b2 / (double)BATCH;
                    squares[0][k * n1 + l] += a * b2 * a * b2 / (double)BATCH;
                    sum[1][k * n1 + l] += a * b1 / (double)BATCH;
                    squares[1][k * n1 + l] += a * b1 * a * b1 / (double)BATCH;
                }
    }
    for (size_t same = 0; same < 2; same++)
        for (size_t i = 0; i < n1 * n1; i++) {
            const double variance = squares[same][i] - sum[same][i] * sum[same][i];
            CHECK_CLOSE(sum[same][i], want[same][i], 0.0,
                        5.0 * sqrt(variance / (double)BATCH) + 1e-6);
        }
    close_setup(&setup);
}
END_TEST

/* The batch of a step is the same whenever it is drawn, and uses at most the reserved random
 * numbers. */
START_TEST(streams)
{
    const char *const options[] = {"augmentation", "none", "flip",  "0.5", "noise", "0.1",
                                   "pairs",        "50",   "batch", "9",   NULL};
    static struct setup setup;
    struct ssldyn_pairs_double pairs = {0};
    double first[2][9 * N];

    open_setup(&setup, options);
    for (size_t k = 0; k < 3; k++) {
        ssldyn_stream_seek(&setup.stream, (uint64_t)(k % 2) << 32);
        ssldyn_sgd_sampler_draw_double(setup.sampler, &setup.stream, 0, &pairs);
        ck_assert_uint_eq(pairs.count, 9);
        ck_assert_uint_lt(setup.stream.position - ((uint64_t)(k % 2) << 32),
                          9 * (ssldyn_sgd_images_draws(&setup.inputs.images) + 1) + 96);
        if (k < 2)
            memcpy(first[k], pairs.Y1, sizeof first[k]);
        else
            ck_assert_mem_eq(first[0], pairs.Y1, sizeof first[0]);
    }
    ck_assert_mem_ne(first[0], first[1], sizeof first[0]);
    close_setup(&setup);
}
END_TEST

/* Views that need more random numbers than a step may use are refused: 2^32 per step. */
START_TEST(too_many_numbers)
{
    const char *const options[] = {"augmentation", "none", "pairs", "14", "batch", "9", NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_sgd_sampler *sampler = NULL;
    static struct setup setup;

    open_setup(&setup, options);
    struct ssldyn_sampler_request request = {.batch = 33294320};
    ck_assert_int_eq(ssldyn_sgd_sampler_create(&setup.inputs.basis->moments, &setup.inputs.dataset,
                                               &request, &sampler, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "too large for a step"));
    request.batch = 33000000;
    ck_assert_int_eq(ssldyn_sgd_sampler_create(&setup.inputs.basis->moments, &setup.inputs.dataset,
                                               &request, &sampler, &err),
                     SSLDYN_OK);
    ssldyn_sgd_sampler_free(sampler);
    close_setup(&setup);
}
END_TEST

TEST_SUITE(sgd_images)
{
    tcase_add_loop_test(tests, views_by_hand, 0, 2);
    tcase_add_loop_test(tests, law_of_views, 0, sizeof laws / sizeof laws[0]);
    tcase_add_test(tests, streams);
    tcase_add_test(tests, too_many_numbers);
}
