/* Whitening: Wp = 1 on the span of its input, as if there were no predictor. */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"

static double value(const struct ssldyn_parameters *parameters, double s, double s_max, double tau)
{
    (void)parameters;
    (void)s_max;
    (void)tau;
    return s > 0.0 ? 1.0 : 0.0;
}

const struct ssldyn_rule ssldyn_rule_whitening = {
    .name = "whitening",
    .tag = "THEORY section 7",
    .meaning = "1 for every mode",
    .reads = "correlation",
    .kind = SSLDYN_RULE_SPECTRAL,
    .value = value,
    .power = ssldyn_rules_no_power,
    .certify = ssldyn_certificate_none,
    .traps = ssldyn_rules_no_trap,
    .laws = ssldyn_rules_no_laws,
};
