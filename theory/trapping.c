/* The trapping region of the matrix flows. */
// SPDX-License-Identifier: MIT
#include "theory/trapping.h"

bool ssldyn_trapping_collapse(const struct ssldyn_parameters *parameters, double lambda, double wp,
                              double w, double wa)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const bool held = parameters->tau_held;
    if (!(rates->eta_s > 0.0) || !(held || rates->beta > 0.0)) {
        return false;
    }
    if (!parameters->stop_grad) {
        return true; /* Thm 2: |W| falls at the rate eta_s at least */
    }
    if (!parameters->predictor) {
        return !held || parameters->tau <= 1.0; /* T1 */
    }
    return ssldyn_rules_of(parameters)
        ->traps(parameters, held ? lambda * parameters->tau : lambda, wp, held || wa < w ? w : wa);
}
