/* Derivatives of the cosine loss's gradient. At a node the contribution to G_j is Z rho_j, rho_j
 * = alpha_j - beta_j S (cosine_modes.c), and with
 *   alpha = K (2 E/D - 1)/D,  beta = 2 u q H/D,  gamma = 2 v wa F/D,  F = second + 2 u q^2 rest,
 *   eps = q across (1 - 2 wa gamma)/D,   K = wa across,
 * d log Z = -beta dq - gamma dwa and dS = alpha dq + eps dwa, so everything off the diagonal is a
 * sum of products: -(rho_j beta_k + beta_j alpha_k) for q and -(rho_j gamma_k + beta_j eps_k)
 * for wa. */
// SPDX-License-Identifier: MIT
#include "theory/cosine_modes_jacobian.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

/* For all nodes u of one v: 2 columns per node of the left factors (rho, beta) and of the right
 * factors (beta, alpha; gamma, eps). */
size_t ssldyn_cosine_modes_jacobian_workspace(size_t n)
{
    return 3 * n * 2 * SSLDYN_COSINE_NODES;
}

/* Of one mode at one node. */
struct point {
    double alpha, beta, gamma, eps;
    double inverse, E, H, F;
};

static struct point look(const struct ssldyn_cosine_data *data, size_t j, double q, double wa,
                         double twice_u, double twice_v)
{
    struct point at;
    at.E = 1.0 + twice_v * wa * wa * data->second[j];
    at.H = data->first[j] + twice_v * wa * wa * data->rest[j];
    at.F = data->second[j] + twice_u * q * q * data->rest[j];
    at.inverse = 1.0 / (at.E + twice_u * q * q * at.H);
    at.alpha = wa * data->across[j] * (2.0 * at.E * at.inverse - 1.0) * at.inverse;
    at.beta = twice_u * q * at.H * at.inverse;
    at.gamma = twice_v * wa * at.F * at.inverse;
    at.eps = q * data->across[j] * (1.0 - 2.0 * wa * at.gamma) * at.inverse;
    return at;
}

/* d rho_j with respect to q_j and wa_j at fixed Z and S. */
static void add_diagonal(const struct ssldyn_cosine_data *data, size_t j, double q, double wa,
                         double twice_u, double twice_v, double S, double z, const struct point *at,
                         double *by_q, double *by_wa)
{
    const double r = at->inverse;
    const double K = wa * data->across[j];
    const double dD_q = 2.0 * twice_u * q * at->H;
    const double dD_wa = 2.0 * twice_v * wa * at->F;
    const double dE = 2.0 * twice_v * wa * data->second[j];
    const double dalpha_q = K * (1.0 - 4.0 * at->E * r) * r * r * dD_q;
    const double dbeta_q = twice_u * at->H * r * (1.0 - 2.0 * q * at->beta);
    const double dalpha_wa = data->across[j] * (2.0 * at->E * r - 1.0) * r +
                             K * (2.0 * dE + (1.0 - 4.0 * at->E * r) * dD_wa) * r * r;
    const double dbeta_wa =
        twice_u * q * (2.0 * twice_v * wa * data->rest[j] * r - at->H * r * r * dD_wa);
    *by_q += z * (dalpha_q - S * dbeta_q);
    *by_wa += z * (dalpha_wa - S * dbeta_wa);
}

/* Fills in the two columns of a node u and adds its diagonal. */
static void add_node(const struct ssldyn_cosine_data *data, const double q[], const double wa[],
                     double twice_u, double twice_v, double weight, double *left, double *right,
                     size_t stride, double by_q[], double by_wa[])
{
    const size_t n = data->n;
    double log_Z = 0.0;
    double S = 0.0;
    for (size_t j = 0; j < n; j++) {
        const struct point at = look(data, j, q[j], wa[j], twice_u, twice_v);
        log_Z += 0.5 * log(at.inverse);
        S += q[j] * wa[j] * data->across[j] * at.inverse;
    }
    const double z = weight * exp(log_Z);
    for (size_t j = 0; j < n; j++) {
        const struct point at = look(data, j, q[j], wa[j], twice_u, twice_v);
        left[j * stride] = -z * (at.alpha - at.beta * S);
        left[j * stride + 1] = -z * at.beta;
        right[j * stride] = at.beta;
        right[j * stride + 1] = at.alpha;
        right[(n + j) * stride] = at.gamma;
        right[(n + j) * stride + 1] = at.eps;
        add_diagonal(data, j, q[j], wa[j], twice_u, twice_v, S, z, &at, &by_q[j * n + j],
                     &by_wa[j * n + j]);
    }
}

/* C += A B^T, n x n with `terms` in each sum. */
static void add_product(size_t n, size_t terms, size_t stride, const double A[], const double B[],
                        double C[])
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)n, (int)terms, 1.0, A,
                (int)stride, B, (int)stride, 1.0, C, (int)n);
}

bool ssldyn_cosine_modes_jacobian(const struct ssldyn_cosine_data *data, const double q[],
                                  const double wa[], double spacing, double by_q[], double by_wa[],
                                  double workspace[])
{
    const double four_over_pi = 1.27323954473516268615;
    const size_t n = data->n;
    double *const A = workspace;
    double *const B = workspace + n;
    struct ssldyn_cosine_rule u;
    struct ssldyn_cosine_rule v;
    for (size_t j = 0; j < n; j++) {
        A[j] = q[j] * q[j] * data->first[j];
        B[j] = wa[j] * wa[j] * data->second[j];
    }
    const bool finite = n >= 2 && ssldyn_cosine_rule_make(n, A, spacing, false, &u) &&
                        ssldyn_cosine_rule_make(n, B, spacing, true, &v);
    for (size_t i = 0; i < n * n; i++)
        by_q[i] = by_wa[i] = finite ? 0.0 : (double)NAN;
    if (!finite)
        return false;
    const size_t stride = 2 * u.count;
    double *const left = workspace;
    double *const right = left + n * stride;
    for (size_t k = 0; k < v.count; k++) {
        for (size_t i = 0; i < u.count; i++)
            add_node(data, q, wa, u.twice[i], v.twice[k], four_over_pi * v.weight[k] * u.weight[i],
                     left + 2 * i, right + 2 * i, stride, by_q, by_wa);
        add_product(n, stride, stride, left, right, by_q);
        add_product(n, stride, stride, left, right + n * stride, by_wa);
    }
    return true;
}
