/* Fits of the parabola (parabola_fit.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/parabola_fit.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

enum { LINE_MODES = 3, BREAK_MODES = 12 };
static const double least_spread = 0.1;      /* of log s, for a slope */
static const double break_scatter = 0.05;    /* about one line, for a second */
static const double break_evidence = 10.0;   /* difference of BIC */
static const double reliability_least = 0.5; /* share of log s's variance that is no error */
static const double confidence = 0.975;      /* quantile of a two-sided 95 % interval */
static const double slope_tolerance = 0.1;
static const double slope_clear = 0.2;      /* half-width of an interval that tells slopes apart */
static const double scatter_most = 0.2;     /* of log p: 20 % about a line is still a line */
static const double ratio_tight = 0.05;     /* spread of log(s/p^2) that needs no slope */
static const double ratio_resolution = 0.1; /* of that spread */
static const double ratio_tolerance = 0.1;  /* of p^2/s against the run's alpha_p */
static const double negative_most = 0.1;

/* Second moments of a stretch of points about their means. */
struct moments {
    double count, x, y;
    double xx, xy, yy; /* sums of squares and products */
    double error;      /* mean variance of the errors of x */
    double y_error;    /* of y */
};

static struct moments moments_of(size_t count, const double x[], const double y[],
                                 const double variance[], const double y_variance[])
{
    struct moments sums = {.count = (double)count};
    for (size_t i = 0; i < count; i++) {
        sums.x += x[i] / sums.count;
        sums.y += y[i] / sums.count;
        sums.error += variance[i] / sums.count;
        sums.y_error += y_variance[i] / sums.count;
    }
    for (size_t i = 0; i < count; i++) {
        sums.xx += (x[i] - sums.x) * (x[i] - sums.x);
        sums.xy += (x[i] - sums.x) * (y[i] - sums.y);
        sums.yy += (y[i] - sums.y) * (y[i] - sums.y);
    }
    return sums;
}

/* Variance of the true log s: what is seen minus the errors; 0 where chance explains it. */
static double true_variance(const struct moments *sums)
{
    const double seen = sums->xx / (sums->count - 1.0);
    /* Errors alone give error times chi^2/(count - 1): three standard deviations above its mean. */
    const double chance = sums->error * (1.0 + 3.0 * sqrt(2.0 / (sums->count - 1.0)));
    return seen > chance ? seen - sums->error : 0.0;
}

static struct ssldyn_line_fit no_line(size_t count)
{
    return (struct ssldyn_line_fit){count,       (double)NAN, (double)NAN,
                                    (double)NAN, (double)NAN, (double)NAN};
}

/* Away from 0 as far as errors of x of unknown size could have pulled the slope towards it: to the
 * end of the interval of the line of x on y, in which all scatter is error of x. */
static void widen(const struct moments *sums, struct ssldyn_line_fit *line)
{
    const double freedom = sums->count - 2.0;
    const double reversed = fabs(sums->xy) / sums->yy;
    const double about = fmax(sums->xx - sums->xy * sums->xy / sums->yy, 0.0) / freedom;
    const double least =
        reversed - gsl_cdf_tdist_Pinv(confidence, freedom) * sqrt(about / sums->yy);
    const double sign = line->slope < 0.0 ? -1.0 : 1.0;
    double *end = line->slope < 0.0 ? &line->low : &line->high;
    double most = sign * *end / reliability_least;
    if (least > 0.0)
        most = fmin(most, 1.0 / least);
    *end = sign * fmax(sign * *end, most);
}

