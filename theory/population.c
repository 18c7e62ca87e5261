/* M1, the population flow of the matrices. With R = Wa X and Q = W (X + X'), E = R - Wp Q: one pass
 * over W and Wa lays down R, Q and the linear terms, and the matrix products only add to them. */
// SPDX-License-Identifier: MIT
#include "theory/population.h"

#include "theory/product.h"

#include <cblas.h>
#include <stdbool.h>
#include <string.h>

/* Loops run over a multiple of eight entries first: that much of a promise lets compilers use
 * vector units at -O2. */
#define WHOLE(n) ((n) & ~(size_t)7)

size_t ssldyn_population_workspace(size_t n1, size_t n2)
{
    return 2 * n1 * n2;
}

/* y = a x */
static void scale(size_t n, double a, const double *restrict x, double *restrict y)
{
    for (size_t i = 0; i < WHOLE(n); i++)
        y[i] = a * x[i];
    for (size_t i = WHOLE(n); i < n; i++)
        y[i] = a * x[i];
}

/* y_i = a d_i x_i */
static void scale_by(size_t n, double a, const double *restrict d, const double *restrict x,
                     double *restrict y)
{
    for (size_t i = 0; i < WHOLE(n); i++)
        y[i] = a * d[i] * x[i];
    for (size_t i = WHOLE(n); i < n; i++)
        y[i] = a * d[i] * x[i];
}

/* Wa' = beta (W - Wa), W' = -decay W, and R = Wa where X = I, in one pass. */
static void linear_terms(size_t n, double beta, double decay, const double *restrict W,
                         const double *restrict Wa, double *restrict R, double *restrict W_rate,
                         double *restrict Wa_rate)
{
    for (size_t i = 0; i < WHOLE(n); i++) {
        R[i] = Wa[i];
        W_rate[i] = -decay * W[i];
        Wa_rate[i] = beta * (W[i] - Wa[i]);
    }
    for (size_t i = WHOLE(n); i < n; i++) {
        R[i] = Wa[i];
        W_rate[i] = -decay * W[i];
        Wa_rate[i] = beta * (W[i] - Wa[i]);
    }
}

/* R = t Wa X; where X is the identity linear_terms has done it already unless the target is tied.
 */
static void target_terms(const struct ssldyn_moments *moments, size_t n2, double t,
                         const double target[], double R[])
{
    const size_t n1 = moments->n1;

    switch (moments->kind) {
    case SSLDYN_MOMENTS_ISOTROPIC:
        scale(n1 * n2, t, target, R);
        break;
    case SSLDYN_MOMENTS_DIAGONAL:
        for (size_t i = 0; i < n2; i++)
            scale_by(n1, t, moments->X, target + i * n1, R + i * n1);
        break;
    case SSLDYN_MOMENTS_HALF:
    case SSLDYN_MOMENTS_FULL:
        ssldyn_product(false, n2, n1, n1, t, target, moments->X, 0.0, R);
        break;
    }
}

/* Q = W (X + X'). Isotropic moments need no copy: W itself, to be taken c times (*factor). */
static const double *online_terms(const struct ssldyn_moments *moments, size_t n2, const double W[],
                                  double buffer[], double *factor)
{
    const size_t n1 = moments->n1;

    *factor = 1.0;
    switch (moments->kind) {
    case SSLDYN_MOMENTS_ISOTROPIC:
        *factor = moments->c;
        return W;
    case SSLDYN_MOMENTS_DIAGONAL:
    case SSLDYN_MOMENTS_HALF:
        for (size_t i = 0; i < n2; i++)
            scale_by(n1, 1.0, moments->sum, W + i * n1, buffer + i * n1);
        break;
    case SSLDYN_MOMENTS_FULL:
        ssldyn_product(false, n2, n1, n1, 1.0, W, moments->sum, 0.0, buffer);
        break;
    }
    return buffer;
}

/* A <- (A + A^T)/2 - decay (B + B^T)/2: entries (i,j) and (j,i) get the very same bits. */
static void symmetrise(size_t n, double decay, const double *restrict B, double *restrict A)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            const double rate =
                0.5 * (A[i * n + j] + A[j * n + i]) - decay * (0.5 * (B[i * n + j] + B[j * n + i]));
            A[i * n + j] = rate;
            A[j * n + i] = rate;
        }
    }
}

/* Wp' = alpha_p E W^T - eta_p Wp (Eq. 2), or its symmetric part (Assumption 3). */
static void predictor_rate(const struct ssldyn_parameters *parameters, size_t n1, size_t n2,
                           const double Wp[], const double W[], const double E[], double Wp_rate[],
                           double buffer[])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    double beta = 0.0;

    if (!parameters->predictor) {
        memset(Wp_rate, 0, n2 * n2 * sizeof *Wp_rate);
        return;
    }
    if (!parameters->symmetric) {
        scale(n2 * n2, -rates->eta_p, Wp, Wp_rate);
        beta = 1.0;
    }
    ssldyn_product_transposed(n2, n2, n1, rates->alpha_p, E, W, beta, Wp_rate, buffer);
    if (parameters->symmetric)
        symmetrise(n2, rates->eta_p, Wp, Wp_rate);
}

void ssldyn_population_rhs(const struct ssldyn_parameters *parameters,
                           const struct ssldyn_moments *moments, size_t n2,
                           const struct ssldyn_weights *weights,
                           const struct ssldyn_weights_rate *rate, double workspace[])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const size_t n1 = moments->n1;
    const size_t size = n1 * n2;
    const bool held = parameters->tau_held;
    double *E = workspace; /* R = Wa X until Wp Q is taken off */
    double *buffer = workspace + size;
    double factor;

    if (held) {
        scale(size, -rates->eta_s, weights->W, rate->W);
        target_terms(moments, n2, parameters->tau, weights->W, E);
    } else {
        linear_terms(size, rates->beta, rates->eta_s, weights->W, weights->Wa, E, rate->W,
                     rate->Wa);
        if (moments->kind != SSLDYN_MOMENTS_ISOTROPIC)
            target_terms(moments, n2, 1.0, weights->Wa, E);
    }
    const double *Q = online_terms(moments, n2, weights->W, buffer, &factor);

    /* Thm 2: the gradient through the target adds Wp R - Q. */
    if (!parameters->stop_grad) {
        cblas_daxpy((int)size, -factor, Q, 1, rate->W, 1);
        if (parameters->predictor)
            ssldyn_product(false, n2, n1, n2, 1.0, weights->Wp, E, 1.0, rate->W);
        else
            cblas_daxpy((int)size, 1.0, E, 1, rate->W, 1);
    }
    if (parameters->predictor) {
        ssldyn_product(false, n2, n1, n2, -factor, weights->Wp, Q, 1.0, E);
        ssldyn_product(true, n2, n1, n2, 1.0, weights->Wp, E, 1.0, rate->W);
    } else {
        cblas_daxpy((int)size, -factor, Q, 1, E, 1);
        cblas_daxpy((int)size, 1.0, E, 1, rate->W, 1);
    }
    if (rate->Wp)
        predictor_rate(parameters, n1, n2, weights->Wp, weights->W, E, rate->Wp, buffer);
}
