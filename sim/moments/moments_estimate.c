/* X and X' from sums over pairs of views, and how far each number can be trusted: every quantity is
 * computed for each group of images as well, and the spread between groups gives its error. */
// SPDX-License-Identifier: MIT
#include "sim/moments/moments_estimate.h"

#include "sim/base/memory.h"
#include "sim/moments/moments_work.h"
#include "sim/run/survival.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* values[j] = v_j^T A v_j for the columns v_j of vectors. */
static void quadratic_forms(struct ssldyn_moments_work *work, const double A[],
                            const double vectors[], double values[])
{
    size_t n = work->n;

    ssldyn_multiply(n, n, n, A, vectors, work->product);
    memset(values, 0, n * sizeof *values);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            values[j] += vectors[i * n + j] * work->product[i * n + j];
}

/* The level of weight decay a direction survives; 0 where X has nothing there. */
static double level(double x, double sum)
{
    return x > 0.0 && sum > 0.0 ? x * x / (4.0 * sum) : 0.0;
}

/* A mean over groups and its standard error, one group after the other (weights w = share of the
 * pairs): error^2 = sum w (v - mean)^2/(groups - 1). */
struct spread {
    double weight, mean, squares;
};

static void spread_add(struct spread *spread, double weight, double value)
{
    if (weight <= 0.0)
        return;
    spread->weight += weight;
    double step = value - spread->mean;
    spread->mean += step * weight / spread->weight;
    spread->squares += weight * step * (value - spread->mean);
}

static double spread_error(const struct spread *spread, size_t groups)
{
    if (groups < 2)
        return (double)NAN;
    return sqrt(fmax(spread->squares, 0.0) / (double)(groups - 1));
}

/* Values and errors of what is seen along the columns of work->vectors: forms of X and X + X', and
 * the level they make. Where from names where in a mode the results go. */
struct along {
    size_t value, error;       /* offsets into struct ssldyn_moments_mode, of the eigenvalue */
    size_t level, level_error; /* SIZE_MAX: not wanted */
    bool x, xprime;            /* the matrix whose eigenvectors these are; else X + X' */
};

static double *member(struct ssldyn_moments_mode *mode, size_t offset)
{
    return (double *)(void *)((char *)mode + offset);
}

static enum ssldyn_status look_along(struct ssldyn_moments_work *work, const struct along *along,
                                     struct ssldyn_moments_mode modes[], struct ssldyn_error *err)
{
    size_t n = work->n;
    double *forms = ssldyn_array_alloc(2 * n, sizeof(double));
    struct spread *spreads = ssldyn_array_alloc(2 * n, sizeof *spreads);

    if (forms == NULL || spreads == NULL) {
        free(forms);
        free(spreads);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    for (size_t g = 0; g <= work->group_count; g++) {
        const struct ssldyn_moments_group *group =
            g < work->group_count ? &work->groups[g] : &work->whole;
        quadratic_forms(work, group->first, work->vectors, forms);
        quadratic_forms(work, group->other, work->vectors, forms + n);
        for (size_t j = 0; j < n; j++) {
            double sum = forms[j] + forms[n + j];
            double value = along->x ? forms[j] : along->xprime ? forms[n + j] : sum;
            double height = level(forms[j], sum);
            if (g < work->group_count) {
                double weight = (double)group->pairs / work->pairs;
                spread_add(&spreads[2 * j], weight, value);
                spread_add(&spreads[2 * j + 1], weight, height);
                continue;
            }
            *member(&modes[j], along->value) = value;
            *member(&modes[j], along->error) = spread_error(&spreads[2 * j], work->group_count);
            if (along->level == SIZE_MAX)
                continue;
            *member(&modes[j], along->level) = height;
            *member(&modes[j], along->level_error) =
                spread_error(&spreads[2 * j + 1], work->group_count);
        }
    }
    free(forms);
    free(spreads);
    return SSLDYN_OK;
}

/* Negative eigenvalues of X are sampling noise: counted, told, and set to 0 unless kept. */
static void clip(struct ssldyn_moments_work *work, struct ssldyn_moments_estimate *estimate)
{
    size_t n = work->n;
    size_t kept = n;

    while (kept > 0 && work->values[kept - 1] < 0.0)
        kept--;
    estimate->negative = n - kept;
    estimate->most_negative = kept < n ? work->values[n - 1] : 0.0;
    estimate->most_negative_error = kept < n ? estimate->modes[n - 1].x_error : 0.0;
    if (kept == n || work->request->keep_negative)
        return;
    /* scratch = vectors diag(max(values, 0)), product = vectors^T */
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            work->scratch[i * n + j] =
                work->vectors[i * n + j] * (j < kept ? work->values[j] : 0.0);
            work->product[j * n + i] = work->vectors[i * n + j];
        }
    }
    ssldyn_multiply(n, n, n, work->scratch, work->product, work->whole.first);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            work->whole.first[j * n + i] = work->whole.first[i * n + j];
    for (size_t j = kept; j < n; j++) {
        estimate->modes[j].x = 0.0;
        estimate->modes[j].eta_x = 0.0;
    }
}