static struct ssldyn_line_fit fit_line(const struct moments *sums, bool errors_known)
{
    struct ssldyn_line_fit line = no_line((size_t)sums->count);
    if (line.count < LINE_MODES)
        return line;
    const double truth = true_variance(sums);
    if (!(truth >= least_spread * least_spread))
        return line;
    const double freedom = sums->count - 2.0;
    const double seen = sums->xx / (sums->count - 1.0);
    line.slope = sums->xy / (sums->count - 1.0) / truth;
    const double about =
        fmax(sums->yy - 2.0 * line.slope * sums->xy + line.slope * line.slope * sums->xx, 0.0) /
        freedom;
    line.residual = sqrt(about);
    line.scatter = sqrt(fmax(about - line.slope * line.slope * sums->error - sums->y_error, 0.0));
    /* Fuller (1987), Eq. 1.2.21; without errors that of least squares. */
    const double pulled = line.slope * sums->error;
    const double variance =
        (seen * about + pulled * pulled) / ((sums->count - 1.0) * truth * truth);
    const double reach = gsl_cdf_tdist_Pinv(confidence, freedom) * sqrt(variance);
    line.low = line.slope - reach;
    line.high = line.slope + reach;
    if (!errors_known && sums->yy > 0.0)
        widen(sums, &line);
    return line;
}

/* Sum of squares about the best line. */
static double about_line(const struct moments *sums)
{
    return sums->xx > 0.0 ? fmax(sums->yy - sums->xy * sums->xy / sums->xx, 0.0) : sums->yy;
}

/* The best break: how many points come before it (0: none), and the difference of BIC. Two lines
 * have three parameters more than one: slope, height and place of the break. */
static size_t find_break(size_t count, const double x[], const double y[], double *delta_bic)
{
    const double n = (double)count;
    *delta_bic = (double)NAN;
    if (count < BREAK_MODES)
        return 0;
    const struct moments whole = moments_of(count, x, y, x, x); /* the errors do not matter */
    const double one = about_line(&whole);
    double two = (double)INFINITY;
    size_t best = 0;
    for (size_t k = LINE_MODES; k + LINE_MODES <= count; k++) {
        const struct moments upper = moments_of(k, x, y, x, x);
        const struct moments lower = moments_of(count - k, x + k, y + k, x, x);
        const double sum = about_line(&upper) + about_line(&lower);
        if (sum < two) {
            two = sum;
            best = k;
        }
    }
    if (!(one > 0.0) || !(sqrt(one / n) > break_scatter))
        return 0;
    /* Five parameters are fitted: n - 5 in place of n keeps chance breaks of few points rare. */
    *delta_bic = (n - 5.0) * log(one / fmax(two, 1e-12 * one)) - 3.0 * log(n);
    return *delta_bic > break_evidence ? best : 0;
}

/* Median of s/p^2, and how many agree with it. */
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
static void fit_ratio(const struct moments *sums, double shared, struct ssldyn_parabola_fit *fit)
{
    /* E log of an estimate is the logarithm minus half the variance of its error, to second order.
     */
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
    fit->spread = sqrt(true_variance(sums));
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
                                        .line = no_line(count),
                                        .upper = no_line(count),
                                        .lower = no_line(0),
                                        .delta_bic = (double)NAN,
                                        .spread = (double)NAN,
                                        .ratio = (double)NAN,
                                        .ratio_spread = (double)NAN,
                                        .alpha_p = (double)NAN,
                                        .alpha_low = (double)NAN,
                                        .alpha_high = (double)NAN};
    if (count == 0)
        return;
    const struct moments whole = moments_of(count, x, y, variance, y_variance);
    fit->line = fit_line(&whole, points->errors_known);
    size_t upper = find_break(count, x, y, &fit->delta_bic);
    fit->broken = upper > 0;
    if (!fit->broken)
        upper = count;
    const struct moments above = moments_of(upper, x, y, variance, y_variance);
    fit->upper = fit_line(&above, points->errors_known);
    if (fit->broken) {
        const struct moments below =
            moments_of(count - upper, x + upper, y + upper, variance + upper, y_variance + upper);
        fit->lower = fit_line(&below, points->errors_known);
    }
    fit_ratio(&above, points->shared, fit);
    fit->ratio =
        median_ratio(upper, x, y, variance, &fit->agreeing); /* the variances have served */
}

/* By its slope, where there is one. */
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
    /* A constant ratio is the parabola itself; the slope is asked where it is not, or where
     * sampling errors would hide that it is not. */
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
