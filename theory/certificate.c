/* The quantities that the criteria need for one set of parameters. The labels C1-C9 (collapse)
 * and S1-S8 (survival) are those of THEORY section 6, where each is proved. */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"

#include "theory/fate_attractor.h"
#include "theory/predictor.h"

#include <math.h>

/* Rounding in the few operations of a criterion, relative to its largest term. */
static const double rounding = 0x1p-49;

/* On which side of the fold 4 lambda_s eta_s = reach^2 the settings are (C1): exactly if reach =
 * drive lambda_d is exact, else by more than the possible rounding error. */
static void locate_fold(struct ssldyn_certificate *certificate, double lambda_s, double lambda_d)
{
    const double reach = certificate->drive * lambda_d;
    const double square = reach * reach;
    const double rest = fma(reach, reach, -square);
    const double excess = fma(4.0 * lambda_s, certificate->eta_s, -square) - rest;
    const bool exact = certificate->drive == 1.0 || lambda_d == 1.0;
    const double noise = exact ? 0.0 : rounding * square;

    certificate->beyond = excess > noise;
    certificate->below = excess < -noise;
}

/* Settings with a predictor and the stop-gradient, lambda_d > 0. */
static enum ssldyn_certificate_kind kind_of(const struct ssldyn_certificate *certificate)
{
    const double eta_p = certificate->eta_p;
    const double eta_s = certificate->eta_s;

    if (!certificate->held && certificate->beta == 0.0)
        return SSLDYN_CERTIFICATE_FROZEN;
    if (certificate->beyond)
        return SSLDYN_CERTIFICATE_SEALED; /* C1 */
    if (eta_s > 0.0)
        return eta_p > 0.0 ? SSLDYN_CERTIFICATE_BISTABLE : SSLDYN_CERTIFICATE_SEALED; /* C2 */
    return certificate->held && eta_p == 0.0 ? SSLDYN_CERTIFICATE_LINES
                                             : SSLDYN_CERTIFICATE_DRIFTING;
}

/* C7: while P falls from any value to P*-, X and A grow at most by exp(growth); if they are
 * small enough, they cannot keep P up. */
static void prepare_seed(struct ssldyn_certificate *certificate)
{
    const double low = certificate->p_minus;
    const double high = certificate->p_plus;
    const double growth =
        (certificate->drive * (high - low) - 0.5 * certificate->c * (high - low) * (high + low) -
         certificate->eta_s * log(high / low)) /
        certificate->eta_p;
    const double limit = sqrt(certificate->eta_p * low / (certificate->drive * (1.0 + growth)));

    /* 0.999: allows for rounding */
    certificate->x_seed = 0.999 * fmin(certificate->x_minus, limit) * exp(-1.0 - growth);
}

/* Relative uncertainty of the saddle: D = theta^2 - 4 c eta_s up to rounding. */
static double saddle_blur(double theta, double D)
{
    const double noise = 4.0 * rounding * theta * theta;
    const double root = sqrt(fmax(D, 0.0));

    return rounding + noise / fmax(root, sqrt(noise)) / theta;
}

static void prepare_bistable(struct ssldyn_certificate *certificate)
{
    const double c = certificate->c;
    const double drive = certificate->drive;
    const double eta_p = certificate->eta_p;
    const double eta_s = certificate->eta_s;
    const double D = drive * drive - 4.0 * c * eta_s;
    const double sum = drive + sqrt(fmax(D, 0.0));
    const double ratio = sqrt(eta_p / eta_s);

    certificate->p_minus = 2.0 * eta_s / sum;
    certificate->p_plus = sum / (2.0 * c);
    certificate->x_minus = ratio * certificate->p_minus;
    certificate->x_plus = ratio * certificate->p_plus;
    certificate->blur = saddle_blur(drive, D);
    prepare_seed(certificate);
    ssldyn_fate_attractor_prepare(certificate);
}

