/* The register of losses. */
// SPDX-License-Identifier: MIT
#include "theory/losses.h"

#include "theory/parameters.h"

#define ENTRY(E, name, choice) [SSLDYN_LOSS_##E] = &ssldyn_loss_##name,
const struct ssldyn_loss *const ssldyn_losses[SSLDYN_LOSSES_COUNT] = {SSLDYN_LOSSES(ENTRY)};

const struct ssldyn_loss *ssldyn_losses_of(const struct ssldyn_parameters *parameters)
{
    return ssldyn_losses[parameters->loss];
}

unsigned ssldyn_losses_iso_laws(const struct ssldyn_parameters *parameters)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    return ssldyn_rules_trained(parameters) && rates->eta_p == 2.0 * rates->eta_s ? SSLDYN_LAW_ISO
                                                                                  : 0;
}

bool ssldyn_losses_no_trap(const struct ssldyn_parameters *parameters, double lambda, double wp,
                           double w, double wa)
{
    (void)parameters;
    (void)lambda;
    (void)wp;
    (void)w;
    (void)wa;
    return false;
}
