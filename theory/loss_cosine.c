/* The cosine -E cos(Wp W x1, Wa x2), and its IsoLoss. */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"
#include "theory/cosine_modes.h"

#include <math.h>

/* The gradient of a pair is orthogonal to its prediction, tr(Wp W G^T) = 0: the norms only
 * decay. The balance of Thm 1 needs only that the loss depends on the product Wp W. */
static unsigned laws(const struct ssldyn_parameters *parameters)
{
    const bool equal = parameters->rates.eta_p == parameters->rates.eta_s;
    const bool balanced = equal && parameters->stop_grad && !parameters->symmetric;
    if (!ssldyn_rules_trained(parameters))
        return SSLDYN_LAW_NORM_W;
    return SSLDYN_LAW_NORM_W | SSLDYN_LAW_NORM_WP | (balanced ? SSLDYN_LAW_BALANCE : 0U);
}

/* tr(Wp W (dW/dt)^T) = 0 as dW/dt is G itself, so there is a law if Wp is a power of F. */
static unsigned iso_laws(const struct ssldyn_parameters *parameters)
{
    double shift = 0.0;
    if (ssldyn_rules_trained(parameters))
        return SSLDYN_LAW_NORM_WP | ssldyn_losses_iso_laws(parameters);
    const double power = ssldyn_rules_of(parameters)->power(parameters, &shift);
    const bool pure = shift == 0.0 && parameters->epsilon == 0.0;
    return pure && !isnan(power) ? SSLDYN_LAW_ISO_TRACE : 0;
}

static void certify(struct ssldyn_certificate *certificate,
                    const struct ssldyn_parameters *parameters, double lambda_s, double lambda_d)
{
    (void)parameters;
    (void)lambda_s;
    (void)lambda_d;
    certificate->why = "the cosine couples the modes, so that no mode has a separate fate";
}

const struct ssldyn_loss ssldyn_loss_cosine = {
    .name = "cosine",
    .tag = "THEORY section 10",
    .meaning =
        "minus the cosine of prediction and target, for one order of the views (not symmetrized)",
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
    .meaning = "like cosine, but the gradient reaches the encoder without passing through the "
               "predictor (IsoLoss)",
    .normalized = true,
    .iso = true,
    .steps = true,
    .modes = ssldyn_cosine_modes_gradient,
    .modes_workspace = ssldyn_cosine_modes_workspace,
    .laws = iso_laws,
    .certify = certify,
    .traps = ssldyn_losses_no_trap,
};
