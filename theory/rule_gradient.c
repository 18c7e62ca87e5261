/* A predictor trained by its own gradient flow (Eq. 2). */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"

/* T2: a box |Wp| < P, max(|W|, |Wa|) < r with pull P < eta_s, alpha_p pull r^2 < eta_p P. */
static bool traps(const struct ssldyn_parameters *parameters, double pull, double wp, double r)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    return rates->eta_p > 0.0 && pull * wp < rates->eta_s &&
           rates->alpha_p * pull * pull * r * r < rates->eta_p * rates->eta_s;
}

static unsigned laws(const struct ssldyn_parameters *parameters)
{
    const bool equal = parameters->rates.eta_p == parameters->rates.eta_s;
    return equal && !parameters->symmetric ? SSLDYN_LAW_BALANCE : 0; /* Thm 1 */
}

const struct ssldyn_rule ssldyn_rule_gradient = {
    .name = "gradient",
    .tag = "THEORY section 2",
    .meaning = "trained by its own gradient",
    .reads = "",
    .kind = SSLDYN_RULE_TRAINED,
    .power = ssldyn_rules_no_power,
    .certify = ssldyn_certificate_trained,
    .traps = traps,
    .laws = laws,
};
