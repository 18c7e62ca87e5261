/* M1, the population flow of the matrices. With R = Wa X and Q = W (X + X'), E = R - Wp Q: the
 * decay terms and R itself are added where the products are written, in the same pass. */
// SPDX-License-Identifier: MIT
#include "theory/population.h"

#include "theory/product.h"

#include <stdbool.h>
#include <string.h>

/* Loops run over a multiple of eight entries first: that much of a promise lets compilers use
 * vector units at -O2. */
#define WHOLE(n) ((n) & ~(size_t)7)

size_t ssldyn_population_workspace(size_t n1, size_t n2)
{
    return 2 * n1 * n2 + ssldyn_product_workspace(n1 > n2 ? n1 : n2);
}

/* z = a x + b y; z may be x or y */
static void add_scaled(size_t n, double a, const double x[], double b, const double y[], double z[])
{
    for (size_t i = 0; i < n; i++)
        z[i] = a * x[i] + b * y[i];
}

/* y_i = d_i x_i */
static void scale_by(size_t n, const double *restrict d, const double *restrict x,
                     double *restrict y)
{
    for (size_t i = 0; i < WHOLE(n); i++)
        y[i] = d[i] * x[i];
    for (size_t i = WHOLE(n); i < n; i++)
        y[i] = d[i] * x[i];
}

/* C (m x n) = alpha A B + gamma D with k terms in a sum. */
static void multiply(size_t m, size_t n, size_t k, double alpha, const double A[], const double B[],
                     double gamma, const double D[], double C[], double packing[])
{
    ssldyn_product(&(struct ssldyn_product){.m = m, .n = n, .k = k, .alpha = alpha, .gamma = gamma},
                   A, B, D, C, packing);
}

/* Wa' = beta (W - Wa) */
static void target_rate(size_t n, double beta, const double *restrict W, const double *restrict Wa,
                        double *restrict Wa_rate)
{
    for (size_t i = 0; i < WHOLE(n); i++)
        Wa_rate[i] = beta * (W[i] - Wa[i]);
    for (size_t i = WHOLE(n); i < n; i++)
        Wa_rate[i] = beta * (W[i] - Wa[i]);
}

/* R = target X. Isotropic moments need no copy: the target itself. */
static const double *target_terms(const struct ssldyn_moments *moments, size_t n2,
                                  const double target[], double buffer[], double packing[])
{
    const size_t n1 = moments->n1;

    switch (moments->kind) {
    case SSLDYN_MOMENTS_ISOTROPIC:
        return target;
    case SSLDYN_MOMENTS_DIAGONAL:
        for (size_t i = 0; i < n2; i++)
            scale_by(n1, moments->X, target + i * n1, buffer + i * n1);
        break;
    case SSLDYN_MOMENTS_HALF:
    case SSLDYN_MOMENTS_FULL:
        multiply(n2, n1, n1, 1.0, target, moments->X, 0.0, NULL, buffer, packing);
        break;
    }
    return buffer;
}

/* Q = W (X + X'). Isotropic moments need no copy: W itself, to be taken c times (*factor). */
static const double *online_terms(const struct ssldyn_moments *moments, size_t n2, const double W[],
                                  double buffer[], double *factor, double packing[])
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
            scale_by(n1, moments->sum, W + i * n1, buffer + i * n1);
        break;
    case SSLDYN_MOMENTS_FULL:
        multiply(n2, n1, n1, 1.0, W, moments->sum, 0.0, NULL, buffer, packing);
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
                           const struct ssldyn_weights *weights, const double E[], double Wp_rate[],
                           double packing[])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const bool symmetric = parameters->symmetric;

    if (!parameters->predictor) {
        memset(Wp_rate, 0, n2 * n2 * sizeof *Wp_rate);
        return;
    }
    ssldyn_product(&(struct ssldyn_product){.transpose_B = true,
                                            .m = n2,
                                            .n = n2,
                                            .k = n1,
                                            .alpha = rates->alpha_p,
                                            .gamma = -rates->eta_p},
                   E, weights->W, symmetric ? NULL : weights->Wp, Wp_rate, packing);
    if (symmetric)
        symmetrise(n2, rates->eta_p, weights->Wp, Wp_rate);
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
    const double tau = held ? parameters->tau : 1.0;
    double *E = workspace;
    double *packing = workspace + 2 * size;
    const double *W_share = weights->W; /* what W' gets beside Wp^T E, W_factor times */
    double W_factor = -rates->eta_s;
    double factor;

    if (!held)
        target_rate(size, rates->beta, weights->W, weights->Wa, rate->Wa);
    const double *R =
        target_terms(moments, n2, held ? weights->W : weights->Wa, E, packing); /* tau times */
    const double *Q = online_terms(moments, n2, weights->W, workspace + size, &factor, packing);

    /* Thm 2: the gradient through the target adds Wp R - Q. */
    if (!parameters->stop_grad) {
        add_scaled(size, -rates->eta_s, weights->W, -factor, Q, rate->W);
        if (parameters->predictor)
            multiply(n2, n1, n2, tau, weights->Wp, R, 1.0, rate->W, rate->W, packing);
        else
            add_scaled(size, 1.0, rate->W, tau, R, rate->W);
        W_share = rate->W;
        W_factor = 1.0;
    }
    if (parameters->predictor) {
        multiply(n2, n1, n2, -factor, weights->Wp, Q, tau, R, E, packing);
        ssldyn_product(
            &(struct ssldyn_product){
                .transpose_A = true, .m = n2, .n = n1, .k = n2, .alpha = 1.0, .gamma = W_factor},
            weights->Wp, E, W_share, rate->W, packing);
    } else {
        add_scaled(size, tau, R, -factor, Q, E);
        add_scaled(size, W_factor, W_share, 1.0, E, rate->W);
    }
    if (rate->Wp)
        predictor_rate(parameters, n1, n2, weights, E, rate->Wp, packing);
}
