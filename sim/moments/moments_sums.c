/* From images to sums: views in parallel, each with random numbers named by the pair; products by
 * the BLAS, one thread each, so that no sum depends on who is first. */
// SPDX-License-Identifier: MIT
#include "sim/moments/moments_sums.h"

#include "sim/base/memory.h"
#include "sim/random/stream.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

/* Where in the uniforms of a pair's first view the patch is chosen; above all of an augmentation.
 */
enum { DRAW_PATCH_ROW = SSLDYN_AUGMENT_UNIFORMS, DRAW_PATCH_COLUMN, UNIFORMS_A_VIEW = 64 };
/* Runs of the augmentation's stream: settings of a view, and its noise. */
enum { RUN_SETTINGS = 0, RUN_NOISE = 1 };

static enum ssldyn_status choose_features(const struct ssldyn_moments_request *request,
                                          struct ssldyn_moments_sums *sums,
                                          struct ssldyn_error *err)
{
    const struct ssldyn_image_size *size = &sums->size;
    size_t height = size->height;
    size_t width = size->width;

    if (request->patch > 0) {
        if (request->patch > height || request->patch > width)
            return ssldyn_fail(err, SSLDYN_EDOMAIN,
                               "--patch %zu: must be at most the image's "
                               "%zu x %zu pixels",
                               request->patch, height, width);
        height = request->patch;
        width = request->patch;
    }
    if (request->pool > 0) {
        if (height % request->pool != 0 || width % request->pool != 0)
            return ssldyn_fail(err, SSLDYN_EDOMAIN, "--pool %zu: must divide %zu x %zu pixels",
                               request->pool, height, width);
        height = request->pool;
        width = request->pool;
    }
    sums->patch = request->patch;
    sums->cells = request->pool;
    sums->n = size->channels * height * width;
    if (request->pca > sums->n)
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--pca %zu: must be at most the %zu numbers of a view", request->pca,
                           sums->n);
    size_t most = request->pca > 0 ? SSLDYN_MOMENTS_MAXIMUM_FEATURES : SSLDYN_MOMENTS_MAXIMUM_N1;
    if (sums->n > most || request->pca > SSLDYN_MOMENTS_MAXIMUM_N1)
        return ssldyn_fail(
            err, SSLDYN_EDOMAIN,
            "views of %zu x %zu x %zu numbers: make vectors of at most %d by --pool, "
            "--patch or --pca (which takes views of at most %d)",
            size->channels, height, width, SSLDYN_MOMENTS_MAXIMUM_N1,
            SSLDYN_MOMENTS_MAXIMUM_FEATURES);
    return SSLDYN_OK;
}

static size_t thread_count(size_t asked)
{
#ifdef _OPENMP
    return asked > 0 ? asked : (size_t)omp_get_max_threads();
#else
    (void)asked;
    return 1;
#endif
}

enum ssldyn_status ssldyn_moments_sums_init(const struct ssldyn_moments_request *request,
                                            const struct ssldyn_image_size *size,
                                            size_t group_count, struct ssldyn_moments_sums *sums,
                                            struct ssldyn_error *err)
{
    *sums = (struct ssldyn_moments_sums){.size = *size};
    enum ssldyn_status status = choose_features(request, sums, err);
    if (status != SSLDYN_OK)
        return status;
    size_t n = sums->n;
    size_t numbers = ssldyn_image_numbers(size);
    sums->threads = thread_count(request->threads);
    /* one view and the noise for it beside what the augmentation needs; noise comes in lanes */
    sums->workspace_size = (2 * numbers + ssldyn_augment_workspace(size) + 127) / 64 * 64;
    sums->workspaces = ssldyn_array_alloc(sums->threads, sums->workspace_size * sizeof(float));
    sums->m = ssldyn_array_alloc(SSLDYN_MOMENTS_BLOCK * n, sizeof(double));
    sums->d = ssldyn_array_alloc(SSLDYN_MOMENTS_BLOCK * n, sizeof(double));
    sums->groups = ssldyn_array_alloc(group_count, sizeof *sums->groups);
    bool complete = sums->workspaces && sums->m && sums->d && sums->groups;
    if (complete)
        sums->group_count = group_count;
    for (size_t g = 0; complete && g < group_count; g++) {
        sums->groups[g].mean = ssldyn_array_alloc(n, sizeof(double));
        sums->groups[g].first = ssldyn_array_alloc(n * n, sizeof(double));
        sums->groups[g].other = ssldyn_array_alloc(n * n, sizeof(double));
        complete = sums->groups[g].mean && sums->groups[g].first && sums->groups[g].other;
    }
    if (!complete)
        return ssldyn_fail(err, SSLDYN_ENOMEM,
                           "no memory for %zu groups of moments of size %zu: "
                           "make the views smaller by --pool or --patch, or use fewer --splits",
                           group_count, n);
    return SSLDYN_OK;
}

void ssldyn_moments_sums_clear(struct ssldyn_moments_sums *sums)
{
    for (size_t g = 0; g < sums->group_count; g++) {
        free(sums->groups[g].mean);
        free(sums->groups[g].first);
        free(sums->groups[g].other);
    }
    free(sums->groups);
    free(sums->m);
    free(sums->d);
    free(sums->workspaces);
    *sums = (struct ssldyn_moments_sums){0};
}

