/* DirectSet: Wp = F^a + epsilon |F| I, a = set_power (1/2: DirectPred, 1: DirectCopy). */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"

static double value(const struct ssldyn_parameters *parameters, double s, double s_max, double tau)
{
    (void)tau;
    /* sqrt for the power 1/2, so that DirectPred gives the same bits under either name */
    const double root = parameters->set_power == 0.5 ? sqrt(s) : pow(s, parameters->set_power);
    return root + parameters->epsilon * s_max;
}

static double power(const struct ssldyn_parameters *parameters, double *shift)
{
    *shift = 0.0;
    return parameters->set_power;
}

const struct ssldyn_rule ssldyn_rule_directset = {
    .name = "directset",
    .tag = "THEORY section 7",
    .meaning = "p = s^a, with --set-power",
    .reads = "set-power epsilon correlation normalize",
    .kind = SSLDYN_RULE_SPECTRAL,
    .value = value,
    .power = power,
    .certify = ssldyn_certificate_power,
    .traps = ssldyn_rules_no_trap,
    .laws = ssldyn_rules_no_laws,
};
