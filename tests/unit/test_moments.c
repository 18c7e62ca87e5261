/* X and X' of images whose second moments are known exactly: small sets for which all views can be
 * enumerated, and augmentations with closed forms. */
// SPDX-License-Identifier: MIT
#include "sim/io/array_file.h"
#include "sim/linalg/linalg.h"
#include "sim/moments/moments.h"
#include "sim/moments/moments_estimate.h"
#include "sim/random/stream.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 64 };

static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*state >> 12) + 0.5) / 4503599627370496.0;
}

/* A set of count images of height x width (1 channel) with entries in (-1, 1), as a file. */
static double *make_images(const char *path, size_t count, size_t height, size_t width,
                           uint64_t seed)
{
    const size_t shape[3] = {count, height, width};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double *images = malloc(count * height * width * sizeof *images);

    ck_assert_ptr_nonnull(images);
    /* Rounded to single precision, as they will be used. */
    for (size_t i = 0; i < count * height * width; i++)
        images[i] = (double)(float)(2.0 * draw(&seed) - 1.0);
    ck_assert_msg(ssldyn_npy_write(path, 3, shape, images, &err) == SSLDYN_OK, "%s", err.message);
    return images;
}

/* The moments averaged over weighted views, and the mean square of the contribution of one pair:
 * |x1|^2 |x2|^2 bounds the squared Frobenius norm of its (x1 x2^T + x2 x1^T)/2. */
struct truth {
    size_t n;
    double X[LARGEST * LARGEST];
    double Xprime[LARGEST * LARGEST];
    double fourth; /* E |x1|^2 |x2|^2 */
    size_t images;
};

/* Adds one image, given by the list of its equally likely views. */
static void truth_add(struct truth *truth, size_t views, const double x[])
{
    size_t n = truth->n;
    double square = 0.0;

    for (size_t v = 0; v < views; v++)
        for (size_t i = 0; i < n; i++)
            square += x[v * n + i] * x[v * n + i] / (double)views;
    truth->fourth += square * square;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double both = 0.0;
            double mean_i = 0.0;
            double mean_j = 0.0;
            for (size_t v = 0; v < views; v++) {
                both += x[v * n + i] * x[v * n + j] / (double)views;
                mean_i += x[v * n + i] / (double)views;
                mean_j += x[v * n + j] / (double)views;
            }
            truth->X[i * n + j] += mean_i * mean_j;
            truth->Xprime[i * n + j] += both - mean_i * mean_j;
        }
    }
    truth->images++;
}

static void truth_finish(struct truth *truth)
{
    for (size_t i = 0; i < truth->n * truth->n; i++) {
        truth->X[i] /= (double)truth->images;
        truth->Xprime[i] /= (double)truth->images;
    }
    truth->fourth /= (double)truth->images;
}

static double distance(size_t count, const double A[], const double B[])
{
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += (A[i] - B[i]) * (A[i] - B[i]);
    return sqrt(sum);
}

/* Moments about 0, raw: no scale, no clipping. */
static struct ssldyn_moments_request raw_request(const char *const *path, size_t pairs)
{
    struct ssldyn_moments_request request = {.path_count = 1,
                                             .paths = path,
                                             .keep_mean = true,
                                             .keep_negative = true,
                                             .scale = SSLDYN_MOMENTS_SCALE_NONE,
                                             .pairs = pairs,
                                             .splits = 4,
                                             .seed = 2385,
                                             .threads = 1,
                                             .quiet = true};
    return request;
}

static void run(const struct ssldyn_moments_request *request,
                struct ssldyn_moments_estimate *estimate)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};

    ssldyn_linalg_single_thread();
    ck_assert_msg(ssldyn_moments_run(request, estimate, &err) == SSLDYN_OK, "%s", err.message);
}

/* The mean of `pairs` independent terms, each with mean square at most fourth, deviates by more
 * than 5 sqrt(fourth/pairs) with probability below 1/25 (Chebyshev); the seed is fixed. */
