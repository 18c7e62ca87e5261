/* Lines through points (line_fit.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/line_fit.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

enum { LINE_POINTS = 3, BREAK_POINTS = 12, MANY_POINTS = 256 };
static const double least_spread = 0.1;      /* smallest spread of x for a slope */
static const double break_scatter = 0.05;    /* smallest scatter about one line for a second line */
static const double exact = 1e-12;           /* share of the squares about one line: rounding */
static const double reliability_least = 0.5; /* smallest share of the variance of x that is not
                                              * error */
static const double confidence = 0.975;      /* quantile of a two-sided 95 % interval */

struct ssldyn_line_sums ssldyn_line_sums_of(size_t count, const double x[], const double y[],
                                            const double variance[], const double y_variance[])
{
    struct ssldyn_line_sums sums = {.count = (double)count};
    for (size_t i = 0; i < count; i++) {
        sums.x += x[i] / sums.count;
        sums.y += y[i] / sums.count;
        sums.error += variance != NULL ? variance[i] / sums.count : 0.0;
        sums.y_error += y_variance != NULL ? y_variance[i] / sums.count : 0.0;
    }
    for (size_t i = 0; i < count; i++) {
        sums.xx += (x[i] - sums.x) * (x[i] - sums.x);
        sums.xy += (x[i] - sums.x) * (y[i] - sums.y);
        sums.yy += (y[i] - sums.y) * (y[i] - sums.y);
    }
    return sums;
}

double ssldyn_line_fit_spread(const struct ssldyn_line_sums *sums)
{
    const double seen = sums->xx / (sums->count - 1.0);
    /* Errors alone give error times chi^2/(count - 1): three standard deviations above its mean. */
    const double chance = sums->error * (1.0 + 3.0 * sqrt(2.0 / (sums->count - 1.0)));
    return seen > chance ? seen - sums->error : 0.0;
}

struct ssldyn_line_fit ssldyn_line_fit_none(size_t count)
{
    return (struct ssldyn_line_fit){count,       (double)NAN, (double)NAN,
                                    (double)NAN, (double)NAN, (double)NAN};
}

/* Extends the interval away from 0 as far as errors of x of unknown size could have biased the
 * slope towards 0: to the end of the interval of the line of x on y, in which all scatter is
 * error of x. */
static void widen(const struct ssldyn_line_sums *sums, struct ssldyn_line_fit *line)
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

