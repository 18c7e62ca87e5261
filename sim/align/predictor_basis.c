/* F in the basis of the predictor (predictor_basis.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/predictor_basis.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"

#include <cblas.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

static const double tie_breaker = 1e-5;
static const double excess_most = 0.1;

struct ssldyn_predictor_basis {
    size_t n, features;
    struct ssldyn_eigen *eigen;
    double *vectors;          /* n x n: V */
    double *product;          /* n x n: F V, then Wp V */
    double *turned_input;     /* n x n: V^T F V */
    double *turned;           /* N x n: features V */
    double *values;           /* n: eigenvalues of the mixture, then s in the order of V */
    double *s, *p, *variance; /* n, living, descending */
    double *block;            /* holds all of these */
    size_t *order;            /* n */
};

void ssldyn_predictor_basis_free(struct ssldyn_predictor_basis *basis)
{
    if (basis == NULL)
        return;
    ssldyn_eigen_free(basis->eigen);
    free(basis->block);
    free(basis->order);
    free(basis);
}

enum ssldyn_status ssldyn_predictor_basis_create(size_t n, size_t features,
                                                 struct ssldyn_predictor_basis **basis,
                                                 struct ssldyn_error *err)
{
    *basis = NULL;
    struct ssldyn_predictor_basis *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->n = n;
    fresh->features = features;
    const struct ssldyn_memory_part parts[] = {{&fresh->vectors, n * n},
                                               {&fresh->product, n * n},
                                               {&fresh->turned_input, n * n},
                                               {&fresh->values, n},
                                               {&fresh->s, n},
                                               {&fresh->p, n},
                                               {&fresh->variance, n},
                                               {&fresh->turned, features * n}};
    fresh->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    fresh->order = ssldyn_memory_array(n, sizeof(size_t));
    enum ssldyn_status status = SSLDYN_OK;
    if (fresh->block == NULL || fresh->order == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the predictor's basis");
    if (status == SSLDYN_OK)
        status = ssldyn_eigen_create(n, &fresh->eigen, err);
    if (status != SSLDYN_OK) {
        ssldyn_predictor_basis_free(fresh);
        return status;
    }
    *basis = fresh;
    return SSLDYN_OK;
}

static double norm(size_t count, const double A[])
{
    const double size = cblas_dnrm2((int)count, A, 1);
    return size > 0.0 ? size : 1.0;
}

static void multiply(size_t n, enum CBLAS_TRANSPOSE transpose, const double A[], const double B[],
                     double C[])
{
    const int size = (int)n;
    cblas_dgemm(CblasRowMajor, transpose, CblasNoTrans, size, size, size, 1.0, A, size, B, size,
                0.0, C, size);
}

/* Computes V, V^T F V and Wp V. */
static enum ssldyn_status turn(struct ssldyn_predictor_basis *basis, const double F[],
                               const double Wp[], struct ssldyn_error *err)
{
    const size_t n = basis->n;
    const double predictor = 1.0 / norm(n * n, Wp);
    const double input = tie_breaker / norm(n * n, F);
    for (size_t i = 0; i < n * n; i++)
        basis->vectors[i] = predictor * Wp[i] + input * F[i];
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(basis->eigen, basis->vectors, basis->values, basis->vectors, err);
    if (status != SSLDYN_OK)
        return status;
    multiply(n, CblasNoTrans, F, basis->vectors, basis->product);
    multiply(n, CblasTrans, basis->vectors, basis->product, basis->turned_input);
    multiply(n, CblasNoTrans, Wp, basis->vectors, basis->product);
    return SSLDYN_OK;
}

/* Copies the modes above the floor into s, p and order, descending. */
static size_t choose_living(struct ssldyn_predictor_basis *basis, double floor)
{
    const size_t n = basis->n;
    double largest = 0.0;
    for (size_t j = 0; j < n; j++) {
        basis->values[j] = -basis->turned_input[j * n + j]; /* sorted ascending below */
        largest = fmax(largest, -basis->values[j]);
    }
    gsl_sort_index(basis->order, basis->values, 1, n);
    size_t count = 0;
    while (count < n && -basis->values[basis->order[count]] > floor * largest) {
        const size_t j = basis->order[count];
        basis->s[count] = -basis->values[j];
        basis->p[count++] =
            cblas_ddot((int)n, basis->vectors + j, (int)n, basis->product + j, (int)n);
    }
    return count;
}

/* Variances of log s_j from the spread of (v_j . f)^2 over the samples, and that of their mean. */
static double sampling_variances(struct ssldyn_predictor_basis *basis, const double features[],
                                 size_t count)
{
    const size_t n = basis->n;
    const double samples = (double)basis->features;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)basis->features, (int)n, (int)n,
                1.0, features, (int)n, basis->vectors, (int)n, 0.0, basis->turned, (int)n);
    double shared = 0.0;
    for (size_t j = 0; j < count; j++)
        basis->variance[j] = 0.0;
    for (size_t i = 0; i < basis->features; i++) {
        double total = 0.0;
        for (size_t j = 0; j < count; j++) {
            const double y = basis->turned[i * n + basis->order[j]];
            const double excess = y * y / basis->s[j] - 1.0;
            basis->variance[j] += excess * excess / (samples * samples);
            total += excess / (double)count;
        }
        shared += total * total / (samples * samples);
    }
    return shared;
}

/* Mean over j of sum_k rho_jk^2, minus its expectation from sampling: for independent
 * coordinates its variance is that of the product, sqrt(v_j v_k)/2, where v_j is the variance of
 * log s_j. */
static double find_excess(const struct ssldyn_predictor_basis *basis, size_t count, bool sampled)
{
    const size_t n = basis->n;
    double sum = 0.0;
    for (size_t j = 0; j < count; j++) {
        for (size_t k = 0; k < j; k++) {
            const double entry = basis->turned_input[basis->order[j] * n + basis->order[k]];
            const double chance =
                sampled ? 0.5 * sqrt(basis->variance[j] * basis->variance[k]) : 0.0;
            sum += 2.0 * (entry * entry / (basis->s[j] * basis->s[k]) - chance);
        }
    }
    return count > 0 ? sum / (double)count : 0.0;
}

enum ssldyn_status ssldyn_predictor_basis_find(struct ssldyn_predictor_basis *basis,
                                               const double F[], const double Wp[],
                                               const double features[], double floor,
                                               struct ssldyn_predictor_modes *modes,
                                               struct ssldyn_error *err)
{
    const enum ssldyn_status status = turn(basis, F, Wp, err);
    if (status != SSLDYN_OK)
        return status;
    const size_t count = choose_living(basis, floor);
    *modes = (struct ssldyn_predictor_modes){.count = count, .s = basis->s, .p = basis->p};
    if (features != NULL) {
        modes->shared = sampling_variances(basis, features, count);
        modes->variance = basis->variance;
    }
    modes->excess = find_excess(basis, count, features != NULL);
    return SSLDYN_OK;
}

bool ssldyn_predictor_basis_shared(const struct ssldyn_predictor_modes *modes)
{
    return modes->count > 0 && modes->excess <= excess_most;
}
