/* Cosine loss in the aligned basis. With 1/|a| = (2/sqrt(pi)) int_0^inf exp(-x^2 |a|^2) dx, and
 * the same for |b|, the expectation is Gaussian for every pair (x, y): u = x^2, v = y^2,
 *   D_j = 1 + 2 u A_j + 2 v B_j + 4 u v q_j^2 wa_j^2 rest_j,  Z = prod D_j^(-1/2),
 *   S = sum_j C_j/D_j,   A = q^2 first, B = wa^2 second, C = q wa across, q = p w,
 *   L = -(4/pi) int int Z S,   G_j = (4/pi) int int Z [wa across (2 E_j/D_j - 1) - 2 u q H_j
 *   S]/D_j,
 * E_j = 1 + 2 v B_j, H_j = first + 2 v wa^2 rest: D_j = E_j + 2 u q^2 H_j, all terms positive. */
// SPDX-License-Identifier: MIT
#include "theory/cosine_modes.h"

#include "theory/cosine_rule.h"

#include <math.h>

enum { LANES = 8 };

static size_t padded(size_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

/* Arrays of `padded` entries; those beyond n contribute 0 to sums and 1 to products. */
struct terms {
    size_t count;
    double *A, *B, *C;
    double *E, *K;                   /* for one v: D = E + 2 u K */
    double *inverse;                 /* 1/D */
    double *squares, *plain, *mixed; /* sums over u of z/D^2, z/D, 2 u z S/D, z = weight Z */
};

/* Contribution of one node u; returns z S. In lanes, so that every instruction set sums in the
 * same order. */
static inline __attribute__((always_inline)) double add_node(const struct terms *terms,
                                                             double twice_u, double weight)
{
    double product[LANES];
    double sum[LANES];
    for (size_t l = 0; l < LANES; l++) {
        product[l] = 1.0;
        sum[l] = 0.0;
    }
    for (size_t j = 0; j < terms->count; j += LANES) {
        for (size_t l = 0; l < LANES; l++) {
            const double inverse = 1.0 / (terms->E[j + l] + twice_u * terms->K[j + l]);
            terms->inverse[j + l] = inverse;
            product[l] *= inverse;
            sum[l] += terms->C[j + l] * inverse;
        }
    }
    double Z = 1.0;
    double S = 0.0;
    for (size_t l = 0; l < LANES; l++) {
        Z *= product[l];
        S += sum[l];
    }
    const double z = weight * sqrt(Z);
    const double mixed = twice_u * S;
    for (size_t j = 0; j < terms->count; j++) {
        const double one = z * terms->inverse[j];
        terms->squares[j] += one * terms->inverse[j];
        terms->plain[j] += one;
        terms->mixed[j] += mixed * one;
    }
    return z * S;
}

static inline __attribute__((always_inline)) double add_nodes(const struct terms *terms,
                                                              const struct ssldyn_cosine_rule *u)
{
    double loss = 0.0;
    for (size_t k = 0; k < u->count; k++)
        loss += add_node(terms, u->twice[k], u->weight[k]);
    return loss;
}

static double add_plain(const struct terms *terms, const struct ssldyn_cosine_rule *u)
{
    return add_nodes(terms, u);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static double add_avx2(const struct terms *terms,
                                                       const struct ssldyn_cosine_rule *u)
{
    return add_nodes(terms, u);
}

__attribute__((target("avx512f"))) static double add_avx512(const struct terms *terms,
                                                            const struct ssldyn_cosine_rule *u)
{
    return add_nodes(terms, u);
}
#endif

typedef double add_function(const struct terms *terms, const struct ssldyn_cosine_rule *u);

/* Chooses the widest vectors of this processor; the results are the same. */
static add_function *choose(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f"))
        return add_avx512;
    if (__builtin_cpu_supports("avx2"))
        return add_avx2;
#endif
    return add_plain;
}

size_t ssldyn_cosine_modes_workspace(size_t n)
{
    return 9 * padded(n);
}

static void fill(const struct ssldyn_cosine_data *data, const double p[], const double w[],
                 const double wa[], double workspace[], struct terms *terms)
{
    const size_t n = data->n;
    const size_t all = padded(n);
    terms->count = all;
    double **const arrays[] = {&terms->A,       &terms->B,     &terms->C,
                               &terms->E,       &terms->K,     &terms->inverse,
                               &terms->squares, &terms->plain, &terms->mixed};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        *arrays[i] = workspace + i * all;
    for (size_t j = 0; j < all; j++) {
        const double q = j < n ? p[j] * w[j] : 0.0;
        terms->A[j] = j < n ? q * q * data->first[j] : 0.0;
        terms->B[j] = j < n ? wa[j] * wa[j] * data->second[j] : 0.0;
        terms->C[j] = j < n ? q * wa[j] * data->across[j] : 0.0;
        terms->E[j] = 1.0;
        terms->K[j] = 0.0;
    }
}

bool ssldyn_cosine_modes_gradient(const struct ssldyn_cosine_data *data, const double p[],
                                  const double w[], const double wa[], double spacing, double G[],
                                  double *loss, double workspace[])
{
    const double four_over_pi = 1.27323954473516268615;
    const size_t n = data->n;
    struct terms terms;
    struct ssldyn_cosine_rule u;
    struct ssldyn_cosine_rule v;
    fill(data, p, w, wa, workspace, &terms);
    const bool finite = n >= 2 && ssldyn_cosine_rule_make(n, terms.A, spacing, false, &u) &&
                        ssldyn_cosine_rule_make(n, terms.B, spacing, true, &v);
    for (size_t j = 0; j < n; j++)
        G[j] = finite ? 0.0 : (double)NAN;
    *loss = finite ? 0.0 : (double)NAN;
    if (!finite)
        return false;
    add_function *const add = choose();
    for (size_t k = 0; k < v.count; k++) {
        const double twice_v = v.twice[k];
        for (size_t j = 0; j < n; j++) {
            const double q = p[j] * w[j];
            const double H = data->first[j] + twice_v * wa[j] * wa[j] * data->rest[j];
            terms.E[j] = 1.0 + twice_v * terms.B[j];
            terms.K[j] = q * q * H;
        }
        for (size_t j = 0; j < terms.count; j++) {
            terms.squares[j] = 0.0;
            terms.plain[j] = 0.0;
            terms.mixed[j] = 0.0;
        }
        *loss -= four_over_pi * v.weight[k] * add(&terms, &u);
        for (size_t j = 0; j < n; j++) {
            const double H = data->first[j] + twice_v * wa[j] * wa[j] * data->rest[j];
            const double pull =
                wa[j] * data->across[j] * (2.0 * terms.E[j] * terms.squares[j] - terms.plain[j]);
            G[j] += four_over_pi * v.weight[k] * (pull - p[j] * w[j] * H * terms.mixed[j]);
        }
    }
    return true;
}

void ssldyn_cosine_modes_closure(const struct ssldyn_cosine_data *data, const double p[],
                                 const double w[], const double wa[], bool next, double G[])
{
    double a2 = 0.0; /* |a|^2 */
    double b2 = 0.0;
    double S = 0.0;
    double AA = 0.0; /* sums of products of A, B, C */
    double BB = 0.0;
    double CC = 0.0;
    double AC = 0.0;
    double BC = 0.0;
    for (size_t j = 0; j < data->n; j++) {
        const double q = p[j] * w[j];
        const double A = q * q * data->first[j];
        const double B = wa[j] * wa[j] * data->second[j];
        const double C = q * wa[j] * data->across[j];
        a2 += A;
        b2 += B;
        S += C;
        AA += A * A;
        BB += B * B;
        CC += C * C;
        AC += A * C;
        BC += B * C;
    }
    const double norm = sqrt(a2 * b2);
    for (size_t j = 0; j < data->n; j++) {
        const double q = p[j] * w[j];
        const double A = q * q * data->first[j];
        const double B = wa[j] * wa[j] * data->second[j];
        const double C = q * wa[j] * data->across[j];
        const double K = wa[j] * data->across[j];
        const double Q = q * data->first[j];
        double f = K;
        double g = Q * S;
        if (next) {
            f += -C * Q / a2 - B * K / b2 +
                 K * (0.75 * AA / (a2 * a2) + 0.75 * BB / (b2 * b2) + 0.5 * CC / (a2 * b2));
            g += 2.0 * A * K - 3.0 * (A * Q * S + Q * AC) / a2 - (C * K * S + Q * BC) / b2 +
                 Q * S * (3.75 * AA / (a2 * a2) + 0.75 * BB / (b2 * b2) + 1.5 * CC / (a2 * b2));
        }
        G[j] = f / norm - g / (a2 * norm);
    }
}
