/* Measures of spectra (measures.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/measures.h"

#include <math.h>
#include <stdbool.h>

/* exp(-sum w log w) with w = x/total + shift, x the share of the largest or its square root */
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

void ssldyn_measures_rank(size_t n, const double s[], double floor,
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