struct ssldyn_line_fit ssldyn_line_fit_make(const struct ssldyn_line_sums *sums, bool errors_known)
{
    struct ssldyn_line_fit line = ssldyn_line_fit_none((size_t)sums->count);
    if (line.count < LINE_POINTS)
        return line;
    const double truth = ssldyn_line_fit_spread(sums);
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
    /* Fuller (1987), Eq. 1.2.21; without errors the slope of least squares */
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

double ssldyn_line_sums_about(const struct ssldyn_line_sums *sums)
{
    return sums->xx > 0.0 ? fmax(sums->yy - sums->xy * sums->xy / sums->xx, 0.0) : sums->yy;
}

double ssldyn_line_break_bic(double n, double one, double two)
{
    return (n - 5.0) * log(one / two) - 3.0 * log(n);
}

/* Sum of squares about two lines, the first through k points. */
static double about_two(size_t count, const double x[], const double y[], size_t k)
{
    const struct ssldyn_line_sums upper = ssldyn_line_sums_of(k, x, y, NULL, NULL);
    const struct ssldyn_line_sums lower = ssldyn_line_sums_of(count - k, x + k, y + k, NULL, NULL);
    return ssldyn_line_sums_about(&upper) + ssldyn_line_sums_about(&lower);
}

static size_t search(size_t count, const double x[], const double y[], size_t least)
{
    double two = (double)INFINITY;
    size_t best = least;
    for (size_t k = least; k + least <= count; k++) {
        const double sum = about_two(count, x, y, k);
        if (sum < two) {
            two = sum;
            best = k;
        }
    }
    return best;
}

/* The same in one pass, up to rounding: the sums of the lower part are those of all points minus
 * those of the upper part. */
static size_t search_fast(const struct ssldyn_line_sums *whole, const double x[], const double y[],
                          size_t least)
{
    const size_t count = (size_t)whole->count;
    double two = (double)INFINITY;
    size_t best = least;
    struct ssldyn_line_sums raw = {0};
    for (size_t k = 1; k + least <= count; k++) {
        const double dx = x[k - 1] - whole->x;
        const double dy = y[k - 1] - whole->y;
        raw.x += dx;
        raw.y += dy;
        raw.xx += dx * dx;
        raw.xy += dx * dy;
        raw.yy += dy * dy;
        if (k < least)
            continue;
        const double n[2] = {(double)k, (double)(count - k)};
        const struct ssldyn_line_sums parts[2] = {
            {.xx = raw.xx - raw.x * raw.x / n[0],
             .xy = raw.xy - raw.x * raw.y / n[0],
             .yy = raw.yy - raw.y * raw.y / n[0]},
            {.xx = whole->xx - raw.xx - raw.x * raw.x / n[1],
             .xy = whole->xy - raw.xy - raw.x * raw.y / n[1],
             .yy = whole->yy - raw.yy - raw.y * raw.y / n[1]}};
        const double sum = ssldyn_line_sums_about(&parts[0]) + ssldyn_line_sums_about(&parts[1]);
        if (sum < two) {
            two = sum;
            best = k;
        }
    }
    return best;
}

void ssldyn_line_break_find(size_t count, const double x[], const double y[], size_t least,
                            struct ssldyn_line_break *found)
{
    const double n = (double)count;
    *found = (struct ssldyn_line_break){
        .one = (double)NAN, .two = (double)NAN, .delta_bic = (double)NAN};
    const struct ssldyn_line_sums whole = ssldyn_line_sums_of(count, x, y, NULL, NULL);
    if (count > 0)
        found->one = ssldyn_line_sums_about(&whole);
    if (count < BREAK_POINTS || count < 2 * least)
        return;
    found->best =
        count > MANY_POINTS ? search_fast(&whole, x, y, least) : search(count, x, y, least);
    const double two = about_two(count, x, y, found->best);
    found->two = two;
    if (!(found->one > 0.0) || !(sqrt(found->one / n) > break_scatter))
        return;
    found->delta_bic = ssldyn_line_break_bic(n, found->one, fmax(two, exact * found->one));
    found->justified = found->delta_bic > SSLDYN_LINE_EVIDENCE;
}

/* Residual of y from the line through its part of the points; a part with nearly equal x uses
 * its mean. */
static double residual(const struct ssldyn_line_sums *part, double slope, double x, double y)
{
    return isnan(slope) ? y - part->y : y - slope * x - (part->y - slope * part->x);
}

double ssldyn_line_break_bic_sorted(size_t count, const double x[], const double y[],
                                    const struct ssldyn_line_break *found)
{
    const size_t best = found->best;
    const struct ssldyn_line_sums parts[2] = {
        ssldyn_line_sums_of(best, x, y, NULL, NULL),
        ssldyn_line_sums_of(count - best, x + best, y + best, NULL, NULL)};
    const double slopes[2] = {ssldyn_line_fit_make(&parts[0], true).slope,
                              ssldyn_line_fit_make(&parts[1], true).slope};
    double square = 0.0;
    double product = 0.0;
    double before = 0.0;
    for (size_t i = 0; i < count; i++) {
        const int part = i < best ? 0 : 1;
        const double off = residual(&parts[part], slopes[part], x[i], y[i]);
        square += off * off;
        product += off * before;
        before = off;
    }
    const double two = fmax(found->two, exact * found->one);
    const bool rounded = found->two < exact * found->one;
    const double correlation = rounded || !(product > 0.0) ? 0.0 : product / square;
    const double counted = fmax((double)count * (1.0 - correlation) / (1.0 + correlation), 1.0);
    return ssldyn_line_break_bic(counted, found->one, two);
}
