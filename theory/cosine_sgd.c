/* The stationary state of the mode equations with the corrections by SGD's noise. With s = w^2,
 * q = p^2,
 *   ds/dt = 2 h - 2 eta_s s + lr q gamma,  dq/dt = 2 alpha_p h - 2 eta_p q + lr alpha_p^2 s zeta,
 *   h = p s (lambda_d/(|a| |b|) - p lambda_s S/(|a|^3 |b|)),
 *   gamma = s tr/(B |a|^2 |b|^2) (lambda_s - 2 p lambda_d S/|a|^2 + q lambda_s S^2/|a|^4),
 *   zeta = lambda_s/(B |a|^2) (1 - S^2/(|a|^2 |b|^2)).
 * At given norms the difference of the two makes s a multiple of q, and the sum is one equation for
 * p; the norms are found by iteration. */
// SPDX-License-Identifier: MIT
#include "theory/cosine_sgd.h"

#include <math.h>

struct norms {
    double a2, b2, S; /* |a|^2, |b|^2, S */
    double trace;     /* sum of lambda_s */
};

/* The mode's equation: pull p - push p^2 + noise p^2 (1/2) (c0 - c1 p + c2 p^2) = eta_s. */
struct mode {
    double pull, push;
    double c0, c1, c2; /* lr gamma/s as a polynomial in p */
};

static struct mode mode_of(const struct ssldyn_cosine_sgd *sgd, const struct norms *norms, size_t j)
{
    const double ab = sqrt(norms->a2 * norms->b2);
    const double noise = sgd->lr * norms->trace / (sgd->batch * norms->a2 * norms->b2);
    const double S = norms->S / norms->a2;
    return (struct mode){.pull = sgd->lambda_d[j] / ab,
                         .push = sgd->lambda_s[j] * S / ab,
                         .c0 = noise * sgd->lambda_s[j],
                         .c1 = noise * 2.0 * sgd->lambda_d[j] * S,
                         .c2 = noise * sgd->lambda_s[j] * S * S};
}

/* lr gamma/s. */
static double kick(const struct mode *mode, double p)
{
    return mode->c0 - p * (mode->c1 - p * mode->c2);
}

/* (dp/dt)/p + eta_s. */
static double gain(const struct mode *mode, double p)
{
    return p * (mode->pull - p * (mode->push - 0.5 * kick(mode, p)));
}

/* The upper p at which a mode within its fold is stationary, by bisection to the last bit: noise
 * moves it beyond the root without noise. NaN if the noise exceeds the restoring term. */
static double resting(const struct mode *mode, double eta_s)
{
    const double spread = mode->pull * mode->pull - 4.0 * mode->push * eta_s;
    double low = (mode->pull + sqrt(spread)) / (2.0 * mode->push);
    const double most = 4.0 * mode->pull / mode->push; /* the last root grows with the noise */
    double high = low;
    while (gain(mode, high) >= eta_s) {
        low = high;
        high *= 1.02;
        if (!(high < most))
            return (double)NAN;
    }
    double middle = 0.5 * (low + high);
    while (middle > low && middle < high) {
        if (gain(mode, middle) > eta_s)
            low = middle;
        else
            high = middle;
        middle = 0.5 * (low + high);
    }
    return middle;
}

/* Every mode at given norms; 0 for those beyond their folds and, unless they may return, for
 * those that were beyond them before. Adds up the norms of the others, and returns their number. */
static size_t find_modes(const struct ssldyn_cosine_sgd *sgd, const struct norms *norms,
                         bool may_return, double p[], double w2[], double fold[],
                         struct norms *next)
{
    const double zeta = sgd->lr * sgd->alpha_p / (sgd->batch * norms->a2) *
                        (1.0 - norms->S * norms->S / (norms->a2 * norms->b2));
    size_t left = 0;
    *next = (struct norms){.trace = norms->trace};
    for (size_t j = 0; j < sgd->n; j++) {
        const struct mode mode = mode_of(sgd, norms, j);
        const bool lost = w2[j] == 0.0 && !may_return;
        fold[j] = mode.pull * mode.pull / (4.0 * mode.push);
        p[j] = 0.0;
        w2[j] = 0.0;
        if (lost || !(sgd->eta_s < fold[j]))
            continue;
        p[j] = resting(&mode, sgd->eta_s);
        const double q = p[j] * p[j];
        w2[j] =
            2.0 * sgd->eta_p * q /
            (sgd->alpha_p * (2.0 * sgd->eta_s + zeta * sgd->lambda_s[j] - q * kick(&mode, p[j])));
        next->a2 += q * w2[j] * sgd->lambda_s[j];
        next->b2 += w2[j] * sgd->lambda_s[j];
        next->S += p[j] * w2[j] * sgd->lambda_d[j];
        left++;
    }
    return left;
}

