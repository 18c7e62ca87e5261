/* The squared distance 1/2 E|Wp W x1 - Wa x2|^2 (Lemma 1), the loss of the paper. */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"

/* The balance and what a rule keeps need the stop-gradient; Thm 2 is a law without it. */
static unsigned laws(const struct ssldyn_parameters *parameters)
{
    return parameters->predictor && parameters->stop_grad
               ? ssldyn_rules_of(parameters)->laws(parameters)
               : 0;
}

static void certify(struct ssldyn_certificate *certificate,
                    const struct ssldyn_parameters *parameters, double lambda_s, double lambda_d)
{
    const double eta_s = parameters->rates.eta_s;

    if (!parameters->stop_grad) {
        /* Thm 2 in one dimension: w falls at the rate lambda_s - lambda_d + eta_s or faster. */
        certificate->why = "without stop-gradient only what decays for certain is judged";
        if (parameters->tau_held && lambda_s - lambda_d + eta_s > 0.0 && lambda_d >= 0.0 &&
            lambda_s >= lambda_d)
            certificate->kind = SSLDYN_CERTIFICATE_SEALED;
    } else if (!parameters->predictor) {
        certificate->kind = SSLDYN_CERTIFICATE_LINEAR;
        certificate->c = lambda_s;
    } else {
        ssldyn_rules_of(parameters)->certify(certificate, parameters, lambda_s, lambda_d);
    }
}

static bool traps(const struct ssldyn_parameters *parameters, double lambda, double wp, double w,
                  double wa)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const bool held = parameters->tau_held;

    if (!(rates->eta_s > 0.0) || !(held || rates->beta > 0.0))
        return false;
    if (!parameters->stop_grad)
        return true; /* Thm 2: |W| falls at the rate eta_s at least */
    if (!parameters->predictor)
        return !held || parameters->tau <= 1.0; /* T1 */
    return ssldyn_rules_of(parameters)
        ->traps(parameters, held ? lambda * parameters->tau : lambda, wp, held || wa < w ? w : wa);
}

const struct ssldyn_loss ssldyn_loss_l2 = {
    .name = "l2",
    .tag = "THEORY section 2",
    .meaning = "half the squared distance of prediction and target",
    .linear = true,
    .folds = true,
    .laws = laws,
    .certify = certify,
    .traps = traps,
};
