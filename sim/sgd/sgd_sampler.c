/* Batches of pairs of views for SGD. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_sampler.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/random/wishart.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Arrays for the draws, in one precision. */
struct arrays_double {
    double *scale, *K, *R; /* see make_views; data sets: R R^T = X' alone */
    double *vectors;       /* data_count x n1 */
    double *map, *Z;       /* images: see sgd_images.h; (view, 1) of 2 x largest views in rows */
    double *G;             /* (n1 + second) x largest: the normals, and the views if everything is
                            * diagonal */
    double *Y;             /* the views otherwise */
    double *rotation, *turned; /* NULL, or n1 x n1, and the second views times it */
};
struct arrays_float {
    float *scale, *K, *R;
    float *vectors;
    float *map, *Z;
    float *G;
    float *Y;
    float *rotation, *turned;
};

struct ssldyn_sgd_sampler {
    size_t n1;
    size_t second; /* size of x2: n1, or that of data that are predicted */
    size_t batch;
    size_t pairs;   /* pairs in a whole batch: the batch size, or the fewest pairs with the same
                     * law of moments */
    size_t largest; /* pairs in a piece */
    enum ssldyn_sampler kind;
    enum ssldyn_precision precision;
    bool both, each;
    bool diagonal; /* K and R are diagonal and have n1 entries */
    size_t data_count;
    uint64_t *index;
    const struct ssldyn_sgd_images *images; /* NULL: vectors, or Gaussian data */
    float *workspace;                       /* for the views of images */
    double *view;                           /* two of them */
    struct arrays_double of_double;
    struct arrays_float of_float;
};

/* The sampler's arrays in double precision, while it is created. */
struct factors {
    double *scale, *K, *R;
    const double *vectors, *map, *rotation;
};

static inline void product_double(size_t rows, size_t inner, size_t columns, const double A[],
                                  const double B[], double beta, double C[])
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)columns, (int)inner, 1.0,
                A, (int)inner, B, (int)columns, beta, C, (int)columns);
}

static inline void product_float(size_t rows, size_t inner, size_t columns, const float A[],
                                 const float B[], float beta, float C[])
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)columns, (int)inner,
                1.0F, A, (int)inner, B, (int)columns, beta, C, (int)columns);
}

#define REAL double
#define NAME(stem) stem##_double
#define GEMM cblas_dgemm
#define NORMAL ssldyn_stream_normal
#define BARTLETT ssldyn_wishart_bartlett_draw
#include "sim/sgd/sgd_sampler.inc"

#define REAL float
#define NAME(stem) stem##_float
#define GEMM cblas_sgemm
#define NORMAL ssldyn_stream_normal_float
#define BARTLETT ssldyn_wishart_bartlett_draw_float
#include "sim/sgd/sgd_sampler.inc"

/* Moments estimated from a finite sample may have negative eigenvalues up to this share of the
 * largest one. */
static const double noise_tolerance = 1e-2;

/* R with R R^T = C for a positive semidefinite C (n x n, overwritten); `what` is the name of C
 * in messages. */
static enum ssldyn_status root(size_t n, double C[], double largest, const char *what, double R[],
                               struct ssldyn_error *err)
{
    double *values = ssldyn_memory_array(n, sizeof *values);
    enum ssldyn_status status =
        values ? ssldyn_eigen_once(n, C, values, R, err)
               : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu eigenvalues", n);
    if (values && status == SSLDYN_OK && values[n - 1] < -noise_tolerance * largest) {
        status =
            ssldyn_fail(err, SSLDYN_EINPUT,
                        "no data have these second moments: %s has the eigenvalue %g, but must be "
                        "positive semidefinite",
                        what, values[n - 1]);
    }
    for (size_t i = 0; values && status == SSLDYN_OK && i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            R[i * n + j] *= sqrt(fmax(values[j], 0.0));
        }
    }
    free(values);
    return status;
}

/* MAE of a pair, whose y need not be a view. */
static bool is_pair_of_data(const struct ssldyn_moments *moments)
{
    return moments->predicts && moments->rest;
}

