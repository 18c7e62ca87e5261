/* The quadrature of the cosine loss: int_0^inf f(x) dx for f that decays like prod_j (1 + 2 x^2
 * a_j)^(-1/2), by the trapezoidal rule in t, x = sinh(t)/sqrt(2 max a) (THEORY section 10 [D]).
 * f is even and analytic with singularities only on the imaginary axis, so the error decreases
 * like exp(-pi^2/spacing) however different the a_j are. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_COSINE_RULE_H
#define SSLDYN_THEORY_COSINE_RULE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Spacing of the nodes, with errors relative to the largest result of about 1e-7 at COARSE,
 * 1e-11, 1e-12, and rounding at FINE. */
#define SSLDYN_COSINE_COARSE 0.40
#define SSLDYN_COSINE_MEDIUM 0.30
#define SSLDYN_COSINE_STANDARD 0.27
#define SSLDYN_COSINE_FINE 0.22

enum { SSLDYN_COSINE_NODES = 512 };

/* The spacing with about this relative error; accuracy 0: STANDARD. */
double ssldyn_cosine_rule_spacing(double accuracy);

/* The spacing in t if sum a_j/max a_j = crowd (many equal a_j make the integrand narrow), and
 * the size, relative to the first node, at which the sum ends. */
double ssldyn_cosine_rule_step(double spacing, double crowd);
double ssldyn_cosine_rule_cut(double spacing);

struct ssldyn_cosine_rule {
    size_t count;
    double twice[SSLDYN_COSINE_NODES];  /* 2 x^2 */
    double weight[SSLDYN_COSINE_NODES]; /* dx */
};

/* n numbers a_j >= 0. If many are equal the integrand is narrow, and the spacing smaller.
 * weighted: every term also has a factor sqrt(a_j)/(1 + 2 x^2 a_j), like those of the target.
 * False if the integrand does not decay, because fewer than two of them (weighted: none) are
 * nonzero, or if one is not finite. */
bool ssldyn_cosine_rule_make(size_t n, const double a[], double spacing, bool weighted,
                             struct ssldyn_cosine_rule *rule);

#ifdef __cplusplus
}
#endif

#endif
