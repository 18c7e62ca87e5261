/* Twice the squared distance; no properties are claimed. */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"

static unsigned laws(const struct ssldyn_parameters *parameters)
{
    (void)parameters;
    return 0;
}

const struct ssldyn_loss ssldyn_loss_twice = {
    .name = "twice",
    .tag = "THEORY section 2",
    .meaning = "the squared distance of prediction and target",
    .linear = false,
    .folds = false,
    .laws = laws,
    .certify = ssldyn_certificate_none,
    .traps = ssldyn_losses_no_trap,
};