/* Entry i of X + X' in the data basis. */
static double sum_entry(const struct ssldyn_moments *moments, size_t i)
{
    return moments->kind == SSLDYN_MOMENTS_ISOTROPIC ? moments->c : moments->sum[i];
}

/* y = K x + R z of data that are predicted: K = Syx Sxx^-1, R R^T = rest. */
static enum ssldyn_status predicted_factors(const struct ssldyn_moments *moments,
                                            struct factors *factors, struct ssldyn_error *err)
{
    const size_t n1 = moments->n1;
    const size_t m = moments->predicted;
    double largest = 0.0;
    double trace = 0.0; /* of Syy */
    for (size_t i = 0; i < n1; i++) {
        factors->scale[i] = sqrt(fmax(sum_entry(moments, i), 0.0));
        largest = fmax(largest, sum_entry(moments, i));
    }
    for (size_t i = 0; i < m * n1; i++) {
        const double sum = sum_entry(moments, i % n1);
        factors->K[i] = sum > 1e-14 * largest ? moments->predicts[i] / sum : 0.0;
        trace += factors->K[i] * moments->predicts[i];
    }
    double *C = ssldyn_memory_array(m * m, sizeof *C);
    if (!C) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a %zu x %zu matrix", m, m);
    }
    memcpy(C, moments->rest, m * m * sizeof *C);
    for (size_t i = 0; i < m; i++) {
        trace += C[i * (m + 1)];
    }
    const enum ssldyn_status status = root(m, C, trace, "Syy - Syx Sxx^-1 Syx^T", factors->R, err);
    free(C);
    return status;
}

static enum ssldyn_status gaussian_factors(const struct ssldyn_moments *moments, bool diagonal,
                                           struct factors *factors, struct ssldyn_error *err)
{
    const size_t n1 = moments->n1;
    double largest = 0.0;
    for (size_t i = 0; i < n1; i++) {
        factors->scale[i] = sqrt(fmax(sum_entry(moments, i), 0.0));
        largest = fmax(largest, sum_entry(moments, i));
    }
    for (size_t i = 0; i < n1; i++) {
        const double sum = sum_entry(moments, i);
        const double inverse = sum > 1e-14 * largest ? 1.0 / sum : 0.0;
        if (diagonal) {
            const double x = moments->kind == SSLDYN_MOMENTS_ISOTROPIC ? 1.0 : moments->X[i];
            factors->K[i] = x * inverse;
            factors->R[i] = sqrt(fmax(sum - x * x * inverse, 0.0));
            continue;
        }
        for (size_t j = 0; j < n1; j++) {
            factors->K[j * n1 + i] = moments->X[j * n1 + i] * inverse;
        }
    }
    if (diagonal) {
        return SSLDYN_OK;
    }
    double *C = ssldyn_memory_array(n1 * n1, sizeof *C);
    if (!C) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a %zu x %zu matrix", n1, n1);
    }
    if (moments->pair) { /* y = K x + R z, R R^T = Syy - K Syx^T */
        memcpy(C, moments->rest, n1 * n1 * sizeof *C);
        for (size_t i = 0; i < n1; i++) {
            largest = fmax(largest, moments->second[i * (n1 + 1)]);
        }
        const enum ssldyn_status status =
            root(n1, C, largest, "Syy - Syx Sxx^-1 Syx^T", factors->R, err);
        free(C);
        return status;
    }
    product_double(n1, n1, n1, factors->K, moments->X, 0.0, C);
    for (size_t i = 0; i < n1; i++) {
        for (size_t j = 0; j < n1; j++) {
            C[i * n1 + j] = (i == j ? sum_entry(moments, i) : 0.0) - C[i * n1 + j];
        }
    }
    const enum ssldyn_status status =
        root(n1, C, largest, "X + X' - X (X + X')^-1 X", factors->R, err);
    free(C);
    return status;
}