/* As if all modes were equal: |W|^4 = lr n (1 - rho^2)/(2 eta_s batch), |Wp|^2 = alpha_p |W|^2. */
static void guess(const struct ssldyn_cosine_sgd *sgd, double w2[], struct norms *norms)
{
    const double n = (double)sgd->n;
    double rho = 0.0;
    *norms = (struct norms){0.0, 0.0, 0.0, 0.0};
    for (size_t j = 0; j < sgd->n; j++)
        rho += sgd->lambda_d[j] / sgd->lambda_s[j] / n;
    const double each = sqrt(sgd->lr * (1.0 - rho * rho) / (2.0 * sgd->eta_s * sgd->batch * n));
    for (size_t j = 0; j < sgd->n; j++) {
        w2[j] = each;
        norms->a2 += sgd->alpha_p * each * each * sgd->lambda_s[j];
        norms->b2 += each * sgd->lambda_s[j];
        norms->S += sqrt(sgd->alpha_p * each) * each * sgd->lambda_d[j];
        norms->trace += sgd->lambda_s[j];
    }
}

bool ssldyn_cosine_sgd_stationary(const struct ssldyn_cosine_sgd *sgd, double p[], double w2[],
                                  double fold[], size_t *rank)
{
    /* The iteration takes a third of each step, as full steps overshoot. A mode at its fold
     * could alternate forever: after half of the rounds it is removed for good. */
    enum { ROUNDS = 20000 };
    const double share = 1.0 / 3.0;
    struct norms norms;
    struct norms next;
    guess(sgd, w2, &norms);
    for (int i = 0; i < ROUNDS; i++) {
        *rank = find_modes(sgd, &norms, 2 * i < ROUNDS, p, w2, fold, &next);
        const double changes[] = {next.a2 / norms.a2, next.b2 / norms.b2, next.S / norms.S};
        double largest = 0.0;
        for (int k = 0; k < 3; k++)
            largest = fmax(largest, fabs(changes[k] - 1.0));
        if (*rank < 2 || !(next.a2 > 0.0) || !isfinite(next.a2 * next.b2))
            return false;
        if (largest < 1e-13)
            return true;
        norms.a2 *= pow(changes[0], share);
        norms.b2 *= pow(changes[1], share);
        norms.S *= pow(changes[2], share);
    }
    return false;
}

void ssldyn_cosine_sgd_gains(const struct ssldyn_cosine_sgd *sgd, const double p[],
                             const double w2[], double *kappa_w, double *kappa_p)
{
    struct norms norms = {0.0, 0.0, 0.0, 0.0};
    double norm2_w = 0.0;
    double norm2_wp = 0.0;
    for (size_t j = 0; j < sgd->n; j++) {
        norms.a2 += p[j] * p[j] * w2[j] * sgd->lambda_s[j];
        norms.b2 += w2[j] * sgd->lambda_s[j];
        norms.S += p[j] * w2[j] * sgd->lambda_d[j];
        norms.trace += sgd->lambda_s[j];
        norm2_w += w2[j];
        norm2_wp += p[j] * p[j];
    }
    *kappa_w = 0.0; /* of the sum of q gamma; kappa_p of that of s zeta */
    for (size_t j = 0; j < sgd->n; j++) {
        const struct mode mode = mode_of(sgd, &norms, j);
        *kappa_w += norm2_w * p[j] * p[j] * w2[j] * kick(&mode, p[j]) / sgd->lr;
    }
    *kappa_p = norm2_wp * norms.b2 / (sgd->batch * norms.a2) *
               (1.0 - norms.S * norms.S / (norms.a2 * norms.b2));
}

double ssldyn_cosine_sgd_memory(double lr, double eta_s)
{
    return 1.0 / (2.0 * lr * eta_s);
}
