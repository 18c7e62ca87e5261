/* Survival thresholds of data whose X and X' do not commute (survival.h). */
// SPDX-License-Identifier: MIT
#include "sim/run/survival.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/run/survival_counts.h"
#include "theory/fixedpoint.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CERTIFIED_SIZE = 768, GRID = 24, CLIMB_STEPS = 400, ROUNDS = 60 };

/* The state of the maximization. */
struct climb {
    struct ssldyn_survival *survival;
    struct ssldyn_eigen *eigen;
    double *matrix;    /* n1 x n1 */
    double *vectors;   /* n1 x n1 */
    double *values;    /* n1 */
    double *candidate; /* n1 */
    double *block;     /* holds all of the above; owned */
};

/* lambda_max(b X - b^2 S), and its eigenvector in candidate. */
static enum ssldyn_status top_eigenvalue(struct climb *climb, double b, double *value,
                                         struct ssldyn_error *err)
{
    const struct ssldyn_survival *survival = climb->survival;
    const size_t n = survival->n1;
    for (size_t i = 0; i < n * n; i++)
        climb->matrix[i] = b * (survival->X[i] - b * survival->sum[i]);
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(climb->eigen, climb->matrix, climb->values, climb->vectors, err);
    if (status != SSLDYN_OK)
        return status;
    *value = climb->values[0];
    for (size_t i = 0; i < n; i++)
        climb->candidate[i] = climb->vectors[i * n];
    return SSLDYN_OK;
}

/* Climbs from b: the best v for b, the best b for v, and so on; the value never decreases. Keeps
 * the result if it is better than the best so far. */
static enum ssldyn_status climb_from(struct climb *climb, double b, struct ssldyn_error *err)
{
    struct ssldyn_survival *survival = climb->survival;
    const size_t n = survival->n1;
    double last = 0.0;
    for (int step = 0; step < CLIMB_STEPS; step++) {
        double value = 0.0;
        const enum ssldyn_status status = top_eigenvalue(climb, b, &value, err);
        if (status != SSLDYN_OK)
            return status;
        const double data = ssldyn_dense_form(n, survival->X, climb->candidate);
        const double sum = ssldyn_dense_form(n, survival->sum, climb->candidate);
        if (data <= 0.0 || sum <= 0.0)
            return SSLDYN_OK;
        b = data / (2.0 * sum);
        const double reached = ssldyn_fixedpoint_fold(data, sum);
        if (reached > survival->eta_c) {
            survival->eta_c = reached;
            survival->b = b;
            memcpy(survival->v, climb->candidate, n * sizeof(double));
        }
        if (reached <= last * (1.0 + 4.0 * DBL_EPSILON))
            return SSLDYN_OK;
        last = reached;
    }
    return SSLDYN_OK;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The real positive b with det(b^2 S - b X + eta I) = 0, ascending, into roots (2 n1 entries). With
 * mu = 1/b the problem is mu^2 - mu X/eta + S/eta, whose companion matrix needs no inverse:
 * [[X/eta, -S/(eta k)], [k I, 0]] with k balancing the blocks. */
static enum ssldyn_status real_roots(const struct ssldyn_survival *survival, double eta,
                                     double roots[], size_t *count, struct ssldyn_error *err)
{
    const size_t n = survival->n1;
    const size_t n2 = 2 * n;
    double *companion = ssldyn_memory_array(n2 * n2, sizeof(double));
    double *im = ssldyn_memory_array(n2, sizeof(double));
    enum ssldyn_status status = SSLDYN_OK;
    *count = 0;
    if (companion == NULL || im == NULL) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu roots", n2);
        goto cleanup;
    }
    const double k = sqrt(ssldyn_dense_norm(n * n, survival->sum) / eta / sqrt((double)n));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            companion[i * n2 + j] = survival->X[i * n + j] / eta;
            companion[i * n2 + n + j] = -survival->sum[i * n + j] / eta / k;
        }
        companion[(n + i) * n2 + i] = k;
    }
    status = ssldyn_eigen_general_values(n2, companion, roots, im, err);
    if (status != SSLDYN_OK)
        goto cleanup;
    for (size_t j = 0; j < n2; j++) {
        if (im[j] == 0.0 && roots[j] > 0.0)
            roots[(*count)++] = 1.0 / roots[j];
    }
    qsort(roots, *count, sizeof roots[0], ascending);
cleanup:
    free(companion);
    free(im);
    return status;
}

/* Tests a level slightly above the best value so far: if lambda_max exceeds it, it does so between
 * two adjacent real roots. Climbs from the middle of the best such interval. */
