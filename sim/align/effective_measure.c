/* Measures of the predictor that was fitted to samples, with their errors (effective.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/effective_internal.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <string.h>

/* The gap for first-order perturbation theory: sampling rotates u_j and u_k no further than by a
 * gap equal to the error of F_jk, for Gaussian inputs sqrt(s_j s_k/N), so smaller gaps are
 * replaced by it. */
static double gap_between(double one, double other, double weight)
{
    const double error = sqrt(fmax(one, 0.0) * fmax(other, 0.0) / weight);
    return copysign(fmax(fabs(one - other), error), one - other);
}

/* B = U^T A U, and the effect of rotating u_j towards u_k on p_j (tilt) and on |A u_j|^2/2
 * (stretch), per entry jk of the error of F. Gaps smaller than that error are replaced by it. */
static void form_turns(struct ssldyn_effective *effective, const double A[], const double U[],
                       const double s[])
{
    const size_t n = effective->n;
    const int size = (int)n;
    ssldyn_effective_turn(n, n, A, U, effective->cross);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, size, size, size, 1.0, U, size,
                effective->cross, size, 0.0, effective->B, size);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, size, size, size, 1.0, effective->B, size,
                effective->B, size, 0.0, effective->stretch, size);
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j < n; j++) {
            const double gap = gap_between(s[j], s[k], effective->weight);
            const double turned = k == j || gap == 0.0 ? 0.0 : 1.0 / gap;
            effective->tilt[k * n + j] =
                (effective->B[k * n + j] + effective->B[j * n + k]) * turned;
            effective->stretch[k * n + j] *= turned;
        }
    }
}

static void find_means(struct ssldyn_effective *effective,
                       const struct ssldyn_effective_samples *samples, const double A[])
{
    const size_t n = effective->n;
    memset(effective->output_mean, 0, n * sizeof(double));
    for (size_t i = 0; i < effective->count; i++)
        for (size_t j = 0; j < n; j++)
            effective->output_mean[j] += samples->q[i * n + j];
    cblas_dscal((int)n, 1.0 / (double)effective->count, effective->output_mean, 1);
    memcpy(effective->residual_mean, effective->output_mean, n * sizeof(double));
    if (samples->mean != NULL)
        cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)n, (int)n, -1.0, A, (int)n, samples->mean, 1,
                    1.0, effective->residual_mean, 1);
}

static double distance2(size_t n, const double a[], const double b[])
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

/* Leverages, the sums of the share, and residuals divided by 1 - leverage, of rows from first
 * on. */
static void add_shares(struct ssldyn_effective *effective, size_t rows, const double q[],
                       const double s[])
{
    const size_t n = effective->n;
    struct share_sums *sums = &effective->shares;
    for (size_t i = 0; i < rows; i++) {
        double leverage = effective->centered ? 1.0 / (double)effective->count : 0.0;
        for (size_t j = 0; j < effective->living; j++)
            leverage +=
                effective->y[i * n + j] * effective->y[i * n + j] / s[j] / effective->weight;
        /* a sample that alone spans a direction is fitted exactly, for any value */
        const double left = fmax(1.0 - leverage, 1e-8);
        const double a = distance2(n, effective->r + i * n, effective->residual_mean);
        const double b = distance2(n, q + i * n, effective->output_mean);
        sums->residual += a;
        sums->output += b;
        sums->aa += a * a / (left * left);
        sums->ab += a * b / left;
        sums->bb += b * b;
        cblas_dscal((int)n, 1.0 / left, effective->r + i * n, 1);
    }
}

/* Sample i adds r_i w_i^T to A - E A, w_ij = y_ij/(N s_j) in the eigenbasis; to F - E F it adds
 * y_ik y_ij/N, which rotates u_j. On entry turned holds r U, product holds r U B. */