static enum ssldyn_status noise_factor(size_t n1, const struct ssldyn_dataset *dataset,
                                       struct factors *factors, struct ssldyn_error *err)
{
    if (!dataset->covariance) {
        for (size_t i = 0; i < n1; i++) {
            factors->R[i] = sqrt(dataset->variance);
        }
        return SSLDYN_OK;
    }
    double largest = 0.0;
    double *C = ssldyn_memory_array(n1 * n1, sizeof *C);
    if (!C) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a %zu x %zu matrix", n1, n1);
    }
    memcpy(C, dataset->covariance, n1 * n1 * sizeof *C);
    for (size_t i = 0; i < n1; i++) {
        largest = fmax(largest, C[i * (n1 + 1)]);
    }
    const enum ssldyn_status status = root(n1, C, largest, "X'", factors->R, err);
    free(C);
    return status;
}

/* Chooses the sampler and splits the batch: pieces of a direct batch fit in the cache. */
static void plan(struct ssldyn_sgd_sampler *sampler, enum ssldyn_sampler asked)
{
    enum { PIECE_NUMBERS = 32768, PIECE_LEAST = 64 };
    const size_t enough = sampler->both ? 2 * sampler->n1 : sampler->n1;
    sampler->kind = asked;
    if (sampler->data_count > 0 || sampler->each) {
        sampler->kind = SSLDYN_SAMPLER_DIRECT;
    } else if (asked == SSLDYN_SAMPLER_AUTO) {
        sampler->kind = sampler->batch > enough ? SSLDYN_SAMPLER_WISHART : SSLDYN_SAMPLER_DIRECT;
    }
    if (sampler->kind == SSLDYN_SAMPLER_WISHART) {
        sampler->pairs = sampler->batch < enough ? sampler->batch : enough;
        sampler->largest = sampler->pairs;
        return;
    }
    const size_t fitting = PIECE_NUMBERS / sampler->n1 / 16 * 16;
    const size_t piece = fitting > PIECE_LEAST ? fitting : PIECE_LEAST;
    sampler->pairs = sampler->batch;
    sampler->largest = sampler->batch < piece ? sampler->batch : piece;
}

static enum ssldyn_status fill(struct ssldyn_sgd_sampler *sampler,
                               const struct ssldyn_moments *moments,
                               const struct ssldyn_dataset *dataset, const double rotation[],
                               struct ssldyn_error *err)
{
    const size_t n1 = sampler->n1;
    const size_t second = sampler->second;
    const size_t keep = sampler->diagonal ? n1 : second * n1;
    const size_t fresh = sampler->diagonal ? n1 : second * second;
    const bool factored = !sampler->images;
    struct factors factors = {.scale = dataset ? NULL : ssldyn_memory_array(n1, sizeof(double)),
                              .K = dataset ? NULL : ssldyn_memory_array(keep, sizeof(double)),
                              .R = factored ? ssldyn_memory_array(fresh, sizeof(double)) : NULL,
                              .rotation = rotation,
                              .vectors = dataset ? dataset->vectors : NULL,
                              .map = sampler->images ? sampler->images->map : NULL};
    enum ssldyn_status status = SSLDYN_OK;
    if ((factored && !factors.R) || (!dataset && (!factors.scale || !factors.K))) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a sampler");
    } else if (dataset && factored) {
        status = noise_factor(n1, dataset, &factors, err);
    } else if (factored && is_pair_of_data(moments)) {
        status = predicted_factors(moments, &factors, err);
    } else if (factored) {
        status = gaussian_factors(moments, sampler->diagonal, &factors, err);
    }
    if (status == SSLDYN_OK) {
        status = sampler->precision == SSLDYN_PRECISION_FLOAT ? fill_float(sampler, &factors, err)
                                                              : fill_double(sampler, &factors, err);
    }
    free(factors.scale);
    free(factors.K);
    free(factors.R);
    return status;
}

/* A step has 2^32 random numbers of a stream; a batch that needs more would use those of the
 * next step. */
