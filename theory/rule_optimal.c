/* The optimal linear predictor (Tbl. 1): the least-squares problem is solved at every instant. */
// SPDX-License-Identifier: MIT
#include "theory/certificate.h"

/* p (c s + epsilon) = tau s [D]; tau/c in the limit s = 0 of epsilon = 0. */
static double value(const struct ssldyn_parameters *parameters, double s, double s_max, double tau)
{
    (void)s_max;
    const double total = parameters->rates.c * s + parameters->epsilon;
    return total > 0.0 ? tau * s / total : tau / parameters->rates.c;
}

/* W W^T = exp(-2 eta_s t) W W^T(0) */
static unsigned laws(const struct ssldyn_parameters *parameters)
{
    return parameters->epsilon == 0.0 && !parameters->symmetric ? SSLDYN_LAW_FROZEN : 0;
}

static bool traps(const struct ssldyn_parameters *parameters, double pull, double wp, double r)
{
    (void)pull;
    (void)wp;
    (void)r;
    return (laws(parameters) & SSLDYN_LAW_FROZEN) != 0;
}

const struct ssldyn_rule ssldyn_rule_optimal = {
    .name = "optimal",
    .tag = "THEORY section 7",
    .meaning = "the best linear predictor at every instant",
    .reads = "epsilon",
    .kind = SSLDYN_RULE_SOLVED,
    .value = value,
    .power = ssldyn_rules_no_power,
    .certify = ssldyn_certificate_none,
    .traps = traps,
    .laws = laws,
};