static enum ssldyn_status certify(struct climb *climb, double roots[], struct ssldyn_error *err)
{
    struct ssldyn_survival *survival = climb->survival;
    for (int round = 0; round < ROUNDS; round++) {
        const double level = survival->eta_c * (1.0 + 1e-9);
        size_t count = 0;
        enum ssldyn_status status = real_roots(survival, level, roots, &count, err);
        if (status != SSLDYN_OK)
            return status;
        double best = level;
        double best_b = -1.0;
        for (size_t j = 0; j + 1 < count; j++) {
            const double b = 0.5 * (roots[j] + roots[j + 1]);
            double value = 0.0;
            status = top_eigenvalue(climb, b, &value, err);
            if (status != SSLDYN_OK)
                return status;
            if (value > best) {
                best = value;
                best_b = b;
            }
        }
        if (best_b < 0.0) {
            survival->certified = true;
            return SSLDYN_OK;
        }
        status = climb_from(climb, best_b, err);
        if (status != SSLDYN_OK)
            return status;
    }
    return SSLDYN_OK;
}

/* max v^T X v/v^T S v for a pair, whose S is diagonal. */
static enum ssldyn_status largest_ratio(struct climb *climb, double *ratio,
                                        struct ssldyn_error *err)
{
    const struct ssldyn_survival *survival = climb->survival;
    const size_t n = survival->n1;
    for (size_t i = 0; i < n * n; i++) {
        const double scale = survival->sum[i / n * (n + 1)] * survival->sum[i % n * (n + 1)];
        climb->matrix[i] = scale > 0.0 ? survival->X[i] / sqrt(scale) : 0.0;
    }
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(climb->eigen, climb->matrix, climb->values, NULL, err);
    *ratio = status == SSLDYN_OK ? fmax(climb->values[0], 0.0) : 0.0;
    return status;
}

static enum ssldyn_status find_threshold(struct climb *climb, bool pair, struct ssldyn_error *err)
{
    struct ssldyn_survival *survival = climb->survival;
    /* lambda_max > 0 needs b < max v^T X v/v^T S v, which is at most 1 if X' is positive
     * semidefinite (a little more is allowed for sampling noise). */
    double most = 1.0;
    if (pair) {
        const enum ssldyn_status status = largest_ratio(climb, &most, err);
        if (status != SSLDYN_OK || !(most > 0.0)) {
            survival->certified = status == SSLDYN_OK;
            return status;
        }
    }
    double best = 0.0;
    double best_b = 0.5 * most;
    for (int k = 1; k <= GRID; k++) {
        const double b = 1.05 * most * (double)k / (double)GRID;
        double value = 0.0;
        const enum ssldyn_status status = top_eigenvalue(climb, b, &value, err);
        if (status != SSLDYN_OK)
            return status;
        if (value > best) {
            best = value;
            best_b = b;
        }
    }
    enum ssldyn_status status = climb_from(climb, best_b, err);
    if (status != SSLDYN_OK || survival->eta_c <= 0.0 || survival->n1 > CERTIFIED_SIZE)
        return status;
    double *roots = ssldyn_memory_array(2 * survival->n1, sizeof(double));
    if (roots == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    status = certify(climb, roots, err);
    free(roots);
    return status;
}

/* X and X + X' as full matrices, for any kind; for a pair the symmetric part of Syx, times sign. */
static void expand(const struct ssldyn_moments *moments, double sign, double X[], double sum[])
{
    const size_t n = moments->n1;
    const enum ssldyn_moments_kind kind = moments->kind;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            const size_t at = i * n + j;
            if (kind == SSLDYN_MOMENTS_HALF || kind == SSLDYN_MOMENTS_FULL)
                X[at] = sign * (moments->pair ? 0.5 * (moments->X[at] + moments->X[j * n + i])
                                              : moments->X[at]);
            else if (i == j)
                X[at] = kind == SSLDYN_MOMENTS_DIAGONAL ? moments->X[i] : 1.0;
            if (kind == SSLDYN_MOMENTS_FULL)
                sum[at] = moments->sum[at];
            else if (i == j)
                sum[at] = kind == SSLDYN_MOMENTS_ISOTROPIC ? moments->c : moments->sum[i];
        }
    }
}

