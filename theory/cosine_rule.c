/* Nodes and weights of the cosine loss's integrals. */
// SPDX-License-Identifier: MIT
#include "theory/cosine_rule.h"

#include <math.h>

bool ssldyn_cosine_rule_make(size_t n, const double a[], double spacing, bool weighted,
                             struct ssldyn_cosine_rule *rule)
{
    static const double pi = 3.14159265358979323846;
    double largest = 0.0;
    double sum = 0.0;
    for (size_t j = 0; j < n; j++) {
        largest = fmax(largest, a[j]);
        sum += a[j];
    }
    if (!(largest > 0.0) || !isfinite(sum))
        return false;
    const double digits = pi * pi / spacing - 2.0; /* of the remainder, in powers of e */
    const double h = fmin(spacing, sqrt(2.0 * pi * pi / (digits * (sum / largest))));
    const double scale = 1.0 / sqrt(2.0 * largest);
    for (size_t k = 0; k < SSLDYN_COSINE_NODES; k++) {
        const double t = h * (double)k;
        const double square = sinh(t) * sinh(t); /* 2 x^2 a_max */
        double decay = log(cosh(t));
        double factor = 0.0;
        for (size_t j = 0; j < n; j++) {
            const double share = a[j] / largest;
            decay -= 0.5 * log1p(square * share);
            factor = fmax(factor, sqrt(share) / (1.0 + square * share));
        }
        if (weighted)
            decay += log(factor);
        if (decay < log(1e-15)) {
            rule->count = k;
            return true;
        }
        rule->twice[k] = square / largest;
        rule->weight[k] = (k == 0 ? 0.5 : 1.0) * h * cosh(t) * scale;
    }
    return false;
}
