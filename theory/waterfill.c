/* Water-filling: the set of collapsed modes grows until the level is consistent. */
// SPDX-License-Identifier: MIT
#include "theory/waterfill.h"

#include <math.h>

/* The survivors share the conserved total minus the part of the collapsed modes, each with
 * level^2; modes whose floor is at or above the level collapse as well, and hold |floor|.
 * collapsed: 1 for modes that must collapse. Returns the number of survivors. */
static size_t fill(size_t n, double total, const double floor[], double collapsed[], double *level)
{
    double left = total;
    size_t survivors = n;
    for (size_t j = 0; j < n; j++) {
        left -= collapsed[j] != 0.0 ? fabs(floor[j]) : 0.0;
        survivors -= collapsed[j] != 0.0 ? 1 : 0;
    }
    for (bool grown = true; grown && survivors > 0;) {
        grown = false;
        const double share = left / (double)survivors;
        for (size_t j = 0; j < n; j++) {
            if (collapsed[j] == 0.0 && floor[j] > 0.0 && floor[j] >= share) {
                collapsed[j] = 1.0;
                left -= floor[j];
                survivors--;
                grown = true;
            }
        }
    }
    *level = survivors > 0 ? sqrt(fmax(left, 0.0) / (double)survivors) : (double)NAN;
    return survivors;
}

size_t ssldyn_waterfill(size_t n, double alpha_p, const double p[], const double w[],
                        double p_end[], double w2_end[], double *level)
{
    double *const floor = w2_end; /* -alpha_p c_j */
    double total = 0.0;
    for (size_t j = 0; j < n; j++) {
        floor[j] = p[j] * p[j] - alpha_p * w[j] * w[j];
        p_end[j] = floor[j] > 0.0 && p[j] < 0.0 ? 1.0 : 0.0; /* 1: collapsed */
        total += p[j] * p[j];
    }
    const size_t survivors = fill(n, total, floor, p_end, level);
    for (size_t j = 0; j < n; j++) {
        const bool collapsed = p_end[j] != 0.0;
        p_end[j] = collapsed ? copysign(sqrt(floor[j]), p[j]) : *level;
        w2_end[j] = collapsed ? 0.0 : (*level * *level - floor[j]) / alpha_p;
    }
    return survivors;
}

double ssldyn_waterfill_margin(double alpha_p, double p, double w, double level)
{
    const double c = w * w - p * p / alpha_p;
    return c + (p < 0.0 ? 0.0 : level * level / alpha_p);
}

size_t ssldyn_waterfill_spectrum(size_t n, double alpha_p, double total, const double c[],
                                 double w2_end[], double *level, bool *exact, double workspace[])
{
    for (size_t j = 0; j < n; j++) {
        w2_end[j] = -alpha_p * c[j];
        workspace[j] = 0.0;
    }
    const size_t survivors = fill(n, total, w2_end, workspace, level);
    for (size_t j = 0; j < n; j++)
        w2_end[j] = workspace[j] != 0.0 ? 0.0 : (*level * *level - w2_end[j]) / alpha_p;
    *exact = survivors == n;
    return survivors;
}

size_t ssldyn_waterfill_iso(size_t n, double alpha_p, const double p[], const double w[],
                            double p_end[], double w2_end[], double *level)
{
    double *const floor = w2_end; /* k_j |k_j| */
    double total = 0.0;
    for (size_t j = 0; j < n; j++) {
        const double k = p[j] - 0.5 * alpha_p * w[j] * w[j];
        floor[j] = k * fabs(k);
        p_end[j] = 0.0;
        total += p[j] * p[j];
    }
    const size_t survivors = fill(n, total, floor, p_end, level);
    for (size_t j = 0; j < n; j++) {
        const bool collapsed = p_end[j] != 0.0;
        const double k = copysign(sqrt(fabs(floor[j])), floor[j]);
        p_end[j] = collapsed ? k : *level;
        w2_end[j] = collapsed ? 0.0 : 2.0 * (*level - k) / alpha_p;
    }
    return survivors;
}

double ssldyn_waterfill_set(size_t n, const double lambda_d[], const double w2[], double b)
{
    double sum = 0.0;
    double weight = 0.0;
    for (size_t j = 0; j < n; j++) {
        sum += pow(lambda_d[j] * w2[j], b) / lambda_d[j];
        weight += w2[j] > 0.0 ? 1.0 / lambda_d[j] : 0.0;
    }
    return weight > 0.0 ? pow(sum / weight, 1.0 / b) : (double)NAN;
}
