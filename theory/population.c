/* M1, the population flow of the matrices. With R = Wa X and Q = W (X + X'), E = R - Wp Q: the
 * decay terms and R itself are added when the products are written, in the same pass, and
 * diagonal moments scale the columns there. */
// SPDX-License-Identifier: MIT
#include "theory/population.h"

#include "theory/product.h"

#include <stdbool.h>
#include <string.h>

/* Loops first run over a multiple of eight entries, which lets compilers use vector instructions
 * at -O2. */
#define WHOLE(n) ((n) & ~(size_t)7)

size_t ssldyn_population_workspace(size_t n1, size_t n2)
{
    return 2 * n1 * n2 + ssldyn_product_workspace(n1 > n2 ? n1 : n2);
}

/* factor M diag(columns); columns NULL: all 1 */
struct scaled {
    double factor;
    const double *M;
    const double *columns;
};

/* Z = x + y, both n2 x n1; Z may be the matrix of either */
static void add(size_t n2, size_t n1, struct scaled x, struct scaled y, double Z[])
{
    for (size_t i = 0; i < n2 * n1; i++) {
        const size_t j = i % n1;
        Z[i] = x.factor * (x.columns ? x.columns[j] : 1.0) * x.M[i] +
               y.factor * (y.columns ? y.columns[j] : 1.0) * y.M[i];
    }
}

/* C = op(A) B + D, C n2 x n1, with k terms in a sum. */
static void multiply(size_t n2, size_t n1, size_t k, const double A[], bool transpose_A,
                     struct scaled B, struct scaled D, double C[], double packing[])
{
    ssldyn_product(&(struct ssldyn_product){.transpose_A = transpose_A,
                                            .m = n2,
                                            .n = n1,
                                            .k = k,
                                            .alpha = B.factor,
                                            .alpha_columns = B.columns,
                                            .gamma = D.factor,
                                            .gamma_columns = D.columns},
                   A, B.M, D.M, C, packing);
}

/* dWa/dt = beta (W - Wa) */
static void target_rate(size_t n, double beta, const double *restrict W, const double *restrict Wa,
                        double *restrict Wa_rate)
{
    for (size_t i = 0; i < WHOLE(n); i++)
        Wa_rate[i] = beta * (W[i] - Wa[i]);
    for (size_t i = WHOLE(n); i < n; i++)
        Wa_rate[i] = beta * (W[i] - Wa[i]);
}

/* tau target X, with a product if X is full. */
static struct scaled target_terms(const struct ssldyn_moments *moments, size_t n2, double tau,
                                  const double target[], double buffer[], double packing[])
{
    const size_t n1 = moments->n1;

    switch (moments->kind) {
    case SSLDYN_MOMENTS_DIAGONAL:
        return (struct scaled){tau, target, moments->X};
    case SSLDYN_MOMENTS_HALF:
    case SSLDYN_MOMENTS_FULL:
        multiply(n2, n1, n1, target, false, (struct scaled){1.0, moments->X, NULL},
                 (struct scaled){0.0, NULL, NULL}, buffer, packing);
        return (struct scaled){tau, buffer, NULL};
    case SSLDYN_MOMENTS_ISOTROPIC:
        break;
    }
    return (struct scaled){tau, target, NULL};
}

/* -W (X + X'), with a product if the sum is full. */
static struct scaled online_terms(const struct ssldyn_moments *moments, size_t n2, const double W[],
                                  double buffer[], double packing[])
{
    const size_t n1 = moments->n1;

    switch (moments->kind) {
    case SSLDYN_MOMENTS_DIAGONAL:
    case SSLDYN_MOMENTS_HALF:
        return (struct scaled){-1.0, W, moments->sum};
    case SSLDYN_MOMENTS_FULL:
        multiply(n2, n1, n1, W, false, (struct scaled){1.0, moments->sum, NULL},
                 (struct scaled){0.0, NULL, NULL}, buffer, packing);
        return (struct scaled){-1.0, buffer, NULL};
    case SSLDYN_MOMENTS_ISOTROPIC:
        break;
    }
    return (struct scaled){-moments->c, W, NULL};
}

/* A <- (A + A^T)/2 - decay (B + B^T)/2: entries (i,j) and (j,i) get the very same bits. */
static void symmetrize(size_t n, double decay, const double *restrict B, double *restrict A)
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

/* dWp/dt = alpha_p E W^T - eta_p Wp (Eq. 2), rows x n2, or its symmetric part (Assumption 3). */
static void predictor_rate(const struct ssldyn_parameters *parameters, size_t n1, size_t n2,
                           size_t rows, const struct ssldyn_weights *weights, const double E[],
                           double Wp_rate[], double packing[])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const bool symmetric = parameters->symmetric;

    if (!parameters->predictor) {
        memset(Wp_rate, 0, rows * n2 * sizeof *Wp_rate);
        return;
    }
    ssldyn_product(&(struct ssldyn_product){.transpose_B = true,
                                            .m = rows,
                                            .n = n2,
                                            .k = n1,
                                            .alpha = rates->alpha_p,
                                            .gamma = -rates->eta_p},
                   E, weights->W, symmetric ? NULL : weights->Wp, Wp_rate, packing);
    if (symmetric)
        symmetrize(n2, rates->eta_p, weights->Wp, Wp_rate);
}

/* dW/dt = Wp^T E + share (IsoLoss, or without predictor: E + share), and dWp/dt from E, which is
 * rows x n1. */
