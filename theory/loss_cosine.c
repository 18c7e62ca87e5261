/* The cosine -E cos(Wp W x1, Wa x2), and its IsoLoss. */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"
#include "theory/cosine_modes.h"

/* The balance of Thm 1 uses only that the loss sees the product Wp W. */
static unsigned laws(const struct ssldyn_parameters *parameters)
{
    const bool equal = parameters->rates.eta_p == parameters->rates.eta_s;
    return ssldyn_rules_trained(parameters) && parameters->stop_grad && !parameters->symmetric &&
                   equal
               ? SSLDYN_LAW_BALANCE
               : 0;
}

static unsigned iso_laws(const struct ssldyn_parameters *parameters)
{
    (void)parameters;
    return 0;
}

static void certify(struct ssldyn_certificate *certificate,
                    const struct ssldyn_parameters *parameters, double lambda_s, double lambda_d)
{
    (void)parameters;
    (void)lambda_s;
    (void)lambda_d;
    certificate->why = "the cosine couples the modes: none has a fate of its own";
}

const struct ssldyn_loss ssldyn_loss_cosine = {
    .name = "cosine",
    .tag = "THEORY section 10",
    .meaning = "minus the cosine of prediction and target, one order of the views",
    .normalized = true,
    .steps = true,
    .modes = ssldyn_cosine_modes_gradient,
    .modes_workspace = ssldyn_cosine_modes_workspace,
    .laws = laws,
    .certify = certify,
    .traps = ssldyn_losses_no_trap,
};

const struct ssldyn_loss ssldyn_loss_iso_cosine = {
    .name = "iso-cosine",
    .tag = "THEORY section 10",
    .meaning = "IsoLoss of cosine: its residual reaches the encoder without the predictor",
    .normalized = true,
    .iso = true,
    .steps = true,
    .modes = ssldyn_cosine_modes_gradient,
    .modes_workspace = ssldyn_cosine_modes_workspace,
    .laws = iso_laws,
    .certify = certify,
    .traps = ssldyn_losses_no_trap,
};
