/* The optimal linear predictor in one mode (Tbl. 1). */
// SPDX-License-Identifier: MIT
#include "theory/predictor.h"

double ssldyn_predictor_optimal_mode(const struct ssldyn_parameters *parameters, double s,
                                     double tau)
{
    const double total = parameters->rates.c * s + parameters->epsilon;
    return total > 0.0 ? tau * s / total : tau / parameters->rates.c;
}