static enum ssldyn_status allocate(size_t n, struct ssldyn_survival **survival, struct climb *climb,
                                   struct ssldyn_error *err)
{
    struct ssldyn_survival *fresh = calloc(1, sizeof *fresh);
    *survival = fresh;
    memset(climb, 0, sizeof *climb);
    if (fresh == NULL) {
        (void)ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        return SSLDYN_ENOMEM;
    }
    fresh->n1 = n;
    climb->survival = fresh;
    const struct ssldyn_memory_part kept[] = {
        {&fresh->v, n},       {&fresh->along_x, n}, {&fresh->along_sum, n}, {&fresh->along_pair, n},
        {&fresh->product, n}, {&fresh->X, n * n},   {&fresh->sum, n * n}};
    const struct ssldyn_memory_part scratch[] = {{&climb->matrix, n * n},
                                                 {&climb->vectors, n * n},
                                                 {&climb->values, n},
                                                 {&climb->candidate, n}};
    fresh->block = ssldyn_memory_parts(sizeof kept / sizeof kept[0], kept);
    climb->block = ssldyn_memory_parts(sizeof scratch / sizeof scratch[0], scratch);
    if (fresh->block == NULL || climb->block == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for data of size %zu", n);
    return ssldyn_eigen_create(n, &climb->eigen, err);
}

static enum ssldyn_status create(const struct ssldyn_moments *moments, double sign,
                                 struct ssldyn_survival **survival, struct ssldyn_error *err)
{
    struct climb climb;
    enum ssldyn_status status = allocate(moments->n1, survival, &climb, err);
    if (status == SSLDYN_OK) {
        expand(moments, sign, (*survival)->X, (*survival)->sum);
        status = find_threshold(&climb, moments->pair, err);
    }
    if (status == SSLDYN_OK)
        status = ssldyn_survival_fill_counts(*survival, climb.eigen, err);
    ssldyn_eigen_free(climb.eigen);
    free(climb.block);
    if (status != SSLDYN_OK) {
        ssldyn_survival_free(*survival);
        *survival = NULL;
    }
    return status;
}

enum ssldyn_status ssldyn_survival_create(const struct ssldyn_moments *moments,
                                          struct ssldyn_survival **survival,
                                          struct ssldyn_error *err)
{
    struct ssldyn_survival *other = NULL;
    enum ssldyn_status status = create(moments, 1.0, survival, err);
    if (status != SSLDYN_OK || !moments->pair)
        return status;
    /* negative correlations are learned with a negative Wp: (Wp, Syx) -> -(Wp, Syx) */
    status = create(moments, -1.0, &other, err);
    if (status == SSLDYN_OK && other->eta_c > (*survival)->eta_c) {
        struct ssldyn_survival *less = *survival;
        *survival = other;
        other = less;
        (*survival)->b *= -1.0;
    }
    ssldyn_survival_free(other);
    if (status != SSLDYN_OK) {
        ssldyn_survival_free(*survival);
        *survival = NULL;
    }
    return status;
}

void ssldyn_survival_free(struct ssldyn_survival *survival)
{
    if (survival == NULL)
        return;
    free(survival->block);
    free(survival);
}

static size_t count_above(size_t n, const double values[], double level)
{
    size_t count = 0;
    while (count < n && values[count] > level)
        count++;
    return count;
}

enum ssldyn_status ssldyn_survival_count_at(const struct ssldyn_survival *survival, double eta,
                                            struct ssldyn_survival_counts *counts,
                                            struct ssldyn_error *err)
{
    if (!(eta > 0.0) || isinf(eta))
        return ssldyn_fail(err, SSLDYN_EDOMAIN, "eta = %g: survival counts need eta > 0", eta);
    const size_t n = survival->n1;
    double *roots = ssldyn_memory_array(2 * n, sizeof(double));
    if (roots == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    size_t real = 0;
    const enum ssldyn_status status = real_roots(survival, eta, roots, &real, err);
    free(roots);
    if (status != SSLDYN_OK)
        return status;
    counts->pairs = real / 2;
    counts->along_x = count_above(n, survival->along_x, eta);
    counts->along_sum = count_above(n, survival->along_sum, eta);
    counts->along_pair = count_above(n, survival->along_pair, eta);
    counts->product = eta < survival->eta_c ? count_above(n, survival->product, eta) : 0;
    return SSLDYN_OK;
}

double ssldyn_survival_elasticity(const struct ssldyn_survival *survival)
{
    const double data = ssldyn_dense_form(survival->n1, survival->X, survival->v);
    const double sum = ssldyn_dense_form(survival->n1, survival->sum, survival->v);
    return survival->eta_c > 0.0 ? data / sum - 1.0 : (double)NAN;
}
