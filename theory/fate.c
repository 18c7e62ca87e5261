/* Certified early verdicts. The labels C1-C8 (collapse) and S1-S6 (survival) are those of
 * theory/README.md, where each is proved. */
// SPDX-License-Identifier: MIT
#include "theory/fate.h"

#include "theory/fate_attractor.h"

#include <math.h>

/* A point in the variables of the certificate, mirrored so that X >= 0. */
struct point {
    double P, X, A;
};

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
        ssldyn_fate_attractor_prepare(certificate);
    }
}

/* Set predictors whose p is a power of s alone, p = s^a with s = lambda_d w^2. */
static void prepare_set(struct ssldyn_certificate *certificate,
                        const struct ssldyn_parameters *parameters, double lambda_s,
                        double lambda_d)
{
    const bool root = parameters->rule == SSLDYN_PREDICTOR_DIRECTPRED;
    const bool power = parameters->rule == SSLDYN_PREDICTOR_DIRECTSET;
    const double reach = certificate->drive * lambda_d;
    const double eta = parameters->rates.eta_s;

    if (!(root || power) || parameters->epsilon != 0.0 ||
        parameters->normalization != SSLDYN_NORMALIZE_NONE ||
        (root && parameters->set_shift != 0.0) || !(reach > 0.0) ||
        (!certificate->held && certificate->beta == 0.0))
        return;
    if (4.0 * lambda_s * eta > reach * reach * (1.0 + 1e-14)) {
        certificate->kind = SSLDYN_CERTIFICATE_SEALED; /* C1 */
        return;
    }
    const double gap = fmax(reach * reach - 4.0 * lambda_s * eta, 0.0);
    const double exponent = 0.5 / (root ? 0.5 : parameters->set_power);
    certificate->kind = SSLDYN_CERTIFICATE_SET;
    certificate->p_minus = 2.0 * eta / (reach + sqrt(gap));
    certificate->x_minus = pow(certificate->p_minus, exponent) / sqrt(lambda_d); /* |w| */
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
    } else {
        prepare_set(certificate, parameters, lambda_s, lambda_d);
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

/* A set predictor (C8, S6): (w, wa) is cooperative, and its fixed points lie on the diagonal. */
static enum ssldyn_fate judge_set(const struct ssldyn_certificate *certificate, double w, double wa)
{
    const double target = certificate->held ? w : wa;

    if (fmax(w, fabs(target)) < certificate->x_minus)
        return SSLDYN_FATE_COLLAPSED;
    return fmin(w, target) > certificate->x_minus ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_UNDECIDED;
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
        ssldyn_fate_attractor_holds(certificate, at.P, at.X, at.A))
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
    case SSLDYN_CERTIFICATE_SET:
        return judge_set(certificate, sign * w, sign * wa);
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
