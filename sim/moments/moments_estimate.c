/* X and X' from sums over pairs of views, and the error of each number: every quantity is
 * computed for each group of images as well, and the spread between groups gives its error. */
// SPDX-License-Identifier: MIT
#include "sim/moments/moments_estimate.h"

#include "sim/base/memory.h"
#include "sim/moments/moments_work.h"
#include "sim/run/survival.h"
#include "theory/fixedpoint.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The level of weight decay up to which a direction survives; 0 if X vanishes along it. */
static double level(double x, double sum)
{
    return x > 0.0 && sum > 0.0 ? ssldyn_fixedpoint_fold(x, sum) : 0.0;
}

/* A mean over groups and its standard error, updated group by group (weights w = share of the
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

/* Values and errors along the columns of work->vectors: the quadratic forms of X and X + X', and
 * the level that follows. The offsets say where the results go in a mode. */
struct along {
    size_t value, error;       /* offsets into struct ssldyn_moments_mode, of the eigenvalue */
    size_t level, level_error; /* SIZE_MAX: not needed */
    bool x, xprime;            /* the matrix whose eigenvectors these are; else X + X' */
};

static double *member(struct ssldyn_moments_mode *mode, size_t offset)
{
    return (double *)(void *)((char *)mode + offset);
}

/* X and X + X' in the basis of the eigenvectors V, and the effect of a small rotation of V on
 * the levels. */
struct frame {
    size_t n;
    double *transposed;  /* V^T */
    double *x, *sum;     /* V^T X V, V^T (X + X') V */
    double *sensitivity; /* d level_j/d (v_k^T dM v_j) at [k][j], where V diagonalizes M */
    double *scratch;
};

static enum ssldyn_status frame_create(size_t n, struct frame *frame, struct ssldyn_error *err)
{
    frame->n = n;
    frame->transposed = ssldyn_memory_array(5 * n * n, sizeof(double));
    if (frame->transposed == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    frame->x = frame->transposed + n * n;
    frame->sum = frame->x + n * n;
    frame->sensitivity = frame->sum + n * n;
    frame->scratch = frame->sensitivity + n * n;
    return SSLDYN_OK;
}

/* A group's X and X + X' in the basis V. */
static void frame_fill(struct frame *frame, struct ssldyn_moments_work *work,
                       const struct ssldyn_moments_group *group)
{
    size_t n = frame->n;

    ssldyn_dense_multiply(n, n, n, group->first, work->vectors, work->product);
    ssldyn_dense_multiply(n, n, n, frame->transposed, work->product, frame->x);
    ssldyn_dense_multiply(n, n, n, group->other, work->vectors, frame->scratch);
    ssldyn_moments_add(n * n, work->product, frame->scratch);
    ssldyn_dense_multiply(n, n, n, frame->transposed, frame->scratch, frame->sum);
}

/* First-order perturbation theory: a change dM of M rotates v_j by sum_k v_k (v_k^T dM v_j)/(m_j
 * - m_k), which changes v_j^T X v_j and v_j^T (X + X') v_j by twice their elements (k, j) times
 * that. Eigenvalues that agree to rounding span one eigenspace, in which no basis is preferred. */
static void frame_differentiate(struct frame *frame, const double values[])
{
    size_t n = frame->n;
    double rounding = 1e-15 * (double)n * fabs(values[0]);

    for (size_t j = 0; j < n; j++) {
        double x = frame->x[j * n + j];
        double sum = frame->sum[j * n + j];
        double height = level(x, sum);
        for (size_t k = 0; k < n; k++) {
            double gap = values[j] - values[k];
            bool turns = height > 0.0 && fabs(gap) > rounding;
            /* level = x^2/(4 sum): d level/level = 2 dx/x - d sum/sum */
            frame->sensitivity[k * n + j] =
                turns ? height * 2.0 *
                            (2.0 * frame->x[k * n + j] / x - frame->sum[k * n + j] / sum) / gap
                      : 0.0;
        }
    }
}

/* The level along v_j for one group, to first order: its quadratic forms along v_j, and the
 * rotation of v_j by its M. The elements (k, j) with k != j of the whole set's M vanish, so
 * those of the group's M are the change. */
static double group_level(const struct frame *frame, bool x, size_t j, double whole_x,
                          double whole_sum)
{
    size_t n = frame->n;
    const double *M = x ? frame->x : frame->sum;
    double height = level(whole_x, whole_sum);
    double value = height;

    if (!(height > 0.0)) /* nothing survives along it: there is no value that could have an error */
        return (double)NAN;
    value += height * (2.0 * (frame->x[j * n + j] - whole_x) / whole_x -
                       (frame->sum[j * n + j] - whole_sum) / whole_sum);
    for (size_t k = 0; k < n; k++)
        if (k != j)
            value += frame->sensitivity[k * n + j] * M[k * n + j];
    return value;
}

static enum ssldyn_status look_along(struct ssldyn_moments_work *work, const struct along *along,
                                     struct ssldyn_moments_mode modes[], struct ssldyn_error *err)
{
    size_t n = work->n;
    struct frame frame = {0};
    double *forms = ssldyn_memory_array(2 * n, sizeof(double));
    struct spread *spreads = ssldyn_memory_array(2 * n, sizeof *spreads);
    enum ssldyn_status status = forms && spreads ? frame_create(n, &frame, err)
                                                 : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");