static void expect_moments(const struct ssldyn_moments_estimate *estimate,
                           const struct truth *truth)
{
    size_t n = truth->n;
    double allowed = 5.0 * sqrt(truth->fourth / (double)estimate->pairs);

    ck_assert_uint_eq(estimate->n1, n);
    double x = distance(n * n, estimate->X, truth->X);
    double xprime = distance(n * n, estimate->Xprime, truth->Xprime);
    ck_assert_msg(x <= allowed, "X is off by %g, more than %g", x, allowed);
    ck_assert_msg(xprime <= allowed, "X' is off by %g, more than %g", xprime, allowed);
    /* The bound must be small compared with the moments. */
    ck_assert(allowed < 0.2 * ssldyn_dense_norm(n * n, truth->X));
}

START_TEST(noise_adds_a_multiple_of_the_identity)
{
    static struct truth truth = {.n = 16};
    struct ssldyn_moments_estimate estimate;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "noise.npy");
    double *images = make_images(path, 60, 4, 4, 1);
    struct ssldyn_moments_request request = raw_request(&name, 60000);

    request.augmentation.noise = 0.5;
    for (size_t i = 0; i < 60; i++)
        truth_add(&truth, 1, images + 16 * i);
    truth_finish(&truth);
    for (size_t i = 0; i < 16; i++)
        truth.Xprime[17 * i] += 0.25;
    /* E |x + noise|^4 for Gaussian noise of total variance 16/4 is below twice (|x|^2 + 4)^2 */
    truth.fourth = 2.0 * pow(sqrt(truth.fourth) + 4.0, 2.0);
    run(&request, &estimate);
    expect_moments(&estimate, &truth);
    ssldyn_moments_clear(&estimate);
    free(images);
}
END_TEST

START_TEST(mirrors_split_even_and_odd)
{
    static struct truth truth = {.n = 20};
    struct ssldyn_moments_estimate estimate;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "flip.npy");
    double *images = make_images(path, 40, 4, 5, 2);
    struct ssldyn_moments_request request = raw_request(&name, 40000);

    request.augmentation.flip = 0.5;
    for (size_t i = 0; i < 40; i++) {
        double views[2 * 20];
        for (size_t k = 0; k < 20; k++) {
            views[k] = images[20 * i + k];
            views[20 + k] = images[20 * i + k / 5 * 5 + 4 - k % 5];
        }
        truth_add(&truth, 2, views);
    }
    truth_finish(&truth);
    run(&request, &estimate);
    expect_moments(&estimate, &truth);
    ssldyn_moments_clear(&estimate);
    free(images);
}
END_TEST

START_TEST(shifts_by_enumeration)
{
    /* All 9 shifts of a 6 x 6 image within a frame of zeros, pooled to 3 x 3. */
    static struct truth truth = {.n = 9};
    struct ssldyn_moments_estimate estimate;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "shift.npy");
    double *images = make_images(path, 50, 6, 6, 3);
    struct ssldyn_moments_request request = raw_request(&name, 50000);

    request.augmentation.pad = 1;
    request.pool = 3;
    for (size_t i = 0; i < 50; i++) {
        double views[9 * 9] = {0.0};
        for (int v = 0; v < 9; v++) {
            for (int y = 0; y < 6; y++) {
                for (int x = 0; x < 6; x++) {
                    int from_y = y + v / 3 - 1;
                    int from_x = x + v % 3 - 1;
                    bool inside = from_y >= 0 && from_y < 6 && from_x >= 0 && from_x < 6;
                    if (inside)
                        views[9 * v + y / 2 * 3 + x / 2] +=
                            0.25 * images[36 * i + (size_t)(6 * from_y + from_x)];
                }
            }
        }
        truth_add(&truth, 9, views);
    }
    truth_finish(&truth);
    run(&request, &estimate);
    expect_moments(&estimate, &truth);
    ssldyn_moments_clear(&estimate);
    free(images);
}
END_TEST

START_TEST(gain_and_offset_in_closed_form)
{
    /* x -> g x + o 1: X' = (gain^2/3) E[x x^T] + (offset^2/3) 1 1^T for uniform g and o. */
    static struct truth truth = {.n = 12};
    struct ssldyn_moments_estimate estimate;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "gain.npy");
    double *images = make_images(path, 50, 3, 4, 4);
    struct ssldyn_moments_request request = raw_request(&name, 400000);

    request.augmentation.gain = 0.6;
    request.augmentation.offset = 0.3;
    for (size_t i = 0; i < 50; i++)
        truth_add(&truth, 1, images + 12 * i);
    truth_finish(&truth);
    for (size_t i = 0; i < 144; i++)
        truth.Xprime[i] = 0.12 * truth.X[i] + 0.03;
    /* |x| grows by at most 1.6, and by 0.3 sqrt(12) */
    truth.fourth = pow(1.6 * pow(truth.fourth, 0.25) + 0.3 * sqrt(12.0), 4.0);
    run(&request, &estimate);
    expect_moments(&estimate, &truth);
    ssldyn_moments_clear(&estimate);
    free(images);
}
END_TEST