static enum ssldyn_status spectra(struct ssldyn_moments_work *work,
                                  struct ssldyn_moments_estimate *estimate,
                                  struct ssldyn_error *err)
{
#define AT(name) offsetof(struct ssldyn_moments_mode, name)
    static const struct along of_x = {AT(x), AT(x_error), AT(eta_x), AT(eta_x_error), true, false};
    static const struct along of_sum = {AT(sum),           AT(sum_error), AT(eta_sum),
                                        AT(eta_sum_error), false,         false};
    static const struct along of_xprime = {AT(xprime), AT(xprime_error), SIZE_MAX, SIZE_MAX, false,
                                           true};
#undef AT
    size_t n = work->n;

    enum ssldyn_status status = look_along(work, &of_x, estimate->modes, err);
    if (status != SSLDYN_OK)
        return status;
    clip(work, estimate);
    memcpy(work->scratch, work->whole.first, n * n * sizeof(double));
    ssldyn_moments_add(n * n, work->whole.other, work->scratch);
    status = ssldyn_eigen_symmetric_small(work->eigen, n, work->scratch, work->values,
                                          work->vectors, err);
    if (status == SSLDYN_OK)
        status = look_along(work, &of_sum, estimate->modes, err);
    if (status == SSLDYN_OK)
        status = ssldyn_eigen_symmetric_small(work->eigen, n, work->whole.other, work->values,
                                              work->vectors, err);
    if (status == SSLDYN_OK)
        status = look_along(work, &of_xprime, estimate->modes, err);
    return status;
}

static double squared_distance(size_t count, const double A[], const double B[])
{
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += (A[i] - B[i]) * (A[i] - B[i]);
    return sum;
}

/* Errors of whole matrices, before X is clipped: the groups were not. */
static void matrix_errors(struct ssldyn_moments_work *work,
                          struct ssldyn_moments_estimate *estimate)
{
    size_t n = work->n;
    double x = 0.0;
    double xprime = 0.0;

    for (size_t g = 0; g < work->group_count; g++) {
        const struct ssldyn_moments_group *group = &work->groups[g];
        double weight = (double)group->pairs / work->pairs;
        x += weight * squared_distance(n * n, group->first, work->whole.first);
        xprime += weight * squared_distance(n * n, group->other, work->whole.other);
    }
    double groups = work->group_count > 1 ? (double)work->group_count - 1.0 : (double)NAN;
    double size = ssldyn_norm(n * n, work->whole.first);
    estimate->x_error = sqrt(x / groups) / size;
    size = ssldyn_norm(n * n, work->whole.other);
    estimate->xprime_error = size > 0.0 ? sqrt(xprime / groups) / size : 0.0;
}

