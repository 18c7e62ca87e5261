/* From views to sums: views in parallel, with random numbers keyed by the pair; products by the
 * BLAS, each in one thread, so that no sum depends on the order in which threads finish. */
// SPDX-License-Identifier: MIT
#include "sim/moments/moments_sums.h"

#include "sim/base/memory.h"
#include "sim/base/parallel.h"
#include "sim/random/stream.h"

#include <cblas.h>
#include <stdlib.h>

/* Run numbers in the augmentation's random stream: parameters of a view, and its noise. */
enum { RUN_SETTINGS = 0, RUN_NOISE = 1 };

static bool group_init(size_t n, struct ssldyn_moments_group *group)
{
    const struct ssldyn_memory_part parts[] = {
        {&group->mean, n}, {&group->first, n * n}, {&group->other, n * n}};
    group->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    return group->block != NULL;
}

enum ssldyn_status ssldyn_moments_sums_init(const struct ssldyn_moments_request *request,
                                            const struct ssldyn_image_size *size,
                                            size_t group_count, struct ssldyn_moments_sums *sums,
                                            struct ssldyn_error *err)
{
    *sums = (struct ssldyn_moments_sums){0};
    enum ssldyn_status status = ssldyn_views_init(request, size, &sums->views, err);
    if (status != SSLDYN_OK)
        return status;
    size_t n = sums->views.features;
    sums->n = n;
    sums->threads = (size_t)ssldyn_parallel_threads((int)request->threads);
    /* the noise of both views, plus the workspace for making them */
    sums->workspace_size = (2 * sums->views.noise + sums->views.workspace + 63) / 64 * 64;
    sums->workspaces = ssldyn_memory_array(sums->threads, sums->workspace_size * sizeof(float));
    sums->m = ssldyn_memory_array(SSLDYN_MOMENTS_BLOCK * n, sizeof(double));
    sums->d = ssldyn_memory_array(SSLDYN_MOMENTS_BLOCK * n, sizeof(double));
    sums->groups = ssldyn_memory_array(group_count, sizeof *sums->groups);
    bool complete = sums->workspaces && sums->m && sums->d && sums->groups;
    if (complete)
        sums->group_count = group_count;
    for (size_t g = 0; complete && g < group_count; g++)
        complete = group_init(n, &sums->groups[g]);
    if (!complete)
        return ssldyn_fail(err, SSLDYN_ENOMEM,
                           "out of memory for %zu groups of moments of size %zu: "
                           "make the views smaller by --pool or --patch, or use fewer --splits",
                           group_count, n);
    return SSLDYN_OK;
}

void ssldyn_moments_sums_clear(struct ssldyn_moments_sums *sums)
{
    for (size_t g = 0; g < sums->group_count; g++)
        free(sums->groups[g].block);
    free(sums->groups);
    free(sums->m);
    free(sums->d);
    free(sums->workspaces);
    *sums = (struct ssldyn_moments_sums){0};
}

/* Computes m = (x1 + x2)/2 and d = x1 - x2 from both views of one pair. */
static void make_pair(const struct ssldyn_moments_sums *sums, uint64_t seed, const float image[],
                      uint64_t pair, float workspace[], double m[], double d[])
{
    const struct ssldyn_views *views = &sums->views;
    float *normals = workspace;
    double uniforms[SSLDYN_PAIR_UNIFORMS];
    struct ssldyn_stream stream;

    ssldyn_stream_init(&stream, seed, RUN_SETTINGS, SSLDYN_PURPOSE_AUGMENT);
    ssldyn_stream_seek(&stream, pair * SSLDYN_PAIR_UNIFORMS);
    ssldyn_stream_uniform(&stream, SSLDYN_PAIR_UNIFORMS, uniforms);
    for (size_t v = 0; v < 2 && views->noise > 0; v++) {
        ssldyn_stream_init(&stream, seed, RUN_NOISE, SSLDYN_PURPOSE_AUGMENT);
        ssldyn_stream_seek(&stream, (2 * pair + v) * views->noise);
        ssldyn_stream_normal_float(&stream, ssldyn_images_numbers(&views->size),
                                   normals + v * views->noise);
    }
    ssldyn_views_pair(views, image, uniforms, normals, workspace + 2 * views->noise, m, d);
    for (size_t i = 0; i < sums->n; i++) {
        double x1 = m[i];
        double x2 = d[i];
        m[i] = 0.5 * (x1 + x2);
        d[i] = x1 - x2;
    }
}

/* Shared by the threads of ssldyn_moments_sums_add. */
struct block {
    struct ssldyn_moments_sums *sums;
    struct ssldyn_moments_group *into;
    uint64_t seed;
    size_t count;
    const float *images;
    uint64_t first_pair;
};

static void make_row(void *context, size_t i, int thread)
{
    const struct block *block = context;
    const struct ssldyn_moments_sums *sums = block->sums;
    make_pair(sums, block->seed, block->images + i * ssldyn_images_numbers(&sums->views.size),
              block->first_pair + i, sums->workspaces + (size_t)thread * sums->workspace_size,
              sums->m + i * sums->n, sums->d + i * sums->n);
}

/* first += m^T m and other += d^T d, upper triangles */
static void add_products(void *context, size_t which, int thread)
{
    (void)thread;
    const struct block *block = context;
    const int n = (int)block->sums->n;
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, n, (int)block->count, 1.0,
                which == 0 ? block->sums->m : block->sums->d, n, 1.0,
                which == 0 ? block->into->first : block->into->other, n);
}

void ssldyn_moments_sums_add(struct ssldyn_moments_sums *sums, uint64_t seed, size_t group,
                             size_t count, const float images[], uint64_t first_pair)
{
    struct ssldyn_moments_group *into = &sums->groups[group];
    const int threads = (int)sums->threads;
    const size_t n = sums->n;
    struct block block = {sums, into, seed, count, images, first_pair};

    ssldyn_parallel_for(threads, count, make_row, &block);
    ssldyn_parallel_for(threads, 2, add_products, &block);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < n; k++)
            into->mean[k] += sums->m[i * n + k];
    into->pairs += count;
}
