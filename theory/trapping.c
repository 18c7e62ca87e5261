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
    if (parameters->rule == SSLDYN_PREDICTOR_OPTIMAL) {
        /* W W^T = exp(-2 eta_s t) W W^T(0) */
        return parameters->epsilon == 0.0 && !parameters->symmetric;
    }
    if (parameters->rule != SSLDYN_PREDICTOR_GRADIENT || !(rates->eta_p > 0.0)) {
        return false;
    }
    /* T2: a box |Wp| < P, max(|W|, |Wa|) < r with pull P < eta_s and alpha_p pull r^2 < eta_p P */
    const double pull = held ? lambda * parameters->tau : lambda;
    const double r = held || wa < w ? w : wa;
    return pull * wp < rates->eta_s &&
           rates->alpha_p * pull * pull * r * r < rates->eta_p * rates->eta_s;
}
