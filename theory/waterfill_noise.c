/* Water-filling with noise: p of the survivors is where the exact gradient vanishes. The steps
 * towards it follow the flow, scaled by the leading closure, along w^2 = c + p^2/alpha_p. */
// SPDX-License-Identifier: MIT
#include "theory/waterfill.h"

#include <math.h>

/* Modes that may survive, packed. A mode with c >= 0 moves in p, which may change its sign; one
 * with c < 0 in w^2, which may become small. */
struct survivors {
    size_t n;
    double alpha_p;
    double *first, *second, *across, *rest; /* of the data */
    double *c, *p, *w2, *w, *G;
    double *workspace;
    double total; /* sum of p^2 of those with c >= 0 and alpha_p w^2 of the others: conserved */
    double least; /* w^2 below which it counts as 0 */
};

size_t ssldyn_waterfill_noise_workspace(size_t n)
{
    return 9 * n + ssldyn_cosine_modes_workspace(n);
}

/* Packs the modes that have not collapsed. The part of p^2, alpha_p w^2, that a collapsed mode
 * gives up goes to the others. */
static void pack(const struct ssldyn_cosine_data *data, const double p[], const double w[],
                 const double collapsed[], struct survivors *left)
{
    left->n = 0;
    left->total = 0.0;
    for (size_t j = 0; j < data->n; j++) {
        const size_t k = left->n;
        const double w2 = w[j] * w[j];
        const double c = w2 - p[j] * p[j] / left->alpha_p;
        const bool rises = collapsed[j] != 0.0 || c < 0.0;
        left->total += rises ? left->alpha_p * w2 : p[j] * p[j];
        if (collapsed[j] != 0.0)
            continue;
        left->first[k] = data->first[j];
        left->second[k] = data->second[j];
        left->across[k] = data->across[j];
        left->rest[k] = data->rest[j];
        left->c[k] = c;
        left->p[k] = p[j];
        left->w2[k] = w2;
        left->n++;
    }
    left->least = 1e-14 * left->total / left->alpha_p;
}

/* Rescales the modes to the conserved total, and makes p and w^2 of each consistent. */
static void scale(struct survivors *left)
{
    double sum = 0.0;
    for (size_t k = 0; k < left->n; k++)
        sum += left->c[k] < 0.0 ? left->alpha_p * left->w2[k] : left->p[k] * left->p[k];
    const double factor = left->total / sum;
    for (size_t k = 0; k < left->n; k++) {
        if (left->c[k] < 0.0) {
            left->w2[k] *= factor;
            left->p[k] = sqrt(left->alpha_p * (left->w2[k] - left->c[k]));
        } else {
            left->p[k] *= sqrt(factor);
            left->w2[k] = left->c[k] + left->p[k] * left->p[k] / left->alpha_p;
        }
        left->w2[k] = fmax(left->w2[k], left->least);
        left->w[k] = sqrt(left->w2[k]);
    }
}

/* One step towards G = 0. Returns the largest undamped step relative to the mean p, ignoring
 * modes that are decreasing and nearly zero; infinite if the gradient is. */
static double step(struct survivors *left, double damping)
{
    const struct ssldyn_cosine_data data = {left->n, left->first, left->second, left->across,
                                            left->rest};
    double a2 = 0.0;
    double b2 = 0.0;
    double S = 0.0;
    double p2 = 0.0;
    double loss = 0.0;
    double longest = 0.0;
    for (size_t k = 0; k < left->n; k++) {
        const double squared = left->p[k] * left->p[k];
        p2 += squared;
        a2 += squared * left->w2[k] * left->first[k];
        b2 += left->w2[k] * left->second[k];
        S += fabs(left->p[k]) * left->w2[k] * left->across[k];
    }
    if (!ssldyn_cosine_modes_gradient(&data, left->p, left->w, left->w, SSLDYN_COSINE_STANDARD,
                                      left->G, &loss, left->workspace))
        return (double)INFINITY;
    const double size = sqrt(p2 / (double)left->n);
    for (size_t k = 0; k < left->n; k++) { /* -dG/dp at constant norms, to leading order */
        const double slope = left->w[k] * left->first[k] * S / (a2 * sqrt(a2 * b2));
        const double full = left->G[k] / (slope * size);
        if (!(left->w2[k] <= left->least && full < 0.0))
            longest = fmax(longest, fabs(full));
        if (left->c[k] < 0.0) { /* multiplicative steps for a small w^2 */
            const double gain = fmin(2.0 * left->p[k] * size / (left->alpha_p * left->w2[k]), 6.0);
            left->w2[k] *= exp(fmin(fmax(damping * full * gain, -1.0), 1.0));
        } else {
            left->p[k] += size * fmin(fmax(damping * full, -0.3), 0.3);
        }
    }
    scale(left);
    return longest;
}

/* Full steps overshoot if there are few modes. */
static bool settle(struct survivors *left)
{
    enum { STEPS = 20000 };
    double damping = 0.35;
    double last = (double)INFINITY;
    scale(left);
    if (left->n < 2) /* the norm determines the only mode */
        return true;
    for (int i = 0; i < STEPS && (i == 0 || isfinite(last)); i++) {
        const double length = step(left, damping);
        if (length <= 1e-12)
            return true;
        damping = length < last ? fmin(1.05 * damping, 0.35) : fmax(0.7 * damping, 0.01);
        last = length;
    }
    return false;
}

bool ssldyn_waterfill_noise(const struct ssldyn_cosine_data *data, double alpha_p, const double p[],
                            const double w[], double p_end[], double w2_end[], double *level,
                            size_t *survivors, double workspace[])
{
    const size_t n = data->n;
    struct survivors left = {.alpha_p = alpha_p, .workspace = workspace + 9 * n};
    double **const arrays[] = {&left.first, &left.second, &left.across, &left.rest, &left.c,
                               &left.p,     &left.w2,     &left.w,      &left.G};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        *arrays[i] = workspace + i * n;
    for (size_t j = 0; j < n; j++) /* 1: collapsed */
        p_end[j] = p[j] < 0.0 && alpha_p * w[j] * w[j] < p[j] * p[j] ? 1.0 : 0.0;
    bool fallen = true;
    while (fallen) {
        fallen = false;
        pack(data, p, w, p_end, &left);
        if (!settle(&left))
            return false;
        for (size_t j = 0, k = 0; j < n; j++) {
            if (p_end[j] == 0.0 && left.w2[k++] <= left.least) {
                p_end[j] = 1.0;
                fallen = true;
            }
        }
    }
    double sum = 0.0;
    for (size_t j = 0, k = 0; j < n; j++) {
        const bool collapsed = p_end[j] != 0.0;
        w2_end[j] = collapsed ? 0.0 : left.w2[k];
        p_end[j] =
            collapsed ? copysign(sqrt(p[j] * p[j] - alpha_p * w[j] * w[j]), p[j]) : left.p[k++];
        sum += collapsed ? 0.0 : p_end[j] * p_end[j];
    }
    *survivors = left.n;
    *level = left.n > 0 ? sqrt(sum / (double)left.n) : (double)NAN;
    return true;
}