START_TEST(patches_by_enumeration)
{
    /* Both views show the same 2 x 2 patch of an image, except for noise: the data are all 9
     * patches. */
    static struct truth truth = {.n = 4};
    struct ssldyn_moments_estimate estimate;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "patch.npy");
    double *images = make_images(path, 50, 4, 4, 5);
    struct ssldyn_moments_request request = raw_request(&name, 50000);

    request.patch = 2;
    for (size_t i = 0; i < 50; i++) {
        for (size_t v = 0; v < 9; v++) {
            const double *corner = images + 16 * i + v / 3 * 4 + v % 3;
            const double patch[4] = {corner[0], corner[1], corner[4], corner[5]};
            truth_add(&truth, 1, patch);
        }
    }
    truth_finish(&truth);
    run(&request, &estimate);
    expect_moments(&estimate, &truth);
    ck_assert(ssldyn_dense_norm(16, estimate.Xprime) == 0.0);
    ssldyn_moments_clear(&estimate);
    free(images);
}
END_TEST

START_TEST(without_augmentation_it_is_the_covariance)
{
    /* Every image once: there is no sampling error, only rounding (60 terms of size 1). */
    struct ssldyn_moments_estimate estimate;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "plain.npy");
    double *images = make_images(path, 60, 2, 3, 6);
    struct ssldyn_moments_request request = raw_request(&name, 60);

    request.keep_mean = false;
    run(&request, &estimate);
    for (size_t i = 0; i < 6; i++) {
        double mean = 0.0;
        for (size_t k = 0; k < 60; k++)
            mean += images[6 * k + i] / 60.0;
        CHECK_CLOSE(estimate.mean[i], mean, 1e-13, 1e-14);
        for (size_t j = 0; j < 6; j++) {
            double other = 0.0;
            double both = 0.0;
            for (size_t k = 0; k < 60; k++) {
                other += images[6 * k + j] / 60.0;
                both += images[6 * k + i] * images[6 * k + j] / 60.0;
            }
            CHECK_CLOSE(estimate.X[6 * i + j], both - mean * other, 1e-12, 1e-14);
            ck_assert(estimate.Xprime[6 * i + j] == 0.0);
        }
    }
    ck_assert_uint_eq(estimate.pairs, 60);
    ck_assert_uint_eq(estimate.images, 60);
    ssldyn_moments_clear(&estimate);
    free(images);
}
END_TEST

/* A request with all settings, on a random set of images. */
static struct ssldyn_moments_request full_request(const char *const *path)
{
    struct ssldyn_moments_request request = raw_request(path, 3000);

    request.augmentation = (struct ssldyn_augmentation){.scale_minimum = 0.4,
                                                        .ratio = 1.3,
                                                        .pad = 1,
                                                        .flip = 0.5,
                                                        .jitter = 0.8,
                                                        .brightness = 0.4,
                                                        .contrast = 0.4,
                                                        .blur = 0.5,
                                                        .blur_minimum = 0.1,
                                                        .blur_maximum = 1.0,
                                                        .blur_kernel = 3,
                                                        .standardize = true,
                                                        .gain = 0.2,
                                                        .noise = 0.7};
    request.keep_mean = false;
    request.keep_negative = false;
    request.scale = SSLDYN_MOMENTS_SCALE_MEAN;
    return request;
}

