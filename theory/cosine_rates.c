/* Rates of the cosine loss: means of rational functions of z as integrals over u of products of
 * r_j = 1/(1 + 2 u s_j), by the trapezoidal rule in log u. The integrands are analytic up to Im
 * log u = pi; for many modes they decrease like exp(-u), and the error like exp(-pi^2/step),
 * below rounding. */
// SPDX-License-Identifier: MIT
#include "theory/cosine_rates.h"

#include <math.h>

static const double step = 0.2;

/* The first node: an integrand is below rounding there, like u s. */
static double first(size_t n, const double s[], double *smallest)
{
    double largest = 0.0;
    *smallest = (double)INFINITY;
    for (size_t j = 0; j < n; j++) {
        largest = fmax(largest, s[j]);
        *smallest = fmin(*smallest, s[j]);
    }
    return log(1e-18 / largest);
}

/* prod r_j^(1/2); r is written if not NULL. */
static double product(size_t n, const double s[], double u, double r[])
{
    double log_product = 0.0;
    for (size_t j = 0; j < n; j++) {
        log_product -= 0.5 * log1p(2.0 * u * s[j]);
        if (r)
            r[j] = u * s[j] / (1.0 + 2.0 * u * s[j]);
    }
    return exp(log_product);
}

void ssldyn_cosine_rates(size_t n, const double s[], double m[], double Lambda[])
{
    double smallest = 0.0;
    const double start = first(n, s, &smallest);
    for (size_t i = 0; i < n * n; i++)
        Lambda[i] = 0.0;
    /* m_jk = int u s_j s_k r_j r_k prod du, j != k; in log u there is another factor u. The
     * product decreases as u^(-n/2) once every u s_j is large. */
    for (size_t k = 0;; k++) {
        const double u = exp(start + step * (double)k);
        const double weight = step * product(n, s, u, m);
        for (size_t j = 0; j < n; j++) {
            for (size_t i = 0; i < j; i++)
                Lambda[j * n + i] -= weight * m[j] * m[i];
        }
        if (u * smallest > 1.0 && weight < 1e-18)
            break;
    }
    for (size_t j = 0; j < n; j++)
        m[j] = 0.0;
    for (size_t k = 0;; k++) {
        const double u = exp(start + step * (double)k);
        const double weight = step * product(n, s, u, NULL);
        for (size_t j = 0; j < n; j++)
            m[j] += weight * u * s[j] / (1.0 + 2.0 * u * s[j]);
        if (u * smallest > 1.0 && weight < 1e-18)
            break;
    }
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < j; i++) {
            Lambda[i * n + j] = Lambda[j * n + i];
            Lambda[j * n + j] -= Lambda[j * n + i];
            Lambda[i * n + i] -= Lambda[j * n + i];
        }
    }
}

double ssldyn_cosine_rates_inverse(size_t n, const double s[])
{
    double smallest = 0.0;
    const double start = first(n, s, &smallest);
    double sum = 0.0;
    if (n <= 2)
        return (double)INFINITY;
    for (size_t k = 0;; k++) {
        const double u = exp(start + step * (double)k);
        const double term = step * u * product(n, s, u, NULL);
        sum += term;
        if (u * smallest > 1.0 && term < 1e-18 * sum)
            return sum;
    }
}
