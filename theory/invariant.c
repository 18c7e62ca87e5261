/* Invariants and identities of exact runs. */
// SPDX-License-Identifier: MIT
#include "theory/invariant.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

unsigned ssldyn_invariant_laws(const struct ssldyn_parameters *parameters)
{
    const unsigned laws = ssldyn_losses_of(parameters)->laws(parameters);
    /* the laws that hold for a layer of several as well (THEORY section 11) */
    const unsigned of_layers = SSLDYN_LAW_NORM_W | SSLDYN_LAW_NORM_WP | SSLDYN_LAW_ISO;
    return parameters->depth > 1 ? laws & of_layers : laws;
}

/* Copies the lower triangle to the upper one. */
static void mirror(size_t n, double A[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            A[j * n + i] = A[i * n + j];
    }
}

void ssldyn_invariant_balance(double alpha_p, size_t n1, size_t n2, const double W[],
                              const double Wp[], double R[])
{
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n2, (int)n1, 1.0, W, (int)n1, 0.0, R,
                (int)n2);
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)n2, (int)n2, -1.0 / alpha_p, Wp,
                (int)n2, 1.0, R, (int)n2);
    mirror(n2, R);
}

void ssldyn_invariant_balance_from_correlation(double alpha_p, size_t n, const double F[],
                                               const double Wp[], double R[])
{
    memcpy(R, F, n * n * sizeof *R);
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)n, (int)n, -1.0 / alpha_p, Wp, (int)n,
                1.0, R, (int)n);
    mirror(n, R);
}

/* C = alpha A B + beta C, all n x n. */
static void multiply(size_t n, double alpha, const double A[], const double B[], double beta,
                     double C[])
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)n, (int)n, alpha, A, (int)n,
                B, (int)n, beta, C, (int)n);
}

void ssldyn_invariant_commutator(size_t n, const double F[], const double Wp[], double L[])
{
    multiply(n, 1.0, F, Wp, 0.0, L);
    multiply(n, -1.0, Wp, F, 1.0, L);
}

void ssldyn_invariant_commutator_rate(size_t n, const double K[], const double L[], double L_rate[])
{
    multiply(n, -1.0, K, L, 0.0, L_rate);
    multiply(n, -1.0, L, K, 1.0, L_rate);
}

double ssldyn_invariant_commutator_bound(double commutator_start, double integral_lambda_min)
{
    return commutator_start * exp(-2.0 * integral_lambda_min); /* Thm 3 */
}

double ssldyn_invariant_modes_balance_rate(const struct ssldyn_rates *rates, double p, double s)
{
    return -2.0 * rates->eta_s * s + 2.0 * rates->eta_p * p * p / rates->alpha_p;
}
