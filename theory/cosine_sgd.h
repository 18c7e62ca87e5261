/* SGD under the cosine loss, whose population flow has no fold (THEORY section 10 [D]): a
 * batch's gradient is orthogonal to the weights, so its noise increases the norms until the
 * decay balances it. At these norms a mode has the fold of M4 with other constants, and the
 * control parameter is lr eta/batch. To leading order in the number of modes, for aligned modes
 * and SimSiam's target; alpha_p is a scale. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_COSINE_SGD_H
#define SSLDYN_THEORY_COSINE_SGD_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ssldyn_cosine_sgd {
    size_t n;               /* number of modes, including the data: the sum of lambda_s is their
                             * variance */
    const double *lambda_s; /* n, > 0 */
    const double *lambda_d; /* n, in [0, lambda_s], one of them > 0; < lambda_s for at least one */
    double alpha_p, eta_p, eta_s; /* > 0 */
    double lr;                    /* > 0; with momentum mu lr/(1 - mu), accurate to a few percent */
    double batch;                 /* batch size, > 0 */
};

/* The stationary state.
 *   p, w2   n: p_j and w_j^2; 0 for modes beyond their fold
 *   fold    n: eta_s at which mode j would collapse at these norms, lambda_d^2 |a|/(4 lambda_s S
 *   |b|) with
 *           |a|^2 = sum p^2 w^2 lambda_s, |b|^2 = sum w^2 lambda_s, S = sum p w^2 lambda_d; in
 *           terms of
 *           lr eta_s it is lr eta_s (fold/eta_s)^2
 *   rank    number of modes with eta_s < fold: an upper bound of the survivors, usually one too
 *   many
 * False if none is found: fewer than two modes are left. */
bool ssldyn_cosine_sgd_stationary(const struct ssldyn_cosine_sgd *sgd, double p[], double w2[],
                                  double fold[], size_t *rank);

/* The same equations with the population's gradient to next order in 1/n, in the state at time
 * 40/eta after a start with all modes equal (the start is forgotten at the rate 2 eta_s). For
 * spectra in which few modes hold most of the variance, like those of images: the leading order
 * has no stationary state for them, or one with too few modes. It takes some milliseconds for 48
 * modes, and longer the smaller lr eta_s is.
 *   p, w2  as above
 *   fold   as above, for a mode that is small compared to the others, to next order
 *   rank   number of modes with w^2 lambda_d above 1e-6 of the largest, as in runs
 * False if fewer than two modes are left. */
bool ssldyn_cosine_sgd_settle(const struct ssldyn_cosine_sgd *sgd, double p[], double w2[],
                              double fold[], size_t *rank);

/* kappa_w = |W|^2 E|G_w|^2 and kappa_p = |Wp|^2 E|G_p|^2/alpha_p^2 of a batch's gradients at modes
 * p and w2 (n each, as above), to leading order and without the population's gradient, which is
 * small in a stationary state. Where decay balances them |W|^4 = lr kappa_w/(2 eta_s) and |Wp|^4 =
 * lr alpha_p^2 kappa_p/(2 eta_p). */
void ssldyn_cosine_sgd_gains(const struct ssldyn_cosine_sgd *sgd, const double p[],
                             const double w2[], double *kappa_w, double *kappa_p);

/* Number of steps in which the start is forgotten, 1/(2 lr eta_s): c_j decays at 2 eta_s,
 * relative to stationary norms. Before that, the end of the flow determines the state. */
double ssldyn_cosine_sgd_memory(double lr, double eta_s);

#ifdef __cplusplus
}
#endif

#endif
