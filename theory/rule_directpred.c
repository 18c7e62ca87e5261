/* DirectPred: Wp = U diag(sqrt(s_j) + epsilon max s) U^T (Eqs. 18-19). */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"

static double value(const struct ssldyn_parameters *parameters, double s, double s_max, double tau)
{
    (void)tau;
    return sqrt(fmax(s - parameters->set_shift, 0.0)) + parameters->epsilon * s_max;
}

static double power(const struct ssldyn_parameters *parameters, double *shift)
{
    *shift = parameters->set_shift;
    return 0.5;
}

const struct ssldyn_rule ssldyn_rule_directpred = {
    .name = "directpred",
    .tag = "THEORY section 7",
    .meaning = "p = sqrt(s) for each eigenvalue s of the correlation",
    .reads = "epsilon set-shift correlation normalize",
    .kind = SSLDYN_RULE_SPECTRAL,
    .value = value,
    .power = power,
    .certify = ssldyn_certificate_power,
    .traps = ssldyn_rules_no_trap,
    .laws = ssldyn_rules_no_laws,
};
