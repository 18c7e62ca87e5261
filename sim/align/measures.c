/* Measures of spectra (measures.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/measures.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

/* exp(-sum w log w) with w = x/total + shift, x the share of the largest or its root */
static double exp_entropy(size_t n, const double s[], bool root, double total, double shift)
{
    double entropy = 0.0;
    for (size_t j = 0; j < n; j++) {
        const double ratio = s[j] > 0.0 ? s[j] / s[0] : 0.0;
        const double weight = (root ? sqrt(ratio) : ratio) / total + shift;
        if (weight > 0.0)
            entropy -= weight * log(weight);
    }
    return exp(entropy);
}

void ssldyn_measure_rank(size_t n, const double s[], double floor,
                         struct ssldyn_rank_measures *measures)
{
    static const double rankme_shift = 1e-7;
    double total = 0.0;
    double roots = 0.0;
    double squares = 0.0;
    *measures = (struct ssldyn_rank_measures){(double)NAN, (double)NAN, (double)NAN, 0};
    if (n == 0 || !(s[0] > 0.0))
        return;
    for (size_t j = 0; j < n; j++) {
        const double ratio = s[j] > 0.0 ? s[j] / s[0] : 0.0;
        total += ratio;
        roots += sqrt(ratio);
        squares += ratio * ratio;
        if (ratio > floor)
            measures->alive++;
    }
    measures->effective_rank = exp_entropy(n, s, false, total, 0.0);
    measures->participation = total * total / squares;
    measures->rankme = exp_entropy(n, s, true, roots, rankme_shift);
}

void ssldyn_measure_power_law(size_t modes, const double s[], const double p[],
                              struct ssldyn_power_law *law)
{
    double x_mean = 0.0;
    double y_mean = 0.0;
    size_t count = 0;
    for (size_t j = 0; j < modes; j++) {
        if (s[j] > 0.0 && p[j] > 0.0) {
            x_mean += log(s[j]);
            y_mean += log(p[j]);
            count++;
        }
    }
    *law = (struct ssldyn_power_law){count,       (double)NAN, (double)NAN,
                                     (double)NAN, (double)NAN, (double)NAN};
    if (count == 0)
        return;
    x_mean /= (double)count;
    y_mean /= (double)count;
    law->alpha_p = exp(2.0 * y_mean - x_mean);
    double xx = 0.0;
    double xy = 0.0;
    double yy = 0.0;
    for (size_t j = 0; j < modes; j++) {
        if (s[j] > 0.0 && p[j] > 0.0) {
            const double x = log(s[j]) - x_mean;
            const double y = log(p[j]) - y_mean;
            xx += x * x;
            xy += x * y;
            yy += y * y;
        }
    }
    /* Equal eigenvalues carry no slope: a spread of logs at the level of rounding is none. */
    if (count < 3 || xx <= 1e-24 * (double)count)
        return;
    const double freedom = (double)count - 2.0;
    law->slope = xy / xx;
    law->residual = sqrt(fmax(yy - law->slope * xy, 0.0) / freedom);
    const double reach = gsl_cdf_tdist_Pinv(0.975, freedom) * law->residual / sqrt(xx);
    law->low = law->slope - reach;
    law->high = law->slope + reach;
}