/* |[X, X']|_F relative to |X| |X'|; 0 where X' is 0. */
static double commutator(struct ssldyn_moments_work *work)
{
    size_t n = work->n;
    double sum = 0.0;
    double size = ssldyn_norm(n * n, work->whole.first) * ssldyn_norm(n * n, work->whole.other);

    ssldyn_multiply(n, n, n, work->whole.first, work->whole.other, work->product);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            double difference = work->product[i * n + j] - work->product[j * n + i];
            sum += 2.0 * difference * difference;
        }
    }
    return size > 0.0 ? sqrt(sum) / size : 0.0;
}

/* eta_c, and its error along the direction that reaches it (the envelope theorem: to first order
 * the direction does not move it). */
static enum ssldyn_status threshold(struct ssldyn_moments_work *work,
                                    struct ssldyn_moments_estimate *estimate,
                                    struct ssldyn_error *err)
{
    size_t n = work->n;
    struct ssldyn_survival *survival = NULL;
    struct spread spread = {0.0, 0.0, 0.0};

    memcpy(work->scratch, work->whole.first, n * n * sizeof(double));
    ssldyn_moments_add(n * n, work->whole.other, work->scratch);
    struct ssldyn_moments moments = {SSLDYN_MOMENTS_FULL, n, 1.0, work->whole.first, work->scratch};
    enum ssldyn_status status = ssldyn_survival_create(&moments, &survival, err);
    if (status != SSLDYN_OK)
        return status;
    estimate->eta_c = survival->eta_c;
    estimate->eta_c_certified = survival->certified;
    for (size_t g = 0; g < work->group_count; g++) {
        const struct ssldyn_moments_group *group = &work->groups[g];
        ssldyn_multiply(n, n, 1, group->first, survival->v, work->values);
        double x = ssldyn_dot(n, survival->v, work->values);
        ssldyn_multiply(n, n, 1, group->other, survival->v, work->values);
        double sum = x + ssldyn_dot(n, survival->v, work->values);
        spread_add(&spread, (double)group->pairs / work->pairs, level(x, sum));
    }
    estimate->eta_c_error = spread_error(&spread, work->group_count);
    ssldyn_survival_free(survival);
    return SSLDYN_OK;
}

static enum ssldyn_status conclude(struct ssldyn_moments_work *work,
                                   struct ssldyn_moments_estimate *estimate,
                                   struct ssldyn_error *err)
{
    estimate->n1 = work->n;
    estimate->modes = ssldyn_array_alloc(work->n, sizeof *estimate->modes);
    if (estimate->modes == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    matrix_errors(work, estimate);
    enum ssldyn_status status = spectra(work, estimate, err);
    if (status != SSLDYN_OK)
        return status;
    estimate->commutator = commutator(work);
    status = threshold(work, estimate, err);
    if (status != SSLDYN_OK)
        return status;
    /* Handed over: the estimate owns what the work made. */
    estimate->X = work->whole.first;
    estimate->Xprime = work->whole.other;
    estimate->mean = work->whole.mean;
    work->whole = (struct ssldyn_moments_group){0};
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_moments_estimate(const struct ssldyn_moments_request *request,
                                           struct ssldyn_moments_sums *sums,
                                           struct ssldyn_moments_estimate *estimate,
                                           struct ssldyn_error *err)
{
    struct ssldyn_moments_work work = {
        .request = request, .groups = sums->groups, .group_count = sums->group_count, .n = sums->n};

    estimate->features = sums->n;
    estimate->splits = sums->group_count;
    enum ssldyn_status status = ssldyn_moments_work_init(&work, err);
    if (status == SSLDYN_OK) {
        ssldyn_moments_work_form(&work);
        estimate->pairs = work.whole.pairs;
        status = ssldyn_moments_work_reduce(&work, estimate, err);
    }
    if (status == SSLDYN_OK)
        status = ssldyn_moments_work_rescale(&work, estimate, err);
    if (status == SSLDYN_OK)
        status = conclude(&work, estimate, err);
    ssldyn_moments_work_clear(&work);
    return status;
}
