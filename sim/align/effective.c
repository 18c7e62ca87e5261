/* Least squares of outputs on inputs (effective.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/effective_internal.h"

#include "sim/base/memory.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Rounding of the inputs biases A towards 0 by noise/s, which is below 0.2 % if s is at least
 * this many times the noise. */
static const double noise_clear = 768.0;

void ssldyn_effective_free(struct ssldyn_effective *effective)
{
    if (effective == NULL)
        return;
    free(effective->block);
    free(effective->modes);
    ssldyn_eigen_free(effective->eigen);
    free(effective);
}

enum ssldyn_status ssldyn_effective_create(size_t n, size_t count, bool centered,
                                           struct ssldyn_effective **effective,
                                           struct ssldyn_error *err)
{
    *effective = NULL;
    struct ssldyn_effective *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->n = n;
    fresh->count = count;
    fresh->centered = centered;
    fresh->weight = (double)count - (centered ? 1.0 : 0.0);
    const size_t square = n * n;
    const size_t samples = SSLDYN_EFFECTIVE_BLOCK * n;
    const struct ssldyn_memory_part parts[] = {
        {&fresh->U, square},        {&fresh->cross, square},    {&fresh->B, square},
        {&fresh->tilt, square},     {&fresh->stretch, square},  {&fresh->rest, square},
        {&fresh->y, samples},       {&fresh->r, samples},       {&fresh->turned, samples},
        {&fresh->product, samples}, {&fresh->more, samples},    {&fresh->s, n},
        {&fresh->output_mean, n},   {&fresh->residual_mean, n}, {&fresh->cosine, n},
        {&fresh->p_noise, n},       {&fresh->p_error, n},       {&fresh->cos_error, n}};
    fresh->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    fresh->modes = ssldyn_memory_array(n, sizeof *fresh->modes);
    enum ssldyn_status status = SSLDYN_OK;
    if (fresh->block == NULL || fresh->modes == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the effective predictor");
    if (status == SSLDYN_OK)
        status = ssldyn_eigen_create(n, &fresh->eigen, err);
    if (status != SSLDYN_OK) {
        ssldyn_effective_free(fresh);
        return status;
    }
    *effective = fresh;
    return SSLDYN_OK;
}

void ssldyn_effective_turn(size_t rows, size_t n, const double A[], const double B[], double C[])
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)n, (int)n, 1.0, A,
                (int)n, B, (int)n, 0.0, C, (int)n);
}

/* The number of directions whose variance is not just rounding, of the numbers or of their sum. */
static size_t count_living(size_t n, const double s[], double noise)
{
    const double least = fmax(noise_clear * noise, 10.0 * (double)n * DBL_EPSILON * s[0]);
    size_t living = 0;
    while (living < n && s[living] > least)
        living++;
    return living;
}

enum ssldyn_status ssldyn_effective_fit(struct ssldyn_effective *effective,
                                        const struct ssldyn_effective_samples *samples, double A[],
                                        struct ssldyn_error *err)
{
    const size_t n = effective->n;
    const int size = (int)n;
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(effective->eigen, samples->F, effective->s, effective->U, err);
    if (status != SSLDYN_OK)
        return status;
    const size_t living = count_living(n, effective->s, samples->noise);
    effective->living = living;
    if ((double)living >= effective->weight)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--outputs: %zu samples span %zu directions, so that any outputs are a "
                           "linear function of the inputs: a predictor of %zu x %zu needs more "
                           "than %zu samples, and preferably several times as many",
                           effective->count, living, n, n, n + (effective->centered ? 1 : 0));
    /* cross = sum q f^T; A = cross U s^-1 U^T over N. */
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, size, size, (int)effective->count,
                1.0 / effective->weight, samples->q, size, samples->f, size, 0.0, effective->cross,
                size);
    ssldyn_effective_turn(n, n, effective->cross, effective->U, effective->B);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            effective->B[i * n + j] = j < living ? effective->B[i * n + j] / effective->s[j] : 0.0;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, size, size, size, 1.0, effective->B, size,
                effective->U, size, 0.0, A, size);
    return SSLDYN_OK;
}