static void add_influences(struct ssldyn_effective *effective, size_t rows, const double s[],
                           const double tilted[], const double stretched[])
{
    const size_t n = effective->n;
    const size_t living = effective->living;
    for (size_t i = 0; i < rows; i++) {
        const double *y = effective->y + i * n;
        const double *r = effective->turned + i * n;
        const double size2 = cblas_ddot((int)n, r, 1, r, 1);
        double reach2 = 0.0;
        double along = 0.0;
        for (size_t j = 0; j < living; j++) {
            struct mode_sums *mode = &effective->modes[j];
            const double w = y[j] / s[j] / effective->weight;
            const double p = r[j] * w + y[j] * tilted[i * n + j] / effective->weight;
            const double m =
                effective->product[i * n + j] * w + y[j] * stretched[i * n + j] / effective->weight;
            mode->pp += p * p;
            mode->pm += p * m;
            mode->mm += m * m;
            mode->own += r[j] * w * (r[j] * w);
            mode->noise += size2 * w * w;
            reach2 += w * w;
            along += r[j] * w;
        }
        effective->noise += size2 * reach2;
        effective->crossed += along * along;
    }
}

/* One pass over the samples, block by block. */
static void sum_up(struct ssldyn_effective *effective,
                   const struct ssldyn_effective_samples *samples, const double A[],
                   const double U[], const double s[])
{
    const size_t n = effective->n;
    const int size = (int)n;
    effective->shares = (struct share_sums){0};
    effective->noise = effective->crossed = 0.0;
    memset(effective->modes, 0, n * sizeof *effective->modes);
    for (size_t first = 0; first < effective->count; first += SSLDYN_EFFECTIVE_BLOCK) {
        const size_t left = effective->count - first;
        const size_t rows = left < SSLDYN_EFFECTIVE_BLOCK ? left : SSLDYN_EFFECTIVE_BLOCK;
        const double *f = samples->f + first * n;
        const double *q = samples->q + first * n;
        memcpy(effective->r, q, rows * n * sizeof(double));
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, size, size, -1.0, f, size,
                    A, size, 1.0, effective->r, size);
        ssldyn_effective_turn(rows, n, f, U, effective->y);
        add_shares(effective, rows, q, s);
        ssldyn_effective_turn(rows, n, effective->r, U, effective->turned);
        ssldyn_effective_turn(rows, n, effective->turned, effective->B, effective->product);
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, size, (int)rows, 1.0, effective->turned,
                    size, first == 0 ? 0.0 : 1.0, effective->rest, size);
        double *tilted = effective->r; /* the residuals are no longer needed */
        ssldyn_effective_turn(rows, n, effective->y, effective->tilt, tilted);
        ssldyn_effective_turn(rows, n, effective->y, effective->stretch, effective->more);
        add_influences(effective, rows, s, tilted, effective->more);
    }
}

/* The effective number of independent directions of the residuals: (tr R)^2/tr R^2 of their
 * second moment. */
static double residual_freedom(const struct ssldyn_effective *effective)
{
    const size_t n = effective->n;
    double trace = 0.0;
    double squares = 0.0;
    for (size_t i = 0; i < n; i++) {
        trace += effective->rest[i * n + i];
        squares += effective->rest[i * n + i] * effective->rest[i * n + i];
        for (size_t j = i + 1; j < n; j++)
            squares += 2.0 * effective->rest[i * n + j] * effective->rest[i * n + j];
    }
    return squares > 0.0 ? trace * trace / squares : 1.0;
}

/* Whether a sum of squares is significantly above the noise in it: that of `freedom` normal
 * numbers varies by sqrt(2/freedom) of itself. */
static bool stands_out(double sum, double noise, double freedom)
{
    return sum > noise * (1.0 + 3.0 * sqrt(2.0 / freedom));
}

/* Root mean square of the part of |A u_j|^2/2 orthogonal to u_j that arises when sampling
 * rotates u_j by angles of variance s_j s_k/(N gap^2): a second-order effect, but the leading
 * one if A is aligned. */
static double turned_across(const struct ssldyn_effective *effective, const double s[], size_t j)
{
    const size_t n = effective->n;
    double sum = 0.0;
    double squares = 0.0;
    for (size_t k = 0; k < n; k++) {
        const double gap = gap_between(s[j], s[k], effective->weight);
        if (k == j || gap == 0.0)
            continue;
        const double across = (effective->B[k * (n + 1)] - effective->B[j * (n + 1)]) / gap;
        const double term = across * across * s[j] * fmax(s[k], 0.0) / effective->weight;
        sum += term;
        squares += term * term;
    }
    return 0.5 * sqrt(sum * sum + 2.0 * squares);
}

