/* Certified early verdicts. The labels C1-C7 (collapse) and S1-S5 (survival) are those of
 * theory/README.md, where each is proved. */
// SPDX-License-Identifier: MIT
#include "theory/fate.h"

#include <math.h>
#include <string.h>

/* A point in the variables of the certificate, mirrored so that X >= 0. */
struct point {
    double P, X, A;
};

/* ---------------------------------------------------------------- Lyapunov function (S3) */

/* Solves the n x n system rows[i][0..n-1] x = rows[i][n] in place; false where it is singular. */
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

/* Whether J^T S + S J is the negative identity to one per cent: rounding cannot hurt then. */
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

/* A lower bound of S's smallest eigenvalue; not positive where S is not positive definite. */
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

/* The level below which V = z^T S z falls along the flow around the attractor (P+, X+, X+). */
static void prepare_attractor(struct ssldyn_certificate *certificate)
{
    const double P = certificate->p_plus;
    const double X = certificate->x_plus;
    const double c = certificate->c;
    const size_t d = certificate->held ? 2 : 3;
    /* held: A = drive X; else A is a variable of its own, equal to X here */
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
    /* |N(z)| <= sqrt(2) (K n^2 + c n^3/2), n = |z|; V' <= -0.97 n^2 + 2 |S| n |N| < 0 inside. */
    const double K = (certificate->held ? drive : 0.5) + c * (P + X);
    const double room = 0.9 / (2.0 * sqrt(2.0 * square));
    const double radius = 2.0 * room / (K + sqrt(K * K + 2.0 * c * room));
    certificate->lyapunov_level = smallest * radius * radius;
}

static bool near_attractor(const struct ssldyn_certificate *certificate, struct point at)
{
    const double z[3] = {at.P - certificate->p_plus, at.X - certificate->x_plus,
                         at.A - certificate->x_plus};
    const size_t d = certificate->held ? 2 : 3;
    double V = 0.0;

    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++)
            V += z[i] * certificate->lyapunov[i][j] * z[j];
    }
    return V < certificate->lyapunov_level;
}

/* ---------------------------------------------------------------- preparation */

/* Settings with a predictor and the stop-gradient, lambda_d > 0. */
static enum ssldyn_certificate_kind kind_of(const struct ssldyn_certificate *certificate)
{
    const double eta_p = certificate->eta_p;
    const double eta_s = certificate->eta_s;
    const double c = certificate->c;
    const double drive = certificate->drive;

    if (!certificate->held && certificate->beta == 0.0)
        return SSLDYN_CERTIFICATE_FROZEN;
    if (4.0 * c * eta_s > drive * drive * (1.0 + 1e-14))
        return SSLDYN_CERTIFICATE_SEALED; /* C1 */
    if (eta_s > 0.0)
        return eta_p > 0.0 ? SSLDYN_CERTIFICATE_BISTABLE : SSLDYN_CERTIFICATE_SEALED; /* C2 */
    if (drive == 0.0)
        return SSLDYN_CERTIFICATE_NONE;
    return certificate->held && eta_p == 0.0 ? SSLDYN_CERTIFICATE_LINES
                                             : SSLDYN_CERTIFICATE_DRIFTING;
}

/* C7: while P falls from wherever it is to P*-, X and A grow by exp(growth) at most, and so little
 * of them is not enough to hold P up. */
static void prepare_seed(struct ssldyn_certificate *certificate)
{
    const double low = certificate->p_minus;
    const double high = certificate->p_plus;
    const double growth =
        (certificate->drive * (high - low) - 0.5 * certificate->c * (high - low) * (high + low) -
         certificate->eta_s * log(high / low)) /
        certificate->eta_p;
    const double limit = sqrt(certificate->eta_p * low / (certificate->drive * (1.0 + growth)));

    certificate->x_seed = fmin(certificate->x_minus, limit) * exp(-1.0 - growth);
}

static void prepare_trained(struct ssldyn_certificate *certificate)
{
    const double c = certificate->c;
    const double drive = certificate->drive;
    const double eta_p = certificate->eta_p;
    const double eta_s = certificate->eta_s;

    certificate->kind = kind_of(certificate);
    if (eta_p >= eta_s && 4.0 * c * eta_p < drive * drive) {
        certificate->eta_sum = eta_p;
        certificate->middle = (drive + sqrt(drive * drive - 3.0 * c * eta_p)) / (3.0 * c);
    }
    if (certificate->kind == SSLDYN_CERTIFICATE_BISTABLE) {
        const double sum = drive + sqrt(fmax(drive * drive - 4.0 * c * eta_s, 0.0));
        const double ratio = sqrt(eta_p / eta_s);
        certificate->p_minus = 2.0 * eta_s / sum;
        certificate->p_plus = sum / (2.0 * c);
        certificate->x_minus = ratio * certificate->p_minus;
        certificate->x_plus = ratio * certificate->p_plus;
        prepare_seed(certificate);
        prepare_attractor(certificate);
    }
}