START_TEST(threads_change_nothing)
{
    static const size_t threads[] = {2, 7};
    struct ssldyn_moments_estimate one;
    struct ssldyn_moments_estimate many;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "threads.npy");
    double *images = make_images(path, 700, 6, 6, 7);
    struct ssldyn_moments_request request = full_request(&name);

    run(&request, &one);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        request.threads = threads[i];
        run(&request, &many);
        ck_assert_mem_eq(one.X, many.X, 36 * 36 * sizeof(double));
        ck_assert_mem_eq(one.Xprime, many.Xprime, 36 * 36 * sizeof(double));
        ck_assert_mem_eq(one.modes, many.modes, 36 * sizeof *one.modes);
        ck_assert(one.eta_c == many.eta_c);
        ssldyn_moments_clear(&many);
    }
    request.seed++;
    run(&request, &many);
    ck_assert(memcmp(one.X, many.X, 36 * 36 * sizeof(double)) != 0);
    ssldyn_moments_clear(&many);
    ssldyn_moments_clear(&one);
    free(images);
}
END_TEST

START_TEST(clipping_gives_the_nearest_semidefinite_matrix)
{
    /* Few pairs of noisy views: X must have negative eigenvalues. Clipped and kept results differ
     * by exactly those. */
    struct ssldyn_moments_estimate clipped;
    struct ssldyn_moments_estimate kept;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "clip.npy");
    double *images = make_images(path, 300, 4, 4, 8);
    struct ssldyn_moments_request request = raw_request(&name, 300);
    double removed = 0.0;

    request.augmentation.noise = 3.0;
    run(&request, &kept);
    request.keep_negative = false;
    run(&request, &clipped);
    ck_assert_uint_gt(clipped.negative, 0);
    ck_assert_uint_eq(clipped.negative, kept.negative);
    for (size_t j = 0; j < 16; j++) {
        CHECK_CLOSE(clipped.modes[j].x, fmax(kept.modes[j].x, 0.0), 1e-12, 1e-13);
        if (kept.modes[j].x < 0.0)
            removed += kept.modes[j].x * kept.modes[j].x;
    }
    CHECK_CLOSE(clipped.most_negative, kept.modes[15].x, 1e-12, 0.0);
    CHECK_CLOSE(distance(256, clipped.X, kept.X), sqrt(removed), 1e-11, 0.0);
    ck_assert_mem_eq(clipped.Xprime, kept.Xprime, 256 * sizeof(double));
    ssldyn_moments_clear(&clipped);
    ssldyn_moments_clear(&kept);
    free(images);
}
END_TEST

START_TEST(projection_is_a_change_of_basis)
{
    /* X and X' after PCA are U^T X U and U^T X' U of those before, with orthonormal U that selects
     * the leading part of X + X'. */
    struct ssldyn_moments_estimate whole;
    struct ssldyn_moments_estimate part;
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "pca.npy");
    double *images = make_images(path, 200, 3, 4, 9);
    struct ssldyn_moments_request request = raw_request(&name, 800);

    request.augmentation.flip = 0.5;
    run(&request, &whole);
    request.pca = 5;
    run(&request, &part);
    ck_assert_uint_eq(part.n1, 5);
    ck_assert_uint_eq(part.features, 12);
    for (size_t a = 0; a < 5; a++) {
        for (size_t b = 0; b < 5; b++) {
            double x = 0.0;
            double xprime = 0.0;
            double dot = 0.0;
            for (size_t i = 0; i < 12; i++) {
                dot += part.basis[5 * i + a] * part.basis[5 * i + b];
                for (size_t j = 0; j < 12; j++) {
                    double weight = part.basis[5 * i + a] * part.basis[5 * j + b];
                    x += weight * whole.X[12 * i + j];
                    xprime += weight * whole.Xprime[12 * i + j];
                }
            }
            CHECK_CLOSE(dot, a == b ? 1.0 : 0.0, 1e-12, 1e-12);
            CHECK_CLOSE(part.X[5 * a + b], x, 1e-11, 1e-12);
            CHECK_CLOSE(part.Xprime[5 * a + b], xprime, 1e-11, 1e-12);
        }
        CHECK_CLOSE(part.modes[a].sum, whole.modes[a].sum, 1e-11, 0.0);
    }
    ssldyn_moments_clear(&whole);
    ssldyn_moments_clear(&part);
    free(images);
}
END_TEST

