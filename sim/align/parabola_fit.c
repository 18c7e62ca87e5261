/* Fits of the parabola (parabola_fit.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/parabola_fit.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

enum { LINE_MODES = 3 }; /* least number of modes in each part of a broken line */
/* BIC required for a break if p is sorted: parts of three modes give more chance breaks than
 * parts of six, for which 30 suffices (line_fit.h). */
static const double evidence_sorted = 40.0;
static const double confidence = 0.975; /* quantile of a two-sided 95 % interval */
static const double slope_tolerance = 0.1;
static const double slope_clear = 0.2;      /* largest half-width of an interval that can
                                             * distinguish slopes */
static const double scatter_most = 0.2;     /* of log p: a scatter of 20 % about a line is still
                                             * a line */
static const double ratio_tight = 0.05;     /* spread of log(s/p^2) below which no slope is
                                             * needed */
static const double ratio_resolution = 0.1; /* of that spread */
static const double ratio_tolerance = 0.1;  /* of p^2/s, compared with the run's alpha_p */
static const double negative_most = 0.1;

/* Median of s/p^2, and the number of modes that agree with it. */
static double median_ratio(size_t count, const double x[], const double y[], double scratch[],
                           size_t *agreeing)
{
    for (size_t i = 0; i < count; i++)
        scratch[i] = x[i] - 2.0 * y[i];
    gsl_sort(scratch, 1, count);
    const double median = gsl_stats_median_from_sorted_data(scratch, 1, count);
    *agreeing = 0;
    for (size_t i = 0; i < count; i++)
        *agreeing += fabs(scratch[i] - median) <= ratio_tight ? 1 : 0;
    return exp(median);
}

/* alpha_p and the ratio, from log(p^2/s) = 2 y - x. */
static void fit_ratio(const struct ssldyn_line_sums *sums, double shared,
                      struct ssldyn_parabola_fit *fit)
{
    /* E log of an estimate is the logarithm minus half the variance of its error, to second
     * order. */
    const double mean = 2.0 * sums->y + sums->y_error - sums->x - 0.5 * sums->error;
    const double error = sums->error + 4.0 * sums->y_error; /* of 2 y - x */
    fit->alpha_p = exp(mean);
    fit->ratio_error = 0.0;
    fit->ratio_spread = fit->alpha_low = fit->alpha_high = (double)NAN;
    fit->spread = (double)NAN;
    if (sums->count < 2.0)
        return;
    const double freedom = sums->count - 1.0;
    const double about = fmax(4.0 * sums->yy - 4.0 * sums->xy + sums->xx, 0.0) / freedom;
    const double intrinsic = fmax(about - error, 0.0);
    const double own = intrinsic + 4.0 * sums->y_error;
    const double variance = fmax(about / sums->count, own / sums->count + shared);
    const double reach = gsl_cdf_tdist_Pinv(confidence, freedom) * sqrt(variance);
    fit->alpha_low = exp(mean - reach);
    fit->alpha_high = exp(mean + reach);
    fit->ratio_spread = sqrt(intrinsic);
    /* A variance estimated from `freedom` numbers has the relative error sqrt(2/freedom). */
    fit->ratio_error = sqrt(error * sqrt(2.0 / freedom));
    fit->spread = sqrt(ssldyn_line_fit_spread(sums));
}