static void find_modes(struct ssldyn_effective *effective, const double s[], double freedom)
{
    const size_t n = effective->n;
    for (size_t j = 0; j < n; j++) {
        const struct mode_sums *mode = &effective->modes[j];
        const double p = effective->B[j * n + j];
        const double reach2 =
            cblas_ddot((int)n, effective->B + j, (int)n, effective->B + j, (int)n);
        const bool living = j < effective->living;
        effective->cosine[j] = effective->cos_error[j] = (double)NAN;
        effective->p_noise[j] = living ? sqrt(mode->own) : (double)NAN;
        effective->p_error[j] = living ? sqrt(mode->pp) : (double)NAN;
        if (!living || !stands_out(reach2, mode->noise, freedom))
            continue;
        const double m2 = fmax(reach2 - mode->noise, p * p);
        const double slope = p / m2;
        /* d cos = dp/m - p dm/m^2; plus the variance of the noise that was subtracted from m,
         * and of the contribution of rotated vectors */
        const double first = mode->pp - 2.0 * slope * mode->pm + slope * slope * mode->mm;
        const double left = 0.5 * sqrt(2.0 / freedom) * mode->noise / m2;
        const double across = turned_across(effective, s, j) / m2;
        effective->cosine[j] = p / sqrt(m2);
        effective->cos_error[j] = sqrt(fmax(first, 0.0) / m2 + left * left + across * across);
    }
}

/* The unbiased share: residuals have N - 1 - k + h degrees of freedom, where k directions were
 * fitted without a constant; h = m^T F^-1 m is the part of a constant that the fit can
 * represent. */
static void find_share(const struct ssldyn_effective *effective, const double mean[],
                       const double U[], const double s[],
                       struct ssldyn_effective_measures *measures)
{
    const size_t n = effective->n;
    const struct share_sums *sums = &effective->shares;
    double freedom = (double)effective->count - 1.0 - (double)effective->living;
    for (size_t j = 0; j < effective->living && mean != NULL; j++) {
        const double along = cblas_ddot((int)n, mean, 1, U + j, (int)n);
        freedom += along * along / s[j];
    }
    const double size = cblas_dnrm2((int)n, effective->output_mean, 1);
    const double rounding = 16.0 * DBL_EPSILON * size;
    measures->share = measures->share_error = (double)NAN;
    if (!(sums->output > (double)effective->count * rounding * rounding) || !(freedom > 0.5))
        return;
    const double rest = sums->residual / sums->output;
    const double spread = sums->aa - 2.0 * rest * sums->ab + rest * rest * sums->bb;
    measures->share = 1.0 - rest * ((double)effective->count - 1.0) / freedom;
    measures->share_error = sqrt(fmax(spread, 0.0)) / sums->output;
}

void ssldyn_effective_measure(struct ssldyn_effective *effective,
                              const struct ssldyn_effective_samples *samples, const double A[],
                              const double U[], const double s[],
                              struct ssldyn_effective_measures *measures)
{
    const size_t n = effective->n;
    form_turns(effective, A, U, s);
    find_means(effective, samples, A);
    sum_up(effective, samples, A, U, s);
    const double freedom = residual_freedom(effective);
    find_modes(effective, s, freedom);
    *measures = (struct ssldyn_effective_measures){.directions = effective->living,
                                                   .asymmetry = (double)NAN,
                                                   .cosine = effective->cosine,
                                                   .p_noise = effective->p_noise,
                                                   .p_error = effective->p_error,
                                                   .cos_error = effective->cos_error};
    find_share(effective, samples->mean, U, s, measures);
    const double size2 = ssldyn_dense_dot(n * n, A, A);
    measures->noise = size2 > 0.0 ? effective->noise / size2 : (double)NAN;
    if (size2 > 0.0 && stands_out(size2, effective->noise, freedom * (double)effective->living)) {
        const double seen = ssldyn_dense_asymmetry(n, A);
        const double skew2 = seen * seen * size2 - 2.0 * (effective->noise - effective->crossed);
        measures->asymmetry = sqrt(fmax(skew2, 0.0) / (size2 - effective->noise));
    }
}
