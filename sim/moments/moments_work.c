/* From sums to X and X' of the whole set and of each group: centered, projected, scaled. */
// SPDX-License-Identifier: MIT
#include "sim/moments/moments_work.h"

#include "sim/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void ssldyn_moments_work_clear(struct ssldyn_moments_work *work)
{
    free(work->whole.mean);
    free(work->whole.first);
    free(work->whole.other);
    free(work->block);
    ssldyn_eigen_free(work->eigen);
}

enum ssldyn_status ssldyn_moments_work_init(struct ssldyn_moments_work *work,
                                            struct ssldyn_error *err)
{
    size_t n = work->n;
    const struct ssldyn_memory_part parts[] = {{&work->vectors, n * n},
                                               {&work->values, n},
                                               {&work->scratch, n * n},
                                               {&work->product, n * n}};

    work->whole.mean = ssldyn_memory_array(n, sizeof(double));
    work->whole.first = ssldyn_memory_array(n * n, sizeof(double));
    work->whole.other = ssldyn_memory_array(n * n, sizeof(double));
    work->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (!work->whole.mean || !work->whole.first || !work->whole.other || !work->block)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for moments of size %zu", n);
    return ssldyn_eigen_create(n, &work->eigen, err);
}

void ssldyn_moments_add(size_t count, const double from[], double to[])
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

/* Sums -> moments: X = E[m m^T] - E[d d^T]/4 (minus mean mean^T), X' = E[d d^T]/2. */
static void normalize(size_t n, bool keep_mean, struct ssldyn_moments_group *group)
{
    double share = group->pairs > 0 ? 1.0 / (double)group->pairs : 0.0;

    for (size_t i = 0; i < n; i++)
        group->mean[i] *= share;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i; j < n; j++) {
            double other = share * group->other[i * n + j];
            double first = share * group->first[i * n + j] - 0.25 * other;
            if (!keep_mean)
                first -= group->mean[i] * group->mean[j];
            group->first[i * n + j] = first;
            group->first[j * n + i] = first;
            group->other[i * n + j] = 0.5 * other;
            group->other[j * n + i] = 0.5 * other;
        }
    }
}

void ssldyn_moments_work_form(struct ssldyn_moments_work *work)
{
    size_t n = work->n;

    for (size_t g = 0; g < work->group_count; g++) {
        work->whole.pairs += work->groups[g].pairs;
        ssldyn_moments_add(n, work->groups[g].mean, work->whole.mean);
        ssldyn_moments_add(n * n, work->groups[g].first, work->whole.first);
        ssldyn_moments_add(n * n, work->groups[g].other, work->whole.other);
    }
    work->pairs = (double)work->whole.pairs;
    normalize(n, work->request->keep_mean, &work->whole);
    for (size_t g = 0; g < work->group_count; g++)
        normalize(n, work->request->keep_mean, &work->groups[g]);
}

/* A (n x n) -> U^T A U (k x k), stored at the beginning of A; U: n x k. */
static void project(struct ssldyn_moments_work *work, size_t k, const double U[],
                    const double transposed[], double A[])
{
    ssldyn_dense_multiply(work->n, work->n, k, A, U, work->scratch);
    ssldyn_dense_multiply(k, work->n, k, transposed, work->scratch, A);
    /* the two products round differently on both sides of the diagonal */
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < i; j++)
            A[j * k + i] = A[i * k + j];
}

static void project_group(struct ssldyn_moments_work *work, size_t k, const double U[],
                          const double transposed[], struct ssldyn_moments_group *group)
{
    project(work, k, U, transposed, group->first);
    project(work, k, U, transposed, group->other);
    ssldyn_dense_multiply(k, work->n, 1, transposed, group->mean, work->scratch);
    memcpy(group->mean, work->scratch, k * sizeof *group->mean);
}

/* Projects everything on the leading eigenvectors of X + X'. */
enum ssldyn_status ssldyn_moments_work_reduce(struct ssldyn_moments_work *work,
                                              struct ssldyn_moments_estimate *estimate,
                                              struct ssldyn_error *err)
{
    size_t n = work->n;
    size_t k = work->request->pca;

    if (k == 0)
        return SSLDYN_OK;
    estimate->basis = ssldyn_memory_array(n * k, sizeof(double));
    double *transposed = ssldyn_memory_array(n * k, sizeof(double));
    if (estimate->basis == NULL || transposed == NULL) {
        free(transposed);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    memcpy(work->product, work->whole.first, n * n * sizeof(double));
    ssldyn_moments_add(n * n, work->whole.other, work->product);
    enum ssldyn_status status =
        ssldyn_eigen_symmetric(work->eigen, work->product, work->values, work->vectors, err);
    for (size_t i = 0; status == SSLDYN_OK && i < n; i++) {
        for (size_t j = 0; j < k; j++) {
            estimate->basis[i * k + j] = work->vectors[i * n + j];
            transposed[j * n + i] = work->vectors[i * n + j];
        }
    }
    if (status == SSLDYN_OK) {
        project_group(work, k, estimate->basis, transposed, &work->whole);
        for (size_t g = 0; g < work->group_count; g++)
            project_group(work, k, estimate->basis, transposed, &work->groups[g]);
        work->n = k;
    }
    free(transposed);
    return status;
}

static void multiply_group(size_t n, double factor, struct ssldyn_moments_group *group)
{
    double root = sqrt(factor);

    for (size_t i = 0; i < n; i++)
        group->mean[i] *= root;
    for (size_t i = 0; i < n * n; i++) {
        group->first[i] *= factor;
        group->other[i] *= factor;
    }
}

/* Sets work->values and vectors to those of X and divides all moments by the requested scale. */
enum ssldyn_status ssldyn_moments_work_rescale(struct ssldyn_moments_work *work,
                                               struct ssldyn_moments_estimate *estimate,
                                               struct ssldyn_error *err)
{
    size_t n = work->n;
    double trace = 0.0;

    enum ssldyn_status status = ssldyn_eigen_symmetric_small(work->eigen, n, work->whole.first,
                                                             work->values, work->vectors, err);
    if (status != SSLDYN_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        trace += work->whole.first[i * n + i];
    estimate->scale = 1.0;
    if (work->request->scale == SSLDYN_MOMENTS_SCALE_MEAN)
        estimate->scale = trace / (double)n;
    if (work->request->scale == SSLDYN_MOMENTS_SCALE_TOP)
        estimate->scale = work->values[0];
    if (!(estimate->scale > 0.0))
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "X has no positive %s to scale by: the views of "
                           "an image have nothing in common (use more --pairs, or --scale none)",
                           work->request->scale == SSLDYN_MOMENTS_SCALE_TOP ? "eigenvalue"
                                                                            : "trace");
    multiply_group(n, 1.0 / estimate->scale, &work->whole);
    for (size_t g = 0; g < work->group_count; g++)
        multiply_group(n, 1.0 / estimate->scale, &work->groups[g]);
    for (size_t i = 0; i < n; i++)
        work->values[i] /= estimate->scale;
    return SSLDYN_OK;
}