static void init(struct ssldyn_certificate *certificate, const struct ssldyn_parameters *parameters,
                 double lambda_s, double lambda_d)
{
    const struct ssldyn_rates *rates = &parameters->rates;

    *certificate = (struct ssldyn_certificate){
        .kind = SSLDYN_CERTIFICATE_NONE,
        .held = parameters->tau_held,
        .scale = lambda_d,
        .root_alpha = sqrt(rates->alpha_p) * lambda_d,
        .c = lambda_s / (lambda_d * lambda_d),
        .drive = parameters->tau_held ? parameters->tau : 1.0,
        .beta = rates->beta,
        .eta_p = rates->eta_p,
        .eta_s = rates->eta_s,
        .eta_sum = (double)NAN,
    };
    if (!parameters->stop_grad) {
        /* Thm 2 in one dimension: w falls at the rate lambda_s - lambda_d + eta_s or faster. */
        if (parameters->tau_held && lambda_s - lambda_d + rates->eta_s > 0.0 && lambda_d >= 0.0 &&
            lambda_s >= lambda_d)
            certificate->kind = SSLDYN_CERTIFICATE_SEALED;
    } else if (!parameters->predictor) {
        certificate->kind = SSLDYN_CERTIFICATE_LINEAR;
        certificate->c = lambda_s;
    } else if (parameters->rule == SSLDYN_PREDICTOR_GRADIENT) {
        if (lambda_d > 0.0)
            prepare_trained(certificate);
        else if (rates->eta_s > 0.0)
            certificate->kind = SSLDYN_CERTIFICATE_SEALED; /* w' = -(wp^2 lambda_s + eta_s) w */
    }
}

void ssldyn_certificate_init(struct ssldyn_certificate *certificate,
                             const struct ssldyn_parameters *parameters)
{
    init(certificate, parameters, parameters->rates.c, 1.0);
}

void ssldyn_certificate_init_lowdim(struct ssldyn_certificate *certificate,
                                    const struct ssldyn_parameters *parameters)
{
    init(certificate, parameters, parameters->lambda_s, parameters->lambda_d);
}

/* ---------------------------------------------------------------- criteria */

/* Without a predictor M5 is linear: (w, wa)' = [-(lambda_s + eta_s), lambda_d; beta, -beta] (w,
 * wa).
 */
static enum ssldyn_fate judge_linear(const struct ssldyn_certificate *certificate, double w,
                                     double wa)
{
    const double lambda_d = certificate->scale;
    const double decay = certificate->c + certificate->eta_s;
    const double beta = certificate->beta;

    if (certificate->held)
        return certificate->drive * lambda_d < decay ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_SURVIVES;
    if (beta == 0.0)
        return wa * lambda_d == 0.0 ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_SURVIVES;
    if (decay > lambda_d)
        return SSLDYN_FATE_COLLAPSED;
    /* The larger eigenvalue is not negative; its left eigenvector is (beta, decay + eigenvalue). */
    const double half = 0.5 * (decay + beta);
    const double eigenvalue = sqrt(half * half + beta * (lambda_d - decay)) - half;
    return beta * w + (decay + eigenvalue) * wa == 0.0 ? SSLDYN_FATE_COLLAPSED
                                                       : SSLDYN_FATE_SURVIVES;
}

/* beta = 0 (C5, S5). */
static enum ssldyn_fate judge_frozen(const struct ssldyn_certificate *certificate, struct point at)
{
    const double product = certificate->eta_p * certificate->eta_s;

    if (at.A * at.A < product)
        return SSLDYN_FATE_COLLAPSED;
    if (at.A > 0.0 && at.A * at.A > product && at.P >= 0.0 && at.P + at.X > 0.0)
        return SSLDYN_FATE_SURVIVES;
    return SSLDYN_FATE_UNDECIDED;
}

/* tau held, eta_p = eta_s = 0: X^2 - P^2 is conserved and P moves monotonically. */
static enum ssldyn_fate judge_lines(const struct ssldyn_certificate *certificate, struct point at)
{
    const double difference = (at.X - at.P) * (at.X + at.P);
    const double line = certificate->drive / certificate->c;

    if (difference > 0.0)
        return SSLDYN_FATE_SURVIVES;
    return at.P > 0.0 && -difference < line * line ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_COLLAPSED;
}

/* S1: the sum X + P outgrows its decay for good. */
static bool sum_survives(const struct ssldyn_certificate *certificate, struct point at)
{
    if (isnan(certificate->eta_sum) || !(at.P >= 0.0) || !(at.A >= 0.0))
        return false;
    const double x = 0.5 * (at.X + at.P);
    const double delta = fmax(0.25 * (at.P - at.X) * (at.P + at.X), 0.0);
    const double target = 0.5 * (at.A + sqrt(at.A * at.A + 4.0 * delta));
    const double reach = certificate->held ? x : fmin(x, target);
    const double x0 = fmin(reach, certificate->middle);

    return ((certificate->c * x0 - certificate->drive) * x0 + certificate->eta_sum) * x0 +
               certificate->drive * delta <
           0.0;
}