void ssldyn_parabola_fit_make(const struct ssldyn_parabola_points *points, double scratch[],
                              struct ssldyn_parabola_fit *fit)
{
    double *x = scratch;
    double *y = scratch + points->count;
    double *variance = y + points->count;
    double *y_variance = variance + points->count;
    size_t count = 0;
    size_t known = 0;
    for (size_t j = 0; j < points->count; j++) {
        known += isnan(points->p[j]) ? 0 : 1;
        if (!(points->p[j] > 0.0) || !(points->s[j] > 0.0))
            continue;
        x[count] = log(points->s[j]);
        y[count] = log(points->p[j]);
        y_variance[count] = points->p_variance != NULL ? points->p_variance[j] : 0.0;
        variance[count++] = points->variance != NULL ? points->variance[j] : 0.0;
    }
    *fit = (struct ssldyn_parabola_fit){.living = known,
                                        .negative = known - count,
                                        .errors_known = points->errors_known,
                                        .line = ssldyn_line_fit_none(count),
                                        .upper = ssldyn_line_fit_none(count),
                                        .lower = ssldyn_line_fit_none(0),
                                        .delta_bic = (double)NAN,
                                        .spread = (double)NAN,
                                        .ratio = (double)NAN,
                                        .ratio_spread = (double)NAN,
                                        .alpha_p = (double)NAN,
                                        .alpha_low = (double)NAN,
                                        .alpha_high = (double)NAN};
    if (count == 0)
        return;
    const struct ssldyn_line_sums whole = ssldyn_line_sums_of(count, x, y, variance, y_variance);
    fit->line = ssldyn_line_fit_make(&whole, points->errors_known);
    struct ssldyn_line_break found;
    ssldyn_line_break_find(count, x, y, LINE_MODES, &found);
    fit->delta_bic = found.delta_bic;
    fit->broken = found.justified;
    if (points->sorted && !isnan(found.delta_bic)) {
        fit->delta_bic = ssldyn_line_break_bic_sorted(count, x, y, &found);
        fit->broken = fit->delta_bic > evidence_sorted;
    }
    const size_t upper = fit->broken ? found.best : count;
    const struct ssldyn_line_sums above = ssldyn_line_sums_of(upper, x, y, variance, y_variance);
    fit->upper = ssldyn_line_fit_make(&above, points->errors_known);
    if (fit->broken) {
        const struct ssldyn_line_sums below = ssldyn_line_sums_of(
            count - upper, x + upper, y + upper, variance + upper, y_variance + upper);
        fit->lower = ssldyn_line_fit_make(&below, points->errors_known);
    }
    fit_ratio(&above, points->shared, fit);
    /* overwrites the variances, which are not used after this */
    fit->ratio = median_ratio(upper, x, y, variance, &fit->agreeing);
}

/* By its slope, if there is one. */
static enum ssldyn_parabola_answer judge_slope(const struct ssldyn_parabola_fit *fit)
{
    const struct ssldyn_line_fit *line = &fit->upper;
    const bool near = fabs(line->slope - 0.5) <= slope_tolerance;
    const bool possible = line->low <= 0.5 + slope_tolerance && line->high >= 0.5 - slope_tolerance;
    const bool clear = line->high - line->low <= 2.0 * slope_clear;
    if (!possible)
        return SSLDYN_PARABOLA_SLOPE_OFF;
    if (line->scatter > scatter_most)
        return SSLDYN_PARABOLA_SCATTERED;
    if (!clear || !near)
        return SSLDYN_PARABOLA_UNKNOWN;
    return SSLDYN_PARABOLA_ON;
}

bool ssldyn_parabola_fit_but_few(const struct ssldyn_parabola_fit *fit)
{
    const size_t off = fit->upper.count - fit->agreeing + fit->negative;
    return !fit->broken && off > 0 && (double)off <= negative_most * (double)fit->living &&
           fit->ratio_spread > ratio_tight && fit->ratio_error <= ratio_resolution;
}

enum ssldyn_parabola_answer ssldyn_parabola_judge(const struct ssldyn_parabola_fit *fit,
                                                  double alpha_p)
{
    enum ssldyn_parabola_answer answer = SSLDYN_PARABOLA_UNKNOWN;
    if ((double)fit->negative > negative_most * (double)fit->living)
        return SSLDYN_PARABOLA_NEGATIVE;
    /* A constant ratio is the parabola itself; the slope is used if the ratio is not constant,
     * or if sampling errors would hide that. */
    if (fit->ratio_spread <= ratio_tight && fit->ratio_error <= ratio_resolution)
        answer = SSLDYN_PARABOLA_ON;
    else if (ssldyn_parabola_fit_but_few(fit))
        return fabs(log(fit->ratio * alpha_p)) > ratio_tolerance ? SSLDYN_PARABOLA_RATIO_OFF
                                                                 : SSLDYN_PARABOLA_ON;
    else if (!isnan(fit->upper.slope))
        answer = judge_slope(fit);
    if (answer == SSLDYN_PARABOLA_ON && fabs(log(fit->alpha_p / alpha_p)) > ratio_tolerance)
        answer = SSLDYN_PARABOLA_RATIO_OFF;
    return answer;
}
