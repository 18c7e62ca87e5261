/* The register of losses. */
// SPDX-License-Identifier: MIT
#include "theory/losses.h"

#include "theory/parameters.h"

#define ENTRY(E, name) [SSLDYN_LOSS_##E] = &ssldyn_loss_##name,
const struct ssldyn_loss *const ssldyn_losses[SSLDYN_LOSSES_COUNT] = {SSLDYN_LOSSES(ENTRY)};

const struct ssldyn_loss *ssldyn_losses_of(const struct ssldyn_parameters *parameters)
{
    return ssldyn_losses[parameters->loss];
}