/* The part of a view that is used, averaged over cells: channels x rows x columns. */
static void extract(const struct ssldyn_moments_sums *sums, size_t row, size_t column,
                    const float view[], double x[])
{
    const struct ssldyn_image_size *size = &sums->size;
    size_t part_height = sums->patch > 0 ? sums->patch : size->height;
    size_t part_width = sums->patch > 0 ? sums->patch : size->width;
    size_t rows = sums->cells > 0 ? sums->cells : part_height;
    size_t columns = sums->cells > 0 ? sums->cells : part_width;
    size_t cell_height = part_height / rows;
    size_t cell_width = part_width / columns;
    double share = 1.0 / (double)(cell_height * cell_width);

    for (size_t c = 0; c < size->channels; c++) {
        for (size_t r = 0; r < rows; r++) {
            const float *corner =
                view + (c * size->height + row + r * cell_height) * size->width + column;
            for (size_t k = 0; k < columns; k++) {
                double sum = 0.0;
                for (size_t y = 0; y < cell_height; y++)
                    for (size_t i = 0; i < cell_width; i++)
                        sum += (double)corner[y * size->width + k * cell_width + i];
                *x++ = share * sum;
            }
        }
    }
}

/* Both views of one pair into m = (x1 + x2)/2 and d = x1 - x2. */
static void make_pair(const struct ssldyn_moments_sums *sums,
                      const struct ssldyn_moments_request *request, const float image[],
                      uint64_t pair, float workspace[], double m[], double d[])
{
    const struct ssldyn_augmentation *augmentation = &request->augmentation;
    size_t numbers = ssldyn_image_numbers(&sums->size);
    uint64_t noise_stride = (numbers + 31) / 32 * 32;
    float *view = workspace;
    float *normals = workspace + numbers;
    float *rest = normals + noise_stride;
    double uniforms[UNIFORMS_A_VIEW];
    struct ssldyn_stream stream;
    struct ssldyn_view drawn;
    size_t row = 0;
    size_t column = 0;

    for (size_t v = 0; v < 2; v++) {
        ssldyn_stream_init(&stream, request->seed, RUN_SETTINGS, SSLDYN_PURPOSE_AUGMENT);
        ssldyn_stream_seek(&stream, (2 * pair + v) * UNIFORMS_A_VIEW);
        ssldyn_stream_uniform(&stream, UNIFORMS_A_VIEW, uniforms);
        if (augmentation->noise > 0.0) {
            ssldyn_stream_init(&stream, request->seed, RUN_NOISE, SSLDYN_PURPOSE_AUGMENT);
            ssldyn_stream_seek(&stream, (2 * pair + v) * noise_stride);
            ssldyn_stream_normal_float(&stream, numbers, normals);
        }
        if (v == 0 && sums->patch > 0) {
            double rows = (double)(sums->size.height - sums->patch + 1);
            double columns = (double)(sums->size.width - sums->patch + 1);
            row = (size_t)(uniforms[DRAW_PATCH_ROW] * rows);
            column = (size_t)(uniforms[DRAW_PATCH_COLUMN] * columns);
        }
        ssldyn_view_draw(augmentation, &sums->size, uniforms, &drawn);
        ssldyn_view_show(augmentation, &drawn, &sums->size, image, normals, rest, view);
        extract(sums, row, column, view, v == 0 ? m : d);
    }
    for (size_t i = 0; i < sums->n; i++) {
        double x1 = m[i];
        double x2 = d[i];
        m[i] = 0.5 * (x1 + x2);
        d[i] = x1 - x2;
    }
}

/* sum += rows^T rows, upper triangle */
static void add_products(size_t n, size_t count, const double rows[], double sum[])
{
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)n, (int)count, 1.0, rows, (int)n, 1.0,
                sum, (int)n);
}

void ssldyn_moments_sums_add(struct ssldyn_moments_sums *sums,
                             const struct ssldyn_moments_request *request, size_t group,
                             size_t count, const float images[], uint64_t first_pair)
{
    struct ssldyn_moments_group *into = &sums->groups[group];
    size_t n = sums->n;
    size_t numbers = ssldyn_image_numbers(&sums->size);
    int threads = (int)sums->threads;
    ptrdiff_t rows = (ptrdiff_t)count;

    (void)threads;
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 4) num_threads(threads) if (threads > 1)
#endif
    for (ptrdiff_t i = 0; i < rows; i++) {
        size_t thread = 0;
#ifdef _OPENMP
        thread = (size_t)omp_get_thread_num();
#endif
        make_pair(sums, request, images + (size_t)i * numbers, first_pair + (uint64_t)i,
                  sums->workspaces + thread * sums->workspace_size, sums->m + (size_t)i * n,
                  sums->d + (size_t)i * n);
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(static, 1) num_threads(threads) if (threads > 1)
#endif
    for (int which = 0; which < 2; which++)
        add_products(n, count, which == 0 ? sums->m : sums->d,
                     which == 0 ? into->first : into->other);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < n; k++)
            into->mean[k] += sums->m[i * n + k];
    into->pairs += count;
}
