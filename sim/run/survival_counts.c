/* Thresholds of modes on data whose X and X' do not commute, one for each of n1 directions
 * (survival_counts.h). S stands for X + X'. */
// SPDX-License-Identifier: MIT
#include "sim/run/survival_counts.h"

#include "sim/base/memory.h"
#include "theory/fixedpoint.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

struct counting {
    const struct ssldyn_survival *survival;
    struct ssldyn_eigen *eigen;
    double *vectors; /* n1 x n1 */
    double *white;   /* n1 x n1: Q diag^(-1/2) with S = Q diag Q^T */
    double *half;    /* n1 x n1: X white */
    double *product; /* n1 x n1 */
    double *values;  /* n1 */
    double *v;       /* n1 */
};

/* (v^T X v)^2/(4 v^T S v) for a unit v; 0 if v^T X v <= 0, as no positive b exists then. */
static double threshold_of(const struct ssldyn_survival *survival, const double v[])
{
    const double data = ssldyn_dense_form(survival->n1, survival->X, v);
    const double sum = ssldyn_dense_form(survival->n1, survival->sum, v);
    return data > 0.0 && sum > 0.0 ? ssldyn_fixedpoint_fold(data, sum) : 0.0;
}

/* Thresholds along the eigenvectors of A (X or S). */
static enum ssldyn_status fill_along(struct counting *counting, const double A[],
                                     double thresholds[], struct ssldyn_error *err)
{
    const size_t n = counting->survival->n1;
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(counting->eigen, A, counting->values, counting->vectors, err);
    if (status != SSLDYN_OK)
        return status;
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < n; i++)
            counting->v[i] = counting->vectors[i * n + j];
        thresholds[j] = threshold_of(counting->survival, counting->v);
    }
    ssldyn_dense_sort_descending(n, thresholds);
    return SSLDYN_OK;
}

/* white and half. Directions without variance are omitted (0). */
static enum ssldyn_status whiten(struct counting *counting, struct ssldyn_error *err)
{
    const size_t n = counting->survival->n1;
    double *Q = counting->white;
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(counting->eigen, counting->survival->sum, counting->values, Q, err);
    if (status != SSLDYN_OK)
        return status;
    const double floor = (double)n * DBL_EPSILON * counting->values[0];
    for (size_t j = 0; j < n; j++) {
        const double scale = counting->values[j] > floor ? 1.0 / sqrt(counting->values[j]) : 0.0;
        for (size_t i = 0; i < n; i++)
            Q[i * n + j] *= scale;
    }
    ssldyn_dense_multiply(n, n, n, counting->survival->X, Q, counting->half);
    return SSLDYN_OK;
}

/* Thresholds along the generalized eigenvectors of (X, S): white y for the eigenvectors y of
 * white^T X white. */
static enum ssldyn_status fill_along_pair(struct counting *counting, double thresholds[],
                                          struct ssldyn_error *err)
{
    const size_t n = counting->survival->n1;
    const double *white = counting->white;
    double *v = counting->v;
    double *transposed = counting->vectors;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            transposed[j * n + i] = white[i * n + j];
    }
    ssldyn_dense_multiply(n, n, n, transposed, counting->half, counting->product);
    double *Y = counting->vectors;
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(counting->eigen, counting->product, counting->values, Y, err);
    if (status != SSLDYN_OK)
        return status;
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < n; i++) {
            v[i] = 0.0;
            for (size_t k = 0; k < n; k++)
                v[i] += white[i * n + k] * Y[k * n + j];
        }
        const double norm = ssldyn_dense_norm(n, v);
        for (size_t i = 0; i < n && norm > 0.0; i++)
            v[i] /= norm;
        thresholds[j] = norm > 0.0 ? threshold_of(counting->survival, v) : 0.0;
    }
    ssldyn_dense_sort_descending(n, thresholds);
    return SSLDYN_OK;
}

/* Eigenvalues of X S^-1 X/4 = half half^T/4. */
static enum ssldyn_status fill_product(struct counting *counting, double thresholds[],
                                       struct ssldyn_error *err)
{
    const size_t n = counting->survival->n1;
    const double *half = counting->half;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            counting->product[i * n + j] = 0.25 * ssldyn_dense_dot(n, half + i * n, half + j * n);
    }
    return ssldyn_eigen_symmetric(counting->eigen, counting->product, thresholds, NULL, err);
}

enum ssldyn_status ssldyn_survival_fill_counts(struct ssldyn_survival *survival,
                                               struct ssldyn_eigen *eigen, struct ssldyn_error *err)
{
    const size_t n = survival->n1;
    double *block = ssldyn_memory_array(4 * n + 2, n * sizeof(double));
    if (block == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for data of size %zu", n);
    struct counting counting = {
        .survival = survival,
        .eigen = eigen,
        .vectors = block,
        .white = block + n * n,
        .half = block + 2 * n * n,
        .product = block + 3 * n * n,
        .values = block + 4 * n * n,
        .v = block + 4 * n * n + n,
    };
    enum ssldyn_status status = fill_along(&counting, survival->X, survival->along_x, err);
    if (status == SSLDYN_OK)
        status = fill_along(&counting, survival->sum, survival->along_sum, err);
    if (status == SSLDYN_OK)
        status = whiten(&counting, err);
    if (status == SSLDYN_OK)
        status = fill_along_pair(&counting, survival->along_pair, err);
    if (status == SSLDYN_OK)
        status = fill_product(&counting, survival->product, err);
    free(block);
    return status;
}