void ssldyn_certificate_trained(struct ssldyn_certificate *certificate,
                                const struct ssldyn_parameters *parameters, double lambda_s,
                                double lambda_d)
{
    (void)parameters;
    (void)lambda_s;
    certificate->why = "without weight decay a mode with vanishing data may keep its weights";
    if (!(lambda_d > 0.0)) {
        /* dw/dt = -(wp^2 lambda_s + eta_s) w */
        certificate->kind =
            certificate->eta_s > 0.0 ? SSLDYN_CERTIFICATE_SEALED : SSLDYN_CERTIFICATE_NONE;
        return;
    }
    const double c = certificate->c;
    const double drive = certificate->drive;
    const double eta_p = certificate->eta_p;

    certificate->kind = kind_of(certificate);
    if (eta_p >= certificate->eta_s && 4.0 * c * eta_p < drive * drive) {
        certificate->eta_sum = eta_p;
        certificate->middle = (drive + sqrt(drive * drive - 3.0 * c * eta_p)) / (3.0 * c);
    }
    if (certificate->kind == SSLDYN_CERTIFICATE_BISTABLE)
        prepare_bistable(certificate);
}

void ssldyn_certificate_power(struct ssldyn_certificate *certificate,
                              const struct ssldyn_parameters *parameters, double lambda_s,
                              double lambda_d)
{
    const double power = ssldyn_rules_pure_power(parameters);
    const double reach = certificate->drive * lambda_d;
    const double eta = parameters->rates.eta_s;

    certificate->why = "for closed-form predictors criteria exist only for p = s^a (no --epsilon, "
                       "--set-shift or --normalize), with a moving target or a constant tau";
    if (isnan(power) || !(reach > 0.0) || (!certificate->held && certificate->beta == 0.0))
        return;
    if (certificate->beyond) {
        certificate->kind = SSLDYN_CERTIFICATE_SEALED; /* C1 */
        return;
    }
    const double gap = fmax(reach * reach - 4.0 * lambda_s * eta, 0.0);
    const double exponent = 0.5 / power;
    certificate->blur = fmax(exponent, 1.0) * saddle_blur(reach, gap);
    certificate->kind = SSLDYN_CERTIFICATE_SET;
    certificate->p_minus = 2.0 * eta / (reach + sqrt(gap));
    certificate->x_minus =
        pow(certificate->p_minus, exponent) /
        sqrt(ssldyn_predictor_variance(parameters, lambda_s, lambda_d)); /* |w| */
}

void ssldyn_certificate_none(struct ssldyn_certificate *certificate,
                             const struct ssldyn_parameters *parameters, double lambda_s,
                             double lambda_d)
{
    (void)parameters;
    (void)lambda_s;
    (void)lambda_d;
    certificate->kind = SSLDYN_CERTIFICATE_NONE;
    certificate->why = "no criterion is proved for this rule of the predictor";
}

static void init(struct ssldyn_certificate *certificate, const struct ssldyn_parameters *parameters,
                 double lambda_s, double lambda_d)
{
    const struct ssldyn_rates *rates = &parameters->rates;

    *certificate = (struct ssldyn_certificate){
        .kind = SSLDYN_CERTIFICATE_NONE,
        .why = "no criterion is proved for this loss",
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
    if (parameters->depth > 1) {
        certificate->why = "no criterion is proved for matrices with several layers";
        return;
    }
    locate_fold(certificate, lambda_s, lambda_d);
    ssldyn_losses_of(parameters)->certify(certificate, parameters, lambda_s, lambda_d);
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

void ssldyn_certificate_start(struct ssldyn_certificate *certificate, double wp, double w)
{
    const double P = certificate->scale * wp;
    const double X = certificate->root_alpha * w;

    certificate->leads =
        certificate->eta_p >= certificate->eta_s && fabs(X) >= fabs(P) * (1.0 - rounding);
}