START_TEST(scales_are_what_they_say)
{
    static const enum ssldyn_moments_scale scales[] = {
        SSLDYN_MOMENTS_SCALE_MEAN, SSLDYN_MOMENTS_SCALE_TOP, SSLDYN_MOMENTS_SCALE_NONE};
    struct ssldyn_moments_estimate estimates[3];
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "scale.npy");
    double *images = make_images(path, 200, 3, 3, 10);
    struct ssldyn_moments_request request = raw_request(&name, 200);
    double trace = 0.0;

    request.augmentation.flip = 0.5;
    for (size_t i = 0; i < 3; i++) {
        request.scale = scales[i];
        run(&request, &estimates[i]);
    }
    for (size_t i = 0; i < 9; i++)
        trace += estimates[0].X[10 * i];
    CHECK_CLOSE(trace, 9.0, 1e-12, 0.0);
    CHECK_CLOSE(estimates[1].modes[0].x, 1.0, 1e-12, 0.0);
    ck_assert(estimates[2].scale == 1.0);
    for (size_t i = 0; i < 81; i++) {
        CHECK_CLOSE(estimates[0].scale * estimates[0].X[i], estimates[2].X[i], 1e-12, 1e-14);
        CHECK_CLOSE(estimates[1].scale * estimates[1].Xprime[i], estimates[2].Xprime[i], 1e-12,
                    1e-14);
    }
    /* The threshold is of degree one in the moments. */
    CHECK_CLOSE(estimates[0].scale * estimates[0].eta_c, estimates[2].eta_c, 1e-6, 0.0);
    for (size_t i = 0; i < 3; i++)
        ssldyn_moments_clear(&estimates[i]);
    free(images);
}
END_TEST

START_TEST(error_bars_cover_the_errors)
{
    /* 40 data sets of independent Gaussian-like vectors with X = diag(1, 1/4)/3: the actual
     * errors of the trace and of the top eigenvalue over the sets compared with the reported
     * errors. Both root mean squares are from 40 samples (12 % each); reported ones from 8
     * groups: within 40 %. */
    enum { SETS = 40, COUNT = 400 };
    double actual = 0.0;
    double claimed = 0.0;
    double actual_matrix = 0.0;
    double claimed_matrix = 0.0;
    static const double want[4] = {1.0 / 3.0, 0.0, 0.0, 1.0 / 12.0};

    for (uint64_t set = 0; set < SETS; set++) {
        const size_t shape[2] = {COUNT, 2};
        struct ssldyn_error err = {SSLDYN_OK, ""};
        struct ssldyn_moments_estimate estimate;
        double vectors[2 * COUNT];
        char path[SCRATCH_PATH];
        const char *name = scratch_path(path, "bars.npy");
        uint64_t state = 1000 + 77 * set;
        for (size_t i = 0; i < (size_t)2 * COUNT; i++)
            vectors[i] = (2.0 * draw(&state) - 1.0) * (i % 2 == 0 ? 1.0 : 0.5);
        ck_assert_int_eq(ssldyn_npy_write(path, 2, shape, vectors, &err), SSLDYN_OK);
        struct ssldyn_moments_request request = raw_request(&name, COUNT);
        request.splits = 8;
        run(&request, &estimate);
        ck_assert_uint_eq(estimate.splits, 8);
        actual += pow(estimate.modes[0].x - want[0], 2.0);
        claimed += pow(estimate.modes[0].x_error, 2.0);
        actual_matrix += pow(distance(4, estimate.X, want), 2.0);
        claimed_matrix += pow(estimate.x_error * ssldyn_dense_norm(4, estimate.X), 2.0);
        ssldyn_moments_clear(&estimate);
    }
    double ratio = sqrt(claimed / actual);
    double matrix_ratio = sqrt(claimed_matrix / actual_matrix);
    ck_assert_msg(ratio > 0.6 && ratio < 1.4, "claimed/actual = %g", ratio);
    ck_assert_msg(matrix_ratio > 0.6 && matrix_ratio < 1.4, "claimed/actual = %g", matrix_ratio);
}
END_TEST

/* A population of Gaussian pairs of views, x = A u + B noise, with X = A A^T and X' = B B^T. */
enum { POPULATION = 4, POPULATION_GROUPS = 8, POPULATION_PAIRS = 800 };

static void population_sums(uint64_t seed, const double A[], const double B[],
                            struct ssldyn_moments_sums *sums)
{
    enum { N = POPULATION, PER_GROUP = POPULATION_PAIRS / POPULATION_GROUPS };
    struct ssldyn_stream stream;

