/* Criterion S3 of theory/THEORY.md: a quadratic Lyapunov function around the attractor of M5. */
// SPDX-License-Identifier: MIT
#include "theory/fate_attractor.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <string.h>

/* Solves the n x n system rows[i][0..n-1] x = rows[i][n] in place; false if it is singular. */
static bool solve(size_t n, double rows[6][7])
{
    for (size_t k = 0; k < n; k++) {
        size_t pivot = k;
        for (size_t i = k + 1; i < n; i++)
            pivot = fabs(rows[i][k]) > fabs(rows[pivot][k]) ? i : pivot;
        if (rows[pivot][k] == 0.0)
            return false;
        for (size_t j = 0; j <= n; j++) {
            const double swap = rows[k][j];
            rows[k][j] = rows[pivot][j];
            rows[pivot][j] = swap;
        }
        for (size_t i = 0; i < n; i++) {
            const double factor = i == k ? 0.0 : rows[i][k] / rows[k][k];
            for (size_t j = k; j <= n; j++)
                rows[i][j] -= factor * rows[k][j];
        }
    }
    for (size_t k = 0; k < n; k++)
        rows[k][n] /= rows[k][k];
    return true;
}

/* Symmetric S with J^T S + S J = -I, of size d = 2 or 3; unknowns S_ij, i <= j. */
static bool lyapunov_solve(size_t d, double J[3][3], double S[3][3])
{
    static const size_t place[3][3] = {{0, 1, 3}, {1, 2, 4}, {3, 4, 5}};
    double rows[6][7];

    memset(rows, 0, sizeof rows);
    for (size_t i = 0; i < d; i++) {
        for (size_t j = i; j < d; j++) {
            double *row = rows[place[i][j]];
            for (size_t k = 0; k < d; k++) {
                row[place[k][j]] += J[k][i];
                row[place[i][k]] += J[k][j];
            }
            row[d * (d + 1) / 2] = i == j ? -1.0 : 0.0;
        }
    }
    if (!solve(d * (d + 1) / 2, rows))
        return false;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++)
            S[i][j] = rows[place[i][j]][d * (d + 1) / 2];
    }
    return true;
}

/* Whether J^T S + S J is the negative identity to one percent: then rounding does no harm. */
static bool lyapunov_checked(size_t d, double J[3][3], double S[3][3])
{
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            double sum = i == j ? 1.0 : 0.0;
            for (size_t k = 0; k < d; k++)
                sum += J[k][i] * S[k][j] + S[i][k] * J[k][j];
            if (!(fabs(sum) < 0.01))
                return false;
        }
    }
    return true;
}

/* A lower bound of the smallest eigenvalue of S; not positive if S is not positive definite. */
static double smallest_eigenvalue(size_t d, double S[3][3])
{
    const double minor = S[0][0] * S[1][1] - S[0][1] * S[0][1];
    const double trace = S[0][0] + S[1][1];

    if (!(S[0][0] > 0.0) || !(minor > 0.0))
        return 0.0;
    if (d == 2)
        return minor / trace;
    const double determinant = S[2][2] * minor - S[0][0] * S[1][2] * S[1][2] -
                               S[1][1] * S[0][2] * S[0][2] + 2.0 * S[0][1] * S[0][2] * S[1][2];
    const double half_trace = 0.5 * (trace + S[2][2]);
    return determinant / (half_trace * half_trace);
}

void ssldyn_fate_attractor_prepare(struct ssldyn_certificate *certificate)
{
    const double P = certificate->p_plus;
    const double X = certificate->x_plus;
    const double c = certificate->c;
    const size_t d = certificate->held ? 2 : 3;
    /* held: A = drive X; else A is a separate variable, equal to X here */
    const double tied = certificate->held ? 1.0 : 0.0;
    const double drive = certificate->drive;
    double J[3][3] = {
        {-c * X * X - certificate->eta_p, drive * (1.0 + tied) * X - 2.0 * c * P * X, X},
        {drive * X - 2.0 * c * P * X, tied * drive * P - c * P * P - certificate->eta_s, P},
        {0.0, certificate->beta, -certificate->beta}};
    double(*S)[3] = certificate->lyapunov;

    if (!lyapunov_solve(d, J, S) || !lyapunov_checked(d, J, S))
        return;
    const double smallest = smallest_eigenvalue(d, S);
    double square = 0.0;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++)
            square += S[i][j] * S[i][j];
    }
    if (!(smallest > 0.0) || !isfinite(square))
        return;
    /* dV/dt <= -0.97 n^2 + 2 sqrt(V) sqrt(|S|) |N|, |N| <= sqrt(2) (K n^2 + c n^3/2), n = |z| <=
     * sqrt(V/smallest): negative while v sqrt(|S|) (K + c v/(2 sqrt(smallest))) < margin, v =
     * sqrt(V). */
    const double K = (certificate->held ? drive : 0.5) + c * (P + X);
    const double slack = 0.9 / (2.0 * M_SQRT2);
    const double linear = K * sqrt(sqrt(square));
    const double v =
        2.0 * slack /
        (linear + sqrt(linear * linear + 2.0 * c * slack * sqrt(sqrt(square) / smallest)));
    certificate->lyapunov_level = v * v;
}

bool ssldyn_fate_attractor_holds(const struct ssldyn_certificate *certificate,
                                 const double state[static 3], const double radius[static 3])
{
    const double star[3] = {certificate->p_plus, certificate->x_plus, certificate->x_plus};
    const size_t d = certificate->held ? 2 : 3;
    double z[3];
    double r[3];
    double V = 0.0;

    for (size_t i = 0; i < d; i++) {
        z[i] = state[i] - star[i];
        r[i] = radius[i] + certificate->blur * star[i];
    }
    /* the largest V = z^T S z in the box */
    for (size_t i = 0; i < d; i++) {
        double slope = 0.0;
        for (size_t j = 0; j < d; j++) {
            slope += certificate->lyapunov[i][j] * z[j];
            V += fabs(certificate->lyapunov[i][j]) * r[i] * r[j];
        }
        V += z[i] * slope + 2.0 * fabs(slope) * r[i];
    }
    return V < certificate->lyapunov_level;
}
