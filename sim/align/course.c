/* Log-linear fit over the last part of a series (course.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/course.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* A series as a function of time. */
struct series {
    const struct ssldyn_summary *items;
    size_t count;
    bool rest, by_place;
};

static double value_at(const struct series *series, size_t i)
{
    const struct ssldyn_spread *spread = &series->items[i].spread;
    return series->rest ? spread->rest : spread->total;
}

static double time_at(const struct series *series, size_t i)
{
    return series->by_place ? (double)i : series->items[i].t;
}

static bool time_rises(const struct ssldyn_history *history)
{
    for (size_t i = 0; i + 1 < history->count; i++)
        if (!(history->items[i].t < history->items[i + 1].t))
            return false;
    return isfinite(history->items[0].t) && isfinite(history->items[history->count - 1].t);
}

static void fit(const struct series *series, size_t first, struct ssldyn_course *course)
{
    const double points = (double)(series->count - first);
    double t_mean = 0.0;
    double y_mean = 0.0;
    for (size_t i = first; i < series->count; i++) {
        t_mean += time_at(series, i) / points;
        y_mean += log(value_at(series, i)) / points;
    }
    bool steep = true;
    double tt = 0.0;
    double ty = 0.0;
    double yy = 0.0;
    for (size_t i = first; i < series->count; i++) {
        const double t = time_at(series, i) - t_mean;
        const double y = log(value_at(series, i)) - y_mean;
        tt += t * t;
        ty += t * y;
        yy += y * y;
        steep = steep && (i == first || value_at(series, i) < 0.5 * value_at(series, i - 1));
    }
    course->rate = ty / tt;
    course->error = sqrt(fmax(yy - course->rate * ty, 0.0) / (points - 2.0) / tt);
    const double reach = gsl_cdf_tdist_Pinv(0.975, points - 2.0) * course->error;
    course->falls = steep || course->rate + reach < 0.0;
    const double span = time_at(series, series->count - 1) - time_at(series, first);
    course->settled = exp(course->rate * span) > 0.8;
    course->rises = exp(course->rate * span) > 1.25;
}

static bool has_recovered(const struct series *series)
{
    const double last = value_at(series, series->count - 1);
    bool low = false;
    for (size_t i = 0; i + 1 < series->count; i++) {
        low = low || value_at(series, i) <= last;
        if (low && value_at(series, i) > 10.0 * last)
            return true;
    }
    return false;
}

void ssldyn_course_fit(const struct ssldyn_history *history, bool rest,
                       struct ssldyn_course *course)
{
    const struct series series = {history->items, history->count, rest, !time_rises(history)};
    const size_t last = history->count - 1;
    size_t top = 0;
    for (size_t i = 0; i <= last; i++)
        if (value_at(&series, i) > value_at(&series, top))
            top = i;
    const double peak = value_at(&series, top);
    *course = (struct ssldyn_course){.peak = peak,
                                     .left = peak > 0.0 ? value_at(&series, last) / peak : 0.0,
                                     .span = time_at(&series, last) - time_at(&series, top),
                                     .recovered = has_recovered(&series),
                                     .rate = (double)NAN,
                                     .error = (double)NAN,
                                     .by_place = series.by_place};
    const size_t third = (history->count + 2) / 3;
    const size_t least = history->count == 3 ? 3 : 4;
    const size_t points = third > least ? third : least;
    if (history->count < points)
        return;
    for (size_t i = history->count - points; i <= last; i++)
        if (!(value_at(&series, i) > 0.0))
            return;
    course->points = points;
    fit(&series, history->count - points, course);
}