    ssldyn_stream_init(&stream, seed, 0, SSLDYN_PURPOSE_AUGMENT);
    for (size_t g = 0; g < POPULATION_GROUPS; g++) {
        struct ssldyn_moments_group *group = &sums->groups[g];
        group->pairs = PER_GROUP;
        memset(group->mean, 0, N * sizeof(double));
        memset(group->first, 0, N * N * sizeof(double));
        memset(group->other, 0, N * N * sizeof(double));
        for (size_t pair = 0; pair < PER_GROUP; pair++) {
            double normals[3 * N], m[N], d[N];
            ssldyn_stream_normal(&stream, 3 * N, normals);
            for (size_t i = 0; i < N; i++) {
                m[i] = d[i] = 0.0;
                for (size_t k = 0; k < N; k++) {
                    m[i] += A[i * N + k] * normals[k] +
                            B[i * N + k] * 0.5 * (normals[N + k] + normals[2 * N + k]);
                    d[i] += B[i * N + k] * (normals[N + k] - normals[2 * N + k]);
                }
                group->mean[i] += m[i];
            }
            for (size_t i = 0; i < N; i++) {
                for (size_t k = i; k < N; k++) {
                    group->first[i * N + k] += m[i] * m[k];
                    group->other[i * N + k] += d[i] * d[k];
                }
            }
        }
    }
}

/* A A^T. */
static void square(const double A[], double out[])
{
    for (size_t i = 0; i < (size_t)POPULATION * POPULATION; i++)
        out[i] = ssldyn_dense_dot(POPULATION, A + i / POPULATION * POPULATION,
                                  A + i % POPULATION * POPULATION);
}

START_TEST(errors_of_levels_cover_where_eigenvectors_mix)
{
    /* X = diag(4, 2, 1.8, .5): the second and third eigenvectors mix by about .15 in 800 pairs, and
     * X' does not commute with X. Over 300 samples: the share in which the true level lies within
     * two standard errors. For an error from 8 groups that is Student's t with 7 degrees of
     * freedom, .914, which 300 samples determine to .016. Accepted: each mode at most five times
     * that below (.83; no upper bound, because the errors of a mixed pair may be too wide), all
     * together within .05. */
    enum { N = POPULATION, SAMPLES = 300 };
    static const double A[N * N] = {2,
                                    0,
                                    0,
                                    0,
                                    0,
                                    1.4142135623730951,
                                    0,
                                    0,
                                    0,
                                    0,
                                    1.3416407864998738,
                                    0,
                                    0,
                                    0,
                                    0,
                                    0.7071067811865476};
    static const double B[N * N] = {0.9,  0,   0,   0, 0.3, 0.4,  0,   0,
                                    -0.2, 0.5, 1.1, 0, 0.4, -0.3, 0.2, 0.3};
    double X[N * N], Xprime[N * N], sum[N * N], values[N], vectors[N * N];
    double truth[2][N];
    double inside[2][N] = {{0}};
    struct ssldyn_eigen *eigen = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_moments_group groups[POPULATION_GROUPS];
    double numbers[POPULATION_GROUPS * (N + 2 * N * N)];
    const char *none = "";

    square(A, X);
    square(B, Xprime);
    for (size_t i = 0; i < N * N; i++)
        sum[i] = X[i] + Xprime[i];
    ck_assert_int_eq(ssldyn_eigen_create(N, &eigen, &err), SSLDYN_OK);
    for (size_t which = 0; which < 2; which++) {
        double M[N * N];
        memcpy(M, which == 0 ? X : sum, sizeof M);
        ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, M, values, vectors, &err), SSLDYN_OK);
        for (size_t j = 0; j < N; j++) {
            double x = 0.0;
            double all = 0.0;
            for (size_t i = 0; i < N * N; i++) {
                x += vectors[i / N * N + j] * X[i] * vectors[i % N * N + j];
                all += vectors[i / N * N + j] * sum[i] * vectors[i % N * N + j];
            }
            truth[which][j] = x * x / (4.0 * all);
        }
    }
    for (size_t g = 0; g < POPULATION_GROUPS; g++) {
        double *here = numbers + g * (N + 2 * N * N);
        groups[g] = (struct ssldyn_moments_group){
            .mean = here, .first = here + N, .other = here + N + N * N};
    }
    const struct ssldyn_moments_request request = raw_request(&none, POPULATION_PAIRS);
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        struct ssldyn_moments_sums sums = {
            .n = N, .group_count = POPULATION_GROUPS, .groups = groups};
        struct ssldyn_moments_estimate estimate = {0};
        population_sums(sample, A, B, &sums);
        ck_assert_int_eq(ssldyn_moments_estimate(&request, &sums, &estimate, &err), SSLDYN_OK);
        for (size_t j = 0; j < N; j++) {
            const struct ssldyn_moments_mode *mode = &estimate.modes[j];
            inside[0][j] += fabs(mode->eta_x - truth[0][j]) <= 2.0 * mode->eta_x_error;
            inside[1][j] += fabs(mode->eta_sum - truth[1][j]) <= 2.0 * mode->eta_sum_error;
        }
        ssldyn_moments_clear(&estimate);
    }
    double mean = 0.0;
    for (size_t i = 0; i < 2 * (size_t)N; i++) {
        double share = inside[i / N][i % N] / (double)SAMPLES;
        ck_assert_msg(share > 0.83, "%s_%zu: covered in %g", i < N ? "eta_x" : "eta_sum", i % N + 1,
                      share);
        mean += share / (2.0 * (double)N);
    }
    ck_assert_msg(fabs(mean - 0.914) < 0.05, "covered in %g", mean);
    ssldyn_eigen_free(eigen);
}
END_TEST

