/* Nodes and weights of the cosine loss's integrals. */
// SPDX-License-Identifier: MIT
#include "theory/cosine_rule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* The error at a spacing is about exp(lead - pi^2/spacing). */
static const double lead = 8.1;

double ssldyn_cosine_rule_spacing(double accuracy)
{
    if (!(accuracy > 0.0))
        return SSLDYN_COSINE_STANDARD;
    const double spacing = pi * pi / (lead - log(accuracy));
    return fmax(fmin(spacing, SSLDYN_COSINE_COARSE), SSLDYN_COSINE_STANDARD);
}

/* The error of the sum is the Fourier transform of f at 2 pi/h = 2 y: for cosh(t)^-m, relative
 * to its integral, |Gamma(x + i y)/Gamma(x)|^2 with x = m/2, by Stirling's formula. h = spacing
 * for m = 1, and sqrt(2 pi^2/(digits m)) for large m, where the integrand is a Gaussian. */
double ssldyn_cosine_rule_step(double spacing, double crowd)
{
    const double digits = pi * pi / spacing; /* negative logarithm of the error */
    const double x = 0.5 * fmax(crowd, 1.0);
    double y = fmax(digits / pi, sqrt(x * digits));
    for (int k = 0; k < 4; k++) {
        const double size = x * x + y * y;
        const double angle = atan(y / x);
        const double error = (x - 0.5) * log(size / (x * x)) - 2.0 * y * angle + digits;
        y += error / (y / size + 2.0 * angle);
    }
    return pi / y;
}

double ssldyn_cosine_rule_cut(double spacing)
{
    return fmax(0.1 * exp(lead - pi * pi / spacing), 1e-15);
}

/* sum log(1 + factor a_j) */
static double log_product(size_t n, const double a[], double factor)
{
    double logarithm = 0.0;
    double product = 1.0;
    for (size_t j = 0; j < n; j++) {
        product *= 1.0 + factor * a[j];
        if (product > 1e100) {
            logarithm += log(product);
            product = 1.0;
        }
    }
    return logarithm + log(product);
}

bool ssldyn_cosine_rule_make(size_t n, const double a[], double spacing, bool weighted,
                             struct ssldyn_cosine_rule *rule)
{
    double largest = 0.0;
    double sum = 0.0;
    for (size_t j = 0; j < n; j++) {
        largest = fmax(largest, a[j]);
        sum += a[j];
    }
    if (!(largest > 0.0) || !isfinite(sum))
        return false;
    const double h = ssldyn_cosine_rule_step(spacing, sum / largest);
    const double end = log(ssldyn_cosine_rule_cut(spacing));
    const double scale = 1.0 / sqrt(2.0 * largest);
    for (size_t k = 0; k < SSLDYN_COSINE_NODES; k++) {
        const double t = h * (double)k;
        const double square = sinh(t) * sinh(t); /* 2 x^2 a_max */
        double decay = log(cosh(t)) - 0.5 * log_product(n, a, square / largest);
        double factor = weighted ? 0.0 : 1.0;
        for (size_t j = 0; weighted && j < n; j++) {
            const double share = a[j] / largest;
            factor = fmax(factor, sqrt(share) / (1.0 + square * share));
        }
        if (weighted) /* without noise the other integral widens like cosh t */
            decay += log(factor * cosh(t));
        if (decay < end) {
            rule->count = k;
            return true;
        }
        rule->twice[k] = square / largest;
        rule->weight[k] = (k == 0 ? 0.5 : 1.0) * h * cosh(t) * scale;
    }
    return false;
}