    for (size_t i = 0; status == SSLDYN_OK && i < n * n; i++)
        frame.transposed[i % n * n + i / n] = work->vectors[i];
    if (status == SSLDYN_OK) {
        frame_fill(&frame, work, &work->whole);
        frame_differentiate(&frame, work->values);
    }
    for (size_t j = 0; status == SSLDYN_OK && j < n; j++) {
        forms[j] = frame.x[j * n + j];
        forms[n + j] = frame.sum[j * n + j];
    }
    for (size_t g = 0; status == SSLDYN_OK && g < work->group_count; g++) {
        double weight = (double)work->groups[g].pairs / work->pairs;
        frame_fill(&frame, work, &work->groups[g]);
        for (size_t j = 0; j < n; j++) {
            double x = frame.x[j * n + j];
            double sum = frame.sum[j * n + j];
            spread_add(&spreads[2 * j], weight, along->x ? x : along->xprime ? sum - x : sum);
            if (along->level != SIZE_MAX)
                spread_add(&spreads[2 * j + 1], weight,
                           group_level(&frame, along->x, j, forms[j], forms[n + j]));
        }
    }
    for (size_t j = 0; status == SSLDYN_OK && j < n; j++) {
        double x = forms[j];
        double sum = forms[n + j];
        *member(&modes[j], along->value) = along->x ? x : along->xprime ? sum - x : sum;
        *member(&modes[j], along->error) = spread_error(&spreads[2 * j], work->group_count);
        if (along->level == SIZE_MAX)
            continue;
        *member(&modes[j], along->level) = level(x, sum);
        *member(&modes[j], along->level_error) =
            spread_error(&spreads[2 * j + 1], work->group_count);
    }
    free(frame.transposed);
    free(forms);
    free(spreads);
    return status;
}

/* Negative eigenvalues of X are sampling noise: counted, reported, and set to 0 unless they are
 * to be kept. */
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
    ssldyn_dense_multiply(n, n, n, work->scratch, work->product, work->whole.first);
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

/* Errors of whole matrices, computed before X is clipped, because the groups are not clipped. */
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
    double size = ssldyn_dense_norm(n * n, work->whole.first);
    estimate->x_error = sqrt(x / groups) / size;
    size = ssldyn_dense_norm(n * n, work->whole.other);
    estimate->xprime_error = size > 0.0 ? sqrt(xprime / groups) / size : 0.0;
}

/* |[X, X']|_F relative to |X| |X'|; 0 where X' is 0. */
static double commutator(struct ssldyn_moments_work *work)
{
    size_t n = work->n;
    double sum = 0.0;
    double size =
        ssldyn_dense_norm(n * n, work->whole.first) * ssldyn_dense_norm(n * n, work->whole.other);

    ssldyn_dense_multiply(n, n, n, work->whole.first, work->whole.other, work->product);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            double difference = work->product[i * n + j] - work->product[j * n + i];
            sum += 2.0 * difference * difference;
        }
    }
    return size > 0.0 ? sqrt(sum) / size : 0.0;
}

/* eta_c, and its error along the direction that attains it (envelope theorem: to first order the
 * rotation of the direction has no effect). */
static enum ssldyn_status threshold(struct ssldyn_moments_work *work,
                                    struct ssldyn_moments_estimate *estimate,
                                    struct ssldyn_error *err)
{
    size_t n = work->n;
    struct ssldyn_survival *survival = NULL;
    struct spread spread = {0.0, 0.0, 0.0};

    memcpy(work->scratch, work->whole.first, n * n * sizeof(double));
    ssldyn_moments_add(n * n, work->whole.other, work->scratch);
    struct ssldyn_moments moments = {.kind = SSLDYN_MOMENTS_FULL,
                                     .n1 = n,
                                     .c = 1.0,
                                     .X = work->whole.first,
                                     .sum = work->scratch};
    enum ssldyn_status status = ssldyn_survival_create(&moments, &survival, err);
    if (status != SSLDYN_OK)
        return status;
    estimate->eta_c = survival->eta_c;
    estimate->eta_c_certified = survival->certified;
    for (size_t g = 0; g < work->group_count; g++) {
        const struct ssldyn_moments_group *group = &work->groups[g];
        ssldyn_dense_multiply(n, n, 1, group->first, survival->v, work->values);
        double x = ssldyn_dense_dot(n, survival->v, work->values);
        ssldyn_dense_multiply(n, n, 1, group->other, survival->v, work->values);
        double sum = x + ssldyn_dense_dot(n, survival->v, work->values);
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
    estimate->modes = ssldyn_memory_array(work->n, sizeof *estimate->modes);
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
    /* the estimate takes ownership of the arrays */
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
