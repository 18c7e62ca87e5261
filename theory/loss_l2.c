/* The squared distance 1/2 E|Wp W x1 - Wa x2|^2 (Lemma 1), the loss of the paper, and its IsoLoss. */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"
#include "theory/cosine_modes.h"

/* The balance and the laws of a rule need the stop-gradient; Thm 2 is a law without it. */
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
        /* Thm 2 in one dimension: w decays at the rate lambda_s - lambda_d + eta_s or faster. */
        certificate->why = "without stop-gradient only certain collapse is judged";
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
        return true; /* Thm 2: |W| decays at least at the rate eta_s */
    if (!parameters->predictor)
        return !held || parameters->tau <= 1.0; /* T1 */
    return ssldyn_rules_of(parameters)
        ->traps(parameters, held ? lambda * parameters->tau : lambda, wp, held || wa < w ? w : wa);
}

/* R_j = wa_j lambda_d - p_j w_j lambda_s; the loss as a sum of nonnegative terms. */
// NOLINTBEGIN(readability-non-const-parameter): others use the workspace
static bool modes(const struct ssldyn_cosine_data *data, const double p[], const double w[],
                  const double wa[], double spacing, double R[], double *loss, double workspace[])
{
    (void)spacing;
    (void)workspace;
    *loss = 0.0;
    for (size_t j = 0; j < data->n; j++) {
        const double q = p[j] * w[j];
        const double across = data->across[j];
        R[j] = wa[j] * across - q * data->first[j];
        *loss += 0.5 * ((q - wa[j]) * (q - wa[j]) * across + q * q * (data->first[j] - across) +
                        wa[j] * wa[j] * (data->second[j] - across));
    }
    return true;
}
// NOLINTEND(readability-non-const-parameter)

static size_t modes_workspace(size_t n)
{
    (void)n;
    return 0;
}

const struct ssldyn_loss ssldyn_loss_l2 = {
    .name = "l2",
    .tag = "THEORY section 2",
    .meaning = "half the squared distance between prediction and target",
    .linear = true,
    .folds = true,
    .steps = true,
    .modes = modes,
    .modes_workspace = modes_workspace,
    .laws = laws,
    .certify = certify,
    .traps = traps,
};

static unsigned iso_laws(const struct ssldyn_parameters *parameters)
{
    return ssldyn_rules_set(parameters) ? ssldyn_rules_of(parameters)->laws(parameters)
                                        : ssldyn_losses_iso_laws(parameters);
}

static void iso_certify(struct ssldyn_certificate *certificate,
                        const struct ssldyn_parameters *parameters, double lambda_s,
                        double lambda_d)
{
    (void)parameters;
    (void)lambda_s;
    (void)lambda_d;
    certificate->why = "no criterion is proved for IsoLoss";
}

const struct ssldyn_loss ssldyn_loss_iso_l2 = {
    .name = "iso-l2",
    .tag = "THEORY section 10",
    .meaning = "like l2, but the gradient reaches the encoder without passing through the "
               "predictor (IsoLoss)",
    .iso = true,
    .steps = true,
    .modes = modes,
    .modes_workspace = modes_workspace,
    .laws = iso_laws,
    .certify = iso_certify,
    .traps = ssldyn_losses_no_trap,
};