static enum ssldyn_status check_draws(const struct ssldyn_sgd_sampler *sampler,
                                      struct ssldyn_error *err)
{
    const double most = 4294967296.0;
    const double normals = (double)(sampler->n1 + sampler->second);
    const double draws =
        sampler->images ? (double)ssldyn_sgd_images_draws(sampler->images) : normals;
    /* one index more for a data set; each call rounds up to one or two groups */
    const double pieces = (double)ssldyn_sgd_sampler_pieces(sampler);
    if ((double)sampler->pairs * (draws + 1.0) + 96.0 * pieces > most) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--batch %zu: too large for a step with %.0f random numbers per pair; "
                           "the limit is %.0f%s",
                           sampler->batch, draws, floor(most / (draws + 2.0)),
                           sampler->data_count > 0 || sampler->each
                               ? ""
                               : " (--sampler wishart has no such limit)");
    }
    return SSLDYN_OK;
}

/* Allocates indices into a data set, and views. */
static enum ssldyn_status prepare_dataset(struct ssldyn_sgd_sampler *sampler,
                                          struct ssldyn_error *err)
{
    sampler->index = ssldyn_memory_array(sampler->largest, sizeof *sampler->index);
    bool complete = sampler->index;
    if (sampler->images) {
        sampler->workspace =
            ssldyn_memory_array(ssldyn_sgd_images_workspace(sampler->images), sizeof(float));
        sampler->view = ssldyn_memory_array(sampler->images->views.features, 2 * sizeof(double));
        complete = complete && sampler->workspace && sampler->view;
    }
    return complete ? SSLDYN_OK
                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a batch of %zu",
                                  sampler->largest);
}

enum ssldyn_status ssldyn_sgd_sampler_create(const struct ssldyn_moments *moments,
                                             const struct ssldyn_dataset *dataset,
                                             const struct ssldyn_sampler_request *request,
                                             struct ssldyn_sgd_sampler **out,
                                             struct ssldyn_error *err)
{
    *out = NULL;
    if (dataset && request->kind == SSLDYN_SAMPLER_WISHART) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--sampler wishart: supports Gaussian data only; with a data set use direct");
    }
    if (request->each && request->kind == SSLDYN_SAMPLER_WISHART) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--sampler wishart: draws a batch's second moments, but the cosine "
                           "needs each pair; use direct");
    }
    struct ssldyn_sgd_sampler *sampler = calloc(1, sizeof *sampler);
    if (!sampler) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a sampler");
    }
    sampler->n1 = moments->n1;
    sampler->second = !dataset && is_pair_of_data(moments) ? moments->predicted : moments->n1;
    sampler->batch = request->batch;
    sampler->both = request->both;
    sampler->each = request->each;
    sampler->precision = request->precision;
    sampler->data_count = dataset ? dataset->count : 0;
    sampler->images = dataset ? dataset->images : NULL;
    sampler->diagonal = dataset ? !dataset->covariance
                                : (moments->kind == SSLDYN_MOMENTS_ISOTROPIC ||
                                   moments->kind == SSLDYN_MOMENTS_DIAGONAL) &&
                                      !is_pair_of_data(moments);
    plan(sampler, request->kind);
    enum ssldyn_status status = check_draws(sampler, err);
    if (status == SSLDYN_OK && dataset) {
        status = prepare_dataset(sampler, err);
    }
    if (status == SSLDYN_OK) {
        status = fill(sampler, moments, dataset, request->rotation, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_sgd_sampler_free(sampler);
        return status;
    }
    *out = sampler;
    return SSLDYN_OK;
}

void ssldyn_sgd_sampler_free(struct ssldyn_sgd_sampler *sampler)
{
    if (!sampler) {
        return;
    }
    clear_double(&sampler->of_double);
    clear_float(&sampler->of_float);
    free(sampler->index);
    free(sampler->workspace);
    free(sampler->view);
    free(sampler);
}

enum ssldyn_sampler ssldyn_sgd_sampler_kind(const struct ssldyn_sgd_sampler *sampler)
{
    return sampler->kind;
}

size_t ssldyn_sgd_sampler_pairs(const struct ssldyn_sgd_sampler *sampler)
{
    return sampler->pairs;
}

size_t ssldyn_sgd_sampler_pieces(const struct ssldyn_sgd_sampler *sampler)
{
    return (sampler->pairs + sampler->largest - 1) / sampler->largest;
}

size_t ssldyn_sgd_sampler_largest(const struct ssldyn_sgd_sampler *sampler)
{
    return sampler->largest;
}
