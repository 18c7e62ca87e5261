/* Water-filling under noise: p of the survivors is where the exact gradient vanishes, found by steps
 * that the leading closure scales; the mode farthest below its floor collapses, and again. */
// SPDX-License-Identifier: MIT
#include "theory/waterfill.h"

#include <math.h>

/* The survivors, packed, and the sum of their p^2, which is kept. */
struct survivors {
    size_t n;
    double *first, *second, *across, *rest; /* of the data */
    double *c, *p, *w, *G;
    double *workspace;
    double total;
};

size_t ssldyn_waterfill_noise_workspace(size_t n)
{
    return 8 * n + ssldyn_cosine_modes_workspace(n);
}

static void scale(struct survivors *left)
{
    double sum = 0.0;
    for (size_t k = 0; k < left->n; k++)
        sum += left->p[k] * left->p[k];
    for (size_t k = 0; k < left->n; k++)
        left->p[k] *= sqrt(left->total / sum);
}

/* A collapsed mode ends with w = 0, and leaves alpha_p w^2 of its p^2 to the others. */
static void pack(const struct ssldyn_cosine_data *data, double alpha_p, const double p[],
                 const double w[], const double collapsed[], struct survivors *left)
{
    left->n = 0;
    left->total = 0.0;
    for (size_t j = 0; j < data->n; j++) {
        const size_t k = left->n;
        left->total += collapsed[j] != 0.0 ? alpha_p * w[j] * w[j] : p[j] * p[j];
        if (collapsed[j] != 0.0)
            continue;
        left->first[k] = data->first[j];
        left->second[k] = data->second[j];
        left->across[k] = data->across[j];
        left->rest[k] = data->rest[j];
        left->c[k] = w[j] * w[j] - p[j] * p[j] / alpha_p;
        left->p[k] = data->across[j] / data->first[j]; /* to leading order */
        left->n++;
    }
    scale(left);
}

/* Moves p to where G vanishes along w^2 = c + p^2/alpha_p; a mode below its floor is held a little
 * above it meanwhile, as it may come back. */
static bool settle(struct survivors *left, double alpha_p)
{
    enum { STEPS = 5000 };
    double damping = 0.35; /* of full steps, which overshoot where there are few modes */
    double last = (double)INFINITY;
    const double size = sqrt(left->total / (double)left->n);
    const struct ssldyn_cosine_data data = {left->n, left->first, left->second, left->across,
                                            left->rest};
    for (int i = 0; i < STEPS; i++) {
        double a2 = 0.0;
        double b2 = 0.0;
        double S = 0.0;
        double loss = 0.0;
        double change = 0.0;
        for (size_t k = 0; k < left->n; k++) {
            const double w2 =
                fmax(left->c[k] + left->p[k] * left->p[k] / alpha_p, 1e-14 * left->total / alpha_p);
            left->w[k] = sqrt(w2);
            a2 += left->p[k] * left->p[k] * w2 * left->first[k];
            b2 += w2 * left->second[k];
            S += left->p[k] * w2 * left->across[k];
        }
        if (!ssldyn_cosine_modes_gradient(&data, left->p, left->w, left->w, SSLDYN_COSINE_STANDARD,
                                          left->G, &loss, left->workspace))
            return false;
        for (size_t k = 0; k < left->n; k++) { /* -dG/dp at fixed norms, to leading order */
            const double slope = left->w[k] * left->first[k] * S / (a2 * sqrt(a2 * b2));
            const double before = left->p[k];
            left->p[k] =
                fmin(fmax(before + damping * left->G[k] / slope, 0.5 * before), 2.0 * before);
            change = fmax(change, fabs(left->p[k] - before));
        }
        scale(left);
        if (change <= 1e-12 * size)
            return true;
        damping *= change < last ? 1.0 : 0.8; /* a small w beside one other has a steep gradient */
        last = change;
    }
    return false;
}

/* The mode farthest below its floor; n where all are above. */
static size_t drowned(const struct survivors *left, double alpha_p)
{
    size_t worst = left->n;
    double lowest = 0.0;
    for (size_t k = 0; k < left->n; k++) {
        const double w2 = left->c[k] + left->p[k] * left->p[k] / alpha_p;
        if (w2 < lowest || (w2 == 0.0 && worst == left->n)) {
            lowest = w2;
            worst = k;
        }
    }
    return worst;
}

bool ssldyn_waterfill_noise(const struct ssldyn_cosine_data *data, double alpha_p, const double p[],
                            const double w[], double p_end[], double w2_end[], double *level,
                            size_t *survivors, double workspace[])
{
    const size_t n = data->n;
    struct survivors left = {.workspace = workspace + 8 * n};
    double **const arrays[] = {&left.first, &left.second, &left.across, &left.rest,
                               &left.c,     &left.p,      &left.w,      &left.G};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        *arrays[i] = workspace + i * n;
    for (size_t j = 0; j < n; j++) /* 1: collapsed */
        p_end[j] = p[j] < 0.0 && alpha_p * w[j] * w[j] < p[j] * p[j] ? 1.0 : 0.0;
    size_t worst = 0;
    do {
        pack(data, alpha_p, p, w, p_end, &left);
        if (left.n > 1 && !settle(&left, alpha_p))
            return false;
        worst = drowned(&left, alpha_p);
        for (size_t j = 0, k = 0; worst < left.n && j < n; j++) {
            if (p_end[j] == 0.0 && k++ == worst)
                p_end[j] = 1.0;
        }
    } while (worst < left.n);
    for (size_t j = 0, k = 0; j < n; j++) {
        const bool collapsed = p_end[j] != 0.0;
        w2_end[j] = collapsed ? 0.0 : left.c[k] + left.p[k] * left.p[k] / alpha_p;
        p_end[j] =
            collapsed ? copysign(sqrt(p[j] * p[j] - alpha_p * w[j] * w[j]), p[j]) : left.p[k++];
    }
    *survivors = left.n;
    *level = left.n > 0 ? sqrt(left.total / (double)left.n) : (double)NAN;
    return true;
}