/* C4: equal decays, the sum X + P can never reach the saddle. */
static bool sum_collapses(const struct ssldyn_certificate *certificate, struct point at)
{
    if (certificate->eta_p != certificate->eta_s || !(at.P >= 0.0) || !(at.A >= 0.0))
        return false;
    const double x = 0.5 * (at.X + at.P);
    const double product = 0.25 * (at.X - at.P) * (at.X + at.P);
    const double delta = fabs(product);
    const double above = fmax(product, 0.0);
    const double level = above > 0.0 ? x + above / x : x; /* X at x, or a bound of it */
    double x0 = x;

    if (!certificate->held && at.A > level)
        x0 = 0.5 * (at.A + sqrt(fmax(at.A * at.A - 4.0 * above, 0.0)));
    const double pull = certificate->drive * (x0 + above / x0);
    const double share = delta / x0;
    return x0 > 0.0 && x0 < certificate->p_minus &&
           pull - certificate->c * (x0 * x0 - share * share) - certificate->eta_s < 0.0;
}

/* S2: tau held, eta_p >= eta_s: the strip between the fixed points, above the saddle. */
static bool strip_survives(const struct ssldyn_certificate *certificate, struct point at)
{
    if (!certificate->held || certificate->eta_p < certificate->eta_s ||
        certificate->p_plus < certificate->x_minus || !(at.P > certificate->p_minus))
        return false;
    return at.X > (at.P <= certificate->p_plus ? certificate->x_minus : at.P);
}

static enum ssldyn_fate judge_bistable(const struct ssldyn_certificate *certificate,
                                       struct point at)
{
    const double largest = certificate->held ? at.X : fmax(at.X, fabs(at.A));

    /* C3: the box between the origin and the saddle */
    if (fabs(at.P) < certificate->p_minus && largest < certificate->x_minus)
        return SSLDYN_FATE_COLLAPSED;
    if (largest < certificate->x_seed || sum_collapses(certificate, at))
        return SSLDYN_FATE_COLLAPSED;
    if (sum_survives(certificate, at) || strip_survives(certificate, at) ||
        near_attractor(certificate, at))
        return SSLDYN_FATE_SURVIVES;
    return SSLDYN_FATE_UNDECIDED;
}

/* eta_s = 0. */
static enum ssldyn_fate judge_drifting(const struct ssldyn_certificate *certificate,
                                       struct point at)
{
    const double line = 1.0 / certificate->c;

    if (certificate->held)
        return SSLDYN_FATE_SURVIVES; /* S4, tau held: w = 0 has been dealt with */
    if (at.P >= 0.0 && at.P <= line && at.A >= 0.0 && at.A <= at.X && at.X > 0.0)
        return SSLDYN_FATE_SURVIVES; /* S4 */
    if (sum_survives(certificate, at))
        return SSLDYN_FATE_SURVIVES;
    /* C6: no decay at all keeps |P| above the line for ever. */
    if (certificate->eta_p == 0.0 && (at.P - at.X) * (at.P + at.X) > line * line)
        return SSLDYN_FATE_COLLAPSED;
    return SSLDYN_FATE_UNDECIDED;
}

enum ssldyn_fate ssldyn_certificate_judge(const struct ssldyn_certificate *certificate, double wp,
                                          double w, double wa)
{
    if (!isfinite(wp) || !isfinite(w) || (!certificate->held && !isfinite(wa)))
        return SSLDYN_FATE_DIVERGED;
    if (w == 0.0 && (certificate->held || wa == 0.0))
        return SSLDYN_FATE_COLLAPSED;
    /* (w, wa) -> -(w, wa) is a symmetry of M5. */
    const double sign = w < 0.0 || (w == 0.0 && wa < 0.0) ? -1.0 : 1.0;
    const double unit = sign * certificate->root_alpha;
    const struct point at = {certificate->scale * wp, unit * w,
                             certificate->held ? certificate->drive * unit * w : unit * wa};

    switch (certificate->kind) {
    case SSLDYN_CERTIFICATE_NONE:
        break;
    case SSLDYN_CERTIFICATE_SEALED:
        return SSLDYN_FATE_COLLAPSED;
    case SSLDYN_CERTIFICATE_LINEAR:
        return judge_linear(certificate, w, wa);
    case SSLDYN_CERTIFICATE_FROZEN:
        return judge_frozen(certificate, at);
    case SSLDYN_CERTIFICATE_LINES:
        return judge_lines(certificate, at);
    case SSLDYN_CERTIFICATE_DRIFTING:
        return judge_drifting(certificate, at);
    case SSLDYN_CERTIFICATE_BISTABLE:
        return judge_bistable(certificate, at);
    }
    return SSLDYN_FATE_UNDECIDED;
}
