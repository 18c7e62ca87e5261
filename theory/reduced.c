/* M2, the reduced flow of (Wp, F). Both forms, symmetrized and not, follow from two products, M
 * = tau F - c Wp F and N = Wp^T M. */
// SPDX-License-Identifier: MIT
#include "theory/reduced.h"

#include "theory/product.h"

#include <cblas.h>
#include <string.h>

size_t ssldyn_reduced_workspace(size_t n)
{
    return n * n + ssldyn_product_workspace(n);
}

/* A <- A + A^T - decay B, for symmetric B; the result is symmetric to the last bit. */
static void add_transposed(size_t n, double factor, double decay, const double *restrict B,
                           double *restrict A)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            const double rate = factor * (A[i * n + j] + A[j * n + i]) -
                                decay * (0.5 * (B[i * n + j] + B[j * n + i]));
            A[i * n + j] = rate;
            A[j * n + i] = rate;
        }
    }
}

static double trace(size_t n, const double A[])
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += A[i * n + i];
    return sum;
}

void ssldyn_reduced_rhs(const struct ssldyn_parameters *parameters, size_t n, const double Wp[],
                        const double F[], double tau, double Wp_rate[], double F_rate[],
                        double *tau_rate, double workspace[])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    double *M = workspace;
    double *packing = workspace + n * n;

    ssldyn_product(
        &(struct ssldyn_product){.m = n, .n = n, .k = n, .alpha = -rates->c, .gamma = tau}, Wp, F,
        F, M, packing);
    ssldyn_product(
        &(struct ssldyn_product){.transpose_A = true, .m = n, .n = n, .k = n, .alpha = 1.0}, Wp, M,
        NULL, F_rate, packing);
    if (tau_rate) {
        /* tr(dF/dt)/(2 tr F) = tr N/tr F - eta_s; only the decay acts on a vanishing W [D] */
        const double trace_F = trace(n, F);
        const double growth = trace_F == 0.0 ? 0.0 : trace(n, F_rate) / trace_F;
        *tau_rate = rates->beta * (1.0 - tau) - tau * (growth - rates->eta_s);
    }
    add_transposed(n, 1.0, 2.0 * rates->eta_s, F, F_rate); /* Eq. 7, SM 62 */
    if (parameters->symmetric) {
        memcpy(Wp_rate, M, n * n * sizeof *M);
        add_transposed(n, 0.5 * rates->alpha_p, rates->eta_p, Wp, Wp_rate); /* Eq. 6 */
    } else {
        for (size_t i = 0; i < n * n; i++)
            Wp_rate[i] = rates->alpha_p * M[i] - rates->eta_p * Wp[i]; /* SM 62 */
    }
}

void ssldyn_reduced_closure(double alpha_p, size_t n, const double Wp[], double F[])
{
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)n, (int)n, 1.0 / alpha_p, Wp, (int)n,
                0.0, F, (int)n);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            F[j * n + i] = F[i * n + j];
    }
}

void ssldyn_reduced_alignment_matrix(const struct ssldyn_rates *rates, size_t n, const double Wp[],
                                     const double F[], double tau, double K[])
{
    const int size = (int)n;

    for (size_t i = 0; i < n * n; i++)
        K[i] = 0.5 * rates->c * rates->alpha_p * F[i] - tau * Wp[i];
    for (size_t i = 0; i < n; i++)
        K[i * n + i] += 0.5 * rates->eta_p + rates->eta_s;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, rates->c, Wp, size, Wp,
                size, 1.0, K, size);
}
