/* Predictors in closed form from the spectrum of F. */
// SPDX-License-Identifier: MIT
#include "theory/predictor.h"

#include <cblas.h>
#include <math.h>

double ssldyn_predictor_eigenvalue(const struct ssldyn_parameters *parameters, double s,
                                   double s_max)
{
    double largest = fmax(s_max, 0.0);
    double value = fmax(s, 0.0);

    if (isnan(s) || isnan(s_max))
        return (double)NAN;
    if (parameters->normalization == SSLDYN_NORMALIZE_LARGEST) {
        value = largest > 0.0 ? value / largest : 0.0;
        largest = largest > 0.0 ? 1.0 : 0.0;
    }
    return ssldyn_rules_of(parameters)->value(parameters, value, largest, (double)NAN);
}

double ssldyn_predictor_mode(const struct ssldyn_parameters *parameters, double s, double s_max,
                             double tau)
{
    if (ssldyn_rules_of(parameters)->kind == SSLDYN_RULE_SOLVED)
        return ssldyn_rules_of(parameters)->value(parameters, s, s_max, tau);
    /* X = I: s = w^2 */
    const double variance = ssldyn_predictor_variance(parameters, parameters->rates.c, 1.0);
    return ssldyn_predictor_eigenvalue(parameters, variance * s, variance * s_max);
}

double ssldyn_predictor_at_zero(const struct ssldyn_parameters *parameters, bool alone)
{
    if (ssldyn_rules_of(parameters)->kind == SSLDYN_RULE_SOLVED)
        return 0.0; /* it has the factor s */
    if (!alone)
        return ssldyn_predictor_eigenvalue(parameters, 0.0, 1.0);
    /* p depends on s/s_max = 1 alone, or it has a limit */
    const double small = ssldyn_predictor_eigenvalue(parameters, 1e-200, 1e-200);
    const double smaller = ssldyn_predictor_eigenvalue(parameters, 1e-300, 1e-300);
    return smaller < small ? 0.0 : smaller;
}

double ssldyn_predictor_variance(const struct ssldyn_parameters *parameters, double lambda_s,
                                 double lambda_d)
{
    return parameters->correlation == SSLDYN_CORRELATION_SAME_VIEW ? lambda_s : lambda_d;
}

void ssldyn_predictor_compose(size_t n, const double p[], const double U[], double Wp[],
                              double workspace[])
{
    double *B = workspace;

    /* No rule gives a negative p: Wp = B B^T with B = U diag(sqrt p). */
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            B[i * n + j] = U[i * n + j] * sqrt(p[j]);
    }
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n, (int)n, 1.0, B, (int)n, 0.0, Wp,
                (int)n);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            Wp[j * n + i] = Wp[i * n + j];
    }
}

void ssldyn_predictor_set(const struct ssldyn_parameters *parameters, size_t n, const double s[],
                          const double U[], double Wp[], double workspace[])
{
    double *p = workspace + n * n;
    double s_max = 0.0;

    for (size_t j = 0; j < n; j++)
        s_max = s[j] <= s_max ? s_max : s[j]; /* propagates a NaN */
    for (size_t j = 0; j < n; j++)
        p[j] = ssldyn_predictor_eigenvalue(parameters, s[j], s_max);
    ssldyn_predictor_compose(n, p, U, Wp, workspace);
}