static void network_rates(const struct ssldyn_parameters *parameters, size_t n1, size_t n2,
                          size_t rows, const struct ssldyn_weights *weights, const double E[],
                          struct scaled share, const struct ssldyn_weights_rate *rate,
                          double packing[])
{
    if (parameters->predictor && !ssldyn_losses_of(parameters)->iso)
        multiply(n2, n1, rows, weights->Wp, true, (struct scaled){1.0, E, NULL}, share, rate->W,
                 packing);
    else
        add(n2, n1, share, (struct scaled){1.0, E, NULL}, rate->W);
    if (rate->Wp)
        predictor_rate(parameters, n1, n2, rows, weights, E, rate->Wp, packing);
}

/* dW/dt without stop-gradient for a pair: Wp W Syx^T - W Syy + share. buffer: n2 x n1. */
static void pair_through_target(const struct ssldyn_moments *moments, size_t n2,
                                const struct ssldyn_weights *weights, struct scaled share,
                                double W_rate[], double buffer[], double packing[])
{
    const size_t n1 = moments->n1;
    ssldyn_product(
        &(struct ssldyn_product){.transpose_B = true, .m = n2, .n = n1, .k = n1, .alpha = 1.0},
        weights->W, moments->X, NULL, buffer, packing);
    if (weights->Wp)
        multiply(n2, n1, n2, weights->Wp, false, (struct scaled){1.0, buffer, NULL}, share, W_rate,
                 packing);
    else
        add(n2, n1, (struct scaled){1.0, buffer, NULL}, share, W_rate);
    multiply(n2, n1, n1, weights->W, false, (struct scaled){1.0, moments->second, NULL},
             (struct scaled){0.0, NULL, NULL}, buffer, packing);
    add(n2, n1, (struct scaled){1.0, W_rate, NULL}, (struct scaled){-1.0, buffer, NULL}, W_rate);
}

/* MAE: E = Syx - Wp W Sxx, rows x n1, so that Wp is rows x n2. */
static void predict_data(const struct ssldyn_parameters *parameters,
                         const struct ssldyn_moments *moments, size_t n2,
                         const struct ssldyn_weights *weights,
                         const struct ssldyn_weights_rate *rate, double workspace[])
{
    const size_t n1 = moments->n1;
    const size_t rows = moments->predicted;
    double *E = workspace;
    double *packing = workspace + rows * n1;
    const struct scaled Q = online_terms(moments, n2, weights->W, NULL, packing);
    multiply(rows, n1, n2, weights->Wp, false, Q, (struct scaled){1.0, moments->predicts, NULL}, E,
             packing);
    network_rates(parameters, n1, n2, rows, weights, E,
                  (struct scaled){-parameters->rates.eta_s, weights->W, NULL}, rate, packing);
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
    double *E = workspace;
    double *packing = workspace + 2 * size;
    struct scaled W_share = {-rates->eta_s, weights->W, NULL}; /* terms of dW/dt in addition to
                                                                * Wp^T E */

    if (moments->predicts) {
        predict_data(parameters, moments, n2, weights, rate, workspace);
        return;
    }
    if (!held)
        target_rate(size, rates->beta, weights->W, weights->Wa, rate->Wa);
    if (!parameters->stop_grad && moments->pair) {
        const struct ssldyn_weights seen = {.Wp = parameters->predictor ? weights->Wp : NULL,
                                            .W = weights->W};
        pair_through_target(moments, n2, &seen, W_share, rate->W, workspace, packing);
        W_share = (struct scaled){1.0, rate->W, NULL};
    }
    /* a product can be added to its own destination only if no columns are scaled */
    double *R_buffer = moments->kind == SSLDYN_MOMENTS_FULL ? E : workspace + size;
    const struct scaled R = target_terms(moments, n2, held ? parameters->tau : 1.0,
                                         held ? weights->W : weights->Wa, R_buffer, packing);
    const struct scaled Q = online_terms(moments, n2, weights->W, workspace + size, packing);

    /* Thm 2: the gradient through the target adds Wp R - Q. */
    if (!parameters->stop_grad && !moments->pair) {
        if (parameters->predictor)
            multiply(n2, n1, n2, weights->Wp, false, R, W_share, rate->W, packing);
        else
            add(n2, n1, R, W_share, rate->W);
        W_share = (struct scaled){1.0, rate->W, NULL};
        add(n2, n1, W_share, Q, rate->W);
    }
    if (parameters->predictor)
        multiply(n2, n1, n2, weights->Wp, false, Q, R, E, packing);
    else
        add(n2, n1, R, Q, E);
    network_rates(parameters, n1, n2, n2, weights, E, W_share, rate, packing);
}

void ssldyn_population_rates(const struct ssldyn_parameters *parameters, size_t n1, size_t n2,
                             size_t rows, const struct ssldyn_weights *weights, const double R[],
                             const double R_target[], const struct ssldyn_weights_rate *rate,
                             double workspace[])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    struct scaled W_share = {-rates->eta_s, weights->W, NULL};

    if (!parameters->tau_held && parameters->target != SSLDYN_DEPTH_MAE)
        target_rate(n1 * n2, rates->beta, weights->W, weights->Wa, rate->Wa);
    if (R_target) {
        add(n2, n1, W_share, (struct scaled){1.0, R_target, NULL}, rate->W);
        W_share = (struct scaled){1.0, rate->W, NULL};
    }
    network_rates(parameters, n1, n2, rows, weights, R, W_share, rate, workspace);
}
