/* The mode equations with the corrections by SGD's noise (cosine_sgd.c), integrated from equal
 * modes, with the population's gradient to next order: if few modes hold most of the variance
 * the leading order alone has no stationary state, or one with too few modes (THEORY section 10
 * [D]). */
// SPDX-License-Identifier: MIT
#include "theory/cosine_modes.h"
#include "theory/cosine_sgd.h"

#include <math.h>

/* |a|^2, |b|^2 and S. */
struct norms {
    double a2, b2, S;
};

static struct norms norms_of(const struct ssldyn_cosine_sgd *sgd, const double p[],
                             const double w[])
{
    struct norms norms = {0.0, 0.0, 0.0};
    for (size_t j = 0; j < sgd->n; j++) {
        const double q = p[j] * w[j];
        norms.a2 += q * q * sgd->lambda_s[j];
        norms.b2 += w[j] * w[j] * sgd->lambda_s[j];
        norms.S += q * w[j] * sgd->lambda_d[j];
    }
    return norms;
}

/* Half of the inverse of the fastest rate: growth and decay terms of a mode are bounded
 * separately, as they nearly cancel at balance. */
static double step_of(const struct ssldyn_cosine_sgd *sgd, const struct norms *norms,
                      const double p[], const double w[])
{
    double fastest = 50.0 * fmax(sgd->eta_s, sgd->eta_p);
    for (size_t j = 0; j < sgd->n; j++) {
        const double drive =
            sgd->lambda_d[j] + p[j] * sgd->lambda_s[j] * fabs(norms->S) / norms->a2;
        const double share = fmax(p[j], sgd->alpha_p * w[j] * w[j] / fmax(p[j], 1e-300));
        fastest = fmax(fastest, share * drive / sqrt(norms->a2 * norms->b2));
    }
    return 0.5 / fastest;
}

/* Euler's step of s = w^2 and q = p^2. */
static void advance(const struct ssldyn_cosine_sgd *sgd, const struct norms *norms, double trace,
                    double step, const double G[], double p[], double w[])
{
    const double S = norms->S / norms->a2;
    for (size_t j = 0; j < sgd->n; j++) {
        const double ls = sgd->lambda_s[j];
        const double h = p[j] * w[j] * G[j];
        const double s = w[j] * w[j];
        const double q = p[j] * p[j];
        const double gamma = s * trace / (sgd->batch * norms->a2 * norms->b2) *
                             (ls - 2.0 * p[j] * sgd->lambda_d[j] * S + q * ls * S * S);
        const double zeta = ls / (sgd->batch * norms->a2) * (1.0 - norms->S * S / norms->b2);
        const double ds = 2.0 * h - 2.0 * sgd->eta_s * s + sgd->lr * q * gamma;
        const double dq = 2.0 * sgd->alpha_p * h - 2.0 * sgd->eta_p * q +
                          sgd->lr * sgd->alpha_p * sgd->alpha_p * s * zeta;
        w[j] = sqrt(fmax(s + step * ds, 0.0));
        p[j] = sqrt(fmax(q + step * dq, 0.0));
    }
}

/* eta_s at which a small mode would collapse: G = w lambda_d k - q lambda_s m, to next order as
 * in the closure, and the largest (dp/dt)/p + eta_s is (k lambda_d)^2/(4 m lambda_s). */
static void find_folds(const struct ssldyn_cosine_sgd *sgd, const double p[], const double w[],
                       double fold[])
{
    const struct norms norms = norms_of(sgd, p, w);
    const double a4 = norms.a2 * norms.a2;
    const double ab = norms.a2 * norms.b2;
    double AA = 0.0;
    double BB = 0.0;
    double CC = 0.0;
    double AC = 0.0;
    double BC = 0.0;
    for (size_t j = 0; j < sgd->n; j++) {
        const double B = w[j] * w[j] * sgd->lambda_s[j];
        const double A = p[j] * p[j] * B;
        const double C = p[j] * w[j] * w[j] * sgd->lambda_d[j];
        AA += A * A;
        BB += B * B;
        CC += C * C;
        AC += A * C;
        BC += B * C;
    }
    const double spread_b = 0.75 * BB / (norms.b2 * norms.b2);
    const double k = (1.0 + 0.75 * AA / a4 + spread_b + 0.5 * CC / ab) / sqrt(ab);
    const double m = (norms.S * (1.0 + 3.75 * AA / a4 + spread_b + 1.5 * CC / ab) -
                      3.0 * AC / norms.a2 - BC / norms.b2) /
                     (norms.a2 * sqrt(ab));
    for (size_t j = 0; j < sgd->n; j++)
        fold[j] = pow(k * sgd->lambda_d[j], 2.0) / (4.0 * m * sgd->lambda_s[j]);
}

bool ssldyn_cosine_sgd_settle(const struct ssldyn_cosine_sgd *sgd, double p[], double w2[],
                              double fold[], size_t *rank)
{
    enum { STEPS = 1000000 };
    const double dead = 1e-6; /* of the largest eigenvalue of F, as in runs */
    const double end = 40.0 / fmin(sgd->eta_s, sgd->eta_p);
    const struct ssldyn_cosine_data data = {
        .n = sgd->n, .first = sgd->lambda_s, .second = sgd->lambda_s, .across = sgd->lambda_d};
    double *const w = w2;
    double *const G = fold;
    double trace = 0.0;
    double t = 0.0;
    double largest = 0.0;
    const double start = sgd->lr / (sgd->eta_s * sgd->batch * (double)sgd->n);
    for (size_t j = 0; j < sgd->n; j++) {
        trace += sgd->lambda_s[j];
        w[j] = pow(start, 0.25);
        p[j] = sqrt(sgd->alpha_p) * w[j];
    }
    for (int i = 0; i < STEPS && t < end; i++) {
        const struct norms norms = norms_of(sgd, p, w);
        if (!(norms.a2 > 0.0) || !isfinite(norms.a2 * norms.b2))
            return false;
        const double step = step_of(sgd, &norms, p, w);
        ssldyn_cosine_modes_closure(&data, p, w, w, true, G);
        advance(sgd, &norms, trace, step, G, p, w);
        t += step;
    }
    find_folds(sgd, p, w, fold);
    for (size_t j = 0; j < sgd->n; j++) {
        w2[j] = w[j] * w[j];
        largest = fmax(largest, w2[j] * sgd->lambda_d[j]);
    }
    *rank = 0;
    for (size_t j = 0; j < sgd->n; j++) {
        if (w2[j] * sgd->lambda_d[j] > dead * largest)
            ++*rank;
        else
            p[j] = w2[j] = 0.0;
    }
    return t >= end && *rank >= 2;
}