START_TEST(levels_follow_from_the_matrices)
{
    /* eta_x from its definition; eta_c is at least the largest of them. */
    struct ssldyn_moments_estimate estimate;
    struct ssldyn_eigen *eigen = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double values[9];
    double vectors[81];
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "levels.npy");
    double *images = make_images(path, 300, 3, 3, 11);
    struct ssldyn_moments_request request = raw_request(&name, 3000);

    request.augmentation.pad = 1;
    run(&request, &estimate);
    ck_assert_int_eq(ssldyn_eigen_create(9, &eigen, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, estimate.X, values, vectors, &err), SSLDYN_OK);
    double best = 0.0;
    for (size_t k = 0; k < 9; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < 9; i++)
            for (size_t j = 0; j < 9; j++)
                sum += vectors[9 * i + k] * vectors[9 * j + k] *
                       (estimate.X[9 * i + j] + estimate.Xprime[9 * i + j]);
        CHECK_CLOSE(estimate.modes[k].x, values[k], 1e-10, 1e-13);
        CHECK_CLOSE(estimate.modes[k].eta_x, pow(fmax(values[k], 0.0), 2.0) / (4.0 * sum), 1e-9,
                    1e-13);
        best = fmax(best, fmax(estimate.modes[k].eta_x, estimate.modes[k].eta_sum));
        ck_assert(estimate.modes[k].x_error > 0.0 && estimate.modes[k].xprime_error > 0.0);
    }
    ck_assert(estimate.eta_c >= best * (1.0 - 1e-9));
    ck_assert(estimate.eta_c_certified);
    ssldyn_eigen_free(eigen);
    ssldyn_moments_clear(&estimate);
    free(images);
}
END_TEST

START_TEST(writes_files_that_can_be_read)
{
    struct ssldyn_moments_estimate estimate;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_array array;
    char path[SCRATCH_PATH];
    char directory[SCRATCH_PATH];
    char file[SCRATCH_PATH];
    const char *name = scratch_path(path, "written.npy");
    double *images = make_images(path, 100, 3, 4, 12);
    struct ssldyn_moments_request request = raw_request(&name, 100);

    request.pca = 7;
    run(&request, &estimate);
    ck_assert_msg(ssldyn_moments_write(&estimate, scratch_path(directory, "moments/new"), &err) ==
                      SSLDYN_OK,
                  "%s", err.message);
    ck_assert_int_eq(ssldyn_array_file_read_matrix(scratch_path(file, "moments/new/x.npy"), "--x",
                                                   "X", 7, 7, NULL, &array, &err),
                     SSLDYN_OK);
    ck_assert_mem_eq(array.data, estimate.X, 49 * sizeof(double));
    ssldyn_npy_array_clear(&array);
    ck_assert_int_eq(ssldyn_array_file_read_matrix(scratch_path(file, "moments/new/basis.npy"),
                                                   "--x", "X", 12, 7, NULL, &array, &err),
                     SSLDYN_OK);
    ssldyn_npy_array_clear(&array);
    ssldyn_moments_clear(&estimate);
    /* Without PCA the basis of an earlier run must be removed. */
    request.pca = 0;
    run(&request, &estimate);
    ck_assert_int_eq(ssldyn_moments_write(&estimate, directory, &err), SSLDYN_OK);
    ck_assert(!scratch_exists(scratch_path(file, "moments/new/basis.npy")));
    ck_assert(scratch_exists(scratch_path(file, "moments/new/spectra.tsv")));
    ck_assert_int_eq(ssldyn_moments_write(&estimate, path, &err), SSLDYN_EIO);
    ssldyn_moments_clear(&estimate);
    free(images);
}
END_TEST

static void refuse(const struct ssldyn_moments_request *request, enum ssldyn_status want,
                   const char *fault)
{
    struct ssldyn_moments_estimate estimate;
    struct ssldyn_error err = {SSLDYN_OK, ""};

    ck_assert_int_eq(ssldyn_moments_run(request, &estimate, &err), want);
    ck_assert_msg(strstr(err.message, fault) != NULL, "%s", err.message);
    ck_assert_ptr_null(estimate.X);
}

START_TEST(refuses_meaningless_requests)
{
    char path[SCRATCH_PATH];
    const char *name = scratch_path(path, "refused.npy");
    double *images = make_images(path, 10, 6, 6, 13);
    const struct ssldyn_moments_request fine = raw_request(&name, 10);
    struct ssldyn_moments_request request = fine;

    request.pairs = 0;
    refuse(&request, SSLDYN_EDOMAIN, "--pairs");
    request = fine;
    request.pool = 4;
    refuse(&request, SSLDYN_EDOMAIN, "--pool");
    request = fine;
    request.patch = 7;
    refuse(&request, SSLDYN_EDOMAIN, "--patch");
    request = fine;
    request.pca = 37;
    refuse(&request, SSLDYN_EDOMAIN, "--pca");
    request = fine;
    request.augmentation.flip = 1.5;
    refuse(&request, SSLDYN_EDOMAIN, "--flip");
    request = fine;
    request.format = SSLDYN_IMAGES_STL10;
    refuse(&request, SSLDYN_EINPUT, "STL-10");
    /* Equal images have no covariance to scale by, and no deviation to divide by. */
    free(images);
    images = make_images(path, 1, 6, 6, 13);
    request = fine;
    request.keep_mean = false;
    request.scale = SSLDYN_MOMENTS_SCALE_MEAN;
    refuse(&request, SSLDYN_EFAILED, "--scale");
    for (size_t i = 0; i < 36; i++)
        images[i] = 0.75;
    const size_t shape[3] = {1, 6, 6};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_npy_write(path, 3, shape, images, &err), SSLDYN_OK);
    request = fine;
    request.augmentation.standardize = true;
    refuse(&request, SSLDYN_EINPUT, "constant");
    free(images);
}
END_TEST

TEST_SUITE(moments)
{
    tcase_add_test(tests, noise_adds_a_multiple_of_the_identity);
    tcase_add_test(tests, mirrors_split_even_and_odd);
    tcase_add_test(tests, shifts_by_enumeration);
    tcase_add_test(tests, gain_and_offset_in_closed_form);
    tcase_add_test(tests, patches_by_enumeration);
    tcase_add_test(tests, without_augmentation_it_is_the_covariance);
    tcase_add_test(tests, threads_change_nothing);
    tcase_add_test(tests, clipping_gives_the_nearest_semidefinite_matrix);
    tcase_add_test(tests, projection_is_a_change_of_basis);
    tcase_add_test(tests, scales_are_what_they_say);
    tcase_add_test(tests, error_bars_cover_the_errors);
    tcase_add_test(tests, errors_of_levels_cover_where_eigenvectors_mix);
    tcase_add_test(tests, levels_follow_from_the_matrices);
    tcase_add_test(tests, writes_files_that_can_be_read);
    tcase_add_test(tests, refuses_meaningless_requests);
}
